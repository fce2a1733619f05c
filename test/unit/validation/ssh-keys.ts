import { createPrivateKey, generateKeyPairSync } from "node:crypto";

/*
 * Keys for the tests of the configuration: valid public keys, and private keys that are used nowhere else. The visible
 * contents of the private keys are WORD, so that a test can search a message for any part of them. private-keys.ts has
 * keys in all formats.
 */

/** The word that every secret of these tests contains. It is also valid base64. */
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

/** A key pair with a fixed seed. */
function ed25519(): { known: Buffer; secret: Buffer } {
	const seed = Buffer.alloc(32, 7);
	const head = Buffer.from("302e020100300506032b657004220420", "hex");
	const key = createPrivateKey({
		key: Buffer.concat([head, seed]),
		format: "der",
		type: "pkcs8",
	});
	const { x = "" } = key.export({ format: "jwk" });
	const known = Buffer.from(x, "base64url");
	return { known, secret: Buffer.concat([seed, known]) };
}

/**
 * A private key file as ssh-keygen writes it, with a real key. With a cipher it only claims to be encrypted: no pass
 * phrase decrypts it.
 */
export function openSshKey({ cipher = "none", cut = 0 } = {}): string {
	const { known, secret } = ed25519();
	const type = field("ssh-ed25519");
	const kdf = cipher === "none" ? [] : [field("salt"), Buffer.of(0, 0, 0, 1)];
	const head = Buffer.concat([
		Buffer.from("openssh-key-v1\0"),
		...[cipher, cipher === "none" ? "none" : "bcrypt"].map(field),
		field(Buffer.concat(kdf)),
		Buffer.of(0, 0, 0, 1),
		field(Buffer.concat([type, field(known)])),
	]);
	const key = [Buffer.alloc(8), type, field(known), field(secret)];
	const before = Buffer.concat([head, Buffer.alloc(4), ...key, field("")]);
	// Aligns the words of the comment with the base64 groups of four characters.
	const blanks = Buffer.alloc((3 - (before.length % 3)) % 3, " ");
	const words = Buffer.from(WORD.repeat(40), "base64");
	const open = Buffer.concat([...key, field(Buffer.concat([blanks, words]))]);
	const filler = Buffer.of(1, 2, 3, 4, 5, 6, 7).subarray(0, -open.length & 7);
	const blob = Buffer.concat([head, field(Buffer.concat([open, filler]))]);
	const text = blob.subarray(0, blob.length - cut).toString("base64");
	return pem("OPENSSH PRIVATE KEY", text);
}

/** An encrypted key that its pass phrase decrypts. */
export const lockedKey = (passphrase: string): string =>
	generateKeyPairSync("ec", { namedCurve: "P-256" })
		.privateKey.export({
			...({ type: "sec1", format: "pem", cipher: "aes-256-cbc" } as const),
			passphrase,
		})
		.toString();

/** An encrypted key in the older format of openssl. */
export const oldEncryptedKey = pem(
	"RSA PRIVATE KEY",
	WORD.repeat(40),
	"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011223344556677\n\n",
);

/** An encrypted key in the present format of openssl, which the plugin's SSH library does not read. */
export const pkcs8EncryptedKey = pem("ENCRYPTED PRIVATE KEY", WORD.repeat(40));

/** A real key that is used nowhere else, in a format of openssl. */
export const realKey = (type: "pkcs8" | "pkcs1"): string =>
	generateKeyPairSync("rsa", { modulusLength: 1024 })
		.privateKey.export({ type, format: "pem" })
		.toString();
