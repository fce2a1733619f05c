import { isIP } from "node:net";
import { z } from "zod";
import { HOST_NAME, OnDestroy, OnUncertain, RegistryTool, Role } from "./host";

/** A text; a number, which `pulumi config set` makes of digits, counts as its text where it still has all of them. */
const TEXT = z
	.union([z.string(), z.number()], "must be a text")
	.refine(
		(value) => typeof value === "string" || Number.isSafeInteger(value),
		"must be a text: put a number that is so long, or has a point, in quotes",
	)
	.transform(String);

const ADDRESS = z
	.string("must be a name or an address")
	.refine(
		(text) =>
			isIP(text) > 0 || /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(text),
		"must be a host name or an IP address; the port has a key of its own",
	);

const PORT = z
	.int("must be a whole number from 1 to 65535")
	.min(1, "must be from 1 to 65535")
	.max(65535, "must be from 1 to 65535");

const HOST_KEY = z
	.string("must be the server's public key, as in `ssh-ed25519 AAAA...`")
	.refine(
		isPublicKey,
		"must be a whole public key, `ssh-ed25519 AAAA...` or `ecdsa-sha2-nistp256 AAAA...`; in a line of ssh-keyscan it stands behind the host's name",
	);

/** A key is a row of fields, each behind its length, the first of them its type: a cut or mistyped one does not add up. */
function isPublicKey(text: string): boolean {
	const [type, body] = text.trim().split(/\s+/);
	if (!type || !body || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return false;
	const blob = Buffer.from(body, "base64");
	const fields: Buffer[] = [];
	let at = 0;
	while (at + 4 <= blob.length) {
		const end = at + 4 + blob.readUInt32BE(at);
		fields.push(blob.subarray(at + 4, end));
		at = end;
	}
	return at === blob.length && fields.length > 1 && String(fields[0]) === type;
}

const LOGIN = z.strictObject({
	host: ADDRESS,
	port: PORT.default(22),
	user: z
		.string("must be the user to log in as")
		.regex(
			/^[^\s\p{Cc}]([^\p{Cc}]*[^\s\p{Cc}])?$/u,
			"must be the user to log in as, with no blank at either end and no control characters",
		),
	hostKey: HOST_KEY.optional(),
	insecureIgnoreHostKey: z.boolean("must be true or false").default(false),
});

const needsHostKey = (
	login: { hostKey?: string; insecureIgnoreHostKey: boolean },
	context: z.RefinementCtx,
) => {
	if (!login.hostKey && !login.insecureIgnoreHostKey)
		context.addIssue({
			code: "custom",
			path: ["hostKey"],
			message:
				"is missing: take it from ssh-keyscan and check it, or set insecureIgnoreHostKey: true",
		});
	if (login.hostKey && login.insecureIgnoreHostKey)
		context.addIssue({
			code: "custom",
			path: ["insecureIgnoreHostKey"],
			message: "must not be true beside a hostKey: take one of the two out",
		});
};

const SSH = LOGIN.extend({
	proxy: LOGIN.superRefine(needsHostKey).optional(),
}).superRefine(needsHostKey);

const oneOf = <T extends Record<string, string>>(values: T) =>
	z.enum(values, `must be one of ${Object.values(values).join(", ")}`);

const HOST = z.strictObject({
	name: z
		.string("must be the host's name")
		.regex(
			HOST_NAME,
			'must begin with a letter or digit and hold letters, digits, ".", "_" and "-" only, 63 at most',
		)
		.refine(
			(name) => name !== "default",
			"must not be default: credentials.default is for all hosts",
		),
	role: oneOf(Role),
	ssh: SSH,
	samba: z
		.undefined("is not in this version yet: hosts are reached by ssh")
		.optional(),
	registryTool: oneOf(RegistryTool).default(RegistryTool.Auto),
	onDestroy: oneOf(OnDestroy).default(OnDestroy.Restore),
	cycle: z
		.strictObject({
			triggers: z
				.array(TEXT, "must be a list of texts")
				.min(1, "must hold at least one text"),
			onUncertain: oneOf(OnUncertain).default(OnUncertain.Fail),
		})
		.optional(),
});

const SECRET = z.string("must be a text").min(1, "must not be empty");

const LOGIN_CREDENTIALS = z
	.strictObject({
		privateKey: SECRET.regex(
			/^\s*-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[\s\S]+-----END \1PRIVATE KEY-----\s*$/,
			"must be the contents of a private key file, from -----BEGIN to -----END",
		).optional(),
		privateKeyPassword: SECRET.optional(),
		password: SECRET.optional(),
	})
	.superRefine((credentials, context) => {
		if (credentials.privateKeyPassword && !credentials.privateKey)
			context.addIssue({
				code: "custom",
				path: ["privateKeyPassword"],
				message: "needs a privateKey beside it",
			});
	});

const CREDENTIALS = z.record(
	z.string(),
	LOGIN_CREDENTIALS.safeExtend({ proxy: LOGIN_CREDENTIALS.optional() }),
	"must hold an entry for each host, or default",
);

/** What may be said under each key of the namespace. */
export const CONFIG = {
	hosts: z.array(HOST, "must be a list of hosts"),
	verify: TEXT.optional(),
	cutovers: z
		.array(z.unknown(), "must be a list")
		.max(0, "cutovers are not in this version yet: leave the list empty")
		.optional(),
	credentials: CREDENTIALS.default({}),
};

export type Host = z.output<typeof HOST>;
export type Credentials = z.output<typeof CREDENTIALS>;
export type LoginCredentials = z.output<typeof LOGIN_CREDENTIALS>;
