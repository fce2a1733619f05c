import { z } from "zod";
import { OnDestroy, OnUncertain, RegistryTool, Role } from "../model/host";
import {
	CUTOVER_FIELDS,
	POST_OFFICE_FIELDS,
} from "../validation/cutover-schema";
import {
	ADDRESS,
	ADMIN_PASSWORD,
	BOOLEAN,
	HOST_KEY,
	IGNORE_HOST_KEY,
	isTrigger,
	LOGIN_RULE,
	NAME,
	oneOf,
	PORT,
	PRIVATE_KEY,
	requireGatewayOnWindows,
	requireHostKey,
	requireOneTransport,
	SAMBA_RULE,
	SAMBA_USER,
	SECRET,
	SSH_ADDRESS,
	TRIGGER_RULE,
	USER,
	validatePrivateKey,
} from "../validation/fields";
import {
	ADDRESS_TEXT,
	ADMIN_PASSWORD_TEXT,
	ANY_TEXT,
	HOST_NAME_TEXT,
	NAME_TEXT,
	OFFICE_NAME_TEXT,
	ONE_CREDENTIAL,
	ONE_HOST_KEY,
	ONE_TRANSPORT,
	ONE_WAIT,
	PRIVATE_KEY_TEXT,
	PUBLIC_KEY_TEXT,
	SAMBA_USER_TEXT,
	SECRET_TEXT,
	SSH_ADDRESS_TEXT,
	TRIGGER_TEXT,
	USER_TEXT,
} from "./schema-rules";

/*
 * The schema of the stack file. What `meta` adds is for editors and for docs/configuration.md: the description; `values`,
 * the accepted values, where type and range do not say enough; `absent`, what applies without the key, where that is not
 * a plain default; and JSON Schema's form of rules that are code here.
 */

/**
 * A string. `pulumi config set` turns digits into a number: it is accepted as a string if it still has all of its
 * digits.
 */
const TEXT = z
	.union([z.string(), z.number()], "must be a string")
	.refine(
		(value) => typeof value === "string" || Number.isSafeInteger(value),
		"must be a string: put a number that is so long, or has a point, in quotes",
	)
	.transform(String);

const TRIGGER = TEXT.refine(isTrigger, TRIGGER_RULE).meta({
	...TRIGGER_TEXT,
	values: "string in one line, not blank, without control characters",
});

const LOGIN_FIELDS = {
	host: SSH_ADDRESS.meta({
		...SSH_ADDRESS_TEXT,
		values: "host name or IP address",
		description: "the SSH server. A name may end with a dot",
	}),
	port: PORT.default(22).meta({ description: "the port of the SSH server" }),
	user: USER.meta({
		...USER_TEXT,
		values: "string without control characters, no space at either end",
		description: "the user to log in as, on a Windows host an administrator",
	}),
	hostKey: HOST_KEY.optional().meta({
		...PUBLIC_KEY_TEXT,
		values: "whole public key, `ssh-ed25519 AAAA...`",
		absent: "required, unless `insecureIgnoreHostKey` is true",
		description:
			"the server's public key: what `ssh-keyscan` prints after the host's name. Prefer ed25519 or ecdsa. An `ssh-rsa` key pins SHA-1 signatures, which newer servers refuse",
	}),
	insecureIgnoreHostKey: IGNORE_HOST_KEY.default(false).meta({
		description:
			"`true` accepts any host key, and so any machine that answers. Cannot be combined with `hostKey`",
	}),
};

const SSH = requireHostKey(
	z.strictObject(
		{
			...LOGIN_FIELDS,
			proxy: requireHostKey(z.strictObject(LOGIN_FIELDS, LOGIN_RULE))
				.meta({
					...ONE_HOST_KEY,
					description:
						"one SSH server to go through, with the same keys except `proxy`",
				})
				.optional(),
		},
		LOGIN_RULE,
	),
).meta(ONE_HOST_KEY);

