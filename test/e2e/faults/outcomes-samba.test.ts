import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { NtHost } from "../../lab/nt/nt-host.ts";
import { DEFAULT_SETTINGS } from "../../lab/settings.ts";
import type { Stack } from "../../stack.ts";
import { type AnyOptions, Bench, declare, RECORD, wayIn } from "../fixture.ts";
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

// P4, on hosts without an SSH server: every way in which a step can end, by its code and number, and how many cycles
// there were of it. The host is as NT 4 is, in German; the other make, by a gateway, stands for those that came later.
const NT4: AnyOptions = { way: "samba", make: "nt4", language: "de" };
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
	// However a run ended: the host is free.
	expect(await host.registryDump(LOCK)).toBeUndefined();
});
afterAll(() => bench.end());

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
	])("with %j ends with its name", (...one) => trial.kickFails(...one));

	it("that the service answers too late is unknown after 10 s, and comes; the next up asks", async () => {
		const before = await trial.cycles();
		await trial.wish();
		await host.set({ pause: "hang", hangSeconds: 20 });
		const { output } = await trial.fails(kick("unknown"));
		expect(output).toContain("net said: Control service request failed.");
		expect(await trial.cycles()).toBe(before);
		await host.atRest();
		expect(await trial.cycles()).toBe(before + 1);
		await host.set(DEFAULT_SETTINGS);
		await trial.fails(kick("outcome-unknown"));
		await trial.mend("accept");
		expect(await trial.cycles()).toBe(before + 1);
	});

	it("that really paused the service, which cannot be continued, says so", async () => {
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

	it("of a stopped service is not sent", async () => {
		const before = await trial.cycles();
		await trial.wish();
		await host.stopService();
		await trial.fails(kick("not-running"));
		await host.startService();
		await trial.mend();
		expect((await trial.cycles()) - before).toBe(1);
	});

	it("that began before another one which has been here says so", async () => {
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

	it("whose script did not arrive whole says so, and opens no connection", async () => {
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

	it("on a machine without net names the package that has it", async () => {
		const path = await mkdtemp(join(tmpdir(), "dirsync-path-"));
		bench.atEnd(() => rm(path, { recursive: true }));
		for (const tool of ["sh", "cat", "date"])
			await symlink(`/bin/${tool}`, join(path, tool));
		const { create, stdin } = kickOf(host, "no net");
		const { exitCode, all } = await byHand(
			host,
			create("2026-03-01T22:00:00Z"),
			stdin,
			{ PATH: path },
		);
		expect(exitCode).toBe(1);
		expect(all).toMatch(kick("no-net"));
		expect(all).toContain("samba-common-bin");
	});
});

/** Each is waited for a minute. */
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
		[{ registry: "full:dx-restart:owed" }, registry("record-not-written")],
		[{ access: "denied" }, registry("access-denied", "5")],
	])("with %j ends with its name, and the next one mends it", (...one) =>
		trial.enforcementFails(...one),
	);

	it("that cannot put back what was there says so, and can later", async () => {
		const odd = await restoreFails(bench, NT4);
		expect(await odd.registryDump(LOCK)).toBeUndefined();
	});
});

describe("a host", () => {
	it("that refuses the password is asked once by each step", async () => {
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

	it("that refuses connections is named", async () => {
		const before = await trial.cycles();
		await trial.wish();
		await host.stopServer();
		await trial.fails(kick("unreachable"));
		await host.startServer();
		await trial.mend();
		expect((await trial.cycles()) - before).toBe(1);
	});

	it.each<[AnyOptions, boolean]>([
		[{ way: "samba", make: "nt4" }, false],
		[{ way: "gateway", make: "nt4" }, false],
		[{ way: "samba", make: "smb2" }, true],
	])(
		"like %j with legacy: %j gets nothing it does not speak, and what to do is said",
		async (options, legacy) => {
			const other = await bench.anyHost(options);
			const fresh = await bench.stack();
			const { access } = wayIn(other);
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
	it("of a host with a kick of unknown outcome says that this is forgotten", async () => {
		await trial.wish();
		await host.set({ pauseAnswers: "4711" });
		await trial.fails(kick("unknown"));
		await host.set(DEFAULT_SETTINGS);
		const { exitCode, output } = await stack.destroy();
		expect(exitCode).toBe(0);
		expect(output).toContain("a kick whose outcome is unknown is forgotten");
		expect(await host.registryDump(RECORD)).toBeUndefined();
	});
});
