import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Bench, type Declared } from "./bench.ts";
import { type Sshd, startSshd } from "./sshd.ts";

/** The inputs of a command. */
export type Args = Record<string, unknown>;

/** The setup of each contract test file: a bench, a real SSH server, and journals that commands write. */
export class Contract {
	bench!: Bench;
	sshd!: Sshd;

	async start() {
		this.bench = await Bench.create();
		this.sshd = await startSshd(this.file("sshd"));
		const { kind } = this.bench.toolchain.plugin;
		console.log(`command plugin under test: ${kind}`);
	}

	async stop() {
		await this.sshd?.stop();
		this.bench?.remove();
	}

	/** The connection to the server, without retries. */
	get connection() {
		const { port, user, privateKey, hostKey } = this.sshd;
		return {
			host: "127.0.0.1",
			port,
			user,
			privateKey,
			hostKey: hostKey(),
			dialErrorLimit: 0,
		};
	}

	/** Declares a command on the server. `connection` overrides single fields, and `undefined` removes one. */
	remote(
		name: string,
		{ connection, ...args }: Args = {},
		opts: Args = {},
	): Declared {
		const changed = { ...this.connection, ...(connection as Args) };
		return {
			kind: "remote",
			name,
			args: { ...args, connection: changed },
			opts,
		};
	}

	/** The path of a file that both tests and commands can access. */
	file(name: string) {
		return join(this.bench.dir, name);
	}

	/** A shell command that appends a line to a journal. The server expands `$(...)` in the line. */
	note(line: string, journal = "journal") {
		return `echo "${line}" >> ${this.file(journal)}`;
	}

	/** The lines of a journal, oldest first. */
	notes(journal = "journal"): string[] {
		const file = this.file(journal);
		if (!existsSync(file)) return [];
		return readFileSync(file, "utf8").split("\n").filter(Boolean);
	}

	/** Empties a journal. */
	forget(journal = "journal") {
		writeFileSync(this.file(journal), "");
	}

	/** The number of logins to the server so far. */
	logins() {
		return this.sshd.log().match(/Accepted /g)?.length ?? 0;
	}
}

/** A sorted copy, for lines whose order is not defined. */
export const sorted = (lines: string[]) => [...lines].sort();

/** Declares a command on this machine. */
export const local = (
	name: string,
	args: Args = {},
	opts: Args = {},
): Declared => ({ kind: "local", name, args, opts });

/**
 * Sets up the contract for a test file, and stops it afterwards. The toolchain selects the plugin: the real one if it
 * is or can be installed in PULUMI_HOME, else the twin.
 */
export function useContract(): Contract {
	const contract = new Contract();
	beforeAll(() => contract.start());
	afterAll(() => contract.stop());
	return contract;
}
