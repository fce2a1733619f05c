import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyHost, TransportConfig } from "../lab/any-host.ts";
import { type Gateway, startGateway } from "../lab/gateway.ts";
import { type HostOptions, startHost } from "../lab/host.ts";
import { LabHost } from "../lab/lab-host.ts";
import {
	type NtHost,
	type NtHostOptions,
	startNtHost,
} from "../lab/nt/nt-host.ts";
import { Stack, type StackOptions } from "../stack.ts";
import { prepareToolchain } from "../toolchain/toolchain.ts";

export const SERVICE =
	"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";
export const RECORD = "HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync";

/** A host of any kind, by its transport. Every promise of the package holds for each. */
export type AnyOptions =
	| (HostOptions & { transport: "ssh" })
	| (NtHostOptions & { transport: "samba" })
	| (NtHostOptions & { transport: "gateway" });

/** One host's entry in the stack's configuration, and its credentials. */
export interface Entry {
	name: string;
	host: AnyHost;
	/** Further keys of the entry, in addition to name and transport. */
	more?: Record<string, unknown>;
}

/** The lab hosts and stacks of one test file. `end` ends and removes them all. */
export class Bench {
	readonly #ends: (() => Promise<unknown>)[] = [];
	#startedGateway?: Promise<Gateway>;

	async host(options?: HostOptions): Promise<LabHost> {
		const host = await startHost(options);
		this.#ends.push(() => host.stop());
		return host;
	}

	/** Starts a host with any transport. */
	async anyHost(options: AnyOptions): Promise<AnyHost> {
		if (options.transport === "ssh") return this.host(options);
		const { transport, ...own } = options;
		const host = await startNtHost(own);
		this.#ends.push(() => host.stop());
		if (transport === "gateway") gateways.set(host, await this.#gateway());
		return host;
	}

	/** The gateway of this bench, started at its first use. */
	#gateway(): Promise<Gateway> {
		this.#startedGateway ??= startGateway().then((gateway) => {
			this.#ends.push(() => gateway.stop());
			return gateway;
		});
		return this.#startedGateway;
	}

	async stack(name = "lab", options?: StackOptions): Promise<Stack> {
		const dir = await mkdtemp(join(tmpdir(), "dirsync-stack-"));
		this.#ends.push(() => rm(dir, { recursive: true, force: true }));
		return Stack.open(await prepareToolchain(), dir, name, options);
	}

	/** Adds a function that `end` calls. */
	atEnd(end: () => Promise<unknown>): void {
		this.#ends.push(end);
	}

	async end(): Promise<void> {
		await Promise.all(this.#ends.splice(0).map((end) => end()));
	}
}

/** The gateway of each host that is reached through one. */
const gateways = new Map<AnyHost, Gateway>();

export const gatewayOf = (host: AnyHost): Gateway | undefined =>
	gateways.get(host);

/** How a host is reached: its transport, and its gateway if it has one. */
export function transportOf(host: AnyHost): TransportConfig {
	const gateway = gateways.get(host);
	const own = host.transportOf();
	if (!gateway) return own;
	const { privateKey, ...ssh } = gateway.ssh;
	const { kind, access, credentials } = own;
	return {
		kind,
		access: { ...access, gateway: ssh },
		credentials: { ...credentials, gateway: { privateKey } },
	};
}

/** How many times the package has run on a host. A run is one log-in over SSH and several over Samba. */
export async function runs(host: AnyHost): Promise<number> {
	if (host instanceof LabHost) return host.logins();
	const commands = await host.commands();
	return commands.filter((command) => /^CreateKey .*-lock$/.test(command))
		.length;
}

/** Replaces the password or key of a host, which then refuses the old one. */
export const rotate = (host: AnyHost): Promise<string> =>
	host instanceof LabHost
		? host.rotateKey()
		: (host as NtHost).rotatePassword();

/** Writes hosts and credentials into the stack file. */
export async function declare(stack: Stack, ...entries: Entry[]) {
	await stack.configure({
		hosts: entries.map(({ name, host, more }) => {
			const { kind, access } = transportOf(host);
			return { name, role: "requestor", [kind]: access, ...more };
		}),
		credentials: Object.fromEntries(
			entries.map(({ name, host }) => [name, transportOf(host).credentials]),
		),
	});
}

/** The names of the service's events, in order. */
export async function events(host: AnyHost): Promise<string[]> {
	return (await host.serviceLog()).map(({ event }) => event);
}

/** The key of the service with all its subkeys, without the value that the package owns. */
export async function otherValues(host: AnyHost): Promise<string> {
	const dump = (await host.registryDump(SERVICE)) ?? "";
	const own = `[${SERVICE}]`;
	return dump
		.split(/(?=^\[)/m)
		.map((section) =>
			section.startsWith(own)
				? section.replace(/^"PauseKicksDX"=.*\r?\n/m, "")
				: section,
		)
		.join("");
}

/** Everything on a host that an inspection could change. */
export async function everything(host: AnyHost) {
	return {
		...(await footprint(host)),
		log: await host.serviceLog(),
		controls: await host.controls(),
		errors: await host.labErrors(),
	};
}

/** Everything that must be the same after `destroy` as before the first update. */
export async function footprint(host: AnyHost) {
	return {
		service: await host.registryDump(SERVICE),
		record: await host.registryDump(RECORD),
		lock: await host.registryDump(`${RECORD}-lock`),
		// Over RPC no file is written to a host.
		files: host instanceof LabHost ? await host.files() : [],
	};
}