const SAMBA = requireGatewayOnWindows(
	z.strictObject(
		{
			host: ADDRESS.meta({
				...ADDRESS_TEXT,
				values: "host name or IP address",
				description: "the Windows host",
			}),
			port: PORT.optional().meta({
				absent: "445; 139 where `legacy` is true",
				description: "the SMB port",
			}),
			user: SAMBA_USER.meta({
				...SAMBA_USER_TEXT,
				values: "string without `%` and `@`",
				description:
					"an administrator of the host; for a domain account `DOMAIN\\user`",
			}),
			gateway: SSH.optional().meta({
				absent: "the machine that runs Pulumi",
				description:
					"a Unix machine that has `net`, reached by SSH; required if Pulumi runs on Windows, see [Samba](samba.md)",
			}),
			legacy: BOOLEAN.default(false).meta({
				description:
					"`true` allows SMB1 and NTLM, for NT 4. The host's `name` must then be its NetBIOS name, at most 15 characters",
			}),
		},
		SAMBA_RULE,
	),
);

/** The name of a host or post office. It is also its key in `credentials`, where `default` has a meaning of its own. */
const OWN_NAME = NAME.refine(
	(name) => name.toLowerCase() !== "default",
	"must not be default: credentials.default is for all hosts",
);

const CYCLE = z.strictObject(
	{
		triggers: z
			.array(TRIGGER, "must be a list of strings")
			.min(1, "must contain at least one string")
			.meta({
				values:
					"list of at least one string, each one line, not blank, without control characters",
				absent: "required in `cycle`",
				description:
					"declaring triggers, or changing any of them, starts one cycle",
			}),
		onUncertain: oneOf(OnUncertain).default(OnUncertain.Fail).meta({
			description:
				"what to do when an earlier attempt's outcome is unknown, see [troubleshooting](troubleshooting.md#after-an-unknown-outcome)",
		}),
	},
	"must hold triggers, or be left out",
);

const HOST = requireOneTransport(
	z.strictObject(
		{
			name: OWN_NAME.meta({
				...HOST_NAME_TEXT,
				values:
					"string: letters, digits, `.`, `_`, `-`, at most 63; begins with a letter or digit; not `default`",
				description:
					"unique regardless of case; names resources, outputs and credentials. Not another host's name followed by `-cycle`",
			}),
			role: oneOf(Role).meta({
				description:
					"the role set in Exchange Administrator: a kick runs T1 on a `requestor`, T2 on a `server`",
			}),
			ssh: SSH.optional().meta({
				absent: "required, unless there is `samba`",
				description:
					"the host's SSH server, which must pass commands to cmd.exe, see [SSH log-ins](#ssh-log-ins)",
			}),
			samba: SAMBA.optional().meta({
				absent: "required, unless there is `ssh`",
				description:
					"for a host without an SSH server; cannot be combined with `ssh`, see [Samba](#samba)",
			}),
			registryTool: oneOf(RegistryTool).optional().meta({
				default: RegistryTool.Auto,
				description:
					"only with `ssh`. `auto` uses reg.exe where it answers as the one of Windows XP and later does, else regedit.exe",
			}),
			onDestroy: oneOf(OnDestroy).default(OnDestroy.Restore).meta({
				description:
					"what `pulumi destroy` does with the value: `restore` puts back what was there before, `keep` leaves it at 1",
			}),
			cycle: CYCLE.optional().meta({
				description:
					"when a cycle starts. Without it the value is enforced and no cycle is ever started",
			}),
		},
		"must be a host: name, role, and ssh or samba",
	),
).meta(ONE_TRANSPORT);

/** Adds descriptions to fields that the arguments of programs have in common with the stack file. */
function describeFields<Fields extends Record<string, z.ZodType>>(
	fields: Fields,
	descriptions: Record<keyof Fields, z.GlobalMeta>,
): Fields {
	const described = Object.entries(fields).map(([key, field]) => [
		key,
		field.meta(descriptions[key] as z.GlobalMeta),
	]);
	return Object.fromEntries(described);
}

const { samba: NO_SAMBA, ...OFFICE_FIELDS } = POST_OFFICE_FIELDS;

