import { existsSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PauseKicksDX } from "../../src/components/pause-kicks-dx.ts";
import { parseConfig } from "../../src/config/load-config.ts";
import { find, run } from "../component/program.ts";
import type { LabHost } from "../lab/host.ts";
import { processes } from "../lab/processes.ts";
import {
	anyText,
	CANARIES,
	goodName,
	goodTrigger,
	rawStack,
	runs,
} from "../unit/config/typed-texts.ts";
import { Bench, otherValues } from "./fixture.ts";

// No text of a stack file runs on a host. The program builds commands from names, triggers and verify. The tests pass
// these commands to the real shell of a host, and check that the host shows no effect of the texts.

const SOFTWARE = "HKEY_LOCAL_MACHINE\\SOFTWARE";
const UNIX_CANARY = "/tmp/dirsync-canary";

/** The commands that the program would send to a host, built by the component under Pulumi's mocks. */
async function commandsOf(name: string, triggers: string[], verify: string) {
	const raw = rawStack({ name, triggers, verify, address: "a", user: "b" });
	const [host] = parseConfig(raw, "lab").hosts;
	if (!host) throw new Error("no host was read");
	const result = await run(() => void new PauseKicksDX(host.name, host.args));
	const [enforcement, trigger] = [name, `${name}-cycle`].map(
		(resource) => find(result, resource).inputs,
	);
	expect(trigger?.triggers).toEqual(triggers);
	return {
		enforce: String(enforcement?.create),
		enforceScript: String(enforcement?.stdin),
		kick: String(trigger?.create),
		kickScript: String(trigger?.stdin),
	};
}

/** The command lines of the programs that run on the host. */
function programs(host: LabHost): string[] {
	const own = processes().filter(({ environment }) =>
		environment.includes(`WINEPREFIX=${host.dir}/`),
	);
	return [...new Set(own.map(({ command }) => command))].sort();
}

/** The part of the host that this package must not change. */
async function surroundings(host: LabHost) {
	const software = (await host.registryDump(SOFTWARE)) ?? "";
	const own = `[${SOFTWARE}\\exchange-dirsync]`;
	return {
		files: await host.files(),
		service: await otherValues(host),
		software: software
			.split(/(?=^\[)/m)
			.filter((section) => !section.startsWith(own))
			.join(""),
	};
}

for (const make of ["reg", "nt4"] as const)
	describe(`on a host of make ${make}`, {
		tags: make === "reg" ? ["full"] : [],
	}, () => {
		const bench = new Bench();
		let host: LabHost;
		let before: Awaited<ReturnType<typeof surroundings>>;
		let running: string[];
		let tries = 0;

		beforeAll(async () => {
			expect(existsSync(UNIX_CANARY)).toBe(false);
			host = await bench.host({ make });
			// The first command makes Windows start programs and write files. They are not effects of a text.
			await host.exec("ver");
			before = await surroundings(host);
			running = programs(host);
		});
		afterAll(() => bench.end());

		/** Runs an enforcement and a kick with these texts, the enforcement also with incomplete scripts. */
		async function live(name: string, texts: string[], verify: string) {
			tries += 1;
			// Each try needs new triggers, so that it starts a cycle.
			const triggers = [...texts, `try ${tries}`];
			const sent = await commandsOf(name, triggers, verify);
			const cut = await host.exec(sent.enforce, "");
			expect(cut).toMatchObject({ exitCode: 1, stdout: "[incomplete]\r\n" });
			const half = sent.enforceScript.slice(0, sent.enforceScript.length / 2);
			expect(await host.exec(sent.enforce, half)).toMatchObject(cut);

			const enforced = await host.exec(sent.enforce, sent.enforceScript);
			expect(enforced.stdout).toMatch(
				/^took about \d+ s\r\nbefore: absent\r\nPauseKicksDX is 1, service restarted: (yes|no)\r\n$/,
			);
			expect(enforced.exitCode).toBe(0);

			const cycles = (await host.cycles()).length;
			const kicked = await host.exec(sent.kick, sent.kickScript);
			expect(kicked.stdout).toContain("T1 started");
			expect(kicked.exitCode).toBe(0);
			expect(await host.cycles()).toHaveLength(cycles + 1);
		}

		/** Expects no new file. It is fast, so it runs after every try. */
		async function judgeFiles() {
			expect(await host.files()).toEqual(before.files);
			expect(existsSync(UNIX_CANARY)).toBe(false);
		}

		/** Expects no new registry value, no new process, and no request that the lab's programs do not support. */
		async function judge() {
			expect(await surroundings(host)).toEqual(before);
			expect(await host.labErrors()).toEqual([]);
			await expect
				.poll(() => programs(host), { timeout: 30_000 })
				.toEqual(running);
		}

		it("all canaries together, as triggers and as verify, have no effect on the host", async () => {
			const texts = CANARIES.map((text) => text.replace(/\p{Cc}+/gu, " "));
			await live("EXCH01", texts, CANARIES.join("\r\n"));
			await judgeFiles();
			await judge();
		});

		it("a failure prints the host's name", { tags: ["full"] }, async () => {
			await host.stopService();
			for (const name of ["on", "2", "rem", "a".repeat(63)]) {
				const sent = await commandsOf(name, ["not sent"], "");
				const { stdout, exitCode } = await host.exec(
					sent.kick,
					sent.kickScript,
				);
				expect(stdout.startsWith(`${name}, kick: the service `)).toBe(true);
				expect(exitCode).toBe(1);
			}
			await host.startService();
		});

		it("random names, triggers and verify have no effect on the host", {
			tags: ["full"],
		}, async () => {
			await fc.assert(
				fc.asyncProperty(
					goodName,
					fc.array(goodTrigger, { maxLength: 3 }),
					anyText.filter((text) => !/^\s*[[{n]/.test(text)),
					async (name, texts, verify) => {
						await live(name, texts, verify);
						await judgeFiles();
					},
				),
				// A failure is reported as it was found, because shrinking it takes minutes.
				{ numRuns: runs(7), endOnFailure: true },
			);
			await judge();
		});
	});
