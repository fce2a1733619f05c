import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Find } from "./canaries.ts";
import { searchProcesses } from "./process-watch.ts";
import { searchFiles, searchHost } from "./secrets-files.ts";
import { Site } from "./secrets-site.ts";

// No password, key or pass phrase is in clear text in state, output, logs, process lists and files on a host.
const site = new Site();
const { canaries } = site;
beforeAll(() => site.start());
afterAll(() => site.end());

const UP = ["up", "--yes", "--skip-preview"];
const LOGS = ["--logtostderr", "--logflow"];

const names = (finds: Find[]) =>
	[...new Set(finds.map(({ secret }) => secret))].sort();

/** Runs Pulumi, which must succeed and print no secret. */
async function clean(...args: string[]): Promise<string> {
	const { exitCode, output } = await site.pulumi(...args);
	expect(canaries.find(args.join(" "), output)).toEqual([]);
	expect(exitCode, output.slice(-2000)).toBe(0);
	return output;
}

describe("credentials set as docs/configuration.md describes", () => {
	it("are all encrypted in the stack file", async () => {
		const text = await readFile(site.stack.file, "utf8");
		expect(canaries.find("stack file", text)).toEqual([]);
		const secure = { secure: expect.any(String) };
		const login = { privateKey: secure, privateKeyPassword: secure };
		expect(parse(text).config["exchange-dirsync:credentials"]).toEqual({
			BYKEY: { ...login, proxy: { password: secure } },
			BYPASSWORD: { password: secure, proxy: login },
		});
	});

	it("are accepted by every host and proxy, and are not in the output of preview and up", async () => {
		await clean("preview", "--diff");
		await clean(...UP);
		for (const host of [site.byKey, site.byPassword])
			expect(await host.cycles()).toHaveLength(1);
		const twice = (transport: string) => [transport, transport];
		expect(site.doors.map(({ logins }) => logins)).toEqual(
			["password", "password", "publickey"].map(twice),
		);
		expect(site.doors.flatMap(({ errors }) => errors)).toEqual([]);
		await site.declare("second");
		expect(await clean(...UP, "--diff")).toContain("second");
	});

	it("are accepted in a check, and are not in its output", async () => {
		for (const form of [[], ["--json"]]) {
			const { exitCode, stdout, stderr } = await site.stack.check(...form);
			expect(canaries.find("check", stdout + stderr)).toEqual([]);
			expect(exitCode, stdout).toBe(0);
		}
	});

	it("are not in the output of refresh, output, history, config and export", async () => {
		await clean("refresh", "--yes", "--diff");
		await clean("stack", "output", "--json");
		await clean("stack", "history");
		await clean("config");
		await clean("stack", "export");
	});

	it("are in the state only as parts of secret connections, and not in the component", async () => {
		const sealed = expect.objectContaining({ ciphertext: expect.any(String) });
		const exported = await clean("stack", "export");
		const { resources } = JSON.parse(exported).deployment as {
			resources: { type: string; inputs?: object; outputs?: object }[];
		};
		const commands = resources.filter(({ type }) => /:Command$/.test(type));
		expect(commands).toHaveLength(4);
		for (const command of commands)
			expect(command).toMatchObject({
				inputs: { connection: sealed },
				outputs: { connection: sealed },
			});
		const components = resources.filter(({ type }) => /:PauseK/.test(type));
		expect(components).toHaveLength(2);
		for (const { inputs = {} } of components) expect(inputs).toEqual({});
		// The search finds them once the same state is decrypted.
		const opened = await site.pulumi("stack", "export", "--show-secrets");
		expect(names(canaries.find("", opened.output))).toEqual([
			"host key",
			"host key's pass phrase",
			"host password",
			"proxy key",
			"proxy key's pass phrase",
			"proxy password",
		]);
	});
});

