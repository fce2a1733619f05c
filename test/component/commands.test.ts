/**
 * What the commands of a host are told: which inputs there are, which arguments reach which script.
 *
 * Mocks prove the wiring alone. Not proved here: what a script does with its arguments, or that the digests tell
 * different things apart (host-record.test.ts).
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
	it("of the enforcement have no triggers and no environment: any change is an update", async () => {
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

	it("log what a script prints, send nothing by environment, and carry a script each, in clear", async () => {
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
/** Registry tool, stack, owner, cycle, onDestroy. */
const ENFORCE = ["auto", FULL_STACK, OWNER, "cycle", "restore"];
/** Registry tool, cycle, token, onUncertain, type. */
const KICK = ["auto", "cycle", TOKEN, "fail", "T1"];
const replaced = (list: string[], at: number, value: string) =>
	list.map((one, index) => (index === at ? value : one));

describe("what the scripts are told", () => {
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
		"%s is complete, and the verb is all that the enforcement's commands add",
		async (_, changes, enforce, kick) => {
			const { enforcement, trigger } = await inputsOf(changes);
			expect(settingsIn(enforcement.stdin, "TSOCD")).toEqual(enforce);
			for (const verb of ["create", "update", "delete"])
				expect(argumentsIn(enforcement[verb])).toEqual([verb]);
			expect(settingsIn(trigger.stdin, "TCNUP")).toEqual(kick);
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
		"changes by its edition and its name alone with a verify that is known %s, and the trigger does not",
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

	it("are of the host as the component is named, and so are the scripts", async () => {
		const { enforcement, trigger } = await inputsOf({}, { name: "EXCH-2.b" });
		expect(settingsIn(enforcement.stdin, "O")).toEqual([
			hostOwner("EXCH-2.b", "ssh"),
		]);
		for (const [inputs, step] of [
			[enforcement, "registry"],
			[trigger, "kick"],
		] as const)
			expect(inputs.stdin).toContain(`echo EXCH-2.b, ${step}: `);
	});

	it("tell the enforcement that no cycle is declared", async () => {
		const args = hostArgs({ cycle: undefined });
		const result = await run(() => void new PauseKicksDX("EXCH01", args));
		expect(settingsIn(find(result, "EXCH01").inputs.stdin, "TSOCD")).toEqual(
			replaced(ENFORCE, 3, "none"),
		);
	});
});
