import { describe, expect, it } from "vitest";
import { readEvents } from "../../../../src/cli/report/events.ts";
import {
	configOf,
	type Done,
	eventsOf,
	exportOf,
	harbor,
	logOf,
	PROGRAM,
	REQUESTOR,
	reportOf,
	SERVER,
	WHOLE,
} from "./fixture.ts";

// The report of a program that uses the library: its configuration has no cutovers, so they are read from the state.
const NO_CONFIG = { "bay:region": { value: "north", secret: false } };

type Options = Parameters<typeof exportOf>[1];

/** The report of the state after these steps. */
const report = (
	done: readonly Done[],
	options: Options = {},
	more: { log?: NonNullable<Parameters<typeof reportOf>[1]>["log"] } = {},
) =>
	reportOf(exportOf(done, { ...PROGRAM, ...options }), {
		config: NO_CONFIG,
		...more,
	});

const cutover = (...args: Parameters<typeof report>) => {
	const [one, ...others] = report(...args).cutovers;
	if (!one || others.length > 0) throw new Error("not one cutover");
	return one;
};

/** The steps in one of the states, as `PO-HARBOR reqmain -t`. */
const told = (state: string, ...args: Parameters<typeof report>) =>
	cutover(...args)
		.steps.filter((step) => step.state === state)
		.map(({ host, label }) => `${host} ${label}`);

/** What the component has as output after a whole run. */
const outputOf = (done: readonly Done[]) =>
	done.map(([step]) => ({
		step,
		host: step === "t1-delivered" ? "PO-HARBOR" : "",
	}));

describe("a cutover in the state of a program of its own", () => {
	it("has the same steps as if it were configured", () => {
		const same = { ...PROGRAM, steps: outputOf(WHOLE) };
		const [configured] = reportOf(exportOf(WHOLE)).cutovers;
		expect(cutover(WHOLE, same)).toEqual({
			...configured,
			component: PROGRAM.component,
			isDerived: true,
		});
	});

	it("continues with the steps whose predecessors are done", () => {
		expect(told("next", WHOLE.slice(0, 4))).toEqual(["PO-HARBOR srvmain -r"]);
		expect(told("open", WHOLE.slice(0, 4))).toHaveLength(8);
		expect(cutover(WHOLE.slice(0, 4)).repeatReason).toBeUndefined();
	});

	it("names the step that an update is running", () => {
		const pending = ["PO-HARBOR-srvmain-r"];
		expect(told("pending", WHOLE.slice(0, 4), { pending })).toEqual([
			"PO-HARBOR srvmain -r",
		]);
	});

	it("has Exchange as the dirsync server, with the note that T3 is done", () => {
		const { steps } = cutover([], { exchange: SERVER });
		expect(steps.at(-1)?.label).toBe("T3 done");
	});

	it("does not know the host of a wait before a whole run", () => {
		const hosts = cutover(WHOLE.slice(0, 4))
			.steps.filter(({ kind }) => kind === "wait")
			.map(({ host }) => host);
		expect(hosts).toEqual([undefined, undefined]);
	});

	it("has the steps of post offices on one machine in sequence", () => {
		const { steps } = cutover([], {
			onOneMachine: ["PO-AFT", "PO-BOW"],
			parts: [
				REQUESTOR,
				"PO-HARBOR server",
				"PO-AFT requestor",
				"PO-BOW requestor",
				"PO-PIER requestor",
			],
		});
		const first = steps.filter(({ label }) => label === "reqmain -t");
		expect(first.map(({ host, after }) => [host, after])).toEqual([
			["PO-HARBOR", []],
			["PO-PIER", []],
			["PO-AFT", ["harbor-PO-HARBOR-reqmain-t"]],
			["PO-BOW", ["harbor-PO-AFT-reqmain-t"]],
		]);
	});

	it("does not show a run that is a secret", () => {
		const run = {
			"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
			ciphertext: "v1:2h1u07XO6N4etsq6:0",
		};
		expect(cutover(WHOLE, { run }).run).toBe("(a secret)");
	});
});

describe("T3 on the post offices", () => {
	const before = WHOLE.slice(0, 7);
	const t3 = (...args: Parameters<typeof report>) =>
		cutover(...args).steps.filter(({ phase }) => phase === "T3").length;

	it("is assumed before a whole run", () => {
		expect(t3(before)).toBe(6);
	});

	it("is not a part of the cutover if a whole run had none", () => {
		expect(t3(before, { steps: outputOf(before) })).toBe(0);
	});

	it("is a part of it once it has begun, whatever an earlier run had", () => {
		expect(t3(WHOLE.slice(0, 8), { steps: outputOf(before) })).toBe(6);
	});
});

