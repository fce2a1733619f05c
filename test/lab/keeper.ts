import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const script = join(import.meta.dirname, "keeper.sh");

/** Ends every process of a host when this process ends, for any reason. */
export class Keeper {
	readonly #child: ChildProcess;

	/** @param temporary whether the folder is deleted with the host */
	constructor(dir: string, temporary: boolean) {
		this.#child = spawn("sh", [script, dir, temporary ? "remove" : "keep"], {
			stdio: ["pipe", "ignore", "ignore"],
			// In a separate process group: Ctrl-C ends only this process, and the end of the pipe then ends the host.
			detached: true,
		});
		this.#child.unref();
	}

	/** Ends the host now, and waits until it has ended. */
	async end(): Promise<void> {
		if (this.#child.exitCode !== null) return;
		this.#child.ref();
		const gone = once(this.#child, "exit");
		this.#child.stdin?.end();
		await gone;
	}
}
