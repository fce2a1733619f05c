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

/** What Pulumi says of a stack. */
export interface Sources {
	stack: string;
	/** Of `pulumi stack export`. */
	state: unknown;
	/** Of `pulumi config --json`. */
	config: unknown;
	/** Of `pulumi up`. */
	log?: Log;
}

/**
 * @throws Trouble where the configuration cannot be read or has no cutovers
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
			// What waits to be deleted has been replaced.
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

/** The state, as far as it is read. */
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

/** The commands of a cutover: other resources may have the same names. */
const isCutovers = ({ urn }: Resource) =>
	/::exchange-dirsync:index:PostOfficeCutover\$command:\w+:Command::/.test(urn);

/** Reads one key as the program does, without its defaults for credentials, which are nobody's business here. */
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
			`exchange-dirsync:${key} of stack ${stack} holds a secret and is not shown: secrets stand under credentials.`,
		);
	const value =
		entry?.value === undefined ? undefined : parseJsonOrText(entry.value);
	// That there are no cutovers is told before that there are no hosts.
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
 * The run is the one in the state, with the parts that it was given: what the configuration has come to say since is of
 * the next one.
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
	const anew = restartReason(triggers, wanted);
	/** Those of this run: its id is the one trigger of each step. */
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
			const isNext = !anew && after.every((other) => done.has(other));
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
	return { name, run, exchange, postOffices, steps, before: [], anew };
}

/** What `PostOfficeCutover` makes of the configuration: the run and all parts, a change of which begins it anew. */
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
			// One that has left the configuration since was on a machine that nobody knows any more.
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

/** As the configuration lists them, for that is the order on one machine; behind them those that have left it since. */
function inOrder({ postOffices }: Cutover, parts: readonly Part[]): Part[] {
	const place = ({ name }: Part) => {
		const index = postOffices.findIndex((office) => office.name === name);
		return index < 0 ? postOffices.length : index;
	};
	return [...parts].sort((a, b) => place(a) - place(b));
}

/** `PO-HARBOR server`, as the run has it among its triggers: names have no spaces. */
function toPart(text: string): Part {
	const [name = "", role = ""] = text.split(" ");
	return { name, role };
}

function restartReason(
	triggers: readonly string[],
	wanted: readonly string[],
): string | undefined {
	if (triggers[0] !== wanted[0])
		return `The configuration asks for the run ${wanted[0]}`;
	return triggers.join("\n") === wanted.join("\n")
		? undefined
		: "The configuration names other post offices or roles now";
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

/** Finds what a failure of the log is about; one that has been mended since is about nothing any more. */
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
	const held = cutovers.filter((cutover) => blocksCutover(failure, cutover));
	for (const { steps, before } of held)
		if (steps.every(({ state }) => state !== "done")) before.push(failure);
	return held.length > 0;
}

/** By the resource; without it by host and step, of which two cutovers may have the same: by the one whose turn it was. */
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

/** Whether it is about a post office before its first step, or about the Exchange host itself. */
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
