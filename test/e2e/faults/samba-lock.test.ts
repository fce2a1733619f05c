// @module-tag full
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NtHost } from "../../lab/nt/nt-host.ts";
import { descendants, signal } from "../../lab/processes.ts";
import { Bench, RECORD } from "../fixture.ts";
import { byHand, kickOf } from "./by-hand.ts";
import { kick, Trial } from "./outcomes.ts";

// Over Samba the host's lock is a registry key that remains if its holder dies. Runs on the same machine recognize a
// dead holder by its lock file, which the system has released. Runs on other machines wait. In this test a machine is
// a folder for such files.
const LOCK = `${RECORD}-lock`;
const STALE = { signed: 10, unsigned: 5 };
const bench = new Bench();
let host: NtHost;
let machines: string[];
let wishes = 0;

beforeAll(async () => {
	({ host } = await Trial.make<NtHost>(bench, {
		transport: "samba",
		make: "smb2",
	}));
	machines = await Promise.all(
		["a", "b", "c"].map((name) =>
			mkdtemp(join(tmpdir(), `dirsync-machine-${name}-`)),
		),
	);
	for (const machine of machines)
		bench.atEnd(() => rm(machine, { recursive: true }));
});
beforeEach(async () => {
	await host.atRest();
	// An earlier test may have left an open intent.
	await host.setRegistry(RECORD, "Intent", '"dx-intent:none"');
	wishes += 1;
	seen = (await host.cycles()).length;
	later = 0;
});
afterAll(() => bench.end());

let seen = 0;
let later = 0;

/** Starts a kick from one of the machines. Each begins later than all kicks before it and than the first update. */
function run(machine: number, onUncertain?: "retry") {
	later += 1;
	const { create, stdin } = kickOf(host, `wish ${wishes}`, {
		stale: STALE,
		...(onUncertain && { onUncertain }),
	});
	const at = new Date(Date.UTC(2037, 0, 1, wishes, later)).toISOString();
	return byHand(host, create(at.replace(".000", "")), stdin, {
		XDG_CACHE_HOME: machines[machine],
	});
}
type Script = ReturnType<typeof run>;

const cycles = async () => (await host.cycles()).length - seen;
const locked = () => host.registryDump(LOCK);
const started = /^T1 started: /m;
const waits = /^another run uses this host: waiting up to (\d+) s/m;

/** The script of a machine, and all processes that it started. */
const programs = (script: Script) => [
	...(script.pid === undefined ? [] : [script.pid]),
	...descendants(script.pid).map(({ pid }) => pid),
];

/** The script's shells, without `net`: its own timeout would expire while it is stopped. */
const shells = (script: Script) =>
	descendants(script.pid)
		.filter(({ command }) => !command.startsWith("net\0"))
		.map(({ pid }) => pid);

/** Kills the script and all its processes, as in a failure of the machine. */
async function kill(script: Script): Promise<void> {
	for (const pid of programs(script)) signal(pid, "SIGKILL");
	await script;
}

/** Blocks the script at a point, and runs `what` there. */
async function at(
	script: () => Script,
	when: "before" | "after",
	program: string,
	what: (script: Script) => unknown,
): Promise<{ ended: Script }> {
	const gate = await host.gate({ when, program });
	const held = script();
	try {
		await gate.reached();
		await what(held);
	} finally {
		await gate.open();
	}
	// In an object, because a promise would be awaited together with this one.
	return { ended: held };
}

const holder = (name: string | undefined) =>
	host.setRegistry(LOCK, "Holder", name && `"${name}"`);

/** Removes a lock that its holder never releases: a run takes it over. */
const unlock = async () => {
	await run(0);
	expect(await locked()).toBeUndefined();
};

