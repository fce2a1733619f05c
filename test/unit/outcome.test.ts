import { describe, expect, it } from "vitest";
import { outcomes } from "../../src/outcome.ts";

describe("outcomes", () => {
	it.each(Object.entries(outcomes))(
		"%s can be echoed by cmd.exe as it stands",
		(code, { what, todo }) => {
			for (const text of [code, what, todo])
				expect(text).toMatch(/^[^%!&|<>^"()\u0080-\uffff]+$/);
			expect(todo).toMatch(/\.$/);
		},
	);

	it("give every number of Windows one meaning, but for a refusal's two causes", () => {
		const numbers = Object.entries(outcomes)
			.filter(([code]) => code !== "value-missing")
			.flatMap(([, { numbers }]) => [...numbers]);
		expect(new Set(numbers).size).toBe(numbers.length);
	});
});
