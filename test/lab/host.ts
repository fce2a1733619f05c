import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
	copyFile,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	symlink,
	writeFile,
} from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import getPort from "get-port";
import { clonePrefix } from "./clone.ts";
import { makeNt4 } from "./nt4.ts";
import { Registry, type Values } from "./registry.ts";
import { SERVICE_KEY } from "./service-key.ts";
import { type LogLine, readLog } from "./service-log.ts";
import {
	changeSettings,
	DEFAULT_SETTINGS,
	type HostSettings,
} from "./settings.ts";
import { ADDRESSES, type ExecResult, SshServer } from "./ssh-server.ts";
import { prepareLab } from "./template.ts";
import {
	type Language,
	startWindows,
	WINE,
	type WineEnvironment,
	wine,
	wineEnvironment,
} from "./wine.ts";

const keeper = fileURLToPath(new URL("keeper.sh", import.meta.url));

/** What kind of host to start. */
export interface HostOptions {
	/** `reg`: with reg.exe, sc.exe and their like. `nt4`: as NT 4 has it, regedit only, ANSI exports. @default "reg" */
	make?: "reg" | "nt4";
	/** Of its programs' texts, code pages and display names. @default "en" */
	language?: Language;
	/** @default "requestor" */
	role?: HostSettings["role"];
	/** Keep the host's state here, and resume what is there. @default a new temporary folder, removed at stop */
	dir?: string;
	/** @default a free one, or the resumed host's */
	port?: number;
	/** The value at the start, as the right-hand side of a .reg line: `dword:00000000`, `"1"`. @default absent */
	pauseKicksDX?: string;
	/** Whether the service runs. @default true */
	running?: boolean;
	/** Whether there is such a service at all. @default true */
	installed?: boolean;
}

/** How to log in, in the words of a Pulumi connection. */
export interface SshAccess {
	host: string;
	port: number;
	user: string;
	/** `ssh-ed25519 AAAA...` */
	hostKey: string;
	privateKey: string;
}

type Identity = Required<Pick<HostOptions, "make" | "language" | "port">>;

/** Starts a Windows host behind an SSH server on loopback; it ends with stop(), or with this process. */
export async function startHost(options: HostOptions = {}): Promise<LabHost> {
	const template = await prepareLab();
	const dir = options.dir
		? resolve(options.dir)
		: await mkdtemp(join(tmpdir(), "dirsync-host-"));
	const resumed = await readIdentity(dir);
	const identity: Identity = resumed ?? {
		make: options.make ?? "reg",
		language: options.language ?? "en",
		port: options.port ?? (await getPort({ host: ADDRESSES[0] })),
	};
	const env = wineEnvironment(
		dir,
		join(template, "locales"),
		identity.language,
	);
	await mkdir(join(dir, "commands"), { recursive: true });
	await writeFile(join(dir, "environment"), shellVariables(env));
	const keeper = startKeeper(dir, options.dir === undefined);
	try {
		if (!resumed) await makeHost(template, dir, identity);
		const ssh = new SshServer(dir, identity.port);
		const host = new LabHost(dir, env, ssh, keeper);
		await Promise.all([ssh.start(), boot(host, options, env, !resumed)]);
		return host;
	} catch (error) {
		await endKeeper(keeper);
		throw error;
	}
}

const readIdentity = (dir: string): Promise<Identity | undefined> =>
	readFile(join(dir, "host.json"), "utf8").then(
		(text) => JSON.parse(text) as Identity,
		() => undefined,
	);

const shellVariables = (env: WineEnvironment): string =>
	Object.entries({ ...env, WINE })
		.map(([name, value]) => `${name}='${value}'\n`)
		.join("");

async function makeHost(
	template: string,
	dir: string,
	identity: Identity,
): Promise<void> {
	const prefix = join(dir, "prefix");
	await rm(prefix, { recursive: true, force: true });
	await clonePrefix(join(template, identity.language, "prefix"), prefix);
	await mkdir(join(dir, "lab"), { recursive: true });
	await mkdir(join(dir, "home"), { recursive: true });
	await symlink("../../lab", join(prefix, "dosdevices/l:"));
	for (const program of ["launcher", "wine-regedit", "wine-sc"])
		await copyFile(
			join(template, `bin/${program}.exe`),
			join(dir, `lab/${program}.exe`),
		);
	if (identity.make === "nt4") await makeNt4(template, prefix);
	await changeSettings(join(dir, "lab/settings"), DEFAULT_SETTINGS);
	await writeFile(join(dir, "host.json"), JSON.stringify(identity));
}

async function boot(
	host: LabHost,
	options: HostOptions,
	env: WineEnvironment,
	fresh: boolean,
): Promise<void> {
	await startWindows(env);
	if (options.role) await host.set({ role: options.role });
	if (options.pauseKicksDX !== undefined)
		await host.setRegistry(SERVICE_KEY, "PauseKicksDX", options.pauseKicksDX);
	if (options.installed === false && fresh)
		await wine(env, "L:\\wine-sc.exe", "delete", "MSExchangeDX");
	else if (options.running ?? true) await host.startService();
}

function startKeeper(dir: string, temporary: boolean): ChildProcess {
	const child = spawn("sh", [keeper, dir, temporary ? "remove" : "keep"], {
		stdio: ["pipe", "ignore", "ignore"],
		// In a group of its own: Ctrl-C ends us, and the end of the pipe ends the host.
		detached: true,
	});
	child.unref();
	return child;
}

async function endKeeper(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null) return;
	child.ref();
	child.stdin?.end();
	await once(child, "exit");
}

/** A running host: how to reach it, what it is told to do, and what became of it, read on the host itself. */
export class LabHost {
	/** Everything the host consists of. */
	readonly dir: string;
	readonly #env: WineEnvironment;
	readonly #server: SshServer;
	readonly #keeper: ChildProcess;
	readonly #registry: Registry;

	constructor(
		dir: string,
		env: WineEnvironment,
		server: SshServer,
		keeper: ChildProcess,
	) {
		this.dir = dir;
		this.#env = env;
		this.#server = server;
		this.#keeper = keeper;
		this.#registry = new Registry(env, join(dir, "lab"));
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

	/** Runs a command as a user would, by the plain `ssh` client; never counted as the product's. */
	exec(command: string, stdin?: string): Promise<ExecResult> {
		return this.#server.exec(command, stdin);
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
		return endKeeper(this.#keeper);
	}
}
