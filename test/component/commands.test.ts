/**
 * What the commands of a host are told: which inputs there are, which arguments reach which script.
 *
 * Mocks prove the wiring alone. Not proved here: what a script does with its arguments, or that the digests tell
 * different things apart (host-record.test.ts).
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OnDestroy, OnUncertain, RegistryTool, Role } from "../../src/host.ts";
import { digest, kickToken, ownerOf } from "../../src/host-record.ts";
import {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "../../src/pause-kicks-dx.ts";
import { hostArgs, inputsOf } from "./host-args.ts";
import { FULL_STACK, find, run } from "./program.ts";
import { argumentsIn } from "./wire.ts";

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
				/^@echo off\r\n[\s\S]+\r\nrem dx-end [0-9a-f]{16}\r\n$/,
			);
		}
		expect(enforcement.stdin).not.toContain("net pause");
		expect(trigger.stdin).toContain("net pause");
	});
});

const OWNER = ownerOf("EXCH01", "ssh");
const TOKEN = kickToken("cycle", ["initial-import"]);
const ENFORCE = ["auto", FULL_STACK, OWNER, "cycle", "restore", digest([""])];
const KICK = ["auto", "cycle", TOKEN, "fail", "T1"];
const replaced = (list: string[], at: number, value: string) =>
	list.map((one, index) => (index === at ? value : one));

describe("the arguments of the scripts", () => {
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
		[
			"with verify",
			{ verify: "build-4711" },
			replaced(ENFORCE, 5, digest(["build-4711"])),
			KICK,
		],
		[
			"with verify known later",
			{ verify: Promise.resolve("build-4711") },
			replaced(ENFORCE, 5, digest(["build-4711"])),
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
	])("%s are complete under every verb", async (_, changes, enforce, kick) => {
		const { enforcement, trigger } = await inputsOf(changes);
		for (const verb of ["create", "update", "delete"])
			expect(argumentsIn(enforcement[verb])).toEqual([verb, ...enforce]);
		expect(argumentsIn(trigger.create)).toEqual([
			"create",
			...kick,
			"1999-03-01T22:00:00Z",
			"36db0de0",
		]);
		expect(argumentsIn(trigger.update)).toEqual(["update", ...kick, "-", "-"]);
	});

	it("are of the host as the component is named, and so are the scripts", async () => {
		const { enforcement, trigger } = await inputsOf({}, { name: "EXCH-2.b" });
		expect(argumentsIn(enforcement.create)[3]).toBe(ownerOf("EXCH-2.b", "ssh"));
		for (const [inputs, step] of [
			[enforcement, "registry"],
			[trigger, "kick"],
		] as const)
			for (const text of [inputs.create, inputs.stdin])
				expect(text).toContain(`echo EXCH-2.b, ${step}: `);
	});

	it("tell the enforcement that no cycle is declared", async () => {
		const args = hostArgs({ cycle: undefined });
		const result = await run(() => void new PauseKicksDX("EXCH01", args));
		expect(argumentsIn(find(result, "EXCH01").inputs.create)).toEqual([
			"create",
			...replaced(ENFORCE, 3, "none"),
		]);
	});
});
