import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";

/** Debian's own, which has impacket; another one may come before it on PATH. */
const PYTHON = "/usr/bin/python3";

const script = join(import.meta.dirname, "server.py");

/** What the host is, in the words of server.py. */
export interface NtIdentity {
	/** `nt4`: SMB 1, NTLM, nothing signed. `smb2`: SMB 2, NTLMv2, all signed. Each refuses what the other speaks. */
	make: "nt4" | "smb2";
	addresses: readonly string[];
	port: number;
	name: string;
	domain: string;
	user: string;
}

/** The host's process. It lives as long as the pipe between us, so it ends with this process, whichever way that ends. */
export class NtServer {
	readonly #child: ChildProcess;
	readonly #answers: Interface;
	readonly #errors: string;
	readonly #gone = new AbortController();
	/** Each order waits for the one before it. */
	#last: Promise<unknown> = Promise.resolve();

	/** @param dir the host's folder, which ends with it */
	constructor(dir: string, identity: NtIdentity) {
		this.#errors = join(dir, "server.err");
		const errors = openSync(this.#errors, "w");
		this.#child = spawn(
			PYTHON,
			["-B", script, dir, JSON.stringify(identity)],
			// In a group of its own: Ctrl-C ends us, and the end of the pipe ends the host.
			{ stdio: ["pipe", "pipe", errors], detached: true },
		);
		closeSync(errors);
		if (!this.#child.stdout) throw new Error("lab: the NT host has no stdout");
		this.#answers = createInterface({ input: this.#child.stdout });
		this.#answers.once("close", () => this.#gone.abort());
		this.#hold(false);
	}

	/** Has the host do something by itself, which nobody counts and no gate holds. */
	order(what: Record<string, unknown>): Promise<unknown> {
		const answer = this.#last.then(() => this.#ask(what));
		this.#last = answer.catch(() => undefined);
		return answer;
	}

	/** Ends the host now, and waits until it is gone. */
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

	/** Whether this process waits for it. */
	#hold(on: boolean): void {
		const verb = on ? "ref" : "unref";
		this.#child[verb]();
		for (const pipe of [this.#child.stdin, this.#child.stdout])
			(pipe as unknown as { ref(): void; unref(): void } | null)?.[verb]();
	}
}
