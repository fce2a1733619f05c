import { generateKeyPairSync } from "node:crypto";

/*
 * Keys for the tests of the configuration: public ones that add up, and private ones that look right from outside and
 * open nothing. The visible contents of the latter are WORD, so that a message can be searched for any piece of them.
 */

/** What every secret of these tests holds. It reads as base64 as well. */
export const WORD = "hunter2x";

export const HOST_KEY =
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG6vTHxQCZgApwbxZDkGDGPgXiylcTNzf90wh1W929WE";
export const ECDSA_KEY =
	"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFoHWxhVBv1b7sXPH1s9Kz5cpBnPPbMRhAMxmM1iBqDaXK3bWo1vjzHMKD3KmN2kHVVQn2vUAfOZD5C0VZd3QoU=";

export const pem = (kind: string, body: string, head = "") =>
	`-----BEGIN ${kind}-----\n${head}${body.replace(/.{70}/g, "$&\n")}\n-----END ${kind}-----\n`;

const field = (data: string | Buffer) => {
	const bytes = Buffer.from(data);
	const length = Buffer.alloc(4);
	length.writeUInt32BE(bytes.length);
	return Buffer.concat([length, bytes]);
};

/** A private key file as ssh-keygen writes it. */
export function openSshKey({ cipher = "none", cut = 0 } = {}): string {
	const head = Buffer.concat([
		Buffer.from("openssh-key-v1\0"),
		...[cipher, cipher === "none" ? "none" : "bcrypt", ""].map(field),
		Buffer.from([0, 0, 0, 1]),
	]);
	// So that the words of the private part begin where a base64 group of four does.
	const open = field(Buffer.alloc(3 + ((3 - ((head.length + 8) % 3)) % 3)));
	const body = Buffer.from(WORD.repeat(40), "base64");
	const blob = Buffer.concat([head, open, field(body)]);
	const text = blob.subarray(0, blob.length - cut).toString("base64");
	return pem("OPENSSH PRIVATE KEY", text);
}

/** As openssl writes it under a pass phrase, in the older way. */
export const oldEncryptedKey = pem(
	"RSA PRIVATE KEY",
	WORD.repeat(40),
	"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011223344556677\n\n",
);

/** As openssl writes it under a pass phrase today, which no SSH library of the plugin reads. */
export const pkcs8EncryptedKey = pem("ENCRYPTED PRIVATE KEY", WORD.repeat(40));

/** A real key that nobody has, in the formats of openssl. */
export const realKey = (type: "pkcs8" | "pkcs1"): string =>
	generateKeyPairSync("rsa", { modulusLength: 1024 })
		.privateKey.export({ type, format: "pem" })
		.toString();
