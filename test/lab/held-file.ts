import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { LabHost } from "./lab-host.ts";
import type { ExecResult } from "./ssh-server.ts";

let made = 0;

/** A file that a program of the host keeps open, so that no other program can open it. */
export class HeldFile {
	readonly #mark: string;
	readonly #program: Promise<ExecResult>;

	private constructor(mark: string, program: Promise<ExecResult>) {
		this.#mark = mark;
		this.#program = program;
	}

	/** @param path on the host */
	static async hold(host: LabHost, path: string): Promise<HeldFile> {
		made += 1;
		const name = `held.${process.pid}.${made}`;
		const mark = join(host.dir, "lab", name);
		const program = host.exec(`L:\\holder.exe ${path} L:\\${name}`);
		let ended: ExecResult | undefined;
		program.then((result) => {
			ended = result;
		});
		while (!(await exists(mark))) {
			if (ended)
				throw new Error(
					`lab: ${path} cannot be held, got ${JSON.stringify(ended.stderr)}; close it first`,
				);
			await pause(20);
		}
		return new HeldFile(mark, program);
	}

	/** Closes the file. Resolves when the program has ended. */
	async release(): Promise<void> {
		await rm(this.#mark, { force: true });
		await this.#program;
	}
}

const exists = (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false,
	);
