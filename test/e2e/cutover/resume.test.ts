// @module-tag full
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench } from "../fixture.ts";
import { Site } from "./site.ts";

// A failed step stops a cutover. The next update continues at this step and repeats none that succeeded. One cutover
// fails at every step in turn.
const USERS = { "PO-HARBOR": ["Anna"], "PO-PIER": ["Bert"] };
const ALL = ["Anna", "Bert"];

interface Breakdown {
	step: string;
	/** What the update prints. */
	says: RegExp;
	break: (site: Site) => Promise<unknown>;
	mend: (site: Site) => Promise<unknown>;
}

/** A program that fails on every post office. The flag of SRVMAIN is before the drive, that of the others after it. */
const program = (name: string, flag = ""): Breakdown => ({
	step: `${name} ${flag} reports an error`,
	says: new RegExp(
		`^ *PO-\\w+, ${name}${flag && ` ${flag}`}: .*\\[program-failed, number 150\\].*\n *150: disk full`,
		"m",
	),
	break: (site) =>
		Promise.all(
			site.places.map(({ host, office: { drive } }) => {
				const words =
					name === "srvmain" ? [flag, `-d${drive}`] : [`-d${drive}`, flag];
				const call = [name, ...words].filter(Boolean).join(" ");
				return host.set({ programFault: `${call}:150` });
			}),
		),
	mend: (site) =>
		Promise.all(site.places.map(({ host }) => host.set({ programFault: "" }))),
});

const kick: Breakdown = {
	step: "the service is stopped before the kick",
	says: /^ *EXCH01, kick: .*\[not-running/m,
	break: (site) => site.exchangeHost.stopService(),
	mend: (site) => site.exchangeHost.startService(),
};

const wait = (name: string): Breakdown => ({
	step: `the mail of ${name} is late`,
	says: new RegExp(`^ *[A-Z0-9-]+, ${name}: .*\\[wait-timeout\\]`, "m"),
	break: (site) => site.network.hold(),
	mend: async (site) => site.network.release(),
});

const T1 = program("reqmain", "-t");
const T3 = [program("reqmain", "-r"), program("import"), program("rebuild")];
const BREAKDOWNS: Record<"requestor" | "server", Breakdown[]> = {
	requestor: [
		...[T1, kick, wait("t1Delivered")],
		...[program("srvmain", "-r"), program("srvmain", "-t")],
		...[wait("t2Delivered"), ...T3],
	],
	server: [T1, wait("t1Delivered"), kick, wait("t2Delivered"), ...T3],
};

describe.each(["requestor", "server"] as const)(
	"a cutover with Exchange as %s",
	(role) => {
		const bench = new Bench();
		let site: Site;
		beforeAll(async () => {
			site = await Site.make(bench, role, USERS);
			const waits = site.waits();
			const soon = { timeout: 3 };
			await site.declare("rehearsal-1", {
				cutover: {
					waits: {
						t1Delivered: { ...waits.t1Delivered, ...soon },
						t2Delivered: { ...waits.t2Delivered, ...soon },
					},
				},
			});
		});
		afterAll(() => bench.end());

		/** The previous breakdown, which the next test fixes. The first test has none. */
		let before: Breakdown | undefined;

		it.each(BREAKDOWNS[role])("stops if $step", async (breakdown) => {
			await before?.mend(site);
			await breakdown.break(site);
			before = breakdown;
			const { output, exitCode } = await site.stack.up();
			expect(exitCode, output).not.toBe(0);
			expect(output).toMatch(breakdown.says);
		});

		it("completes in the end; each program has failed once and succeeded once", async () => {
			await before?.mend(site);
			await site.stack.must("preview", "--save-plan=plan.json");
			const { output, exitCode } = await site.stack.up("--plan=plan.json");
			expect(exitCode, output).toBe(0);
			expect((await site.exchange.recipients()).sort()).toEqual(ALL);
			for (const { office } of site.places) {
				expect((await office.addressList()).sort()).toEqual(ALL);
				const calls = (await office.calls()).map(
					({ program: name, args }) => `${name} ${args}`,
				);
				// Each failed once and then succeeded.
				const counts = new Map<string, number>();
				for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
				expect([...new Set(counts.values())], calls.join("\n")).toEqual([2]);
			}
			expect(await site.exchangeHost.cycles()).toHaveLength(1);
			for (const { host } of site.places)
				expect(await host.labErrors()).toEqual([]);
		});
	},
);
