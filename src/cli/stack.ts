import {
	type CutoverConfig,
	parseConfig,
	projectConfig,
} from "../config/load-config";
import { OLDEST_PULUMI } from "../config/oldest-pulumi";
import { awaitsT3 } from "../model/cutover-plan";
import { cycleType, OnUncertain } from "../model/host";
import { fromConfig, type Host, type KickSettings } from "./hosts";
import { hostsFromState } from "./hosts-from-state";
import { runPulumiJson } from "./pulumi-cli";
import { hasOutput, parseState } from "./state";
import { UserError } from "./user-error";

/** The hosts of a stack. */
export interface DeclaredStack {
	/** `organization/project/stack`, as in host records. */
	id: string;
	hosts: Host[];
	/** Where the hosts are read from. */
	source: "configuration" | "state";
	/** The hosts of the state: what `pulumi destroy` deletes. */
	inState: Host[];
	/** The settings of the kicks of declared cutovers, by cutover. A program that uses the library declares none here. */
	cutoverKicks: ReadonlyMap<string, KickSettings>;
}

/**
 * Reads the hosts of a stack with the Pulumi CLI in the project's folder: from the configuration if it declares hosts in
 * this package's format, else from the state. Secrets are transferred by the CLI's stdout only.
 *
 * @throws UserError if the stack, its configuration or its state cannot be read
 */
export async function readStack(stack: string): Promise<DeclaredStack> {
	const [config, about, exported] = await Promise.all([
		runPulumiJson(stack, ["config", "--show-secrets", "--json"]),
		runPulumiJson(stack, ["about", "--json"]),
		runPulumiJson(stack, ["stack", "export", "--show-secrets"]),
	]);
	const { id, project } = identify(stack, about);
	const state = parseState(exported);
	const inState = hostsFromState(state);
	const all = Object.entries(
		config as Record<string, { value?: string } | undefined>,
	).map(([key, entry]) => [key, entry?.value ?? ""]);
	try {
		const own = projectConfig(Object.fromEntries(all), project);
		if (own.hosts === undefined) return fromState(id, inState);
		const { hosts, cutovers } = parseConfig(own, stack);
		return {
			id,
			source: "configuration",
			hosts: await Promise.all(hosts.map(fromConfig)),
			inState,
			cutoverKicks: new Map(
				cutovers.map(({ name, args }) => [name, kickSettings(args)]),
			),
		};
	} catch (error) {
		// A program of one's own can have other keys of these names. The program of this package exports its cutovers.
		if (inState.length > 0 && !hasOutput(state, "cutovers"))
			return fromState(id, inState);
		throw new UserError((error as Error).message);
	}
}

const fromState = (id: string, inState: Host[]): DeclaredStack => ({
	id,
	source: "state",
	hosts: inState,
	inState,
	cutoverKicks: new Map(),
});

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

function identify(stack: string, about: unknown) {
	const { currentStack } = about as {
		currentStack?: { fullyQualifiedName?: string } | null;
	};
	const id = currentStack?.fullyQualifiedName;
	const [, project] = id?.split("/") ?? [];
	if (!id || !project)
		throw new UserError(
			`pulumi about does not print the full name of stack ${stack}: is the pulumi on PATH ${OLDEST_PULUMI} or later?`,
		);
	return { id, project };
}
