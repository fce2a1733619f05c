import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HostPlanned, Plan } from "../../src/cli/plan/plan.ts";
import type { AnyHost } from "../lab/any-host.ts";
import type { Stack } from "../stack.ts";
import { Site } from "./cutover/site.ts";
import {
	Bench,
	declare,
	type Entry,
	events,
	everything,
	RECORD,
	SERVICE,
} from "./fixture.ts";

// npm run plan: it changes nothing on any host, and the update that follows does exactly what it predicted.

const cycle = (...triggers: string[]) => ({ cycle: { triggers } });

async function plan(stack: Stack, ...args: string[]) {
	const { exitCode, stdout, stderr } = await stack.plan("--json", ...args);
	expect(stderr).toBe("");
	const found = JSON.parse(stdout) as Plan;
	const host = (name: string) =>
		found.hosts.find((one) => one.name === name) as HostPlanned;
	return { exitCode, found, host };
}

/** Everything on the hosts that a plan could change. */
const onHosts = (hosts: readonly AnyHost[]) =>
	Promise.all(hosts.map(everything));

/** What an update did on a host. */
async function observe(host: AnyHost, before: { log: number; cycles: number }) {
	const log = (await events(host)).slice(before.log);
	return {
		value: (await host.registryValue(SERVICE, "PauseKicksDX")) ?? "absent",
		restarted: log.some((event) => event.startsWith("start")),
		cycles: (await host.cycles()).slice(before.cycles).map(({ type }) => type),
	};
}

/** The same, as the plan predicted it. */
const predicted = ({ value, restart, cycles }: HostPlanned) => ({
	value: value.after
		? `dword:${Number(value.after.data).toString(16).padStart(8, "0")}`
		: "absent",
	restarted: restart !== null,
	cycles: cycles.map(({ type }) => type),
});

