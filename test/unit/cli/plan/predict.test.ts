import { describe, expect, it } from "vitest";
import type { Host } from "../../../../src/cli/hosts.ts";
import { ownKick } from "../../../../src/cli/plan/kicks.ts";
import {
	HostPredictor,
	isPreservable,
} from "../../../../src/cli/plan/predict.ts";
import type {
	Operation,
	PreviewStep,
} from "../../../../src/cli/plan/preview.ts";
import {
	HOST_CYCLE,
	hostOwner,
	kickToken,
} from "../../../../src/protocol/host-record.ts";
import type {
	HostRecord,
	Inspection,
} from "../../../../src/protocol/inspection.ts";

const STACK = "organization/exchange-dirsync/lab";
const HOST: Host = {
	...{ name: "EXCH01", kind: "ssh", cycleType: "T1", triggers: ["a"] },
	...{ onUncertain: "fail", onDestroy: "restore" },
	transport: { login: "", legacy: false },
};
const ONE = { type: "REG_DWORD", data: "1" };
const AT = "2026-11-22T16:00:00Z";
const ENTRY = {
	...{ cycle: HOST_CYCLE, token: kickToken(HOST_CYCLE, ["a"]) },
	...{ at: AT, evidence: "" },
};
const OTHER = { ...ENTRY, token: "0123456789abcdef" };
const RECORD: HostRecord = {
	stack: STACK,
	owner: hostOwner("EXCH01", "ssh"),
	previous: { type: "REG_DWORD", data: "0" },
	restartPending: false,
	receipts: [],
	intent: null,
	t2Open: false,
};
/** A host that was never enforced. */
const NEW: Inspection = {
	service: "running",
	value: null,
	takesPause: null,
	canStart: true,
	record: null,
};
/** A host as an update left it. */
const ENFORCED: Inspection = { ...NEW, value: ONE, record: RECORD };
const recorded = (changes: Partial<HostRecord>): Inspection => ({
	...ENFORCED,
	record: { ...RECORD, ...changes },
});

/** The kick of the host's own cycle, as the preview has it. */
const kickOf = (host: Host, operation: Operation = "create") =>
	ownKick(
		host,
		{
			...{ operation, inputs: { triggers: host.triggers } },
			...{ urn: "", type: "", name: "", parent: "", dependencies: [] },
		} satisfies PreviewStep,
		"configuration",
	);

function predict(
	inspection: Inspection,
	enforcement: Operation,
	{ kick, host = HOST }: { kick?: Operation; host?: Host } = {},
) {
	const predictor = new HostPredictor(host, STACK, inspection);
	predictor.enforce(enforcement);
	if (kick) predictor.kick(kickOf(host, kick));
	const { value, restart, cycles, refused, notes } = predictor.result();
	return {
		...{ after: value.after, restart, notes },
		cycles: cycles.map(({ type }) => type),
		refused: refused.map(({ code }) => code),
	};
}

const NOTHING = {
	...{ after: ONE, restart: null, notes: [], cycles: [], refused: [] },
};
const READS = "the service reads PauseKicksDX when it starts";
const PENDING = "a restart is pending from an earlier update";

describe("the enforcement", () => {
	it.each<[string, Inspection, Operation, object]>([
		["writes the value and restarts", NEW, "create", { restart: READS }],
		[
			"writes the value of a stopped service without starting it",
			{ ...NEW, service: "stopped" },
			"create",
			{},
		],
		["finds everything in place", ENFORCED, "update", {}],
		["does not inspect the host", ENFORCED, "same", {}],
		[
			"does not repair a host that it does not inspect",
			{ ...ENFORCED, value: null },
			"same",
			{ after: null },
		],
		[
			"starts even a stopped service if a restart is pending",
			{ ...recorded({ restartPending: true }), service: "stopped" },
			"update",
			{ restart: PENDING },
		],
		[
			"of a replaced resource restores the earlier value first",
			ENFORCED,
			"replace",
			{ restart: READS },
		],
		[
			"takes over a host of this stack under another name",
			recorded({ owner: hostOwner("OLD", "ssh") }),
			"create",
			{},
		],
		[
			"finds that its stack was renamed",
			recorded({ stack: "organization/exchange-dirsync/old" }),
			"update",
			{},
		],
	])("%s", (_, inspection, operation, expected) => {
		expect(predict(inspection, operation)).toEqual({ ...NOTHING, ...expected });
	});

	it.each<[string, Inspection, Operation]>([
		["another-stack", recorded({ stack: "organization/x/y" }), "create"],
		["not-installed", { ...NEW, service: "not installed" }, "create"],
		[
			"cannot-preserve",
			{ ...NEW, value: { type: "REG_MULTI_SZ", data: "00" } },
			"create",
		],
		["cannot-restart", { ...NEW, canStart: false }, "create"],
		[
			"cannot-restart",
			{ ...recorded({ restartPending: true }), canStart: false },
			"update",
		],
	])(
		"is refused with %s, and then no cycle is started",
		(code, inspection, operation) => {
			const result = predict(inspection, operation, { kick: "create" });
			expect(result).toMatchObject({ refused: [code], cycles: [] });
			expect(result.after).toEqual(inspection.value);
		},
	);
});

