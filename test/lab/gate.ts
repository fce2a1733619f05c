import {
	access,
	mkdir,
	readdir,
	rename,
	rm,
	writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Which program of the product's sessions the gate blocks, and when. */
export interface GateOptions {
	/**
	 * `before`: the program has done nothing, and no control is sent. `after`: it has done everything and written its
	 * output, but has not ended.
	 */
	when: "before" | "after";
	/**
	 * A part of the program's command line (`net pause`) or, for NT 4's regedit, of the file that it imports. `session`
	 * is the launcher: before cmd.exe starts, or between the end of cmd.exe and the end of the session.
	 */
	program: string;
}

/** A program of a host comes to its gate in less time, on a loaded machine too. */
const PATIENCE = 90_000;

let made = 0;

/** Blocks the first program that comes to it until it is opened. Later programs pass. */
export class Gate {
	readonly #base: string;
	readonly #options: GateOptions;

	private constructor(base: string, options: GateOptions) {
		this.#base = base;
		this.#options = options;
	}

	/** @param lab the host's drive L: */
	static async set(lab: string, options: GateOptions): Promise<Gate> {
		if (!/^[^\r\n]+$/.test(options.program))
			throw new Error(
				`lab: a gate needs a part of a command line, got ${JSON.stringify(options.program)}; name a program, or "session"`,
			);
		made += 1;
		const base = join(lab, "gates", String(made));
		await mkdir(join(lab, "gates"), { recursive: true });
		await writeFile(`${base}.new`, options.program);
		await rename(`${base}.new`, `${base}.${options.when}`);
		return new Gate(base, options);
	}

	/** Resolves when the gate blocks a program. */
	async reached(): Promise<void> {
		const end = Date.now() + PATIENCE;
		while (!(await this.holds())) {
			if (Date.now() > end) throw new Error(await this.#nobodyCame());
			await pause(10);
		}
	}

	/** Whether a program has come to the gate, for callers that wait longer than `reached` or that stop waiting. */
	holds(): Promise<boolean> {
		return exists(`${this.#base}.held`);
	}

	/** Releases the blocked program. If none is blocked, the gate blocks no later one. */
	async open(): Promise<void> {
		await writeFile(`${this.#base}.open`, "");
		await rm(`${this.#base}.${this.#options.when}`, { force: true });
	}

	async #nobodyCame(): Promise<string> {
		const { when, program } = this.#options;
		const gates = await readdir(join(this.#base, ".."));
		return `lab: no program of the product's came to the gate ${when} ${JSON.stringify(program)} within ${PATIENCE / 1000} s, got ${gates.join(", ")}; look into the host's commands() and labErrors()`;
	}
}

const exists = (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false,
	);
