// @module-tag full
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../free-port.ts";
import { NO_CHECKPOINTS, Stack } from "../stack.ts";
import { prepareToolchain } from "../toolchain/toolchain.ts";
import { makeKey } from "./fleet.ts";
import { Overload } from "./overload.ts";

// A fleet behind one jump host that drops log-ins when there are too many, as OpenSSH does by default.
const SIZE = 40;
let dir: string;
let site: Overload;
let stack: Stack;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-overload-"));
	const ports: number[] = [];
	while (ports.length <= SIZE) ports.push(await freePort());
	const [jumpPort = 0, ...others] = ports;
	site = await Overload.start(dir, { ports: others, jumpPort, slowMs: 3_000 });
	stack = await Stack.open(await prepareToolchain(), dir, "overload", {
		env: NO_CHECKPOINTS,
	});
	await site.declare(stack);
});
afterAll(async () => {
	await site.stop();
	await rm(dir, { recursive: true });
});

/** True for every update: it kicks no host twice, no log-in is refused, and each host that was not kicked is named. */
async function expectHonest(seen: Awaited<ReturnType<Overload["judge"]>>) {
	const { once, never, named, refused, strange, jump } = seen;
	expect(once.length + never.length).toBe(SIZE);
	expect(named).toEqual(never);
	expect(refused + jump.refused).toBe(0);
	expect(strange).toEqual([]);
}

describe("a fleet behind one jump host", () => {
	it("names the hosts that were not reached through an overrun jump host, and no log-in fails", async () => {
		const sendAway = await site.jump.crowd();
		const before = await site.jump.seen();
		const run = await stack.up("--continue-on-error", "--parallel", "8");
		await sendAway();
		const seen = await site.judge(run);
		await expectHonest(seen);
		expect(run.exitCode).not.toBe(0);
		expect(seen.jump.dropped).toBeGreaterThan(before.dropped);
		expect(seen.named.length).toBeGreaterThan(site.unreachable.length);
	});

	it("does not overrun it with eight log-ins at once: all reachable hosts are kicked, the others are named", async () => {
		const before = await site.jump.seen();
		const run = await stack.up("--continue-on-error", "--parallel", "8");
		const seen = await site.judge(run);
		await expectHonest(seen);
		expect(seen.named).toEqual(
			site.unreachable.map((place) => site.fleet.doors[place]?.name),
		);
		expect(seen.jump.dropped).toBe(before.dropped);
	});

	it("is completed by another update once all hosts are reachable", async () => {
		await site.reach(true);
		const run = await stack.up("--parallel", "8");
		expect(run.exitCode, run.output).toBe(0);
		const seen = await site.judge(run);
		await expectHonest(seen);
		expect(seen.once.length).toBe(SIZE);
	});

	// One account can be valid on many hosts, and some refusals lock it.
	it("tries a key that all hosts refuse once for each host, and not again in a second step", async () => {
		const stranger = await makeKey(join(dir, "stranger"));
		await stack.setSecret("credentials.default.privateKey", stranger.private);
		await stack.configure({ verify: "with another key" });
		const run = await stack.up("--continue-on-error", "--parallel", "8");
		expect(run.exitCode).not.toBe(0);
		const { named, refused, jump } = await site.judge(run);
		expect(named).toHaveLength(SIZE);
		expect(refused).toBe(SIZE);
		expect(jump.refused).toBe(0);
	});
});
