import { createPrivateKey, type KeyObject } from "node:crypto";
import { type ParsedKey, utils } from "ssh2";
import { CommandError } from "./wording.ts";

/*
 * Accepts the same private keys as the real plugin's library (golang.org/x/crypto/ssh, encoding/pem), and fails with
 * its messages for the others. ssh2 parses the formats that both support.
 */

/** Parses a key. Fails with the message of the real plugin. */
export function parsePrivateKey(text: string, passphrase?: string): ParsedKey {
	const block = firstBlock(text);
	if (!block) throw new CommandError("ssh: no key found");
	const { label, head, bytes } = block;
	if (label === "OPENSSH PRIVATE KEY") {
		checkOpenSsh(bytes, passphrase !== undefined);
		return parsed(block.text, passphrase);
	}
	const encrypted = head.includes("ENCRYPTED");
	if (passphrase === undefined) {
		if (encrypted) throw MISSING();
		if (!/^((RSA|EC|DSA) )?PRIVATE KEY$/.test(label))
			throw new CommandError(`ssh: unsupported key type "${label}"`);
	} else {
		if (!encrypted) throw new CommandError("ssh: not an encrypted key");
		if (!/^DEK-Info: (DES|DES-EDE3|AES-(128|192|256))-CBC,/m.test(head))
			throw new CommandError(
				"ssh: cannot decode encrypted private keys: x509: unknown encryption mode",
			);
	}
	const readable = converted(block.text, label, passphrase);
	// A key that could not be converted is still encrypted.
	return parsed(readable, readable === block.text ? passphrase : undefined);
}

const MISSING = () =>
	new CommandError("ssh: this private key is passphrase protected");
const INCORRECT = () => new CommandError("x509: decryption password incorrect");

/** The first block that starts at the beginning of a line and contains base64. A lone carriage return ends no line. */
function firstBlock(text: string) {
	const blocks =
		/(?<=^|\n)-----BEGIN ([^\n]*?)-----[ \t]*\r?\n([\s\S]*?)\n-----END \1-----[ \t]*(?=\r?\n|$)/g;
	for (const [, label = "", content = ""] of text.matchAll(blocks)) {
		const lines = content.split("\n").map((line) => line.trimEnd());
		const end = lines.findIndex((line) => !line.includes(":"));
		const head = lines.slice(0, end).join("\n");
		const body = lines.slice(end).join("").replace(/[ \t]/g, "");
		if (!/^[A-Za-z0-9+/]*={0,2}$/.test(body) || body.length % 4) continue;
		return {
			label,
			head,
			bytes: Buffer.from(body, "base64"),
			text: `-----BEGIN ${label}-----\n${head}${head && "\n\n"}${body.replace(/.{64}/g, "$&\n").trimEnd()}\n-----END ${label}-----\n`,
		};
	}
	return undefined;
}

/** A text that follows its length. */
function textAt(bytes: Buffer, at: number) {
	const end = at + 4 + bytes.readUInt32BE(at);
	return { text: bytes.subarray(at + 4, end).toString("latin1"), end };
}

function checkOpenSsh(bytes: Buffer, hasPassphrase: boolean): void {
	const cipher = textAt(bytes, "openssh-key-v1\0".length);
	const kdf = textAt(bytes, cipher.end);
	const options = textAt(bytes, kdf.end);
	const known = textAt(bytes, options.end + 4);
	const type = textAt(Buffer.from(known.text, "latin1"), 0).text;
	if (!hasPassphrase && cipher.text !== "none") throw MISSING();
	if (hasPassphrase && cipher.text === "none")
		throw new CommandError("ssh: key is not password protected");
	if (!/^(none|aes256-(ctr|cbc))$/.test(cipher.text))
		throw new CommandError(
			`ssh: unknown cipher "${cipher.text}", only supports "aes256-ctr" or "aes256-cbc"`,
		);
	// With a pass phrase the library decrypts first, so a wrong one is reported before the type.
	if (type === "ssh-dss" && !hasPassphrase) throw UNHANDLED();
}

const UNHANDLED = () => new CommandError("ssh: unhandled key type");

