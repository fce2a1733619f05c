import { readFile } from "node:fs/promises";
import { fullName, Registry } from "../registry.ts";
import type { NtServer } from "./nt-server.ts";

/** An NT host's registry: read from its file, and written by the host itself without RPC. */
export class NtRegistry extends Registry {
	readonly #file: string;
	readonly #server: NtServer;

	/** @param file HKEY_LOCAL_MACHINE as a .reg file */
	constructor(file: string, server: NtServer) {
		super();
		this.#file = file;
		this.#server = server;
	}

	async dump(key: string): Promise<string | undefined> {
		const [head, ...sections] = (await readFile(this.#file, "utf8")).split(
			/^(?=\[)/m,
		);
		const wanted = fullName(key).toLowerCase();
		const found = sections.filter((section) => {
			const name = section.slice(1, section.indexOf("]\n")).toLowerCase();
			return name === wanted || name.startsWith(`${wanted}\\`);
		});
		return found.length > 0 ? [head, ...found].join("") : undefined;
	}

	async set(key: string, name: string, rhs: string | undefined): Promise<void> {
		const path = fullName(key).slice("HKEY_LOCAL_MACHINE\\".length);
		await this.#server.order({ do: "set", key: path, name, rhs: rhs ?? null });
	}
}
