import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { buildLanguageTool, type LanguageTool } from "./build.ts";
import { installPackages } from "./packages.ts";
import { findProgram, isExecutable, isThere, run } from "./programs.ts";
import { withProgress } from "./progress.ts";
import { moveIntoPlace, withScratch } from "./staging.ts";
import { FOLDER, prepareToolchain, type Toolchain } from "./toolchain.ts";

/** Prepares the toolchain for programs in YAML. */
export async function prepareYaml(): Promise<Toolchain> {
	const toolchain = await prepareToolchain();
	const host = await languageTool("yaml", "pulumi-language-yaml", toolchain);
	return withPrograms(toolchain, dirname(host));
}

/** Prepares the toolchain for programs in Python. */
export async function preparePython(): Promise<Toolchain> {
	const toolchain = await prepareToolchain();
	const name = "pulumi-language-python";
	const host = await languageTool("python", name, toolchain);
	const exec = join(dirname(host), `${name}-exec`);
	if (!(await isThere(exec))) await copyExecutor(exec);
	const python = await preparePythonPackages();
	return withPrograms(toolchain, dirname(host), dirname(python));
}

/** Prepares the program that writes the SDKs of other languages. @returns its file */
export async function prepareGenSdk(): Promise<string> {
	return languageTool("gen-sdk", "gen-sdk", await prepareToolchain());
}

/** Finds a tool next to the CLI, where the official build has its language hosts, or builds it. */
async function languageTool(
	tool: LanguageTool,
	program: string,
	{ pulumi, env }: Toolchain,
): Promise<string> {
	const target = join(FOLDER, tool);
	const found = await findProgram(
		program,
		[dirname(pulumi), target].join(delimiter),
	);
	return found ?? buildLanguageTool(tool, target, { ...process.env, ...env });
}

/** The toolchain with further folders on PATH, from which the engine may take a language host. */
function withPrograms(toolchain: Toolchain, ...folders: string[]): Toolchain {
	const { PULUMI_IGNORE_AMBIENT_PLUGINS: _, ...env } = toolchain.env;
	const PATH = [...folders, env.PATH].join(delimiter);
	return { ...toolchain, env: { ...env, PATH } };
}

/** The language host for Python runs a script that is next to it. It is in the same Go module. */
async function copyExecutor(target: string): Promise<void> {
	const module = "github.com/pulumi/pulumi/sdk/v3";
	const folder = await run(["go", "list", "-m", "-f", "{{.Dir}}", module], {
		cwd: join(import.meta.dirname, "language-host"),
		env: process.env,
		what: `go list ${module}`,
		limitSeconds: 120,
		advice: "remove .toolchain/python and start again",
	});
	const script = "python/cmd/pulumi-language-python-exec";
	await copyFile(join(folder.trim(), script), target);
}

/** Installs Pulumi's Python SDK into an environment of its own. @returns its Python */
async function preparePythonPackages(): Promise<string> {
	const folder = join(FOLDER, "python-packages");
	const python = join(folder, "bin/python");
	const requirements = join(import.meta.dirname, "requirements.txt");
	const stamp = join(folder, "requirements.txt");
	const wanted = await readFile(requirements, "utf8");
	const have = await readFile(stamp, "utf8").catch(() => "");
	if (have === wanted && (await isExecutable(python))) return python;
	const step = (what: string, ...command: string[]) =>
		run(command, {
			what,
			env: process.env,
			limitSeconds: 600,
			advice: "install Python 3 with venv and pip, and start again",
		});
	await withProgress("installing Pulumi's Python SDK (a minute, once)", () =>
		withScratch(FOLDER, async (scratch) => {
			const made = join(scratch, "environment");
			const make = () =>
				step("python3 -m venv", ...["python3", "-m", "venv", made]);
			await make().catch(async () => {
				await installPackages("python", ["python3-venv"], process.env);
				await make();
			});
			await step(
				"pip install",
				...[join(made, "bin/python"), "-m", "pip", "install", "--quiet"],
				...["--requirement", requirements],
			);
			await writeFile(join(made, "requirements.txt"), wanted);
			await rm(folder, { recursive: true, force: true });
			await moveIntoPlace(made, folder);
		}),
	);
	return python;
}
