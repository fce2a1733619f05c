import { writeFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { type Process, processes, signal } from "./processes.ts";

/** Faults of the programs in the product's sessions. They do not affect the lab's programs or Windows' services. */
export class Accidents {
	readonly #dir: string;
	readonly #prefix: string;

	/** @param dir the host's folder */
	constructor(dir: string) {
		this.#dir = dir;
		this.#prefix = join(dir, "prefix");
	}

	/** Kills the cmd.exe of all sessions at once, or all programs of the sessions. */
	kill(all: boolean): void {
		const dying = () =>
			this.#programs().filter(
				({ command }) => all || /(^|\\)cmd(\.exe)?\0/i.test(command),
			);
		// SIGSTOP comes first, because a cmd.exe that lived a moment longer would run its next command.
		writeFileSync(join(this.#dir, "lab/killed"), "");
		for (let left = dying(); left.length > 0; left = dying()) {
			for (const { pid } of left) signal(pid, "SIGSTOP");
			for (const { pid } of left) signal(pid, "SIGKILL");
		}
	}

	/** The number of programs in the sessions, including those that were left behind. */
	running(): number {
		return this.#programs().length;
	}

	/**
	 * No file can grow from now on. handover.sh limits new sessions, and this method limits the running ones; a program
	 * inherits the limit from its parent.
	 */
	async fillDisk(): Promise<void> {
		await writeFile(join(this.#dir, "full"), "");
		await this.#limit("0:");
	}

	/** Files can grow again. */
	async freeDisk(): Promise<void> {
		await rm(join(this.#dir, "full"), { force: true });
		await this.#limit("unlimited:");
	}

	/** Repeats until every program has the new limit, because programs start others meanwhile. */
	async #limit(size: string): Promise<void> {
		const done = new Set<number>();
		const left = () => this.#programs().filter(({ pid }) => !done.has(pid));
		for (let programs = left(); programs.length > 0; programs = left()) {
			for (const { pid } of programs) {
				// The program may have ended meanwhile.
				await execa("prlimit", [`--pid=${pid}`, `--fsize=${size}`], {
					reject: false,
				});
				done.add(pid);
			}
		}
	}

	/** A killed process exists until its parent has waited for it, but has neither command line nor environment. */
	#programs(): Process[] {
		return processes().filter(
			({ environment }) =>
				environment.includes(`WINEPREFIX=${this.#prefix}\0`) &&
				environment.includes("LAB_SESSION=product\0"),
		);
	}
}
