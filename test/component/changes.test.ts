/**
 * Which inputs change when the arguments do: what is to start a cycle changes the triggers, nothing else does.
 *
 * Mocks prove the wiring alone. Not proved here: that the engine takes a changed trigger for a replacement, any other
 * changed input of the trigger for nothing, and one of the enforcement for an update.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PauseKicksDXArgs } from "../../src/components/pause-kicks-dx.ts";
import { OnDestroy, Role } from "../../src/model/host.ts";
import { inputsOf, sshArgs } from "./host-args.ts";
import type { World } from "./program.ts";

type Changes = Partial<PauseKicksDXArgs>;

// The trigger's command holds the time, which is no change of an argument.
beforeEach(() => {
	vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
	vi.useRealTimers();
});

describe("a change", () => {
	const COMMANDS = ["create", "delete", "stdin", "update"];
	const KICKS = ["create", "stdin", "update"];
	it.each<[string, Changes, World, string[], string[]]>([
		["of verify", { verify: "2" }, {}, COMMANDS, []],
		["of onDestroy", { onDestroy: OnDestroy.Keep }, {}, COMMANDS, []],
		["of the role", { role: Role.Server }, {}, [], KICKS],
		[
			"of the triggers",
			{ cycle: { triggers: ["next"] } },
			{},
			[],
			["create", "stdin", "triggers", "update"],
		],
		[
			"of a password",
			{ ssh: sshArgs({ password: "rotated" }) },
			{},
			["connection"],
			["connection"],
		],
		["of the stack's name", {}, { stack: "renamed" }, COMMANDS, []],
	])(
		"%s changes no more inputs than these",
		async (_, changes, world, ofEnforcement, ofTrigger) => {
			const before = await inputsOf({});
			const after = await inputsOf(changes, world);
			const changed = (of: "enforcement" | "trigger") =>
				Object.keys({ ...before[of], ...after[of] })
					.filter(
						(key) =>
							JSON.stringify(before[of][key]) !==
							JSON.stringify(after[of][key]),
					)
					.sort();
			expect(changed("enforcement")).toEqual(ofEnforcement);
			expect(changed("trigger")).toEqual(ofTrigger);
		},
	);
});

describe("the triggers", () => {
	it.each([
		[["initial-import"]],
		[["b", "a", "b"]],
		[[" with space ", "%PATH%", "münchen", "4711"]],
	])("are the user's own texts and nothing else: %j", async (triggers) => {
		const { trigger } = await inputsOf({ cycle: { triggers } });
		expect(trigger.triggers).toEqual(triggers);
	});
});
