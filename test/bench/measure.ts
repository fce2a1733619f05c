import { readdirSync, readFileSync } from "node:fs";
import { execa } from "execa";

/** What a command cost. */
export interface Cost {
	/** Seconds by the clock. */
	wall: number;
	/** Seconds of processor, user and system, of the command and of all below it. */
	cpu: number;
	/** Bytes: the most that all of them held in memory at one time, as seen every 250 ms. */
	memory: number;
}

/** A command with where it runs. */
export interface CommandLine {
	command: string[];
	cwd?: string;
	env?: Record<string, string>;
}

/** Looking costs time of the processors that are measured. */
const EVERY_MS = 250;
const PAGE = 4096;

/** What the kernel counted for the children that ended and were waited for: engine, language host, program, plugin. */
const WITH_TIMES = '"$@" 3>&-; code=$?; times >&3; exit $code';

/** Runs a command to its end and says what it cost; one that fails is an error, unless that is expected. */
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

/** The resident memory of all processes below one. */
function memoryOf(root: number): number {
	const children = list(`/proc/${root}/task`).flatMap((task) =>
		read(`/proc/${root}/task/${task}/children`).split(" ").filter(Boolean),
	);
	return children.reduce((sum, child) => {
		const [, resident] = read(`/proc/${child}/statm`).split(" ");
		return sum + Number(resident ?? 0) * PAGE + memoryOf(Number(child));
	}, 0);
}

/** A process or a thread may be gone before it is looked at. */
const list = (folder: string) => attempt(() => readdirSync(folder), []);
const read = (file: string) => attempt(() => readFileSync(file, "latin1"), "");

function attempt<T>(look: () => T, none: T): T {
	try {
		return look();
	} catch {
		return none;
	}
}
