import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A live process of this machine. */
export interface Process {
	pid: number;
	parent: number;
	/** Its arguments, each with a zero behind it. */
	command: string;
	/** Its environment when it was started, `NAME=value` with a zero behind each. */
	environment: string;
}

/** All processes of this machine, read in one go: between two looks the world must not move more than it has to. */
export function processes(): Process[] {
	return pids().map((pid) => ({
		pid,
		parent: Number(/^PPid:\s*(\d+)/m.exec(read(pid, "status"))?.[1]),
		command: read(pid, "cmdline"),
		environment: read(pid, "environ"),
	}));
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

/** A process may end while it is looked at, and some belong to others. */
function attempt(look: () => string): string {
	try {
		return look();
	} catch {
		return "";
	}
}
