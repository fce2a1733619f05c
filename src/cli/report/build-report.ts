import {
	CONFIG,
	type Cutover,
	type Host,
	parseJsonOrText,
} from "../../config/config-schema";
import {
	type Plan,
	participantKeys,
	planSteps,
	type Step,
} from "../../model/cutover-plan";
import { endpointKey } from "../../model/host";
import { parseStepOutput } from "../../protocol/step-output";
import { formatIssues, issuesFromZod } from "../../validation/issues";
import { UserError } from "../user-error";
import type { Log } from "./log";
import type {
	CutoverReport,
	Failure,
	Part,
	Phase,
	Report,
	StepReport,
} from "./model";

/** What Pulumi reports about a stack. */
export interface Sources {
	stack: string;
	/** Output of `pulumi stack export`. */
	state: unknown;
	/** Output of `pulumi config --json`. */
	config: unknown;
	/** Output of `pulumi up`, parsed by `readLog`. */
	log?: Log;
}

/**
 * Builds the report from the state, the configuration and the log.
 *
 * @throws UserError if the configuration cannot be read or has no cutovers
 */
export function buildReport({ stack, state, config, log }: Sources): Report {
	const hosts = readConfig(stack, config, "hosts");
	const configured = readConfig(stack, config, "cutovers");
	if (configured.length === 0)
		throw new UserError(
			`Stack ${stack} has no cutovers: declare one under exchange-dirsync:cutovers in its stack file.`,
		);
	const { deployment } = state as Export;
	const resources = new Map(
		(deployment?.resources ?? [])
			// A resource that is pending deletion has already been replaced.
			.filter((resource) => !resource.delete && isCutovers(resource))
			.map((resource) => [resourceName(resource), resource]),
	);
	const pending = new Set(
		(deployment?.pending_operations ?? []).map(({ resource }) =>
			resourceName(resource),
		),
	);
	const cutovers = configured.map((cutover) =>
		readCutover(cutover, hosts, resources, pending),
	);
	return {
		stack,
		stateTime: deployment?.manifest?.time ?? "",
		hasLog: log !== undefined,
		cutovers,
		others: (log?.failures ?? []).filter(
			(failure) => !attachFailure(failure, cutovers),
		),
	};
}

/** The part of the state that the report reads. */
interface Export {
	deployment?: {
		manifest?: { time?: string };
		resources?: Resource[];
		pending_operations?: { resource: Resource }[];
	} | null;
}

interface Resource {
	urn: string;
	id?: string;
	delete?: boolean;
	inputs?: { triggers?: unknown[] };
	outputs?: { stdout?: unknown };
}

const resourceName = ({ urn }: Resource) =>
	urn.slice(urn.lastIndexOf("::") + 2);

/** Matches the commands of a cutover only: other resources may have the same names. */
const isCutovers = ({ urn }: Resource) =>
	/::exchange-dirsync:index:PostOfficeCutover\$command:\w+:Command::/.test(urn);

/** Reads one key as the program does, without the credentials, which the report does not need. */
function readConfig<K extends "hosts" | "cutovers">(
	stack: string,
	config: unknown,
	key: K,
): K extends "hosts" ? Host[] : Cutover[] {
	const entry = (
		config as Record<string, { value?: string; secret?: boolean }>
	)[`exchange-dirsync:${key}`];
	if (entry?.secret)
		throw new UserError(
			`exchange-dirsync:${key} of stack ${stack} is a secret and is not shown: secrets belong under credentials.`,
		);
	const value =
		entry?.value === undefined ? undefined : parseJsonOrText(entry.value);
	// With hosts defaulting to an empty list, a configuration with neither hosts nor cutovers gets the error about
	// cutovers.
	const { data, error } = CONFIG[key].safeParse(
		key === "hosts" ? (value ?? []) : value,
	);
	if (error)
		throw new UserError(
			formatIssues(
				`configuration for stack ${stack}`,
				issuesFromZod(error.issues, value, [key]),
			),
		);
	return data as K extends "hosts" ? Host[] : Cutover[];
}

/**
 * Reports the run that the state holds, with the participants of that run. A later change of the configuration belongs
 * to the next run.
 */
