import { describe, expect, it } from "vitest";
import type { Report } from "../../../../src/cli/report/model.ts";
import {
	configOf,
	exportOf,
	failed,
	harbor,
	logOf,
	MISMATCH,
	REQUESTOR,
	reportOf,
	SERVER,
	WHOLE,
} from "./fixture.ts";

const cutover = (report: Report, index = 0) => {
	const one = report.cutovers[index];
	if (!one) throw new Error(`no cutover ${index}`);
	return one;
};

/** The steps in one of the states, as `PO-HARBOR reqmain -t: done`. */
const told = (report: Report, ...states: string[]) =>
	cutover(report)
		.steps.filter(({ state }) => states.includes(state))
		.map(({ host, label, state }) => `${host} ${label}: ${state}`);

const step = (report: Report, id: string) =>
	cutover(report).steps.find((one) => one.id === `harbor-${id}`);

describe("a cutover that is done", () => {
	const report = reportOf(exportOf(WHOLE));

	it("has every step done, with host, phase, times and evidence", () => {
		expect(told(report, "done")).toHaveLength(13);
		expect(step(report, "EXCH01-kick")).toMatchObject({
			phase: "T1",
			host: "EXCH01",
			label: "kick",
			start: Date.parse("2026-11-25T22:00:15Z"),
			end: Date.parse("2026-11-25T22:00:17Z"),
			evidence:
				"T1 started: net pause answered NET HELPMSG 3539 as expected, the service runs",
		});
	});

	it("has no host for a wait of a fixed time", () => {
		expect(step(report, "t2-delivered")).toMatchObject({
			phase: "wait",
			host: "",
			label: "t2Delivered",
		});
	});

	it("has the run, the Exchange host and the post offices", () => {
		expect(cutover(report)).toMatchObject({
			run: "rehearsal-1",
			exchange: { name: "EXCH01", role: "requestor" },
			postOffices: [
				{ name: "PO-HARBOR", role: "server" },
				{ name: "PO-PIER", role: "requestor" },
			],
			repeatReason: undefined,
		});
	});
});

describe("a cutover with Exchange as the dirsync server", () => {
	const config = (changes = {}) => configOf([harbor(SERVER, changes)], SERVER);
	const labels = (changes = {}) =>
		cutover(
			reportOf(exportOf([], { exchange: SERVER }), {
				config: config(changes),
			}),
		).steps.map(({ phase, label }) => `${phase} ${label}`);

	it("has the kick as T2 after the wait, and records T3 at the end", () => {
		expect(labels()).toEqual([
			"T1 reqmain -t",
			"T1 reqmain -t",
			"wait t1Delivered",
			"T2 kick",
			"wait t2Delivered",
			...["T3 reqmain -r", "T3 import", "T3 rebuild"],
			...["T3 reqmain -r", "T3 import", "T3 rebuild"],
			"T3 T3 done",
		]);
	});

	it("does not record T3 if applyOnPostOffices is false", () => {
		expect(labels({ applyOnPostOffices: false })).not.toContain("T3 T3 done");
	});
});

describe("an unfinished cutover", () => {
	it("without a log continues with the steps whose predecessors are done", () => {
		const report = reportOf(exportOf(WHOLE.slice(0, 4)));
		expect(report.hasLog).toBe(false);
		expect(told(report, "next")).toEqual(["PO-HARBOR srvmain -r: next"]);
		expect(told(report, "failed")).toEqual([]);
		expect(told(report, "open")).toHaveLength(8);
	});

	it("with a log has the failure at its step", () => {
		const report = reportOf(exportOf(WHOLE.slice(0, 4)), {
			log: logOf({ "harbor-PO-HARBOR-srvmain-r": failed(MISMATCH) }),
		});
		expect(step(report, "PO-HARBOR-srvmain-r")).toMatchObject({
			state: "failed",
			failure: { code: "program-failed", number: "number 156" },
		});
		expect(told(report, "failed", "next")).toHaveLength(1);
		expect(report.others).toEqual([]);
	});

	it("with a part of a log assigns the failure by host and step", () => {
		const report = reportOf(exportOf(WHOLE.slice(0, 4)), { log: MISMATCH });
		expect(told(report, "failed")).toEqual(["PO-HARBOR srvmain -r: failed"]);
	});

	it("ignores a failure in a log that is older than the success", () => {
		const report = reportOf(exportOf(WHOLE.slice(0, 5)), {
			log: logOf({ "harbor-PO-HARBOR-srvmain-r": failed(MISMATCH) }),
		});
		expect(told(report, "failed")).toEqual([]);
		expect(report.others).toEqual([]);
	});

	it("names the step that an update is running, or was running when it was killed", () => {
		const report = reportOf(
			exportOf(WHOLE.slice(0, 4), { pending: ["PO-HARBOR-srvmain-r"] }),
		);
		expect(told(report, "pending", "next")).toEqual([
			"PO-HARBOR srvmain -r: pending",
		]);
	});

	it.each([
		["harbor-PO-HARBOR", "PO-HARBOR, post office: x [busy]. Wait."],
		["EXCH01", "EXCH01, registry: x [access-denied, Windows 5]. Log in."],
		["EXCH01", "after 1 failed attempts: dial tcp: connection refused"],
	])("has a failure that prevented its first step: %s", (resource, text) => {
		const report = reportOf(exportOf([]), {
			log: logOf({ [resource]: `error: ${text}` }),
		});
		expect(cutover(report).before).toMatchObject([{ resource }]);
		expect(report.others).toEqual([]);
	});

	it("has a failure of another resource, which also ended the update", () => {
		const { others } = reportOf(exportOf([]), {
			log: logOf({ EXCH09: "error: ssh: unable to authenticate" }),
		});
		expect(others).toMatchObject([{ resource: "EXCH09", code: "no-log-in" }]);
	});
});

