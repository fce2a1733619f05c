import { execa } from "execa";

/** A process, by what it was started with as well: its id may become another's. */
export interface Process {
	pid: number;
	command: string;
}

/** All that a process started, directly or not. */
export async function descendants(pid: number): Promise<Process[]> {
	const { stdout } = await execa("ps", ["-eo", "pid=,ppid=,args="]);
	const all = [...stdout.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)].map(
		([, own, parent, command = ""]) => ({
			pid: Number(own),
			parent: Number(parent),
			command,
		}),
	);
	const below = (parent: number): Process[] =>
		all
			.filter((process) => process.parent === parent)
			.flatMap((process) => [process, ...below(process.pid)]);
	return below(pid);
}

/** Kills those that are still there. */
export async function end(processes: Process[]): Promise<void> {
	for (const { pid, command } of processes) {
		const args = ["-o", "args=", "-p", String(pid)];
		const { stdout } = await execa("ps", args, { reject: false });
		if (stdout === command) process.kill(pid, "SIGKILL");
	}
}
