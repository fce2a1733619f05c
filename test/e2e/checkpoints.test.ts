// @module-tag full
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../lab/host.ts";
import { descendants, end } from "../lab/processes.ts";
import { NO_CHECKPOINTS, type Stack } from "../stack.ts";
import { Bench, declare, RECORD, SERVICE } from "./fixture.ts";

// Large fleets are updated without checkpoints. After a killed update the state then holds nothing of what it did. The
// hosts keep their receipts, so no cycle is repeated and none is lost.
const bench = new Bench();
afterAll(() => bench.end());

const NAMES = ["EXCH01", "EXCH02", "EXCH03"] as const;
let hosts: [LabHost, LabHost, LabHost];
let stack: Stack;
beforeAll(async () => {
	hosts = await Promise.all([bench.host(), bench.host(), bench.host()]);
	stack = await bench.stack("fleet", { env: NO_CHECKPOINTS });
});

const wish = (trigger: string, onUncertain = "fail") =>
	declare(
		stack,
		...NAMES.map((name, index) => ({
			...{ name, host: hosts[index] as LabHost },
			more: { cycle: { triggers: [trigger], onUncertain } },
		})),
	);

const cycles = () =>
	Promise.all(hosts.map(async (host) => (await host.cycles()).length));

/** Kills engine and plugin as soon as `so` has returned. */
async function killWhen(verb: "up" | "destroy", so: () => Promise<unknown>) {
	const run = stack.start([verb, "--yes", "--skip-preview"]);
	await so();
	const children = descendants(run.pid);
	run.kill("SIGKILL");
	end(children);
	await run;
}

const until = async (so: () => Promise<boolean>) => {
	while (!(await so())) await pause(50);
};

/** The resources in the state. */
const known = async () =>
	JSON.parse((await stack.must("stack", "export")).output).deployment.resources;

describe("without checkpoints", () => {
	it("a killed update leaves no host in the state; the next one kicks exactly the hosts not yet kicked", async () => {
		const [first, second, third] = hosts;
		await wish("a");
		const paused = await second.gate({ when: "after", program: "net pause" });
		const stopping = await third.gate({ when: "before", program: "net stop" });
		await killWhen("up", async () => {
			await Promise.all([paused.reached(), stopping.reached()]);
			await until(async () => (await first.cycles()).length === 1);
			await first.atRest();
		});
		await Promise.all([paused.open(), stopping.open()]);
		await Promise.all(hosts.map((host) => host.atRest()));
		expect(await cycles()).toEqual([1, 1, 0]);
		expect(JSON.stringify((await known()) ?? [])).not.toContain("EXCH0");

		await stack.wayBack();
		await stack.must("up", "--yes", "--skip-preview");
		expect(await cycles()).toEqual([1, 1, 1]);
		for (const host of hosts)
			expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
				"dword:00000001",
			);
		expect(await stack.outputs()).toMatchObject({
			hosts: { EXCH01: { previous: "absent", cycle: { triggers: ["a"] } } },
		});
	});

	it("an update killed while it sends a kick makes the next one fail with outcome-unknown", async () => {
		const [first, second] = hosts;
		await wish("b");
		const held = await second.gate({ when: "before", program: "net pause" });
		await killWhen("up", async () => {
			await held.reached();
			await until(async () => (await first.cycles()).length === 2);
			second.killScript({ children: true });
		});
		await Promise.all(hosts.map((host) => host.atRest()));
		await stack.wayBack();
		const { exitCode, output } = await stack.up("--continue-on-error");
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(/EXCH02, kick: .*\[outcome-unknown\]/);
		expect(await cycles()).toEqual([2, 1, 2]);

		await wish("b", "retry");
		await stack.must("up", "--yes", "--skip-preview");
		expect(await cycles()).toEqual([2, 2, 2]);
		await wish("b");
		await stack.must("up", "--yes", "--skip-preview");
		expect(await cycles()).toEqual([2, 2, 2]);
	});

	it("an update of a stack with cutovers is refused, because they could not continue where they stopped", async () => {
		const { privateKey, ...ssh } = hosts[1].ssh;
		await stack.setSecret("credentials.PO-A.privateKey", privateKey);
		await stack.setSecret("credentials.PO-A.adminPassword", "x");
		const office = { name: "PO-A", role: "server", ssh, drive: "X" };
		await stack.configure({
			cutovers: [
				{
					...{ name: "harbor", run: "1", exchange: "EXCH01" },
					postOffices: [{ ...office, directory: "C:\\MAILEXE", admin: "a" }],
					waits: { t1Delivered: { seconds: 1 }, t2Delivered: { seconds: 1 } },
				},
			],
		});
		const before = await Promise.all(hosts.map((host) => host.connections()));
		const { exitCode, output } = await stack.up();
		expect(exitCode).not.toBe(0);
		expect(output).toContain("Unset PULUMI_SKIP_CHECKPOINTS for this stack");
		expect(await Promise.all(hosts.map((host) => host.connections()))).toEqual(
			before,
		);
		await stack.configure({ cutovers: undefined });
		await stack.must(
			"config",
			"rm",
			"--path",
			"exchange-dirsync:credentials.PO-A",
		);
	});

	it("a killed destroy is completed by the next one", async () => {
		const [first, second] = hosts;
		const held = await second.gate({ when: "before", program: "session" });
		await killWhen("destroy", async () => {
			await held.reached();
			await until(async () => (await first.registryDump(RECORD)) === undefined);
		});
		await held.open();
		await Promise.all(hosts.map((host) => host.atRest()));
		await stack.wayBack();
		expect((await stack.destroy()).exitCode).toBe(0);
		for (const host of hosts) {
			expect(await host.registryDump(RECORD)).toBeUndefined();
			expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBeUndefined();
		}
		expect(await cycles()).toEqual([2, 2, 2]);
	});
});
