// @module-tag full
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench } from "../fixture.ts";
import { ProcessWatch, searchProcesses } from "../process-watch.ts";
import { searchHost } from "../secrets-files.ts";
import { type Place, Site } from "./site.ts";

// When a cutover refuses to send, when it reports an unknown outcome, and that it does not print its password.
const USERS = { "PO-HARBOR": ["Anna"], "PO-PIER": ["Bert"] };

/** The command line of IMPORT, also while FORCEDOS or Wine's loader is still starting the program. */
const IMPORT_LINE =
	/^(?:\S*(?:forcedos(?:\.exe)?|\/wine\S*) )*\S*import(?:\.exe)? -d/i;

const calls = async (site: Site, program: string) =>
	(await site.calls()).filter(
		({ program: name, args }) =>
			`${name} ${args.replace(/ ?-d./, "")}` === program,
	);

describe("a cutover with Exchange as requestor", () => {
	const bench = new Bench();
	const watch = new ProcessWatch();
	let site: Site;
	let pier: Place;
	beforeAll(async () => {
		site = await Site.make(bench, "requestor", USERS);
		pier = site.places[1] as Place;
		await site.declare("first");
	});
	afterAll(async () => {
		watch.stop();
		await bench.end();
	});

	it("sends nothing while ADMIN.EXE locks one of the post offices", async () => {
		const held = await pier.office.lockPostOffice();
		const { output, exitCode } = await site.stack.up();
		await held.release();
		expect(exitCode, output).not.toBe(0);
		expect(output).toMatch(
			/^ *PO-PIER, post office: .*\[post-office-locked\]/m,
		);
		expect(await site.calls()).toEqual([]);
		expect(await site.exchangeHost.cycles()).toEqual([]);
	});

	it("is busy while an interrupted SRVMAIN -t still runs, and does not run it again afterwards", async () => {
		const gate = await site.first.host.gate({
			when: "before",
			program: "srvmain -t",
		});
		const update = site.stack.start(["up", "--yes", "--skip-preview"]);
		await Promise.race([gate.reached(), update]);
		site.first.host.cutConnections();
		const { all, exitCode } = await update;
		expect(exitCode, all).not.toBe(0);
		const during = await site.stack.up();
		expect(during.output).toMatch(/^ *PO-HARBOR, srvmain -t: .*\[busy\]/m);
		await gate.open();
		await site.first.host.atRest();
		const next = await site.stack.up();
		// The program ran to its end after the connection was cut, and the script wrote its receipt.
		expect(next.exitCode, next.output).toBe(0);
		expect(next.output).toContain("was already run, nothing was done now");
		expect(await calls(site, "SRVMAIN -t")).toHaveLength(1);
		expect(await site.exchange.recipients()).toHaveLength(2);
	});

	it.each([
		["accept", 1],
		["retry", 2],
	] as const)(
		"whose SRVMAIN -t was killed with its script fails with program-unknown; onUncertain decides: %s",
		async (onUncertain, runs) => {
			const run = `died, ${onUncertain}`;
			await site.declare(run);
			const before = (await calls(site, "SRVMAIN -t")).length;
			const gate = await site.first.host.gate({
				when: "after",
				program: "srvmain -t",
			});
			const update = site.stack.start(["up", "--yes", "--skip-preview"]);
			await Promise.race([gate.reached(), update]);
			site.first.host.killScript({ children: true });
			await gate.open();
			await update;
			const asked = await site.stack.up();
			expect(asked.output).toMatch(
				/^ *PO-HARBOR, srvmain -t: .*\[program-unknown\]/m,
			);
			await site.declare(run, { cutover: { onUncertain } });
			const { output, exitCode } = await site.stack.up();
			expect(exitCode, output).toBe(0);
			expect((await calls(site, "SRVMAIN -t")).length - before).toBe(runs);
		},
	);

	it("sends nothing while another user has an address list open", async () => {
		await site.declare("third");
		const before = (await site.calls()).length;
		const held = await pier.office.openAddressList();
		const { output, exitCode } = await site.stack.up();
		await held.release();
		expect(exitCode, output).not.toBe(0);
		expect(output).toMatch(/^ *PO-PIER, post office: .*\[address-list-open\]/m);
		expect(await site.calls()).toHaveLength(before);
	});

	it("is repeated if a post office is removed or run is changed back, but not for a rotated key", async () => {
		await site.declare("third", { places: [site.first] });
		const left = await site.stack.up();
		expect(left.exitCode, left.output).toBe(0);
		expect(await calls(site, "SRVMAIN -t")).toHaveLength(5);
		await site.declare("first", { places: [site.first] });
		const back = await site.stack.up();
		expect(back.exitCode, back.output).toBe(0);
		expect(await calls(site, "SRVMAIN -t")).toHaveLength(6);
		await site.first.host.rotateKey();
		await site.declare("first", { places: [site.first] });
		const rotated = await site.stack.up();
		expect(rotated.exitCode, rotated.output).toBe(0);
		expect(await calls(site, "SRVMAIN -t")).toHaveLength(6);
		expect(await site.exchangeHost.cycles()).toHaveLength(5);
	});

	it("reports no-copy if its script was deleted before IMPORT, and continues after --replace", async () => {
		const { host, office } = site.first;
		const places = [site.first];
		await site.declare("cleared", { places });
		await host.set({ programFault: `reqmain -d${office.drive} -r:150` });
		const broken = await site.stack.up();
		expect(broken.output).toMatch(/reqmain -r: .*number 150\]/);
		await host.set({ programFault: "" });
		await host.exec("del %SystemRoot%\\dx-*.cmd");
		const asked = await site.stack.up();
		expect(asked.output).toMatch(/^ *\[no-copy\]$/m);
		const programs = async () =>
			(await site.calls()).map(({ program }) => program);
		const before = await programs();
		const { output: state } = await site.stack.must("stack", "export");
		const [urn = ""] = /urn:[^"]*::harbor-PO-HARBOR(?=")/.exec(state) ?? [];
		const { output, exitCode } = await site.stack.up("--replace", urn);
		expect(exitCode, output).toBe(0);
		expect((await programs()).slice(before.length)).toEqual([
			"IMPORT",
			"REBUILD",
		]);
	}, 600_000);

	it("has passed the password to no program but IMPORT", async () => {
		const { canaries, stack } = site;
		const { output: state } = await stack.must("stack", "export");
		await site.declare("secrets", { places: [site.first] });
		const { output } = await stack.pulumi("up", "--yes", "--diff");
		expect(canaries.find("state", state)).toEqual([]);
		expect(canaries.find("output", output)).toEqual([]);
		for (const { host } of site.places) {
			// The lab's post offices store the password in MASTER.GLB.
			const { files, finds } = await searchHost(canaries, host);
			expect(files.length).toBeGreaterThan(10);
			expect(
				finds.filter(({ where }) => !where.includes("MASTER.GLB")),
			).toEqual([]);
		}
		const { seen } = await watch.end();
		const told = searchProcesses(canaries, seen).filter(
			({ where, command }) =>
				where !== "variable PULUMI_CONFIG" &&
				!IMPORT_LINE.test(command.replaceAll("\0", " ")),
		);
		expect(told).toEqual([]);
	});
});

