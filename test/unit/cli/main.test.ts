import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleCli } from "./bundle.ts";

// The command line itself: usage, version and usage errors. No command gets as far as running pulumi.
const ROOT = join(import.meta.dirname, "../../..");
let dir: string;

beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-cli-"));
	await bundleCli(join(dir, "dist/cli/main.cjs"));
	await writeFile(join(dir, "package.json"), '{ "version": "1.2.3" }');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const run = (...args: string[]) =>
	execa(process.execPath, [join(dir, "dist/cli/main.cjs"), ...args], {
		env: { NODE_PATH: join(ROOT, "node_modules"), PATH: "/nowhere" },
		extendEnv: false,
		reject: false,
	});

const COMMANDS = ["check", "plan", "report"];

it("lists its commands, and each command its options and exit codes", async () => {
	const { exitCode, stdout } = await run("--help");
	expect(exitCode).toBe(0);
	for (const command of COMMANDS) {
		expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
		const help = await run(command, "--help");
		expect(help.exitCode).toBe(0);
		expect(help.stdout).toContain(`Usage: exchange-dirsync ${command}`);
		expect(help.stdout).toContain("-s, --stack <name>");
		expect(help.stdout).toMatch(/Exit codes:\n {2}0 {2}/);
		// The package does not contain the documentation.
		expect(help.stdout).not.toMatch(/(?<!blob\/main\/)docs\//);
	}
});

it.each(["--version", "-V"])(
	"prints the version of the package: %s",
	async (option) => {
		expect(await run(option)).toMatchObject({ exitCode: 0, stdout: "1.2.3" });
	},
);

it("does not load the parts of Pulumi's SDK that no command needs: they would double its start", async () => {
	const { stdout } = await execa(
		process.execPath,
		[
			"--eval",
			`process.on("exit", () => console.log(JSON.stringify(Object.keys(require.cache))));
			process.argv = ["node", "exchange-dirsync", "check", "--help"];
			require(${JSON.stringify(join(dir, "dist/cli/main.cjs"))});`,
		],
		{ env: { NODE_PATH: join(ROOT, "node_modules") } },
	);
	const loaded = stdout.split("\n").at(-1);
	expect(loaded).toContain("@pulumi/pulumi/index.js");
	expect(loaded).not.toMatch(/node_modules\/(typescript|@npmcli\/arborist)\//);
});

describe("a usage error", () => {
	it.each(COMMANDS)(
		"of %s exits with 1 and names what is wrong",
		async (command) => {
			expect(await run(command)).toMatchObject({
				exitCode: 1,
				stderr: "error: required option '-s, --stack <name>' not specified",
			});
			expect(await run(command, "-s", "lab", "--foo")).toMatchObject({
				exitCode: 1,
				stderr: "error: unknown option '--foo'",
			});
			expect((await run(command, "-s", "lab", "extra")).stderr).toContain(
				"error: too many arguments",
			);
			expect((await run(command, "-s")).stderr).toBe(
				"error: option '-s, --stack <name>' argument missing",
			);
		},
	);

	it("of the command itself exits with 1", async () => {
		expect(await run("chekc")).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining("unknown command 'chekc'"),
		});
		expect(await run()).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining("Usage: exchange-dirsync"),
		});
	});

	it("is two formats of a plan at once", async () => {
		expect(
			await run("plan", "-s", "lab", "--json", "--markdown"),
		).toMatchObject({
			exitCode: 1,
			stderr: "error: option '--json' cannot be used with option '--markdown'",
		});
	});
});

it.each(COMMANDS)("%s reports that pulumi is missing", async (command) => {
	expect(await run(command, "-s", "lab")).toMatchObject({
		exitCode: 1,
		stderr:
			"There is no pulumi on PATH: install the Pulumi CLI, or add its folder to PATH.",
	});
});
