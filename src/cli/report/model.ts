import type { Step } from "../../model/cutover-plan";

/** A failure that `pulumi up` told of. */
export interface Failure {
	/** The resource under whose name Pulumi printed it; undefined where that is not known. */
	resource?: string;
	/** The host and the step that the message names; the command plugin's own words name neither. */
	host?: string;
	step?: string;
	/** Its code in the README's table, where it has one. */
	code?: string;
	/** The number that came with it, `number 156` or `Windows 1053`. */
	number?: string;
	problem: string;
	remedy?: string;
	/** What stood below: the host's or the plugin's own words. */
	details: string[];
}

/**
 * `pending`: an update is at work on it or was killed over it; `next`: nothing stands before it any more; `open`: others
 * come first.
 */
export type StepState = "done" | "failed" | "pending" | "next" | "open";

/** The part of directory synchronization that a step belongs to. */
export type Phase = "T1" | "T2" | "T3" | "wait";

/** One step of a cutover as far as it has come. */
export interface StepReport {
	/** Its resource's name. */
	id: string;
	phase: Phase;
	kind: Step["kind"];
	/** As failures name it: `reqmain -t`, `kick`, `t1Delivered`. */
	label: string;
	/** Empty for a wait of a fixed time. */
	host: string;
	state: StepState;
	/** Milliseconds since 1970; undefined where the step printed none. */
	start?: number;
	end?: number;
	evidence: string;
	failure?: Failure;
	/** The resources of the steps before it. */
	after: string[];
}

/** Whoever takes part in a cutover. */
export interface Part {
	name: string;
	role: string;
}

/** One cutover, as its last run in the state has it. */
export interface CutoverReport {
	name: string;
	run: string;
	exchange: Part;
	postOffices: Part[];
	steps: StepReport[];
	/** What failed before its first step: a post office or the Exchange host was not as it has to be. */
	before: Failure[];
	/** Why the next update begins the whole cutover anew, where it does. */
	anew?: string;
}

/** What the page tells. */
export interface Report {
	stack: string;
	/** When the state was written: ISO 8601, or empty. */
	stateTime: string;
	hasLog: boolean;
	cutovers: CutoverReport[];
	/** Failures outside the cutovers: one of them ends an update all the same. */
	others: Failure[];
}
