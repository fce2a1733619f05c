import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostOptions, type LabHost, startHost } from "../lab/host.ts";
import { Stack, type StackOptions } from "../stack.ts";
import { prepareToolchain } from "../toolchain/toolchain.ts";

export const SERVICE =
	"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";
export const RECORD = "HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync";

/** One host's entry in the stack's configuration, and its credentials. */
export interface Entry {
	name: string;
	host: LabHost;
	/** What the entry says beside name and ssh. */
	more?: Record<string, unknown>;
}

/** Lab hosts and stacks of one test file, all ended and removed by `end`. */
export class Bench {
	readonly #ends: (() => Promise<unknown>)[] = [];

	async host(options?: HostOptions): Promise<LabHost> {
		const host = await startHost(options);
		this.#ends.push(() => host.stop());
		return host;
	}

	async stack(name = "lab", options?: StackOptions): Promise<Stack> {
		const dir = await mkdtemp(join(tmpdir(), "dirsync-stack-"));
		this.#ends.push(() => rm(dir, { recursive: true, force: true }));
		return Stack.open(await prepareToolchain(), dir, name, options);
	}

	/** What is to be ended with the rest. */
	atEnd(end: () => Promise<unknown>): void {
		this.#ends.push(end);
	}

	async end(): Promise<void> {
		await Promise.all(this.#ends.splice(0).map((end) => end()));
	}
}

/** Writes hosts and credentials into the stack file. */
export async function declare(stack: Stack, ...entries: Entry[]) {
	await stack.configure({
		hosts: entries.map(({ name, host, more }) => {
			const { privateKey: _, ...ssh } = host.ssh;
			return { name, role: "requestor", ssh, ...more };
		}),
		credentials: Object.fromEntries(
			entries.map(({ name, host }) => [
				name,
				{ privateKey: host.ssh.privateKey },
			]),
		),
	});
}

/** The names of the service's events, in order. */
export async function events(host: LabHost): Promise<string[]> {
	return (await host.serviceLog()).map(({ event }) => event);
}

/** The service key and all below it, without the one value that the package owns. */
export async function otherValues(host: LabHost): Promise<string> {
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

/** Everything that `destroy` must leave as it found it. */
export async function footprint(host: LabHost) {
	return {
		service: await host.registryDump(SERVICE),
		record: await host.registryDump(RECORD),
		files: await host.files(),
	};
}
