// @module-tag full
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { T3_DONE } from "../../../src/protocol/step-output.ts";
import { sambaT3DoneCommands } from "../../../src/scripts/samba/t3-done.ts";
import type { NtHost } from "../../lab/nt/nt-host.ts";
import { DEFAULT_SETTINGS } from "../../lab/settings.ts";
import type { Stack } from "../../stack.ts";
import {
	type AnyOptions,
	Bench,
	declare,
	RECORD,
	SERVICE,
	transportOf,
} from "../fixture.ts";
import { byHand, kickOf } from "./by-hand.ts";
import {
	type EnforceCase,
	type KickCase,
	kick,
	registry,
	restoreFails,
	Trial,
} from "./outcomes.ts";
import { chosen } from "./slice.ts";

// Hosts without an SSH server: every outcome of a step, with its code and number, and the number of cycles. The host
// behaves like a German NT 4. The other make, over a gateway, represents later versions.
const NT4: AnyOptions = { transport: "samba", make: "nt4", language: "de" };
const LOCK = `${RECORD}-lock`;
const bench = new Bench();
let trial: Trial<NtHost>;
let host: NtHost;
let stack: Stack;

beforeAll(async () => {
	trial = await Trial.make(bench, NT4);
	({ host, stack } = trial);
});
afterEach(async () => {
	await host.set(DEFAULT_SETTINGS);
	expect(await host.labErrors()).toEqual([]);
	// After every result the lock is released.
	expect(await host.registryDump(LOCK)).toBeUndefined();
});
afterAll(() => bench.end());

const now = () => new Date().toISOString().replace(/\.\d+/, "");

/** Creates a folder with links to programs, by name, for the PATH of a simulated machine. */
async function machine(programs: Record<string, string>): Promise<string> {
	const path = await mkdtemp(join(tmpdir(), "dirsync-path-"));
	bench.atEnd(() => rm(path, { recursive: true }));
	for (const [name, program] of Object.entries(programs))
		await symlink(program, join(path, name));
	return path;
}

/** Runs a kick for a trigger without Pulumi. Programs in the folder `path` have priority over those of this machine. */
function kickNow(
	trigger: string,
	options: Parameters<typeof kickOf>[2],
	path = "",
) {
	const { create, stdin } = kickOf(host, trigger, options);
	return byHand(host, create(now()), stdin, {
		PATH: `${path}:${process.env.PATH}`,
	});
}

