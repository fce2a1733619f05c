/** How many fields a host key has: a shorter one may still add up. */
const FIELDS = [
	[/^ssh-ed25519$/, 2],
	[/^ecdsa-sha2-nistp\d+$/, 3],
	[/^ssh-rsa$/, 3],
	[/^ssh-dss$/, 5],
] as const;

/** Whether a text is one whole public key, `ssh-ed25519 AAAA...`, with or without a comment. */
export function isPublicKey(text: string): boolean {
	if (/\p{Cc}/u.test(text.trim())) return false;
	const [type, body] = text.trim().split(" ").filter(Boolean);
	const blob = decoded(body ?? "");
	if (!blob) return false;
	const { fields, end } = fieldsOf(blob);
	const [, count] = FIELDS.find(([name]) => name.test(type ?? "")) ?? [];
	return (
		end === blob.length && fields.length === count && String(fields[0]) === type
	);
}

const PEM =
	/^(?:\s*\n)?-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[ \t]*\r?\n([\s\S]+?)\r?\n-----END \1PRIVATE KEY-----\s*$/;
const MAGIC = "openssh-key-v1\0";

/** What is wrong with the contents of a private key file; undefined where nothing is to be seen from outside. */
export function privateKeyFault(
	text: string,
	hasPassPhrase: boolean,
): string | undefined {
	const [, kind, content] = PEM.exec(text) ?? [];
	if (kind === undefined || content === undefined)
		return "must be the contents of a private key file, from -----BEGIN to -----END, with its line breaks";
	// The SSH library of the command plugin reads no such key, with a pass phrase or without.
	if (kind === "ENCRYPTED ")
		return "is encrypted in the way of PKCS#8, which cannot be read here: ssh-keygen -p -f <file> writes it anew";
	// The head of an encrypted key of the older kind, with an empty line behind it.
	const [, head, body = content] =
		/^((?:[\w-]+: .*\r?\n)+)\r?\n([\s\S]*)$/.exec(content) ?? [];
	const blob = decoded(body);
	const encrypted =
		blob && (kind === "OPENSSH " ? isEncrypted(blob) : readsAs(blob, head));
	if (encrypted === undefined)
		return "must be a whole private key: what stands between BEGIN and END has been cut or mistyped";
	if (encrypted && !hasPassPhrase)
		return "is encrypted and needs its pass phrase, privateKeyPassword, beside it";
	return undefined;
}

function decoded(text: string): Buffer | undefined {
	const base64 = text.replace(/\s/g, "");
	return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0
		? Buffer.from(base64, "base64")
		: undefined;
}

/** The fields, each behind its length, and where the last whole one ends: a cut or mistyped key does not add up. */
function fieldsOf(blob: Buffer, begin = 0, most = Number.POSITIVE_INFINITY) {
	const fields: Buffer[] = [];
	let end = begin;
	while (end + 4 <= blob.length && fields.length < most) {
		const next = end + 4 + blob.readUInt32BE(end);
		if (next > blob.length) break;
		fields.push(blob.subarray(end + 4, next));
		end = next;
	}
	return { fields, end };
}

/** Of OpenSSH's own format: cipher, kdf, its options, the number of keys, the public and the private part. */
function isEncrypted(blob: Buffer): boolean | undefined {
	if (blob.subarray(0, MAGIC.length).toString("latin1") !== MAGIC)
		return undefined;
	const { fields, end } = fieldsOf(blob, MAGIC.length, 3);
	const parts = fieldsOf(blob, end + 4, 2).fields;
	return fields.length === 3 && parts.length === 2
		? String(fields[0]) !== "none"
		: undefined;
}

/** Of the older formats: a sequence that tells its length, unless it is encrypted, which its head tells. */
function readsAs(blob: Buffer, head = ""): boolean | undefined {
	if (head.includes("ENCRYPTED")) return true;
	const [tag, first = 0] = blob;
	const bytes = first < 0x80 ? 0 : first - 0x80;
	if (tag !== 0x30 || bytes > 4 || blob.length < 2 + bytes) return undefined;
	const length = bytes ? blob.readUIntBE(2, bytes) : first;
	return blob.length === 2 + bytes + length ? false : undefined;
}
