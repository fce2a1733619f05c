/** Values by name, each as the right-hand side of a .reg line, in one line: `dword:00000001`, `"1"`, `hex(7):41,00`. */
export type Values = Record<string, string>;

/** A host's registry, independent of the programs under test. Keys begin with HKEY_LOCAL_MACHINE or HKLM. */
export abstract class Registry {
	/** The key with all subkeys as a .reg file, for comparisons; undefined if the key does not exist. */
	abstract dump(key: string): Promise<string | undefined>;

	/** Writes one value, or deletes it if rhs is undefined. */
	abstract set(
		key: string,
		name: string,
		rhs: string | undefined,
	): Promise<void>;

	/** The key's own values. */
	async values(key: string): Promise<Values> {
		return (
			sections(await this.dump(key)).get(fullName(key).toLowerCase()) ?? {}
		);
	}

	/** The full names of all subkeys, at any depth. */
	async subkeys(key: string): Promise<string[]> {
		const text = (await this.dump(key)) ?? "";
		return [...text.matchAll(/^\[(.+)\]$/gm)]
			.slice(1)
			.map((match) => match[1] ?? "");
	}
}

export const fullName = (key: string): string =>
	key.replace(/^HKLM(?=\\)/i, "HKEY_LOCAL_MACHINE");

const VALUE =
	/^(?:"((?:\\.|[^"\\])*)"|@)=("(?:\\.|[^"\\])*"|[a-z](?:[^\\\n]|\\\n)*)$/gm;

/** Keys with their own values. Key names are in lower case, because the registry is not case-sensitive. */
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
