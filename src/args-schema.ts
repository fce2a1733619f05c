import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
	ADDRESS,
	ANY_HOST_KEY,
	always,
	HOST_KEY,
	isTrigger,
	KEY_FILE,
	LOGIN_RULE,
	NO_TRIGGER,
	oneOf,
	PORT,
	SECRET,
	USER,
	withHostKey,
	withWholeKey,
} from "./fields";
import {
	OnDestroy,
	OnUncertain,
	RegistryTool,
	Role,
	type SshLoginArgs,
} from "./host";

/** A value that may be known later only: then it is not looked at here. */
const input = (schema: z.ZodType) =>
	z.unknown().superRefine((value, context) => {
		if (pulumi.Output.isInstance(value) || value instanceof Promise) return;
		for (const { message } of schema.safeParse(value).error?.issues ?? [])
			context.addIssue({ code: "custom", message });
	});

const LOGIN_FIELDS = {
	host: input(ADDRESS),
	port: input(PORT.optional()).optional(),
	user: input(USER),
	hostKey: input(HOST_KEY).optional(),
	insecureIgnoreHostKey: ANY_HOST_KEY.optional(),
	password: input(SECRET).optional(),
	privateKey: input(KEY_FILE).optional(),
	privateKeyPassword: input(SECRET).optional(),
};

/** Without both, the plugin would try whatever SSH agent the machine that runs Pulumi happens to have. */
const withWayIn = <
	T extends z.ZodType<Partial<Record<keyof SshLoginArgs, unknown>>>,
>(
	login: T,
) =>
	withHostKey(withWholeKey(login)).refine(
		({ password, privateKey }) =>
			password !== undefined || privateKey !== undefined,
		{ error: "needs a privateKey or a password", ...always },
	);

/** What a program may say of a host: the words of a stack file, with the credentials among the rest of the log-in. */
export const ARGS = z.strictObject(
	{
		role: oneOf(Role),
		ssh: withWayIn(
			z.strictObject(
				{
					...LOGIN_FIELDS,
					proxy: withWayIn(z.strictObject(LOGIN_FIELDS, LOGIN_RULE)).optional(),
				},
				LOGIN_RULE,
			),
		),
		registryTool: oneOf(RegistryTool).optional(),
		onDestroy: oneOf(OnDestroy).optional(),
		cycle: z
			.strictObject(
				{
					triggers: z
						.array(
							z.string(NO_TRIGGER).refine(isTrigger, NO_TRIGGER),
							"must be a list of texts",
						)
						.min(1, "must hold at least one text"),
					onUncertain: oneOf(OnUncertain).optional(),
				},
				"must hold triggers, or be left out",
			)
			.optional(),
		verify: input(z.string("must be a text")).optional(),
	},
	"must hold role and ssh",
);
