import { isIP } from "node:net";
import { z } from "zod";
import { HOST_NAME } from "../model/host";
import { privateKeyError } from "./private-keys";
import { isPublicKey } from "./ssh-keys";

/*
 * The rules for single fields and between the fields of a login, for stack files and for programs. A value that cannot
 * be transferred unchanged (to the host, through the engine) is refused and never rewritten. No message contains a
 * value.
 */

/** Line breaks, control characters and lone surrogates. No field of one line may contain any. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/** The engine treats this string as a value that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The `name` of a host, cutover or post office. */
export const NAME = z
	.string("must be a name, a string")
	.regex(
		HOST_NAME,
		'must begin with a letter or digit and hold letters, digits, ".", "_" and "-" only, 63 at most',
	);

/** Whether a string is a valid trigger. It also checks strings that were made from numbers. */
export const isTrigger = (text: string): boolean =>
	/\S/.test(text) && !UNPRINTABLE.test(text) && text !== UNKNOWN;

export const TRIGGER_RULE =
	"must be a string in one line, not empty, without control characters";

const ADDRESS_RULE = "must be a host name or an IP address";
const NO_ADDRESS = `${ADDRESS_RULE}; the port has a key of its own`;

export const ADDRESS = z.string(ADDRESS_RULE).refine(isAddress, NO_ADDRESS);

/** A name may end with the dot of the root. Both SSH libraries pass it to the resolver. */
export const SSH_ADDRESS = z
	.string(ADDRESS_RULE)
	.refine((text) => isAddress(text.replace(/\.$/, "")), NO_ADDRESS);

/** A name whose last label is digits only is a mistyped IP address. */
function isAddress(text: string): boolean {
	if (isIP(text) > 0) return true;
	return (
		text.length <= 253 &&
		text
			.split(".")
			.every((label) =>
				/^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/.test(label),
			) &&
		!/(^|\.)\d+$/.test(text)
	);
}

export const PORT = z
	.int("must be a whole number from 1 to 65535")
	.min(1, "must be from 1 to 65535")
	.max(65535, "must be from 1 to 65535");

const USER_RULE =
	"must be the user to log in as, with no space at either end and no control characters";

/** A YAML escape: in double quotes, `"CORP\administrator"` contains a bell. */
const ESCAPED = /\S[\p{Cc}\p{Zl}\p{Zp}\xa0]\S/u;

const IN_DOUBLE_QUOTES =
	'must be the user to log in as, but has a control character or a no-break space where a backslash may have been meant: in double quotes write \\\\, as in "CORP\\\\administrator", or use no quotes';

/** Invisible or no-break spaces. No user name contains them, but pasted text may. */
const OTHER_BLANKS = /[\xa0\u2007\u202f\u2060\ufeff]/;

export const USER = z.string(USER_RULE).superRefine((user, context) => {
	const refuse = (message: string) =>
		context.addIssue({ code: "custom", message });
	if (ESCAPED.test(user)) return refuse(IN_DOUBLE_QUOTES);
	if (user === "" || user.trim() !== user || UNPRINTABLE.test(user))
		return refuse(USER_RULE);
	if (OTHER_BLANKS.test(user))
		refuse("must be the user to log in as, without no-break spaces");
});

export const HOST_KEY = z
	.string("must be the server's public key, as in `ssh-ed25519 AAAA...`")
	.refine(
		isPublicKey,
		"must be a whole public key, `ssh-ed25519 AAAA...` or `ecdsa-sha2-nistp256 AAAA...`; in a line of ssh-keyscan it follows the host's name",
	);

export const IGNORE_HOST_KEY = z.boolean("must be true or false");

/** Passwords and pass phrases. */
export const SECRET = z
	.string("must be a string: put digits in quotes")
	.min(1, "must not be empty")
	.refine(
		(text) => !UNPRINTABLE.test(text),
		"must not hold line breaks or control characters",
	);

/** Samba takes the text after a percent sign as the password. */
export const SAMBA_USER = USER.refine(
	(user) => !user.includes("%"),
	"must not hold a percent sign: Samba takes what follows for the password",
).refine(
	(user) => !user.includes("@"),
	"must not hold an @: where samba is used, a user of a domain is written DOMAIN\\user",
);

/** Samba's login lines drop a space at the beginning. */
export const SAMBA_PASSWORD = SECRET.refine(
	(text) => !/^[ \t]/.test(text),
	"must not begin with a space: Samba's login lines do not carry it",
);

export const BOOLEAN = z.boolean("must be true or false");

export const PRIVATE_KEY = z
	.string("must be a string: the contents of a private key file")
	.min(1, "must not be empty");

export const oneOf = <T extends Record<string, string>>(values: T) =>
	z.enum(values, `must be one of ${Object.values(values).join(", ")}`);

/**
 * Makes a rule between fields run even when single fields failed, so that one error never hides another. It is skipped
 * only when the value is not an object.
 */
export const evenWhenFieldsFail = {
	when: ({ value }: z.core.ParsePayload) =>
		typeof value === "object" && value !== null && !Array.isArray(value),
};

/** Requires exactly one transport, and only the fields of that transport. */
export const requireOneTransport = <
	T extends z.ZodType<{
		name?: unknown;
		ssh?: unknown;
		samba?: unknown;
		registryTool?: unknown;
	}>,
>(
	host: T,
) =>
	host.superRefine(({ name, ssh, samba, registryTool }, context) => {
		const refuse = (key: string, message: string) =>
			context.addIssue({ code: "custom", path: [key], message });
		if (ssh === undefined && samba === undefined)
			refuse("ssh", `${LOGIN_RULE}; or use samba instead`);
		if (samba === undefined) return;
		if (ssh !== undefined)
			refuse("samba", "cannot be combined with ssh: remove one of them");
		if (registryTool !== undefined)
			refuse("registryTool", "is for hosts that are reached by ssh");
		const fault = netBiosNameError(name, samba);
		if (fault) refuse("name", fault);
	}, evenWhenFieldsFail);

