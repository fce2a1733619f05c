// @module-tag full

import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processes } from "../lab/processes.ts";
import { ADDRESS, Rehearsal } from "./rehearsal.ts";

// A stack of a user on lab hosts: what neither example stack has, and the refusal of what cannot be rehearsed.

/** `npm run report`, which runs in the folder of the package. */
const REPORT = `${process.execPath} ${join(import.meta.dirname, "../../dist/cli/main.js")} report`;

/** How /proc/net/tcp shows the stack's addresses. */
const IN_PROC = /:[0-9A-F]{4} ..0200C0:/;

describe("npm run rehearse", () => {
	let rehearsal: Rehearsal;
	const rehearse = (...args: string[]) => rehearsal.run(...args);

	beforeAll(async () => {
		rehearsal = await Rehearsal.make();
		// Two parts.
		const hosts = Array.from({ length: 9 }, (_, index) => ({
			...{ name: `EXCH0${index + 1}`, role: "requestor" },
			ssh: {
				...{ host: `${ADDRESS}${index + 1}`, user: "Administrator" },
				insecureIgnoreHostKey: true,
			},
			...(index === 8 && { cycle: { triggers: ["initial-import"] } }),
		}));
		await rehearsal.addStack("fleet", { hosts });
	});
	afterAll(() => rehearsal.end());

	it("runs the stack on lab hosts, and connects to none of its addresses", async () => {
		const before = await readFile(rehearsal.stackFile);
		const run = rehearse("--stack", "weekend");
		const page = followed(run);
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
			"Through     192.0.2.2 (gateway), 192.0.2.5 (jump host)",
		);
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
		const { url, end: endPage } = await page;
		const text = async () => (await fetch(url)).text();
		await expect.poll(text).toMatch(/All \d+ steps are done\./);
		await endPage();
		expect(all).toMatch(/^ +EXCH01 +1 cycle +1 cycle$/m);
		// The user's file is as before, and the rehearsed one has none of its addresses.
		expect(await readFile(rehearsal.stackFile)).toEqual(before);
		const rehearsed = await readFile(
			join(rehearsal.dir, ".lab/rehearsal/stacks/Pulumi.weekend.yaml"),
			"utf8",
		);
		expect(rehearsed).not.toContain(ADDRESS);
	});

	/** Follows a rehearsal on a page, by the command that it prints. */
	async function followed(run: ReturnType<typeof rehearse>) {
		let command = "";
		let output = "";
		run.all.on("data", (part) => {
			output += part;
			[, command = ""] =
				/^Follow it +in another terminal: (.*--watch)$/m.exec(output) ?? [];
		});
		while (!command) await once(run.all, "data");
		const line = command.replace("npm run -s report --", REPORT);
		const watch = execa("sh", ["-c", `exec env ${line}`], {
			...{ cwd: rehearsal.dir, reject: false },
		});
		const [url] = await once(watch.stdout, "data");
		return {
			url: String(url).trim(),
			end: async () => {
				watch.kill("SIGINT");
				expect((await watch).exitCode).toBe(0);
			},
		};
	}

	it("rehearses a part", async () => {
		const { exitCode, all } = await rehearse(
			...["--stack", "weekend", "--hosts", "EXCH02"],
		);
		expect(exitCode, all).toBe(0);
		expect(all).toContain("Rehearsed   EXCH02");
		expect(all).toContain("Not in it   EXCH01, PO-HARBOR");
		expect(all).toMatch(/cycle T2/);
	});

	it("rehearses a stack that is too large in parts", async () => {
		const { exitCode, all } = await rehearse(
			...["--stack", "fleet", "--play"],
			...["--break", "EXCH09-cycle:connection-cut"],
		);
		expect(exitCode, all).toBe(0);
		expect(all).toMatch(/Part 1 of 2\n[\s\S]*Rehearsed +EXCH01, .*EXCH08\n/);
		expect(all).toMatch(/Part 2 of 2\n[\s\S]*Rehearsed +EXCH09\n/);
		expect(all.match(/^The rehearsal succeeded\.$/gm)).toHaveLength(2);
		expect(all).toMatch(/^ +EXCH09-cycle +connection-cut +.*pulumi up$/m);
	});

	const SOON = { timeout: 30_000, interval: 10 };

	/** The folders of the lab hosts that exist. */
	const hostFolders = async () =>
		(await readdir(rehearsal.hosts))
			.filter((name) => name.startsWith("dirsync-"))
			.map((name) => join(rehearsal.hosts, name));
	const startsHost = async () =>
		(await hostFolders()).some((dir) => existsSync(join(dir, "environment")));

	/** Sends Ctrl-C as a terminal does, as soon as the output matches and a host has at least begun to start. */
	async function interrupt(
		run: ReturnType<typeof rehearse>,
		moment: RegExp,
	): Promise<{ exitCode: number | undefined; output: string }> {
		let output = "";
		run.all.on("data", (part) => {
			output += part;
		});
		while (!moment.test(output)) await once(run.all, "data");
		// A host that starts has this file. Until then its keeper may be a copy of the rehearsal that gets the signal too.
		await expect.poll(startsHost, SOON).toBe(true);
		process.kill(-(run.pid ?? Number.NaN), "SIGINT");
		const { exitCode } = await run;
		return { exitCode, output };
	}
	const ENDED =
		/\nrehearse: ended by Ctrl-C; the lab hosts are being stopped, and your own hosts were not reached\n$/;
	const ONE = ["--stack", "weekend", "--hosts", "EXCH02"];
	const folder = () => join(rehearsal.dir, ".lab/rehearsal");

	it.each([
		["while the hosts start", ONE, /lab packages/],
		["during the update", ONE, /EXCH02 creating/],
		["while a later part starts", ["--stack", "fleet"], /Part 2 of 2/],
	])(
		"ends with Ctrl-C %s, and leaves no host, no program and no socket",
		async (_, args, moment) => {
			const run = rehearsal.inForeground(...args);
			const { exitCode, output } = await interrupt(run, moment);
			expect(exitCode, output).toBe(130);
			expect(output).toMatch(ENDED);
			expect(await readdir(folder())).not.toContain("control");
			const left = () =>
				processes().filter(({ environment }) =>
					environment.includes(rehearsal.dir),
				);
			// What was started outside this folder ends with the rehearsal, a moment later.
			await expect.poll(left, { timeout: 10_000 }).toEqual([]);
			await expect.poll(hostFolders, { timeout: 10_000 }).toEqual([]);
		},
	);

	it("cleans up after Ctrl-C although the program that reads its output has ended first", async () => {
		const run = rehearsal.inForeground(...ONE, "| tee log");
		await interrupt(run, /EXCH02 creating/);
		await expect
			.poll(() => readdir(folder()), { timeout: 10_000 })
			.not.toContain("control");
	});

	it("refuses what it cannot rehearse, before it starts a host", async () => {
		const unknown = await rehearse("--stack", "none");
		expect(unknown.exitCode).toBe(1);
		expect(unknown.all).toMatch(/^rehearse: stack "none" has no stack file/);
		const strange = await rehearse("--stack", "weekend", "--hosts", "EXCH09");
		expect(strange.exitCode).toBe(1);
		expect(strange.all).toMatch(
			/got "EXCH09"; it has EXCH01, EXCH02, PO-HARBOR/,
		);
		const step = await rehearse(
			...["--stack", "weekend", "--break", "EXCH03:host-off"],
		);
		expect(step.exitCode).toBe(1);
		expect(step.all).toMatch(/^rehearse: --break names no step, got "EXCH03/);
		const play = await rehearse("--stack", "weekend", "--play");
		expect(play.exitCode).toBe(1);
		expect(play.all).toMatch(/^rehearse: --play needs --break/);
		const resume = await rehearse("--resume");
		expect(resume.exitCode).toBe(1);
		expect(resume.all).toMatch(/^rehearse: no rehearsal waits for --resume/);
		const option = await rehearse("--stack", "weekend", "--fast");
		expect(option.exitCode).toBe(1);
		expect(option.all).toMatch(/^rehearse: Unknown option '--fast'; .*--help/);
		const help = await rehearse("--help");
		expect(help.exitCode).toBe(0);
		expect(help.all).toMatch(/^Usage: npm run rehearse/);
		const list = await rehearse("--stack", "weekend", "--list");
		expect(list.exitCode).toBe(0);
		expect(list.all).toMatch(/^harbor-EXCH01-kick +EXCH01 +.*service-hangs/m);
	});
});
