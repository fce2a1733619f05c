// @module-tag full
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { HOST_KEY } from "../unit/validation/ssh-keys.ts";

// A stack of a user on lab hosts: what neither example stack has, and the refusal of what cannot be rehearsed.
const ROOT = join(import.meta.dirname, "../..");

/** Addresses that no machine has (RFC 5737), and how /proc/net/tcp shows them. */
const ADDRESS = "192.0.2.";
const IN_PROC = /:[0-9A-F]{4} ..0200C0:/;

const login = (last: number) => ({
	...{ host: `${ADDRESS}${last}`, user: "Administrator", hostKey: HOST_KEY },
});
const STACK = {
	hosts: [
		{
			...{ name: "EXCH01", role: "requestor" },
			samba: {
				...{ host: `${ADDRESS}1`, user: "SITE\\Administrator", legacy: true },
				gateway: login(2),
			},
		},
		{
			...{ name: "EXCH02", role: "server", ssh: login(3) },
			cycle: { triggers: ["initial-import"] },
		},
	],
	cutovers: [
		{
			...{ name: "harbor", run: "cutover-1", exchange: "EXCH01" },
			postOffices: [
				{
					...{ name: "PO-HARBOR", role: "server", drive: "X", admin: "chief" },
					ssh: { ...login(4), proxy: login(5) },
					...{ directory: "C:\\MAILEXE", launcher: "forcedos" },
				},
			],
			waits: {
				t1Delivered: {
					...{ host: "PO-HARBOR", command: "type X:\\LOG\\RECV.LOG" },
					contains: "SYSTEM1",
				},
				t2Delivered: { seconds: 600 },
			},
		},
	],
};

describe("npm run rehearse", () => {
	let dir: string;

	beforeAll(async () => {
		dir = await mkdtemp(join(tmpdir(), "dirsync-rehearse-"));
		await mkdir(join(dir, "stacks"));
		const config = Object.fromEntries(
			Object.entries(STACK).map(([key, value]) => [
				`exchange-dirsync:${key}`,
				value,
			]),
		);
		await writeFile(
			join(dir, "stacks/Pulumi.weekend.yaml"),
			stringify({ config }),
		);
	});
	afterAll(() => rm(dir, { recursive: true, force: true }));

	const rehearse = (...args: string[]) =>
		execa(
			join(ROOT, "node_modules/.bin/tsx"),
			[join(ROOT, "test/rehearse/main.ts"), ...args],
			{ cwd: dir, all: true, reject: false },
		);

	it("runs the stack on lab hosts, and connects to none of its addresses", async () => {
		const before = await readFile(join(dir, "stacks/Pulumi.weekend.yaml"));
		const run = rehearse("--stack", "weekend");
		let ended = false;
		const end = run.finally(() => {
			ended = true;
		});
		let samples = 0;
		for (; !ended; samples++) {
			expect(await readFile("/proc/net/tcp", "latin1")).not.toMatch(IN_PROC);
			await pause(50);
		}
		const { exitCode, all } = await end;
		expect(exitCode, all).toBe(0);
		expect(samples).toBeGreaterThan(100);
		expect(all).toContain("Rehearsed   EXCH01, EXCH02, PO-HARBOR");
		expect(all).toContain(
			"Changed     harbor t1Delivered: asked every second; harbor t2Delivered: shortened",
		);
		expect(all).toMatch(/EXCH01\n +registry +PauseKicksDX is dword:00000001/);
		expect(all).toMatch(/cycle T1/);
		expect(all).toMatch(/cycle T2/);
		const programs = ["REQMAIN -dX -t", "SRVMAIN -r -dX", "SRVMAIN -t -dX"];
		for (const program of [...programs, "IMPORT -dX chief", "REBUILD -dX -f"])
			expect(all).toContain(program);
		expect(all).toMatch(
			/Address lists after:\n +EXCH01 +First of PO-HARBOR, Second of PO-HARBOR/,
		);
		expect(all).toContain("The rehearsal succeeded.");
		// The user's file is as before, and the rehearsed one has none of its addresses.
		expect(await readFile(join(dir, "stacks/Pulumi.weekend.yaml"))).toEqual(
			before,
		);
		const rehearsed = await readFile(
			join(dir, ".lab/rehearsal/stacks/Pulumi.weekend.yaml"),
			"utf8",
		);
		expect(rehearsed).not.toContain(ADDRESS);
	});

	it("rehearses a part", async () => {
		const { exitCode, all } = await rehearse(
			...["--stack", "weekend", "--hosts", "EXCH02"],
		);
		expect(exitCode, all).toBe(0);
		expect(all).toContain("Rehearsed   EXCH02");
		expect(all).toContain("Not in it   EXCH01, PO-HARBOR");
		expect(all).toMatch(/cycle T2/);
	});

	it("refuses what it cannot rehearse, before it starts a host", async () => {
		const unknown = await rehearse("--stack", "none");
		expect(unknown.exitCode).toBe(1);
		expect(unknown.all).toMatch(/^rehearse: stack none has no stack file/);
		const strange = await rehearse("--stack", "weekend", "--hosts", "EXCH09");
		expect(strange.exitCode).toBe(1);
		expect(strange.all).toMatch(/got EXCH09; it has EXCH01, EXCH02, PO-HARBOR/);
		const option = await rehearse("--stack", "weekend", "--fast");
		expect(option.exitCode).toBe(1);
		expect(option.all).toMatch(/Unknown option '--fast'/);
		const help = await rehearse("--help");
		expect(help.exitCode).toBe(0);
		expect(help.all).toMatch(/^Usage: npm run rehearse/);
	});
});