describe("several cutovers in the state", () => {
	it("have T3 on the post offices by what each of them has run", () => {
		const before = WHOLE.slice(0, 7);
		const state = exportOf(before, { ...PROGRAM, steps: outputOf(before) });
		const { resources } = exportOf(WHOLE.slice(0, 8), PROGRAM).deployment;
		const renamed = JSON.parse(
			JSON.stringify(resources).replaceAll(/harbor(?!1)/g, "harbor-bay"),
		);
		state.deployment.resources.push(...renamed.slice(1));
		const { cutovers } = reportOf(state, { config: NO_CONFIG });
		expect(
			cutovers.map(({ name, steps }) => [
				name,
				steps.filter(({ phase }) => phase === "T3").length,
			]),
		).toEqual([
			["harbor", 0],
			["harbor-bay", 6],
		]);
	});

	/** The resources of a second component with a cutover of the same name. */
	const both = (other: Options) => {
		const one = exportOf(WHOLE, PROGRAM);
		const two = exportOf([], { ...PROGRAM, ...other });
		one.deployment.resources.push(...two.deployment.resources);
		return one;
	};
	const south = "corp:mail:Bay$exchange-dirsync:index:PostOfficeCutover";

	it("of the same name are told apart by the components around them", () => {
		const { cutovers } = reportOf(both({ component: south }), {
			config: NO_CONFIG,
		});
		const done = cutovers.map(
			({ steps }) => steps.filter(({ state }) => state === "done").length,
		);
		expect(done).toEqual([13, 0]);
	});

	it("of the same name get the failures of their own resources", () => {
		const failure = {
			resource: "harbor-EXCH01-kick",
			types: `${south}$command:remote:Command`,
			problem: "x",
			details: [],
		};
		const { cutovers } = reportOf(both({ component: south }), {
			config: NO_CONFIG,
			log: { failures: [failure] },
		});
		const failures = cutovers.map(({ steps }) =>
			steps.filter((step) => step.failure).map(({ id }) => id),
		);
		expect(failures).toEqual([[], ["harbor-EXCH01-kick"]]);
	});
});

describe("failures from an event log", () => {
	const done: Done[] = [["PO-HARBOR-reqmain-t", "2026-11-25T22:00:05Z", 2]];

	it("are at their step", () => {
		const log = readEvents(eventsOf("failed"));
		expect(told("failed", done, {}, { log })).toEqual(["PO-PIER reqmain -t"]);
		expect(report(done, {}, { log }).others).toEqual([]);
	});

	it("of the program are outside the cutovers", () => {
		const log = readEvents(eventsOf("thrown"));
		expect(report(done, {}, { log }).others).toMatchObject([
			{ resource: "the update" },
		]);
	});

	it.each([
		["exchange-dirsync:index:PauseKicksDX$command:remote:Command", 1],
		["aws:ec2/instance:Instance", 0],
	])(
		"of a resource EXCH01 of the type %s: %i of them stop the cutover",
		(types, count) => {
			const failure = { resource: "EXCH01", types, problem: "x", details: [] };
			const log = { failures: [failure] };
			expect(cutover([], {}, { log }).before).toHaveLength(count);
			expect(report([], {}, { log }).others).toHaveLength(1 - count);
		},
	);

	it("of a post office stop its own cutover", () => {
		const log = logOf({ "harbor-PO-PIER": "error: x" });
		expect(cutover([], {}, { log }).before).toHaveLength(1);
	});
});

describe("the configuration", () => {
	it("has precedence over the state, under the name of the project", () => {
		const own = configOf([harbor(REQUESTOR, { run: "rehearsal-2" })]);
		const config = Object.fromEntries(
			Object.entries(own).map(([key, entry]) => [
				key.replace("exchange-dirsync:", "bay:"),
				entry,
			]),
		);
		const state = exportOf(WHOLE, { project: "bay" });
		expect(reportOf(state, { config }).cutovers).toMatchObject([
			{
				isDerived: false,
				repeatReason: "The configuration has the run rehearsal-2",
			},
		]);
	});

	it("with keys of another namespace is not this project's", () => {
		const { cutovers } = reportOf(exportOf(WHOLE, PROGRAM), {
			config: configOf(),
		});
		expect(cutovers).toMatchObject([{ isDerived: true }]);
	});

	it("with keys of another namespace is refused if the state has no cutover, and so is a single key among others", () => {
		const { resources } = exportOf([], PROGRAM).deployment;
		const state = { deployment: { resources: resources.slice(0, 1) } };
		const rename =
			/^The configuration has exchange-dirsync:(\w+), but this project reads bay:\1: .* Rename the keys in the stack file$/;
		expect(() => reportOf(state, { config: configOf() })).toThrow(rename);
		const { "exchange-dirsync:credentials": credentials, ...own } = configOf();
		const mixed = Object.fromEntries(
			Object.entries(own).map(([key, entry]) => [
				key.replace("exchange-dirsync:", "bay:"),
				entry,
			]),
		);
		const config = { ...mixed, "exchange-dirsync:credentials": credentials };
		expect(() => reportOf(state, { config })).toThrow(rename);
	});

	it("with hosts only leaves the cutovers to the state", () => {
		expect(
			reportOf(exportOf(WHOLE), { config: configOf([]) }).cutovers,
		).toMatchObject([{ isDerived: true }]);
	});
});

describe("the report fails if there are cutovers neither in the configuration nor in the state, which has", () => {
	const nothing = (resources: object[]) => () =>
		reportOf({ deployment: { resources } }, { config: NO_CONFIG });
	const { resources } = exportOf([], PROGRAM).deployment;

	it.each([
		["other resources only", resources.slice(0, 1)],
		["the component, and not yet its run", resources.slice(0, 2)],
		[
			"a cutover that is being deleted",
			resources.map((one) => ({ ...one, delete: true })),
		],
	])("%s", (_, some) => {
		expect(nothing(some)).toThrow(
			/^Stack lab has no cutovers: declare one under \S+:cutovers .* run pulumi up first/,
		);
	});
});
