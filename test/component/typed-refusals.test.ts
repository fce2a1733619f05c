/**
 * How the strings that a user types reach the inputs of both resources.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: how a host executes the commands
 * (test/e2e/typed-text.test.ts).
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { PauseKicksDX } from "../../src/components/pause-kicks-dx.ts";
import { type HostConfig, parseConfig } from "../../src/config/load-config.ts";
import {
	rawStack,
	runs,
	type Typed,
	typed,
} from "../unit/config/typed-texts.ts";
import { find, type Registered, run } from "./program.ts";
import { secretIn } from "./wire.ts";

const read = (input: Typed): HostConfig | undefined => {
	try {
		return parseConfig(rawStack(input), "rehearsal").hosts[0];
	} catch {
		return undefined;
	}
};

/** The inputs that a host receives as commands, with placeholders for digests and times. */
const texts = ({ inputs }: Registered) =>
	[inputs.create, inputs.update, inputs.delete, inputs.stdin]
		.map((text) =>
			String(text ?? "")
				.replace(/(?<=[ =])(?:[0-9a-f]{16}|[0-9a-f]{6})(?=[ "\r])/g, "DIGEST")
				.replace(
					/(?<= )\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [0-9a-f]{8}(?=[ ^])/g,
					"TIME",
				),
		)
		.join("\n");

async function inputsOf({ name, args }: HostConfig) {
	const result = await run(() => void new PauseKicksDX(name, args));
	return [find(result, name), find(result, `${name}-cycle`)] as const;
}

it("triggers are passed unchanged, and the commands contain only the host's name and digests", async () => {
	const plain = { name: "PLACEHOLDER", address: "a", user: "b", verify: "" };
	const model = read({ ...plain, triggers: ["c"] }) as HostConfig;
	const models = (await inputsOf(model)).map(texts);
	let accepted = 0;
	await fc.assert(
		fc.asyncProperty(typed, async (input) => {
			const host = read(input);
			if (!host) return;
			accepted += 1;
			const [enforcement, trigger] = await inputsOf(host);
			expect(trigger.inputs.triggers).toEqual(input.triggers);
			expect(enforcement.inputs.triggers).toBeUndefined();
			for (const command of [enforcement, trigger])
				expect(secretIn(command.inputs.connection)).toMatchObject({
					host: input.address,
					user: input.user,
				});
			expect([enforcement, trigger].map(texts)).toEqual(
				models.map((text) => text.replaceAll("PLACEHOLDER", input.name)),
			);
		}),
		{ numRuns: runs(200) },
	);
	expect(accepted).toBeGreaterThan(runs(200) / 20);
});
