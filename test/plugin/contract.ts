import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Bench, type Declared } from "./bench.ts";
import { type Sshd, startSshd } from "./sshd.ts";

/** What a command is given. */
export type Args = Record<string, unknown>;

/** What every part of the contract suite works with: a bench, a real SSH server, and a journal kept on that server. */
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

	/** How to log in to the server; a refused dial is not repeated. */
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

	/** Declares a command on the server; `connection` changes single fields, `undefined` removes one. */
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

	/** A file that tests and commands can both reach. */
	file(name: string) {
		return join(this.bench.dir, name);
	}

	/** A shell command that leaves a line in a journal; `$(...)` in the line is the server's. */
	note(line: string, journal = "journal") {
		return `echo "${line}" >> ${this.file(journal)}`;
	}

	/** The lines left so far, oldest first. */
	notes(journal = "journal"): string[] {
		const file = this.file(journal);
		if (!existsSync(file)) return [];
		return readFileSync(file, "utf8").split("\n").filter(Boolean);
	}

	/** Forgets the journal. */
	forget(journal = "journal") {
		writeFileSync(this.file(journal), "");
	}

	/** How often anybody has logged in. */
	logins() {
		return this.sshd.log().match(/Accepted /g)?.length ?? 0;
	}
}

/** A sorted copy, for what happens side by side. */
export const sorted = (lines: string[]) => [...lines].sort();

/** Declares a command on this machine. */
export const local = (
	name: string,
	args: Args = {},
	opts: Args = {},
): Declared => ({ kind: "local", name, args, opts });

/**
 * Sets the contract up for a test file and takes it down afterwards. The plugin is the one that the toolchain finds:
 * the real one where PULUMI_HOME has it installed, the twin where it cannot be had.
 */
export function useContract(): Contract {
	const contract = new Contract();
	beforeAll(() => contract.start());
	afterAll(() => contract.stop());
	return contract;
}