// The messages of engine, SDK and plugin contain all inputs. The engine masks secrets when it prints them.
describe("debug logs", () => {
	it("of any level show no secret without --logflow", async () => {
		await clean("preview", "--diff", "--debug");
		await clean("preview", "--logtostderr", "-v=11");
	});

	it("with --logflow show no secret up to -v=8, on the terminal and in files", async () => {
		await clean("preview", "--diff", ...LOGS, "-v=8");
		await site.declare("third");
		await clean(...UP, "--diff", "--logflow", "-v=8");
		const { files, finds } = await searchFiles(canaries, site.temporary);
		expect(finds).toEqual([]);
		expect(files).toContainEqual(expect.stringMatching(/^pulumi\..*INFO/));
	});

	it("with --logflow and -v=9 show at most lines of private keys", async () => {
		await site.declare("fourth");
		const { exitCode, output } = await site.pulumi(...UP, ...LOGS, "-v=9");
		expect(exitCode, output.slice(-2000)).toBe(0);
		// The plugin's messages arrive one line at a time, but the engine masks only a complete key.
		const finds = names(canaries.find("", output));
		expect(["host key", "proxy key"]).toEqual(expect.arrayContaining(finds));
	});
});

describe("secrets after all updates", () => {
	it("are in no generation of the state after destroy", async () => {
		const verbose = ["--diff", "--logflow", "-v=9"];
		await clean("destroy", "--yes", "--skip-preview", ...verbose);
		const { files, finds } = await searchFiles(
			canaries,
			site.stackFolder,
			(name) => !/^(dist|node_modules)\b/.test(name),
		);
		expect(finds).toEqual([]);
		for (const part of ["stacks/", "backups/", "history/", ".json.bak"])
			expect(files).toContainEqual(expect.stringContaining(part));
	});

	it("are in log files of --logflow and -v=9 at most in the plugin's", async () => {
		const { files, finds } = await searchFiles(canaries, site.temporary);
		expect(files).toContainEqual(expect.stringMatching(/^pulumi\..*INFO/));
		const isPlugins = /^pulumi-resource-command\./;
		expect(finds.filter(({ where }) => !isPlugins.test(where))).toEqual([]);
	});

	it("are not on the hosts: not on drive C:, in the registry or in the logs", async () => {
		for (const host of [site.byKey, site.byPassword]) {
			const { files, finds } = await searchHost(canaries, host);
			expect(finds).toEqual([]);
			expect(files).toEqual(
				expect.arrayContaining([
					"ssh/sshd.log",
					"prefix/system.reg",
					"prefix/user.reg",
					expect.stringMatching(/^commands\/./),
					expect.stringMatching(/^prefix\/drive_c\/windows\/./),
				]),
			);
			for (const root of ["HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER"]) {
				const dump = (await host.registryDump(root)) ?? "";
				expect(dump.length).toBeGreaterThan(10_000);
				expect(canaries.find(root, dump)).toEqual([]);
			}
		}
	});

	it("are in no arguments of a process, and in no environment but that of the Pulumi program", async () => {
		const { samples, seen } = await site.watch.end();
		const finds = searchProcesses(canaries, seen);
		// Pulumi passes the configuration to the program in this variable. Only the same user and root can read it.
		const isProgram = /\/@pulumi\/pulumi\/cmd\/run\/index\.js\0/;
		expect(
			finds.filter(
				({ where, command }) =>
					where !== "variable PULUMI_CONFIG" || !isProgram.test(command),
			),
		).toEqual([]);
		expect(samples).toBeGreaterThan(100);
		for (const program of [
			/\/pulumi\0up\0/,
			/\/pulumi\0config\0set\0/,
			/pulumi-language-nodejs\0/,
			isProgram,
			/pulumi-resource-command\0/,
			/^sshd: /,
			/cmd\.exe\0/,
		])
			expect(seen).toContainEqual(
				expect.objectContaining({ command: expect.stringMatching(program) }),
			);
	});
});
