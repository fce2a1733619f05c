import { HOST_TYPE } from "../../model/component-types";
import { type Plan, planSteps, type Step } from "../../model/cutover-plan";
import {
	POST_OFFICE_STEP,
	parseStepOutput,
	REGISTRY_STEP,
} from "../../protocol/step-output";
import {
	type DeclaredCutover,
	declaredCutovers,
	splitTriggers,
} from "./declared";
import type {
	CutoverReport,
	Failure,
	Log,
	Operation,
	OtherWork,
	Part,
	Phase,
	Report,
	StepReport,
	Watch,
} from "./model";
import {
	commandsOf,
	readState,
	type State,
	triggersOf,
	withEnded,
} from "./state";

/** What Pulumi reports about a stack. */
export interface Sources {
	stack: string;
	/** The name of the project, which is the namespace of the configuration's keys. */
	project: string;
	/** Output of `pulumi stack export`. */
	state: unknown;
	/** Output of `pulumi config --json`. */
	config: unknown;
	/** What is known of the last update: see `readLog` and `readEvents`. */
	log?: Log;
	/** Only for a page that follows an update. */
	watch?: Watch;
}

/**
 * Builds the report from the state, the configuration and the log.
 *
 * @throws UserError if the configuration cannot be read, or if there are no cutovers
 */
export function buildReport({ stack, log, watch, ...all }: Sources): Report {
	const { now = 0, progress } = watch ?? {};
	const state = withEnded(readState(all.state), progress?.ended ?? []);
	const running = progress?.running ?? [];
	const continues = progress?.continues ?? false;
	const update: Update = { running, now, continues };
	const cutovers = declaredCutovers({ stack, ...all, state }).map((declared) =>
		readCutover(declared, state, update),
	);
	return {
		stack,
		stateTime: state.time,
		hasLog: log !== undefined || watch !== undefined,
		cutovers,
		others: (log?.failures ?? []).filter(
			(failure) => !attachFailure(failure, cutovers),
		),
		otherWork: running
			.filter((work) => !cutovers.some((cutover) => isShownIn(work, cutover)))
			.map(toOtherWork),
		continues,
		watch,
	};
}

/** An operation that is no step of a cutover. */
export const toOtherWork = ({
	resource,
	deletes,
	start,
}: Operation): OtherWork => ({
	place: deletes ? `${resource} (removed)` : resource,
	start,
});

/** The update that is watched, if one is. */
interface Update extends Pick<Report, "continues">, Pick<Watch, "now"> {
	running: readonly Operation[];
}

/**
 * Reports the run that the state holds, with the participants of that run. A later change of the configuration belongs
 * to the next run.
 */
function readCutover(
	declared: DeclaredCutover,
	state: State,
	update: Update,
): CutoverReport {
	const { name, component, wanted } = declared;
	const commands = commandsOf(component, state.resources);
	const pending = commandsOf(component, state.pending);
	const begun = commands.get(name);
	const triggers = triggersOf(begun) ?? wanted ?? [];
	const { run, exchange, ...listed } = splitTriggers(triggers);
	const postOffices = inOrder(declared, listed.postOffices);
	const repeatReason = findRepeatReason(triggers, wanted);
	/** The resources of this run: the id of the run is the only trigger of each step. */
	const done = new Map(
		[...commands].filter(
			([, command]) => begun?.id && triggersOf(command)?.[0] === begun.id,
		),
	);
	const own = update.running.filter(
		({ types, deletes }) => isWithin(types, component) && !deletes,
	);
	const running = new Map(own.map(({ resource, start }) => [resource, start]));
	const idOf = (step: string) => `${name}-${step}`;
	const steps = planSteps(toPlan(declared, exchange, postOffices)).map(
		(step): StepReport => {
			const id = idOf(step.name);
			const after = step.after.map(idOf);
			const isNext =
				!repeatReason &&
				after.every(
					(other) =>
						done.has(other) || (update.continues && running.has(other)),
				);
			const start = running.get(id);
			const stateNow = () => {
				if (start !== undefined) return "running";
				if (done.has(id)) return "done";
				if (pending.has(id)) return "pending";
				return isNext ? "next" : "open";
			};
			return {
				id,
				after,
				kind: step.kind,
				phase: stepPhase(step, exchange.role),
				label: stepLabel(step),
				host: stepHost(step, declared, exchange.name),
				state: stateNow(),
				...(start === undefined
					? read(done.get(id)?.outputs?.stdout)
					: { start, end: Math.max(start, update.now), evidence: "" }),
			};
		},
	);
	const cutover: CutoverReport = {
		name,
		component,
		run,
		exchange,
		postOffices,
		steps,
		before: [],
		checks: [],
		repeatReason,
		isDerived: wanted === undefined,
	};
	cutover.checks = update.running
		.filter((work) => isCheck(work, cutover))
		.map(({ resource, start }) => ({
			place:
				resource === exchange.name
					? `${resource}, ${REGISTRY_STEP}`
					: `${resource.slice(name.length + 1)}, ${POST_OFFICE_STEP}`,
			start,
		}));
	return cutover;
}

/** Whether the operation is a check before the first step of the cutover. */
const isCheck = (work: Operation, cutover: CutoverReport): boolean =>
	!work.deletes &&
	(cutover.repeatReason !== undefined ||
		cutover.steps.every(({ state }) => state !== "done")) &&
	blocksCutover(work, cutover);

