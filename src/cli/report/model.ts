import type { Step } from "../../model/cutover-plan";

/** What is known of the last update of a stack. */
export interface Log {
	/** The stack that was updated; undefined if that is unknown. */
	stack?: string;
	failures: Failure[];
}

/** A failure that `pulumi up` reported. */
export interface Failure {
	/** The resource that Pulumi reported it for; undefined if that is unknown. */
	resource?: string;
	/** The types of that resource, as in its URN; undefined if the log does not contain them. */
	types?: string;
	/**
	 * The host and the step that the message names; undefined for messages of the command plugin, which names neither.
	 */
	host?: string;
	step?: string;
	/** Its code in docs/troubleshooting.md, if it has one. */
	code?: string;
	/** The number in the message: `number 156` or `Windows 1053`. */
	number?: string;
	problem: string;
	remedy?: string;
	/** The lines below the message: the output of the host or of the plugin. */
	details: string[];
}

/** How far an update has come. Only its events show that. */
export interface UpdateProgress {
	/** `preview`: nothing is changed before the preview has ended. `failed`: also if it was cancelled. */
	state: "preview" | "running" | "succeeded" | "failed";
	/** Milliseconds since 1970, of whole seconds, as all times of events. */
	start: number;
	/** Undefined while it runs. */
	end?: number;
	/** What it is working on; empty in a preview. */
	running: Operation[];
	/**
	 * Whether it begins further steps when the present ones have ended. After a failure it does so with
	 * `--continue-on-error` only, which shows when it begins one.
	 */
	continues: boolean;
	/** The resources that it has created or changed, as the state will hold them. */
	ended: EndedResource[];
}

/** The work of an update on one resource. */
export interface Operation {
	/** The name of the resource. */
	resource: string;
	/** See `Urn`. */
	types: string;
	start: number;
	/** Whether it deletes the resource. */
	deletes: boolean;
}

/** A resource as its last event describes it. */
export interface EndedResource {
	urn: string;
	id?: string;
	inputs?: object;
	outputs?: object;
	/** When its operation ended. */
	end: number;
}

/** What a page that follows an update knows in addition. */
export interface Watch {
	/** When the page is rendered: milliseconds since 1970. */
	now: number;
	/** Undefined if there are no events of an update yet. */
	progress?: UpdateProgress;
	/** What the reader has to know about the watch itself: it waits for events, or could not read the state. */
	notices: string[];
}

/** Work of the running update that is no step of a cutover. */
export interface OtherWork {
	/** `EXCH01, registry` or the name of a resource. */
	place: string;
	start: number;
}

/**
 * `running`: an update has begun it, according to its events. `pending`: an update is running it or was killed during it.
 * `next`: all steps before it are done, or run in the update that is watched. `open`: other steps come first.
 */
export type StepState =
	| "done"
	| "failed"
	| "running"
	| "pending"
	| "next"
	| "open";

/** The phase of directory synchronization that a step belongs to. */
export type Phase = "T1" | "T2" | "T3" | "wait";

/** The progress of one step of a cutover. */
export interface StepReport {
	/** The name of its resource. */
	id: string;
	phase: Phase;
	kind: Step["kind"];
	/** The name of the step in failure messages: `reqmain -t`, `kick`, `t1Delivered`. */
	label: string;
	/** Empty for a wait of a fixed time; undefined for a wait whose host is unknown. */
	host?: string;
	state: StepState;
	/** Milliseconds since 1970; undefined if the step printed no time. */
	start?: number;
	/** That of a running step is when the page was rendered. */
	end?: number;
	evidence: string;
	failure?: Failure;
	/** The resources of the steps that must end before it. */
	after: string[];
}

/** A participant of a cutover: the Exchange host or a post office. */
export interface Part {
	name: string;
	role: string;
}

/** One cutover. It describes the last run in the state. */
export interface CutoverReport {
	name: string;
	/** The types of its component: its own, after those of the components around it. */
	component: string;
	run: string;
	exchange: Part;
	postOffices: Part[];
	steps: StepReport[];
	/** Failures before its first step: a post office or the Exchange host did not pass its checks. */
	before: Failure[];
	/** The checks before its first step that the update is running. */
	checks: OtherWork[];
	/** Why the next update repeats the whole cutover; undefined if it does not. */
	repeatReason?: string;
	/** Whether only the program declares it. Its plan was then derived from the state. */
	isDerived: boolean;
}

/** The content of the page. */
export interface Report {
	stack: string;
	/** When the state was written: ISO 8601, or empty. Undefined as long as no cutover is known. */
	stateTime?: string;
	/** Whether a log was given. A page that follows an update explains by itself what it waits for. */
	hasLog: boolean;
	cutovers: CutoverReport[];
	/** Failures outside the cutovers. Each of them also ends the update. */
	others: Failure[];
	/** What the update is doing outside the cutovers. */
	otherWork: OtherWork[];
	/** Whether an update is running that begins further steps when the present ones have ended. */
	continues: boolean;
	/** Only on a page that follows an update. */
	watch?: Watch;
}
