import { describe, expect, it } from "vitest";
import {
	KICK_SUCCESS_NUMBERS,
	message,
	type Outcome,
	type OutcomeCode,
	outcomes,
} from "../../../src/protocol/outcomes.ts";

const table = Object.entries(outcomes) as [OutcomeCode, Outcome][];

describe("outcomes", () => {
	it.each(table)(
		"%s has a message that cmd.exe can echo unchanged",
		(code, outcome) => {
			expect(message("EXCH01", "kick", code)).toMatch(
				/^[^%!&|<>^"()\u0080-\uffff]{1,480}$/,
			);
			expect(outcome.remedy).toMatch(/\.$/);
		},
	);

	it("give every Windows number one meaning, except for the two causes of a refusal", () => {
		const numbers = table
			.filter(([code]) => code !== "value-missing")
			.flatMap(([, { numbers }]) => [...numbers]);
		expect(new Set(numbers).size).toBe(numbers.length);
	});

	it("distinguish 2140 on pause, which is a kick, from 2140 on start, which is a failure", () => {
		expect(KICK_SUCCESS_NUMBERS).toContain(2140);
		expect(
			table
				.filter(([, { numbers }]) => numbers.includes(2140))
				.map(([code]) => code),
		).toEqual(["start-failed"]);
	});

	it("are printed as host, step, problem, code, number, remedy and references", () => {
		expect(
			message("EXCH01", "registry", "start-failed", ", Windows 2140"),
		).toBe(
			"EXCH01, registry: PauseKicksDX is 1, but the service stopped for its restart and did not start again [start-failed, Windows 2140]. Remove the cause, then run pulumi up again: the start is recorded as pending. See Q171260 and Q185225 for 2140 on start.",
		);
	});
});
