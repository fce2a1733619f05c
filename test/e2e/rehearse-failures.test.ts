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

/** A step, its accident, what is reported, and the recovery: a row of the last table, as regular expressions. */
type Accident = string[];
const row = (accident: Accident) =>
	new RegExp(`^  ${accident.join(" +")}$`, "m");

/** The row of the last table that counts a cycle or a program. */
const counted = (host: string, has: string, wanted: string) =>
	new RegExp(`^  ${host} +${has} +${wanted}$`, "m");

describe("npm run rehearse with --break and --play", () => {
	const KILLED = "nothing, as Pulumi was killed";
	it.each<[string, Accident[], string[]]>([
		[
			"before T1",
			[
				[
					...["EXCH01", "wrong-password", "EXCH01, registry \\[no-log-in.*\\]"],
					"correct password, pulumi up",
				],
				[
					...["harbor-PO-HARBOR", "host-off", "\\[unreachable\\]"],
					"PO-HARBOR is switched on again, pulumi up",
				],
				[
					...["harbor-PO-HARBOR-reqmain-t", "engine-killed", KILLED],
					"cancel, refresh, pulumi up",
				],
			],
			["1 srvmain -r", "1 import", "1 rebuild"],
		],
		[
			"in T1 and T2",
			[
				[
					...["harbor-EXCH01-kick", "connection-cut"],
					...["\\[connection-lost\\]", "pulumi up"],
				],
				[
					...["harbor-PO-HARBOR-srvmain-r", "program-fails 156"],
					"PO-HARBOR, srvmain -r \\[program-failed, number 156\\]",
					"the cause of number 156 on PO-HARBOR is removed, pulumi up",
				],
				[
					...["harbor-PO-HARBOR-srvmain-t", "disk-full"],
					".*\\[interrupted\\]; then .*\\[program-unknown\\]",
					".*onUncertain accept, pulumi up, onUncertain as before",
				],
			],
			["2 srvmain -r", "1 import", "1 rebuild"],
		],
		[
			"in T3",
			[
				[
					...["harbor-t2-delivered", "engine-killed", KILLED],
					"cancel, refresh, pulumi up",
				],
				[
					...["harbor-PO-HARBOR-import", "wrong-password"],
					"PO-HARBOR, import \\[bad-admin\\]",
					"correct adminPassword, pulumi up",
				],
				[
					...["harbor-PO-HARBOR-rebuild", "host-off"],
					"\\[connection-lost\\]",
					"PO-HARBOR is switched on again, pulumi up",
				],
			],
			["1 srvmain -r", "2 import", "1 rebuild"],
		],
	])(
		"practises accidents %s, one after the other",
		async (_, accidents, programs) => {
			const { exitCode, all } = await rehearse(
				"EXCH01,PO-HARBOR",
				accidents.map(([step, accident]) => `${step}:${accident}`),
				"--play",
			);
			expect(exitCode, all).toBe(0);
			for (const accident of accidents) expect(all).toMatch(row(accident));
			expect(all).toMatch(counted("EXCH01", "1 cycle", "1 cycle"));
			for (const program of ["1 reqmain -t", "1 srvmain -t"])
				expect(all).toMatch(counted("PO-HARBOR", program, program));
			for (const program of programs)
				expect(all).toMatch(counted("PO-HARBOR", program, "at least .*"));
			expect(all).toMatch(/EXCH01 +First of PO-HARBOR, Second of PO-HARBOR/);
			expect(all).toContain("The rehearsal succeeded.");
		},
	);

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
	/** Starts a rehearsal. @returns it, with its output, when it waits for the operator */
	async function waiting(breaks: string[]) {
		const run = rehearse("EXCH02", breaks);
		const seen = { output: "" };
		run.all.on("data", (part) => {
			seen.output += part;
		});
		while (!seen.output.includes("The rehearsal waits."))
			await once(run.all, "data");
		return { run, seen };
	}

	/** Does the operator's part, as the rehearsal shows it. */
	async function recover(output: string): Promise<number> {
		// What follows the next update is not for now.
		const [recovery = ""] = output
			.slice(output.lastIndexOf("\nRecovery\n"))
			.split("Run pulumi up again.");
		const commands = [...recovery.matchAll(/^ +\$ (.*)$/gm)];
		for (const [, command = ""] of commands)
			await execa("sh", ["-c", command], {
				...{ cwd: rehearsal.dir, stdin: "ignore" },
			});
		return commands.length;
	}

	it("waits for the operator, and fails again if the operator has done nothing", async () => {
		const { run, seen } = await waiting([
			"EXCH02:wrong-password",
			"EXCH02-cycle:service-hangs",
		]);
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
		// The table has what the operator did, and nothing for the time without a recovery.
		expect(last.all).toMatch(
			row([
				...["EXCH02", "wrong-password", ".*no-log-in.*"],
				"pulumi up, correct privateKey, pulumi up",
			]),
		);
		expect(last.all).toMatch(/\n\$ .* config rm --path 'hosts.*onUncertain'/);
		expect((await run).exitCode).toBe(0);
		expect(seen.output).toContain("The rehearsal succeeded.");
	});

	it("fails if the operator lets a cycle run twice", async () => {
		const { run } = await waiting(["EXCH02-cycle:service-hangs"]);
		const wrong = "config set --path 'hosts[0].cycle.onUncertain' retry";
		await execa(
			...["sh", ["-c", `.lab/rehearsal/pulumi ${wrong} --stack weekend`]],
			{ cwd: rehearsal.dir },
		);
		const last = await rehearsal.run("--resume");
		expect(last.exitCode, last.all).toBe(1);
		expect(last.all).toContain(
			"rehearse: a cycle has run 2 times on EXCH02, but was to run once",
		);
		expect(last.all).toMatch(counted("EXCH02", "2 cycles", "1 cycle"));
		expect((await run).exitCode).toBe(1);
	});
});
