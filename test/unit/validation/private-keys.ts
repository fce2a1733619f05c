import { execFileSync } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/*
 * Private keys in all common formats, generated when the tests run, with the expected message of the configuration and
 * of the command plugin. `publicKeys` lists the keys that may log in. The table shows that a key that the configuration
 * accepts works both with the plugin and with ssh2, which a check uses.
 */

/** One file with a private key. */
export interface KeyRow {
	what: string;
	text: string;
	passPhrase?: string;
	/** The message of the configuration. Undefined if it accepts the key. */
	says?: string;
	/** The message of the plugin for the unchanged text. Undefined if it logs in. */
	plugin?: string;
}

export const PASS_PHRASE = "hunter2-of-key";
const WRONG = "hunter2-of-another";

const MISSING = "ssh: this private key is passphrase protected";
const INCORRECT = "x509: decryption password incorrect";
const NONE = "ssh: no key found";
const NOT_ENCRYPTED = "ssh: not an encrypted key";

const NEEDS = "is encrypted and needs its pass phrase, privateKeyPassword";
const WRONG_PHRASE = "cannot be decrypted with its pass phrase";
const SUPERFLUOUS = "has no pass phrase, but privateKeyPassword is given";

const rsa = (modulusLength = 2048) =>
	generateKeyPairSync("rsa", { modulusLength }).privateKey;
const ec = (namedCurve: string, paramEncoding?: "explicit") =>
	generateKeyPairSync("ec", {
		namedCurve,
		...(paramEncoding && { paramEncoding }),
	}).privateKey;
const dsa = () =>
	generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 })
		.privateKey;
const pkcs8 = (key: KeyObject) =>
	key.export({ type: "pkcs8", format: "pem" }).toString();
/** Exports a key in the older format of its type: PKCS#1 or SEC 1. */
const older = (key: KeyObject, cipher?: string) =>
	key
		.export({
			type: key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1",
			format: "pem",
			...(cipher && { cipher, passphrase: PASS_PHRASE }),
		})
		.toString();

const openssl = (args: string[], input = "") =>
	execFileSync("openssl", args, { input, encoding: "utf8", stdio: "pipe" });

/** A temporary folder for the files of ssh-keygen. */
class Workshop {
	readonly #dir = mkdtempSync(join(tmpdir(), "dirsync-keys-"));
	#files = 0;

