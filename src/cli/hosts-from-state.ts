import { HOST_TYPE } from "../model/component-types";
import { OnDestroy, OnUncertain, RegistryTool } from "../model/host";
import type { Host, Transport } from "./hosts";
import type { Route } from "./ssh";
import { childrenOf, type StackState, type StateResource } from "./state";
import { parseUrn } from "./urn";

/**
 * Finds the hosts in the state of a stack. It holds what their last update used, so a program of any kind can be
 * inspected, also one that does not use this package's configuration.
 *
 * @param state with secrets in clear
 */
export const hostsFromState = (state: StackState): Host[] =>
	state.resources
		.filter(({ type }) => type === HOST_TYPE)
		.flatMap((component) => {
			const children = childrenOf(state, component);
			const enforcement = children.find(({ name }) => name === component.name);
			const cycle = children.find(
				({ name }) => name === `${component.name}-cycle`,
			);
			return enforcement ? [toHost(component.name, enforcement, cycle)] : [];
		});

/**
 * Finds the names of the same hosts.
 *
 * @param urns those of all resources of the stack
 */
export function hostNames(urns: readonly string[]): string[] {
	const all = urns.map(parseUrn).map(({ types, name }) => ({
		path: types.split("$"),
		name,
	}));
	const enforced = new Set(
		all.filter(({ path }) => path.at(-2) === HOST_TYPE).map(({ name }) => name),
	);
	return all
		.filter(({ path, name }) => path.at(-1) === HOST_TYPE && enforced.has(name))
		.map(({ name }) => name);
}

function toHost(
	name: string,
	enforcement: StateResource,
	cycle: StateResource | undefined,
): Host {
	const script = String(enforcement.inputs.stdin);
	const kick = String(cycle?.inputs.stdin ?? "");
	const { kind, transport } = toTransport(enforcement, script);
	return {
		name,
		kind,
		transport,
		cycleType: readSetting(kick, "cycleType", ["T1", "T2"] as const) ?? null,
		triggers: cycle?.inputs.triggers as string[] | undefined,
		onUncertain:
			readSetting(kick, "onUncertain", Object.values(OnUncertain)) ??
			OnUncertain.Fail,
		onDestroy:
			readSetting(script, "onDestroy", Object.values(OnDestroy)) ??
			OnDestroy.Restore,
	};
}

function toTransport(
	{ inputs }: StateResource,
	script: string,
): { kind: string; transport: Transport } {
	const route = inputs.connection as Route | undefined;
	if (script.startsWith("@echo off"))
		return {
			kind: "ssh",
			transport: {
				ssh: route as Route,
				registryTool:
					readSetting(script, "registryTool", Object.values(RegistryTool)) ??
					RegistryTool.Auto,
			},
		};
	const [user, password, address, port] = script.split("\n");
	return {
		kind: route ? "samba by gateway" : "samba",
		transport: {
			login: [user, password, address, port, ""].join("\n"),
			legacy: script.includes("client max protocol=NT1"),
			...(route && { gateway: route }),
		},
	};
}

/** Reads a setting of a script, by its name on Windows. In a POSIX script the name has underscores and no `set`. */
export function readSetting<T extends string>(
	script: string,
	name: string,
	allowed: readonly T[],
): T | undefined {
	const other = name.replaceAll(
		/[A-Z]/g,
		(letter) => `_${letter.toLowerCase()}`,
	);
	const [, found] =
		new RegExp(`^(?:set ${name}|${other})=(.*?)\\r?$`, "m").exec(script) ?? [];
	return allowed.find((value) => value === found);
}
