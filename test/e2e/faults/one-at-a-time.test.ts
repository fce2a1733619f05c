import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnyHost } from "../../lab/any-host.ts";
import {
	type AnyOptions,
	Bench,
	declare,
	gatewayOf,
	RECORD,
	SERVICE,
} from "../fixture.ts";

// Two controls to one host never run at the same time. A host belongs to one stack.
const bench = new Bench();
afterAll(() => bench.end());

/** One kind of host for each transport. */
const TRANSPORTS: AnyOptions[] = [
	{ transport: "ssh", make: "nt4", language: "de" },
	{ transport: "samba", make: "nt4", language: "de" },
	{ transport: "gateway", make: "smb2" },
];

/** Fails if two controls ran at the same time, no matter which run sent them. */
async function expectNoOverlap(host: AnyHost): Promise<void> {
	const controls = await host.controls();
	expect(controls.length).toBeGreaterThan(2);
	for (const [index, { from, verb }] of controls.entries()) {
		const before = controls[index - 1];
		if (before)
			expect(
				before.to?.getTime(),
				`${before.verb}, then ${verb}`,
			).toBeLessThanOrEqual(from.getTime());
	}
}

for (const options of TRANSPORTS)
	describe(`two stacks that declare the same host, ${JSON.stringify(options)}`, {
		tags: options.transport === "gateway" ? ["full"] : [],
	}, () => {
		let host: AnyHost;
		beforeAll(async () => {
			host = await bench.anyHost(options);
		});

		it("and update at the same time: one succeeds, the other is refused, and no two controls overlap", async () => {
			const stacks = await Promise.all([
				bench.stack("one"),
				bench.stack("two"),
			]);
			for (const stack of stacks)
				await declare(stack, {
					name: "EXCH01",
					host,
					more: { cycle: { triggers: [stack.name] } },
				});
			const runs = await Promise.all(stacks.map((stack) => stack.up()));
			const winner = runs.findIndex(({ exitCode }) => exitCode === 0);
			const loser = stacks[1 - winner];
			const winning = stacks[winner];
			if (!winning || !loser) throw new Error("one was to succeed");
			expect(runs[1 - winner]?.output).toMatch(
				/EXCH01, registry: .*\[(busy|another-stack)\]/,
			);

			const { exitCode, output } = await loser.up();
			expect(exitCode).not.toBe(0);
			expect(output).toMatch(/EXCH01, registry: .*\[another-stack\]\. Remove/);
			expect(output).toContain(
				`dx-stack:organization/exchange-dirsync/${winning.name};`,
			);
			expect(await host.cycles()).toHaveLength(1);

			// The refused stack changed nothing, so its destroy restores nothing.
			expect((await loser.destroy()).exitCode).toBe(0);
			expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
				"dword:00000001",
			);
			expect((await winning.destroy()).exitCode).toBe(0);
			expect(await host.registryDump(RECORD)).toBeUndefined();
			await loser.must("up", "--yes", "--skip-preview");
			expect(await host.cycles()).toHaveLength(2);
			await expectNoOverlap(host);
			expect(await host.registryDump(`${RECORD}-lock`)).toBeUndefined();
		});
	});

describe("one stack", () => {
	it("still owns its hosts after a rename and sends no kick, even if the trigger resource is replaced", {
		tags: ["full"],
	}, async () => {
		const host = await bench.host();
		const stack = await bench.stack("old");
		const cycle = { triggers: ["once"] };
		await declare(stack, { name: "EXCH01", host, more: { cycle } });
		await stack.must("up", "--yes", "--skip-preview");
		await stack.must("stack", "rename", "new");
		stack.name = "new";
		await stack.must("up", "--yes", "--skip-preview");
		expect((await host.registryKey(RECORD)).Stack).toContain("/new;");
		const urns = (await stack.must("stack", "--show-urns")).output;
		const urn = /urn:pulumi:\S+::EXCH01-cycle/.exec(urns)?.[0] ?? "";
		await stack.must("up", "--yes", "--skip-preview", "--replace", urn);
		expect(await host.cycles()).toHaveLength(1);
		expect((await stack.destroy()).exitCode).toBe(0);
		expect(await host.registryDump(RECORD)).toBeUndefined();
	});

	it("sends nothing from an interrupted update whose script starts after the next update", {
		tags: ["full"],
	}, async () => {
		const host = await bench.host();
		const stack = await bench.stack();
		const wish = (trigger: string) =>
			declare(stack, {
				name: "EXCH01",
				host,
				more: { cycle: { triggers: [trigger] } },
			});
		await wish("a");
		await stack.must("up", "--yes", "--skip-preview");
		await wish("b");
		const gate = await host.gate({ when: "before", program: "session" });
		const update = stack.start(["up", "--yes", "--skip-preview"]);
		await gate.reached();
		host.cutConnections();
		await update;
		await wish("c");
		await stack.must("up", "--yes", "--skip-preview");
		expect(await host.cycles()).toHaveLength(2);
		const before = await host.registryKey(RECORD);
		await gate.open();
		await host.atRest();
		expect(await host.cycles()).toHaveLength(2);
		expect(await host.registryKey(RECORD)).toEqual(before);
		await expectNoOverlap(host);
	});

	it.each(TRANSPORTS.filter(({ transport }) => transport !== "samba"))(
		"sends its controls one after the other if updates are cut off and started again at once: %j",
		async (options) => {
			const host = await bench.anyHost(options);
			const cut = gatewayOf(host) ?? host;
			const stack = await bench.stack();
			for (const trigger of ["a", "b", "c"]) {
				await declare(stack, {
					name: "EXCH01",
					host,
					more: { cycle: { triggers: [trigger], onUncertain: "retry" } },
				});
				const gate = await host.gate({
					when: "after",
					program: "pause MSExch",
				});
				const update = stack.start(["up", "--yes", "--skip-preview"]);
				await gate.reached();
				await cut.cutConnections();
				await update;
				const [busy] = await Promise.all([stack.up(), gate.open()]);
				await host.atRest();
				if (busy.exitCode !== 0) {
					expect(busy.output).toMatch(/EXCH01, kick: .*\[busy\]/);
					await stack.must("up", "--yes", "--skip-preview");
				}
			}
			expect(await host.cycles()).toHaveLength(3);
			await expectNoOverlap(host);
		},
	);
});
