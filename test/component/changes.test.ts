/**
 * Which inputs change when the arguments change. Only an argument that starts a cycle changes the triggers.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: that the engine replaces the trigger resource
 * for changed triggers, ignores a change of its other inputs, and updates the enforcement for a changed input.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PauseKicksDXArgs } from "../../src/components/pause-kicks-dx.ts";
import { OnDestroy, Role } from "../../src/model/host.ts";
import { inputsOf, sshArgs } from "./host-args.ts";
import type { World } from "./program.ts";

type Changes = Partial<PauseKicksDXArgs>;

// The trigger's command contains the time, so the tests keep it constant.
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
		"%s changes only the expected inputs",
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
	])("are exactly the user's strings: %j", async (triggers) => {
		const { trigger } = await inputsOf({ cycle: { triggers } });
		expect(trigger.triggers).toEqual(triggers);
	});
});
