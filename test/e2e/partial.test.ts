// @module-tag full
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnyHost } from "../lab/any-host.ts";
import type { LabHost } from "../lab/host.ts";
import type { Run, Stack } from "../stack.ts";
import { Bench, declare, type Entry, RECORD, SERVICE } from "./fixture.ts";

// Updates of a part of a stack, and updates that went wrong in a part of it: what became of the hosts, and what the stack
// then says of them.
const bench = new Bench();
afterAll(() => bench.end());

let first: LabHost;
let second: LabHost;
let third: AnyHost;
let stack: Stack;
let triggers = "initial-import";
/** Whether a cutover is declared too. It never gets to a step: its post office cannot be reached. */
let withCutover = true;

const entries = (): [Entry, ...Entry[]] => [
	{
		...{ name: "EXCH01", host: first },
		more: { cycle: { triggers: [triggers] } },
	},
	{
		...{ name: "EXCH02", host: second },
		more: { role: "server", cycle: { triggers: ["initial-import"] } },
	},
	{ name: "NT03", host: third },
];

/** A host that cannot be reached. */
const far = (): Entry => ({
	...{ name: "FAR04", host: first },
	more: {
		ssh: { ...first.wayIn().access, port: 9 },
		cycle: { triggers: ["initial-import"] },
	},
});
let withFar = false;

async function redeclare(): Promise<void> {
	const { privateKey, ...ssh } = first.ssh;
	await declare(stack, ...entries(), ...(withFar ? [far()] : []));
	const office = { name: "PO-HARBOR", role: "server", drive: "X" };
	const cutover = {
		...{ name: "harbor", run: "rehearsal-1", exchange: "EXCH01" },
		postOffices: [
			{
				...{ ...office, admin: "admin", directory: "C:\\MAILEXE" },
				ssh: { ...ssh, port: 10 },
			},
		],
		waits: { t1Delivered: { seconds: 1 }, t2Delivered: { seconds: 1 } },
	};
	await stack.configure({
		cutovers: withCutover ? [cutover] : [],
		credentials: {
			...(await stack.configured("credentials")),
			...(withCutover && {
				"PO-HARBOR": { privateKey, adminPassword: "secret" },
			}),
		},
	});
}

beforeAll(async () => {
	[first, second, third] = await Promise.all([
		bench.host(),
		bench.host({ role: "server" }),
		bench.anyHost({ way: "samba" }),
	]);
	stack = await bench.stack();
	await redeclare();
});

const cycles = async () => ({
	EXCH01: (await first.cycles()).map(({ type }) => type),
	EXCH02: (await second.cycles()).map(({ type }) => type),
});
const connections = async () => [
	await first.connections(),
	await second.connections(),
	await third.connections(),
];

/** What no run of Pulumi may show: words of the program's own trouble, and Pulumi's marker of an unknown value. */
const TROUBLE = /undefined|unhandled|04da6b54-80e4-46f7-96ec-b56ff0331ba9/i;

/** Runs Pulumi, which ends with that exit code. */
async function pulumi(exitCode: number, ...args: string[]): Promise<Run> {
	const run = await stack.pulumi(...args);
	expect(run, run.output).toMatchObject({ exitCode });
	expect(run.output).not.toMatch(TROUBLE);
	return run;
}

const up = (exitCode: number, ...args: string[]) =>
	pulumi(exitCode, "up", "--yes", "--skip-preview", ...args);

/** The stack's outputs, which hold no unknown values. */
async function outputs() {
	const told = await stack.outputs();
	expect(JSON.stringify(told)).not.toMatch(TROUBLE);
	return told;
}

const enforced = { value: 1, previous: "absent", restarted: true };
const kicked = (type: string, ...own: string[]) => ({
	...{ type, triggers: own },
	kickedAt: expect.any(String),
	evidence: expect.any(String),
});
const EXCH01 = () => ({ ...enforced, cycle: kicked("T1", triggers) });

describe("an update of a part", () => {
	it("with --target does that part, exits with 0, and the outputs tell of it alone", async () => {
		const only = ["--target", "**::EXCH01", "--target", "**::EXCH01-cycle"];
		await plan(...only);
		expect(await cycles()).toEqual({ EXCH01: ["T1"], EXCH02: [] });
		expect(await outputs()).toEqual({
			hosts: { EXCH01: EXCH01() },
			cutovers: {},
		});

		const before = await connections();
		await up(0, ...only);
		expect(await connections()).toEqual(before);
		expect(before.slice(1)).toEqual([0, 0]);
	});

	it("with --exclude leaves that part out, and keeps what was there before", async () => {
		await up(
			0,
			...["--exclude", "**::EXCH02", "--exclude", "**::EXCH02-cycle"],
			...["--exclude", "**PostOfficeCutover**"],
		);
		expect(await third.registryValue(SERVICE, "PauseKicksDX")).toBe(
			"dword:00000001",
		);
		expect(await cycles()).toEqual({ EXCH01: ["T1"], EXCH02: [] });
		expect((await connections())[1]).toBe(0);
		expect(await outputs()).toEqual({
			hosts: { EXCH01: EXCH01(), NT03: enforced },
			cutovers: {},
		});
	});

	it("with --target-dependents takes a host's cycle along; where that fails, the outputs stay", async () => {
		await second.stopService();
		const { output } = await up(
			...([1, "--target", "**::EXCH02", "--target-dependents"] as const),
		);
		expect(output).toContain("EXCH02, kick");
		expect(output).toContain("[not-running");
		expect(await second.registryValue(SERVICE, "PauseKicksDX")).toBe(
			"dword:00000001",
		);
		expect(await cycles()).toEqual({ EXCH01: ["T1"], EXCH02: [] });
		expect(await outputs()).toEqual({
			hosts: { EXCH01: EXCH01(), NT03: enforced },
			cutovers: {},
		});
	});
});

