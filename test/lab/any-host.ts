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

/** A way into a host as a stack file has it, and the credentials for it. */
export interface WayIn {
	kind: "ssh" | "samba";
	access: { host: string; gateway?: object };
	credentials: object;
}

/**
 * A running host, whichever way the product reaches it: what it is told to do, and what became of it, read on the host
 * itself.
 */
export abstract class AnyHost {
	/** Everything the host consists of. */
	readonly dir: string;
	/** Exchange's folder (EXCHSRVR) on this machine. */
	abstract readonly exchangeFolder: string;
	/** Another address that reaches the same host at the same port. */
	readonly otherAddress: string = ADDRESSES[1];
	readonly #registry: Registry;

	/** @param dir has a folder `lab` with the host's settings, logs and gates */
	constructor(dir: string, registry: Registry) {
		this.dir = dir;
		this.#registry = registry;
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
		return readLog(this.lab("service.log"));
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

	/** The controls that were asked for, refused ones included, by whomever; to show which were at the same time. */
	controls(): Promise<ControlLine[]> {
		return readControls(this.lab("net.log"));
	}

	/** What the host was asked for and does not know: empty, or the lab has to learn something. */
	async labErrors(): Promise<string[]> {
		const lines = await readLog(this.lab("errors.log"));
		return lines.map(({ event }) => event);
	}

	/** How the product gets in now. */
	abstract wayIn(): WayIn;

	/** Log-ins of the product that were accepted so far. */
	abstract logins(): Promise<number>;

	/** Connections the product opened so far, log-in or not. */
	abstract connections(): Promise<number>;

	/** What the product asked the host for, in order. */
	abstract commands(): Promise<string[]>;

	/** Changes role or faults of the running host. */
	set(changes: Partial<HostSettings>): Promise<void> {
		return changeSettings(this.lab("settings"), changes);
	}

	/** Holds the first of the product's programs or calls that comes to this point. */
	gate(options: GateOptions): Promise<Gate> {
		return Gate.set(this.lab(""), options);
	}

	/** Every connection of the product breaks; what the host is about goes on. */
	abstract cutConnections(): void | Promise<void>;

	/** Connections are refused from now on; those that are there stay. */
	abstract stopServer(): Promise<void>;

	/** Listens again, at the same port. */
	abstract startServer(): Promise<void>;

	/** Resolves when nothing of what the product asked for is left. */
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

	/** Ends the host: nothing of it runs afterwards, and a temporary folder is gone. */
	abstract stop(): Promise<void>;

	/** How many of the product's programs or connections there are. */
	protected abstract running(): number | Promise<number>;

	protected lab(name: string): string {
		return join(this.dir, "lab", name);
	}
}
