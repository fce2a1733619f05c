import { createPrivateKey, type KeyObject } from "node:crypto";
import { utils } from "ssh2";

/** In a form that ssh2 reads: of PKCS#8, which the plugin reads too, it knows nothing. Which keys come here: private-keys.ts. */
export function readableKey(privateKey: string, passphrase?: string): string {
	if (!(utils.parseKey(privateKey, passphrase) instanceof Error))
		return privateKey;
	try {
		const key = createPrivateKey(privateKey);
		if (key.asymmetricKeyType === "ed25519") return openSsh(key);
		const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1";
		return key.export({ type, format: "pem" }).toString();
	} catch {
		// ssh2 then says what is wrong with it.
		return privateKey;
	}
}

/** Ed25519 has no older form: OpenSSH's, by its PROTOCOL.key. */
function openSsh(key: KeyObject): string {
	const { x = "", d = "" } = key.export({ format: "jwk" });
	const type = Buffer.from("ssh-ed25519");
	const known = Buffer.from(x, "base64url");
	const both = Buffer.concat([Buffer.from(d, "base64url"), known]);
	const none = Buffer.from("none");
	const empty = Buffer.alloc(0);
	// Two equal numbers in front, and at the end as many bytes, 1, 2, 3, ..., as fill up a block of eight.
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

/** Behind its length. */
function field(data: Buffer): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(data.length);
	return Buffer.concat([length, data]);
}
