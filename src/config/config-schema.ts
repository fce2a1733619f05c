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

const LOGIN_FIELDS = {
	host: SSH_ADDRESS,
	port: PORT.default(22),
	user: USER,
	hostKey: HOST_KEY.optional(),
	insecureIgnoreHostKey: IGNORE_HOST_KEY.default(false),
};

const SSH = requireHostKey(
	z.strictObject(
		{
			...LOGIN_FIELDS,
			proxy: requireHostKey(
				z.strictObject(LOGIN_FIELDS, LOGIN_RULE),
			).optional(),
		},
		LOGIN_RULE,
	),
);

const SAMBA = requireGatewayOnWindows(
	z.strictObject(
		{
			host: ADDRESS,
			port: PORT.optional(),
			user: SAMBA_USER,
			gateway: SSH.optional(),
			legacy: BOOLEAN.default(false),
		},
		SAMBA_RULE,
	),
);

/** The name of a host or post office. It is also its key in `credentials`, where `default` has a meaning of its own. */
const OWN_NAME = NAME.refine(
	(name) => name.toLowerCase() !== "default",
	"must not be default: credentials.default is for all hosts",
);

const HOST = requireOneTransport(
	z.strictObject(
		{
			name: OWN_NAME,
			role: oneOf(Role),
			ssh: SSH.optional(),
			samba: SAMBA.optional(),
			registryTool: oneOf(RegistryTool).optional(),
			onDestroy: oneOf(OnDestroy).default(OnDestroy.Restore),
			cycle: z
				.strictObject(
					{
						triggers: z
							.array(
								TEXT.refine(isTrigger, TRIGGER_RULE),
								"must be a list of strings",
							)
							.min(1, "must contain at least one string"),
						onUncertain: oneOf(OnUncertain).default(OnUncertain.Fail),
					},
					"must hold triggers, or be left out",
				)
				.optional(),
		},
		"must be a host: name, role, and ssh or samba",
	),
);

const CUTOVER = z.strictObject(
	{
		name: NAME,
		run: TEXT.refine(isTrigger, TRIGGER_RULE),
		exchange: z.string("must be the name of one of the hosts"),
		postOffices: z
			.array(
				z.strictObject(
					{ ...POST_OFFICE_FIELDS, name: OWN_NAME, ssh: SSH },
					"must be a post office: name, role, ssh, drive, directory and admin",
				),
				"must be a list of post offices",
			)
			.min(1, "must hold at least one post office"),
		...CUTOVER_FIELDS,
	},
	"must be a cutover: name, run, exchange, postOffices and waits",
);

const KEYS_RULE =
	"must hold a password, or a privateKey with its privateKeyPassword";

const LOGIN_SECRETS = {
	privateKey: PRIVATE_KEY.optional(),
	privateKeyPassword: SECRET.optional(),
	password: SECRET.optional(),
};

const PROXY_SECRETS = {
	proxy: validatePrivateKey(
		z.strictObject(LOGIN_SECRETS, KEYS_RULE),
	).optional(),
};

const CREDENTIALS = z.record(
	z.string(),
	validatePrivateKey(
		z.strictObject(
			{
				...LOGIN_SECRETS,
				...PROXY_SECRETS,
				gateway: validatePrivateKey(
					z.strictObject({ ...LOGIN_SECRETS, ...PROXY_SECRETS }, KEYS_RULE),
				).optional(),
				adminPassword: ADMIN_PASSWORD.optional(),
			},
			KEYS_RULE,
		),
	),
	"must hold an entry for each host, or default",
);

/** The schema of each key in the project's namespace. */
export const CONFIG = {
	hosts: z.array(HOST, "must be a list of hosts"),
	verify: TEXT.optional(),
	cutovers: z.array(CUTOVER, "must be a list of cutovers").default([]),
	credentials: CREDENTIALS.default({}),
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
