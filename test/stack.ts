import {
	cp,
	mkdir,
	readFile,
	stat,
	symlink,
	writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import type { Toolchain } from "./toolchain/toolchain.ts";

const ROOT = join(import.meta.dirname, "..");

/** The result of a run of the Pulumi CLI. */
export interface Run {
	exitCode: number | undefined;
	/** stdout and stderr, in the order of arrival. */
	output: string;
}

/** Makes the engine write the state only once, at the end. */
export const NO_CHECKPOINTS = { PULUMI_SKIP_CHECKPOINTS: "true" };

export interface StackOptions {
	/** The folder of the compiled program. @default this package's own */
	dist?: string;
	/** Additional environment variables of its runs. */
	env?: Record<string, string>;
}

/** A stack of this package's program in a separate folder, with a copy of the project file and a file backend. */
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

	/** Opens the stack in a folder, and creates it if needed. */
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

	/** Opens another stack of the same project, in the same backend. */
	beside(name: string): Promise<Stack> {
		return Stack.open(this.#toolchain, this.#dir, name, this.#options);
	}

	get file(): string {
		return join(this.#dir, "stacks", `Pulumi.${this.name}.yaml`);
	}

	/** The size of the state, in bytes. */
	async stateBytes(): Promise<number> {
		const file = `state/.pulumi/stacks/exchange-dirsync/${this.name}.json`;
		return (await stat(join(this.#dir, file))).size;
	}

	/** One key of the configuration, as in the stack file. */
	async configured(key: string) {
		const settings = await this.#settings();
		return settings.config?.[`exchange-dirsync:${key}`];
	}

	/** Sets complete keys of the configuration in the stack file. Keys have no namespace; undefined deletes a key. */
	async configure(values: Record<string, unknown>): Promise<void> {
		const settings = await this.#settings();
		settings.config ??= {};
		for (const [key, value] of Object.entries(values))
			settings.config[`exchange-dirsync:${key}`] = value;
		await writeFile(this.file, stringify(settings));
	}

	/** Sets one secret. It is passed on stdin, so it is in no file in clear text and in no process list. */
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

	/** The steps that docs/troubleshooting.md prescribes after a killed update, before the next one. */
	async wayBack(): Promise<void> {
		await this.must("cancel", "--yes");
		await this.must(
			"refresh",
			"--clear-pending-creates",
			"--yes",
			"--skip-preview",
		);
	}

	async outputs(): Promise<Record<string, unknown>> {
		const { output } = await this.must("stack", "output", "--json");
		return JSON.parse(output);
	}

	/** The same as pulumi, but a failure is an error with the output. */
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

	/** The running CLI, for callers that show its output or interrupt it. */
	start(args: string[], input = "") {
		const { command, cwd, env } = this.commandLine(...args);
		const [program = "", ...rest] = command;
		return execa(program, rest, { cwd, env, all: true, reject: false, input });
	}

	/** The command line of `start`, for callers that run it by another program. */
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

	/** Writes the page of `npm run report`, with the output of an update. @returns the page's file */
	async report(log: string): Promise<string> {
		const page = join(this.#dir, `cutover-report-${this.name}.html`);
		await writeFile(join(this.#dir, "up.log"), log);
		const { command, cwd, env } = this.cliLine(
			"report",
			...["--log", "up.log", "--out", page],
		);
		const [program = "", ...rest] = command;
		await execa(program, rest, { cwd, env });
		return page;
	}

	/** Runs `npm run check`. */
	check = (...args: string[]) => this.#inspect("check", args);

	/** Runs `npm run plan`. */
	plan = (...args: string[]) => this.#inspect("plan", args);

	async #inspect(name: "check" | "plan", args: string[]) {
		const { command, cwd, env } = this.cliLine(name, ...args);
		const [program = "", ...rest] = command;
		const { exitCode, stdout, stderr } = await execa(program, rest, {
			...{ cwd, env, reject: false },
		});
		return { exitCode, stdout, stderr };
	}

	/** The command line of one of this package's commands. */
	cliLine(name: "check" | "plan" | "report", ...args: string[]) {
		return {
			command: [
				...[process.execPath, join(ROOT, "dist/cli/main.js"), name],
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
				// Saves a third of a second of each run from Node 22 on, because each run loads the same thousand modules.
				NODE_COMPILE_CACHE: join(ROOT, ".toolchain/compiled"),
				...this.#options.env,
			},
		};
	}

	/** Replaces the link to the built program by a copy, for a test that changes it. */
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
		// Only here, never in the real project file: a path there has precedence over the real plugin.
		if (plugin.kind === "twin")
			project.plugins = { providers: [{ name: "command", path: plugin.dir }] };
		await writeFile(join(this.#dir, "Pulumi.yaml"), stringify(project));
	}
}

function ifThere(error: NodeJS.ErrnoException): void {
	if (error.code !== "EEXIST") throw error;
}
