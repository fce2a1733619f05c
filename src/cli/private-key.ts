import { createPrivateKey, type KeyObject } from "node:crypto";
import { type ParsedKey, utils } from "ssh2";

const parsed = new Map<string, ParsedKey | Error>();

/**
 * Parses a key once, because many hosts have the same one and decrypting it takes 0.2 s of processor time.
 *
 * @returns the error if the key cannot be parsed or decrypted
 */
export function parsePrivateKey(
	privateKey: string,
	passphrase?: string,
): ParsedKey | Error {
	const id = JSON.stringify([privateKey, passphrase]);
	const known = parsed.get(id);
	if (known) return known;
	const key = parse(privateKey, passphrase);
	parsed.set(id, key);
	return key;
}

/**
 * Converts a key first if ssh2 does not read its form. ssh2 does not read PKCS#8, which the plugin does. private-keys.ts
 * decides which keys are accepted.
 */
function parse(privateKey: string, passphrase?: string): ParsedKey | Error {
	const key = utils.parseKey(privateKey, passphrase);
	if (!(key instanceof Error)) return key;
	try {
		return utils.parseKey(toReadable(createPrivateKey(privateKey)));
	} catch {
		// ssh2 states what is wrong with it.
		return key;
	}
}

function toReadable(key: KeyObject): string {
	if (key.asymmetricKeyType === "ed25519") return openSsh(key);
	const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1";
	return key.export({ type, format: "pem" }).toString();
}

/** Converts an Ed25519 key to OpenSSH's form (PROTOCOL.key): there is no older form for this type. */
function openSsh(key: KeyObject): string {
	const { x = "", d = "" } = key.export({ format: "jwk" });
	const type = Buffer.from("ssh-ed25519");
	const known = Buffer.from(x, "base64url");
	const both = Buffer.concat([Buffer.from(d, "base64url"), known]);
	const none = Buffer.from("none");
	const empty = Buffer.alloc(0);
	// The private part begins with two equal check numbers and ends with padding bytes 1, 2, 3, ... up to a multiple of
	// eight.
	const secret = Buffer.concat([
		Buffer.alloc(8),
		...[type, known, both, empty].map(field),
	]);
	const filled = Buffer.concat([
		secret,
		Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, -secret.length & 7)),
	]);
	const body = Buffer.concat([
		Buffer.from("openssh-key-v1\0"),
		...[none, none, empty].map(field),
		Buffer.from([0, 0, 0, 1]),
		field(Buffer.concat([type, known].map(field))),
		field(filled),
	]);
	return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** Prepends the length of the data, as SSH's wire format requires. */
function field(data: Buffer): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(data.length);
	return Buffer.concat([length, data]);
}
