import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { measure } from "./measure.ts";
import { sshSide } from "./other-sides.ts";
import type { Side, StepName } from "./side.ts";
import { WineFleet } from "./wine-fleet.ts";

// The tools that this package is compared with must do their work too.
let dir: string;
let fleet: WineFleet;
let side: Side;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-wine-fleet-"));
	fleet = await WineFleet.start(join(dir, "hosts"), 2);
	side = await sshSide(fleet, join(dir, "ssh"));
});
afterAll(async () => {
	await fleet.stop();
	await rm(dir, { recursive: true });
});

/** Runs a step. @returns its output, and what each host counted */
async function take(step: StepName) {
	const line = await side.steps[step]?.();
	if (!line) throw new Error(`ssh has no step ${step}`);
	await fleet.reset();
	const { output } = await measure(line);
	const counts = await fleet.counts();
	return {
		output,
		seen: counts.map(({ kicks, logins, unknown, commands }) => ({
			...{ kicks, logins, unknown },
			commands: Object.values(commands).reduce((sum, each) => sum + each, 0),
		})),
	};
}

it("runs each step of the shortest commands, and resets the counters", async () => {
	const seen = (kicks: number, logins: number) => ({
		...{ kicks, logins, commands: logins, unknown: [] },
	});
	expect((await take("check")).output).not.toContain("PauseKicksDX");
	expect((await take("first up")).seen).toEqual([seen(1, 2), seen(1, 2)]);
	const looked = await take("check");
	expect(looked.seen).toEqual([seen(0, 1), seen(0, 1)]);
	expect(looked.output.match(/PauseKicksDX +REG_DWORD +0x1/g)).toHaveLength(2);
	expect((await take("one trigger")).seen).toEqual([seen(1, 1), seen(0, 0)]);
	expect((await take("all triggers")).seen).toEqual([seen(1, 1), seen(1, 1)]);
	await take("destroy");
	expect((await take("check")).output).not.toContain("PauseKicksDX");
});
