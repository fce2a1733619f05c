// @module-tag full
import { once } from "node:events";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Rehearsal } from "./rehearsal.ts";

// Practised failures: each step fails as named, and the recovery that is shown leads to a complete update.
let rehearsal: Rehearsal;
beforeAll(async () => {
	rehearsal = await Rehearsal.make();
});
afterAll(() => rehearsal.end());

const rehearse = (hosts: string, breaks: string[], ...more: string[]) =>
	rehearsal.run(
		...["--stack", "weekend", "--hosts", hosts],
		...breaks.flatMap((one) => ["--break", one]),
		...more,
	);

/** The row of an accident in the last table: what was broken, what was reported, and the recovery. */
const row = (step: string, accident: string, reported: string, done: string) =>
	new RegExp(`^  ${step} +${accident} +${reported} +${done}$`, "m");

/** The row of the last table that counts a cycle or a program. */
const counted = (host: string, has: string, wanted: string) =>
	new RegExp(`^  ${host} +${has} +${wanted}$`, "m");

describe("npm run rehearse with --break and --play", () => {
	it("practises accidents at the steps of a cutover, one after the other", async () => {
		const { exitCode, all } = await rehearse(
			"EXCH01,PO-HARBOR",
			[
				"EXCH01:wrong-password",
				"harbor-PO-HARBOR:host-off",
				"harbor-PO-HARBOR-reqmain-t:engine-killed",
				"harbor-EXCH01-kick:connection-cut",
				"harbor-PO-HARBOR-srvmain-r:program-fails 156",
				"harbor-PO-HARBOR-srvmain-t:disk-full",
				"harbor-t2-delivered:engine-killed",
				"harbor-PO-HARBOR-import:wrong-password",
				"harbor-PO-HARBOR-rebuild:host-off",
			],
			"--play",
		);
		expect(exitCode, all).toBe(0);
		for (const one of [
			row(
				...(["EXCH01", "wrong-password"] as const),
				"EXCH01, registry \\[no-log-in.*\\]",
				"correct password, pulumi up",
			),
			row(
				...(["harbor-PO-HARBOR", "host-off"] as const),
				"\\[unreachable\\]",
				"PO-HARBOR is switched on again, pulumi up",
			),
			row(
				...(["harbor-PO-HARBOR-reqmain-t", "engine-killed"] as const),
				"nothing, as Pulumi was killed",
				"cancel, refresh, pulumi up",
			),
			row(
				...(["harbor-EXCH01-kick", "connection-cut"] as const),
				".*without exit status.*",
				"pulumi up",
			),
			row(
				...(["harbor-PO-HARBOR-srvmain-r", "program-fails 156"] as const),
				"PO-HARBOR, srvmain -r \\[program-failed, number 156\\]",
				"the cause of number 156 on PO-HARBOR is removed, pulumi up",
			),
			row(
				...(["harbor-PO-HARBOR-srvmain-t", "disk-full"] as const),
				".*\\[interrupted\\]; then .*\\[program-unknown\\]",
				".*onUncertain accept, pulumi up",
			),
			row(
				...(["harbor-t2-delivered", "engine-killed"] as const),
				"nothing, as Pulumi was killed",
				".*cancel, refresh, pulumi up",
			),
			row(
				...(["harbor-PO-HARBOR-import", "wrong-password"] as const),
				"PO-HARBOR, import \\[bad-admin\\]",
				"correct adminPassword, pulumi up",
			),
			row(
				...(["harbor-PO-HARBOR-rebuild", "host-off"] as const),
				".*",
				"PO-HARBOR is switched on again, pulumi up",
			),
			counted("EXCH01", "1 cycle", "1 cycle"),
			counted("PO-HARBOR", "1 reqmain -t", "1 reqmain -t"),
			counted("PO-HARBOR", "2 srvmain -r", "at least 1 srvmain -r"),
			counted("PO-HARBOR", "1 srvmain -t", "1 srvmain -t"),
			counted("PO-HARBOR", "2 import", "at least 1 import"),
			counted("PO-HARBOR", "1 rebuild", "at least 1 rebuild"),
		])
			expect(all).toMatch(one);
		expect(all).toMatch(/EXCH01 +First of PO-HARBOR, Second of PO-HARBOR/);
		expect(all).toContain("The rehearsal succeeded.");
	});

	it("fails if an accident does not happen", async () => {
		const { exitCode, all } = await rehearse(
			"EXCH02",
			["EXCH02-cycle:connection-cut", "EXCH02-cycle:service-hangs"],
			"--play",
		);
		expect(exitCode, all).toBe(1);
		expect(all).toContain(
			"rehearse: EXCH02-cycle:service-hangs has not happened",
		);
		expect(all).toMatch(counted("EXCH02", "1 cycle", "1 cycle"));
		expect(all).toContain("The rehearsal failed");
	});
});

describe("npm run rehearse with --break and --resume", () => {
	/** Does the operator's part, as the rehearsal shows it. */
	async function recover(output: string): Promise<number> {
		const recovery = output.slice(output.lastIndexOf("\nRecovery\n"));
		const commands = [...recovery.matchAll(/^ +\$ (.*)$/gm)];
		for (const [, command = ""] of commands)
			await execa("sh", ["-c", command], {
				...{ cwd: rehearsal.dir, stdin: "ignore" },
			});
		return commands.length;
	}

	it("waits for the operator, and fails again if the operator has done nothing", async () => {
		const run = rehearse("EXCH02", [
			"EXCH02:wrong-password",
			"EXCH02-cycle:service-hangs",
		]);
		let output = "";
		run.all.on("data", (part) => {
			output += part;
		});
		while (!output.includes("The rehearsal waits."))
			await once(run.all, "data");
		const second = await rehearse("EXCH02", ["EXCH02:host-off"]);
		expect(second.exitCode).toBe(1);
		expect(second.all).toMatch(/^rehearse: another rehearsal is running/);

		const idle = await rehearsal.run("--resume");
		expect(idle.exitCode).toBe(1);
		expect(idle.all).toMatch(/Reported +.*\[no-log-in\]/);
		expect(await recover(idle.all)).toBe(1);

		const hung = await rehearsal.run("--resume");
		expect(hung.exitCode).toBe(1);
		expect(hung.all).toMatch(/Broken +EXCH02-cycle:service-hangs: MSExchange/);
		expect(hung.all).toMatch(/Reported +EXCH02, kick \[unknown, Windows 2186/);
		expect(hung.all).toMatch(
			/The log of MSExchangeDX on EXCH02:[\s\S]*cycle T2/,
		);
		expect(hung.all).toContain('"After an unknown outcome"');

		const asked = await rehearsal.run("--resume");
		expect(asked.exitCode).toBe(1);
		expect(asked.all).toMatch(/Reported +EXCH02, kick \[outcome-unknown\]/);
		expect(await recover(asked.all)).toBeGreaterThan(0);

		const last = await rehearsal.run("--resume");
		expect(last.exitCode, last.all).toBe(0);
		expect(last.all).toMatch(counted("EXCH02", "1 cycle", "1 cycle"));
		expect((await run).exitCode).toBe(0);
		expect(output).toContain("The rehearsal succeeded.");
	});
});
