import { describe, expect, it } from "vitest";
import { loader } from "../../../src/windows/batch.ts";
import {
	enforceCommands,
	readEnforced,
	registryText,
} from "../../../src/windows/enforce.ts";
import { kickCommands, readReceipt } from "../../../src/windows/kick.ts";

const enforce = enforceCommands({
	host: "EXCH01",
	registryTool: "auto",
	owner: "0123456789abcdef",
	hasCycle: true,
	onDestroy: "restore",
	verify: "0123456789abcdef",
});
const kick = kickCommands({
	host: "EXCH01",
	registryTool: "auto",
	cycle: "cycle",
	token: "0123456789abcdef",
	type: "T1",
	onUncertain: "fail",
});

describe.each([
	["enforce", enforce.stdin],
	["kick", kick.stdin],
])("the script %s", (_, script) => {
	const lines = script.split("\r\n");

	it("is ASCII with CRLF and ends with the mark of a whole script, which stands nowhere else", () => {
		expect(script).toMatch(/^[\r\n\x20-\x7e]+$/);
		expect(script.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
		expect(lines.slice(-2)).toEqual(["rem dx-end", ""]);
		expect(script.split("rem dx-end")).toHaveLength(2);
	});

	it("keeps to what NT 4's cmd.exe can do", () => {
		expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1000);
		expect(script).not.toMatch(
			/exit \/b|set \/p|setlocal|usebackq|%~|%RANDOM%|%TIME%|%DATE%|%CD%|\b(timeout|taskkill|sc|where|wmic) /i,
		);
	});

	it("has no two variables that only their case tells apart: cmd.exe does not", () => {
		const names = new Set(
			[...script.matchAll(/\bset (?:\/a )?(\w+)=/g)].map(
				([, name]) => name as string,
			),
		);
		expect(names.size).toBeGreaterThan(5);
		expect(new Set([...names].map((name) => name.toLowerCase())).size).toBe(
			names.size,
		);
	});

	it("goes only to labels that it has", () => {
		const labels = new Set(
			lines.filter((line) => line.startsWith(":")).map((line) => line.slice(1)),
		);
		const targets = [...script.matchAll(/(?:goto|call) :?([a-z-]+)/g)]
			.map(([, target]) => target)
			.filter((target) => target !== "eof" && target !== "run");
		expect(targets.length).toBeGreaterThan(10);
		expect(targets.filter((target) => !labels.has(target as string))).toEqual(
			[],
		);
		expect(
			[...labels].filter(
				(label) => lines.filter((line) => line === `:${label}`).length > 1,
			),
		).toEqual([]);
	});

	it("has no label that nothing goes to", () => {
		const labels = lines
			.filter((line) => line.startsWith(":"))
			.map((line) => line.slice(1));
		expect(
			labels.filter(
				(label) => !new RegExp(`(goto|call) :?${label}\\b(?!-)`).test(script),
			),
		).toEqual([]);
	});
});

describe("the loader", () => {
	it("is one line that any cmd.exe takes", () => {
		expect(loader(["create", "EXCH01"])).toMatch(/^[\x20-\x7e]{1,1000}$/);
	});

	it("carries the verb, and nothing else differs between verbs", () => {
		expect(enforce.create.replace(" create ", " update ")).toBe(enforce.update);
		expect(enforce.create.replace(" create ", " delete ")).toBe(enforce.delete);
	});
});

describe("what the scripts print", () => {
	it.each([
		["absent", "absent"],
		["dword:00000000", "REG_DWORD 0"],
		["dword:ffffffff", "REG_DWORD 4294967295"],
		['"1"', "REG_SZ 1"],
		['""', "REG_SZ "],
		["hex:01,0a", "REG_BINARY 01,0a"],
		["hex(b):01,00,00,00,00,00,00,00", "REG_QWORD 1"],
		["hex(0):", "REG_NONE "],
	])("%s is told as %s", (exported, text) => {
		expect(registryText(exported)).toBe(text);
	});

	it("is read line by line, CRLF or not", () => {
		expect(
			readEnforced(
				"before: absent\r\nPauseKicksDX is 1, service restarted: yes\r\n",
			),
		).toEqual({ previous: "absent", restarted: true });
		expect(
			readEnforced(
				"before: dword:00000007\nPauseKicksDX is 1, service restarted: no",
			),
		).toEqual({ previous: "REG_DWORD 7", restarted: false });
	});

	it("that cannot be understood is an error, not a guess", () => {
		expect(() => readEnforced("")).toThrow("cannot be understood");
		expect(() => readReceipt("T1 started")).toThrow("cannot be understood");
	});

	it("holds the receipt as the registry has it", () => {
		expect(
			readReceipt(
				'"Receipt.cycle"="dx-done:cycle 0123 2026-11-22T16:00:00Z answered NET HELPMSG 3539;"\r\nT1 started',
			),
		).toEqual({
			kickedAt: "2026-11-22T16:00:00Z",
			evidence: "answered NET HELPMSG 3539",
		});
	});
});
