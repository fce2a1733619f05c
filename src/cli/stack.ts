import { CONFIG } from "../config/config-schema";
import {
	type CutoverConfig,
	parseConfig,
	projectConfig,
} from "../config/load-config";
import { OLDEST_PULUMI } from "../config/oldest-pulumi";
import { awaitsT3 } from "../model/cutover-plan";
import { cycleType, OnUncertain } from "../model/host";
import { isPrintableKey } from "../validation/issues";
import { fromConfig, type Host, type KickSettings } from "./hosts";
import { hostNames, hostsFromState } from "./hosts-from-state";
import { runPulumiJson } from "./pulumi-cli";
import { hasOutput, parseState, type StackState } from "./state";
import { UserError } from "./user-error";

/** The hosts of a stack. */
export interface DeclaredStack {
	/** `organization/project/stack`, as in host records. */
	id: string;
	hosts: Host[];
	/** Where the hosts are read from. */
	source: "configuration" | "state";
	/** The name of the setting that makes an update inspect every host again, for messages. */
	verify: string;
	/** Why there are no hosts, and what to do; undefined if the configuration declares them or the state has some. */
	noHosts?: string;
	/** The names of the hosts of the state. */
	inState: readonly string[];
	/**
	 * Reads the hosts of the state: what `pulumi destroy` deletes. It exports and decrypts the state, which takes longer
	 * than all other runs of the CLI together, so nothing that the names answer calls it.
	 *
	 * @throws UserError if the state cannot be read
	 */
	readState: () => Promise<Host[]>;
	/** The settings of the kicks of declared cutovers, by cutover. A program that uses the library declares none here. */
	cutoverKicks: ReadonlyMap<string, KickSettings>;
}

/**
 * Reads the hosts of a stack with the Pulumi CLI in the project's folder: from the configuration if it declares hosts in
 * this package's format, else from the state. Secrets are transferred by the CLI's stdout only.
 *
 * A program of one's own can have other keys of the same names. So an invalid configuration is an error only if the
 * state shows that the program is that of this package.
 *
 * @throws UserError if the stack, its configuration or its state cannot be read
 */
export async function readStack(stack: string): Promise<DeclaredStack> {
	const [config, about] = await Promise.all([
		runPulumiJson(stack, ["config", "--show-secrets", "--json"]),
		runPulumiJson(stack, ["about", "--json"]),
	]);
	const { id, project, urns } = identify(stack, about);
	const inState = hostNames(urns);
	const exportState = async () =>
		parseState(
			await runPulumiJson(stack, ["stack", "export", "--show-secrets"]),
		);
	const readState = async () => hostsFromState(await exportState());
	const all = Object.fromEntries(
		Object.entries(
			config as Record<string, { value?: string } | undefined>,
		).map(([key, entry]) => [key, entry?.value ?? ""]),
	);
	let own: Record<string, string> | undefined;
	try {
		own = projectConfig(all, project);
		const { hosts, cutovers } = parseConfig(own, stack);
		return {
			id,
			source: "configuration",
			verify: `${project}:verify`,
			hosts: await inTurn(hosts, fromConfig),
			...{ inState, readState },
			cutoverKicks: new Map(
				cutovers.map(({ name, args }) => [name, kickSettings(args)]),
			),
		};
	} catch (error) {
		const { message } = error as Error;
		const state = await exportState();
		const hosts = hostsFromState(state);
		if (isStackFileProgram(state, Object.keys(all)))
			throw new UserError(message);
		return {
			id,
			source: "state",
			verify: "the argument verify of the component",
			...{ hosts, inState, readState: async () => hosts },
			cutoverKicks: new Map(),
			...(hosts.length === 0 && {
				noHosts:
					own && own.hosts === undefined
						? undeclared(stack, own)
						: `${message}\nIf the program declares its hosts itself, run pulumi up first: they are then read from the state.`,
			}),
		};
	}
}

/**
 * Converts one after the other, because the SDK's outputs take 60 KB for each host until they are resolved: all hosts at a
 * time would double the memory of a process with 400.
 */
async function inTurn<T, R>(
	values: readonly T[],
	convert: (value: T) => Promise<R>,
): Promise<R[]> {
	const results: R[] = [];
	for (const value of values) results.push(await convert(value));
	return results;
}

/** A misspelt key has the same effect as no key, so the unknown ones are named. */
function undeclared(stack: string, own: Record<string, string>): string {
	const unknown = Object.entries(own)
		.filter(([key, text]) => isPrintableKey(key, text, true))
		.map(([key]) => key)
		.filter((key) => !Object.hasOwn(CONFIG, key));
	const named =
		unknown.length > 0
			? ` The configuration has other keys, which this package does not read: ${unknown.join(", ")}.`
			: "";
	return `Stack ${stack} has no hosts, neither in its configuration nor in its state: declare some and run pulumi up first.${named}`;
}

/** Whether the last update was by the program of this package: it reads these keys and exports these outputs. */
const isStackFileProgram = (
	state: StackState,
	keys: readonly string[],
): boolean =>
	keys.some((key) => Object.hasOwn(CONFIG, key.replace(/^.*?:/, ""))) &&
	hasOutput(state, "hosts") &&
	hasOutput(state, "cutovers");

function kickSettings({
	exchange,
	applyOnPostOffices = true,
	guards,
	onUncertain,
}: CutoverConfig["args"]): KickSettings {
	const t3 = awaitsT3({ exchange, applyOnPostOffices });
	return {
		type: cycleType(exchange.role),
		onUncertain: onUncertain ?? OnUncertain.Fail,
		t3BeforeT2: t3 && (guards?.t3BeforeT2 ?? true),
	};
}

/**
 * Reads the full name of a stack, `organization/project/stack`, its project, and the URNs of its resources.
 *
 * @param about output of `pulumi about --json`
 * @throws UserError if it does not contain the name
 */
export function identify(
	stack: string,
	about: unknown,
): { id: string; project: string; urns: string[] } {
	const { currentStack } = about as {
		currentStack?: {
			fullyQualifiedName?: string;
			resources?: { urn: string }[] | null;
		} | null;
	};
	const id = currentStack?.fullyQualifiedName;
	const [, project] = id?.split("/") ?? [];
	if (!id || !project)
		throw new UserError(
			`pulumi about does not print the full name of stack ${stack}: is the pulumi on PATH ${OLDEST_PULUMI} or later?`,
		);
	const urns = (currentStack?.resources ?? []).map(({ urn }) => urn);
	return { id, project, urns };
}
