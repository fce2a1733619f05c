import { createPrivateKey, type KeyObject } from "node:crypto";
import { utils } from "ssh2";

/**
 * Converts a key to a form that ssh2 reads. ssh2 does not read PKCS#8, which the plugin does. private-keys.ts decides
 * which keys are accepted.
 */
export function readableKey(privateKey: string, passphrase?: string): string {
	if (!(utils.parseKey(privateKey, passphrase) instanceof Error))
		return privateKey;
	try {
		const key = createPrivateKey(privateKey);
		if (key.asymmetricKeyType === "ed25519") return openSsh(key);
		const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1";
		return key.export({ type, format: "pem" }).toString();
	} catch {
		// ssh2 then reports what is wrong with it.
		return privateKey;
	}
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
