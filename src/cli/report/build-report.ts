import { HOST_TYPE } from "../../model/component-types";
import { type Plan, planSteps, type Step } from "../../model/cutover-plan";
import { parseStepOutput } from "../../protocol/step-output";
import {
	type DeclaredCutover,
	declaredCutovers,
	splitTriggers,
} from "./declared";
import type {
	CutoverReport,
	Failure,
	Log,
	Part,
	Phase,
	Report,
	StepReport,
} from "./model";
import { commandsOf, readState, type State, triggersOf } from "./state";

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
}

/**
 * Builds the report from the state, the configuration and the log.
 *
 * @throws UserError if the configuration cannot be read, or if there are no cutovers
 */
export function buildReport({ stack, log, ...all }: Sources): Report {
	const state = readState(all.state);
	const cutovers = declaredCutovers({ stack, ...all, state }).map((declared) =>
		readCutover(declared, state),
	);
	return {
		stack,
		stateTime: state.time,
		hasLog: log !== undefined,
		cutovers,
		others: (log?.failures ?? []).filter(
			(failure) => !attachFailure(failure, cutovers),
		),
	};
}

/**
 * Reports the run that the state holds, with the participants of that run. A later change of the configuration belongs
 * to the next run.
 */
function readCutover(declared: DeclaredCutover, state: State): CutoverReport {
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
	const idOf = (step: string) => `${name}-${step}`;
	const steps = planSteps(toPlan(declared, exchange, postOffices)).map(
		(step): StepReport => {
			const id = idOf(step.name);
			const after = step.after.map(idOf);
			const isNext = !repeatReason && after.every((other) => done.has(other));
			const stateNow = () => {
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
				...read(done.get(id)?.outputs?.stdout),
			};
		},
	);
	return {
		name,
		component,
		run,
		exchange,
		postOffices,
		steps,
		before: [],
		repeatReason,
		isDerived: wanted === undefined,
	};
}

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
	{ resource, types, host, step }: Failure,
	{ name, component, exchange, postOffices }: CutoverReport,
): boolean {
	if (resource === undefined)
		return step === "post office"
			? postOffices.some((office) => office.name === host)
			: step === "registry" && host === exchange.name;
	return (
		(resource === exchange.name && isEnforcement(types)) ||
		(isWithin(types, component) &&
			postOffices.some((office) => resource === `${name}-${office.name}`))
	);
}

const isEnforcement = (types: string | undefined) =>
	types === undefined || types.includes(`${HOST_TYPE}$`);
