import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, SERVICE } from "../e2e/fixture.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { Project } from "../project.ts";
import { prepareToolchain } from "../toolchain/toolchain.ts";
import { install, pack, ROOT, temporaryFolder } from "./tarball.ts";

// examples/one-host/typescript with the tarball, on a lab host: up, and the commands of a program that has no configuration in
// this package's format.
describe("the example in TypeScript", { tags: ["full"] }, () => {
	const bench = new Bench();
	let host: LabHost;
	let project: Project;

	const command = (name: string, ...args: string[]) =>
		project.run(
			...(["npx", "exchange-dirsync", name, "--stack", "dev"] as const),
			...args,
		);

	beforeAll(async () => {
		const folder = await temporaryFolder();
		bench.atEnd(folder.remove);
		host = await bench.host();
		await cp(join(ROOT, "examples/one-host/typescript"), folder.dir, {
			recursive: true,
		});
		const tarball = await pack(folder.dir);
		await install(folder.dir, tarball);
		project = await Project.create(folder.dir, await prepareToolchain(), {
			"Pulumi.yaml": "name: dirsync-example\nruntime: nodejs\n",
		});
		await project.must("stack", "init", "dev");
		const { ssh } = host;
		const set = (...args: string[]) =>
			project.must("config", "set", "--stack", "dev", ...args);
		await set("host", ssh.host);
		await set("port", String(ssh.port));
		await set("user", ssh.user);
		await set("hostKey", ssh.hostKey);
		await set("trigger", "initial-import");
		await writeFile(join(folder.dir, "key"), ssh.privateKey);
		const { exitCode, all } = await project.run(
			...["sh", "-c"],
			'pulumi config set --stack dev --secret privateKey < "$0"',
			"key",
		);
		expect(exitCode, all).toBe(0);
	}, 300_000);
	afterAll(() => bench.end());

	it("compiles", async () => {
		const { exitCode, all } = await project.run("npx", "tsc");
		expect(exitCode, all).toBe(0);
	});

	it("starts a cycle", async () => {
		await project.must("up", "--yes", "--skip-preview", "--stack", "dev");
		expect(await host.cycles()).toHaveLength(1);
		const { stdout } = await project.pulumi(
			...["stack", "output", "--json", "--stack", "dev"],
		);
		expect(JSON.parse(stdout)).toMatchObject({
			...{ value: 1, previous: "absent", restarted: true, cycleType: "T1" },
			evidence: expect.stringContaining("3539"),
		});
	});

	it("is as declared, and nothing is to be done", async () => {
		const check = await command("check");
		expect(check.exitCode, check.all).toBe(0);
		const plan = await command("plan");
		expect(plan.exitCode, plan.all).toBe(0);
	});

	it("has drift after a change by hand, and a plan for other triggers", async () => {
		await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
		const check = await command("check");
		expect(check.exitCode).toBe(2);
		expect(check.stdout).toMatch(/\nEXCH01 +value +absent /);
		await project.must(
			...["config", "set", "--stack", "dev", "trigger", "next"],
		);
		const plan = await command("plan", "--json");
		expect(plan.exitCode).toBe(2);
		expect(JSON.parse(plan.stdout).hosts[0].cycles).toEqual([
			{ type: "T1", reason: "its triggers changed (next)" },
		]);
	});

	it("has no cutovers to report", async () => {
		const { exitCode, stderr } = await command("report");
		expect(exitCode).toBe(1);
		expect(stderr).toMatch(/no cutovers/);
	});
});