function readCutover(
	cutover: Cutover,
	hosts: readonly Host[],
	resources: ReadonlyMap<string, Resource>,
	pending: ReadonlySet<string>,
): CutoverReport {
	const wanted = findTriggers(cutover, hosts);
	const begun = resources.get(cutover.name);
	const triggers = begun?.inputs?.triggers?.map(String) ?? wanted;
	const [run = "", ...parts] = triggers;
	const [exchange = toPart(""), ...listed] = parts.map(toPart);
	const postOffices = inOrder(cutover, listed);
	const repeatReason = findRepeatReason(triggers, wanted);
	/** The resources of this run: the id of the run is the only trigger of each step. */
	const done = new Map(
		[...resources].filter(
			([, { inputs }]) => begun?.id && inputs?.triggers?.[0] === begun.id,
		),
	);
	const idOf = (name: string) => `${cutover.name}-${name}`;
	const steps = planSteps(toPlan(cutover, exchange, postOffices)).map(
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
				host: stepHost(step, cutover, exchange.name),
				state: stateNow(),
				...read(done.get(id)?.outputs?.stdout),
			};
		},
	);
	const { name } = cutover;
	return { name, run, exchange, postOffices, steps, before: [], repeatReason };
}

/**
 * Computes the triggers that `PostOfficeCutover` makes from the configuration: the run and all participants. A change
 * in them repeats the whole cutover.
 */
function findTriggers(
	{ name, run, exchange, postOffices }: Cutover,
	hosts: readonly Host[],
): string[] {
	const host = hosts.find((one) => one.name === exchange);
	if (!host)
		throw new UserError(
			`exchange of cutover ${name} must be the name of one of the hosts, but there is no ${exchange}.`,
		);
	return [run, ...participantKeys(host, postOffices)];
}

function toPlan(
	cutover: Cutover,
	exchange: Part,
	postOffices: readonly Part[],
): Plan {
	return {
		exchange,
		postOffices: postOffices.map((office) => ({
			...office,
			// The machine of a post office that has been removed from the configuration is unknown. Its name replaces it.
			machine: endpointKey(
				cutover.postOffices.find(({ name }) => name === office.name) ?? {
					name: office.name,
					ssh: { host: office.name },
				},
			),
		})),
		applyOnPostOffices: cutover.applyOnPostOffices ?? true,
	};
}

/** Sorts post offices as the configuration lists them, which is their order on one machine. Removed ones follow. */
function inOrder({ postOffices }: Cutover, parts: readonly Part[]): Part[] {
	const place = ({ name }: Part) => {
		const index = postOffices.findIndex((office) => office.name === name);
		return index < 0 ? postOffices.length : index;
	};
	return [...parts].sort((a, b) => place(a) - place(b));
}

/** Parses `PO-HARBOR server`, the form in the triggers of the run. Names contain no spaces. */
function toPart(text: string): Part {
	const [name = "", role = ""] = text.split(" ");
	return { name, role };
}

function findRepeatReason(
	triggers: readonly string[],
	wanted: readonly string[],
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

function stepHost(step: Step, { waits }: Cutover, exchange: string): string {
	if (step.kind === "program") return step.postOffice;
	return step.kind === "wait" ? (waits[step.wait].host ?? "") : exchange;
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
	{ resource, host, step }: Failure,
	cutovers: readonly CutoverReport[],
): StepReport | undefined {
	const all = cutovers.flatMap(({ steps }) => steps);
	if (resource !== undefined) return all.find(({ id }) => id === resource);
	const alike = all.filter((one) => one.host === host && one.label === step);
	return (
		alike.find(({ state }) => state === "next" || state === "pending") ??
		alike[0]
	);
}

/** Whether the failure is about one of the cutover's post offices before its first step, or about its Exchange host. */
function blocksCutover(
	{ resource, host, step }: Failure,
	{ name, exchange, postOffices }: CutoverReport,
): boolean {
	if (resource === undefined)
		return step === "post office"
			? postOffices.some((office) => office.name === host)
			: step === "registry" && host === exchange.name;
	return (
		resource === exchange.name ||
		postOffices.some((office) => resource === `${name}-${office.name}`)
	);
}
