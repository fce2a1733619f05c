import { describe, expect, it } from "vitest";
import { readLog } from "../../../../src/cli/report/log.ts";
import { message, outcomes } from "../../../../src/protocol/outcomes.ts";
import { failed, logOf, MISMATCH } from "./fixture.ts";

const one = (text: string) => readLog(logOf({ "harbor-x": text })).failures;

describe("a failure with a message of this package", () => {
	it("is parsed without the plugin's loader and the message in it", () => {
		expect(one(failed(MISMATCH))).toEqual([
			{
				resource: "harbor-x",
				host: "PO-HARBOR",
				step: "srvmain -r",
				problem: "the program reported an error",
				code: "program-failed",
				number: "number 156",
				remedy: expect.stringMatching(/^See the number below .* to Q96004\.$/),
				details: [
					"156: the dirsync passwords of requestor and server differ",
					"Error [156] passwords differ",
				],
			},
		]);
	});

	it.each(["kick", "T3 done", "post office", "t1Delivered", "import"])(
		"is parsed as outcomes.ts formats it, at step %s",
		(step) => {
			const text = message("EXCH01", step, "t3-missing", ", Windows 5");
			expect(one(failed(text))).toMatchObject([
				{ host: "EXCH01", step, code: "t3-missing", number: "Windows 5" },
			]);
		},
	);
});

describe("a failure with a message of the plugin", () => {
	it.each([
		["after 1 failed attempts: dial tcp: connection refused", "unreachable"],
		[
			"proxy: after 0 failed attempts: ssh: rejected: connect failed (Connection refused)",
			"unreachable",
		],
		["ssh: handshake failed: ssh: unable to authenticate", "no-log-in"],
		["ssh: handshake failed: knownhosts: host key mismatch", "wrong-host-key"],
		["ssh: no common algorithm for host key; we offered: [x]", "host-key-type"],
		["proxy: ssh: rejected: administratively prohibited (x)", "no-forwarding"],
		["dial unix /no/agent: connect: connection refused", "dead-agent"],
	])("%s", (text, code) => {
		expect(one(`error: ${text}`)).toMatchObject([{ code, details: [text] }]);
	});

	it.each([
		["[incomplete]", "incomplete"],
		["[use-cmd-exe]", "use-cmd-exe"],
		["[no-copy]", "no-copy"],
	] as const)(
		"%s, from a loader, gets the complete message",
		(printed, code) => {
			expect(one(failed(printed))).toEqual([
				expect.objectContaining({
					code,
					problem: outcomes[code].problem,
					remedy: outcomes[code].remedy,
				}),
			]);
		},
	);

	it("that is unknown is kept unchanged, except for the loader", () => {
		expect(one(failed("Der Befehl ist falsch"))).toEqual([
			{
				resource: "harbor-x",
				problem: "Process exited with status 1:",
				details: ["Der Befehl ist falsch"],
			},
		]);
	});
});

describe("a log", () => {
	it("without failures has none, and a warning does not count as one", () => {
		expect(readLog("Updating (lab):\n\nResources:\n    3 unchanged\n")).toEqual(
			{ stack: "lab", failures: [] },
		);
		expect(one("warning: something is old")).toEqual([]);
	});

	it("of several updates is read from the last update on", () => {
		const both = logOf({ a: "error: x" }) + logOf({ b: "error: y" }, "two");
		expect(readLog(both)).toMatchObject({
			stack: "two",
			failures: [{ resource: "b" }],
		});
	});

	it("from a pipeline on Windows, with times, colours and CRLF, is parsed", () => {
		const text = logOf({ a: `error: ${MISMATCH}` })
			.split("\n")
			.map((line) => `2026-11-25T22:00:00.1234567Z \u001b[31m${line}\u001b[0m`)
			.join("\r\n");
		expect(readLog(text).failures).toMatchObject([
			{ resource: "a", code: "program-failed" },
		]);
	});

	it("that is incomplete is parsed by its messages", () => {
		const other = message("EXCH01", "kick", "near-hour");
		expect(readLog(`${MISMATCH}\n${other}\n\nmore`).failures).toMatchObject([
			{ code: "program-failed", details: { length: 2 } },
			{ code: "near-hour", details: [] },
		]);
	});

	it("with other content has no failures", () => {
		expect(readLog("a, b: c [d]. e\n\u0000\n").failures).toEqual([]);
	});
});
