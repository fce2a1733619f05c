import { setTimeout as pause } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import type { Host, Transport } from "../../../src/cli/hosts.ts";
import { inspectHosts } from "../../../src/cli/inspect-host.ts";
import { ConnectionError, type Route, run } from "../../../src/cli/ssh.ts";

// No host is reached: each connection lasts some milliseconds and breaks.
vi.mock("../../../src/cli/ssh.ts", async (original) => ({
	...(await original<object>()),
	run: vi.fn(),
}));

const route = (host: string, port = 22) => ({ host, port, user: "u" });
const hosts = (count: number, transport: (index: number) => Transport) =>
	Array.from(
		{ length: count },
		(_, index): Host => ({
			...{ name: `H${index}`, kind: "ssh", cycleType: "T1" },
			...{ triggers: undefined, onUncertain: "fail", onDestroy: "restore" },
			transport: transport(index),
		}),
	);
const ssh =
	(address: string, proxy?: Route) =>
	(index: number): Transport => ({
		ssh: { ...route(`${address}${index}`), ...(proxy && { proxy }) },
		registryTool: "auto",
	});

/** Inspects hosts. @returns the most connections at a time, in all and through the server `jump` */
async function most(inspected: readonly Host[]) {
	const now = { all: 0, jump: 0 };
	const highest = { all: 0, jump: 0 };
	vi.mocked(run).mockImplementation(async (to) => {
		const counts = (to.proxy ?? to).host === "jump";
		now.all += 1;
		if (counts) now.jump += 1;
		highest.all = Math.max(highest.all, now.all);
		highest.jump = Math.max(highest.jump, now.jump);
		await pause(5);
		now.all -= 1;
		if (counts) now.jump -= 1;
		throw new ConnectionError("unreachable", `of ${to.host}`);
	});
	const results = await inspectHosts(inspected, () => {});
	return { ...highest, results };
}

it("hosts are inspected fifty at a time, and the results have their order", async () => {
	const { all, results } = await most(hosts(120, ssh("h")));
	expect(all).toBe(50);
	expect(results).toHaveLength(120);
	for (const [index, result] of results.entries())
		expect(result).toMatchObject({
			error: { text: expect.stringMatching(`of h${index}$`) },
		});
});

it.each<[string, (index: number) => Transport]>([
	["a jump host", ssh("h", route("jump"))],
	["a gateway", () => ({ login: "", legacy: false, gateway: route("jump") })],
	["one address", () => ({ ssh: route("jump"), registryTool: "auto" })],
])(
	"through %s there are ten at a time, and others besides",
	async (_, through) => {
		const { all, jump, results } = await most([
			...hosts(60, through),
			...hosts(60, ssh("h")),
		]);
		expect({ all, jump }).toEqual({ all: 50, jump: 10 });
		expect(results.filter(Boolean)).toHaveLength(120);
	},
);
