import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fullName, Registry } from "./registry.ts";
import { type WineEnvironment, wine } from "./wine.ts";

/** Wine's registry, by Wine's own regedit, without SSH and stand-ins. */
export class WineRegistry extends Registry {
	#files = 0;
	readonly #env: WineEnvironment;
	readonly #folder: string;

	/** @param folder the host's drive L: */
	constructor(env: WineEnvironment, folder: string) {
		super();
		this.#env = env;
		this.#folder = folder;
	}

	async dump(key: string): Promise<string | undefined> {
		const name = this.#fileName();
		await this.#regedit("/e", `L:\\${name}`, fullName(key));
		const file = join(this.#folder, name);
		const text = await readFile(file, "utf16le").catch(() => undefined);
		await rm(file, { force: true });
		return text?.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
	}

	async set(key: string, name: string, rhs: string | undefined): Promise<void> {
		const file = this.#fileName();
		const quoted = name.replace(/[\\"]/g, "\\$&");
		const text = `Windows Registry Editor Version 5.00\n\n[${fullName(key)}]\n"${quoted}"=${rhs ?? "-"}\n`;
		const path = join(this.#folder, file);
		await writeFile(path, `\ufeff${text.replaceAll("\n", "\r\n")}`, "utf16le");
		await this.#regedit("/s", `L:\\${file}`);
		await rm(path);
	}

	#fileName(): string {
		this.#files += 1;
		return `registry.${process.pid}.${this.#files}.reg`;
	}

	#regedit(...args: string[]): Promise<string> {
		return wine(this.#env, "L:\\wine-regedit.exe", ...args);
	}
}
