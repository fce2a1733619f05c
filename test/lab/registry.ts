import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type WineEnvironment, wine } from "./wine.ts";

/** Values by name, each as the right-hand side of a .reg line, in one line: `dword:00000001`, `"1"`, `hex(7):41,00`. */
export type Values = Record<string, string>;

/**
 * A host's registry, read and written by Wine's own regedit and not by anything a test goes through: neither SSH nor
 * a stand-in. Keys begin with HKEY_LOCAL_MACHINE or HKLM.
 */
export class Registry {
	#files = 0;
	readonly #env: WineEnvironment;
	readonly #folder: string;

	/** @param folder the host's drive L: */
	constructor(env: WineEnvironment, folder: string) {
		this.#env = env;
		this.#folder = folder;
	}

	/** The key and all below it as a .reg file says it, for a comparison; undefined where there is no such key. */
	async dump(key: string): Promise<string | undefined> {
		const name = this.#fileName();
		await this.#regedit("/e", `L:\\${name}`, fullName(key));
		const file = join(this.#folder, name);
		const text = await readFile(file, "utf16le").catch(() => undefined);
		await rm(file, { force: true });
		return text?.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
	}

	/** The key's own values. */
	async values(key: string): Promise<Values> {
		return (
			sections(await this.dump(key)).get(fullName(key).toLowerCase()) ?? {}
		);
	}

	/** The full names of all keys below, at any depth. */
	async subkeys(key: string): Promise<string[]> {
		const text = (await this.dump(key)) ?? "";
		return [...text.matchAll(/^\[(.+)\]$/gm)]
			.slice(1)
			.map((match) => match[1] ?? "");
	}

	/** Writes one value, or deletes it where rhs is undefined. */
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

const fullName = (key: string): string =>
	key.replace(/^HKLM(?=\\)/i, "HKEY_LOCAL_MACHINE");

const VALUE =
	/^(?:"((?:\\.|[^"\\])*)"|@)=("(?:\\.|[^"\\])*"|[a-z](?:[^\\\n]|\\\n)*)$/gm;

/** Keys (in lower case, as the registry knows no case) with their own values. */
function sections(text = ""): Map<string, Values> {
	const found = new Map<string, Values>();
	for (const part of text.split(/^\[/m).slice(1)) {
		const end = part.indexOf("]\n");
		const values = [...part.slice(end + 2).matchAll(VALUE)].map(
			([, name = "@", rhs = ""]): [string, string] => [
				name.replace(/\\(.)/g, "$1"),
				rhs.startsWith('"') ? rhs : rhs.replace(/\\\n\s*/g, ""),
			],
		);
		found.set(part.slice(0, end).toLowerCase(), Object.fromEntries(values));
	}
	return found;
}