/** Checks the name of an NT 4 host, which is used as its NetBIOS name. Returns the problem, or undefined. */
export function netBiosNameError(
	name: unknown,
	samba: unknown,
): string | undefined {
	const { legacy } = (samba ?? {}) as { legacy?: unknown };
	return legacy === true && typeof name === "string" && name.length > 15
		? "must be the host's NetBIOS name, 15 characters at most, where samba.legacy is true"
		: undefined;
}

export const SAMBA_RULE = "must contain the login: host and user";

/** Requires a gateway where Pulumi runs on Windows: the `net` of Windows is another program. */
export const requireGatewayOnWindows = <
	T extends z.ZodType<{ gateway?: unknown }>,
>(
	samba: T,
) =>
	samba.refine(
		({ gateway }) => gateway !== undefined || process.platform !== "win32",
		{
			path: ["gateway"],
			error: "is missing: this machine runs Windows, and Samba's net does not",
			...evenWhenFieldsFail,
		},
	);

export const LOGIN_RULE = "must contain the login: host, user and hostKey";

/** The fields about a server's host key. */
interface HostKeyChoice {
	hostKey?: unknown;
	insecureIgnoreHostKey?: unknown;
}

/** Requires exactly one of a host key and the explicit choice to accept any. */
export const requireHostKey = <T extends z.ZodType<HostKeyChoice>>(login: T) =>
	login
		.refine(
			({ hostKey, insecureIgnoreHostKey }) =>
				hostKey !== undefined || insecureIgnoreHostKey === true,
			{
				path: ["hostKey"],
				error:
					"is missing: take it from ssh-keyscan and check it, or set insecureIgnoreHostKey: true",
				...evenWhenFieldsFail,
			},
		)
		.refine(
			({ hostKey, insecureIgnoreHostKey }) =>
				hostKey === undefined || insecureIgnoreHostKey !== true,
			{
				path: ["insecureIgnoreHostKey"],
				error: "cannot be combined with hostKey: remove one of them",
				...evenWhenFieldsFail,
			},
		);

/** Requires that a private key can be used, and that it has a pass phrase if and only if it is encrypted. */
export const validatePrivateKey = <
	T extends z.ZodType<{ privateKey?: unknown; privateKeyPassword?: unknown }>,
>(
	login: T,
) =>
	login.superRefine(({ privateKey, privateKeyPassword }, context) => {
		const refuse = (key: string, message: string) =>
			context.addIssue({ code: "custom", path: [key], message });
		if (privateKeyPassword !== undefined && privateKey === undefined)
			refuse("privateKeyPassword", "requires privateKey");
		if (typeof privateKey !== "string" || privateKey === "") return;
		const fault = privateKeyError(privateKey, privateKeyPassword);
		if (fault) refuse("privateKey", fault);
	}, evenWhenFieldsFail);

export const DRIVE = z
	.string("must be the letter of a drive, as in X")
	.regex(/^[A-Za-z]$/, "must be the letter of a drive, as in X");

const DIRECTORY_RULE =
	"must be a folder of a Windows drive, as in C:\\MAILEXE, with letters, digits, spaces and . _ ~ $ - only";

export const DIRECTORY = z
	.string(DIRECTORY_RULE)
	.regex(
		/^[A-Za-z]:\\(?:[A-Za-z0-9._~$-][A-Za-z0-9 ._~$-]*(?:\\[A-Za-z0-9._~$-][A-Za-z0-9 ._~$-]*)*)?$/,
		DIRECTORY_RULE,
	)
	.max(200, "must not be longer than 200 characters");

const LAUNCHER_RULE =
	"must be the name of a program, as in forcedos, without arguments";

export const LAUNCHER = z
	.string(LAUNCHER_RULE)
	.regex(/^[A-Za-z0-9._:\\-]{1,100}$/, LAUNCHER_RULE);

const ADMIN_RULE =
	'must be the post office administrator\'s mailbox: letters, digits, ".", "_" and "-" only';

export const ADMIN = z
	.string(ADMIN_RULE)
	.regex(/^[A-Za-z0-9._-]{1,63}$/, ADMIN_RULE);

/** The password is part of the command line of an MS-DOS program, which holds 127 characters. */
export const ADMIN_PASSWORD = z
	.string("must be a string: put digits in quotes")
	.regex(
		/^[!-~]{1,64}$/,
		"must be 1 to 64 printable ASCII characters without a space: IMPORT's command line carries no others",
	)
	.refine(
		(text) => !text.includes('"'),
		"must not hold a quotation mark: IMPORT's command line does not carry it",
	)
	.refine(
		(text) => !text.includes("%"),
		"must not hold a percent sign: cmd.exe may take it for a variable",
	);

const COMMAND_RULE =
	"must be one line of 1 to 800 printable ASCII characters for cmd.exe";

export const COMMAND_LINE = z
	.string(COMMAND_RULE)
	.regex(/^(?=.*\S)[ -~]{1,800}$/, COMMAND_RULE);

const SEARCHED_RULE =
	"must be 1 to 200 printable ASCII characters without a quotation mark";

export const SEARCH_TEXT = z
	.string(SEARCHED_RULE)
	.regex(/^(?=.*\S)[ !#-~]{1,200}$/, SEARCHED_RULE);

export const SECONDS = z
	.int("must be a whole number of seconds")
	.min(0, "must be from 0 to 86400 seconds")
	.max(86_400, "must be from 0 to 86400 seconds");
