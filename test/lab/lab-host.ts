import { readdir, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Accidents } from "./accidents.ts";
import { Gate, type GateOptions } from "./gate.ts";
import type { Keeper } from "./keeper.ts";
import { signal } from "./processes.ts";
import { Registry, type Values } from "./registry.ts";
import {
	type ControlLine,
	type LogLine,
	readControls,
	readLog,
} from "./service-log.ts";
import { changeSettings, type HostSettings } from "./settings.ts";
import {
	ADDRESSES,
	type ExecResult,
	type SshServer,
	type Who,
} from "./ssh-server.ts";
import { type WineEnvironment, wine } from "./wine.ts";

/** How to log in, in the words of a Pulumi connection. */
export interface SshAccess {
	host: string;
	port: number;
	user: string;
	/** `ssh-ed25519 AAAA...` */
	hostKey: string;
	privateKey: string;
}

/** A running host: how to reach it, what it is told to do, and what became of it, read on the host itself. */
export class LabHost {
	/** Everything the host consists of. */
	readonly dir: string;
	readonly #env: WineEnvironment;
	readonly #server: SshServer;
	readonly #keeper: Keeper;
	readonly #registry: Registry;
	readonly #accidents: Accidents;

	constructor(
		dir: string,
		env: WineEnvironment,
		server: SshServer,
		keeper: Keeper,
	) {
		this.dir = dir;
		this.#env = env;
		this.#server = server;
		this.#keeper = keeper;
		this.#registry = new Registry(env, join(dir, "lab"));
		this.#accidents = new Accidents(dir);
	}

	/** How the product logs in. After rotateKey() it is another privateKey. */
	get ssh(): SshAccess {
		const { port, hostKey, privateKey } = this.#server;
		const user = userInfo().username;
		return { host: ADDRESSES[0], port, user, hostKey, privateKey };
	}

	/** The file with ssh.privateKey. */
	get privateKeyFile(): string {
		return join(this.dir, "ssh/product");
	}

	/** Another address that reaches the same host at the same port. */
	readonly otherAddress: string = ADDRESSES[1];

	/**
	 * Runs a command as a user would, by the plain `ssh` client. As the lab it is never counted, held at a gate or hit by
	 * an accident; as the product it is.
	 */
	exec(
		command: string,
		stdin = "",
		{ as = "lab" }: { as?: Who } = {},
	): Promise<ExecResult> {
		return this.#server.exec(command, stdin, as);
	}

	/** One value as the right-hand side of a .reg line, undefined where it is absent. */
	async registryValue(key: string, name: string): Promise<string | undefined> {
		return (await this.#registry.values(key))[name];
	}

	/** The key's own values; none where there is no such key. */
	registryKey(key: string): Promise<Values> {
		return this.#registry.values(key);
	}

	/** The full names of all keys below, at any depth. */
	registrySubkeys(key: string): Promise<string[]> {
		return this.#registry.subkeys(key);
	}

	/** The key and all below it as text, to compare; undefined where there is no such key. */
	registryDump(key: string): Promise<string | undefined> {
		return this.#registry.dump(key);
	}

	/** Writes a value behind the product's back, or deletes it where rhs is undefined. */
	setRegistry(
		key: string,
		name: string,
		rhs: string | undefined,
	): Promise<void> {
		return this.#registry.set(key, name, rhs);
	}

	/** Every event of the service since the host was made. */
	serviceLog(): Promise<LogLine[]> {
		return readLog(join(this.dir, "lab/service.log"));
	}

	/** The cycles that the service ran: what a kick is for. */
	async cycles(): Promise<{ time: Date; type: "T1" | "T2" }[]> {
		return (await this.serviceLog())
			.filter(({ event }) => event.startsWith("cycle "))
			.map(({ time, event }) => ({
				time,
				type: event.slice(6) as "T1" | "T2",
			}));
	}

	/** The controls that net.exe was asked for, refused ones included, by whomever; to show which were at the same time. */
	controls(): Promise<ControlLine[]> {
		return readControls(join(this.dir, "lab/net.log"));
	}

	/** What the stand-ins were asked for and do not know: empty, or the lab has to learn something. */
	async labErrors(): Promise<string[]> {
		const lines = await readLog(join(this.dir, "lab/errors.log"));
		return lines.map(({ event }) => event);
	}

	/** Log-ins of the product that were accepted so far. */
	async logins(): Promise<number> {
		return (await this.#server.counts()).logins;
	}

	/** Connections the product opened so far, log-in or not. */
	async connections(): Promise<number> {
		return (await this.#server.counts()).connections;
	}

	/** The commands that the product handed to cmd.exe, in order. */
	async commands(): Promise<string[]> {
		const folder = join(this.dir, "commands");
		const names = (await readdir(folder)).sort();
		return Promise.all(
			names.map((name) => readFile(join(folder, name), "utf8")),
		);
	}

	/** Every file on drive C:, as Windows paths, to compare. */
	async files(): Promise<string[]> {
		const drive = join(this.dir, "prefix/drive_c");
		const entries = await readdir(drive, {
			recursive: true,
			withFileTypes: true,
		});
		return entries
			.filter((entry) => !entry.isDirectory())
			.map((entry) => join(entry.parentPath, entry.name).slice(drive.length))
			.map((path) => `C:${path.replaceAll("/", "\\")}`)
			.sort();
	}

	/** Changes role or faults of the running host. */
	set(changes: Partial<HostSettings>): Promise<void> {
		return changeSettings(join(this.dir, "lab/settings"), changes);
	}

	/** Holds the first program of the product that comes to this point. */
	gate(options: GateOptions): Promise<Gate> {
		return Gate.set(join(this.dir, "lab"), options);
	}

	/** Every connection of the product breaks; what runs in Windows runs on. */
	cutConnections(): void {
		for (const pid of this.#server.connectionProcesses())
			signal(pid, "SIGKILL");
	}

	/**
	 * The product's scripts die: each cmd.exe, but not what it started, as Windows kills no children with a process. Or
	 * all programs of its sessions with them.
	 */
	killScript({ children = false } = {}): void {
		this.#accidents.kill(children);
	}

	/** Connections are refused from now on; those that are there stay. */
	stopSsh(): Promise<void> {
		return this.#server.stop();
	}

	/** Listens again, at the same port. */
	startSsh(): Promise<void> {
		return this.#server.start();
	}

	/** No program of the product's sessions, running or to come, can write to a file; the registry still can be written. */
	fillDisk(): Promise<void> {
		return this.#accidents.fillDisk();
	}

	/** What was written before stays as it is; from now on files grow again. */
	freeDisk(): Promise<void> {
		return this.#accidents.freeDisk();
	}

	/** Resolves when no program of the product's sessions is left. */
	async atRest(): Promise<void> {
		const end = Date.now() + 90_000;
		while (this.#accidents.running() > 0) {
			if (Date.now() > end)
				throw new Error(
					`lab: programs of the product still run on ${this.dir} after 90 s, got ${this.#accidents.running()}; open its gates`,
				);
			await pause(50);
		}
	}

	async startService(): Promise<void> {
		await wine(this.#env, "net.exe", "start", "MSExchangeDX");
	}

	async stopService(): Promise<void> {
		await wine(this.#env, "net.exe", "stop", "MSExchangeDX");
	}

	/** Gives the product a new client key; the old one is refused from now on. @returns the new private key */
	rotateKey(): Promise<string> {
		return this.#server.rotateKey();
	}

	/** Ends the host: nothing of it runs afterwards, and a temporary folder is gone. */
	stop(): Promise<void> {
		return this.#keeper.end();
	}
}