describe("a kick", () => {
	const CAVEAT =
		"T1 starts only if the service was started with the value in place; otherwise the update ends with value-missing: have the value repaired first";
	const KICKED = { ...NOTHING, cycles: ["T1"] };

	it.each<[string, Inspection, Partial<Host>, object]>([
		["is sent", ENFORCED, {}, KICKED],
		[
			"is not sent again for the same triggers",
			recorded({ receipts: [ENTRY] }),
			{},
			{
				...NOTHING,
				notes: [
					`T1 was already started for these triggers at ${AT}: nothing is sent`,
				],
			},
		],
		[
			"is sent again after an unknown outcome if the user says so",
			recorded({ intent: ENTRY }),
			{ onUncertain: "retry" },
			KICKED,
		],
		[
			"is accepted as done if the user says so",
			recorded({ intent: ENTRY }),
			{ onUncertain: "accept" },
			{
				...NOTHING,
				notes: [`the attempt of ${AT} is accepted as done: nothing is sent`],
			},
		],
		[
			"is sent for the current triggers if the earlier attempt had others",
			recorded({ intent: OTHER }),
			{ onUncertain: "accept" },
			KICKED,
		],
		[
			"restarts a service that started before the value was written",
			{ ...ENFORCED, takesPause: false },
			{},
			{
				...KICKED,
				restart: "the service started before PauseKicksDX was written",
			},
		],
		[
			"makes a pending restart first",
			{ ...recorded({ restartPending: true }), service: "stopped" },
			{},
			{ ...KICKED, restart: PENDING },
		],
		[
			"may be refused if the value is gone and nothing shows what the service has read",
			{ ...ENFORCED, value: null },
			{},
			{ ...KICKED, after: null, notes: [CAVEAT] },
		],
		[
			"may be refused by a service that is restarted without the value",
			{ ...recorded({ restartPending: true }), value: null },
			{},
			{ ...KICKED, after: null, restart: PENDING, notes: [CAVEAT] },
		],
		[
			"is sent to a service that was started with the value, which is gone now",
			{ ...ENFORCED, value: null, takesPause: true },
			{},
			{ ...KICKED, after: null },
		],
	])("%s", (_, inspection, changes, expected) => {
		const host = { ...HOST, ...changes };
		expect(predict(inspection, "same", { kick: "replace", host })).toEqual(
			expected,
		);
	});

	it("has no such warning if the update repairs the value", () => {
		const inspection = { ...ENFORCED, value: null };
		const { notes } = predict(inspection, "update", { kick: "replace" });
		expect(notes).toEqual([]);
	});

	it("has its warning once for two cycles, by its type if that is known", () => {
		const predictor = new HostPredictor(HOST, STACK, {
			...ENFORCED,
			value: null,
		});
		predictor.kick(kickOf(HOST));
		predictor.kick({ ...kickOf(HOST), cycle: "cutover-harbor" });
		predictor.kick({ ...kickOf(HOST), cycle: "cutover-bay", type: null });
		expect(predictor.result().notes).toEqual([
			CAVEAT,
			CAVEAT.replace("T1", "the cycle"),
		]);
	});

	it.each<[string, Inspection]>([
		["outcome-unknown", recorded({ intent: ENTRY })],
		["outcome-unknown", recorded({ intent: OTHER })],
		["not-installed", { ...ENFORCED, service: "not installed" }],
		["not-running", { ...ENFORCED, service: "stopped" }],
		["not-running", { ...ENFORCED, service: "stopped", takesPause: false }],
		["takes-no-control", { ...ENFORCED, service: "paused" }],
		["takes-no-control", { ...ENFORCED, service: "pending" }],
		["value-missing", { ...ENFORCED, value: null, takesPause: false }],
		["cannot-restart", { ...ENFORCED, takesPause: false, canStart: false }],
	])("is refused with %s", (code, inspection) => {
		expect(predict(inspection, "same", { kick: "replace" })).toMatchObject({
			...{ refused: [code], cycles: [] },
		});
	});

	it("of a cutover is refused while an earlier T2 has no T3", () => {
		const inspection = recorded({ t2Open: true });
		const predictor = new HostPredictor(HOST, STACK, inspection);
		const kick = { ...kickOf(HOST), cycle: "cutover-harbor" };
		predictor.kick({ ...kick, t3BeforeT2: true });
		expect(predictor.result().refused.map(({ code }) => code)).toEqual([
			"t3-missing",
		]);
	});

	it("closes an open intent for the kick of a cutover in the same update", () => {
		const host: Host = { ...HOST, onUncertain: "retry" };
		const predictor = new HostPredictor(
			host,
			STACK,
			recorded({ intent: OTHER }),
		);
		predictor.kick(kickOf(host));
		predictor.kick({
			...{ ...kickOf(HOST), cycle: "cutover-harbor" },
			...{ token: undefined, t3BeforeT2: true },
		});
		const { cycles, refused } = predictor.result();
		expect(refused).toEqual([]);
		expect(cycles).toHaveLength(2);
	});

	it("with unknown settings is not refused, but the plan warns of an open intent", () => {
		const predictor = new HostPredictor(
			HOST,
			STACK,
			recorded({ intent: OTHER }),
		);
		predictor.kick({ ...kickOf(HOST), onUncertain: undefined });
		const { refused, notes } = predictor.result();
		expect(refused).toEqual([]);
		expect(notes[0]).toMatch(/unless onUncertain is retry or accept/);
	});

	it("names its reason and its triggers", () => {
		const predictor = new HostPredictor(
			HOST,
			STACK,
			recorded({ intent: OTHER }),
		);
		const host: Host = { ...HOST, onUncertain: "retry" };
		predictor.kick(kickOf(host, "replace"));
		expect(predictor.result().cycles[0]?.reason).toBe(
			`its triggers changed (a), although the outcome of the attempt of ${AT} is unknown`,
		);
	});
});

