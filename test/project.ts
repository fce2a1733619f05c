import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import type { Toolchain } from "./toolchain/toolchain.ts";

/** A project of a user: files in a folder, its own backend, and the commands that run there. */
export class Project {
	readonly dir: string;
	readonly #toolchain: Toolchain;

	private constructor(dir: string, toolchain: Toolchain) {
		this.dir = dir;
		this.#toolchain = toolchain;
	}

	/** @param files by their names; without a Pulumi.yaml, here and in the folder, it gets one for a compiled program */
	static async create(
		dir: string,
		toolchain: Toolchain,
		files: Record<string, string> = {},
	): Promise<Project> {
		const project = new Project(dir, toolchain);
		await mkdir(join(dir, "state"), { recursive: true });
		for (const [file, text] of Object.entries(files))
			await writeFile(join(dir, file), text);
		const runtime = { name: "nodejs", options: { typescript: false } };
		await writeFile(
			join(dir, "Pulumi.yaml"),
			stringify({ name: "consumer", runtime }),
			{ flag: "wx" },
		).catch(() => {
			// The folder has one.
		});
		await project.usePlugin("Pulumi.yaml");
		return project;
	}

	/** Names the twin of the command plugin in a project file. The real plugin needs no entry. */
	async usePlugin(file: string): Promise<void> {
		const { plugin } = this.#toolchain;
		if (plugin.kind === "twin")
			await this.addPlugin("command", plugin.dir, file);
	}

	/** Names the folder of a plugin in a project file. */
	async addPlugin(
		name: string,
		path: string,
		file = "Pulumi.yaml",
	): Promise<void> {
		const project = join(this.dir, file);
		const settings = parse(await readFile(project, "utf8"));
		settings.plugins ??= { providers: [] };
		const { providers } = settings.plugins;
		settings.plugins.providers = [
			...providers.filter((other: { name: string }) => other.name !== name),
			{ name, path },
		];
		await writeFile(project, stringify(settings));
	}

	run(command: string, ...args: string[]) {
		const { env } = this.#toolchain;
		return execa(command, args, {
			...{ cwd: this.dir, all: true, reject: false },
			env: {
				...env,
				PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
				PULUMI_CONFIG_PASSPHRASE: "lab",
			},
		});
	}

	pulumi(...args: string[]) {
		return this.run(this.#toolchain.pulumi, ...args, "--non-interactive");
	}

	/** Like `pulumi`, but a failure is an error that shows the output. */
	async must(...args: string[]): Promise<void> {
		const { exitCode, all } = await this.pulumi(...args);
		if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")}:\n${all}`);
	}
}