const POST_OFFICE = z.strictObject(
	{
		...describeFields(
			{ ...OFFICE_FIELDS, name: OWN_NAME },
			{
				name: {
					...OFFICE_NAME_TEXT,
					values:
						"string, as `hosts[].name`; not `t1-delivered` or `t2-delivered`",
					description:
						"names the post office's resources, outputs and credentials. Not the name of a host",
				},
				role: {
					description:
						"exactly one post office is the `server` if Exchange is a requestor, else none",
				},
				drive: {
					values: "one letter",
					description:
						"the drive on which the host in `ssh` has the post office, in the sessions of its user",
				},
				directory: {
					values:
						"folder of a drive, `C:\\MAILEXE`, at most 200 characters: letters, digits, spaces, `.`, `_`, `~`, `$`, `-`",
					description:
						"where REQMAIN, SRVMAIN, IMPORT and REBUILD are; they run from there",
				},
				launcher: {
					values:
						"program name or path without arguments, at most 100 characters",
					description:
						"the program that starts each MS Mail program, `forcedos` on Windows NT",
				},
				admin: {
					values: "string: letters, digits, `.`, `_`, `-`, at most 63",
					description: "the post office administrator's mailbox",
				},
			},
		),
		samba: NO_SAMBA,
		ssh: SSH.meta({
			description:
				"the Windows host that runs the MS Mail programs, see [SSH log-ins](#ssh-log-ins)",
		}),
	},
	"must be a post office: name, role, ssh, drive, directory and admin",
);

const PLAIN_WAIT = CUTOVER_FIELDS.waits.shape.t1Delivered;

const WAIT = PLAIN_WAIT.safeExtend(
	describeFields(PLAIN_WAIT.shape, {
		seconds: {
			description:
				"wait a fixed time, in seconds. Cannot be combined with the other keys",
		},
		host: {
			values:
				"name of a post office of this cutover, or of its Exchange host if that is reached by SSH",
			absent: "required without `seconds`",
			description: "where the command runs",
		},
		command: {
			values: "one line of 1 to 800 printable ASCII characters",
			absent: "required without `seconds`",
			description:
				"a line of a batch file for cmd.exe; write a percent sign twice",
		},
		contains: {
			values: '1 to 200 printable ASCII characters without `"`',
			absent: "required without `seconds`",
			description:
				"the text in the command's output that ends the wait; case matters",
		},
		every: {
			default: 10,
			description: "the pause between two runs of the command, in seconds",
		},
		timeout: {
			default: 900,
			description:
				"after this time, in seconds, the wait fails with `wait-timeout`",
		},
	}),
).meta(ONE_WAIT);

const WAITS = CUTOVER_FIELDS.waits.extend({
	t1Delivered: WAIT.meta({
		description:
			"until the requests of T1 have arrived where T2 runs: a fixed time, or until a command prints a text",
	}),
	t2Delivered: WAIT.meta({
		description:
			"until the answers of T2 have arrived at the requestors: a fixed time, or until a command prints a text",
	}),
});

const PLAIN_GUARDS = CUTOVER_FIELDS.guards.unwrap();

const GUARDS = PLAIN_GUARDS.extend(
	describeFields(PLAIN_GUARDS.shape, {
		t3BeforeT2: {
			default: true,
			description:
				"send no T2 while an earlier one has, or may have, no T3 yet (Q142841). Only with `applyOnPostOffices`. If false, a T2 is sent and still recorded as open",
		},
		minutesAroundHour: {
			default: 0,
			description:
				"send no kick within this many minutes of the full hour, when scheduled cycles start (Q180297); 0 allows any time. The clock is the Exchange host's; with `samba`, that of the machine that has `net`",
		},
		freePostOffices: {
			default: true,
			description:
				"begin only if no ADMIN.EXE holds a post office (number 91) and no user has its address list open (203)",
		},
	}),
);

