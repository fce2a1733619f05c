import { mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "../free-port.ts";
import { ADDRESSES } from "./addresses.ts";
import { Keeper } from "./keeper.ts";
import type { SshAccess } from "./lab-host.ts";
import { descendants, type Process, signal } from "./processes.ts";
import { SshServer } from "./ssh-server.ts";

/** A Unix machine behind OpenSSH that has Samba's `net`: this machine with another home directory. */
export class Gateway {
	/** The folder that contains the complete gateway. */
	readonly dir: string;
	readonly #server: SshServer;
	readonly #keeper: Keeper;

	constructor(dir: string, server: SshServer, keeper: Keeper) {
		this.dir = dir;
		this.#server = server;
		this.#keeper = keeper;
	}

	/** How the product logs in. */
	get ssh(): SshAccess {
		const { port, hostKey, privateKey } = this.#server;
		const user = userInfo().username;
		return { host: ADDRESSES[0], port, user, hostKey, privateKey };
	}

	/** The log-ins that were accepted so far. */
	async logins(): Promise<number> {
		return (await this.#server.counts()).logins;
	}

	/** Breaks every connection. Programs that it started run on. */
	cutConnections(): void {
		for (const pid of this.#server.connectionProcesses())
			signal(pid, "SIGKILL");
	}

	/** The programs that run in the sessions. */
	programs(): Process[] {
		return this.#server.connectionProcesses().flatMap(descendants);
	}

	/** Ends the gateway. Nothing of it runs afterwards, and its folder is deleted. */
	stop(): Promise<void> {
		return this.#keeper.end();
	}
}

/** Starts a gateway on loopback. It ends with stop(), or with this process. */
export async function startGateway(): Promise<Gateway> {
	const keeper = Keeper.ofTemporary("dirsync-gateway-");
	const { dir } = keeper;
	await mkdir(join(dir, "home"));
	await writeFile(join(dir, "environment"), "");
	const server = new SshServer(dir, await freePort(), "unix");
	try {
		await server.start();
	} catch (error) {
		await keeper.end();
		throw error;
	}
	return new Gateway(dir, server, keeper);
}
