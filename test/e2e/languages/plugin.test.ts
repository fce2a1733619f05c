import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Project } from "../../project.ts";
import { prepareYaml } from "../../toolchain/languages.ts";
import { HOST_KEY, openSshKey } from "../../unit/validation/ssh-keys.ts";
import { ROOT } from "./language.ts";

const PLUGIN = join(ROOT, "plugin/pulumi-resource-exchange-dirsync");

/** The CPU time of a process and of its children that have ended, in seconds. */
async function cpuSeconds(pid: number): Promise<number> {
	const stat = await readFile(`/proc/${pid}/stat`, "latin1");
	const [, ...fields] = stat.split(") ");
	const ticks = fields.join(") ").split(" ").slice(11, 15).map(Number);
	return ticks.reduce((sum, value) => sum + value) / 100;
}

/** Starts the plugin as the engine does. @returns the CPU time until it prints its port */
async function start(): Promise<number> {
	const plugin = spawn(PLUGIN, ["127.0.0.1:1"], { stdio: "pipe" });
	const [port] = await once(plugin.stdout, "data");
	const seconds = await cpuSeconds(plugin.pid as number);
	plugin.kill();
	expect(String(port)).toMatch(/^\d+\n$/);
	return seconds;
}

describe("the plugin", () => {
	it("starts in less than a second", async () => {
		// CPU time does not depend on what else this machine runs. The first start may read from the disk.
		await start();
		expect(Math.min(await start(), await start())).toBeLessThan(1);
	});

	it("reports the schema of the package", async () => {
		const toolchain = await prepareYaml();
		const { stdout } = await execa(
			toolchain.pulumi,
			["package", "get-schema", PLUGIN],
			{ env: toolchain.env },
		);
		const own = JSON.parse(await readFile(join(ROOT, "schema.json"), "utf8"));
		expect(JSON.parse(stdout)).toMatchObject({
			version: own.version,
			resources: own.resources,
			types: own.types,
		});
	});
});

describe("the plugin archive of a release", { tags: ["full"] }, () => {
	it("is installed as a plugin, and previews a program without further settings", async () => {
		const dir = await mkdtemp(join(tmpdir(), "dirsync-archive-"));
		try {
			const { jobs } = parse(
				await readFile(join(ROOT, ".github/workflows/release.yml"), "utf8"),
			);
			const { run } = jobs.npm.steps.find(
				({ name }: { name?: string }) => name === "Plugin archives",
			);
			const copy = join(dir, "checkout");
			await mkdir(copy);
			const { stdout } = await execa("git", ["ls-files"], { cwd: ROOT });
			for (const file of stdout
				.split("\n")
				.filter((name) => !/^test\//.test(name)))
				await cp(join(ROOT, file), join(copy, file));
			await cp(join(ROOT, "dist"), join(copy, "dist"), { recursive: true });
			await execa("bash", ["-ec", run], { cwd: copy });
			const archives = join(copy, "archives");
			const names = await readdir(archives);
			expect(names).toHaveLength(5);

			const toolchain = await prepareYaml();
			const home = join(dir, "home");
			const env = { ...toolchain.env, PULUMI_HOME: home };
			if (toolchain.plugin.kind === "real")
				await cp(
					join(
						process.env.PULUMI_HOME ?? join(process.env.HOME ?? "", ".pulumi"),
						"plugins",
					),
					join(home, "plugins"),
					{ recursive: true },
				);
			const program = await readFile(
				join(ROOT, "examples/one-host/yaml/Pulumi.yaml"),
				"utf8",
			);
			const project = await Project.create(
				join(dir, "project"),
				{ ...toolchain, env },
				{
					"Pulumi.yaml": program.replace(/^plugins:\n( .*\n)+/m, ""),
				},
			);
			const archive = names.find((name) => /linux-amd64/.test(name)) as string;
			const [, version = ""] = /-v([\d.]+)-linux/.exec(archive) ?? [];
			await project.must(
				...["plugin", "install", "resource", "exchange-dirsync", version],
				...["--file", join(archives, archive)],
			);
			await project.must("stack", "init", "dev");
			await project.must(
				...["config", "set-all", "--stack", "dev", "--plaintext", "host=h"],
				...["--plaintext", `hostKey=${HOST_KEY}`],
				...["--secret", `privateKey=${openSshKey()}`],
			);
			const preview = await project.pulumi("preview", "--stack", "dev");
			expect(preview.exitCode, preview.all).toBe(0);
			expect(preview.all).toContain("EXCH01-cycle create");
		} finally {
			await rm(dir, { recursive: true, force: true });
		}
	}, 600_000);
});
