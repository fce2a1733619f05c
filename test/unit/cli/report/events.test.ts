import { describe, expect, it } from "vitest";
import { readEvents } from "../../../../src/cli/report/events.ts";
import { eventsOf, failed, logOf, MISMATCH, PROGRAM } from "./fixture.ts";

/** The failure in `failed.jsonl`. */
const FAILURE = {
	resource: "harbor-PO-PIER-reqmain-t",
	types: `${PROGRAM.component}$command:remote:Command`,
	host: "PO-PIER",
	step: "reqmain -t",
	problem: "the program reported an error",
	code: "program-failed",
	number: "number 156",
	remedy: expect.stringMatching(/^See the number below .* again\.$/),
	details: [
		"156: the dirsync passwords of requestor and server differ",
		"Error [156] passwords differ",
	],
};

/** The lines of an event log, for a test that changes it. */
const linesOf = (file: Parameters<typeof eventsOf>[0]) =>
	eventsOf(file).trimEnd().split("\n");

/** One event with a message. */
const diagnostic = (more: object) =>
	JSON.stringify({ sequence: 1, timestamp: 1, diagnosticEvent: more });

describe("an event log", () => {
	it("has the failed resource with its types, and its message once", () => {
		expect(readEvents(eventsOf("failed"))).toEqual({
			stack: "lab",
			failures: [FAILURE],
		});
	});

	it("of up --json has a preview first, and may contain colours", () => {
		expect(readEvents(eventsOf("json-in-colour"))).toEqual({
			stack: "lab",
			failures: [FAILURE],
		});
	});

	it("has the plugin's messages with the codes of this package", () => {
		expect(readEvents(eventsOf("unreachable"))?.failures).toMatchObject([
			{
				resource: FAILURE.resource,
				code: "unreachable",
				details: [
					"after 1 failed attempts: dial tcp 127.0.0.1:38122: connect: connection refused",
				],
			},
		]);
	});

	it("has an error of the program, which belongs to no resource", () => {
		expect(readEvents(eventsOf("thrown"))?.failures).toEqual([
			{
				resource: "the update",
				problem:
					"Running program '/srv/bay/index.js' failed with an unhandled exception:",
				details: [
					"Error: boom",
					"at Object.<anonymous> (/srv/bay/index.js:17:45)",
				],
			},
		]);
	});

	it("has a failed operation without a message", () => {
		const lines = linesOf("failed").filter(
			(line) => !line.includes('"severity":"error"'),
		);
		expect(readEvents(lines.join("\n"))?.failures).toMatchObject([
			{
				resource: FAILURE.resource,
				problem: "failed, and Pulumi gives no reason",
			},
		]);
	});

	it("of a killed update ends within a line", () => {
		const lines = linesOf("failed").slice(0, 9);
		const cut = `${lines.join("\n")}\n${linesOf("failed")[9]?.slice(0, 300)}`;
		expect(readEvents(cut)).toEqual({ stack: "lab", failures: [FAILURE] });
	});

	it("of several updates is read from the last update on", () => {
		const both = eventsOf("failed") + eventsOf("thrown");
		expect(readEvents(both)?.failures).toMatchObject([
			{ resource: "the update" },
		]);
	});

	it("from a pipeline on Windows, with times and CRLF, is parsed", () => {
		const text = linesOf("failed")
			.map((line) => `2026-11-25T22:00:00.1234567Z ${line}`)
			.join("\r\n");
		expect(readEvents(text)?.failures).toEqual([FAILURE]);
	});

	it("without failures has none, and a warning or a passing message does not count as one", () => {
		const text = [
			diagnostic({ message: "old", severity: "warning" }),
			diagnostic({ message: "x\n", severity: "error", ephemeral: true }),
			diagnostic({ message: "update failed\n", severity: "error" }),
			diagnostic({ message: "preview failed\n", severity: "error" }),
		].join("\n");
		expect(readEvents(text)).toEqual({ stack: undefined, failures: [] });
	});

	it.each([
		["a log for people", logOf({ "harbor-EXCH01-kick": failed(MISMATCH) })],
		["a preview that failed before the update", '{\n    "steps": []\n}\n'],
		["an empty file", ""],
	])("is not %s", (_, text) => {
		expect(readEvents(text)).toBeUndefined();
	});
});
