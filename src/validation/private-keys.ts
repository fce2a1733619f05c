import { createPrivateKey, type KeyObject } from "node:crypto";
import { decodeBase64, isPublicKey, parseWireFields } from "./ssh-keys";

/*
 * Validation of private key files. Two libraries read them: the command plugin's, golang.org/x/crypto/ssh, for updates,
 * and ssh2, for inspections. A key is accepted if both can use it. Both get the same text.
 */

const BLOCK = /^-----BEGIN ([A-Z0-9 ]+)-----\n([\s\S]*?)\n-----END \1-----$/m;

/** The header lines of an encrypted key of an older form, then its base64. */
const CONTENT = /^\n*((?:[\w-]+: .*\n+)*)([\s\S]*)$/;

/** The first block of a file, if it is a private key. */
function privateBlock(lines: string) {
	const [block, label = "", content = ""] = BLOCK.exec(lines) ?? [];
	if (block === undefined || !label.endsWith("PRIVATE KEY")) return undefined;
	const [, head = "", body = ""] = CONTENT.exec(content) ?? [];
	return { block, label, head, body };
}

/** Converts line breaks to line feeds and removes spaces at the ends of lines. */
const splitLines = (file: string): string =>
	file.replace(/\r\n?/g, "\n").replace(/[ \t]+$/gm, "");

/**
 * Normalizes the text of a private key for all libraries: the key alone, without the text around it in its file. If the
 * file contains no key, returns all of its lines.
 */
export function normalizeKeyText(file: string): string {
	const lines = splitLines(file);
	const found = privateBlock(lines);
	if (!found) return lines;
	const { block, label, head, body } = found;
	const after = lines.endsWith(block) ? "" : "\n";
	const packed = (part: string) => part.replace(/\n+/g, "\n");
	return `-----BEGIN ${label}-----\n${packed(head)}${head && "\n"}${packed(body).replace(/\n$/, "")}\n-----END ${label}-----${after}`;
}

const CUT =
	"must be a whole private key: the text between BEGIN and END has been cut or mistyped";

/**
 * Returns what is wrong with a private key file; undefined if both libraries can use the key. It never contains a part
 * of the key.
 *
 * @param passPhrase the pass phrase, if there is one; any value other than a string is one that is not known yet
 */
export function privateKeyError(
	file: string,
	passPhrase?: unknown,
): string | undefined {
	const text = normalizeKeyText(file);
	const { label, head = "", body = "" } = privateBlock(text) ?? {};
	switch (label) {
		case undefined:
			return noKey(file);
		// Neither library reads this form, with or without a pass phrase.
		case "ENCRYPTED PRIVATE KEY":
			return "is encrypted in the way of PKCS#8, which cannot be read here: ssh-keygen -p -f FILE rewrites it";
		case "OPENSSH PRIVATE KEY":
			return openSshFault(text, decodeBase64(body), passPhrase);
		case "RSA PRIVATE KEY":
		case "EC PRIVATE KEY":
		case "DSA PRIVATE KEY":
		case "PRIVATE KEY":
			return pemFault(text, label, head, decodeBase64(body), passPhrase);
		default:
			return "is in a form that cannot be read here: ssh-keygen -p -f FILE rewrites it in OpenSSH's";
	}
}

/** The block names that messages may show. Any other name may be a secret. */
const OTHER_BLOCKS = [
	...["EC PARAMETERS", "DSA PARAMETERS", "CERTIFICATE"],
	...["PUBLIC KEY", "RSA PUBLIC KEY"],
];

/** Describes a file that contains no private key. */
function noKey(file: string): string {
	const lines = splitLines(file);
	if (lines.startsWith("\ufeff"))
		return "begins with a byte order mark (BOM): save the file as UTF-8 without one";
	const [block, label = ""] = BLOCK.exec(lines) ?? [];
	if (block !== undefined) {
		const name = OTHER_BLOCKS.includes(label) ? label : "of another kind";
		return /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----$/m.test(lines)
			? `has a block ${name} before the key: take it out`
			: `is a block ${name} and no private key`;
	}
	if (isPublicKey(file))
		return "is a public key: the private one is in the file without .pub";
	if (lines.startsWith("PuTTY-User-Key-File"))
		return "is a key of PuTTY's: puttygen FILE -O private-openssh -o NEW writes one that can be read";
	if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\\n/.test(lines))
		return "has its line breaks written out as \\n, two characters: set it from its file, pulumi config set --secret --path ... < FILE";
	if (/^[ \t]+-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----$/m.test(lines))
		return "is indented: its lines must begin without spaces, as they do in its file";
	if (decodeBase64(file)?.includes("PRIVATE KEY-----"))
		return "is a key file in base64: set it as it was before, decoded";
	if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[ \t]*\S.*-----END /.test(lines))
		return "has lost its line breaks: set it from its file, pulumi config set --secret --path ... < FILE";
	return "must be the contents of a private key file, from -----BEGIN to -----END, with its line breaks";
}