describe("the delete of the enforcement", () => {
	it.each<[string, Inspection, Partial<Host>, object]>([
		[
			"restores the earlier value",
			ENFORCED,
			{},
			{
				after: RECORD.previous,
				notes: ["the service is not restarted: it keeps the value it has read"],
			},
		],
		[
			"restores the absence of the value",
			recorded({ previous: null }),
			{},
			{ after: null },
		],
		[
			"removes the record if there is nothing to restore",
			recorded({ previous: ONE }),
			{},
			{ after: ONE, notes: ["its record on the host is removed"] },
		],
		[
			"keeps the value if onDestroy is keep",
			ENFORCED,
			{ onDestroy: "keep" },
			{
				notes: [
					"onDestroy is keep: the value is not changed",
					"its record on the host is removed",
				],
			},
		],
		[
			"changes nothing on a host without a record",
			{ ...ENFORCED, record: null },
			{},
			{ notes: ["there is no host record, so the value is not changed"] },
		],
		[
			"changes nothing on the host of another stack",
			recorded({ stack: "organization/x/y" }),
			{},
			{
				notes: [
					"the host belongs to organization/x/y, so the value is not changed",
				],
			},
		],
		[
			"reports that the record of a kick is deleted",
			recorded({ intent: ENTRY, previous: ONE }),
			{},
			{
				notes: [
					"the record of a kick with an unknown outcome is deleted",
					"its record on the host is removed",
				],
			},
		],
	])("%s", (_, inspection, changes, expected) => {
		const host = { ...HOST, ...changes };
		expect(predict(inspection, "delete", { host })).toMatchObject(expected);
	});
});

describe("a value that can be restored exactly", () => {
	it.each([
		["REG_DWORD", "7", true, true],
		["REG_SZ", "off 1", true, true],
		["REG_SZ", "a%b", false, false],
		["REG_SZ", "C:\\\\x", false, false],
		["REG_QWORD", "7", true, false],
		["REG_BINARY", "01,02", true, false],
		["REG_BINARY", Array(40).fill("00").join(","), false, false],
		["REG_NONE", "00", true, false],
		["REG_EXPAND_SZ", "41,00", false, false],
		["REG_MULTI_SZ", "41,00", false, false],
	])("%s %s by SSH: %s, over Samba: %s", (type, data, bySsh, overSamba) => {
		expect(isPreservable({ type, data }, "ssh")).toBe(bySsh);
		expect(isPreservable({ type, data }, "samba")).toBe(overSamba);
	});
});
