import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const script = join(import.meta.dirname, "keeper.sh");

/** Sees to it that nothing of a host outlives this process, whichever way it ends. */
export class Keeper {
	readonly #child: ChildProcess;

	/** @param temporary whether the folder goes with the host */
	constructor(dir: string, temporary: boolean) {
		this.#child = spawn("sh", [script, dir, temporary ? "remove" : "keep"], {
			stdio: ["pipe", "ignore", "ignore"],
			// In a group of its own: Ctrl-C ends us, and the end of the pipe ends the host.
			detached: true,
		});
		this.#child.unref();
	}

	/** Ends the host now, and waits until it is gone. */
	async end(): Promise<void> {
		if (this.#child.exitCode !== null) return;
		this.#child.ref();
		const gone = once(this.#child, "exit");
		this.#child.stdin?.end();
		await gone;
	}
}
