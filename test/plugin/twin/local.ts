import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Output, type Outputs } from "./output.ts";
import type { Report } from "./report.ts";
import type { Props } from "./secrets.ts";
import { signalWords, systemWords } from "./wording.ts";

/** The environment variables with the output of the last run, unless they are disabled. */
export function previousOutput(inputs: Props, previous: Props) {
	if (inputs.addPreviousOutputInEnv === false) return {};
	const { stdout, stderr } = previous;
	return {
		...(stdout && { PULUMI_COMMAND_STDOUT: String(stdout) }),
		...(stderr && { PULUMI_COMMAND_STDERR: String(stderr) }),
	};
}

const running = new Set<ChildProcess>();

/**
 * Kills the running commands, as the real plugin does after Ctrl-C. The children of a command continue to run, and the
 * plugin waits for them.
 */
export function cancelLocal(): void {
	for (const child of running) child.kill("SIGKILL");
}

/** Runs a command on this machine. */
export async function runLocal(
	inputs: Props,
	command: string,
	previous: Props,
	report: Report,
): Promise<Outputs> {
	const interpreter = (inputs.interpreter ?? []) as string[];
	const [program = "/bin/sh", ...args] =
		interpreter.length > 0 ? interpreter : ["/bin/sh", "-c"];
	const output = new Output(inputs, report);
	const dir = inputs.dir as string | undefined;
	const failure =
		unfit(program, dir) ??
		(await execute(program, [...args, command], {
			cwd: dir,
			env: {
				...process.env,
				...(inputs.environment as Record<string, string> | undefined),
				...previousOutput(inputs, previous),
			},
			stdin: (inputs.stdin ?? "") as string,
			output,
		}));
	return output.finish(command, failure);
}

/** Returns the error that Go reports before it starts a process. Node reports `spawn ENOENT` for both errors. */
function unfit(program: string, dir?: string): string | undefined {
	const inPath =
		program.includes("/") ||
		(process.env.PATH ?? "").split(delimiter).some((folder) => {
			try {
				accessSync(join(folder, program), constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
	if (!inPath) return `exec: "${program}": executable file not found in $PATH`;
	if (dir !== undefined && !existsSync(dir))
		return `chdir ${dir}: no such file or directory`;
}

interface Execution {
	cwd?: string;
	env: NodeJS.ProcessEnv;
	stdin: string;
	output: Output;
}

/** Runs a process until it has ended and its pipes are closed. Resolves to the error text of a failure. */
function execute(
	program: string,
	args: string[],
	{ cwd, env, stdin, output }: Execution,
): Promise<string | undefined> {
	return new Promise((resolve) => {
		const unstartable = (error: Error) =>
			resolve(`fork/exec ${program}: ${systemWords(error)}`);
		try {
			const child = spawn(program, args, { cwd, env });
			running.add(child);
			child.on("error", unstartable);
			child.stdout.on("data", (data) => output.take("stdout", data));
			child.stderr.on("data", (data) => output.take("stderr", data));
			// A command may end without reading its input.
			child.stdin.on("error", () => {});
			child.stdin.end(stdin);
			child.on("close", (code, signal) => {
				running.delete(child);
				if (signal !== null) resolve(signalWords(signal));
				else resolve(code === 0 ? undefined : `exit status ${code}`);
			});
		} catch (error) {
			// Node throws some errors synchronously, for example for a too big environment or a null byte.
			unstartable(error as Error);
		}
	});
}