	remove() {
		rmSync(this.#dir, { recursive: true });
	}

	#file(text: string) {
		const file = join(this.#dir, `key${++this.#files}`);
		writeFileSync(file, text, { mode: 0o600 });
		return file;
	}

	/** Rewrites a key with ssh-keygen. One round of the key derivation function is enough for a test. */
	rewritten(text: string, ...options: string[]) {
		const file = this.#file(text);
		const old = ["-p", "-q", "-a", "1", "-P", "", "-f", file];
		execFileSync("ssh-keygen", [...old, ...options], { stdio: "pipe" });
		return readFileSync(file, "utf8");
	}

	openSsh(text: string, passPhrase = "", cipher = "aes256-ctr") {
		return this.rewritten(text, "-N", passPhrase, "-Z", cipher);
	}

	/** Generates a key with ssh-keygen, which cannot convert an Ed25519 key from an older format. */
	ed25519() {
		const file = this.#file("");
		rmSync(file);
		execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
		return readFileSync(file, "utf8");
	}

	publicKey(text: string) {
		const file = this.#file(text);
		return execFileSync("ssh-keygen", ["-y", "-P", "", "-f", file], {
			encoding: "utf8",
		}).trim();
	}
}

function ed25519Line(key: KeyObject) {
	const { x = "" } = key.export({ format: "jwk" });
	const head = Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0\x20");
	const blob = Buffer.concat([head, Buffer.from(x, "base64url")]);
	return `ssh-ed25519 ${blob.toString("base64")}`;
}

/** Rows of an encrypted key: with its pass phrase, with a wrong one, and without one. */
const encrypted = (what: string, text: string): KeyRow[] => [
	{ what, text, passPhrase: PASS_PHRASE },
	{
		what: `${what}, wrong pass phrase`,
		text,
		passPhrase: WRONG,
		says: WRONG_PHRASE,
		plugin: INCORRECT,
	},
	{ what: `${what}, no pass phrase`, text, says: NEEDS, plugin: MISSING },
];

const plain = (what: string, text: string): KeyRow[] => [
	{ what, text },
	{
		what: `${what}, superfluous pass phrase`,
		text,
		passPhrase: PASS_PHRASE,
		says: SUPERFLUOUS,
		plugin: text.includes("OPENSSH")
			? "ssh: key is not password protected"
			: NOT_ENCRYPTED,
	},
];

const forms = (shop: Workshop, what: string, key: string): KeyRow[] => [
	...plain(`${what}, OpenSSH`, shop.openSsh(key)),
	...encrypted(`${what}, OpenSSH, encrypted`, shop.openSsh(key, PASS_PHRASE)),
];

/** Rows of DSA keys in OpenSSH's format, which the plugin does not read. */
const dsaInOpenSsh = (shop: Workshop, key: string): KeyRow[] =>
	forms(shop, "DSA", key).map((row) => ({
		...row,
		says: "is a DSA key in OpenSSH's format",
		plugin: row.plugin ?? "ssh: unhandled key type",
	}));

function pems(what: string, key: KeyObject): KeyRow[] {
	const form = key.asymmetricKeyType === "rsa" ? "PKCS#1" : "SEC 1";
	const ciphers = ["aes-128-cbc"].concat(
		form === "SEC 1" ? [] : ["des-ede3-cbc", "aes-192-cbc", "aes-256-cbc"],
	);
	return [
		...plain(`${what}, ${form}`, older(key)),
		...plain(`${what}, PKCS#8`, pkcs8(key)),
		...ciphers.flatMap((cipher) =>
			encrypted(`${what}, ${form}, ${cipher}`, older(key, cipher)),
		),
	];
}

function pkcs8Encrypted(key: KeyObject): KeyRow[] {
	const [cipher, passphrase] = ["aes-256-cbc", PASS_PHRASE];
	const options = { type: "pkcs8", format: "pem", cipher, passphrase } as const;
	const text = key.export(options).toString();
	const says = "is encrypted in the way of PKCS#8";
	const what = "PKCS#8, encrypted";
	return [
		{ what, text, passPhrase: PASS_PHRASE, says, plugin: NOT_ENCRYPTED },
		{
			what: `${what}, no pass phrase`,
			text,
			says,
			plugin: 'ssh: unsupported key type "ENCRYPTED PRIVATE KEY"',
		},
	];
}

function openSshCiphers(shop: Workshop, key: string): KeyRow[] {
	const row = (cipher: string): KeyRow => ({
		what: `OpenSSH, ${cipher}`,
		text: shop.openSsh(key, PASS_PHRASE, cipher),
		passPhrase: PASS_PHRASE,
	});
	const refused = ["3des-cbc", "aes128-cbc", "aes192-cbc", "aes128-ctr"].concat(
		["aes192-ctr", "aes128-gcm@openssh.com", "aes256-gcm@openssh.com"],
		"chacha20-poly1305@openssh.com",
	);
	return [
		row("aes256-ctr"),
		row("aes256-cbc"),
		...refused.map((cipher) => ({
			...row(cipher),
			says: `is in OpenSSH's format with cipher ${cipher}, which the command plugin cannot read: ssh-keygen -p -Z aes256-ctr -f FILE`,
			plugin: `ssh: unknown cipher "${cipher}", only supports "aes256-ctr" or "aes256-cbc"`,
		})),
	];
}

/** Older ciphers that plugin and ssh2 do not both read. */
function olderCiphers(key: KeyObject): KeyRow[] {
	const des = ["-provider", "legacy", "-provider", "default", "-des-cbc"];
	const args = ["rsa", ...des, "-traditional", "-passout"];
	const row = (cipher: string, text: string, plugin?: string): KeyRow => ({
		what: `PKCS#1, ${cipher}`,
		text,
		passPhrase: PASS_PHRASE,
		says: `is encrypted with ${cipher.toUpperCase()}, which cannot be read here: openssl rsa`,
		plugin,
	});
	const unknown =
		"ssh: cannot decode encrypted private keys: x509: unknown encryption mode";
	return [
		row("des-cbc", openssl([...args, `pass:${PASS_PHRASE}`], older(key))),
		row("aes-128-ctr", older(key, "aes-128-ctr"), unknown),
		row("camellia-128-cbc", older(key, "camellia-128-cbc"), unknown),
	];
}

/** Keys that are not for SSH, or that plugin and ssh2 cannot both use. */
function strangers(): KeyRow[] {
	const of = (type: string) => `is a key of the type ${type}`;
	const wrapped = (oid: string) =>
		`x509: PKCS#8 wrapping contained private key with unknown algorithm: ${oid}`;
	const curve = (text: string) =>
		`x509: failed to parse EC private key embedded in PKCS#8: ${text}`;
	const CURVE = "x509: unknown elliptic curve";
	const P224 = "ssh: only P-256, P-384 and P-521 EC keys are supported";
	const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 });
	const rows: [string, string, string, string | undefined][] = [
		[
			"RSA-PSS",
			pkcs8(pss.privateKey),
			of("rsa-pss"),
			wrapped("1.2.840.113549.1.1.10"),
		],
		[
			"Ed448",
			pkcs8(generateKeyPairSync("ed448").privateKey),
			of("ed448"),
			wrapped("1.3.101.113"),
		],
		[
			"X25519",
			pkcs8(generateKeyPairSync("x25519").privateKey),
			of("x25519"),
			"ssh: unsupported key type *ecdh.PrivateKey",
		],
		["P-224, SEC 1", older(ec("P-224")), of("secp224r1"), P224],
		["secp256k1, SEC 1", older(ec("secp256k1")), of("secp256k1"), CURVE],
		[
			"secp256k1, PKCS#8",
			pkcs8(ec("secp256k1")),
			of("secp256k1"),
			curve(CURVE),
		],
		[
			"P-256 with its parameters written out",
			older(ec("P-256", "explicit")),
			"has the parameters of its curve written out",
			CURVE,
		],
		[
			"DSA, PKCS#8",
			pkcs8(dsa()),
			"is a DSA key in PKCS#8",
			wrapped("1.2.840.10040.4.1"),
		],
		[
			"PKCS#8 called PKCS#1",
			pkcs8(rsa()).replaceAll(" PRIVATE", " RSA PRIVATE"),
			"must be a whole private key",
			"x509: failed to parse private key (use ParsePKCS8PrivateKey instead for this key format)",
		],
	];
	return rows.map(([what, text, says, plugin]) => ({
		what,
		text,
		says,
		plugin,
	}));
}

