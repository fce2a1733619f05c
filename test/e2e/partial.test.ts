// @module-tag full
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnyHost } from "../lab/any-host.ts";
import type { LabHost } from "../lab/host.ts";
import type { Run, Stack } from "../stack.ts";
import { Bench, declare, type Entry, RECORD, SERVICE } from "./fixture.ts";

// Updates of a part of a stack, and updates that failed in a part of it: the result on the hosts and in the stack's
// outputs.
const bench = new Bench();
afterAll(() => bench.end());

let first: LabHost;
let second: LabHost;
let third: AnyHost;
let stack: Stack;
let triggers = "initial-import";
/** Whether a cutover is declared too. It never runs a step, because its post office cannot be reached. */
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
		ssh: { ...first.transportOf().access, port: 9 },
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
		bench.anyHost({ transport: "samba" }),
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

/** What Pulumi must never print: signs of an error in the program, and Pulumi's marker of an unknown value. */
const TROUBLE = /undefined|unhandled|04da6b54-80e4-46f7-96ec-b56ff0331ba9/i;

/** Runs Pulumi and expects that exit code. */
async function pulumi(exitCode: number, ...args: string[]): Promise<Run> {
	const run = await stack.pulumi(...args);
	expect(run, run.output).toMatchObject({ exitCode });
	expect(run.output).not.toMatch(TROUBLE);
	return run;
}

const up = (exitCode: number, ...args: string[]) =>
	pulumi(exitCode, "up", "--yes", "--skip-preview", ...args);

/** The stack's outputs. They must contain no unknown value. */
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

describe("an update of a part of a stack", () => {
	it("with --target updates only that part, exits with 0, and outputs only that part", async () => {
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

	it("with --exclude omits that part, and keeps the earlier outputs", async () => {
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

	it("with --target-dependents includes the host's cycle; if the cycle fails, the outputs stay the same", async () => {
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

	it("an update with --continue-on-error does the rest, and the outputs omit only what failed", async () => {
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

	it("a refresh with --run-program changes neither hosts nor outputs", async () => {
		const before = await connections();
		await pulumi(0, "refresh", "--run-program", "--yes", "--skip-preview");
		expect(await connections()).toEqual(before);
		expect(await outputs()).toEqual({
			hosts: { EXCH01: EXCH01(), EXCH02: halfDone, NT03: enforced },
			cutovers: {},
		});
	});

	it("an update with --refresh repeats the failed step and no other", async () => {
		await up(1, "--refresh");
		expect(await cycles()).toEqual({ EXCH01: ["T1", "T1"], EXCH02: [] });
	});

	it("an update with a plan follows it, and sends the cycle that was still pending", async () => {
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

	it("an update with a changed trigger follows its plan, and --refresh changes nothing afterwards", async () => {
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
	it("keeps its record and its cycle, and starts no cycle", async () => {
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
		// The record now has the name of the new stack. The update did not connect to the other hosts.
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

describe("a part that was destroyed with --target", () => {
	it("is removed from the outputs by the next update that omits it", async () => {
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

	it("does not disturb a later destroy with --run-program", async () => {
		await pulumi(0, "destroy", "--run-program", "--yes", "--skip-preview");
		expect(await third.registryValue(SERVICE, "PauseKicksDX")).toBeUndefined();
		expect(await cycles()).toMatchObject({ EXCH02: ["T2"] });
	});
});

/** Runs a preview that saves a plan, and the update that must follow this plan. */
async function plan(...args: string[]): Promise<void> {
	await pulumi(0, "preview", "--save-plan=plan.json", ...args);
	await up(0, "--plan=plan.json", ...args);
}
