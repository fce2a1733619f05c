import type { CycleType, OnDestroy, OnUncertain } from "../model/host";

/* The operations on a host and the commands that they become, for every transport. */

/** What the enforcement of one host depends on. */
export interface EnforceOptions {
	/** The host's name, for messages. */
	host: string;
	/** `organization/project/stack`: a host belongs to one stack. */
	stack: string;
	/** See `hostOwner`. */
	owner: string;
	/** Whether a cycle is declared. If not, the receipt of an earlier one is cleared. */
	hasCycle: boolean;
	/** What `delete` does with the value. */
	onDestroy: OnDestroy;
	/** A digest of `verify`. A change of it changes the command, so the next update inspects the host again. */
	verify: string;
}

/** The commands and the stdin of the enforcement resource. */
export interface EnforceCommands {
	create: string;
	update: string;
	delete: string;
	stdin: string;
}

/**
 * Builds one command per verb for the same script.
 *
 * @param command builds the command line from the script's arguments
 */
export function underEachVerb(
	stdin: string,
	command: (args: readonly string[]) => string,
): EnforceCommands {
	return {
		create: command(["create"]),
		update: command(["update"]),
		delete: command(["delete"]),
		stdin,
	};
}

/** What a kick depends on. */
export interface KickOptions {
	/** The host's name, for messages. */
	host: string;
	/** The cycle's name: `cycle` for a host's own, else that of a cutover. It separates their receipts. */
	cycle: string;
	/** See `kickToken`. */
	token: string;
	/** For messages. */
	type: CycleType;
	/** What to do when an earlier attempt's outcome is unknown. */
	onUncertain: OnUncertain;
	/**
	 * Whether this kick is a T2 that is recorded as open until its T3 has run everywhere. False for a host's own cycle,
	 * for which no step records the T3.
	 */
	awaitsT3?: boolean;
	/** The guards of a cutover. @default NO_GUARDS */
	guards?: KickGuards;
}

/** Checks that refuse a kick. */
export interface KickGuards {
	/** Refuses a kick this many minutes before and after the full hour. 0 refuses none. */
	minutesAroundHour: number;
	/** Whether to refuse a kick while an earlier T2 has no T3 yet. */
	t3BeforeT2: boolean;
}

export const NO_GUARDS: KickGuards = {
	minutesAroundHour: 0,
	t3BeforeT2: false,
};

/** The commands and the stdin of a trigger resource: a kick or another step of a cutover. */
export interface StepCommands {
	/** Builds the command. `at` is the time at which the step begins: ISO 8601, UTC, in whole seconds. */
	create: (at: string) => string;
	/** Sends nothing. No change of an input should ever run it. */
	update: string;
	stdin: string;
}
