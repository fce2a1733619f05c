import {
	CONFIG,
	type Cutover,
	type Host,
	parseJsonOrText,
} from "../../config/config-schema";
import { CUTOVER_TYPE } from "../../model/component-types";
import type { Waits } from "../../model/cutover-args";
import { participantKeys, type Step } from "../../model/cutover-plan";
import { endpointKey } from "../../model/host";
import { formatIssues, issuesFromZod } from "../../validation/issues";
import { UserError } from "../user-error";
import type { Part } from "./model";
import { commandsOf, type Resource, type State, triggersOf } from "./state";

/** What the report needs to know of a cutover in addition to its last run. */
export interface DeclaredCutover {
	name: string;
	/** The types of its component: its own, after those of the components around it. */
	component: string;
	/** The run and the participants that the next update makes its triggers; undefined if only the program knows them. */
	wanted?: string[];
	/** Its post offices and their machines, in the order of their steps on one machine. */
	postOffices: { name: string; machine: string }[];
	/** The host of a wait: empty for a fixed time, undefined if it is unknown. */
	waitHost: (wait: keyof Waits) => string | undefined;
	applyOnPostOffices: boolean;
}

/**
 * Lists the cutovers of a stack: those of its configuration, else those in its state. A program that uses the library
 * has no cutovers in its configuration.
 *
 * @param config output of `pulumi config --json`
 * @throws UserError if the configuration cannot be read, or if there are no cutovers
 */
export function declaredCutovers(
	stack: string,
	config: unknown,
	state: State,
): DeclaredCutover[] {
	const settings = ownSettings(config as Settings, state);
	const configured = readKey(stack, settings, "cutovers");
	if (configured.length > 0) {
		const hosts = readKey(stack, settings, "hosts");
		return configured.map((cutover) => fromConfig(cutover, hosts));
	}
	const found = state.resources
		.filter(({ types }) => isCutover(types))
		.map((component) => fromState(component, state.resources))
		.filter((cutover) => cutover !== undefined);
	if (found.length === 0)
		throw new UserError(
			`Stack ${stack} has no cutovers: declare one under ${settings.namespace}:cutovers in its stack file. If its program creates a PostOfficeCutover itself, run pulumi up first: this report reads the state, which has a cutover once its run has begun.`,
		);
	return found;
}

const isCutover = (types: string) => types.split("$").at(-1) === CUTOVER_TYPE;

/** Output of `pulumi config --json`. */
type Settings = Record<string, { value?: string; secret?: boolean }>;

interface OwnSettings {
	/** The name of the project. */
	namespace: string;
	entries: Settings;
}

/** Before the first update the state does not name the project. The keys of the configuration do. */
function ownSettings(entries: Settings, { project }: State): OwnSettings {
	const key = Object.keys(entries).find((one) =>
		/:(cutovers|hosts)$/.test(one),
	);
	const namespace = project ?? key?.split(":")[0] ?? "exchange-dirsync";
	return { namespace, entries };
}

