import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Output, type Outputs } from "./output.ts";
import type { Report } from "./report.ts";
import type { Props } from "./secrets.ts";
import { signalWords, systemWords } from "./wording.ts";

/** The environment variables that carry the last run's output, unless that is switched off. */
export function previousOutput(inputs: Props, previous: Props) {
	if (inputs.addPreviousOutputInEnv === false) return {};
	const { stdout, stderr } = previous;
	return {
		...(stdout && { PULUMI_COMMAND_STDOUT: String(stdout) }),
		...(stderr && { PULUMI_COMMAND_STDERR: String(stderr) }),
	};
}

const running = new Set<ChildProcess>();

/** After Ctrl-C the real plugin kills the processes that it started; what they started runs on, and is waited for. */
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

/** What Go finds wrong before it starts a process; Node calls either of them `spawn ENOENT`. */
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

/** Runs a process to its end, its pipes' end included; resolves to what went wrong, if anything did. */
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
			// A command need not read what it is given.
			child.stdin.on("error", () => {});
			child.stdin.end(stdin);
			child.on("close", (code, signal) => {
				running.delete(child);
				if (signal !== null) resolve(signalWords(signal));
				else resolve(code === 0 ? undefined : `exit status ${code}`);
			});
		} catch (error) {
			// Node throws what it finds at once: an environment too big, a null byte.
			unstartable(error as Error);
		}
	});
}
