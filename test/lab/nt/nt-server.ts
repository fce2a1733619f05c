import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";

/** Debian's own Python, which has impacket. Another one may come before it on PATH. */
const PYTHON = "/usr/bin/python3";

const script = join(import.meta.dirname, "server.py");

/** The host's properties, with the names of server.py. */
export interface NtIdentity {
	/** `nt4`: SMB 1, NTLM, nothing signed. `smb2`: SMB 2, NTLMv2, all signed. Each refuses the other's dialect. */
	make: "nt4" | "smb2";
	addresses: readonly string[];
	port: number;
	name: string;
	domain: string;
	user: string;
}

/** The host's process. It lives as long as the pipe to this process, so it ends with this process, for any reason. */
export class NtServer {
	readonly #child: ChildProcess;
	readonly #answers: Interface;
	readonly #errors: string;
	readonly #gone = new AbortController();
	/** Each order waits for the one before it. */
	#last: Promise<unknown> = Promise.resolve();

	/** @param dir the host's folder, which is deleted when the process ends */
	constructor(dir: string, identity: NtIdentity) {
		this.#errors = join(dir, "server.err");
		const errors = openSync(this.#errors, "w");
		this.#child = spawn(
			PYTHON,
			["-B", script, dir, JSON.stringify(identity)],
			// In a separate process group: Ctrl-C ends only this process, and the end of the pipe then ends the host.
			{ stdio: ["pipe", "pipe", errors], detached: true },
		);
		closeSync(errors);
		if (!this.#child.stdout) throw new Error("lab: the NT host has no stdout");
		this.#answers = createInterface({ input: this.#child.stdout });
		this.#answers.once("close", () => this.#gone.abort());
		this.#hold(false);
	}

	/** Makes the host do something itself. Such an order is not counted, and no gate blocks it. */
	order(what: Record<string, unknown>): Promise<unknown> {
		const answer = this.#last.then(() => this.#ask(what));
		this.#last = answer.catch(() => undefined);
		return answer;
	}

	/** Ends the host now, and waits until it has ended. */
	async end(): Promise<void> {
		if (this.#child.exitCode !== null) return;
		this.#hold(true);
		const gone = once(this.#child, "exit");
		this.#child.stdin?.end();
		await gone;
	}

	async #ask(what: Record<string, unknown>): Promise<unknown> {
		this.#hold(true);
		const { signal } = this.#gone;
		const answered = once(this.#answers, "line", { signal });
		this.#child.stdin?.write(`${JSON.stringify(what)}\n`);
		const [line] = await answered.catch(() => {
			throw new Error(
				`lab: the NT host has ended, got ${readFileSync(this.#errors, "utf8")}; see ${script}`,
			);
		});
		this.#hold(false);
		const { value, error } = JSON.parse(line) as Record<string, unknown>;
		if (error !== undefined)
			throw new Error(`lab: the NT host cannot ${what.do}, got ${error}`);
		return value;
	}

	/** Whether this process waits for the host. */
	#hold(on: boolean): void {
		const verb = on ? "ref" : "unref";
		this.#child[verb]();
		for (const pipe of [this.#child.stdin, this.#child.stdout])
			(pipe as unknown as { ref(): void; unref(): void } | null)?.[verb]();
	}
}