/** Checks that there is a pass phrase if and only if the key is encrypted. It decrypts nothing. */
function passPhraseFault(
	encrypted: boolean,
	passPhrase: unknown,
): string | undefined {
	if (encrypted === (passPhrase !== undefined)) return undefined;
	return encrypted
		? "is encrypted and needs its pass phrase, privateKeyPassword, next to it"
		: "has no pass phrase, but privateKeyPassword is given: take it out";
}

const WRONG_PHRASE =
	"cannot be decrypted with its pass phrase, privateKeyPassword";

const MAGIC = "openssh-key-v1\0";

/** The ciphers of OpenSSH's form that the plugin reads. */
const OPENSSH_CIPHERS = ["none", "aes256-ctr", "aes256-cbc"];

const OPENSSH_TYPES = [
	...["ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256"],
	...["ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
];

/** Validates a key in OpenSSH's form: cipher, kdf, kdf options, number of keys, public part, private part. */
function openSshFault(
	text: string,
	blob: Buffer | undefined,
	passPhrase: unknown,
): string | undefined {
	if (blob?.subarray(0, MAGIC.length).toString("latin1") !== MAGIC) return CUT;
	const { fields, end } = parseWireFields(blob, MAGIC.length, 3);
	const parts = parseWireFields(blob, end + 4, 2);
	const [known, secret] = parts.fields;
	if (fields.length < 3 || !known || !secret) return CUT;
	const cipher = String(fields[0]);
	const [type, ...numbers] = parseWireFields(known).fields;
	if (String(type) === "ssh-dss")
		return "is a DSA key in OpenSSH's format, which the command plugin cannot read: ssh-keygen -p -m PEM -f FILE rewrites it";
	if (!OPENSSH_TYPES.includes(String(type)))
		return `is a key of the type ${plain(type)}, which cannot be used here: take an ed25519, ecdsa or rsa key`;
	if (!OPENSSH_CIPHERS.includes(cipher))
		return `is in OpenSSH's format with cipher ${plain(cipher)}, which the command plugin cannot read: ssh-keygen -p -Z aes256-ctr -f FILE rewrites it`;
	if (String(type) === "ssh-rsa" && bitLength(numbers[1]) < LEAST_BITS)
		return tooShort(bitLength(numbers[1]));
	if (parts.end !== blob.length) return CUT;
	const encrypted = cipher !== "none";
	const fault = passPhraseFault(encrypted, passPhrase);
	if (fault) return fault;
	if (!encrypted) return opensTo(secret, type) ? undefined : CUT;
	if (typeof passPhrase !== "string") return undefined;
	return opens(text, passPhrase) ? undefined : WRONG_PHRASE;
}

/** Whether the private part is valid: two equal check numbers, then the same key type. */
const opensTo = (secret: Buffer, type: Buffer | undefined): boolean =>
	secret.subarray(0, 4).equals(secret.subarray(4, 8)) &&
	String(parseWireFields(secret, 8, 1).fields[0]) === String(type);

/** Returns a name if a message may show it, else a placeholder. */
const plain = (text: Buffer | string | undefined): string =>
	/^[\w.@-]{1,64}$/.exec(String(text))?.[0] ?? "with a name that is not shown";

/**
 * Whether a pass phrase decrypts a key in OpenSSH's form. This takes a third of a second, so the result is cached for
 * all hosts.
 */
function opens(text: string, passPhrase: string): boolean {
	const both = `${passPhrase}\n${text}`;
	const known = opened.get(both);
	if (known !== undefined) return known;
	// Loaded on demand: most stacks have no such key, and loading it slows the start.
	const { utils } = require("ssh2") as typeof import("ssh2");
	const isOpen = !(utils.parseKey(text, passPhrase) instanceof Error);
	opened.set(both, isOpen);
	return isOpen;
}

const opened = new Map<string, boolean>();

/** The plugin does not sign with shorter RSA keys. */
const LEAST_BITS = 1024;

const tooShort = (bits: number): string =>
	`is an RSA key of ${bits} bits, too short to be used: take one of 2048 or more`;

const bitLength = (number: Buffer | undefined): number =>
	number?.length ? BigInt(`0x${number.toString("hex")}`).toString(2).length : 0;

/** The ciphers of the older forms that both libraries read. */
const PEM_CIPHERS = [
	"DES-EDE3-CBC",
	"AES-128-CBC",
	"AES-192-CBC",
	"AES-256-CBC",
];

/** The forms whose DER sequence begins with a version, and the tag of the element after it. */
const SECOND_TAG: Record<string, number> = {
	"RSA PRIVATE KEY": 0x02,
	"DSA PRIVATE KEY": 0x02,
	"EC PRIVATE KEY": 0x04,
	"PRIVATE KEY": 0x30,
};

/** Validates a key in a form that openssl writes: PKCS#1, SEC 1, or PKCS#8 without encryption. */
function pemFault(
	text: string,
	label: string,
	head: string,
	blob: Buffer | undefined,
	passPhrase: unknown,
): string | undefined {
	const encrypted = head.includes("ENCRYPTED");
	if (!blob) return CUT;
	if (encrypted) {
		const cipher = /^DEK-Info: ([A-Z0-9-]+),/m.exec(head)?.[1] ?? "";
		if (!PEM_CIPHERS.includes(cipher)) return cannotDecrypt(label, cipher);
	} else if (secondTag(blob) !== SECOND_TAG[label]) return CUT;
	const fault = passPhraseFault(encrypted, passPhrase);
	if (fault) return fault;
	if (encrypted && typeof passPhrase !== "string") return undefined;
	try {
		const passphrase = encrypted ? (passPhrase as string) : undefined;
		return typeFault(createPrivateKey({ key: text, passphrase }), label);
	} catch {
		return encrypted ? WRONG_PHRASE : CUT;
	}
}

function cannotDecrypt(label: string, cipher: string): string {
	const type = label.split(" ")[0]?.toLowerCase();
	const form = type === "rsa" ? " -traditional" : "";
	return `is encrypted with ${plain(cipher)}, which cannot be read here: openssl ${type} -provider legacy -provider default -aes256${form} -in FILE -out NEW rewrites it`;
}

/** Reads the tag after the header of the sequence and the version, an integer of one byte. */
function secondTag(blob: Buffer): number | undefined {
	const [tag, first = 0] = blob;
	const bytes = first < 0x80 ? 0 : first - 0x80;
	if (tag !== 0x30 || bytes > 4 || blob.length < 6 + bytes) return undefined;
	const length = bytes ? blob.readUIntBE(2, bytes) : first;
	return blob.length === 2 + bytes + length ? blob[5 + bytes] : undefined;
}

/** The DER encoding of each curve's object identifier. */
const CURVES: Record<string, Buffer> = {
	prime256v1: Buffer.from("06082a8648ce3d030107", "hex"),
	secp384r1: Buffer.from("06052b81040022", "hex"),
	secp521r1: Buffer.from("06052b81040023", "hex"),
};

function typeFault(key: KeyObject, label: string): string | undefined {
	const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
	const { modulusLength = 0, namedCurve = "" } = details;
	const unusable = (name: string) =>
		`is a key of the type ${plain(name)}, which cannot be used here: take an ed25519, ecdsa or rsa key`;
	switch (type) {
		case "ed25519":
			return undefined;
		case "rsa":
			return modulusLength < LEAST_BITS ? tooShort(modulusLength) : undefined;
		case "dsa":
			if (label === "PRIVATE KEY")
				return "is a DSA key in PKCS#8, which the command plugin cannot read: ssh-keygen -p -m PEM -f FILE rewrites it";
			return modulusLength === 1024
				? undefined
				: `is a DSA key of ${modulusLength} bits: only those of 1024 can be used`;
		case "ec": {
			const curve = CURVES[namedCurve];
			if (!curve) return unusable(namedCurve);
			return key.export({ type: "sec1", format: "der" }).includes(curve)
				? undefined
				: "has the parameters of its curve written out, which cannot be read here: openssl ec -param_enc named_curve -in FILE -out NEW rewrites it";
		}
		default:
			return unusable(String(type));
	}
}
