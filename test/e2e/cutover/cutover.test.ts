import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyOptions, Bench, footprint, RECORD } from "../fixture.ts";
import { Site } from "./site.ts";

const many = (name: string, count: number) =>
	Array.from({ length: count }, (_, index) => `${name} ${index}`);

const USERS = {
	"PO-HARBOR": many("Anna", 334),
	"PO-PIER": many("Bert", 333),
	"PO-QUAY": many("Carl", 333),
};
const ALL = Object.values(USERS).flat().sort();

/** The calls on one post office from T1 to T3, as in the Knowledge Base. */
const office = (drive: string, server: boolean) => [
	`REQMAIN -d${drive} -t`,
	...(server ? [`SRVMAIN -r -d${drive}`, `SRVMAIN -t -d${drive}`] : []),
	`REQMAIN -d${drive} -r`,
	`IMPORT -d${drive} admin -p*** -q -y`,
	`REBUILD -d${drive} -f`,
];

interface Kind {
	role: "requestor" | "server";
	type: "T1" | "T2";
	/** The Exchange host. Post offices are always reached by SSH. */
	on: AnyOptions;
}

const KINDS: Kind[] = [
	{ role: "requestor", type: "T1", on: { transport: "samba", make: "nt4" } },
	{ role: "server", type: "T2", on: { transport: "ssh" } },
	{ role: "requestor", type: "T1", on: { transport: "ssh" } },
];

// The third kind only combines parts of the first two, so the short run skips it.
for (const [index, { role, type, on }] of KINDS.entries())
	describe(`a cutover with Exchange as ${role} over ${on.transport}`, {
		tags: index === 2 ? ["full"] : [],
	}, () => {
		const bench = new Bench();
		let site: Site;
		beforeAll(async () => {
			site = await Site.make(bench, role, USERS, on);
		});
		afterAll(() => bench.end());

		const callsOf = async () => {
			const calls = await site.calls();
			return Object.fromEntries(
				Object.keys(USERS).map((name) => [
					name,
					calls
						.filter((call) => call.office === name)
						.map(({ program, args }) => `${program} ${args}`),
				]),
			);
		};
		const times = async (program: string) =>
			(await site.calls())
				.filter((call) => `${call.program} ${call.args}`.startsWith(program))
				.map(({ from, to }) => ({ from, to: to as Date }));
		const expectedCalls = {
			"PO-HARBOR": office("X", role === "requestor"),
			"PO-PIER": office("Y", false),
			"PO-QUAY": office("Z", false),
		};

		it("opens no connection in a preview", async () => {
			await site.declare("rehearsal-1");
			const { output, exitCode } = await site.stack.pulumi(
				...["preview", "--save-plan=plan.json"],
			);
			expect(exitCode, output).toBe(0);
			for (const host of [site.exchangeHost, ...site.places.map((p) => p.host)])
				expect(await host.connections()).toBe(0);
		});

		it("moves the user list to Exchange and all post offices, and runs each program once and in order", async () => {
			const { output, exitCode } = await site.stack.up("--plan=plan.json");
			expect(exitCode, output).toBe(0);
			expect((await site.exchange.recipients()).sort()).toEqual(ALL);
			for (const { office } of site.places)
				expect((await office.addressList()).sort()).toEqual(ALL);
			expect(await callsOf()).toEqual(expectedCalls);
			for (const { office } of site.places)
				for (const { cwd } of await office.calls())
					expect(cwd.toLowerCase()).toBe(office.directory.toLowerCase());
			expect((await site.exchangeHost.cycles()).map((c) => c.type)).toEqual([
				type,
			]);
		});

		it("runs T1 on every post office before the kick, and all other programs after it", async () => {
			const [kick] = await site.exchangeHost.cycles();
			const t1 = await times("REQMAIN -d");
			const sent = t1.slice(0, 3);
			for (const { to } of sent)
				expect(to.getTime()).toBeLessThan(kick?.time.getTime() ?? 0);
			for (const { from } of await times("SRVMAIN"))
				expect(from.getTime()).toBeGreaterThan(kick?.time.getTime() ?? 0);
			for (const { from } of await times("IMPORT"))
				expect(from.getTime()).toBeGreaterThan(kick?.time.getTime() ?? 0);
		});

		it("outputs its steps in order, with start, end and evidence", async () => {
			const { cutovers } = (await site.stack.outputs()) as {
				cutovers: { harbor: Record<string, string>[] };
			};
			const steps = cutovers.harbor;
			const names = steps.map(({ step }) => step);
			expect(names.slice(0, 3)).toEqual([
				"PO-HARBOR-reqmain-t",
				"PO-PIER-reqmain-t",
				"PO-QUAY-reqmain-t",
			]);
			expect(names).toContain("EXCH01-kick");
			for (const { step, start, end, evidence } of steps) {
				expect(`${step} ${start}`).toMatch(/ \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
				expect(Date.parse(end as string)).toBeGreaterThanOrEqual(
					Date.parse(start as string),
				);
				expect(`${step}: ${evidence}`).toMatch(/: .+/);
			}
			expect(steps[0]?.evidence).toContain("Status[106] 334 updates sent");
		});

		it("opens no connection without a change", async () => {
			const hosts = [site.exchangeHost, ...site.places.map(({ host }) => host)];
			const before = await Promise.all(hosts.map((host) => host.connections()));
			const { output, exitCode } = await site.stack.up("--expect-no-changes");
			expect(exitCode, output).toBe(0);
			expect(
				await Promise.all(hosts.map((host) => host.connections())),
			).toEqual(before);
		});

		it("is repeated completely by another value of run, which removes a deleted user everywhere", async () => {
			await site.first.office.removeUser("Anna 0");
			await site.declare("rehearsal-2");
			const { output, exitCode } = await site.stack.up();
			expect(exitCode, output).toBe(0);
			const left = ALL.filter((name) => name !== "Anna 0");
			expect((await site.exchange.recipients()).sort()).toEqual(left);
			for (const { office } of site.places)
				expect((await office.addressList()).sort()).toEqual(left);
			const twice = Object.fromEntries(
				Object.entries(expectedCalls).map(([name, calls]) => [
					name,
					[...calls, ...calls],
				]),
			);
			expect(await callsOf()).toEqual(twice);
			expect(await site.exchangeHost.cycles()).toHaveLength(2);
		});

		it("leaves nothing on the hosts after destroy", async () => {
			const { output, exitCode } = await site.stack.destroy();
			expect(exitCode, output).toBe(0);
			for (const host of [
				site.exchangeHost,
				...site.places.map((p) => p.host),
			]) {
				expect(await host.registryDump(RECORD)).toBeUndefined();
				for (const { office } of site.places)
					expect(
						await host.registryDump(`${RECORD}-harbor-${office.name}`),
					).toBeUndefined();
				const { files, lock } = await footprint(host);
				expect(files.filter((f) => /\\dx-/.test(f))).toEqual([]);
				expect(lock).toBeUndefined();
				expect(await host.labErrors()).toEqual([]);
			}
		});
	});
