import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A live process of this machine. */
export interface Process {
	pid: number;
	parent: number;
	/** Its arguments, each followed by a zero byte. */
	command: string;
	/** Its environment when it was started: `NAME=value`, each followed by a zero byte. */
	environment: string;
}

/**
 * All processes of this machine, read in one pass, so that as little as possible changes between the first and the
 * last.
 */
export function processes(): Process[] {
	return pids().map((pid) => ({
		pid,
		parent: Number(/^PPid:\s*(\d+)/m.exec(read(pid, "status"))?.[1]),
		command: read(pid, "cmdline"),
		environment: read(pid, "environ"),
	}));
}

/** All descendants of a process; none if it did not start. */
export function descendants(pid: number | undefined): Process[] {
	const all = processes();
	const below = (parent: number): Process[] =>
		all
			.filter((process) => process.parent === parent)
			.flatMap((process) => [process, ...below(process.pid)]);
	return pid === undefined ? [] : below(pid);
}

/** Kills the processes that still exist. The id may belong to another process by now. */
export function end(known: readonly Process[]): void {
	for (const { pid, command } of known)
		if (read(pid, "cmdline") === command) signal(pid, "SIGKILL");
}

/** Signals a process, which may have ended by itself. */
export function signal(pid: number, name: NodeJS.Signals): void {
	try {
		process.kill(pid, name);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
}

/** The processes that have a file open. */
export function processesWith(file: string): number[] {
	const has = (pid: number, descriptor: string) =>
		attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`)) === file;
	return pids().filter((pid) =>
		attempt(() => readdirSync(`/proc/${pid}/fd`).join(" "))
			.split(" ")
			.some((descriptor) => has(pid, descriptor)),
	);
}

const pids = (): number[] =>
	readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number);

const read = (pid: number, file: string): string =>
	attempt(() => readFileSync(`/proc/${pid}/${file}`, "latin1"));

/** A process may end while it is read, and some belong to other users. */
function attempt(look: () => string): string {
	try {
		return look();
	} catch {
		return "";
	}
}
