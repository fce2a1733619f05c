import { writeFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { type Process, processes, signal } from "./processes.ts";

/** What can happen to the programs of the product's sessions; those of the lab and Windows' services are left alone. */
export class Accidents {
	readonly #dir: string;
	readonly #prefix: string;

	/** @param dir the host's folder */
	constructor(dir: string) {
		this.#dir = dir;
		this.#prefix = join(dir, "prefix");
	}

	/** Ends the cmd.exe of all sessions at once, or all their programs. */
	kill(all: boolean): void {
		const dying = () =>
			this.#programs().filter(
				({ command }) => all || /(^|\\)cmd(\.exe)?\0/i.test(command),
			);
		// Stopped first: one that lives a moment longer would go on with its next command.
		writeFileSync(join(this.#dir, "lab/killed"), "");
		for (let left = dying(); left.length > 0; left = dying()) {
			for (const { pid } of left) signal(pid, "SIGSTOP");
			for (const { pid } of left) signal(pid, "SIGKILL");
		}
	}

	/** How many programs of the sessions there are, those that were left behind among them. */
	running(): number {
		return this.#programs().length;
	}

	/**
	 * No file grows any more: for sessions to come handover.sh sees to it, those that run are limited here, and a program
	 * has its limit from the one that starts it.
	 */
	async fillDisk(): Promise<void> {
		await writeFile(join(this.#dir, "full"), "");
		await this.#limit("0:");
	}

	/** Files grow again. */
	async freeDisk(): Promise<void> {
		await rm(join(this.#dir, "full"), { force: true });
		await this.#limit("unlimited:");
	}

	/** Until no program is found that has not been limited: they start others meanwhile. */
	async #limit(size: string): Promise<void> {
		const done = new Set<number>();
		const left = () => this.#programs().filter(({ pid }) => !done.has(pid));
		for (let programs = left(); programs.length > 0; programs = left()) {
			for (const { pid } of programs) {
				// One that has ended meanwhile needs no limit.
				await execa("prlimit", [`--pid=${pid}`, `--fsize=${size}`], {
					reject: false,
				});
				done.add(pid);
			}
		}
	}

	/** A killed one is there until its parent has looked, but has neither command line nor environment. */
	#programs(): Process[] {
		return processes().filter(
			({ environment }) =>
				environment.includes(`WINEPREFIX=${this.#prefix}\0`) &&
				environment.includes("LAB_SESSION=product\0"),
		);
	}
}
