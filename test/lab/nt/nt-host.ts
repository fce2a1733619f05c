import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../free-port.ts";
import { ADDRESSES } from "../addresses.ts";
import { AnyHost, type TransportConfig } from "../any-host.ts";
import { SERVICE_KEY, serviceRegistry } from "../service-key.ts";
import { readLog } from "../service-log.ts";
import {
	changeSettings,
	DEFAULT_SETTINGS,
	type HostSettings,
} from "../settings.ts";
import type { Language } from "../wine.ts";
import { NtRegistry } from "./nt-registry.ts";
import { type NtIdentity, NtServer } from "./nt-server.ts";

/** The kind of host to start. */
export interface NtHostOptions {
	/** @default "smb2" */
	make?: NtIdentity["make"];
	/** The language of the service's display name. @default "en" */
	language?: Language;
	/** @default "requestor" */
	role?: HostSettings["role"];
	/** @default those of every host */
	addresses?: readonly string[];
	/** @default a free port */
	port?: number;
	/** PauseKicksDX at the start, as the right-hand side of a .reg line: `dword:00000000`, `"1"`. @default absent */
	pauseKicksDX?: string;
	/** Whether the service runs. @default true */
	running?: boolean;
	/** Whether the service is installed. @default true */
	installed?: boolean;
}

/** How to log in, with the names of the stack's configuration. */
export interface SambaAccess {
	host: string;
	port: number;
	/** `DOMAIN\user` */
	user: string;
	/** SMB 1 and NTLM. */
	legacy: boolean;
}

const NAME = "EXCH02";
const DOMAIN = "SITE";
const USER = "Administrator";

/** Settings of stand-ins that an NT host without Wine does not have. */
const MEANINGLESS = ["regeditDeletes", "programFault"] as const;

/** An NT host without an SSH server. `net rpc` reaches its registry and its service control manager by RPC over SMB. */
export class NtHost extends AnyHost {
	readonly exchangeFolder: string;
	readonly samba: SambaAccess;
	readonly #server: NtServer;
	#password = "";

	constructor(dir: string, identity: NtIdentity, server: NtServer) {
		super(dir, new NtRegistry(join(dir, "lab/registry.reg"), server));
		this.exchangeFolder = join(dir, "exchsrvr");
		this.samba = {
			host: identity.addresses[0] ?? ADDRESSES[0],
			port: identity.port,
			user: `${identity.domain}\\${identity.user}`,
			legacy: identity.make === "nt4",
		};
		this.#server = server;
	}

	/** The product's password. After rotatePassword() it is another one. */
	get password(): string {
		return this.#password;
	}

	transportOf(): TransportConfig {
		const { samba, password } = this;
		return { kind: "samba", access: samba, credentials: { password } };
	}

	/**
	 * The log-ins that were refused so far: a wrong password, an unknown user, or a kind of log-in that the host lacks.
	 */
	failedLogins(): Promise<number> {
		return this.#connectionEvents("refused ");
	}

	logins(): Promise<number> {
		return this.#connectionEvents("login ");
	}

	connections(): Promise<number> {
		return this.#connectionEvents("open");
	}

	/**
	 * The calls by RPC, in order: `pause MSExchangeDX`, `SetValue HKEY_LOCAL_MACHINE\...\MSExchangeDX
	 * "PauseKicksDX"=dword:00000001`. Others are the service's `status`, and CreateKey, DeleteKey, DeleteValue,
	 * QueryValue and Enumerate with their key. The same call twice in a row on a connection is listed once.
	 */
	async commands(): Promise<string[]> {
		const lines = await readLog(this.lab("calls.log"));
		return lines.map(({ event }) => event);
	}

	override async set(changes: Partial<HostSettings>): Promise<void> {
		for (const name of MEANINGLESS)
			if ((changes[name] ?? DEFAULT_SETTINGS[name]) !== DEFAULT_SETTINGS[name])
				throw new Error(
					`lab: ${name} means nothing to an NT host, got ${changes[name]}; leave it out`,
				);
		await super.set(changes);
	}

	/** Calls on the host run on, but their clients get no answer. */
	async cutConnections(): Promise<void> {
		await this.#server.order({ do: "cut" });
	}

	async stopServer(): Promise<void> {
		await this.#server.order({ do: "refuse" });
	}

	async startServer(): Promise<void> {
		await this.#server.order({ do: "listen" });
	}

	async startService(): Promise<void> {
		await this.#server.order({ do: "start" });
	}

	async stopService(): Promise<void> {
		await this.#server.order({ do: "stop" });
	}

	/** Gives the product's user another password. The old one is refused from now on. @returns the new one */
	async rotatePassword(
		password = randomBytes(12).toString("base64url"),
	): Promise<string> {
		await this.#server.order({ do: "password", password });
		this.#password = password;
		return password;
	}

	stop(): Promise<void> {
		return this.#server.end();
	}

	/** The number of connections, including those that are closed but whose calls still run. */
	protected async running(): Promise<number> {
		return Number(await this.#server.order({ do: "connected" }));
	}

	async #connectionEvents(beginning: string): Promise<number> {
		const lines = await readLog(this.lab("connections.log"));
		return lines.filter(({ event }) => event.startsWith(beginning)).length;
	}
}

/** Starts an NT host on loopback. It ends with stop(), or with this process. */
export async function startNtHost(
	options: NtHostOptions = {},
): Promise<NtHost> {
	const dir = await mkdtemp(join(tmpdir(), "dirsync-nt-"));
	const identity: NtIdentity = {
		make: options.make ?? "smb2",
		addresses: options.addresses ?? ADDRESSES,
		port: options.port ?? (await freePort()),
		...{ name: NAME, domain: DOMAIN, user: USER },
	};
	await mkdir(join(dir, "lab"));
	await mkdir(join(dir, "exchsrvr/dxadata"), { recursive: true });
	await writeFile(join(dir, "lab/registry.reg"), firstRegistry(options));
	const { role = DEFAULT_SETTINGS.role } = options;
	await changeSettings(join(dir, "lab/settings"), {
		...DEFAULT_SETTINGS,
		role,
	});
	const server = new NtServer(dir, identity);
	const host = new NtHost(dir, identity, server);
	try {
		await applyOptions(host, options);
		await host.rotatePassword();
		// The server starts last, so that every client that logs in finds a complete host.
		await host.startServer();
		return host;
	} catch (error) {
		await server.end();
		throw error;
	}
}

function firstRegistry(options: NtHostOptions): string {
	const { installed = true, language = "en" } = options;
	const service = installed ? serviceRegistry(language) : "";
	return `Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE]\n${service}`;
}

async function applyOptions(
	host: NtHost,
	{ pauseKicksDX, installed = true, running = true }: NtHostOptions,
): Promise<void> {
	if (pauseKicksDX !== undefined)
		await host.setRegistry(SERVICE_KEY, "PauseKicksDX", pauseKicksDX);
	if (installed && running) await host.startService();
}
