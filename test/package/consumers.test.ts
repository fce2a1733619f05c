import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { Project } from "../project.ts";
import { prepareYaml } from "../toolchain/languages.ts";
import { prepareToolchain, type Toolchain } from "../toolchain/toolchain.ts";
import { openSshKey } from "../unit/validation/ssh-keys.ts";
import { install, pack, ROOT, temporaryFolder } from "./tarball.ts";

// The tarball in projects of its users: it compiles, previews, uses the SDK of the project, and works with mocks.
const NEWEST = "3.276.0";
const HOST_KEY =
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG6vTHxQCZgApwbxZDkGDGPgXiylcTNzf90wh1W929WE";

const PROGRAM = `import * as pulumi from "@pulumi/pulumi";
import {
	OnUncertain,
	PauseKicksDX,
	type PauseKicksDXArgs,
	PostOfficeCutover,
	type PostOfficeCutoverArgs,
	type Ssh,
} from "exchange-dirsync";

const ssh: Ssh = {
	...{ host: "exch01.corp.example", user: "Administrator" },
	...{ hostKey: "${HOST_KEY}", password: "a-password" },
};
const args: PauseKicksDXArgs = {
	...{ role: "requestor", ssh },
	cycle: { triggers: ["a"], onUncertain: OnUncertain.Fail },
};
const exchange = new PauseKicksDX("EXCH01", args);
if (!(exchange instanceof pulumi.ComponentResource)) throw new Error("two SDKs");
const office: PostOfficeCutoverArgs["postOffices"][0] = {
	...{ name: "PO-HARBOR", role: "server", drive: "X", admin: "admin" },
	...{ ssh: { ...ssh, host: "mail1.corp.example" } },
	...{ directory: "C:\\\\MAILEXE", adminPassword: "another" },
};
const cutover = new PostOfficeCutover(
	"harbor",
	{
		run: "rehearsal-1",
		exchange: { name: "EXCH01", role: "requestor", ssh },
		postOffices: [office],
		waits: { t1Delivered: { seconds: 1 }, t2Delivered: { seconds: 1 } },
	},
	{ dependsOn: exchange },
);
export const { value, kickedAt, evidence } = exchange;
export const steps = cutover.steps;
`;

/** What each kind of project has in package.json and tsconfig.json. */
const KINDS = [
	["CommonJS", "commonjs", { module: "node16", moduleResolution: "node16" }],
	["ESM", "module", { module: "node16", moduleResolution: "node16" }],
	["bundler", "module", { module: "esnext", moduleResolution: "bundler" }],
] as const;

