import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import type { Toolchain } from "./toolchain/toolchain.ts";

const ROOT = join(import.meta.dirname, "..");

/** What came of a run of the Pulumi CLI. */
export interface Run {
	exitCode: number | undefined;
	/** Both streams, as they came. */
	output: string;
}

/** What makes the engine write the state once, at the end. */
export const NO_CHECKPOINTS = { PULUMI_SKIP_CHECKPOINTS: "true" };

export interface StackOptions {
	/** The folder of the compiled program. @default this package's own */
	dist?: string;
	/** What its runs find in their environment, beside what every one does. */
	env?: Record<string, string>;
}

/** A stack of this very program in a folder of its own: a copy of the project file, a backend of files. */
export class Stack {
	readonly #toolchain: Toolchain;
	readonly #dir: string;
	readonly #options: StackOptions;
	name: string;

	private constructor(
		toolchain: Toolchain,
		dir: string,
		name: string,
		options: StackOptions,
	) {
		this.#toolchain = toolchain;
		this.#dir = dir;
		this.name = name;
		this.#options = options;
	}

	/** Opens the stack that is kept in a folder, or makes it there. */
	static async open(
		toolchain: Toolchain,
		dir: string,
		name: string,
		options: StackOptions = {},
	): Promise<Stack> {
		const stack = new Stack(toolchain, dir, name, options);
		await stack.#makeProject();
		await stack.must("stack", "select", "--create", "--stack", name);
		return stack;
	}

	/** Another stack of the same project, in the same backend. */
	beside(name: string): Promise<Stack> {
		return Stack.open(this.#toolchain, this.#dir, name, this.#options);
	}

	/** The stack file. */
	get file(): string {
		return join(this.#dir, "stacks", `Pulumi.${this.name}.yaml`);
	}

	/** One key of the configuration as it stands in the stack file. */
	async configured(key: string) {
		const settings = await this.#settings();
		return settings.config?.[`exchange-dirsync:${key}`];
	}

	/** Sets whole keys of the configuration, by hand as it were: without the namespace, undefined takes one out. */
	async configure(values: Record<string, unknown>): Promise<void> {
		const settings = await this.#settings();
		settings.config ??= {};
		for (const [key, value] of Object.entries(values))
			settings.config[`exchange-dirsync:${key}`] = value;
		await writeFile(this.file, stringify(settings));
	}

	/** Sets one secret, given on stdin as a person would: in no file in clear, in no process list. */
	async setSecret(path: string, value: string): Promise<void> {
		const key = `exchange-dirsync:${path}`;
		const { exitCode, all } = await this.start(
			["config", "set", "--secret", "--path", key],
			value,
		);
		if (exitCode !== 0) throw new Error(`pulumi config set failed:\n${all}`);
	}

	up(...args: string[]): Promise<Run> {
		return this.pulumi("up", "--yes", "--skip-preview", ...args);
	}

	destroy(...args: string[]): Promise<Run> {
		return this.pulumi("destroy", "--yes", "--skip-preview", ...args);
	}

	/** What the README says is to be done after an update that was killed, before the next one. */
	async wayBack(): Promise<void> {
		await this.must("cancel", "--yes");
		await this.must(
			"refresh",
			"--clear-pending-creates",
			"--yes",
			"--skip-preview",
		);
	}

	/** The stack's outputs. */
	async outputs(): Promise<Record<string, unknown>> {
		const { output } = await this.must("stack", "output", "--json");
		return JSON.parse(output);
	}

	/** Like pulumi, but a failure is an error that shows what was printed. */
	async must(...args: string[]): Promise<Run> {
		const run = await this.pulumi(...args);
		if (run.exitCode !== 0)
			throw new Error(`pulumi ${args.join(" ")} failed:\n${run.output}`);
		return run;
	}

	async pulumi(...args: string[]): Promise<Run> {
		const { exitCode, all } = await this.start(args);
		return { exitCode, output: all };
	}

	/** The running program, for those who show its output or break it off. */
	start(args: string[], input = "") {
		const { command, cwd, env } = this.commandLine(...args);
		const [program = "", ...rest] = command;
		return execa(program, rest, { cwd, env, all: true, reject: false, input });
	}

	/** What `start` runs, for those who run it by another program. */
	commandLine(...args: string[]) {
		const ownName = args.includes("--stack") || args.includes("--source");
		const onStack = ownName ? [] : ["--stack", this.name];
		return {
			command: [
				...[this.#toolchain.pulumi, ...args, ...onStack],
				...["--non-interactive", "--color", "never"],
			],
			...this.#here,
		};
	}

	/** What `npm run report` writes, with what an update printed. @returns the page's file */
	async report(log: string): Promise<string> {
		const page = join(this.#dir, `cutover-report-${this.name}.html`);
		await writeFile(join(this.#dir, "up.log"), log);
		await execa(
			process.execPath,
			[
				...[join(ROOT, "dist/cli/report/main.js"), "--stack", this.name],
				...["--log", "up.log", "--out", page],
			],
			this.#here,
		);
		return page;
	}

	/** What `npm run check` says. */
	async check(...args: string[]) {
		const { command, cwd, env } = this.checkLine(...args);
		const [program = "", ...rest] = command;
		const { exitCode, stdout, stderr } = await execa(program, rest, {
			...{ cwd, env, reject: false },
		});
		return { exitCode, stdout, stderr };
	}

	/** What `check` runs. */
	checkLine(...args: string[]) {
		return {
			command: [
				...[process.execPath, join(ROOT, "dist/cli/check/main.js")],
				...["--stack", this.name, ...args],
			],
			...this.#here,
		};
	}

	get #here() {
		return {
			cwd: this.#dir,
			env: {
				...this.#toolchain.env,
				PULUMI_BACKEND_URL: `file://${join(this.#dir, "state")}`,
				PULUMI_CONFIG_PASSPHRASE: "lab",
				// From Node 22 on: a third of a second of each run, which starts with the same thousand modules.
				NODE_COMPILE_CACHE: join(ROOT, ".toolchain/compiled"),
				...this.#options.env,
			},
		};
	}

	/** Puts a copy of the built program in place of the link to it: for a test that changes it. */
	async ownProgram(): Promise<string> {
		const dist = join(this.#dir, "dist");
		await execa("rm", [dist]);
		await cp(join(ROOT, "dist"), dist, { recursive: true });
		return dist;
	}

	async #settings() {
		return parse(await readFile(this.file, "utf8").catch(() => "{}"));
	}

	async #makeProject(): Promise<void> {
		await mkdir(join(this.#dir, "stacks"), { recursive: true });
		await mkdir(join(this.#dir, "state"), { recursive: true });
		const { dist = join(ROOT, "dist") } = this.#options;
		await symlink(dist, join(this.#dir, "dist")).catch(ifThere);
		for (const part of ["node_modules", "package.json"])
			await symlink(join(ROOT, part), join(this.#dir, part)).catch(ifThere);
		const project = parse(await readFile(join(ROOT, "Pulumi.yaml"), "utf8"));
		const { plugin } = this.#toolchain;
		// Named here and never in the real project file: a path there would win over the real plugin.
		if (plugin.kind === "twin")
			project.plugins = { providers: [{ name: "command", path: plugin.dir }] };
		await writeFile(join(this.#dir, "Pulumi.yaml"), stringify(project));
	}
}

function ifThere(error: NodeJS.ErrnoException): void {
	if (error.code !== "EEXIST") throw error;
}
