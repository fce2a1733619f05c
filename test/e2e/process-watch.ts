import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Canaries, Find } from "./canaries.ts";

/** One program as a process ran it: its arguments and its environment, characters for bytes, NUL between entries. */
export interface Sighting {
	command: string;
	environment: string;
}

/** Watches the process list of this machine, of everybody on it, every 20 ms. */
export class ProcessWatch {
	readonly #child = spawn(
		process.execPath,
		["--import", "tsx", join(import.meta.dirname, "process-sampler.ts")],
		{ stdio: ["pipe", "pipe", "inherit"] },
	);
	readonly #lines = createInterface({ input: this.#child.stdout });
	#ended?: Promise<{ samples: number; seen: Sighting[] }>;

	/** Returns when the whole list has been read once more. */
	async sampled(): Promise<void> {
		const answered = once(this.#lines, "line");
		this.#child.stdin.write("\n");
		await answered;
	}

	/** Ends the watch; asked again, by a test's second try, it says the same. @returns how often it looked, and all that it saw */
	end(): Promise<{ samples: number; seen: Sighting[] }> {
		this.#ended ??= once(this.#lines, "line").then(([line]) =>
			JSON.parse(line),
		);
		this.#child.stdin.end();
		return this.#ended;
	}

	/** Ends it without asking. */
	stop(): void {
		this.#child.kill();
	}
}

/** The secrets that stood in arguments, or in a variable of an environment, which is then named. */
export function searchProcesses(
	canaries: Canaries,
	seen: Sighting[],
): (Find & { command: string })[] {
	// Most processes have the variables of their parents: each text is searched once.
	const searched = new Map<string, Find[]>();
	const find = (where: string, text: string) => {
		const known = searched.get(text) ?? canaries.find(where, text);
		searched.set(text, known);
		return known;
	};
	const finds = seen.flatMap(({ command, environment }) =>
		[
			...find("arguments", command),
			...environment
				.split("\0")
				.flatMap((text) => find(`variable ${text.split("=", 1)}`, text)),
		].map((each) => ({ ...each, command })),
	);
	// A program that ran often is told once.
	return [
		...new Map(finds.map((each) => [JSON.stringify(each), each])).values(),
	];
}
