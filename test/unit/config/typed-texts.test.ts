import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PauseKicksDXArgs } from "../../../src/components/pause-kicks-dx.ts";
import { parseConfig } from "../../../src/config/load-config.ts";
import { HOST_NAME } from "../../../src/model/host.ts";
import {
	digest,
	HOST_CYCLE,
	hostOwner,
	kickToken,
} from "../../../src/protocol/host-record.ts";
import { enforceCommands } from "../../../src/scripts/windows/enforce.ts";
import { kickCommands } from "../../../src/scripts/windows/kick.ts";
import { rawStack, runs, type Typed, typed } from "./typed-texts.ts";

const STACK = "organization/exchange-dirsync/lab";

/** Everything that is sent to a host. test/component/typed-refusals.test.ts tests the same for the component. */
function sent(name: string, args: PauseKicksDXArgs): string[] {
	const enforce = enforceCommands({
		host: name,
		stack: STACK,
		owner: hostOwner(name, "ssh"),
		hasCycle: true,
		onDestroy: args.onDestroy ?? "restore",
		verify: digest([args.verify as string]),
	});
	const kick = kickCommands({
		host: name,
		cycle: HOST_CYCLE,
		token: kickToken(HOST_CYCLE, args.cycle?.triggers ?? []),
		type: "T1",
		onUncertain: args.cycle?.onUncertain ?? "fail",
	});
	return [
		...[enforce.create, enforce.update, enforce.delete, enforce.stdin],
		...[kick.create("2026-11-22T16:38:20Z"), kick.update, kick.stdin],
	];
}

/** The commands with placeholders for digests. */
const bare = (texts: string[]) =>
	texts.map((text) =>
		text.replace(/(?<=[ =])(?:[0-9a-f]{16}|[0-9a-f]{6})(?=[ "\r])/g, "DIGEST"),
	);

const read = (input: Typed) => {
	try {
		return parseConfig(rawStack(input), "lab").hosts[0];
	} catch (error) {
		return (error as Error).message;
	}
};

const PLAIN: Typed = {
	name: "PLACEHOLDER",
	address: "a",
	user: "b",
	triggers: ["c"],
	verify: "d",
};

describe("typed text", () => {
	it("is refused, or reaches the host only as its name and as digests; triggers are never changed", () => {
		const plain = read(PLAIN);
		if (typeof plain !== "object") throw new Error("the plain one is refused");
		const model = bare(sent(plain.name, plain.args));
		let accepted = 0;
		fc.assert(
			fc.property(typed, (input) => {
				const host = read(input);
				if (typeof host === "string") {
					expect(host).toMatch(
						/^Invalid configuration for stack lab [ -~\n]+$/,
					);
					return;
				}
				accepted += host ? 1 : 0;
				expect(host?.name).toBe(input.name);
				expect(input.name).toMatch(HOST_NAME);
				expect(host?.args.cycle?.triggers).toEqual(input.triggers);
				expect(host?.args.verify).toBe(input.verify);
				expect(host?.args.ssh).toMatchObject({
					host: input.address,
					user: input.user,
				});
				expect(bare(sent(input.name, host?.args as PauseKicksDXArgs))).toEqual(
					model.map((text) => text.replaceAll("PLACEHOLDER", input.name)),
				);
			}),
			{ numRuns: runs(1000) },
		);
		// Otherwise the property would show nothing.
		expect(accepted).toBeGreaterThan(runs(1000) / 20);
	});

	it("is refused if it is blank, or has several lines, a control character or a lone surrogate", () => {
		const bad = fc.oneof(
			fc.constantFrom("", " ", "\u00a0"),
			fc
				.tuple(
					fc.string(),
					fc.constantFrom(
						..."\n\r\t\0\u001b\u007f\u0085\u009b\u2028\u2029",
						"\ud800",
						"\udfff",
					),
					fc.string(),
				)
				.map((parts) => parts.join("")),
		);
		fc.assert(
			fc.property(bad, (text) => {
				expect(read({ ...PLAIN, triggers: ["a", text] })).toContain(
					"hosts[0].cycle.triggers[1]: must be a string in one line",
				);
				expect(read({ ...PLAIN, name: text })).toContain("hosts[0].name: ");
				expect(read({ ...PLAIN, address: text })).toContain(
					"hosts[0].ssh.host",
				);
				expect(read({ ...PLAIN, user: text })).toContain("hosts[0].ssh.user");
			}),
			{ numRuns: runs(300) },
		);
	});
});