describe("a kick", () => {
	it.each<KickCase>([
		[{ netAnswers: "pause:1061" }, kick("takes-no-control", "1061"), 0, 1],
		[{ netAnswers: "pause:5" }, kick("access-denied", "5"), 0, 1],
		[{ netAnswers: "pause:1060" }, kick("not-installed", "1060"), 0, 1],
		[{ netAnswers: "pause:1062" }, kick("not-running", "1062"), 0, 1],
		[{ netAnswers: "pause:1052" }, kick("not-recognised", "1052"), 0, 1],
		[{ netAnswers: "pause:4711" }, kick("unknown"), 0, 1],
		[{ access: "denied" }, kick("access-denied", "5"), 0, 1],
		[{ pauseAnswers: "1053" }, kick("unknown", "1053"), 1, 1],
		[{ pauseAnswers: "4711" }, kick("unknown"), 1, 1],
		[{ netHangs: "pause" }, kick("unknown"), 1, 1],
		[{ pause: "really" }, kick("paused"), 0, 1],
		[{ pause: "dies" }, kick("not-running-after"), 1, 1],
		[{ registry: "full:dx-intent:open" }, kick("record-not-written"), 0, 1],
		[{ registry: "full:dx-done:" }, kick("receipt-not-written"), 1, 1],
	])("fails with the expected code if the host has %j", (...one) =>
		trial.kickFails(...one),
	);

	it("has an unknown outcome if the service answers after more than 10 s; the next update asks", async () => {
		const before = await trial.cycles();
		await trial.wish();
		await host.set({ pause: "hang", hangSeconds: 20 });
		const { output } = await trial.fails(kick("unknown"));
		expect(output).toContain("net printed: Control service request failed.");
		expect(await trial.cycles()).toBe(before);
		await host.atRest();
		expect(await trial.cycles()).toBe(before + 1);
		await host.set(DEFAULT_SETTINGS);
		await trial.fails(kick("outcome-unknown"));
		await trial.mend("accept");
		expect(await trial.cycles()).toBe(before + 1);
	});

	it("fails with paused-stuck if the service really paused and cannot be continued", async () => {
		const before = await trial.cycles();
		await trial.wish();
		await host.set({ pause: "really", continue: "fail" });
		await trial.fails(kick("paused-stuck"));
		await host.set(DEFAULT_SETTINGS);
		await host.stopService();
		await host.startService();
		await trial.mend();
		expect((await trial.cycles()) - before).toBe(1);
	});

	it("is not sent to a stopped service", async () => {
		const before = await trial.cycles();
		await trial.wish();
		await host.stopService();
		await trial.fails(kick("not-running"));
		await host.startService();
		await trial.mend();
		expect((await trial.cycles()) - before).toBe(1);
	});

	it("fails with overtaken if a run that began later has already used the host", async () => {
		const before = await trial.cycles();
		const late = kickOf(host, "broken off long ago");
		const { exitCode, stdout } = await byHand(
			host,
			late.create("1999-03-01T22:00:00Z"),
			late.stdin,
		);
		expect(exitCode).toBe(1);
		expect(stdout).toMatch(kick("overtaken"));
		expect(await trial.cycles()).toBe(before);
	});

	it("fails with incomplete if its script arrives incomplete, and opens no connection", async () => {
		const before = await host.connections();
		const { create, stdin } = kickOf(host, "cut short");
		for (const length of [stdin.length - 2, stdin.length / 2, 0]) {
			const { exitCode, all } = await byHand(
				host,
				create("2026-03-01T22:00:00Z"),
				stdin.slice(0, length),
			);
			expect(exitCode).toBe(1);
			expect(all).toMatch(kick("incomplete"));
		}
		expect(await host.connections()).toBe(before);
	});

	it("is sent exactly once, after one restart, if the service started before the value was written", async () => {
		const before = await host.serviceLog();
		await host.setRegistry(SERVICE, "PauseKicksDX", "dword:00000000");
		await host.stopService();
		await host.startService();
		await host.setRegistry(SERVICE, "PauseKicksDX", "dword:00000001");
		await trial.wish();
		await stack.must("up", "--yes", "--skip-preview");
		const after = (await host.serviceLog()).slice(before.length);
		expect(after.map(({ event }) => event)).toEqual([
			...["stop", "start kicks=0"],
			...["stop", "start kicks=1", "pause", "cycle T1"],
		]);
	});

	it("fails with value-missing if the value was deleted by hand, and a new verify fixes it", async () => {
		const before = await trial.cycles();
		await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
		await host.stopService();
		await host.startService();
		await trial.wish();
		await trial.fails(kick("value-missing", "1052"));
		expect(await trial.cycles()).toBe(before);
		await trial.look();
		await stack.must("up", "--yes", "--skip-preview");
		expect(await trial.cycles()).toBe(before + 1);
	});

	it("is not sent near the full hour if minutesAroundHour is set", async () => {
		const before = await trial.cycles();
		// With 31 every minute is near the hour.
		const guards = { minutesAroundHour: 31, t3BeforeT2: false };
		const { exitCode, all } = await kickNow("near the hour", { guards });
		expect(exitCode).toBe(1);
		expect(all).toMatch(kick("near-hour"));
		expect(await trial.cycles()).toBe(before);
	});

	it("is refused as a second T2 until the T3 of the first one is recorded", async () => {
		const before = await trial.cycles();
		const more = {
			awaitsT3: true,
			guards: { minutesAroundHour: 0, t3BeforeT2: true },
		};
		expect((await kickNow("first T2", more)).exitCode).toBe(0);
		expect((await kickNow("second T2", more)).all).toMatch(kick("t3-missing"));
		expect(await trial.cycles()).toBe(before + 1);
		const done = sambaT3DoneCommands("EXCH01", host.samba);
		const { exitCode, all } = await byHand(
			host,
			done.create(now()),
			done.stdin,
		);
		expect([exitCode, all]).toEqual([0, expect.stringContaining(T3_DONE)]);
		expect((await kickNow("second T2", more)).exitCode).toBe(0);
		expect(await trial.cycles()).toBe(before + 2);
	});

	it("succeeds if sh is bash", async () => {
		const before = await trial.cycles();
		const path = await machine({ sh: "/bin/bash" });
		const { exitCode, all } = await kickNow("under bash", {}, path);
		expect([exitCode, all]).toEqual([0, expect.stringMatching(/^T1 started/m)]);
		expect(await trial.cycles()).toBe(before + 1);
	});

	it("fails with time-limit if the script takes too long, and sends nothing", async () => {
		const before = await trial.cycles();
		const path = await machine({});
		const gate = await host.gate({ when: "before", program: '"Restart"=' });
		const run = kickNow("too slow", {}, path);
		await gate.reached();
		// The script's clock is set forward by more than the time limit of three minutes.
		const later = '#!/bin/sh\nexec /bin/date -d "+200 seconds" "$@"\n';
		await writeFile(join(path, "date"), later, { mode: 0o755 });
		await gate.open();
		const { exitCode, all } = await run;
		expect(exitCode).toBe(1);
		expect(all).toMatch(kick("time-limit"));
		expect(await trial.cycles()).toBe(before);
	});

	it.each(["net", "awk"])(
		"fails with no-net on a machine without %s and names the package that contains net",
		async (missing) => {
			const tools = ["sh", "cat", "date", "net", "awk", "grep", "sed", "tail"];
			const path = await machine(
				Object.fromEntries(
					[...tools, "tr"]
						.filter((tool) => tool !== missing)
						.map((tool) => [tool, `/usr/bin/${tool}`]),
				),
			);
			const before = await host.connections();
			const { create, stdin } = kickOf(host, `no ${missing}`);
			const { exitCode, all } = await byHand(host, create(now()), stdin, {
				PATH: path,
			});
			expect(exitCode).toBe(1);
			expect(all).toMatch(kick("no-net"));
			expect(all).toContain("samba-common-bin");
			expect(await host.connections()).toBe(before);
		},
	);
});