describe("a project that installs the tarball", { tags: ["full"] }, () => {
	let folder: Awaited<ReturnType<typeof temporaryFolder>>;
	let toolchain: Toolchain;

	beforeAll(async () => {
		folder = await temporaryFolder();
		toolchain = await prepareToolchain();
		const { dir } = folder;
		await writeFile(join(dir, "package.json"), '{ "private": true }');
		await install(
			dir,
			await pack(dir),
			...[`@pulumi/pulumi@${NEWEST}`, "typescript@5.9.3", "@types/node@20"],
		);
	}, 300_000);
	afterAll(() => folder.remove());

	/** Creates a project below the one that has the packages. */
	const project = (name: string, files: Record<string, string>) =>
		Project.create(join(folder.dir, name), toolchain, files);

	it("has one SDK", async () => {
		const { stdout } = await execa(
			"npm",
			["ls", "@pulumi/pulumi", "--all", "--parseable"],
			{ cwd: folder.dir },
		);
		expect(new Set(stdout.split("\n")).size).toBe(1);
	});

	it.each(KINDS)(
		"of the kind %s compiles and previews",
		async (kind, type, options) => {
			const consumer = await project(kind, {
				"package.json": JSON.stringify({ type, main: "index.js" }),
				"index.ts": PROGRAM,
				"tsconfig.json": JSON.stringify({
					compilerOptions: {
						...{ strict: true, skipLibCheck: false, target: "es2022" },
						...{ types: ["node"], ...options },
					},
					files: ["index.ts"],
				}),
			});
			const tsc = await consumer.run("npx", "tsc");
			expect(tsc.exitCode, tsc.all).toBe(0);
			await consumer.must("stack", "init", "dev");
			const preview = await consumer.pulumi("preview", "--stack", "dev");
			expect(preview.exitCode, preview.all).toBe(0);
			expect(preview.all).toContain("exchange-dirsync:index:PostOfficeCutover");
		},
	);

	it("reaches only what is exported", async () => {
		const consumer = await project("internals", {});
		const reach = (name: string) =>
			consumer.run("node", "-e", `require("exchange-dirsync${name}")`);
		expect((await reach("")).exitCode).toBe(0);
		expect((await reach("/testing")).exitCode).toBe(0);
		expect((await reach("/package.json")).exitCode).toBe(0);
		expect((await reach("/stack-file.schema.json")).exitCode).toBe(0);
		expect((await reach("/dist/access/access")).all).toContain(
			"ERR_PACKAGE_PATH_NOT_EXPORTED",
		);
	});

	it("previews a stack file without code", async () => {
		const consumer = await project("without-code", {
			"package.json": '{ "main": "index.js" }',
			"index.js": 'module.exports = require("exchange-dirsync/program");',
			"Pulumi.dev.yaml": stringify({
				config: {
					"consumer:hosts": [
						{
							...{ name: "EXCH01", role: "requestor" },
							ssh: { host: "h", user: "u", hostKey: HOST_KEY },
						},
					],
					"consumer:credentials": { EXCH01: { password: "a-password" } },
				},
			}),
		});
		await consumer.must("stack", "select", "--create", "dev");
		const preview = await consumer.pulumi("preview", "--stack", "dev");
		expect(preview.exitCode, preview.all).toBe(0);
		expect(preview.all).toContain("exchange-dirsync:index:PauseKicksDX");
	});

	it("previews a program in YAML, with the plugin in node_modules", async () => {
		const consumer = await Project.create(
			join(folder.dir, "yaml"),
			await prepareYaml(),
			{
				"Pulumi.yaml": await readFile(
					join(ROOT, "examples/one-host/yaml/Pulumi.yaml"),
					"utf8",
				),
			},
		);
		await consumer.addPlugin(
			"exchange-dirsync",
			"../node_modules/exchange-dirsync/plugin",
		);
		await consumer.must("stack", "init", "dev");
		await consumer.must(
			...["config", "set-all", "--stack", "dev", "--plaintext", "host=h"],
			...["--plaintext", `hostKey=${HOST_KEY}`],
			...["--secret", `privateKey=${openSshKey()}`],
		);
		const preview = await consumer.pulumi("preview", "--stack", "dev");
		expect(preview.exitCode, preview.all).toBe(0);
		expect(preview.all).toContain("command:remote:Command EXCH01-cycle create");
	});

	it("starts from the template with pulumi new", async () => {
		const consumer = await project("new", {});
		// Absolute: pulumi new changes to the folder of --dir first.
		const template = join(
			folder.dir,
			"node_modules/exchange-dirsync/examples/template",
		);
		await consumer.must(
			...["new", template, "--yes", "--generate-only", "--dir", "mine"],
			...["--name", "migration", "--stack", "dev"],
		);
		await consumer.usePlugin("mine/Pulumi.yaml");
		const inMine = ["--cwd", "mine", "--stack", "dev"];
		await consumer.must("stack", "init", ...inMine);
		await consumer.must(
			...["config", "set", "--secret", "--path", ...inMine],
			...["credentials.EXCH01.password", "a-password"],
		);
		const preview = await consumer.pulumi("preview", ...inMine);
		expect(preview.exitCode, preview.all).toBe(0);
		expect(preview.all).toMatch(/EXCH01-cycle/);
	});

	it("has the commands check, plan and report", async () => {
		const consumer = await project("commands", {});
		for (const command of ["check", "plan", "report"]) {
			const args = ["exchange-dirsync", command, "--help"];
			const { exitCode, all } = await consumer.run("npx", ...args);
			expect(exitCode, all).toBe(0);
		}
	});

	/** A test file of a user. Each runs in a process of its own, with mocks of its own. */
	const testFile = (
		state: string,
		checks: string,
	) => `const test = require("node:test");
const assert = require("node:assert");
const pulumi = require("@pulumi/pulumi");
const { mockState } = require("exchange-dirsync/testing");
const valueOf = (output) => new Promise((resolve) => output.apply(resolve));

test("the program", async () => {
	await pulumi.runtime.setMocks({
		newResource: (args) => ({ id: args.name + "_id", state: ${state} }),
		call: (args) => args.inputs,
	});
	const { value, kickedAt, steps } = require("./index.js");
	${checks}
});
`;

	it("tests its program with mocks, with and without mockState", async () => {
		const consumer = await project("mocks", {
			"package.json": '{ "type": "commonjs" }',
			"index.ts": PROGRAM,
			"with.test.js": testFile(
				"mockState(args)",
				`assert.equal(await valueOf(value), 1);
	assert.equal(await valueOf(kickedAt), "1999-03-01T22:00:00Z");
	assert.equal((await valueOf(steps)).length, 9);`,
			),
			"without.test.js": testFile(
				"args.inputs",
				`assert.equal(await valueOf(kickedAt), undefined);
	assert.deepEqual(await valueOf(steps), []);`,
			),
			"tsconfig.json": JSON.stringify({
				compilerOptions: {
					...{ target: "es2022", module: "node16", types: ["node"] },
				},
				files: ["index.ts"],
			}),
		});
		expect((await consumer.run("npx", "tsc")).exitCode).toBe(0);
		const tests = await consumer.run("node", "--test");
		expect(tests.exitCode, tests.all).toBe(0);
	});
});