describe("after a failure", () => {
	/** The service was not running, so there was nothing to restart. */
	const halfDone = { ...enforced, restarted: false };

	it("an update with --continue-on-error does the rest, and the outputs lack what failed: a host, the cycle of another, the cutover", async () => {
		withFar = true;
		triggers = "second-import";
		await redeclare();
		const { output } = await up(1, "--continue-on-error");
		for (const name of ["EXCH02-cycle", "FAR04", "harbor-PO-HARBOR"])
			expect(output).toContain(` ${name} **creating failed**`);
		expect(await cycles()).toEqual({ EXCH01: ["T1", "T1"], EXCH02: [] });
		expect(await outputs()).toEqual({
			hosts: { EXCH01: EXCH01(), EXCH02: halfDone, NT03: enforced },
			cutovers: {},
		});
	});

	it("a refresh that runs the program changes nothing, neither hosts nor outputs", async () => {
		const before = await connections();
		await pulumi(0, "refresh", "--run-program", "--yes", "--skip-preview");
		expect(await connections()).toEqual(before);
		expect(await outputs()).toEqual({
			hosts: { EXCH01: EXCH01(), EXCH02: halfDone, NT03: enforced },
			cutovers: {},
		});
	});

	it("an update with --refresh tries the failed step again and no other", async () => {
		await up(1, "--refresh");
		expect(await cycles()).toEqual({ EXCH01: ["T1", "T1"], EXCH02: [] });
	});

	it("a plan is kept to by the update, which sends what was still to be sent", async () => {
		await second.startService();
		withFar = false;
		withCutover = false;
		await redeclare();
		await plan();
		expect(await cycles()).toEqual({ EXCH01: ["T1", "T1"], EXCH02: ["T2"] });
		expect(await outputs()).toEqual({
			hosts: {
				EXCH01: EXCH01(),
				EXCH02: { ...halfDone, cycle: kicked("T2", "initial-import") },
				NT03: enforced,
			},
			cutovers: {},
		});
	});

	it("a plan is kept to where a trigger changed, and --refresh changes nothing afterwards", async () => {
		triggers = "third-import";
		await redeclare();
		await plan();
		const done = { EXCH01: ["T1", "T1", "T1"], EXCH02: ["T2"] };
		expect(await cycles()).toEqual(done);
		const before = await connections();
		await up(0, "--refresh");
		expect(await connections()).toEqual(before);
	});
});

describe("a host that is moved to another stack of the same backend", () => {
	it("keeps its record and its cycle, and starts none", async () => {
		const kept = await outputs();
		const done = await cycles();
		const before = await connections();
		const other = await stack.beside("other");
		const { output } = await stack.must("stack", "--show-urns");
		const [urn = ""] = output.match(/urn:\S+PauseKicksDX::EXCH01(?=\s)/) ?? [];
		await stack.must(
			...["state", "move", "--yes", "--source", "lab", "--dest", "other", urn],
		);
		const [entry, ...rest] = entries();
		await declare(other, entry);
		await declare(stack, ...rest);
		await up(0);
		await other.must("up", "--yes", "--skip-preview");
		expect(await cycles()).toEqual(done);
		// The record has the new stack's name from now on; the other hosts were not asked.
		expect(await first.registryDump(RECORD)).toContain("/other;");
		expect((await connections()).slice(1)).toEqual(before.slice(1));
		const hosts = [await outputs(), await other.outputs()].map(
			(told) => told.hosts as object,
		);
		expect(Object.assign({}, ...hosts)).toEqual({
			...(kept.hosts as object),
			EXCH01: { ...EXCH01(), restarted: false },
		});
	});
});

describe("what was destroyed by --target", () => {
	it("is in the outputs no longer, after the next update that leaves it out", async () => {
		await pulumi(
			0,
			...["destroy", "--yes", "--skip-preview"],
			...["--target", "**::EXCH02", "--target-dependents"],
		);
		expect(await second.registryValue(SERVICE, "PauseKicksDX")).toBeUndefined();
		await up(0, "--target", "**::NT03");
		expect(await outputs()).toEqual({
			hosts: { NT03: enforced },
			cutovers: {},
		});
	});

	it("does not trouble a destroy that runs the program", async () => {
		await pulumi(0, "destroy", "--run-program", "--yes", "--skip-preview");
		expect(await third.registryValue(SERVICE, "PauseKicksDX")).toBeUndefined();
		expect(await cycles()).toMatchObject({ EXCH02: ["T2"] });
	});
});

/** A preview, and the update that is held to it. */
async function plan(...args: string[]): Promise<void> {
	await pulumi(0, "preview", "--save-plan=plan.json", ...args);
	await up(0, "--plan=plan.json", ...args);
}
