import type { CycleType, OnDestroy, OnUncertain } from "../model/host";

/*
 * What is asked of a host, and the commands that it becomes, whatever the way in.
 */

export interface EnforceOptions {
	/** The host's name, for messages. */
	host: string;
	/** `organization/project/stack`: a host belongs to one stack. */
	stack: string;
	/** See `ownerOf`. */
	owner: string;
	/** Without a declared cycle the receipt of an earlier one is cleared. */
	hasCycle: boolean;
	/** What `delete` does with the value. */
	onDestroy: OnDestroy;
	/** A digest of the configuration's `verify`: a change of it is a change of the command and so looks again. */
	verify: string;
}

/** What the enforcement resource runs. */
export interface EnforceCommands {
	create: string;
	update: string;
	delete: string;
	stdin: string;
}

/**
 * One script under each verb.
 *
 * @param command given what the script is called with
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

export interface KickOptions {
	/** The host's name, for messages. */
	host: string;
	/** Keeps the receipts of a host's own cycle and of cutovers apart. */
	cycle: string;
	/** See `kickToken`. */
	token: string;
	/** For messages. */
	type: CycleType;
	/** What to do when an earlier attempt's outcome is unknown. */
	onUncertain: OnUncertain;
	/** Whether this kick is a T2 that is noted until its T3 has been run everywhere. A host's own has nobody to say so. */
	awaitsT3?: boolean;
	/** What a cutover watches over. */
	guards?: KickGuards;
}

export interface KickGuards {
	/** No kick so many minutes before and after the full hour; 0: at any time. */
	minutesAroundHour: number;
	/** Whether nothing is sent while an earlier T2 awaits its T3. */
	t3BeforeT2: boolean;
}

export const NO_GUARDS: KickGuards = {
	minutesAroundHour: 0,
	t3BeforeT2: false,
};

/** What a trigger resource runs, a kick or another step of a cutover. */
export interface StepCommands {
	/** Given the time at which it begins. */
	create: (at: string) => string;
	/** Nothing should ever run it, and it sends nothing. */
	update: string;
	stdin: string;
}