describe("a plan of hosts", () => {
	const bench = new Bench();
	const hosts: Record<string, AnyHost> = {};
	let stack: Stack;

	const all = () => Object.values(hosts);
	const entries = (more: Record<string, object>): Entry[] =>
		Object.entries(more).map(([name, own]) => ({
			...{ name, host: hosts[name] as AnyHost, more: own },
		})) as Entry[];

	/** Runs an update or a destroy, and compares what it did on each host with the plan. */
	async function expectExactly({ found }: { found: Plan }) {
		const before = new Map<string, { log: number; cycles: number }>();
		for (const [name, host] of Object.entries(hosts))
			before.set(name, {
				log: (await events(host)).length,
				cycles: (await host.cycles()).length,
			});
		const { exitCode, output } =
			found.for === "up"
				? await stack.up("--continue-on-error")
				: await stack.destroy();
		for (const one of found.hosts as HostPlanned[]) {
			const host = hosts[one.name] as AnyHost;
			const start = before.get(one.name) ?? { log: 0, cycles: 0 };
			expect(await observe(host, start), one.name).toEqual(predicted(one));
			for (const { code } of one.refused) expect(output).toContain(`[${code}]`);
		}
		expect(exitCode === 0, output).toBe(found.result !== "refused");
	}

	beforeAll(async () => {
		const made = await Promise.all([
			bench.host({ pauseKicksDX: "dword:00000000" }),
			bench.host(),
			bench.anyHost({ transport: "samba", make: "nt4" }),
			bench.host({ make: "nt4", language: "de" }),
		]);
		for (const [index, name] of ["NEW", "DRIFT", "SAMBA", "GONE"].entries())
			hosts[name] = made[index] as AnyHost;
		stack = await bench.stack();
		await declare(
			stack,
			...entries({ DRIFT: cycle("a"), SAMBA: cycle("a"), GONE: {} }),
		);
		await stack.must("up", "--yes", "--skip-preview");
		await (hosts.DRIFT as AnyHost).setRegistry(
			...[SERVICE, "PauseKicksDX", undefined],
		);
		await declare(
			stack,
			...entries({ NEW: cycle("b"), DRIFT: cycle("a"), SAMBA: cycle("b") }),
		);
		await stack.configure({ verify: "today" });
	}, 240_000);
	afterAll(() => bench.end());

	it("names values, restarts and cycles, and changes nothing on a host", async () => {
		const before = await onHosts(all());
		const { exitCode, found, host } = await plan(stack);
		expect(exitCode, JSON.stringify(found, undefined, 1)).toBe(2);
		expect(found).toMatchObject({ for: "up", result: "changes" });
		expect(host("NEW")).toMatchObject({
			enforcement: "create",
			value: {
				now: { type: "REG_DWORD", data: "0" },
				after: { type: "REG_DWORD", data: "1" },
			},
			restart: "the service reads PauseKicksDX when it starts",
			cycles: [{ type: "T1", reason: "the cycle is declared (b)" }],
		});
		expect(host("DRIFT")).toMatchObject({
			...{ enforcement: "update", cycles: [] },
			value: { now: null, after: { type: "REG_DWORD", data: "1" } },
		});
		expect(host("SAMBA")).toMatchObject({
			...{ enforcement: "update", restart: null },
			cycles: [{ type: "T1", reason: "its triggers changed (b)" }],
		});
		expect(host("GONE")).toMatchObject({
			...{ enforcement: "delete", value: { after: null }, cycles: [] },
		});
		const table = await stack.plan();
		expect(table.exitCode).toBe(2);
		expect(table.stdout).toMatch(
			/\nNEW +REG_DWORD 0 -> REG_DWORD 1 +yes +T1 +-\n/,
		);
		const markdown = await stack.plan("--markdown");
		expect(markdown.stdout).toContain(
			"| NEW | REG\\_DWORD 0 -\\> REG\\_DWORD 1 | yes | T1 | - |",
		);
		expect(await onHosts(all())).toEqual(before);
	});

	it("is what the update does", async () => {
		await expectExactly(await plan(stack));
	});

	it("is empty after the update, with exit code 0", async () => {
		const { exitCode, found } = await plan(stack);
		expect(exitCode).toBe(0);
		expect(found.result).toBe("nothing");
	});

	it("names what will be refused, and the update fails with the same codes", async () => {
		await (hosts.NEW as AnyHost).setRegistry(
			...[RECORD, "Stack", '"dx-stack:organization/exchange-dirsync/other;"'],
		);
		await (hosts.NEW as AnyHost).setRegistry(RECORD, "Owner", '"dx-owner:0;"');
		await (hosts.SAMBA as AnyHost).setRegistry(
			...[RECORD, "Intent"],
			'"dx-intent:open cycle 0123456789abcdef 2026-11-22T16:00:00Z;"',
		);
		await declare(
			stack,
			...entries({ NEW: cycle("b"), DRIFT: cycle("a"), SAMBA: cycle("c") }),
		);
		await stack.configure({ verify: "tomorrow" });
		const planned = await plan(stack);
		expect(planned.exitCode).toBe(1);
		expect(planned.found.result).toBe("refused");
		expect(planned.host("NEW").refused).toMatchObject([
			{ code: "another-stack" },
		]);
		expect(planned.host("SAMBA").refused).toMatchObject([
			{ code: "outcome-unknown" },
		]);
		await expectExactly(planned);
	});

	it("of destroy names what it restores, and destroy does so", async () => {
		const planned = await plan(stack, "--destroy");
		expect(planned.found).toMatchObject({ for: "destroy", result: "changes" });
		expect(planned.host("NEW").notes[0]).toMatch(
			/^the host belongs to .*other/,
		);
		expect(planned.host("SAMBA").value.after).toBeNull();
		await expectExactly(planned);
	});
});

describe("a plan of a cutover", { tags: ["full"] }, () => {
	const bench = new Bench();
	let site: Site;
	beforeAll(async () => {
		site = await Site.make(bench, "requestor", {
			...{ "PO-HARBOR": ["Anna"], "PO-PIER": ["Bert"] },
		});
		await site.declare("rehearsal-1");
	});
	afterAll(() => bench.end());

	it("names all steps in their order, and the kick", async () => {
		const { exitCode, found, host } = await plan(site.stack);
		expect(exitCode).toBe(2);
		expect(host("EXCH01").cycles).toEqual([
			{ type: "T1", reason: "cutover harbor" },
		]);
		const { steps = [] } = found.cutovers[0] ?? {};
		// The post offices run in parallel.
		expect(steps.slice(0, 2).sort()).toEqual([
			...["PO-HARBOR-reqmain-t", "PO-PIER-reqmain-t"],
		]);
		expect(steps.slice(2, 4)).toEqual(["EXCH01-kick", "t1-delivered"]);
		expect(found.cutovers[0]?.steps).toHaveLength(13);
	});

	it("names only the steps that are left", async () => {
		await site.first.host.set({ programFault: "srvmain -t:113" });
		expect((await site.stack.up()).exitCode).not.toBe(0);
		const { found, host } = await plan(site.stack);
		expect(host("EXCH01").cycles).toEqual([]);
		expect(found.cutovers[0]?.steps[0]).toBe("PO-HARBOR-srvmain-t");
	});
});
