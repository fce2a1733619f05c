import { z } from "zod";
import { OnUncertain, Role } from "../model/host";
import {
	ADMIN,
	COMMAND_LINE,
	DIRECTORY,
	DRIVE,
	evenWhenFieldsFail,
	LAUNCHER,
	NAME,
	oneOf,
	SEARCH_TEXT,
	SECONDS,
} from "./fields";

/* The schema of a cutover, for stack files and for programs. */

const WAIT_RULE =
	"must define the wait: seconds, or host, command and contains";

const WAIT = z
	.strictObject(
		{
			seconds: SECONDS.optional(),
			host: NAME.optional(),
			command: COMMAND_LINE.optional(),
			contains: SEARCH_TEXT.optional(),
			every: SECONDS.min(1, "must be at least 1").optional(),
			timeout: SECONDS.optional(),
		},
		WAIT_RULE,
	)
	.superRefine((wait, context) => {
		const { seconds, ...poll } = wait;
		const refuse = (key: string, message: string) =>
			context.addIssue({ code: "custom", path: [key], message });
		if (seconds !== undefined) {
			for (const [key, value] of Object.entries(poll))
				if (value !== undefined)
					refuse(key, "cannot be combined with seconds: remove one of them");
			return;
		}
		for (const key of ["host", "command", "contains"] as const)
			if (wait[key] === undefined)
				refuse(key, `is missing: a wait ${WAIT_RULE}`);
	}, evenWhenFieldsFail);

const GUARDS = z.strictObject(
	{
		t3BeforeT2: z.boolean("must be true or false").optional(),
		minutesAroundHour: z
			.int("must be a whole number from 0 to 29")
			.min(0, "must be from 0 to 29")
			.max(29, "must be from 0 to 29")
			.optional(),
		freePostOffices: z.boolean("must be true or false").optional(),
	},
	"must hold t3BeforeT2, minutesAroundHour or freePostOffices",
);

/** The fields of a post office that stack files and programs have in common: all except its login. */
export const POST_OFFICE_FIELDS = {
	name: NAME,
	role: oneOf(Role),
	drive: DRIVE,
	directory: DIRECTORY,
	launcher: LAUNCHER.optional(),
	admin: ADMIN,
	samba: z
		.undefined(
			"is not for post offices: their programs cannot be run over RPC; name a machine with an SSH server in ssh",
		)
		.optional(),
};

/** The fields of a cutover that both have in common: all except its run, its Exchange host and its post offices. */
export const CUTOVER_FIELDS = {
	waits: z.strictObject(
		{ t1Delivered: WAIT, t2Delivered: WAIT },
		"must hold t1Delivered and t2Delivered",
	),
	applyOnPostOffices: z.boolean("must be true or false").optional(),
	onUncertain: oneOf(OnUncertain).optional(),
	guards: GUARDS.optional(),
};
