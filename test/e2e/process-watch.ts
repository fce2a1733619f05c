import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Canaries, Find } from "./canaries.ts";

/** A program that a process ran: its arguments and its environment, one character a byte, NUL between entries. */
export interface Sighting {
	command: string;
	environment: string;
}

/** Reads the process list of this machine, with the processes of all users, every 20 ms. */
export class ProcessWatch {
	readonly #child = spawn(
		process.execPath,
		["--import", "tsx", join(import.meta.dirname, "process-sampler.ts")],
		{ stdio: ["pipe", "pipe", "inherit"] },
	);
	readonly #lines = createInterface({ input: this.#child.stdout });
	#ended?: Promise<{ samples: number; seen: Sighting[] }>;

	/** Returns when the complete list has been read once more. */
	async sampled(): Promise<void> {
		const answered = once(this.#lines, "line");
		this.#child.stdin.write("\n");
		await answered;
	}

	/**
	 * Ends the watch. A later call, by a test's second try, returns the same result.
	 *
	 * @returns how many times the list was read, and all programs that were seen
	 */
	end(): Promise<{ samples: number; seen: Sighting[] }> {
		this.#ended ??= once(this.#lines, "line").then(([line]) =>
			JSON.parse(line),
		);
		this.#child.stdin.end();
		return this.#ended;
	}

	/** Ends the watch without a result. */
	stop(): void {
		this.#child.kill();
	}
}

/** The secrets in arguments and in environments. `where` names the variable. */
export function searchProcesses(
	canaries: Canaries,
	seen: Sighting[],
): (Find & { command: string })[] {
	// Most processes inherit their variables, so each text is searched only once.
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
	// A program that ran several times is reported once.
	return [
		...new Map(finds.map((each) => [JSON.stringify(each), each])).values(),
	];
}