describe("a step of an earlier run", () => {
	it("is not done in this run", () => {
		const report = reportOf(exportOf(WHOLE, { of: "harbor0" }));
		expect(told(report, "done")).toEqual([]);
		expect(told(report, "next")).toEqual([
			"PO-HARBOR reqmain -t: next",
			"PO-PIER reqmain -t: next",
		]);
		expect(step(report, "EXCH01-kick")).toMatchObject({ evidence: "" });
	});

	it("is not done if it is only pending deletion", () => {
		const state = exportOf(WHOLE);
		const resources = state.deployment.resources.map((resource) => ({
			...resource,
			delete: resource.urn.endsWith("::harbor-EXCH01-kick"),
		}));
		const report = reportOf({ deployment: { resources } });
		expect(told(report, "next")).toEqual(["EXCH01 kick: next"]);
	});
});

describe("a configuration that changed after the last update", () => {
	it("with another run shows the last run and names the new one", () => {
		const report = reportOf(
			exportOf(WHOLE.slice(0, 4), { run: "rehearsal-0" }),
		);
		expect(cutover(report)).toMatchObject({
			run: "rehearsal-0",
			repeatReason: "The configuration has the run rehearsal-1",
		});
		expect(told(report, "next")).toEqual([]);
	});

	it("with other post offices shows those of the last run", () => {
		const report = reportOf(
			exportOf(WHOLE.slice(0, 1), { parts: [REQUESTOR, "PO-HARBOR server"] }),
		);
		expect(cutover(report).postOffices).toHaveLength(1);
		expect(cutover(report).repeatReason).toMatch(/other post offices/);
	});
});

it("a stack that was never updated has no step done, failed or pending", () => {
	const report = reportOf({ version: 3, deployment: {} });
	expect(told(report, "done", "failed", "pending")).toEqual([]);
	expect(report.stateTime).toBe("");
});

it("the steps of post offices on one machine follow each other", () => {
	const { postOffices, ...rest } = harbor();
	const together = postOffices.map((office) => ({
		...office,
		ssh: postOffices[0]?.ssh,
	}));
	const report = reportOf(exportOf([]), {
		config: configOf([{ ...rest, postOffices: together }]),
	});
	expect(step(report, "PO-PIER-reqmain-t")?.after).toEqual([
		"harbor-PO-HARBOR-reqmain-t",
	]);
});

it("a failure is assigned to its own cutover if two cutovers have the same post offices", () => {
	const config = configOf([harbor(), harbor(REQUESTOR, { name: "bay" })]);
	const report = reportOf(exportOf(WHOLE), {
		config,
		log: logOf({ "bay-EXCH01-kick": "error: EXCH01, kick: x [near-hour]. y" }),
	});
	const states = cutover(report, 1).steps.map(({ id, state }) => [id, state]);
	expect(states).toContainEqual(["bay-EXCH01-kick", "failed"]);
	expect(told(report, "failed")).toEqual([]);
});

describe("the report fails for a configuration with", () => {
	it.each([
		["cutovers with a secret", { cutovers: { secret: true } }, /is a secret/],
		[
			"cutovers that are none",
			{ cutovers: { value: '[{"name":"harbor"}]' } },
			/^Invalid configuration for stack lab \(\d errors\):/,
		],
		[
			"an unknown Exchange host",
			{ cutovers: { value: JSON.stringify([harbor("EXCH07 requestor")]) } },
			/there is no EXCH07/,
		],
	])("%s", (_, entries, says) => {
		const config = Object.fromEntries(
			Object.entries(entries).map(([key, entry]) => [
				`exchange-dirsync:${key}`,
				entry,
			]),
		);
		expect(() => reportOf(exportOf([]), { config })).toThrow(says);
	});
});
