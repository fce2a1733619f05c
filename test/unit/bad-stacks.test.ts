import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../../src/config.ts";
import { BAD_STACKS, type BadStack, untold } from "./bad-stacks.ts";
import { GOOD_STACK } from "./good-stack.ts";

// P9, by the parser alone. What the engine makes of these files, and how soon: test/e2e/bad-stacks.test.ts.

/** As the engine hands it over: text by key, JSON where it is a list or an object, empty for null. */
function handedOver(config: BadStack["config"]): Record<string, string> {
	const values: Record<string, unknown> =
		typeof config === "string" ? (parse(config) ?? {}) : config;
	return Object.fromEntries(
		Object.entries(values).map(([key, value]) => [
			key.replace(/^exchange-dirsync:/, ""),
			typeof value === "string"
				? value
				: value === null
					? ""
					: JSON.stringify(value),
		]),
	);
}

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
	});

	it.each(BAD_STACKS.map((row) => [row.what, row] as const))("%s", (_, row) => {
		const message = refusal(row.config);
		expect(untold(message, row), message).toEqual([]);
		expect(message.split("\n")).toHaveLength(1 + row.mistakes.length);
		expect(message).toMatch(/^The configuration of stack lab has [ -~\n]+$/);
		// Not even a part of a secret, and none of the schema library's own words.
		expect(message).not.toContain("hunter");
		expect(message).not.toMatch(/invalid input|expected|received|undefined/i);
	});
});
