/** The number of fields of each key type. A truncated key could otherwise still have consistent lengths. */
const FIELDS = [
	[/^ssh-ed25519$/, 2],
	[/^ecdsa-sha2-nistp\d+$/, 3],
	[/^ssh-rsa$/, 3],
	[/^ssh-dss$/, 5],
] as const;

/** Whether a text is exactly one complete public key, `ssh-ed25519 AAAA...`, with or without a comment. */
export function isPublicKey(text: string): boolean {
	if (/\p{Cc}/u.test(text.trim())) return false;
	const [type, body] = text.trim().split(" ").filter(Boolean);
	const blob = decodeBase64(body ?? "");
	if (!blob) return false;
	const { fields, end } = parseWireFields(blob);
	const [, count] = FIELDS.find(([name]) => name.test(type ?? "")) ?? [];
	return (
		end === blob.length && fields.length === count && String(fields[0]) === type
	);
}

/** Decodes base64, ignoring white space; undefined if the text is not base64. */
export function decodeBase64(text: string): Buffer | undefined {
	const base64 = text.replace(/\s/g, "");
	return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0
		? Buffer.from(base64, "base64")
		: undefined;
}

/**
 * Splits SSH's wire format into fields, each after its length. `end` is the end of the last complete field: in a
 * truncated or mistyped key it differs from the end of the data.
 */
export function parseWireFields(
	blob: Buffer,
	begin = 0,
	most = Number.POSITIVE_INFINITY,
) {
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
