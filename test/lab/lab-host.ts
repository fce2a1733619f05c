import {
	copyFile,
	mkdir,
	readdir,
	readFile,
	rm,
	writeFile,
} from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { Accidents } from "./accidents.ts";
import { ADDRESSES } from "./addresses.ts";
import { AnyHost, type TransportConfig } from "./any-host.ts";
import type { Keeper } from "./keeper.ts";
import { signal } from "./processes.ts";
import type { ExecResult, SshServer, Who } from "./ssh-server.ts";
import { readStarted, type Started } from "./started-programs.ts";
import { prepareLab } from "./template.ts";
import { type WineEnvironment, wine } from "./wine.ts";
import { WineRegistry } from "./wine-registry.ts";

const COMMAND_PROCESSOR =
	"HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Command Processor";

const ENVIRONMENT =
	"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment";

/** How to log in, with the names of a Pulumi connection. */
export interface SshAccess {
	host: string;
	port: number;
	user: string;
	/** `ssh-ed25519 AAAA...` */
	hostKey: string;
	privateKey: string;
}

/** A Windows host behind an SSH server: Wine, with stand-ins for the programs that Wine lacks. */
export class LabHost extends AnyHost {
	readonly exchangeFolder: string;
	readonly #env: WineEnvironment;
	readonly #server: SshServer;
	readonly #keeper: Keeper;
	readonly #accidents: Accidents;

	constructor(
		dir: string,
		env: WineEnvironment,
		server: SshServer,
		keeper: Keeper,
	) {
		super(dir, new WineRegistry(env, join(dir, "lab")));
		this.exchangeFolder = join(dir, "prefix/drive_c/exchsrvr");
		this.#env = env;
		this.#server = server;
		this.#keeper = keeper;
		this.#accidents = new Accidents(dir);
	}

	/** How the product logs in. After rotateKey() the privateKey is another one. */
	get ssh(): SshAccess {
		const { port, hostKey, privateKey } = this.#server;
		const user = userInfo().username;
		return { host: ADDRESSES[0], port, user, hostKey, privateKey };
	}

	transportOf(): TransportConfig {
		const { privateKey, ...access } = this.ssh;
		return { kind: "ssh", access, credentials: { privateKey } };
	}

	/** The file with ssh.privateKey. */
	get privateKeyFile(): string {
		return join(this.dir, "ssh/product");
	}

	/**
	 * Runs a command by the plain `ssh` client, as a user would. Sessions of the lab are never counted, blocked at a gate
	 * or hit by an accident; sessions of the product are.
	 */
	exec(
		command: string,
		stdin = "",
		{ as = "lab" }: { as?: Who } = {},
	): Promise<ExecResult> {
		return this.#server.exec(command, stdin, as);
	}

	/** The product's log-ins that were accepted so far. */
	async logins(): Promise<number> {
		return (await this.#server.counts()).logins;
	}

	/** The connections that the product opened so far, with or without a log-in. */
	async connections(): Promise<number> {
		return (await this.#server.counts()).connections;
	}

	/** The commands that the product passed to cmd.exe, in order. */
	async commands(): Promise<string[]> {
		const folder = join(this.dir, "commands");
		const names = (await readdir(folder)).sort();
		return Promise.all(
			names.map((name) => readFile(join(folder, name), "utf8")),
		);
	}

	/**
	 * Counts the programs that the product's sessions start while `run` runs, for each session. Wine reports every start,
	 * so none is missed, however short it runs and whatever the load.
	 */
	async countPrograms(run: () => Promise<unknown>): Promise<Started[]> {
		const folder = join(this.dir, "programs");
		await mkdir(folder);
		try {
			await run();
			return await readStarted(folder);
		} finally {
			await rm(folder, { recursive: true });
		}
	}

	/** Every file on drive C:, as Windows paths, for comparisons. */
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

	/** Breaks every connection of the product. Programs in Windows run on. */
	cutConnections(): void {
		for (const pid of this.#server.connectionProcesses())
			signal(pid, "SIGKILL");
	}

	/**
	 * Kills each cmd.exe of the product, but not the programs that it started, because Windows kills no children with a
	 * process. With `children` it kills all programs of the sessions.
	 */
	killScript({ children = false } = {}): void {
		this.#accidents.kill(children);
	}

	/** Refuses connections from now on. Existing connections stay open. */
	stopServer(): Promise<void> {
		return this.#server.stop();
	}

	/** Listens again, at the same port. */
	startServer(): Promise<void> {
		return this.#server.start();
	}

	/** No program of the product's sessions, running or new, can write to a file. The registry can still be written. */
	fillDisk(): Promise<void> {
		return this.#accidents.fillDisk();
	}

	/** Files can grow again. Files that were written meanwhile stay as they are. */
	freeDisk(): Promise<void> {
		return this.#accidents.freeDisk();
	}

	/** The number of programs in the product's sessions, including those that were left behind. */
	protected running(): number {
		return this.#accidents.running();
	}

	async startService(): Promise<void> {
		await wine(this.#env, "net.exe", "start", "MSExchangeDX");
	}

	async stopService(): Promise<void> {
		await wine(this.#env, "net.exe", "stop", "MSExchangeDX");
	}

	/** Gives the product a new client key. The old one is refused from now on. @returns the new private key */
	rotateKey(): Promise<string> {
		return this.#server.rotateKey();
	}

	/**
	 * From now on every cmd.exe starts in that folder of drive C:, as with an AutoRun in the registry of Windows 2000 and
	 * later.
	 */
	async autoRun(folder: string): Promise<void> {
		const { programs } = await prepareLab();
		const system = join(this.dir, "prefix/drive_c/windows/system32");
		await copyFile(join(system, "cmd.exe"), join(system, "wine-cmd.exe"));
		await rm(join(system, "cmd.exe"));
		await copyFile(join(programs, "autorun.exe"), join(system, "cmd.exe"));
		const overrides = "HKEY_CURRENT_USER\\Software\\Wine\\DllOverrides";
		await this.setRegistry(overrides, "cmd.exe", '"native"');
		const rhs = `"cd /d ${folder.replaceAll("\\", "\\\\")}"`;
		await this.setRegistry(COMMAND_PROCESSOR, "AutoRun", rhs);
	}

	/** From now on a Unix `find` comes before Windows' own on PATH. */
	async unixFindFirst(): Promise<void> {
		const { programs } = await prepareLab();
		const folder = join(this.dir, "prefix/drive_c/unix");
		await mkdir(folder);
		await copyFile(join(programs, "unix-find.exe"), join(folder, "find.exe"));
		const path = "C:\\unix;C:\\windows\\system32;C:\\windows";
		const rhs = `"${path.replaceAll("\\", "\\\\")}"`;
		await this.setRegistry(ENVIRONMENT, "PATH", rhs);
	}

	/** From now on FIND cannot start and ends with a negative exit code. */
	async breakFind(): Promise<void> {
		const { programs } = await prepareLab();
		const find = join(this.dir, "prefix/drive_c/windows/system32/find.exe");
		await rm(find);
		await copyFile(join(programs, "dead.exe"), find);
	}

	/**
	 * From now on a program that a session leaves behind keeps the session open, as it may on Windows: a cmd.exe passes
	 * its handles to the programs that START starts.
	 */
	holdSessions(): Promise<void> {
		return writeFile(join(this.dir, "held"), "");
	}

	/** Ends the host. Nothing of it runs afterwards, and a temporary folder is deleted. */
	stop(): Promise<void> {
		return this.#keeper.end();
	}
}
