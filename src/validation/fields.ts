import { isIP } from "node:net";
import { z } from "zod";
import { HOST_NAME } from "../model/host";
import { privateKeyError } from "./private-keys";
import { isPublicKey } from "./ssh-keys";

/*
 * What a field may hold and what the fields of a log-in owe each other, in a stack file as in a program. What cannot be
 * carried as it is (to the host, through the engine) is refused and never rewritten; no message holds a value.
 */

/** Line breaks, control characters, halves of a character: no field of one line has any. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/** The engine takes this text for a value that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The `name` of a host. */
export const NAME = z
	.string("must be the host's name, a text")
	.regex(
		HOST_NAME,
		'must begin with a letter or digit and hold letters, digits, ".", "_" and "-" only, 63 at most',
	);

/** Also for the texts made of numbers. */
export const isTrigger = (text: string): boolean =>
	/\S/.test(text) && !UNPRINTABLE.test(text) && text !== UNKNOWN;

export const TRIGGER_RULE =
	"must be a string in one line, not empty, without control characters";

const ADDRESS_RULE = "must be a host name or an IP address";
const NO_ADDRESS = `${ADDRESS_RULE}; the port has a key of its own`;

export const ADDRESS = z.string(ADDRESS_RULE).refine(isAddress, NO_ADDRESS);

/** A name may end with the dot of the root, which both SSH libraries hand on to the resolver. */
export const SSH_ADDRESS = z
	.string(ADDRESS_RULE)
	.refine((text) => isAddress(text.replace(/\.$/, "")), NO_ADDRESS);

/** A name that ends in digits alone is a mistyped IP address. */
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

/** What YAML makes of a backslash and a letter in double quotes: `"CORP\administrator"` has a bell in it. */
const ESCAPED = /\S[\p{Cc}\p{Zl}\p{Zp}\xa0]\S/u;

const IN_DOUBLE_QUOTES =
	'must be the user to log in as, but has a control character or a no-break space where a backslash may have been meant: in double quotes write \\\\, as in "CORP\\\\administrator", or use no quotes';

/** Blanks that look like others and are none: no name has them, a paste may have some. */
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
		"must be a whole public key, `ssh-ed25519 AAAA...` or `ecdsa-sha2-nistp256 AAAA...`; in a line of ssh-keyscan it stands behind the host's name",
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

/** Samba takes what stands behind a percent sign for the password. */
export const SAMBA_USER = USER.refine(
	(user) => !user.includes("%"),
	"must not hold a percent sign: Samba takes what follows for the password",
).refine(
	(user) => !user.includes("@"),
	"must not hold an @: where samba is used, a user of a domain is written DOMAIN\\user",
);

/** The login lines of Samba lose a blank at the beginning. */
export const SAMBA_PASSWORD = SECRET.refine(
	(text) => !/^[ \t]/.test(text),
	"must not begin with a space: Samba's login lines do not carry it",
);

export const LEGACY = z.boolean("must be true or false");

export const PRIVATE_KEY = z
	.string("must be a string: the contents of a private key file")
	.min(1, "must not be empty");

export const oneOf = <T extends Record<string, string>>(values: T) =>
	z.enum(values, `must be one of ${Object.values(values).join(", ")}`);

/** A check between fields of an object that sees it whatever else is wrong there: no mistake hides another one. */
export const evenWhenFieldsFail = {
	when: ({ value }: z.core.ParsePayload) =>
		typeof value === "object" && value !== null && !Array.isArray(value),
};

/** One way in and not two; and what only one of them has. */
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
			refuse("ssh", `${LOGIN_RULE}; or samba in its place`);
		if (samba === undefined) return;
		if (ssh !== undefined)
			refuse("samba", "cannot be combined with ssh: remove one of them");
		if (registryTool !== undefined)
			refuse("registryTool", "is for hosts that are reached by ssh");
		const fault = netBiosNameError(name, samba);
		if (fault) refuse("name", fault);
	}, evenWhenFieldsFail);

/** NT 4 is called by its NetBIOS name. */
export function netBiosNameError(
	name: unknown,
	samba: unknown,
): string | undefined {
	const { legacy } = (samba ?? {}) as { legacy?: unknown };
	return legacy === true && typeof name === "string" && name.length > 15
		? "must be the host's NetBIOS name, 15 characters at most, where samba.legacy is true"
		: undefined;
}

export const SAMBA_RULE = "must say how to log in: host and user";

/** Windows has a net of its own, which is another program. */
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

export const LOGIN_RULE = "must say how to log in: host, user and hostKey";

/** What is said of a server's host key, whoever says it. */
interface HostKeyChoice {
	hostKey?: unknown;
	insecureIgnoreHostKey?: unknown;
}

/** Exactly one of a host key and the word that any will do. */
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
				error: "must not be true beside a hostKey: remove one of them",
				...evenWhenFieldsFail,
			},
		);

/** A private key can be used, and has its pass phrase where it needs one. */
export const validatePrivateKey = <
	T extends z.ZodType<{ privateKey?: unknown; privateKeyPassword?: unknown }>,
>(
	login: T,
) =>
	login.superRefine(({ privateKey, privateKeyPassword }, context) => {
		const refuse = (key: string, message: string) =>
			context.addIssue({ code: "custom", path: [key], message });
		if (privateKeyPassword !== undefined && privateKey === undefined)
			refuse("privateKeyPassword", "needs a privateKey beside it");
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

/** It travels on the command line of an MS-DOS program, which holds 127 characters. */
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