/** Each of these takes a minute. */
const SLOW: EnforceCase[] = [
	[{ stop: "refuse" }, registry("stop-failed")],
	[{ start: "fail" }, registry("start-failed")],
];

describe("the enforcement", () => {
	it.each<EnforceCase>([
		...chosen(SLOW, () => false),
		[{ netAnswers: "stop:5" }, registry("access-denied", "5")],
		[{ netAnswers: "stop:1051" }, registry("stop-failed", "1051")],
		[{ netAnswers: "start:1069" }, registry("start-failed", "1069")],
		[
			{ registry: 'full:"PauseKicksDX"=dword:00000001' },
			registry("value-not-written"),
		],
		[{ registry: "full:dx-restart:pending" }, registry("record-not-written")],
		[{ access: "denied" }, registry("access-denied", "5")],
	])(
		"fails with the expected code if the host has %j, and the next update succeeds",
		(...one) => trial.enforcementFails(...one),
	);

	it("fails with unreachable if the host disappears during a restart; the next update completes it", async () => {
		await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
		await trial.look();
		const gate = await host.gate({ when: "after", program: "stop MSEx" });
		const update = stack.start(["up", "--yes", "--skip-preview"]);
		await gate.reached();
		await host.stopServer();
		await host.cutConnections();
		await gate.open();
		const { exitCode, all } = await update;
		expect(exitCode).not.toBe(0);
		expect(all).toMatch(registry("unreachable"));
		await host.startServer();
		// The run could not release its lock. It belongs to this machine, so the next run takes it over.
		await stack.must("up", "--yes", "--skip-preview");
		expect((await host.serviceLog()).at(-1)?.event).toBe("start kicks=1");
	});

	it("fails with not-installed on a host without the service and leaves no record", async () => {
		const bare = await bench.anyHost({ ...NT4, installed: false });
		const other = await bench.stack();
		await declare(other, { name: "EXCH01", host: bare });
		const { exitCode, output } = await other.up();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(registry("not-installed"));
		expect(await bare.registryDump(RECORD)).toBeUndefined();
	});

	it("fails with not-restored if the host refuses the earlier value; the next destroy restores it", async () => {
		const odd = await restoreFails(bench, NT4);
		expect(await odd.registryDump(LOCK)).toBeUndefined();
	});
});

describe("a host", () => {
	it("that refuses the password gets one login attempt from each step", async () => {
		await trial.wish();
		const password = host.password;
		const before = await host.failedLogins();
		await host.rotatePassword();
		const { output } = await trial.fails(kick("no-log-in"));
		expect(output).not.toContain(password);
		expect(await host.failedLogins()).toBe(before + 1);
		await trial.look();
		await trial.fails(registry("no-log-in"));
		expect(await host.failedLogins()).toBe(before + 2);
		await trial.mend();
	});

	it("that refuses connections is reported as unreachable, and gets its kick from a later update", async () => {
		const before = await trial.cycles();
		await trial.wish();
		await host.stopServer();
		await trial.fails(kick("unreachable"));
		await host.startServer();
		await trial.mend();
		expect((await trial.cycles()) - before).toBe(1);
	});

	it.each<[AnyOptions, boolean]>([
		[{ transport: "samba", make: "nt4" }, false],
		[{ transport: "gateway", make: "nt4" }, false],
		[{ transport: "samba", make: "smb2" }, true],
	])(
		"like %j with legacy: %j gets no login, and the message suggests legacy: true",
		async (options, legacy) => {
			const other = await bench.anyHost(options);
			const fresh = await bench.stack();
			const { access } = transportOf(other);
			const samba = { ...access, legacy };
			await declare(fresh, { name: "EXCH01", host: other, more: { samba } });
			const { exitCode, output } = await fresh.up();
			expect(exitCode).not.toBe(0);
			expect(output).toMatch(registry("unreachable"));
			expect(output).toContain("needs legacy: true");
			expect(await other.logins()).toBe(0);
		},
	);
});

describe("destroy", () => {
	it("reports that it deletes the intent of a kick with unknown outcome", async () => {
		await trial.wish();
		await host.set({ pauseAnswers: "4711" });
		await trial.fails(kick("unknown"));
		await host.set(DEFAULT_SETTINGS);
		const { exitCode, output } = await stack.destroy();
		expect(exitCode).toBe(0);
		expect(output).toContain(
			"the record of a kick with an unknown outcome was deleted",
		);
		expect(await host.registryDump(RECORD)).toBeUndefined();
	});
});