/** Whether the operation is shown with the cutover. The resource of the run itself takes no time and is not shown. */
const isShownIn = (work: Operation, cutover: CutoverReport): boolean =>
	isCheck(work, cutover) ||
	(!work.deletes &&
		isWithin(work.types, cutover.component) &&
		(work.resource === cutover.name ||
			cutover.steps.some(({ id }) => id === work.resource)));

const toPlan = (
	{ postOffices, applyOnPostOffices }: DeclaredCutover,
	exchange: Part,
	parts: readonly Part[],
): Plan => ({
	exchange,
	postOffices: parts.map((part) => ({
		...part,
		// The machine of a post office that has been removed from the configuration is unknown. Its name replaces it.
		machine:
			postOffices.find(({ name }) => name === part.name)?.machine ?? part.name,
	})),
	applyOnPostOffices,
});

/** Sorts post offices as they are declared, which is their order on one machine. Removed ones follow. */
function inOrder(
	{ postOffices }: DeclaredCutover,
	parts: readonly Part[],
): Part[] {
	const place = ({ name }: Part) => {
		const index = postOffices.findIndex((office) => office.name === name);
		return index < 0 ? postOffices.length : index;
	};
	return [...parts].sort((a, b) => place(a) - place(b));
}

/** A cutover that only its program knows is never said to repeat: `wanted` is undefined. */
function findRepeatReason(
	triggers: readonly string[],
	wanted: readonly string[] = triggers,
): string | undefined {
	if (triggers[0] !== wanted[0])
		return `The configuration has the run ${wanted[0]}`;
	return triggers.join("\n") === wanted.join("\n")
		? undefined
		: "The configuration has other post offices or roles now";
}

function stepPhase(step: Step, role: string): Phase {
	switch (step.kind) {
		case "wait":
			return "wait";
		case "kick":
			return role === "server" ? "T2" : "T1";
		case "t3-done":
			return "T3";
		case "program":
			if (step.program === "srvmain") return "T2";
			return step.flag === "t" ? "T1" : "T3";
	}
}

function stepLabel(step: Step): string {
	switch (step.kind) {
		case "wait":
			return step.wait;
		case "kick":
			return "kick";
		case "t3-done":
			return "T3 done";
		case "program":
			return step.flag ? `${step.program} -${step.flag}` : step.program;
	}
}

function stepHost(
	step: Step,
	{ waitHost }: DeclaredCutover,
	exchange: string,
): string | undefined {
	if (step.kind === "program") return step.postOffice;
	return step.kind === "wait" ? waitHost(step.wait) : exchange;
}

function read(stdout: unknown): Pick<StepReport, "start" | "end" | "evidence"> {
	if (typeof stdout !== "string") return { evidence: "" };
	const { start, end, evidence } = parseStepOutput(stdout);
	return { start: parseTime(start), end: parseTime(end), evidence };
}

function parseTime(text: string): number | undefined {
	const time = Date.parse(text);
	return Number.isNaN(time) ? undefined : time;
}

/**
 * Attaches a failure of the log to its step or cutover. A failure of a step that has succeeded since is ignored.
 *
 * @returns false if the failure belongs to no cutover
 */
function attachFailure(
	failure: Failure,
	cutovers: readonly CutoverReport[],
): boolean {
	const step = toStepReport(failure, cutovers);
	if (step) {
		if (step.state !== "done")
			Object.assign(step, { state: "failed", failure });
		return true;
	}
	const blocked = cutovers.filter((cutover) => blocksCutover(failure, cutover));
	for (const { steps, before } of blocked)
		if (steps.every(({ state }) => state !== "done")) before.push(failure);
	return blocked.length > 0;
}

/**
 * Finds the step by its resource, else by host and step. If two cutovers have the same host and step, it takes the one
 * that is next or pending.
 */
function toStepReport(
	{ resource, types, host, step }: Failure,
	cutovers: readonly CutoverReport[],
): StepReport | undefined {
	const all = cutovers
		.filter(({ component }) => isWithin(types, component))
		.flatMap(({ steps }) => steps);
	if (resource !== undefined) return all.find(({ id }) => id === resource);
	const alike = all.filter((one) => one.host === host && one.label === step);
	return (
		alike.find(({ state }) => state === "next" || state === "pending") ??
		alike[0]
	);
}

/** Whether a resource of these types is in the component, as far as that is known. */
const isWithin = (types: string | undefined, component: string) =>
	types === undefined || types.startsWith(`${component}$`);

/** Whether the failure is about one of the cutover's post offices before its first step, or about its Exchange host. */
function blocksCutover(
	{
		resource,
		types,
		host,
		step,
	}: Pick<Failure, "resource" | "types" | "host" | "step">,
	{ name, component, exchange, postOffices }: CutoverReport,
): boolean {
	if (resource === undefined)
		return step === POST_OFFICE_STEP
			? postOffices.some((office) => office.name === host)
			: step === REGISTRY_STEP && host === exchange.name;
	return (
		(resource === exchange.name && isEnforcement(types)) ||
		(isWithin(types, component) &&
			postOffices.some((office) => resource === `${name}-${office.name}`))
	);
}

const isEnforcement = (types: string | undefined) =>
	types === undefined || types.includes(`${HOST_TYPE}$`);
