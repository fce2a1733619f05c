import { describe, expect, it } from "vitest";
import {
	hostNames,
	hostsFromState,
} from "../../../src/cli/hosts-from-state.ts";
import { parseState } from "../../../src/cli/state.ts";
import { sambaEnforceCommands } from "../../../src/scripts/samba/enforce.ts";
import { loginLines } from "../../../src/scripts/samba/shell.ts";
import { enforceCommands } from "../../../src/scripts/windows/enforce.ts";
import { kickCommands } from "../../../src/scripts/windows/kick.ts";

const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const secret = (value: unknown) => ({
	"4dabf18193072939515e22adb298388d": SECRET,
	plaintext: JSON.stringify(value),
});
const STACK_URN = "urn:pulumi:lab::project::";
const component = (name: string) => ({
	urn: `${STACK_URN}exchange-dirsync:index:PauseKicksDX::${name}`,
	type: "exchange-dirsync:index:PauseKicksDX",
});
const command = (
	host: string,
	name: string,
	inputs: object,
	kind = "remote",
) => ({
	urn: `${STACK_URN}exchange-dirsync:index:PauseKicksDX$command:${kind}:Command::${name}`,
	type: `command:${kind}:Command`,
	parent: component(host).urn,
	inputs,
});
const exported = (...resources: object[]) => ({
	version: 3,
	deployment: { resources },
});

const LOGIN = {
	host: "10.0.0.1",
	port: 22,
	user: "Administrator",
	password: "a-password",
};
const connection = secret({ ...LOGIN, password: secret(LOGIN.password) });
const OPTIONS = {
	host: "EXCH01",
	stack: "organization/project/lab",
	owner: "0123456789abcdef",
	hasCycle: true,
	onDestroy: "keep",
	verify: "0123456789abcdef",
} as const;
const sambaStdin = (legacy: boolean) =>
	loginLines("SITE\\Admin", "a-password", "10.0.0.9", 139) +
	sambaEnforceCommands(OPTIONS, { legacy }).stdin;

describe("the hosts of a state", () => {
	it("by SSH have their login, registry tool, cycle and options", () => {
		const kick = kickCommands({
			...{ host: "EXCH01", cycle: "cycle", token: "0123456789abcdef" },
			...{ type: "T2", onUncertain: "retry" },
		});
		const state = exported(
			component("EXCH01"),
			command("EXCH01", "EXCH01", {
				connection,
				stdin: enforceCommands(OPTIONS, "regedit").stdin,
			}),
			command("EXCH01", "EXCH01-cycle", {
				connection,
				triggers: ["a"],
				stdin: kick.stdin,
			}),
		);
		expect(hostsFromState(parseState(state))).toEqual([
			{
				...{ name: "EXCH01", kind: "ssh", cycleType: "T2", triggers: ["a"] },
				...{ onUncertain: "retry", onDestroy: "keep" },
				transport: { ssh: LOGIN, registryTool: "regedit" },
			},
		]);
	});

	it.each([
		["from this machine", undefined, "samba"],
		["through a gateway", connection, "samba by gateway"],
	])("over Samba %s have their login lines", (_, gateway, kind) => {
		const inputs = { connection: gateway, stdin: secret(sambaStdin(true)) };
		const state = exported(
			component("EXCH01"),
			command("EXCH01", "EXCH01", inputs, gateway ? "remote" : "local"),
		);
		expect(hostsFromState(parseState(state))).toEqual([
			{
				...{ name: "EXCH01", kind, cycleType: null, triggers: undefined },
				...{ onUncertain: "fail", onDestroy: "keep" },
				transport: {
					login: loginLines("SITE\\Admin", "a-password", "10.0.0.9", 139),
					legacy: true,
					...(gateway && { gateway: LOGIN }),
				},
			},
		]);
	});

	it("are none in an empty state, and not those that are being deleted", () => {
		expect(hostsFromState(parseState({ version: 3 }))).toEqual([]);
		const deleted = { ...component("EXCH01"), delete: true };
		expect(hostsFromState(parseState(exported(deleted)))).toEqual([]);
	});

	it("do not include a component whose enforcement never succeeded", () => {
		const state = exported(component("EXCH01"));
		expect(hostsFromState(parseState(state))).toEqual([]);
		expect(hostNames([component("EXCH01").urn])).toEqual([]);
	});

	it("have the names that the URNs show, also inside a component of one's own", () => {
		const inside = (urn: string) =>
			urn.replace("project::", "project::my:Site$");
		expect(
			hostNames([
				component("EXCH01").urn,
				command("EXCH01", "EXCH01", {}).urn,
				command("EXCH01", "EXCH01-cycle", {}).urn,
				inside(component("EXCH02").urn),
				inside(command("EXCH02", "EXCH02", {}, "local").urn),
			]),
		).toEqual(["EXCH01", "EXCH02"]);
	});
});
