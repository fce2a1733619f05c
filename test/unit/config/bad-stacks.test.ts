import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/load-config.ts";
import { BAD_STACKS, type BadStack, handedOver, untold } from "./bad-stacks.ts";
import { GOOD_CUTOVER } from "./bad-stacks-cutovers.ts";
import { TWO_MACHINES } from "./bad-stacks-hosts.ts";
import { GOOD_STACK } from "./good-stack.ts";

// P9, by the parser alone. What the engine makes of these files, and how soon: test/e2e/bad-stacks.test.ts.

function refusal(config: BadStack["config"]): string {
	try {
		parseConfig(handedOver(config), "lab");
	} catch (error) {
		return (error as Error).message;
	}
	return "accepted";
}

describe("a malformed stack", () => {
	it("has a table of its kinds, the good one not among them", () => {
		expect(BAD_STACKS.length).toBeGreaterThanOrEqual(40);
		expect(new Set(BAD_STACKS.map(({ what }) => what)).size).toBe(
			BAD_STACKS.length,
		);
		expect(refusal(GOOD_STACK)).toBe("accepted");
		expect(refusal(GOOD_CUTOVER)).toBe("accepted");
	});

	it.each(TWO_MACHINES)("is none with two machines %s", (_, hosts) => {
		const login = { password: "x" };
		const credentials = { default: { ...login, proxy: login, gateway: login } };
		expect(refusal({ hosts, credentials })).toBe("accepted");
	});

	it.each(BAD_STACKS.map((row) => [row.what, row] as const))("%s", (_, row) => {
		const message = refusal(row.config);
		expect(untold(message, row), message).toEqual([]);
		expect(message.split("\n")).toHaveLength(1 + row.mistakes.length);
		expect(message).toMatch(/^Invalid configuration for stack lab [ -~\n]+$/);
		// Not even a part of a secret, and none of the schema library's own words.
		expect(message).not.toContain("hunter");
		expect(message).not.toMatch(/invalid input|expected|received|undefined/i);
	});
});
