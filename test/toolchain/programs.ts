import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";

/** Finds the first executable file with a name in the folders of `path`. */
export async function findProgram(
	name: string,
	path = "",
): Promise<string | undefined> {
	for (const folder of path.split(delimiter).filter(Boolean)) {
		const file = join(folder, name);
		if (await isExecutable(file)) return file;
	}
	return undefined;
}

/** Whether a file exists and is executable. */
export async function isExecutable(file: string): Promise<boolean> {
	return access(file, constants.X_OK).then(
		() => true,
		() => false,
	);
}

/** Whether a file or folder exists. */
export async function isThere(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}

/** Compares the three numbers of two versions, such as `v3.245.0` and `3.99.1-alpha.4`. The rest is ignored. */
export function versionAtLeast(version: string, minimum: string): boolean {
	const [have, need] = [numbers(version), numbers(minimum)];
	const different = need.findIndex((n, i) => n !== have[i]);
	return different < 0 || (have[different] ?? 0) > (need[different] ?? 0);
}

function numbers(version: string): number[] {
	const parts = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)?.slice(1) ?? [];
	return [0, 1, 2].map((i) => Number(parts[i] ?? 0));
}

/** The options of a command: its name in an error message, its time limit, and what to do if it fails. */
export interface Step {
	what: string;
	limitSeconds: number;
	advice: string;
	env: NodeJS.ProcessEnv;
	cwd?: string;
	/** Called with each line of output. */
	onLine?: (line: string) => void;
}

/** Runs a command and returns its stdout. Every failure is an error with the last lines of output. */
export async function run(command: string[], step: Step): Promise<string> {
	// timeout(1) also ends the children of the command. The time limit of execa would not.
	const limited = ["--kill-after=5", `${step.limitSeconds}`, ...command];
	const child = execa("timeout", limited, {
		all: true,
		cwd: step.cwd,
		env: step.env,
		extendEnv: false,
		reject: false,
		stdin: "ignore",
	});
	if (step.onLine) {
		for await (const line of child.iterable({ from: "all" })) {
			step.onLine(line);
		}
	}
	const { all = "", exitCode, shortMessage, stdout } = await child;
	if (exitCode === 0) return stdout;
	const wrong =
		exitCode === 124
			? `gave up after ${step.limitSeconds} s`
			: exitCode === undefined
				? shortMessage
				: `failed with exit code ${exitCode}`;
	const last = all.trimEnd().split("\n").slice(-15).join("\n");
	throw new Error(
		`${step.what}: ${wrong}, got ${last ? `\n${last}\n` : "no output"}; ${step.advice}`,
	);
}
