import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

// Enforcement and destroy on every make of host, in both languages, over every transport, for each earlier value of
// PauseKicksDX.
const FOUND = {
	ABSENT: { rhs: undefined, told: "absent" },
	ZERO: { rhs: "dword:00000000", told: "REG_DWORD 0" },
	ONE: { rhs: "dword:00000001", told: "REG_DWORD 1" },
	TEXT: { rhs: '"1"', told: "REG_SZ 1" },
} as const;
type Found = keyof typeof FOUND;

const ALL = Object.keys(FOUND) as Found[];

// Each script runs once with every earlier value. The hosts with fewer values use the same scripts and differ only in
// the texts that they print.
const KINDS: Record<string, [AnyOptions, Found[]]> = {
	REG: [{ transport: "ssh", make: "reg", language: "en" }, ALL],
	"NT4-DE": [{ transport: "ssh", make: "nt4", language: "de" }, ALL],
	"REG-DE": [{ transport: "ssh", make: "reg", language: "de" }, ["ABSENT"]],
	NT4: [{ transport: "ssh", make: "nt4", language: "en" }, ["ABSENT"]],
	SAMBA: [{ transport: "samba", make: "nt4", language: "de" }, ALL],
	GATEWAY: [{ transport: "gateway", make: "smb2" }, ["ABSENT", "TEXT"]],
};

/** A host, and its state before the first update. */
interface Subject extends Entry {
	found: Found;
	before: Awaited<ReturnType<typeof footprint>>;
	others: string;
}

describe("hosts of every kind, with every earlier value", () => {
	const bench = new Bench();
	let subjects: Subject[];
	let stack: Stack;
	/** Runs the expectations for each host. A failure names the host. */
	const each = async (look: (subject: Subject) => Promise<void>) => {
		for (const subject of subjects) await look(subject);
	};
	const up = () => stack.must("up", "--yes", "--skip-preview");

	beforeAll(async () => {
		const all = Object.entries(KINDS).flatMap(([kind, [options, names]]) =>
			names.map((found) => ({ name: `${kind}-${found}`, options, found })),
		);
		subjects = await Promise.all(
			all.map(async ({ name, options, found }) => {
				const pauseKicksDX = FOUND[found].rhs;
				const host = await bench.anyHost({ ...options, pauseKicksDX });
				const before = await footprint(host);
				return { name, found, host, before, others: await otherValues(host) };
			}),
		);
		stack = await bench.stack();
		await declare(stack, ...subjects);
	});
	afterAll(() => bench.end());

	it("up writes 1 where the value differs, restarts that service once, and changes nothing else", async () => {
		await up();
		await each(async ({ name, found, host, before, others }) => {
			expect(await host.registryValue(SERVICE, "PauseKicksDX"), name).toBe(
				"dword:00000001",
			);
			expect(await otherValues(host), name).toEqual(others);
			const started = found === "ONE" ? "start kicks=1" : "start kicks=0";
			const restart = found === "ONE" ? [] : ["stop", "start kicks=1"];
			expect(await events(host), name).toEqual([started, ...restart]);
			expect((await footprint(host)).files, name).toEqual(before.files);
		});
	});

	it("the outputs contain the earlier value", async () => {
		expect(await stack.outputs()).toEqual({
			cutovers: {},
			hosts: Object.fromEntries(
				subjects.map(({ name, found }) => [
					name,
					{
						value: 1,
						previous: FOUND[found].told,
						restarted: found !== "ONE",
					},
				]),
			),
		});
	});

	it("a new verify inspects again, writes and restarts nothing, and still outputs the earlier value", async () => {
		const dumps = new Map<string, Subject["before"]>();
		await each(async ({ name, host }) => {
			dumps.set(name, await footprint(host));
		});
		await stack.configure({ verify: "build-4711" });
		await up();
		await each(async ({ name, found, host }) => {
			expect(await footprint(host), name).toEqual(dumps.get(name));
			expect(await runs(host), name).toBe(2);
			expect(await events(host), name).toHaveLength(found === "ONE" ? 1 : 3);
		});
		const { hosts } = (await stack.outputs()) as {
			hosts: Record<string, unknown>;
		};
		for (const { name, found } of subjects)
			expect(hosts[name]).toEqual({
				value: 1,
				previous: FOUND[found].told,
				restarted: false,
			});
	});

	it("a new verify repairs drift and restarts the service once", async () => {
		const drifted = subjects.filter(({ found }) => found === "ABSENT");
		const seen = new Map<string, number>();
		for (const { name, host } of drifted) {
			seen.set(name, (await events(host)).length);
			await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
		}
		await stack.configure({ verify: "build-4712" });
		await up();
		for (const { name, host } of drifted) {
			expect(await host.registryValue(SERVICE, "PauseKicksDX"), name).toBe(
				"dword:00000001",
			);
			expect((await events(host)).slice(seen.get(name)), name).toEqual([
				"stop",
				"start kicks=1",
			]);
		}
	});

	it("destroy restores the earlier value, restarts nothing and leaves nothing", async () => {
		const seen = new Map<string, string[]>();
		await each(async ({ name, host }) => {
			seen.set(name, await events(host));
		});
		await stack.must("destroy", "--yes", "--skip-preview");
		await each(async ({ name, host, before }) => {
			expect(await footprint(host), name).toEqual(before);
			expect(await events(host), name).toEqual(seen.get(name));
			expect(await host.labErrors(), name).toEqual([]);
		});
	});
});