/** Reads one key as the program does, without the credentials, which the report does not need. */
function readKey<K extends "hosts" | "cutovers">(
	stack: string,
	{ namespace, entries }: OwnSettings,
	key: K,
): K extends "hosts" ? Host[] : Cutover[] {
	const entry = entries[`${namespace}:${key}`];
	if (entry?.secret)
		throw new UserError(
			`${namespace}:${key} of stack ${stack} is a secret and is not shown: secrets belong under credentials.`,
		);
	const value =
		entry?.value === undefined ? undefined : parseJsonOrText(entry.value);
	// Without hosts, the error is about the name of the Exchange host.
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

function fromConfig(cutover: Cutover, hosts: readonly Host[]): DeclaredCutover {
	const { name, run, exchange, postOffices, waits } = cutover;
	const host = hosts.find((one) => one.name === exchange);
	if (!host)
		throw new UserError(
			`exchange of cutover ${name} must be the name of one of the hosts, but there is no ${exchange}.`,
		);
	return {
		name,
		component: CUTOVER_TYPE,
		wanted: [run, ...participantKeys(host, postOffices)],
		postOffices: postOffices.map((office) => ({
			name: office.name,
			machine: endpointKey(office),
		})),
		waitHost: (wait) => waits[wait].host ?? "",
		applyOnPostOffices: cutover.applyOnPostOffices ?? true,
	};
}

/** Undefined if the cutover has not begun: the state then lacks its participants. */
function fromState(
	{ name, types, outputs }: Resource,
	resources: readonly Resource[],
): DeclaredCutover | undefined {
	const commands = commandsOf(types, resources);
	const triggers = triggersOf(commands.get(name));
	if (!triggers) return undefined;
	const steps = completedSteps(outputs?.steps);
	return {
		name,
		component: types,
		postOffices: officesIn(commands, name, splitTriggers(triggers).postOffices),
		waitHost: (wait) =>
			steps.find(({ step }) => step === WAIT_STEPS[wait])?.host,
		applyOnPostOffices: appliesOnPostOffices(name, commands, steps),
	};
}

/** The names of the waits as steps. */
const WAIT_STEPS: Record<keyof Waits, Step["name"]> = {
	t1Delivered: "t1-delivered",
	t2Delivered: "t2-delivered",
};

interface CompletedStep {
	step?: string;
	host?: string;
}

/** The output `steps` of the component. The state has it once a whole cutover has succeeded. */
const completedSteps = (steps: unknown): CompletedStep[] =>
	Array.isArray(steps) ? steps : [];

/**
 * Lists the post offices that have a resource, with their machines. The state holds the address of a machine encrypted,
 * but a post office depends on the one before it on the same machine.
 */
function officesIn(
	commands: ReadonlyMap<string, Resource>,
	cutover: string,
	postOffices: readonly Part[],
): DeclaredCutover["postOffices"] {
	const offices = postOffices
		.map(({ name }) => commands.get(`${cutover}-${name}`))
		.filter((resource) => resource !== undefined);
	/** The post offices on one machine up to this one, in order. */
	const chain = (office: Resource): Resource[] => {
		const before = offices.find(({ urn }) =>
			office.dependencies?.includes(urn),
		);
		return before ? [...chain(before), office] : [office];
	};
	return offices
		.map((office) => ({ name: office.name, before: chain(office) }))
		.sort((a, b) => a.before.length - b.before.length)
		.map(({ name, before: [first] }) => ({
			name: name.slice(cutover.length + 1),
			machine: first?.name ?? name,
		}));
}

/** The programs of T3 on post offices. */
const T3_PROGRAM = /-(reqmain-r|import|rebuild)$/;

/**
 * Whether the cutover runs T3 on the post offices. It does if one of these programs has run, and it does not if all
 * other steps have succeeded. Otherwise the default is assumed.
 */
function appliesOnPostOffices(
	cutover: string,
	commands: ReadonlyMap<string, Resource>,
	completed: readonly CompletedStep[],
): boolean {
	return (
		[...commands.keys()].some(
			(name) => name.startsWith(`${cutover}-`) && T3_PROGRAM.test(name),
		) || !completed.some(({ step }) => step === WAIT_STEPS.t2Delivered)
	);
}

/** Splits the triggers of a run: its name, the Exchange host, and the post offices. */
export function splitTriggers([run = "", ...keys]: readonly string[]): {
	run: string;
	exchange: Part;
	postOffices: Part[];
} {
	const [exchange = toPart(""), ...postOffices] = keys.map(toPart);
	return { run, exchange, postOffices };
}

/** Parses `PO-HARBOR server`, the form in the triggers. Names contain no spaces. */
function toPart(text: string): Part {
	const [name = "", role = ""] = text.split(" ");
	return { name, role };
}
