import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/load-config.ts";
import { BAD_STACKS, type BadStack, handedOver, untold } from "./bad-stacks.ts";
import { GOOD_CUTOVER } from "./bad-stacks-cutovers.ts";
import { TWO_MACHINES } from "./bad-stacks-hosts.ts";
import { GOOD_STACK } from "./good-stack.ts";

// The parser's errors for invalid stacks. test/e2e/bad-stacks.test.ts tests them with the real engine.

function refusal(config: BadStack["config"]): string {
	try {
		parseConfig(handedOver(config), "lab");
	} catch (error) {
		return (error as Error).message;
	}
	return "accepted";
}

describe("an invalid stack", () => {
	it("is one of at least 40 kinds, and a valid stack is accepted", () => {
		expect(BAD_STACKS.length).toBeGreaterThanOrEqual(40);
		expect(new Set(BAD_STACKS.map(({ what }) => what)).size).toBe(
			BAD_STACKS.length,
		);
		expect(refusal(GOOD_STACK)).toBe("accepted");
		expect(refusal(GOOD_CUTOVER)).toBe("accepted");
	});

	it.each(TWO_MACHINES)("is not a stack with two machines %s", (_, hosts) => {
		const login = { password: "x" };
		const credentials = { default: { ...login, proxy: login, gateway: login } };
		expect(refusal({ hosts, credentials })).toBe("accepted");
	});

	it.each(BAD_STACKS.map((row) => [row.what, row] as const))("%s", (_, row) => {
		const message = refusal(row.config);
		expect(untold(message, row), message).toEqual([]);
		expect(message.split("\n")).toHaveLength(1 + row.mistakes.length);
		expect(message).toMatch(/^Invalid configuration for stack lab [ -~\n]+$/);
		// The message contains no part of a secret and no message of the schema library.
		expect(message).not.toContain("hunter");
		expect(message).not.toMatch(/invalid input|expected|received|undefined/i);
	});
});
