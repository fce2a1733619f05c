import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = join(import.meta.dirname, "keeper.sh");

/** Ends every process of a host when this process ends, for any reason. */
export class Keeper {
	/** The folder of the host. */
	readonly dir: string;
	readonly #child: ChildProcess;

	/** @param temporary whether the folder is deleted with the host */
	constructor(dir: string, temporary: boolean) {
		this.dir = dir;
		this.#child = spawn("sh", [script, dir, temporary ? "remove" : "keep"], {
			stdio: ["pipe", "ignore", "ignore"],
			// In a separate process group: Ctrl-C ends only this process, and the end of the pipe then ends the host.
			detached: true,
		});
		this.#child.unref();
	}

	/**
	 * Creates a temporary folder, which is deleted with the host. Synchronous, because this process can end at any time and
	 * would leave a folder without a keeper.
	 */
	static ofTemporary(prefix: string): Keeper {
		return new Keeper(mkdtempSync(join(tmpdir(), prefix)), true);
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
