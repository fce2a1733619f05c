import { readdirSync, readFileSync } from "node:fs";
import { execa } from "execa";

/** What a command cost. */
export interface Cost {
	/** Seconds by the clock. */
	wall: number;
	/** Seconds of processor, user and system, of the command and of all below it. */
	cpu: number;
	/** Bytes: the most that all of them held in memory at one time, as seen every 100 ms. */
	memory: number;
}

/** A command with where it runs. */
export interface CommandLine {
	command: string[];
	cwd?: string;
	env?: Record<string, string>;
}

const EVERY_MS = 100;
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
	const below = new Map<number, { pid: number; rss: number }[]>();
	for (const name of readdirSync("/proc")) {
		if (!/^\d/.test(name)) continue;
		const [, parent, rss] = stat(name);
		if (parent === undefined || rss === undefined) continue;
		below.set(parent, [
			...(below.get(parent) ?? []),
			{ pid: Number(name), rss },
		]);
	}
	const sum = (pid: number): number =>
		(below.get(pid) ?? []).reduce(
			(total, each) => total + each.rss * PAGE + sum(each.pid),
			0,
		);
	return sum(root);
}

/** Id, parent and resident pages of a process; nothing of one that is gone. */
function stat(pid: string): number[] {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, "latin1");
		const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
		return [Number(pid), Number(fields[1]), Number(fields[21])];
	} catch {
		return [];
	}
}
