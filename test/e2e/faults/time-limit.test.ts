// @module-tag full
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import { DEFAULT_SETTINGS } from "../../lab/settings.ts";
import type { Stack } from "../../stack.ts";
import { Bench, declare, SERVICE } from "../fixture.ts";

// A program on the host hangs. The step still ends at its time limit, the host refuses further updates while the
// program runs, and afterwards no cycle is lost or repeated. A copy of the build has a shorter limit.
const SECONDS = 10;
const bench = new Bench();
let host: LabHost;
let stack: Stack;

async function wish(trigger: string, more = {}) {
	await declare(stack, {
		name: "EXCH01",
		host,
		more: { cycle: { triggers: [trigger], ...more } },
	});
}

/** Ends the hanging programs, as an administrator does on a host. */
async function endPrograms() {
	host.killScript({ children: true });
	await host.atRest();
	await host.set(DEFAULT_SETTINGS);
}

beforeAll(async () => {
	host = await bench.host({ make: "nt4", language: "de" });
	stack = await bench.stack();
	const script = join(await stack.ownProgram(), "scripts/windows/batch.js");
	const text = await readFile(script, "utf8");
	const shorter = text.replace(
		"TIME_LIMIT_SECONDS = 180",
		`TIME_LIMIT_SECONDS = ${SECONDS}`,
	);
	expect(shorter).not.toBe(text);
	await writeFile(script, shorter);
	await wish("a");
	await stack.must("up", "--yes", "--skip-preview");
});
afterAll(() => bench.end());

describe("at its time limit", () => {
	it("a kick ends with an unknown outcome; the next update is busy, and a later one asks", async () => {
		await host.set({ netHangs: "pause" });
		await wish("b");
		const { exitCode, output } = await stack.up();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(/EXCH01, kick: .*unknown \[time-limit\]\. End that/);
		expect((await stack.up()).output).toMatch(/EXCH01, kick: .*\[busy\]/);
		await endPrograms();
		expect(await host.cycles()).toHaveLength(2);
		expect((await stack.up()).output).toMatch(/\[outcome-unknown\]/);
		await wish("b", { onUncertain: "accept" });
		await stack.must("up", "--yes", "--skip-preview");
		expect(await host.cycles()).toHaveLength(2);
	});

	it.each(["stop", "start"] as const)(
		"a restart ends if its net %s hangs; the next update is busy, and a later one restarts",
		async (verb) => {
			await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
			await host.set({ netHangs: verb });
			await stack.configure({ verify: verb });
			const { exitCode, output } = await stack.up();
			expect(exitCode).not.toBe(0);
			expect(output).toMatch(/EXCH01, registry: .*\[time-limit\]/);
			expect((await stack.up()).output).toMatch(/EXCH01, registry: .*\[busy\]/);
			await endPrograms();
			await stack.must("up", "--yes", "--skip-preview");
			expect((await host.serviceLog()).at(-1)?.event).toBe("start kicks=1");
			expect(await host.cycles()).toHaveLength(2);
		},
	);

	it("a kick ends only with the hanging program if the host keeps the session, with the same outcome", async () => {
		await host.holdSessions();
		await host.set({ netHangs: "pause" });
		await wish("c");
		let over = false;
		const update = stack.up().finally(() => {
			over = true;
		});
		const told = () =>
			host
				.files()
				.then((files) => files.some((f) => f.endsWith("dx-work.cmd")));
		await expect.poll(told, { timeout: 30_000 }).toBe(true);
		await pause((SECONDS + 8) * 1000);
		expect(over).toBe(false);
		await endPrograms();
		expect((await update).output).toMatch(/EXCH01, kick: .*\[time-limit\]/);
		expect((await stack.up()).output).toMatch(/\[outcome-unknown\]/);
		await wish("c", { onUncertain: "accept" });
		await stack.must("up", "--yes", "--skip-preview");
		expect(await host.cycles()).toHaveLength(3);
	});
});
