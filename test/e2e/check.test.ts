import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Check, Looked, NotLooked } from "../../src/check/check.ts";
import type { LabHost } from "../lab/host.ts";
import type { Stack } from "../stack.ts";
import { Bench, declare, footprint, RECORD, SERVICE } from "./fixture.ts";

// npm run check: what it tells of hosts on which drift was made by hand, and that it changes nothing on any of them.
const bench = new Bench();
const hosts: Record<"REG" | "NT4" | "SERVER", LabHost> = {} as never;
const cycle = { triggers: ["initial-import"] };
let stack: Stack;

const declared = (over: Partial<typeof hosts> = {}) =>
	declare(
		stack,
		...Object.entries({ ...hosts, ...over }).map(([name, host]) => ({
			name,
			host,
			more: { cycle, ...(name === "SERVER" && { role: "server" }) },
		})),
	);

async function check() {
	const { exitCode, stdout } = await stack.check("--json");
	const found = JSON.parse(stdout) as Check;
	const host = (name: string) =>
		found.hosts.find((one) => one.name === name) as Looked & NotLooked;
	return { exitCode, found, host };
}

const codes = (host: Looked) => host.drift.map(({ code }) => code);

/** All of a host that a look could change. */
const whole = async (host: LabHost) => ({
	...(await footprint(host)),
	log: await host.serviceLog(),
	controls: await host.controls(),
});
const everything = () => Promise.all(Object.values(hosts).map(whole));

beforeAll(async () => {
	[hosts.REG, hosts.NT4, hosts.SERVER] = await Promise.all([
		bench.host({ pauseKicksDX: "dword:00000000" }),
		bench.host({ make: "nt4", language: "de" }),
		bench.host({ make: "nt4", role: "server" }),
	]);
	stack = await bench.stack();
	await declared();
	await stack.must("up", "--yes", "--skip-preview");
});
afterAll(() => bench.end());

describe("a look at hosts as declared", () => {
	it("tells all there is, ends with 0, logs in once a host, and changes nothing", async () => {
		const before = await everything();
		const logins = await hosts.NT4.logins();
		const { exitCode, found, host } = await check();
		expect(found).toMatchObject({
			stack: "organization/exchange-dirsync/lab",
			result: "as-declared",
		});
		expect(exitCode).toBe(0);
		expect(found.hosts.map(({ name }) => name)).toEqual(Object.keys(hosts));
		expect(host("REG")).toMatchObject({
			looked: true,
			drift: [],
			value: { type: "REG_DWORD", data: "1" },
			service: "running",
			startedSinceValue: "recorded",
			cycle: "T1",
			lastKick: {
				cycle: "cycle",
				at: expect.stringMatching(/^\d{4}-.*Z$/),
				evidence: expect.stringContaining("NET HELPMSG 3539"),
			},
			record: {
				stack: "organization/exchange-dirsync/lab",
				previous: { type: "REG_DWORD", data: "0" },
				restartOwed: false,
				intent: null,
			},
		});
		expect(host("NT4")).toMatchObject({
			service: "running or paused",
			record: { previous: null },
		});
		expect(host("SERVER").cycle).toBe("T2");
		expect(await everything()).toEqual(before);
		expect(await hosts.NT4.logins()).toBe(logins + 1);
		expect(await hosts.NT4.labErrors()).toEqual([]);
	});

	it("keeps no update waiting, and is kept by none", async () => {
		const gate = await hosts.NT4.gate({ when: "before", program: "net.exe start" });
		const looking = check();
		await gate.reached();
		await stack.configure({ verify: "while-looked-at" });
		await stack.must("up", "--yes", "--skip-preview");
		await gate.open();
		expect((await looking).exitCode).toBe(0);
	});
});

it("the table for people", async () => {
	const { exitCode, stdout } = await stack.check();
	expect(exitCode).toBe(0);
	expect(stdout).toMatch(/^host +drift +value +service +started since +last/);
	expect(stdout).toMatch(
		/\nREG +- +REG_DWORD 1 +running +recorded +T1 \S+Z +net pause answered/,
	);
	expect(stdout).toContain("\n3 hosts: 3 as declared, 0 with drift, 0 not looked at");
});
