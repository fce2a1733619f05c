import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnyHost } from "../lab/any-host.ts";
import type { Stack } from "../stack.ts";
import {
	type AnyOptions,
	Bench,
	declare,
	type Entry,
	events,
	footprint,
	otherValues,
	runs,
	SERVICE,
} from "./fixture.ts";

// P1 and P7, on every make of host, in both languages and by every way in, whatever PauseKicksDX was before.
const FOUND = {
	ABSENT: { rhs: undefined, told: "absent" },
	ZERO: { rhs: "dword:00000000", told: "REG_DWORD 0" },
	ONE: { rhs: "dword:00000001", told: "REG_DWORD 1" },
	TEXT: { rhs: '"1"', told: "REG_SZ 1" },
} as const;
type Found = keyof typeof FOUND;

const ALL = Object.keys(FOUND) as Found[];

// Every found value once for each script; hosts of the other two share their scripts and differ in their texts alone.
describe.each<[AnyOptions, Found[]]>([
	[{ way: "ssh", make: "reg", language: "en" }, ALL],
	[{ way: "ssh", make: "nt4", language: "de" }, ALL],
	[{ way: "ssh", make: "reg", language: "de" }, ["ABSENT"]],
	[{ way: "ssh", make: "nt4", language: "en" }, ["ABSENT"]],
	[{ way: "samba", make: "nt4", language: "de" }, ALL],
	[{ way: "gateway", make: "smb2" }, ["ABSENT", "TEXT"]],
])("on a host like %j that has %j", (options, names) => {
	const bench = new Bench();
	const hosts = new Map<Found, AnyHost>();
	const before = new Map<Found, Awaited<ReturnType<typeof footprint>>>();
	const others = new Map<Found, string>();
	let stack: Stack;
	const entries = (): Entry[] =>
		names.map((name) => ({ name, host: hosts.get(name) as AnyHost }));

	beforeAll(async () => {
		for (const name of names) {
			const pauseKicksDX = FOUND[name].rhs;
			const host = await bench.anyHost({ ...options, pauseKicksDX });
			hosts.set(name, host);
			before.set(name, await footprint(host));
			others.set(name, await otherValues(host));
		}
		stack = await bench.stack();
		await declare(stack, ...entries());
	});
	afterAll(() => bench.end());

	it("up writes 1 where it was not, restarts that service once, and touches nothing else", async () => {
		await stack.must("up", "--yes", "--skip-preview");
		for (const { name, host } of entries()) {
			expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
				"dword:00000001",
			);
			expect(await otherValues(host)).toEqual(others.get(name as Found));
			const started = name === "ONE" ? "start kicks=1" : "start kicks=0";
			const restart = name === "ONE" ? [] : ["stop", "start kicks=1"];
			expect(await events(host)).toEqual([started, ...restart]);
			expect((await footprint(host)).files).toEqual(
				before.get(name as Found)?.files,
			);
		}
	});

	it("the outputs tell what was there before", async () => {
		expect(await stack.outputs()).toEqual({
			cutovers: {},
			hosts: Object.fromEntries(
				names.map((name) => [
					name,
					{
						value: 1,
						previous: FOUND[name].told,
						restarted: name !== "ONE",
					},
				]),
			),
		});
	});

	it("a new verify looks again, writes nothing, restarts nothing, and still tells what was there at first", async () => {
		const dumps = await Promise.all(
			entries().map(({ host }) => footprint(host)),
		);
		await stack.configure({ verify: "build-4711" });
		await stack.must("up", "--yes", "--skip-preview");
		for (const [index, { name, host }] of entries().entries()) {
			expect(await footprint(host)).toEqual(dumps[index]);
			expect(await runs(host)).toBe(2);
			expect(await events(host)).toHaveLength(name === "ONE" ? 1 : 3);
		}
		const { hosts } = (await stack.outputs()) as {
			hosts: Record<string, unknown>;
		};
		for (const name of names)
			expect(hosts[name]).toEqual({
				value: 1,
				previous: FOUND[name].told,
				restarted: false,
			});
	});

	it("a new verify repairs what drifted", async () => {
		const { host } = entries()[0] as Entry;
		const seen = (await events(host)).length;
		await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
		await stack.configure({ verify: "build-4712" });
		await stack.must("up", "--yes", "--skip-preview");
		expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
			"dword:00000001",
		);
		expect((await events(host)).slice(seen)).toEqual(["stop", "start kicks=1"]);
	});

	it("destroy puts everything back, restarts nothing and leaves nothing behind", async () => {
		const seen = await Promise.all(entries().map(({ host }) => events(host)));
		await stack.must("destroy", "--yes", "--skip-preview");
		for (const [index, { name, host }] of entries().entries()) {
			expect(await footprint(host)).toEqual(before.get(name as Found));
			expect(await events(host)).toEqual(seen[index]);
			expect(await host.labErrors()).toEqual([]);
		}
	});
});
