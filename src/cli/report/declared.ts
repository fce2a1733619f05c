import {
	CONFIG,
	type Cutover,
	type Host,
	parseJsonOrText,
} from "../../config/config-schema";
import { projectConfig } from "../../config/load-config";
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

/** What decides which cutovers a stack has. */
interface Declaration {
	stack: string;
	/** The name of the project. */
	project: string;
	/** Output of `pulumi config --json`. */
	config: unknown;
	state: State;
}

/**
 * Lists the cutovers of a stack: those of its configuration, else those in its state. A program that uses the library
 * has no cutovers in its configuration.
 *
 * @throws UserError if the configuration cannot be read
 * @throws NoCutoversError if there are no cutovers
 */
export function declaredCutovers({
	stack,
	project,
	config,
	state,
}: Declaration): DeclaredCutover[] {
	const settings = { namespace: project, entries: config as Settings };
	const configured = readKey(stack, settings, "cutovers");
	if (configured.length > 0) {
		assertNamespace(settings);
		const hosts = readKey(stack, settings, "hosts");
		return configured.map((cutover) => fromConfig(cutover, hosts));
	}
	const found = state.resources
		.filter(({ types }) => isCutover(types))
		.map((component) => fromState(component, state.resources))
		.filter((cutover) => cutover !== undefined);
	if (found.length === 0) {
		assertNamespace(settings);
		throw new NoCutoversError(
			`Stack ${stack} has no cutovers: declare one under ${settings.namespace}:cutovers in its stack file. If its program creates a PostOfficeCutover itself, run pulumi up first: this report reads the state, which has a cutover once its run has begun.`,
		);
	}
	return found;
}

/** Neither the configuration nor the state has a cutover. A first update by a program can still begin one. */
export class NoCutoversError extends UserError {}

const isCutover = (types: string) => types.split("$").at(-1) === CUTOVER_TYPE;

/** Output of `pulumi config --json`. */
type Settings = Record<string, { value?: string; secret?: boolean }>;

interface OwnSettings {
	/** The name of the project. */
	namespace: string;
	entries: Settings;
}

/** @throws UserError if a key is in the wrong namespace. The program refuses such a configuration too. */
function assertNamespace({ namespace, entries }: OwnSettings): void {
	const all = Object.entries(entries).map(([key, { value }]) => [
		key,
		// Secrets are not shown, but their keys are read.
		value ?? "(a secret)",
	]);
	try {
		projectConfig(Object.fromEntries(all), namespace);
	} catch (error) {
		throw new UserError((error as Error).message);
	}
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
	const { postOffices } = splitTriggers(triggers);
	const steps = completedSteps(outputs?.steps);
	return {
		name,
		component: types,
		postOffices: officesIn(commands, name, postOffices),
		waitHost: (wait) =>
			steps.find(({ step }) => step === WAIT_STEPS[wait])?.host,
		// It is a part of the cutover if one of its programs has run, and it is none if all other steps have succeeded.
		// Otherwise the default is assumed.
		applyOnPostOffices:
			postOffices.some((office) => hasRunT3(name, office, commands)) ||
			!steps.some(({ step }) => step === WAIT_STEPS.t2Delivered),
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

/** Whether a program of T3 has run on the post office in this cutover. */
const hasRunT3 = (
	cutover: string,
	{ name }: Part,
	commands: ReadonlyMap<string, Resource>,
): boolean =>
	["reqmain-r", "import", "rebuild"].some((program) =>
		commands.has(`${cutover}-${name}-${program}`),
	);

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
