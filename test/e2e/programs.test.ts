// @module-tag full
import { afterAll, describe, expect, it } from "vitest";
import type { LabHost } from "../lab/lab-host.ts";
import type { Started } from "../lab/started-programs.ts";
import type { Stack } from "../stack.ts";
import { Bench, declare } from "./fixture.ts";

// How many programs a run starts on a host, without the `ping` that it waits with: their number depends on the host's speed.
// docs/host-footprint.md has the same numbers.
const LIMITS = { first: 35, inPlace: 20, kick: 25 };

const withoutPing = ({ ping: _, ...started }: Started) => started;

const sum = (started: Started) =>
	Object.values(started).reduce((total, one) => total + one, 0);

describe.each([
	[
		"reg",
		{
			first: { cmd: 6, find: 9, net: 4, reg: 10 },
			inPlace: { cmd: 6, find: 7, reg: 2 },
			kick: { cmd: 6, find: 10, net: 2, reg: 5 },
			again: { cmd: 6, find: 11, net: 2, reg: 5 },
		},
	],
	[
		"nt4",
		{
			first: { cmd: 6, find: 9, net: 4, regedit: 8 },
			inPlace: { cmd: 6, find: 7, regedit: 3 },
			kick: { cmd: 6, find: 10, net: 2, regedit: 6 },
			again: { cmd: 6, find: 11, net: 2, regedit: 6 },
		},
	],
] as const)("the programs that are started on a host, %s", (make, expected) => {
	const bench = new Bench();
	let host: LabHost;
	let stack: Stack;
	afterAll(() => bench.end());

	const update = async (trigger: string) => {
		const entry = { name: "EXCH01", host };
		await declare(stack, {
			...entry,
			more: { cycle: { triggers: [trigger] } },
		});
		const started = await host.countPrograms(() =>
			stack.must("up", "--yes", "--skip-preview"),
		);
		return started.map(withoutPing);
	};

	it("a first enforcement with a restart, then a kick", async () => {
		host = await bench.host({ make });
		stack = await bench.stack();
		const [first = {}, kick = {}, ...more] = await update("one");
		expect(more).toEqual([]);
		expect(first).toEqual(expected.first);
		expect(kick).toEqual(expected.kick);
		expect(sum(first)).toBeLessThanOrEqual(LIMITS.first);
		expect(sum(kick)).toBeLessThanOrEqual(LIMITS.kick);
	});

	it("an enforcement that finds everything in place", async () => {
		await stack.configure({ verify: "again" });
		const started = await update("one");
		expect(started).toEqual([expected.inPlace]);
		expect(sum(started[0] ?? {})).toBeLessThanOrEqual(LIMITS.inPlace);
	});

	it("a kick of a host that was kicked before", async () => {
		const started = await update("two");
		expect(started).toEqual([expected.again]);
		expect(sum(started[0] ?? {})).toBeLessThanOrEqual(LIMITS.kick);
	});
});
