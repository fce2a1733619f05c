import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
	OnDestroy,
	OnUncertain,
	RegistryTool,
	Role,
	type SshLogin,
} from "../model/host";
import { cutoverRuleIssues } from "./cutover-rules";
import { CUTOVER_FIELDS, POST_OFFICE_FIELDS } from "./cutover-schema";
import {
	ADDRESS,
	ADMIN_PASSWORD,
	BOOLEAN,
	evenWhenFieldsFail,
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
	SAMBA_PASSWORD,
	SAMBA_RULE,
	SAMBA_USER,
	SECRET,
	SSH_ADDRESS,
	TRIGGER_RULE,
	USER,
	validatePrivateKey,
} from "./fields";

/** Validates a plain value. An Output or Promise is not validated here, since it resolves later. */
const input = (schema: z.ZodType) =>
	z.unknown().superRefine((value, context) => {
		if (pulumi.Output.isInstance(value) || value instanceof Promise) return;
		for (const { message } of schema.safeParse(value).error?.issues ?? [])
			context.addIssue({ code: "custom", message });
	});

const LOGIN_FIELDS = {
	host: input(SSH_ADDRESS),
	port: input(PORT.optional()).optional(),
	user: input(USER),
	hostKey: input(HOST_KEY).optional(),
	insecureIgnoreHostKey: IGNORE_HOST_KEY.optional(),
	password: input(SECRET).optional(),
	privateKey: input(PRIVATE_KEY).optional(),
	privateKeyPassword: input(SECRET).optional(),
};

/** Requires a password or a key. Without both, the plugin would use any SSH agent of the machine that runs Pulumi. */
const withCredential = <
	T extends z.ZodType<Partial<Record<keyof SshLogin, unknown>>>,
>(
	login: T,
) =>
	requireHostKey(validatePrivateKey(login)).refine(
		({ password, privateKey }) =>
			password !== undefined || privateKey !== undefined,
		{ error: "needs a privateKey or a password", ...evenWhenFieldsFail },
	);

const SSH = withCredential(
	z.strictObject(
		{
			...LOGIN_FIELDS,
			proxy: withCredential(
				z.strictObject(LOGIN_FIELDS, LOGIN_RULE),
			).optional(),
		},
		LOGIN_RULE,
	),
);

const SAMBA = requireGatewayOnWindows(
	z.strictObject(
		{
			host: input(ADDRESS),
			port: input(PORT.optional()).optional(),
			user: input(SAMBA_USER),
			password: input(SAMBA_PASSWORD),
			gateway: SSH.optional(),
			legacy: BOOLEAN.optional(),
		},
		`${SAMBA_RULE}, and password`,
	),
);

/** The transport fields of an Exchange host. */
const TRANSPORT_FIELDS = {
	ssh: SSH.optional(),
	samba: SAMBA.optional(),
	registryTool: oneOf(RegistryTool).optional(),
};

/** The arguments of `PauseKicksDX`: the fields of the stack file, with the credentials inside the login. */
export const ARGS = requireOneTransport(
	z.strictObject(
		{
			role: oneOf(Role),
			...TRANSPORT_FIELDS,
			onDestroy: oneOf(OnDestroy).optional(),
			cycle: z
				.strictObject(
					{
						triggers: z
							.array(
								z.string(TRIGGER_RULE).refine(isTrigger, TRIGGER_RULE),
								"must be a list of strings",
							)
							.min(1, "must contain at least one string"),
						onUncertain: oneOf(OnUncertain).optional(),
					},
					"must hold triggers, or be left out",
				)
				.optional(),
			verify: input(z.string("must be a string")).optional(),
		},
		"must hold role, and ssh or samba",
	),
);

/** The arguments of `PostOfficeCutover`. */
export const CUTOVER_ARGS = z
	.strictObject(
		{
			run: input(z.string(TRIGGER_RULE).refine(isTrigger, TRIGGER_RULE)),
			exchange: requireOneTransport(
				z.strictObject(
					{ name: NAME, role: oneOf(Role), ...TRANSPORT_FIELDS },
					"must hold name, role, and ssh or samba",
				),
			),
			postOffices: z
				.array(
					z.strictObject(
						{
							...POST_OFFICE_FIELDS,
							ssh: SSH,
							adminPassword: input(ADMIN_PASSWORD).optional(),
						},
						"must be a post office: name, role, ssh, drive, directory and admin",
					),
					"must be a list of post offices",
				)
				.min(1, "must hold at least one post office"),
			...CUTOVER_FIELDS,
		},
		"must hold run, exchange, postOffices and waits",
	)
	.superRefine((cutover, context) => {
		for (const { path, message } of cutoverRuleIssues(
			cutover,
			cutover.exchange,
		))
			context.addIssue({ code: "custom", path: [...path], message });
		if (cutover.applyOnPostOffices === false) return;
		if (!Array.isArray(cutover.postOffices)) return;
		for (const [index, office] of cutover.postOffices.entries())
			if (office?.adminPassword === undefined)
				context.addIssue({
					code: "custom",
					path: ["postOffices", index, "adminPassword"],
					message: "is missing: IMPORT needs it",
				});
	}, evenWhenFieldsFail);