function parsed(text: string, passphrase: string | undefined): ParsedKey {
	const key = utils.parseKey(text, passphrase);
	if (key instanceof Error)
		throw /passphrase/.test(key.message)
			? INCORRECT()
			: new CommandError("ssh: no key found");
	if (key.type === "ssh-dss" && text.includes("OPENSSH")) throw UNHANDLED();
	return key;
}

/** Types that the library does not know, with their object identifiers in PKCS#8. */
const UNKNOWN: Record<string, string> = {
	"rsa-pss": "1.2.840.113549.1.1.10",
	ed448: "1.3.101.113",
	dsa: "1.2.840.10040.4.1",
};

const NAMED_CURVES = [
	"06082a8648ce3d030107",
	"06052b81040022",
	"06052b81040023",
];

/** Converts a key to a format that ssh2 supports. */
function converted(text: string, label: string, passphrase?: string): string {
	const key = opened(text, passphrase);
	const type = key.asymmetricKeyType ?? "";
	const inPkcs8 = label === "PRIVATE KEY";
	if (inPkcs8 && UNKNOWN[type])
		throw new CommandError(
			`x509: PKCS#8 wrapping contained private key with unknown algorithm: ${UNKNOWN[type]}`,
		);
	if (type === "x25519")
		throw new CommandError("ssh: unsupported key type *ecdh.PrivateKey");
	if (type === "ec") checkCurve(key, inPkcs8);
	if (type === "ed25519") return openSsh(key);
	if (type === "dsa") return text;
	const pem = key.export({
		type: type === "rsa" ? "pkcs1" : "sec1",
		format: "pem",
	});
	return pem.toString();
}

function opened(text: string, passphrase: string | undefined): KeyObject {
	try {
		const key = createPrivateKey({ key: text, passphrase });
		// Node also accepts PKCS#8 content with a PKCS#1 label.
		if (passphrase === undefined && /^-----BEGIN RSA/.test(text)) {
			const whole = key.export({ type: "pkcs1", format: "der" });
			if (!whole.equals(firstBlock(text)?.bytes ?? Buffer.alloc(0)))
				throw new CommandError(
					"x509: failed to parse private key (use ParsePKCS8PrivateKey instead for this key format)",
				);
		}
		return key;
	} catch (error) {
		if (error instanceof CommandError) throw error;
		throw passphrase === undefined
			? new CommandError("asn1: structure error: tags don't match")
			: INCORRECT();
	}
}

function checkCurve(key: KeyObject, inPkcs8: boolean): void {
	if (key.asymmetricKeyDetails?.namedCurve === "secp224r1")
		throw new CommandError(
			"ssh: only P-256, P-384 and P-521 EC keys are supported",
		);
	const whole = key.export({ type: "sec1", format: "der" }).toString("hex");
	if (NAMED_CURVES.some((curve) => whole.includes(curve))) return;
	const where = inPkcs8
		? "x509: failed to parse EC private key embedded in PKCS#8: "
		: "";
	throw new CommandError(`${where}x509: unknown elliptic curve`);
}

/** Encodes an Ed25519 key in OpenSSH's format: two equal numbers first, and padding 1, 2, 3, ... last. */
function openSsh(key: KeyObject): string {
	const { x = "", d = "" } = key.export({ format: "jwk" });
	const field = (data: Buffer | string) => {
		const length = Buffer.alloc(4);
		length.writeUInt32BE(data.length);
		return Buffer.concat([length, Buffer.from(data)]);
	};
	const known = Buffer.from(x, "base64url");
	const both = Buffer.concat([Buffer.from(d, "base64url"), known]);
	const fields = [known, both, ""].map(field);
	const open = [Buffer.alloc(8), field("ssh-ed25519"), ...fields];
	const secret = Buffer.concat(open);
	const filler = Buffer.of(1, 2, 3, 4, 5, 6, 7).subarray(0, -secret.length & 7);
	const body = Buffer.concat([
		Buffer.from("openssh-key-v1\0"),
		...["none", "none", ""].map(field),
		Buffer.of(0, 0, 0, 1),
		field(Buffer.concat(["ssh-ed25519", known].map(field))),
		field(Buffer.concat([secret, filler])),
	]);
	return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