/** A key that is too short: the plugin does not sign with it, and no server accepts a signature. */
const weak = (): KeyRow => ({
	what: "RSA of 768 bits, PKCS#1",
	text: older(rsa(768)),
	says: "is an RSA key of 768 bits",
	plugin: "unable to authenticate",
});

/** Variants of a valid file that an editor, a pipe or a clipboard can cause. */
function shapes(what: string, key: string, passPhrase?: string): KeyRow[] {
	const row = (how: string, text: string, says?: string, plugin?: string) => ({
		what: `${what}, ${how}`,
		text,
		passPhrase,
		says,
		plugin,
	});
	const lines = (end: string) => key.replaceAll("\n", end);
	const certificate =
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
	const parameters =
		"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
	const bag =
		"Bag Attributes\n    friendlyName: me\n    localKeyID: 54 69\nKey Attributes: <No Attributes>\n";
	const inFront = (name: string) =>
		`has a block ${name} before the key: take it out`;
	const first = (name: string) =>
		passPhrase === undefined
			? `ssh: unsupported key type "${name}"`
			: NOT_ENCRYPTED;
	return [
		row("CRLF", lines("\r\n")),
		row("CRLF, its last LF cut off", lines("\r\n").slice(0, -1)),
		row("its last LF cut off", key.slice(0, -1)),
		row("CR", lines("\r")),
		row("blanks at the ends of lines", lines("  \n")),
		row("tabs at the ends of lines, CRLF", lines("\t\r\n")),
		row("blanks behind its last line", `${key.slice(0, -1)}  `),
		row("empty lines around it", `\n\n${key}\n\n`),
		row("empty lines within it", lines("\n\n")),
		row("behind Bag Attributes", bag + key),
		row("a public key behind it", `${key}ssh-ed25519 AAAA a comment\n`),
		row("a certificate behind it", key + certificate),
		row(
			"a certificate in front",
			certificate + key,
			inFront("CERTIFICATE"),
			first("CERTIFICATE"),
		),
		row(
			"EC PARAMETERS in front",
			parameters + key,
			inFront("EC PARAMETERS"),
			first("EC PARAMETERS"),
		),
		row(
			"a byte order mark",
			`\ufeff${key}`,
			"begins with a byte order mark (BOM)",
			NONE,
		),
		row("indented", key.replace(/^/gm, "    "), "is indented", NONE),
		row(
			"its line breaks written out",
			lines("\\n"),
			"has its line breaks written out as \\n",
			NONE,
		),
		row(
			"in base64",
			Buffer.from(key).toString("base64"),
			"is a key file in base64",
			NONE,
		),
		row(
			"in base64, in lines",
			openssl(["base64"], key),
			"is a key file in base64",
			NONE,
		),
		row(
			"without its line breaks",
			lines(" "),
			"has lost its line breaks",
			NONE,
		),
		row(
			"in quotes",
			`"${key.trim()}"`,
			"must be the contents of a private key file",
			NONE,
		),
	];
}

