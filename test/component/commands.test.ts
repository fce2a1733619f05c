/**
 * The inputs of a host's commands, and the arguments and settings of the scripts.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: what a script does with its arguments, and
 * that different values have different digests (host-record.test.ts).
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "../../src/components/pause-kicks-dx.ts";
import {
	OnDestroy,
	OnUncertain,
	RegistryTool,
	Role,
} from "../../src/model/host.ts";
import { hostOwner, kickToken } from "../../src/protocol/host-record.ts";
import { hostArgs, inputsOf } from "./host-args.ts";
import { FULL_STACK, find, run } from "./program.ts";
import { argumentsIn, settingsIn } from "./wire.ts";

type Changes = Partial<PauseKicksDXArgs>;

beforeEach(() => {
	vi.useFakeTimers({
		toFake: ["Date"],
		now: Date.UTC(1999, 2, 1, 22, 0, 0, 7),
	});
});
afterEach(() => {
	vi.useRealTimers();
});

describe("the inputs", () => {
	it("of the enforcement have no triggers and no environment, so every change is an update", async () => {
		const { enforcement } = await inputsOf({});
		expect(Object.keys(enforcement).sort()).toEqual([
			"addPreviousOutputInEnv",
			"connection",
			"create",
			"delete",
			"logging",
			"stdin",
			"update",
		]);
	});

	it("of the trigger have no delete and no environment", async () => {
		const { trigger } = await inputsOf({});
		expect(Object.keys(trigger).sort()).toEqual([
			"addPreviousOutputInEnv",
			"connection",
			"create",
			"logging",
			"stdin",
			"triggers",
			"update",
		]);
	});

	it("log the script's output, use no environment, and contain the script in clear text", async () => {
		const { enforcement, trigger } = await inputsOf({});
		for (const inputs of [enforcement, trigger]) {
			expect(inputs.logging).toBe("stdout");
			expect(inputs.addPreviousOutputInEnv).toBe(false);
			expect(inputs.stdin).toMatch(
				/^@echo off\r\n[\s\S]+\r\nrem dx-end [0-9a-f]{6}\r\n$/,
			);
		}
		expect(enforcement.stdin).not.toContain("net pause");
		expect(trigger.stdin).toContain("net pause");
	});
});

const OWNER = hostOwner("EXCH01", "ssh");
const TOKEN = kickToken("cycle", ["initial-import"]);
const ENFORCE_SETTINGS = [
	"registryTool",
	"stack",
	"owner",
	"hasCycle",
	"onDestroy",
];
const ENFORCE = ["auto", FULL_STACK, OWNER, "1", "restore"];
const KICK_SETTINGS = [
	"registryTool",
	"cycle",
	"token",
	"onUncertain",
	"cycleType",
];
const KICK = ["auto", "cycle", TOKEN, "fail", "T1"];
const replaced = (list: string[], at: number, value: string) =>
	list.map((one, index) => (index === at ? value : one));

describe("the settings of the scripts", () => {
	it.each<[string, Changes, string[], string[]]>([
		["by default", {}, ENFORCE, KICK],
		[
			"with a registry tool",
			{ registryTool: RegistryTool.Regedit },
			replaced(ENFORCE, 0, "regedit"),
			replaced(KICK, 0, "regedit"),
		],
		[
			"with onDestroy",
			{ onDestroy: OnDestroy.Keep },
			replaced(ENFORCE, 4, "keep"),
			KICK,
		],
		["as server", { role: Role.Server }, ENFORCE, replaced(KICK, 4, "T2")],
		[
			"with onUncertain",
			{
				cycle: {
					triggers: ["initial-import"],
					onUncertain: OnUncertain.Accept,
				},
			},
			ENFORCE,
			replaced(KICK, 3, "accept"),
		],
		[
			"with other triggers",
			{ cycle: { triggers: ["a", "b"] } },
			ENFORCE,
			replaced(KICK, 2, kickToken("cycle", ["a", "b"])),
		],
	])(
		"%s are complete, and the enforcement's commands add only the verb",
		async (_, changes, enforce, kick) => {
			const { enforcement, trigger } = await inputsOf(changes);
			expect(settingsIn(enforcement.stdin, ENFORCE_SETTINGS)).toEqual(enforce);
			for (const verb of ["create", "update", "delete"])
				expect(argumentsIn(enforcement[verb])).toEqual([verb]);
			expect(settingsIn(trigger.stdin, KICK_SETTINGS)).toEqual(kick);
			expect(argumentsIn(trigger.create)).toEqual([
				"1999-03-01T22:00:00Z",
				"36db0de0",
			]);
			expect(argumentsIn(trigger.update)).toEqual(["update"]);
		},
	);

	it.each([
		["at once", "build-4711"],
		["later", Promise.resolve("build-4711")],
	])(
		"change only in the enforcement's edition and script name with a verify that is known %s",
		async (_, verify) => {
			const without = await inputsOf({});
			const { enforcement, trigger } = await inputsOf({ verify });
			const changed = /\b[0-9a-f]{6}(?= create\^|\r\n$)|(?<=set edition=)\w+/g;
			for (const input of ["create", "stdin"]) {
				expect(enforcement[input]).not.toBe(without.enforcement[input]);
				expect(String(enforcement[input]).replaceAll(changed, "")).toBe(
					String(without.enforcement[input]).replaceAll(changed, ""),
				);
			}
			expect(trigger).toEqual(without.trigger);
		},
	);

	it("contain the component's name as the name of the host, as do the scripts' messages", async () => {
		const { enforcement, trigger } = await inputsOf({}, { name: "EXCH-2.b" });
		expect(settingsIn(enforcement.stdin, ["owner"])).toEqual([
			hostOwner("EXCH-2.b", "ssh"),
		]);
		for (const [inputs, step] of [
			[enforcement, "registry"],
			[trigger, "kick"],
		] as const)
			expect(settingsIn(inputs.stdin, ["hostName", "step"])).toEqual([
				"EXCH-2.b",
				step,
			]);
	});

	it("of the enforcement show that no cycle is declared", async () => {
		const args = hostArgs({ cycle: undefined });
		const result = await run(() => void new PauseKicksDX("EXCH01", args));
		expect(
			settingsIn(find(result, "EXCH01").inputs.stdin, ENFORCE_SETTINGS),
		).toEqual(replaced(ENFORCE, 3, ""));
	});
});
