import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../../free-port.ts";
import { bundleCli } from "../bundle.ts";

// The command line, run in a folder with a fake `pulumi` that knows the stacks empty, gone, bad and blind.
const ROOT = join(import.meta.dirname, "../../../..");
const PASSWORD = "hunter2-do-not-print";
let dir: string;

const PULUMI = `#!/bin/sh
echo "$*" >>asked.txt
for stack in empty gone bad blind library; do
case "$*" in
"stack export "*"--stack $stack "*) exec cat state.json;;
"config "*"--stack $stack "*) exec cat $stack.json;;
"about "*"--stack blind "*) echo '{"currentStack":null}'; exit;;
"about "*"--stack $stack "*) echo '{"currentStack":{"fullyQualifiedName":"organization/exchange-dirsync/'$stack'"}}'; exit;;
esac
done
echo "error: no stack named 'nope' found" >&2
exit 255
`;

beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-check-"));
	await bundleCli(join(dir, "main.cjs"));
	await writeFile(join(dir, "pulumi"), PULUMI);
	await chmod(join(dir, "pulumi"), 0o755);
	const ssh = { host: "127.0.0.1", port: await freePort(), user: "u" };
	const host = { name: "EXCH01", role: "requestor" };
	const known = { ...ssh, insecureIgnoreHostKey: true };
	await writeFile(
		join(dir, "state.json"),
		JSON.stringify({ version: 3, deployment: {} }),
	);
	await config("empty", []);
	await config("blind", []);
	await config("bad", [{ ...host, ssh }]);
	await config("gone", [{ ...host, ssh: known }]);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Writes a configuration as `pulumi config --show-secrets --json` prints it. */
async function config(stack: string, hosts: unknown[]) {
	const credentials = hosts.length
		? { EXCH01: { password: PASSWORD } }
		: undefined;
	const told = Object.fromEntries(
		Object.entries({ hosts, credentials })
			.filter(([, value]) => value !== undefined)
			.map(([key, value]) => [
				`exchange-dirsync:${key}`,
				{ value: JSON.stringify(value), objectValue: value },
			]),
	);
	const other = { "another:hosts": { value: "not ours" } };
	await writeFile(
		join(dir, `${stack}.json`),
		JSON.stringify({ ...told, ...other }),
	);
}

const run = (program: string, ...args: string[]) =>
	execa(program, args, {
		cwd: dir,
		env: {
			PATH: [dir, dirname(process.execPath), "/usr/bin:/bin"].join(delimiter),
			NODE_PATH: join(ROOT, "node_modules"),
		},
		extendEnv: false,
		reject: false,
	});

const check = (...args: string[]) =>
	run(process.execPath, "main.cjs", "check", ...args);

it("a stack without hosts is as declared", async () => {
	expect(await check("--stack", "empty")).toMatchObject({
		exitCode: 0,
		stdout: expect.stringMatching(/^host {2}drift[\s\S]*\n0 hosts: 0 as/),
		stderr: "",
	});
	expect(
		JSON.parse((await check("--json", "--stack", "empty")).stdout),
	).toEqual({
		stack: "organization/exchange-dirsync/empty",
		result: "as-declared",
		hosts: [],
	});
});

it("a host that cannot be checked leads to exit code 1, and its password appears nowhere", async () => {
	const { exitCode, stdout, stderr } = await check("--stack", "gone");
	expect(exitCode).toBe(1);
	expect(stdout).toMatch(/\nEXCH01 +not checked: unreachable\n/);
	expect(stdout).toContain(
		"\nEXCH01, check: the host, or the proxy in front of it, cannot be reached [unreachable]. Check address, port and network; an NT 4 host with the transport samba needs legacy: true. The error was: connect ECONNREFUSED",
	);
	expect(stdout).toContain("\n1 host: 0 as declared, 0 with drift, 1 not");
	const asked = await readFile(join(dir, "asked.txt"), "utf8");
	expect(asked).toContain("config --show-secrets --json --stack gone");
	for (const text of [stdout, stderr, asked])
		expect(text).not.toContain(PASSWORD);
});

it("prints its progress at a terminal", async () => {
	const { exitCode, stdout } = await run(
		"script",
		...["-qec", "node main.cjs check -s gone --json", "/dev/null"],
	);
	expect(exitCode).toBe(1);
	expect(stdout).toContain("1 of 1 hosts checked");
	expect(stdout).toContain('"result": "not-checked"');
});

it.each([
	["nope", /^There is no stack nope here: pulumi stack ls lists/],
	[
		"bad",
		/^Invalid configuration for stack bad \(1 error\):\n {2}hosts\[0\]\.ssh/,
	],
	["blind", /^pulumi about does not print the full name of stack blind/],
])("stack %s leads to exit code 1 and a message", async (stack, says) => {
	const { exitCode, stdout, stderr } = await check("--stack", stack);
	expect(stderr).toMatch(says);
	expect(stderr).not.toContain(PASSWORD);
	expect([exitCode, stdout]).toEqual([1, ""]);
});

it("a stack of a program without hosts in this configuration leads to exit code 1 and a message", async () => {
	await writeFile(join(dir, "library.json"), "{}");
	expect(await check("--stack", "library")).toMatchObject({
		exitCode: 1,
		stderr:
			"Stack library has no hosts, neither in its configuration nor in its state: declare some and run pulumi up first.",
	});
});
