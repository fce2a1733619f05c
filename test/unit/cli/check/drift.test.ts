import { describe, expect, it } from "vitest";
import { findDrift, startedSince } from "../../../../src/cli/check/drift.ts";
import {
	HOST_CYCLE,
	hostOwner,
	kickToken,
} from "../../../../src/protocol/host-record.ts";
import type {
	HostRecord,
	Inspection,
} from "../../../../src/protocol/inspection.ts";

const VERIFY = "migration:verify";
const STACK = "organization/exchange-dirsync/lab";
const HOST = { name: "EXCH01", kind: "ssh", triggers: ["a"] };
const KICK = {
	cycle: HOST_CYCLE,
	token: "",
	at: "2026-11-22T16:00:00Z",
	evidence: "",
};
const RECORD: HostRecord = {
	stack: STACK,
	owner: hostOwner("EXCH01", "ssh"),
	previous: null,
	restartPending: false,
	receipts: [{ ...KICK, token: kickToken(HOST_CYCLE, ["a"]) }],
	intent: null,
	t2Open: false,
};
const GOOD: Inspection = {
	service: "running",
	value: { type: "REG_DWORD", data: "1" },
	takesPause: null,
	canStart: true,
	record: RECORD,
};
const codes = (
	seen: Partial<Inspection>,
	host: Parameters<typeof findDrift>[0] = HOST,
) =>
	findDrift(host, STACK, { ...GOOD, ...seen }, VERIFY).map(({ code }) => code);
const record = (changes: Partial<HostRecord>) => ({
	record: { ...RECORD, ...changes },
});

describe("drift", () => {
	it("is empty for a host as declared, in every state of its service", () => {
		for (const service of [
			"running",
			"running or paused",
			"paused",
			"stopped",
			"pending",
		] as const)
			expect(codes({ service })).toEqual([]);
	});

	it.each([
		["not-installed", { service: "not installed", value: null }],
		["value", { value: null }],
		["value", { value: { type: "REG_DWORD", data: "2" } }],
		["value", { value: { type: "REG_SZ", data: "1" } }],
		["restart-pending", record({ restartPending: true })],
		[
			"restart-pending",
			{ ...record({ restartPending: true }), takesPause: false },
		],
		["not-seen", { takesPause: false }],
		["no-record", { record: null }],
		["another-stack", record({ stack: "organization/exchange-dirsync/x" })],
		["another-name", record({ owner: hostOwner("OLD", "ssh") })],
		["cycle-pending", record({ receipts: [] })],
		["cycle-pending", record({ receipts: [{ ...KICK, token: "other" }] })],
		["outcome-unknown", record({ intent: KICK })],
	] as const)("%s: %j", (code, seen) => {
		expect(codes(seen as Partial<Inspection>)).toEqual([code]);
	});

	it("includes another transport", () => {
		expect(codes({}, { ...HOST, kind: "samba" })).toEqual(["another-name"]);
	});

	it("does not include a missing receipt if no cycle is declared", () => {
		const host = { ...HOST, triggers: undefined };
		expect(codes(record({ receipts: [] }), host)).toEqual([]);
	});

	it("has a text with the present value and what to do", () => {
		const [drift] = findDrift(HOST, STACK, { ...GOOD, value: null }, VERIFY);
		expect(drift?.text).toBe(
			"PauseKicksDX is not REG_DWORD 1 (it is absent). Set migration:verify to a new string, then run pulumi up.",
		);
	});

	it.each([
		[record({ restartPending: true }), "Run pulumi up. Where it changes"],
		[{ record: null }, "Run pulumi up. Where it changes nothing, set"],
		[record({ stack: "organization/x/y" }), "rename, set migration:verify"],
	])("names the setting that is to be changed: %j", (seen, text) => {
		const [drift] = findDrift(HOST, STACK, { ...GOOD, ...seen }, VERIFY);
		expect(drift?.text).toContain(text);
		expect(drift?.text).toContain("migration:verify");
	});

	it("of a host that is not in the state is repaired by the next update", () => {
		const seen = { ...GOOD, value: null, record: null };
		expect(findDrift(HOST, STACK, seen, null).map(({ text }) => text)).toEqual([
			"PauseKicksDX is not REG_DWORD 1 (it is absent). Run pulumi up.",
			expect.stringMatching(/^there is no host record: .*\. Run pulumi up\.$/),
		]);
		for (const changes of [
			record({ restartPending: true }),
			record({ stack: "organization/x/y" }),
		]) {
			const [drift] = findDrift(HOST, STACK, { ...GOOD, ...changes }, null);
			expect(drift?.text).not.toMatch(/verify|null/);
		}
	});
});

describe("whether the running service started after the value was written", () => {
	it.each([
		["yes", { takesPause: true }],
		["no", { takesPause: false }],
		["no", { ...record({ restartPending: true }), takesPause: true }],
		["recorded", { service: "running or paused" }],
		["unknown", { record: null }],
		[null, { service: "stopped" }],
		[null, { value: null }],
		[null, { value: { type: "REG_SZ", data: "1" } }],
	] as const)("%s: %j", (told, seen) => {
		expect(startedSince({ ...GOOD, ...(seen as Partial<Inspection>) })).toBe(
			told,
		);
	});
});
