import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { prepareToolchain, type Toolchain } from "../toolchain/toolchain.ts";
import { nameOf, type Run, readRun } from "./run.ts";
import { twinDir } from "./twin.ts";

const here = import.meta.dirname;
const modules = join(here, "../../node_modules");

/** A resource of the program under test. `{ secret: value }` anywhere in it becomes a Pulumi secret. */
export interface Declared {
	/** The SDK's class, or a type token to declare the resource without the SDK. */
	kind: "remote" | "local" | `command:${string}`;
	name: string;
	args: Record<string, unknown>;
	/** Pulumi's resource options; `dependsOn` takes names. */
	opts?: Record<string, unknown>;
}

/** A resource in the state. */
export interface Stored {
	urn: string;
	id: string;
	inputs: Record<string, unknown>;
	outputs: Record<string, unknown>;
	delete?: boolean;
}

/** A Pulumi project in a temporary folder with its own backend, for tests of the installed plugin or the twin. */
export class Bench {
	readonly dir = mkdtempSync(join(tmpdir(), "contract-"));
	readonly toolchain: Toolchain;
	#stacks = 0;
	#runs = 0;

	private constructor(toolchain: Toolchain) {
		this.toolchain = toolchain;
	}

	/** Creates the project, for the twin if the options request it. Call {@link remove} at the end. */
	static async create(options: { twin?: boolean } = {}): Promise<Bench> {
		const toolchain = await prepareToolchain();
		const bench = new Bench(toolchain);
		const plugin: Toolchain["plugin"] = options.twin
			? { kind: "twin", dir: await twinDir() }
			: toolchain.plugin;
		const project = {
			name: "contract",
			runtime: { name: "nodejs", options: { typescript: false } },
			main: "program.cjs",
			...(plugin.kind === "twin" && {
				plugins: { providers: [{ name: "command", path: plugin.dir }] },
			}),
		};
		writeFileSync(join(bench.dir, "Pulumi.yaml"), stringify(project));
		writeFileSync(join(bench.dir, "package.json"), '{"name":"contract"}');
		copyFileSync(join(here, "program.cjs"), join(bench.dir, "program.cjs"));
		symlinkSync(modules, join(bench.dir, "node_modules"));
		mkdirSync(join(bench.dir, "backend"));
		return bench;
	}

	/** Creates an empty stack, so that tests do not share resources. */
	async stack(): Promise<Stack> {
		const name = `s${++this.#stacks}`;
		const { exitCode, all } = await this.cli(["stack", "init", name]);
		if (exitCode !== 0) throw new Error(`pulumi stack init: ${all}`);
		return new Stack(this, name);
	}

	/** Runs the CLI. The caller checks the exit code. */
	cli(args: string[], env: Record<string, string> = {}) {
		return execa(this.toolchain.pulumi, [...args, "--non-interactive"], {
			cwd: this.dir,
			reject: false,
			all: true,
			env: {
				...this.toolchain.env,
				PULUMI_BACKEND_URL: `file://${this.dir}/backend`,
				PULUMI_CONFIG_PASSPHRASE: "contract",
				NODE_COMPILE_CACHE: join(here, "../../.toolchain/compiled"),
				// Required for --event-log.
				PULUMI_DEBUG_COMMANDS: "true",
				...env,
			},
		});
	}

	/** Returns a path for the event log of one run. */
	eventLog() {
		return join(this.dir, `events-${++this.#runs}.json`);
	}

	/** Deletes the project, its states and its backend. */
	remove() {
		rmSync(this.dir, { recursive: true, force: true });
	}
}

/** One stack of a {@link Bench}. Each step takes the complete list of desired resources. */
export class Stack {
	readonly bench: Bench;
	readonly name: string;
	readonly #program: string;

	constructor(bench: Bench, name: string) {
		this.bench = bench;
		this.name = name;
		this.#program = join(bench.dir, `${name}.json`);
	}

	/** Runs `pulumi up`. Fails the test unless the update succeeds, or fails if the options expect that. */
	up(resources: Declared[], options: StepOptions = {}): Promise<Run> {
		this.#declare(resources);
		return this.#step(["up", "--yes", "--skip-preview"], options);
	}

	preview(resources: Declared[], options: StepOptions = {}): Promise<Run> {
		this.#declare(resources);
		return this.#step(["preview"], options);
	}

	refresh(): Promise<Run> {
		return this.#step(["refresh", "--yes", "--skip-preview"], {});
	}

	destroy(options: StepOptions = {}): Promise<Run> {
		return this.#step(["destroy", "--yes", "--skip-preview"], options);
	}

	/** The stored resources by name, without stack and provider. A secret is shown as `[secret]`. */
	state(): Record<string, Stored> {
		return byName(JSON.parse(this.stateText()).checkpoint.latest?.resources);
	}

	/** The text of the state in the backend. */
	stateText(): string {
		const file = `backend/.pulumi/stacks/contract/${this.name}.json`;
		return readFileSync(join(this.bench.dir, file), "utf8");
	}

	/** The stored resources with decrypted secrets, each as `{ secret: value }`. */
	async openState(): Promise<Record<string, Stored>> {
		const args = ["stack", "export", "--show-secrets", "-s", this.name];
		const { stdout } = await this.bench.cli(args);
		return byName(JSON.parse(stdout).deployment.resources);
	}

	#declare(resources: Declared[]) {
		writeFileSync(this.#program, JSON.stringify(resources));
	}

	async #step(args: string[], { fails, env, flags = [] }: StepOptions) {
		const log = this.bench.eventLog();
		const { exitCode, all } = await this.bench.cli(
			[...args, "-s", this.name, "--color=never", "--event-log", log, ...flags],
			{ CONTRACT_RESOURCES: this.#program, ...env },
		);
		if ((exitCode !== 0) !== (fails ?? false))
			throw new Error(
				`pulumi ${args[0]}: exit code must be ${fails ? "an error's" : "0"}, got ${exitCode}; it said:\n${all}`,
			);
		return readRun(existsSync(log) ? readFileSync(log, "utf8") : "", all);
	}
}

/** The options of a step. */
export interface StepOptions {
	/** Whether the step must fail. @default false */
	fails?: boolean;
	env?: Record<string, string>;
	flags?: string[];
}

type Entry = Stored & { type: string };

function byName(resources: Entry[] | null): Record<string, Stored> {
	return Object.fromEntries(
		(resources ?? [])
			.filter(({ type }) => !type.startsWith("pulumi:"))
			.map((resource) => [nameOf(resource.urn), legible(resource) as Stored]),
	);
}

/** Replaces encrypted secrets by a fixed text, because ciphertexts of one value differ, and unwraps decrypted ones. */
function legible(value: unknown): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(legible);
	if ("ciphertext" in value) return "[secret]";
	if ("plaintext" in value)
		return { secret: legible(JSON.parse(String(value.plaintext))) };
	return Object.fromEntries(
		Object.entries(value).map(([key, each]) => [key, legible(each)]),
	);
}