const CUTOVER = z.strictObject(
	{
		name: NAME.meta({
			values: "string, as `hosts[].name`",
			description:
				"names the cutover's resources and outputs. Under another name it is another cutover, and runs",
		}),
		run: TRIGGER.meta({
			description:
				"any string. Changing it, even back to an earlier value, repeats the whole cutover",
		}),
		exchange: z.string("must be the name of one of the hosts").meta({
			...NAME_TEXT,
			values: "name of one of the hosts",
			description: "the Exchange host; its role decides the order of the steps",
		}),
		postOffices: z
			.array(POST_OFFICE, "must be a list of post offices")
			.min(1, "must hold at least one post office")
			.meta({
				values: "list of at least one",
				description: "the post offices that take part",
			}),
		...describeFields(
			{ ...CUTOVER_FIELDS, waits: WAITS, guards: GUARDS.optional() },
			{
				waits: { description: "what must happen between T1, T2 and T3" },
				applyOnPostOffices: {
					default: true,
					description: "run T3 on the post offices too",
				},
				onUncertain: {
					default: OnUncertain.Fail,
					description:
						"what the kick, `reqmain -t` and `srvmain -t` do when an earlier attempt was interrupted. A T2 is sent again only if `guards.t3BeforeT2` is false as well; set both for one update",
				},
				guards: {
					absent: "the defaults of its keys",
					description: "protection against known losses",
				},
			},
		),
	},
	"must be a cutover: name, run, exchange, postOffices and waits",
);

const KEYS_RULE =
	"must hold a password, or a privateKey with its privateKeyPassword";

const LOGIN_SECRETS = {
	privateKey: PRIVATE_KEY.optional().meta({
		...PRIVATE_KEY_TEXT,
		values: "text of a private key file",
		absent: "required, unless there is a `password`",
		description:
			"the user's private key; line endings do not matter. For `samba` hosts only a gateway can have one",
	}),
	privateKeyPassword: SECRET.optional().meta({
		...SECRET_TEXT,
		values: "string without control characters; quote one of digits",
		description:
			"the pass phrase of `privateKey`; required if that is encrypted",
	}),
	password: SECRET.optional().meta({
		...SECRET_TEXT,
		values: "string without control characters; quote one of digits",
		absent: "required, unless there is a `privateKey`",
		description:
			"the user's password; with `samba` required, and without a space at the beginning",
	}),
};

const PROXY_SECRETS = {
	proxy: validatePrivateKey(z.strictObject(LOGIN_SECRETS, KEYS_RULE))
		.meta({
			...ONE_CREDENTIAL,
			description: "the log-in at the proxy, required for a host that has one",
		})
		.optional(),
};

const CREDENTIALS = z
	.record(
		z.string(),
		validatePrivateKey(
			z.strictObject(
				{
					...LOGIN_SECRETS,
					...PROXY_SECRETS,
					gateway: validatePrivateKey(
						z.strictObject({ ...LOGIN_SECRETS, ...PROXY_SECRETS }, KEYS_RULE),
					)
						.meta({
							...ONE_CREDENTIAL,
							description:
								"the log-in at the Samba gateway, required for a host that has one",
						})
						.optional(),
					adminPassword: ADMIN_PASSWORD.optional().meta({
						...ADMIN_PASSWORD_TEXT,
						values:
							'1 to 64 printable ASCII characters without space, `"` and `%`',
						description:
							"the post office administrator's password, required unless `applyOnPostOffices` is false",
					}),
				},
				KEYS_RULE,
			),
		).meta(ONE_CREDENTIAL),
		"must hold an entry for each host, or default",
	)
	.meta({ propertyNames: NAME_TEXT });

/** The schema of each key in the project's namespace. */
export const CONFIG = {
	hosts: z
		.array(HOST, "must be a list of hosts")
		.meta({ description: "the Exchange hosts" }),
	verify: TEXT.optional().meta({
		...ANY_TEXT,
		values: "string",
		description:
			"any string; changing it makes the next update inspect every host again and repair drift. It starts no cycle",
	}),
	cutovers: z.array(CUTOVER, "must be a list of cutovers").default([]).meta({
		description:
			"whole manual directory synchronizations, see [cutover](cutover.md)",
	}),
	credentials: CREDENTIALS.default({}).meta({
		description:
			"log-ins by host or post office, and `default`. Set every secret with `pulumi config set --secret`, see [credentials](#credentials)",
	}),
};

export type Host = z.output<typeof HOST>;
export type Cutover = z.output<typeof CUTOVER>;
export type Credentials = z.output<typeof CREDENTIALS>;
export type LoginCredentials = Omit<
	Credentials[string],
	"proxy" | "gateway" | "adminPassword"
>;

/** Parses a list or an object. Any other text stays a string, and the schema then reports what it should have been. */
export function parseJsonOrText(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
