/** A registry value. */
export interface RegistryValue {
	/** `REG_DWORD`, `REG_SZ`, ... */
	type: string;
	/** Numbers in decimal, strings without quotes, bytes in hexadecimal with commas. */
	data: string;
}

/** The types that a .reg file writes as bytes, by their names there. */
const HEX_TYPES: Record<string, string> = {
	hex: "REG_BINARY",
	"hex(0)": "REG_NONE",
	"hex(2)": "REG_EXPAND_SZ",
	"hex(7)": "REG_MULTI_SZ",
	"hex(b)": "REG_QWORD",
};

/**
 * Parses the data of a value in a .reg file, without line breaks. A type that is not known keeps its name from the
 * file.
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

/** Formats a value for messages: `REG_DWORD 10`, or `absent`. */
export const formatRegistryValue = (value: RegistryValue | null): string =>
	value ? `${value.type} ${value.data}` : "absent";

/** Parses a string in a .reg file; empty if the data is not a string. */
export const parseString = (exported: string | undefined): string =>
	unescapeString(/^"(.*)"$/s.exec(exported ?? "")?.[1] ?? "");

/** Removes the escaping backslashes of a .reg file. */
export const unescapeString = (text: string): string =>
	text.replaceAll(/\\(.)/g, "$1");

/**
 * Replaces all bytes outside printable ASCII by `\x..`. Their code page is unknown, and they must not control a
 * terminal.
 */
export const escapeNonAscii = (text: string): string =>
	text.replaceAll(
		/[^ -~]/g,
		(byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
	);
