import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Project } from "../../project.ts";
import { prepareGenSdk } from "../../toolchain/languages.ts";
import type { Toolchain } from "../../toolchain/toolchain.ts";
import type { Canaries } from "../canaries.ts";
import type { Bench } from "../fixture.ts";

export const ROOT = join(import.meta.dirname, "../../..");

/** A language in which Pulumi programs are written. */
export interface Language {
	/** The name of its folder in each example. */
	name: "yaml" | "python";
	prepare(): Promise<Toolchain>;
	/** The file of the program. */
	file: string;
	/** Lines of a program for a command that depends on EXCH01 and outputs when it ran, in milliseconds. */
	afterwards: string;
}

/** The lab's values for an example: plain text, and secrets. */
export interface Settings {
	plain: Record<string, string | number>;
	secret: Record<string, string>;
}

/** An example of examples/ in a folder of its own, with the plugin of this checkout. */
export class Example {
	readonly project: Project;
	readonly #canaries: Canaries;

	private constructor(project: Project, canaries: Canaries) {
		this.project = project;
		this.#canaries = canaries;
	}

	static async open(
		bench: Bench,
		language: Language,
		example: "one-host" | "fleet" | "cutover",
		canaries: Canaries,
	): Promise<Example> {
		const dir = await mkdtemp(join(tmpdir(), `dirsync-${language.name}-`));
		bench.atEnd(() => rm(dir, { recursive: true, force: true }));
		await cp(join(ROOT, "examples", example, language.name), dir, {
			recursive: true,
		});
		const project = await Project.create(dir, await language.prepare());
		await project.addPlugin("exchange-dirsync", join(ROOT, "plugin"));
		await project.must("stack", "init", "lab");
		return new Example(project, canaries);
	}

	/** Sets configuration values, in one run of the CLI. */
	async configure({ plain, secret }: Settings): Promise<void> {
		const flags = (flag: string, values: Record<string, string | number>) =>
			Object.entries(values).flatMap(([key, value]) => [
				flag,
				`${key}=${value}`,
			]);
		await this.project.must(
			...["config", "set-all", "--path", "--stack", "lab"],
			...flags("--plaintext", plain),
			...flags("--secret", secret),
		);
	}

	/** Runs the CLI on the stack. Its output must contain no secret. */
	async pulumi(...args: string[]) {
		const [command = "", ...rest] = args;
		const { exitCode, all } = await this.project.pulumi(
			...[command, "--stack", "lab", ...rest],
		);
		const finds = this.#canaries.find(`output of ${command}`, all);
		if (finds.length > 0) throw new Error(JSON.stringify(finds));
		return { exitCode, output: all };
	}

	/** Like `pulumi`, but a failure is an error that shows the output. */
	async must(...args: string[]): Promise<string> {
		const { exitCode, output } = await this.pulumi(...args);
		if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")}:\n${output}`);
		return output;
	}

	up(...args: string[]) {
		return this.pulumi("up", "--yes", "--skip-preview", ...args);
	}

	/** The outputs of the stack. */
	async outputs(): Promise<Record<string, unknown>> {
		const { stdout } = await this.project.pulumi(
			...["stack", "output", "--json", "--stack", "lab"],
		);
		return JSON.parse(stdout);
	}
}

/** Writes the SDKs of other languages, each into the folder of its name. */
export async function generateSdks(
	folder: string,
	...languages: string[]
): Promise<void> {
	await execa(await prepareGenSdk(), [
		...[join(ROOT, "schema.json"), join(ROOT, "docs/images/logo.png")],
		...[folder, ...languages],
	]);
}
