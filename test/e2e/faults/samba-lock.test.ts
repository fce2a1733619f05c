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

// P5 and P8 over Samba: the host's lock is a key that outlives its holder. Runs of this machine tell a dead holder by the
// file that the system let go of; those of others wait. A machine is a folder for such files here.
const LOCK = `${RECORD}-lock`;
const STALE = { signed: 10, unsigned: 5 };
const bench = new Bench();
let host: NtHost;
let machines: string[];
let wishes = 0;

beforeAll(async () => {
	({ host } = await Trial.make<NtHost>(bench, { way: "samba", make: "smb2" }));
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
	// What a test before left open is another matter.
	await host.setRegistry(RECORD, "Intent", '"dx-intent:none"');
	wishes += 1;
	seen = (await host.cycles()).length;
	later = 0;
});
afterAll(() => bench.end());

let seen = 0;
let later = 0;

/** A kick by one of the machines; each began later than the one before it, and than the update at the start. */
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

/** The script of a machine, and all that it started. */
const programs = (script: Script) => [
	...(script.pid === undefined ? [] : [script.pid]),
	...descendants(script.pid).map(({ pid }) => pid),
];

/** Those of them that are not net, which has a life of its own and would give up waiting. */
const shells = (script: Script) =>
	descendants(script.pid)
		.filter(({ command }) => !command.startsWith("net\0"))
		.map(({ pid }) => pid);

/** The machine is gone, so to speak. */
async function kill(script: Script): Promise<void> {
	for (const pid of programs(script)) signal(pid, "SIGKILL");
	await script;
}

/** Holds the script at a point, and does something to it there. */
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
	// In an object: who waits for this need not wait for its end.
	return { ended: held };
}

const holder = (name: string | undefined) =>
	host.setRegistry(LOCK, "Holder", name && `"${name}"`);

/** A lock that nobody lets go of any more. */
const unlock = async () => {
	await run(0);
	expect(await locked()).toBeUndefined();
};

describe("a lock whose holder is dead", () => {
	it("on this machine is taken over at once, while its control is under way", async () => {
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

	it("behind its receipt left an intent open, which the next one closes", async () => {
		await at(() => run(0), "after", '"Receipt.', kill);
		await host.atRest();
		const intent = async () => (await host.registryKey(RECORD)).Intent;
		expect(await intent()).toContain("dx-intent:open");
		expect((await run(0)).stdout).toContain("was already started");
		expect(await intent()).toBe('"dx-intent:none"');
		expect(await cycles()).toBe(1);
	});

	it("but whose net lives on is held until that has ended", async () => {
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
		"on another machine%s is waited for, then taken over",
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

	it("on another machine, for real, is waited for, and its intent asked about", async () => {
		await at(() => run(0), "before", "pause", kill);
		const { stdout } = await run(1);
		expect(stdout).toMatch(waits);
		expect(stdout).toMatch(kick("outcome-unknown"));
		expect(await cycles()).toBe(1);
		expect(await locked()).toBeUndefined();
	});

	it("is taken over by one of two who find it so at once; the other is busy, or comes after it", async () => {
		await holder("elsewhere-0123456789abcdef");
		const gate = await host.gate({ when: "before", program: "broken-1" });
		const both = [run(0), run(1)];
		await gate.reached();
		// The one that is held is held until the other one has ended.
		await Promise.race(both);
		await gate.open();
		const said = await Promise.all(both.map(async (one) => (await one).stdout));
		expect(said.filter((one) => started.test(one))).toHaveLength(1);
		expect(said.filter((one) => waits.test(one))).toHaveLength(2);
		expect(said.join("\n")).toMatch(/\[busy\]|was already started/);
		expect(await cycles()).toBe(1);
		expect(await locked()).toBeUndefined();
	});

	it("and that is a third one's before it can be taken over, is left to that one", async () => {
		await holder("elsewhere-0123456789abcdef");
		const first = await at(
			() => run(0),
			"before",
			"broken-1",
			async () => {
				// As if the one who took it over had ended, and another one had come.
				await holder("third-0123456789abcdef");
			},
		);
		expect((await first.ended).stdout).toMatch(kick("busy"));
		expect(await cycles()).toBe(0);
		expect((await host.registryKey(LOCK)).Holder).toContain("third");
		await unlock();
	});
});

describe("a lock whose holder", () => {
	it("changes while it is watched is held: busy", async () => {
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

	it("lives on this machine is busy at once", async () => {
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

describe("a run that is held up until its lock was taken over", () => {
	it.each([
		["once it has signed it", '"Holder"=', "busy"],
		["when it opens its intent", '"Intent"="dx-intent:open', "overtaken"],
	])("%s sends nothing and leaves the lock", async (_, program, code) => {
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
	});

	it("stopped before it opens its intent, sends nothing after the other one's kick, and leaves no question", async () => {
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

	it("stopped while its control is under way, closes no intent but its own", async () => {
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
		// The other one knows of it, is told to kick all the same, and dies of it.
		await at(() => run(1, "retry"), "after", "pause", kill);
		const before = await host.registryKey(RECORD);
		for (const pid of stopped) signal(pid, "SIGCONT");
		await script.ended;
		expect(await cycles()).toBe(2);
		expect(await host.registryKey(RECORD)).toEqual(before);
		await run(1);
	});
});
