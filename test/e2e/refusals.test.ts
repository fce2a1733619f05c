import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../lab/host.ts";
import type { Stack } from "../stack.ts";
import { Bench, declare, events, RECORD, SERVICE } from "./fixture.ts";

// What counts as a kick and what does not, with the message for the user. The next update tries again. Also: a bad
// configuration.
const bench = new Bench();
let host: LabHost;
let stack: Stack;
let trigger = 0;

const kicks = async () => (await host.cycles()).length;

/** Changes the trigger and runs an update. */
async function kick(more: Record<string, unknown> = {}) {
	trigger += 1;
	return again(more);
}

/** Runs an update with the same trigger. */
async function again(more: Record<string, unknown> = {}) {
	const cycle = { triggers: [`t${trigger}`], ...more };
	await declare(stack, { name: "EXCH01", host, more: { cycle } });
	return stack.up();
}

beforeAll(async () => {
	host = await bench.host({ make: "nt4", language: "de" });
	stack = await bench.stack();
	const { exitCode } = await kick();
	expect(exitCode).toBe(0);
});
afterAll(() => bench.end());

describe("a kick", () => {
	it("of a stopped service is not sent and fails; the next up sends it", async () => {
		await host.stopService();
		const before = await kicks();
		const { exitCode, output } = await kick();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(
			/EXCH01, kick: the service MSExchangeDX is not started, .*\[not-running, Windows \d+\]\. Start it/,
		);
		expect(await kicks()).toBe(before);
		await host.startService();
		expect((await again()).exitCode).toBe(0);
		expect(await kicks()).toBe(before + 1);
	});

	it("that really paused the service fails, and the service is continued; the next up sends another kick", async () => {
		await host.set({ pause: "really" });
		const before = await kicks();
		const { exitCode, output } = await kick();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(
			/EXCH01, kick: the service really paused .*\[paused\]/,
		);
		expect((await events(host)).slice(-3)).toEqual([
			"pause",
			"paused",
			"continue",
		]);
		await host.set({ pause: "kick" });
		expect((await again()).exitCode).toBe(0);
		expect(await kicks()).toBe(before + 1);
	});

	it("that was answered too late has an unknown outcome: the next up fails, and accept sends nothing", async () => {
		await host.set({ pause: "hang", hangSeconds: 12 });
		const before = await kicks();
		const late = await kick();
		expect(late.exitCode).not.toBe(0);
		expect(late.output).toMatch(/EXCH01, kick: .*\[unknown, Windows \d+\]/);
		await host.set({ pause: "kick" });
		const asked = await again();
		expect(asked.exitCode).not.toBe(0);
		expect(asked.output).toMatch(
			/\[outcome-unknown\]\. Check.*set onUncertain, .* to retry/,
		);
		const { exitCode } = await again({ onUncertain: "accept" });
		expect(exitCode).toBe(0);
		expect(await kicks()).toBe(before + 1);
		const { hosts } = (await stack.outputs()) as {
			hosts: Record<string, { cycle: { evidence: string } }>;
		};
		expect(hosts.EXCH01?.cycle.evidence).toContain("accepted as done");
	});

	it("that was answered too late is sent again if onUncertain is retry", {
		tags: ["full"],
	}, async () => {
		await host.set({ pause: "hang", hangSeconds: 12 });
		const before = await kicks();
		expect((await kick()).exitCode).not.toBe(0);
		await host.set({ pause: "kick" });
		expect((await again({ onUncertain: "retry" })).exitCode).toBe(0);
		expect(await kicks()).toBe(before + 2);
	});

	it("refused because the service started before the value was written is sent once, after a restart", {
		tags: ["full"],
	}, async () => {
		// As after a pending restart whose record was deleted: the value is set, but the service has not read it.
		await host.setRegistry(SERVICE, "PauseKicksDX", "dword:00000000");
		await host.stopService();
		await host.startService();
		await host.setRegistry(SERVICE, "PauseKicksDX", "dword:00000001");
		const before = await events(host);
		expect((await kick()).exitCode).toBe(0);
		expect((await events(host)).slice(before.length)).toEqual([
			"stop",
			"start kicks=1",
			"pause",
			"cycle T1",
		]);
	});

	it("refused because another user removed the value fails, and a new verify restores the value", async () => {
		await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
		await host.stopService();
		await host.startService();
		const before = await kicks();
		const { exitCode, output } = await kick();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(/\[value-missing, Windows \d+\]\. Set verify/);
		await stack.configure({ verify: "mend" });
		expect((await again()).exitCode).toBe(0);
		expect(await kicks()).toBe(before + 1);
	});
});

describe("the enforcement", () => {
	it("whose restart could not stop the service fails, and the restart stays pending", async () => {
		await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
		await host.set({ stop: "refuse" });
		await stack.configure({ verify: "stuck" });
		const { exitCode, output } = await stack.up();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(/EXCH01, registry: .*\[stop-failed/);
		expect((await host.registryKey(RECORD)).Restart).toContain("pending");
		await host.set({ stop: "normal" });
		const before = await events(host);
		await stack.must("up", "--yes", "--skip-preview");
		expect((await events(host)).slice(before.length)).toEqual([
			"stop",
			"start kicks=1",
		]);
	});

	it("whose restart could not start the service fails with the number of the error", {
		tags: ["full"],
	}, async () => {
		await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
		await host.set({ start: "fail" });
		await stack.configure({ verify: "dead" });
		const { exitCode, output } = await stack.up();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(
			/EXCH01, registry: .*\[start-failed, Windows 2140\]\..* See Q171260/,
		);
		await host.set({ start: "normal" });
		await host.startService();
		await stack.must("up", "--yes", "--skip-preview");
	});

	it("of a host without the service fails with not-installed and leaves nothing", {
		tags: ["full"],
	}, async () => {
		const bare = await bench.host({ installed: false });
		const other = await bench.stack();
		await declare(other, { name: "BARE", host: bare });
		const { exitCode, output } = await other.up();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(
			/BARE, registry: this host has no service MSExchangeDX \[not-installed/,
		);
		expect(await bare.registryDump(RECORD)).toBeUndefined();
	});
});

describe("a bad configuration", () => {
	it("fails with all mistakes before any resource but the stack is registered, as fast as a preview", async () => {
		const fresh = await bench.stack();
		await declare(fresh, { name: "EXCH01", host });
		const preview = Date.now();
		await fresh.must("preview");
		const limit = Math.max(5000, 2 * (Date.now() - preview));
		const secret = "hunter2-do-not-print";
		await declare(fresh, {
			name: "EXCH01",
			host,
			more: { role: "client", prot: 1 },
		});
		await fresh.configure({ credentials: { EXCH01: { passwort: secret } } });
		const began = Date.now();
		const { exitCode, output } = await fresh.up();
		expect(Date.now() - began).toBeLessThan(limit);
		expect(exitCode).not.toBe(0);
		expect(output).toContain("Invalid configuration for stack lab (4 errors):");
		expect(output).toContain("hosts[0].role: must be one of requestor, server");
		expect(output).toContain("hosts[0].prot: is an unknown key");
		expect(output).toContain("credentials.EXCH01.passwort: is an unknown key");
		expect(output).not.toContain(secret);
		expect(output).not.toContain("PauseKicksDX");
	});
});

describe("the state", () => {
	it("contains no credential in clear text", async () => {
		const { output } = await stack.must("stack", "export");
		const [, body = ""] = host.ssh.privateKey.split("\n");
		expect(body.length).toBeGreaterThan(30);
		expect(output).not.toContain(body);
		expect(output).toContain("ciphertext");
	});
});
