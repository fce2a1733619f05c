/** A registry value. */
export interface RegistryValue {
	/** `REG_DWORD`, `REG_SZ`, ... */
	type: string;
	/** Numbers in decimal, strings as they are, bytes in hexadecimal with commas. */
	data: string;
}

/** How a .reg file names the types that it writes as bytes. */
const HEX_TYPES: Record<string, string> = {
	hex: "REG_BINARY",
	"hex(0)": "REG_NONE",
	"hex(2)": "REG_EXPAND_SZ",
	"hex(7)": "REG_MULTI_SZ",
	"hex(b)": "REG_QWORD",
};

/**
 * Parses a value's data as a .reg file has it, without line breaks.
 *
 * @param exported `dword:0000000a`, `"text"`, `hex:01,0a`, `hex(b):01,00,00,00,00,00,00,00`
 */
export function parseRegistryValue(exported: string): RegistryValue {
	if (exported.startsWith('"'))
		return { type: "REG_SZ", data: escapeNonAscii(parseString(exported)) };
	const [kind = "", rest = ""] = exported.split(/:(.*)/s);
	if (kind === "dword")
		return { type: "REG_DWORD", data: `${Number.parseInt(rest, 16)}` };
	if (kind === "hex(b)" && /^(?:[0-9a-f]{2},){7}[0-9a-f]{2}$/i.test(rest)) {
		const digits = rest.split(",").reverse().join("");
		return { type: "REG_QWORD", data: `${BigInt(`0x${digits}`)}` };
	}
	return {
		type: HEX_TYPES[kind] ?? escapeNonAscii(kind),
		data: escapeNonAscii(rest),
	};
}

/** A value as people write it: `REG_DWORD 10`, or `absent`. */
export const formatRegistryValue = (value: RegistryValue | null): string =>
	value ? `${value.type} ${value.data}` : "absent";

/** The text of a string in a .reg file; empty where there is none. */
export const parseString = (exported: string | undefined): string =>
	unescapeString(/^"(.*)"$/s.exec(exported ?? "")?.[1] ?? "");

/** Undoes the backslashes of a .reg file. */
export const unescapeString = (text: string): string =>
	text.replaceAll(/\\(.)/g, "$1");

/** What a host holds must not steer a terminal, and nobody knows in which code page it is: other bytes become `\x..`. */
export const escapeNonAscii = (text: string): string =>
	text.replaceAll(
		/[^ -~]/g,
		(byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
	);