/** Whether the SSH programs of this machine support DSA. OpenSSH 10 does not. */
const hasDsa = () =>
	execFileSync("ssh", ["-Q", "key"], { encoding: "utf8" }).includes("ssh-dss");

/** Rows of DSA keys, if this machine supports them. */
function dsaRows(shop: Workshop): { rows: KeyRow[]; publicKeys: string[] } {
	if (!hasDsa()) return { rows: [], publicKeys: [] };
	const key = shop.rewritten(pkcs8(dsa()), "-m", "PEM", "-N", "");
	const locked = shop.rewritten(key, "-m", "PEM", "-N", PASS_PHRASE);
	return {
		rows: [
			...plain("DSA, its own form", key),
			...encrypted("DSA, its own form, encrypted", locked),
			...dsaInOpenSsh(shop, key),
		],
		publicKeys: [shop.publicKey(key)],
	};
}

/** The table, and the public keys that may log in. */
export function privateKeys(): { rows: KeyRow[]; publicKeys: string[] } {
	const shop = new Workshop();
	try {
		const keys = {
			RSA: rsa(),
			"ECDSA 256": ec("P-256"),
			"ECDSA 384": ec("P-384"),
			"ECDSA 521": ec("P-521"),
		};
		const byDsa = dsaRows(shop);
		const ed25519 = shop.ed25519();
		const inPkcs8 = generateKeyPairSync("ed25519").privateKey;
		const encryptedRsa = older(keys.RSA, "aes-256-cbc");
		return {
			rows: [
				...Object.entries(keys).flatMap(([what, key]) => [
					...forms(shop, what, older(key)),
					...pems(what, key),
				]),
				...forms(shop, "Ed25519", ed25519),
				...plain("Ed25519, PKCS#8", pkcs8(inPkcs8)),
				...byDsa.rows,
				...pkcs8Encrypted(keys.RSA),
				...openSshCiphers(shop, ed25519),
				...olderCiphers(keys.RSA),
				...strangers(),
				weak(),
				...shapes("Ed25519", ed25519),
				...shapes("RSA in PKCS#1, encrypted", encryptedRsa, PASS_PHRASE),
				...shapes("ECDSA in PKCS#8", pkcs8(keys["ECDSA 256"])),
			],
			publicKeys: [
				...Object.values(keys).map((key) => shop.publicKey(older(key))),
				shop.publicKey(ed25519),
				ed25519Line(inPkcs8),
				...byDsa.publicKeys,
			],
		};
	} finally {
		shop.remove();
	}
}
