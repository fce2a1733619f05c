import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { NtHost } from "../lab/nt/nt-host.ts";
import type { Stack } from "../stack.ts";
import { Canaries } from "./canaries.ts";
import { Bench, gatewayOf, transportOf } from "./fixture.ts";
import { ProcessWatch, searchProcesses } from "./process-watch.ts";
import { searchFiles } from "./secrets-files.ts";

// Secrets over Samba: `net` receives the password through a pipe, on this machine and on a gateway.
const bench = new Bench();
const canaries = new Canaries();
const hosts: Record<string, NtHost> = {};
let stack: Stack;
let watch: ProcessWatch;
let temporary: string;

/** Declares both hosts with this trigger. A new trigger starts a kick. */
const wish = (trigger: string) =>
	stack.configure({
		hosts: Object.entries(hosts).map(([name, host]) => ({
			name,
			role: "requestor",
			samba: transportOf(host).access,
			cycle: { triggers: [trigger] },
		})),
	});

async function clean(...args: string[]): Promise<string> {
	const { output } = await stack.must(...args);
	expect(canaries.find(args.join(" "), output)).toEqual([]);
	return output;
}

async function look(result: string): Promise<void> {
	const { stdout, stderr } = await stack.check("--json");
	expect(canaries.find("check", stdout + stderr)).toEqual([]);
	expect(JSON.parse(stdout).result).toBe(result);
}

beforeAll(async () => {
	hosts.HERE = (await bench.anyHost({
		transport: "samba",
		make: "nt4",
	})) as NtHost;
	hosts.THERE = (await bench.anyHost({ transport: "gateway" })) as NtHost;
	for (const [name, host] of Object.entries(hosts))
		await host.rotatePassword(canaries.phrase(`password of ${name}`));
	stack = await bench.stack();
	await wish("first");
	temporary = await mkdtemp(join(tmpdir(), "dirsync-secrets-"));
	vi.stubEnv("TMPDIR", temporary);
	watch = new ProcessWatch();
	await watch.sampled();
	for (const [name, host] of Object.entries(hosts)) {
		await stack.setSecret(`credentials.${name}.password`, host.password);
		const key = gatewayOf(host)?.ssh.privateKey;
		if (key)
			await stack.setSecret(
				`credentials.${name}.gateway.privateKey`,
				canaries.key("gateway key", key),
			);
	}
});
afterAll(async () => {
	vi.unstubAllEnvs();
	watch?.stop();
	await bench.end();
	await rm(temporary, { recursive: true, force: true });
});

describe("passwords of hosts that are reached over Samba", () => {
	it("are accepted with any characters in them, and are not in Pulumi's output", async () => {
		await clean("preview", "--diff");
		await clean("up", "--yes", "--skip-preview");
		await wish("second");
		await clean("up", "--yes", "--diff");
		await clean("stack", "export");
		await look("as-declared");
		await wish("third");
		await clean("up", "--yes", "--diff", "--logflow", "-v=8");
		for (const host of Object.values(hosts))
			expect(await host.cycles()).toHaveLength(3);
		const { output } = await stack.must("stack", "export", "--show-secrets");
		expect(
			new Set(canaries.find("", output).map(({ secret }) => secret)),
		).toEqual(
			new Set(["password of HERE", "password of THERE", "gateway key"]),
		);
	});

	it("that are wrong are sent once, and are not in the error messages", async () => {
		for (const [name, host] of Object.entries(hosts)) {
			const wrong = canaries.phrase(`wrong password of ${name}`, ` "%41%s`);
			await stack.setSecret(`credentials.${name}.password`, wrong);
			expect(await host.failedLogins()).toBe(0);
		}
		await stack.configure({ verify: "again" });
		const { output, exitCode } = await stack.up("--continue-on-error");
		expect(exitCode).not.toBe(0);
		expect(canaries.find("output", output)).toEqual([]);
		for (const [name, host] of Object.entries(hosts)) {
			expect(output).toMatch(
				new RegExp(`^ *${name}, registry: .*\\[no-log-in\\]`, "m"),
			);
			expect(await host.failedLogins()).toBe(1);
		}
		await look("not-checked");
		for (const [name, host] of Object.entries(hosts)) {
			expect(await host.failedLogins()).toBe(2);
			await stack.setSecret(`credentials.${name}.password`, host.password);
		}
		await clean("up", "--yes", "--skip-preview");
		await clean("destroy", "--yes", "--skip-preview");
	});

	it("are in no file of the stack, of Pulumi's logs, of the hosts or of the gateway", async () => {
		const folders = [
			temporary,
			dirname(dirname(stack.file)),
			...Object.values(hosts).map(({ dir }) => dir),
			gatewayOf(hosts.THERE as NtHost)?.dir ?? "",
		];
		for (const folder of folders) {
			const { files, finds } = await searchFiles(
				canaries,
				folder,
				// The lab keeps the key of the gateway in its own folder.
				(name) => !/^(dist|node_modules)\b|^ssh\/product$/.test(name),
			);
			expect(files.length, folder).toBeGreaterThan(0);
			expect(finds).toEqual([]);
		}
	});

	it("are in no arguments of a process, and in no environment but that of the Pulumi program", async () => {
		const { seen } = await watch.end();
		expect(
			searchProcesses(canaries, seen).filter(
				({ where, command }) =>
					where !== "variable PULUMI_CONFIG" ||
					!/\/@pulumi\/pulumi\/cmd\/run\/index\.js\0/.test(command),
			),
		).toEqual([]);
		for (const program of [
			/^net\0.*\0pause\0/,
			/^sh\0-c\0\{ set \+ax/,
			/^sshd: /,
		])
			expect(seen).toContainEqual(
				expect.objectContaining({ command: expect.stringMatching(program) }),
			);
	});
});
