import { dirname, join } from "node:path";
import { ensureGo, type GoStep, goStep, newEnoughGo } from "./go.ts";
import { run } from "./programs.ts";
import { withProgress } from "./progress.ts";
import { moveIntoPlace, withScratch } from "./staging.ts";

/** A program that is published as a Go module. `folder` is next to this file and contains a go.mod. */
interface GoProgram {
	folder: string;
	program: string;
	package: string;
	flags: string[];
}

const CLI: GoProgram = {
	folder: "cli",
	program: "pulumi",
	package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
	flags: [
		"-tags=osusergo,grpcnotrace",
		"-ldflags=-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.276.0",
	],
};

const LANGUAGE_HOST: GoProgram = {
	folder: "language-host",
	program: "pulumi-language-nodejs",
	package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
	flags: ["-ldflags=-s -w"],
};

/** What the tests of programs in other languages need. */
const LANGUAGE_TOOLS = {
	yaml: {
		folder: "yaml",
		program: "pulumi-language-yaml",
		package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
		flags: ["-ldflags=-s -w"],
	},
	python: {
		folder: "language-host",
		program: "pulumi-language-python",
		package:
			"github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
		flags: ["-ldflags=-s -w"],
	},
	"gen-sdk": {
		folder: "gen-sdk",
		program: "gen-sdk",
		package: ".",
		flags: ["-ldflags=-s -w"],
	},
} satisfies Record<string, GoProgram>;

export type LanguageTool = keyof typeof LANGUAGE_TOOLS;

/** Builds the CLI and its language host into one folder: the engine first searches its own folder for the host. */
export function buildPulumi(
	target: string,
	env: NodeJS.ProcessEnv,
): Promise<void> {
	return build(
		"the Pulumi CLI from its Go modules, once (4 to 8 minutes on two idle cores)",
		[LANGUAGE_HOST, CLI],
		target,
		env,
	);
}

/** Builds only the language host, for a CLI without one. */
export function buildLanguageHost(
	target: string,
	env: NodeJS.ProcessEnv,
): Promise<void> {
	return build(
		"Pulumi's Node language host from its Go module, once (about 20 seconds)",
		[LANGUAGE_HOST],
		target,
		env,
	);
}

/** Builds one of the tools for other languages into a folder of its own. @returns the program's file */
export async function buildLanguageTool(
	tool: LanguageTool,
	target: string,
	env: NodeJS.ProcessEnv,
): Promise<string> {
	const { program } = LANGUAGE_TOOLS[tool];
	await build(
		`${program} from its Go module, once (a minute or two)`,
		[LANGUAGE_TOOLS[tool]],
		target,
		env,
	);
	return join(target, program);
}

async function build(
	title: string,
	programs: GoProgram[],
	target: string,
	env: NodeJS.ProcessEnv,
): Promise<void> {
	await ensureGo(env);
	await withProgress(`building ${title}`, (onLine) =>
		withScratch(dirname(target), async (scratch) => {
			const { go, step } = await newEnoughGo(scratch, goStep(env, onLine));
			const result = join(scratch, "result");
			for (const program of programs) {
				await buildProgram(go, program, result, step);
			}
			await moveIntoPlace(result, target);
		}),
	);
}

async function buildProgram(
	go: string,
	{ folder, program, flags, package: name }: GoProgram,
	result: string,
	step: GoStep,
): Promise<void> {
	const output = join(result, program);
	await run([go, "build", "-trimpath", ...flags, "-o", output, name], {
		...step,
		cwd: join(import.meta.dirname, folder),
		what: `go build ${name}`,
		limitSeconds: 1800,
	});
}
