import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ADDRESSES } from "./addresses.ts";
import { Gate, type GateOptions } from "./gate.ts";
import type { Registry, Values } from "./registry.ts";
import {
	type ControlLine,
	type LogLine,
	readControls,
	readLog,
} from "./service-log.ts";
import { changeSettings, type HostSettings } from "./settings.ts";

/** The transport of a host as in a stack file, and the credentials for it. */
export interface TransportConfig {
	kind: "ssh" | "samba";
	access: { host: string; gateway?: object };
	credentials: object;
}

/** A running host, for any transport. Tests set its behaviour and read on the host itself what happened. */
export abstract class AnyHost {
	/** The folder that contains the complete host. */
	readonly dir: string;
	/** The Exchange folder (EXCHSRVR) on this machine. */
	abstract readonly exchangeFolder: string;
	/** Another address that reaches the same host at the same port. */
	readonly otherAddress: string = ADDRESSES[1];
	readonly #registry: Registry;

	/** @param dir contains a folder `lab` with the host's settings, logs and gates */
	constructor(dir: string, registry: Registry) {
		this.dir = dir;
		this.#registry = registry;
	}

	/** One value as the right-hand side of a .reg line; undefined if it does not exist. */
	async registryValue(key: string, name: string): Promise<string | undefined> {
		return (await this.#registry.values(key))[name];
	}

	/** The key's own values; empty if the key does not exist. */
	registryKey(key: string): Promise<Values> {
		return this.#registry.values(key);
	}

	/** The full names of all subkeys, at any depth. */
	registrySubkeys(key: string): Promise<string[]> {
		return this.#registry.subkeys(key);
	}

	/** The key with all subkeys as text, for comparisons; undefined if the key does not exist. */
	registryDump(key: string): Promise<string | undefined> {
		return this.#registry.dump(key);
	}

	/** Writes a value without the product, or deletes it if rhs is undefined. */
	setRegistry(
		key: string,
		name: string,
		rhs: string | undefined,
	): Promise<void> {
		return this.#registry.set(key, name, rhs);
	}

	/** Every event of the service since the host was created. */
	serviceLog(): Promise<LogLine[]> {
		return readLog(this.lab("service.log"));
	}

	/** The cycles that the service ran. */
	async cycles(): Promise<{ time: Date; type: "T1" | "T2" }[]> {
		return (await this.serviceLog())
			.filter(({ event }) => event.startsWith("cycle "))
			.map(({ time, event }) => ({
				time,
				type: event.slice(6) as "T1" | "T2",
			}));
	}

	/** The controls that any program requested, including refused ones, with their times. Overlaps show in the times. */
	controls(): Promise<ControlLine[]> {
		return readControls(this.lab("net.log"));
	}

	/** Requests that the host does not support. If there are any, the lab must be extended. */
	async labErrors(): Promise<string[]> {
		const lines = await readLog(this.lab("errors.log"));
		return lines.map(({ event }) => event);
	}

	/** How the product logs in at present. */
	abstract transportOf(): TransportConfig;

	/** The product's log-ins that were accepted so far. */
	abstract logins(): Promise<number>;

	/** The connections that the product opened so far, with or without a log-in. */
	abstract connections(): Promise<number>;

	/** The product's requests to the host, in order. */
	abstract commands(): Promise<string[]>;

	/** Changes the role or the faults of the running host. */
	set(changes: Partial<HostSettings>): Promise<void> {
		return changeSettings(this.lab("settings"), changes);
	}

	/** Blocks the product's first program or call that comes to this point. */
	gate(options: GateOptions): Promise<Gate> {
		return Gate.set(this.lab(""), options);
	}

	/** Breaks every connection of the product. Programs and calls on the host run on. */
	abstract cutConnections(): void | Promise<void>;

	/** Refuses connections from now on. Existing connections stay open. */
	abstract stopServer(): Promise<void>;

	/** Listens again, at the same port. */
	abstract startServer(): Promise<void>;

	/** Resolves when none of the product's programs or connections is left. */
	async atRest(): Promise<void> {
		const end = Date.now() + 90_000;
		for (;;) {
			const running = await this.running();
			if (running === 0) return;
			if (Date.now() > end)
				throw new Error(
					`lab: what the product asked for still runs on ${this.dir} after 90 s, got ${running}; open its gates`,
				);
			await pause(50);
		}
	}

	abstract startService(): Promise<void>;

	abstract stopService(): Promise<void>;

	/** Ends the host. Nothing of it runs afterwards, and a temporary folder is deleted. */
	abstract stop(): Promise<void>;

	/** The number of the product's programs or connections. */
	protected abstract running(): number | Promise<number>;

	protected lab(name: string): string {
		return join(this.dir, "lab", name);
	}
}