describe("a lock of a dead holder", () => {
	it("on this machine is taken over at once, even while the holder's control is running", async () => {
		let next: Awaited<Script> | undefined;
		await at(
			() => run(0),
			"before",
			"pause",
			async (script) => {
				await kill(script);
				expect(await locked()).toBeDefined();
				next = await run(0);
			},
		);
		expect(next?.stdout).toMatch(kick("outcome-unknown"));
		expect(next?.stdout).not.toMatch(waits);
		await host.atRest();
		expect(await cycles()).toBe(1);
		expect(await locked()).toBeUndefined();
	});

	it("that died after its receipt leaves an open intent, which the next run closes", async () => {
		await at(() => run(0), "after", '"Receipt.', kill);
		await host.atRest();
		const intent = async () => (await host.registryKey(RECORD)).Intent;
		expect(await intent()).toContain("dx-intent:open");
		expect((await run(0)).stdout).toContain("was already started");
		expect(await intent()).toBe('"dx-intent:none"');
		expect(await cycles()).toBe(1);
	});

	it("stays locked until the net that the holder started has ended", async () => {
		let next: Awaited<Script> | undefined;
		await at(
			() => run(0),
			"before",
			"pause",
			async (script) => {
				for (const pid of shells(script)) signal(pid, "SIGKILL");
				next = await run(0);
			},
		);
		expect(next?.stdout).toMatch(kick("busy"));
		await host.atRest();
		expect(await cycles()).toBe(1);
		expect((await run(0)).stdout).toMatch(kick("outcome-unknown"));
		expect(await locked()).toBeUndefined();
	});

	it.each([
		["", "elsewhere-0123456789abcdef", STALE.signed],
		[", who had no time to say his name", undefined, STALE.unsigned],
	])(
		"on another machine%s is taken over after a wait",
		async (_, name, patience) => {
			await holder(name);
			const began = Date.now();
			const { stdout } = await run(0);
			expect(Date.now() - began).toBeGreaterThanOrEqual(patience * 1000 - 5000);
			expect(waits.exec(stdout)?.[1]).toBe(String(patience));
			expect(stdout).toMatch(started);
			expect(await cycles()).toBe(1);
			expect(await locked()).toBeUndefined();
		},
	);

	it("on another machine, left by a killed run, is taken over after a wait; its open intent fails the run", async () => {
		await at(() => run(0), "before", "pause", kill);
		const { stdout } = await run(1);
		expect(stdout).toMatch(waits);
		expect(stdout).toMatch(kick("outcome-unknown"));
		expect(await cycles()).toBe(1);
		expect(await locked()).toBeUndefined();
	});

	it("is taken over by only one of two simultaneous runs; the other fails with busy or runs later", async () => {
		await holder("elsewhere-0123456789abcdef");
		const gate = await host.gate({ when: "before", program: "broken-1" });
		const both = [run(0), run(1)];
		await gate.reached();
		// One run is blocked at the gate until the other one has ended.
		await Promise.race(both);
		await gate.open();
		const said = await Promise.all(both.map(async (one) => (await one).stdout));
		expect(said.filter((one) => started.test(one))).toHaveLength(1);
		expect(said.filter((one) => waits.test(one))).toHaveLength(2);
		expect(said.join("\n")).toMatch(/\[busy\]|was already started/);
		expect(await cycles()).toBe(1);
		expect(await locked()).toBeUndefined();
	});

	it("is not taken over if a third run acquires it first", async () => {
		await holder("elsewhere-0123456789abcdef");
		const first = await at(
			() => run(0),
			"before",
			"broken-1",
			async () => {
				// As if one run had taken the lock over and ended, and a third run had acquired it.
				await holder("third-0123456789abcdef");
			},
		);
		expect((await first.ended).stdout).toMatch(kick("busy"));
		expect(await cycles()).toBe(0);
		expect((await host.registryKey(LOCK)).Holder).toContain("third");
		await unlock();
	});
});

describe("a lock in use", () => {
	it("makes a run fail with busy if its holder changes during the wait", async () => {
		await holder("elsewhere-0123456789abcdef");
		const script = run(0);
		await expect
			.poll(async () => (await host.commands()).at(-1), { timeout: 30_000 })
			.toContain("-lock");
		await new Promise((resolve) => setTimeout(resolve, 2000));
		await holder("another-0123456789abcdef");
		const { stdout } = await script;
		expect(stdout).toMatch(waits);
		expect(stdout).toMatch(kick("busy"));
		expect((await host.registryKey(LOCK)).Holder).toContain("another");
		await unlock();
		expect(await cycles()).toBe(1);
	});

	it("makes a run fail with busy at once if its holder runs on this machine", async () => {
		let next: Awaited<Script> | undefined;
		const first = await at(
			() => run(0),
			"before",
			"pause",
			async () => {
				next = await run(0);
			},
		);
		expect(next?.stdout).toMatch(kick("busy"));
		expect(next?.stdout).not.toMatch(waits);
		expect((await first.ended).stdout).toMatch(started);
		expect(await cycles()).toBe(1);
	});
});

describe("a delayed run whose lock was taken over", () => {
	it.each([
		["once it has signed it", '"Holder"=', "busy"],
		["when it opens its intent", '"Intent"="dx-intent:open', "overtaken"],
	])(
		"%s sends nothing and does not remove the lock",
		async (_, program, code) => {
			const script = await at(
				() => run(0),
				"after",
				program,
				() => holder("elsewhere-0123456789abcdef"),
			);
			expect((await script.ended).stdout).toMatch(kick(code));
			expect(await cycles()).toBe(0);
			expect((await host.registryKey(LOCK)).Holder).toContain("elsewhere");
			await unlock();
		},
	);

	it("stopped before its intent sends nothing after the other run's kick and leaves no open intent", async () => {
		let stopped: number[] = [];
		const script = await at(
			() => run(0),
			"after",
			'"Holder"=',
			(held) => {
				stopped = shells(held);
				for (const pid of stopped) signal(pid, "SIGSTOP");
			},
		);
		expect((await run(1)).stdout).toMatch(started);
		const before = await host.registryKey(RECORD);
		for (const pid of stopped) signal(pid, "SIGCONT");
		expect((await script.ended).stdout).toMatch(kick("busy"));
		expect(await cycles()).toBe(1);
		expect(await host.registryKey(RECORD)).toEqual(before);
		expect(await locked()).toBeUndefined();
	});

	it("stopped during its control does not close the other run's intent", async () => {
		let stopped: number[] = [];
		const script = await at(
			() => run(0),
			"after",
			"pause",
			(held) => {
				stopped = programs(held);
				for (const pid of stopped) signal(pid, "SIGSTOP");
			},
		);
		// The other run finds the open intent, sends a kick because of `retry`, and is killed at that point.
		await at(() => run(1, "retry"), "after", "pause", kill);
		const before = await host.registryKey(RECORD);
		for (const pid of stopped) signal(pid, "SIGCONT");
		await script.ended;
		expect(await cycles()).toBe(2);
		expect(await host.registryKey(RECORD)).toEqual(before);
		await run(1);
	});
});
