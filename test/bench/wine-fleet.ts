import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type LabHost, startHost } from "../lab/host.ts";
import { makeKey } from "./fleet.ts";
import type { Counts, Door, Hosts } from "./hosts.ts";

/** Lab hosts, which run the commands. */
export class WineFleet implements Hosts {
	readonly doors: readonly Door[];
	readonly privateKey: string;
	readonly keyFile: string;
	readonly #dir: string;
	readonly #hosts: readonly LabHost[];
	/** The counters at the last reset. */
	#before: (typeof NOTHING)[] = [];

	private constructor(
		dir: string,
		keyFile: string,
		privateKey: string,
		hosts: readonly LabHost[],
	) {
		this.#dir = dir;
		this.keyFile = keyFile;
		this.privateKey = privateKey;
		this.#hosts = hosts;
		this.doors = hosts.map(({ ssh: { privateKey: _, ...ssh } }, index) => ({
			name: `H${String(index + 1).padStart(4, "0")}`,
			...ssh,
		}));
	}

	/** @param dir the folder of the hosts, deleted when they stop */
	static async start(dir: string, count: number): Promise<WineFleet> {
		await mkdir(dir, { recursive: true });
		const keyFile = join(dir, "client");
		const { private: privateKey } = await makeKey(keyFile);
		const hosts: LabHost[] = [];
		// One after the other, because each start keeps both processors busy.
		for (let index = 0; index < count; index++) {
			const home = join(dir, String(index));
			await mkdir(join(home, "ssh"), { recursive: true });
			// A host creates a key for the product only if there is none.
			for (const end of ["", ".pub"])
				await copyFile(keyFile + end, join(home, `ssh/product${end}`));
			hosts.push(await startHost({ dir: home }));
		}
		return new WineFleet(dir, keyFile, privateKey, hosts);
	}

	counts(): Promise<Counts[]> {
		return Promise.all(
			this.#hosts.map(async (host, index) => {
				const before = this.#before[index] ?? NOTHING;
				const commands: Counts["commands"] = {};
				for (const text of (await host.commands()).slice(before.commands))
					commands[text] = (commands[text] ?? 0) + 1;
				return {
					commands,
					kicks: (await host.cycles()).length - before.kicks,
					logins: (await host.logins()) - before.logins,
					unknown: await host.labErrors(),
				};
			}),
		);
	}

	async reset(): Promise<void> {
		this.#before = await Promise.all(
			this.#hosts.map(async (host) => ({
				commands: (await host.commands()).length,
				kicks: (await host.cycles()).length,
				logins: await host.logins(),
			})),
		);
	}

	/** Nothing measures it for Wine's many processes. */
	processorTime(): number {
		return Number.NaN;
	}

	async stop(): Promise<void> {
		await Promise.all(this.#hosts.map((host) => host.stop()));
		await rm(this.#dir, { recursive: true });
	}
}

const NOTHING = { commands: 0, kicks: 0, logins: 0 };