describe("a cutover with Exchange as server", () => {
	const bench = new Bench();
	let site: Site;
	beforeAll(async () => {
		site = await Site.make(bench, "server", USERS);
	});
	afterAll(() => bench.end());

	it("sends no T2 while an earlier one has no T3, unless t3BeforeT2 is false", async () => {
		const { host, office } = site.first;
		await site.declare("first");
		await host.set({ programFault: `rebuild -d${office.drive}:203` });
		const first = await site.stack.up();
		expect(first.output).toMatch(/rebuild: .*number 203\].*\n *203: /);
		await site.declare("second");
		const second = await site.stack.up();
		expect(second.exitCode, second.output).not.toBe(0);
		expect(second.output).toMatch(/^ *EXCH01, kick: .*\[t3-missing\]/m);
		expect(await site.exchangeHost.cycles()).toHaveLength(1);
		await host.set({ programFault: "" });
		await site.declare("second", {
			cutover: { guards: { t3BeforeT2: false } },
		});
		const third = await site.stack.up();
		expect(third.exitCode, third.output).toBe(0);
		expect(await site.exchangeHost.cycles()).toHaveLength(2);
	});

	it("has recorded a T2 that was sent without the guard, and its T3", async () => {
		const { host, office } = site.first;
		// The previous T2 has its T3.
		await site.declare("after the guard");
		const after = await site.stack.up();
		expect(after.exitCode, after.output).toBe(0);
		await site.declare("without, broken", {
			cutover: { guards: { t3BeforeT2: false } },
		});
		await host.set({ programFault: `rebuild -d${office.drive}:203` });
		const broken = await site.stack.up();
		expect(broken.output).toMatch(/rebuild: .*number 203\]/);
		await host.set({ programFault: "" });
		await site.declare("with");
		const refused = await site.stack.up();
		expect(refused.output).toMatch(/^ *EXCH01, kick: .*\[t3-missing\]/m);
		expect(await site.exchangeHost.cycles()).toHaveLength(4);
	}, 600_000);

	it("sends no T2 near the full hour if minutesAroundHour is set", async () => {
		const guards = { minutesAroundHour: 29, t3BeforeT2: false };
		await site.declare("third", { cutover: { guards } });
		const { output } = await site.stack.up();
		// The lab host has the clock of this machine. With 29 minutes, most of the hour counts as near.
		const sent = (await site.exchangeHost.cycles()).length === 5;
		if (sent) {
			const last = (await site.exchangeHost.cycles())[4]?.time.getMinutes();
			expect([29, 30, 31]).toContain(last);
		} else expect(output).toMatch(/^ *EXCH01, kick: .*\[near-hour\]/m);
	});
});
