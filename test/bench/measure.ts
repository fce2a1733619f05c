import { readdirSync, readFileSync } from "node:fs";
import { execa } from "execa";

/** The cost of a command. */
export interface Cost {
	/** Wall-clock time in seconds. */
	wall: number;
	/** Processor time in seconds, user and system, of the command and all its descendants. */
	cpu: number;
	/** Peak memory of all of them together in bytes, sampled every 250 ms. */
	memory: number;
}

/** A command, its folder and its environment. */
export interface CommandLine {
	command: string[];
	cwd?: string;
	env?: Record<string, string>;
}

/** Sampling uses the same processors that are measured. */
const EVERY_MS = 250;
const PAGE = 4096;

/** The kernel's times of the children that ended and were waited for: engine, language host, program, plugin. */
const WITH_TIMES = '"$@" 3>&-; code=$?; times >&3; exit $code';

/** Runs a command to its end and returns its cost. Throws if the command fails and mayFail is not set. */
export async function measure(
	{ command, cwd, env }: CommandLine,
	mayFail = false,
): Promise<Cost & { output: string; exitCode: number | undefined }> {
	const began = performance.now();
	const child = execa("sh", ["-c", WITH_TIMES, "sh", ...command], {
		...{ cwd, env, all: true, reject: false },
		stdio: ["ignore", "pipe", "pipe", "pipe"],
	});
	let memory = 0;
	const sampler = setInterval(() => {
		if (child.pid) memory = Math.max(memory, memoryOf(child.pid));
	}, EVERY_MS);
	const { exitCode, all, stdio } = await child;
	clearInterval(sampler);
	const wall = (performance.now() - began) / 1000;
	if (exitCode !== 0 && !mayFail)
		throw new Error(`bench: ${command.join(" ")} failed, it said:\n${all}`);
	return {
		...{ wall, memory, output: all, exitCode },
		cpu: cpuOf(String(stdio[3])),
	};
}

/** The last line of `times`: user and system time of the children, as `1m2.34s`. */
function cpuOf(times: string): number {
	const [, children = ""] = times.trim().split("\n");
	return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
		(sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
		0,
	);
}

/** The resident memory of all descendants of a process. */
function memoryOf(root: number): number {
	const children = list(`/proc/${root}/task`).flatMap((task) =>
		read(`/proc/${root}/task/${task}/children`).split(" ").filter(Boolean),
	);
	return children.reduce((sum, child) => {
		const [, resident] = read(`/proc/${child}/statm`).split(" ");
		return sum + Number(resident ?? 0) * PAGE + memoryOf(Number(child));
	}, 0);
}

/** A process or a thread may end before it is read. */
const list = (folder: string) => attempt(() => readdirSync(folder), []);
const read = (file: string) => attempt(() => readFileSync(file, "latin1"), "");

function attempt<T>(look: () => T, none: T): T {
	try {
		return look();
	} catch {
		return none;
	}
}
