import { stat } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { runPulumiJson } from "../pulumi-cli";
import { identify } from "../stack";
import { UserError } from "../user-error";
import { buildReport, type Sources, toOtherWork } from "./build-report";
import { NoCutoversError } from "./declared";
import { readEventsAndProgress } from "./events";
import { assertOfStack, readEventText } from "./log-file";
import type { Log, Report, UpdateProgress, Watch } from "./model";
import { contentPolicy, renderPage } from "./page";
import { servePage } from "./server";
import { formatTime } from "./time";

/** How often the event log is checked, in milliseconds. */
const EVERY = 1000;

/** The minimum time between two readings of the state, in milliseconds: each takes about a second of a processor. */
const APART = 2000;

/** When the state is read again without a reason: there is no event log, or the last reading failed. In milliseconds. */
const AGAIN = 10_000;

export interface WatchOptions {
	stack: string;
	/** The file that `pulumi up --event-log` writes. It need not exist yet. */
	eventLog?: string;
}

/**
 * Serves a page that follows an update, until the signal. It prints the address of the page.
 *
 * @throws UserError if the stack or the event log cannot be read at the start. A later error is shown on the page.
 */
export async function watch(
	options: WatchOptions,
	signal: AbortSignal,
): Promise<void> {
	const follower = new Follower(options);
	await follower.refresh().catch((error) => {
		if (!(error instanceof NoCutoversError)) throw error;
		follower.note(error);
	});
	const page = await servePage(
		() => follower.render(),
		contentPolicy(true).text,
	);
	try {
		console.log(page.url);
		while (await isTimeLeft(signal))
			await follower.refresh().then(
				() => follower.note(undefined),
				(error) => {
					if (!(error instanceof UserError)) throw error;
					// Ctrl-C ends the Pulumi CLI too.
					if (!signal.aborted) follower.note(error);
				},
			);
	} finally {
		await page.close();
	}
}

/** Waits for the next check. @returns false if the signal came */
const isTimeLeft = (signal: AbortSignal): Promise<boolean> =>
	setTimeout(EVERY, true, { signal }).catch(() => false);

/** Follows one stack. */
class Follower {
	readonly #options: WatchOptions;
	#project?: string;
	/** The last state and configuration that could be read, and when. */
	#base?: Pick<Sources, "project" | "state" | "config"> & { time: number };
	/** Why they could not be read the last time. */
	#failure?: UserError;
	/** When they are read again, if the events show something new, and otherwise. */
	#earliest = 0;
	#latest = 0;
	#log?: Log;
	#progress?: UpdateProgress;
	/** The size and time of the event log that has been read. */
	#version?: string;
	/** Whether the events show something that the state has not been read for. */
	#hasNews = false;
	#problem?: UserError;
	#isWaiting = false;

	constructor(options: WatchOptions) {
		this.#options = options;
	}

	/**
	 * Reads what has changed.
	 *
	 * @throws UserError if the event log, the state or the configuration cannot be read. The page keeps what was read
	 * before.
	 */
	async refresh(): Promise<void> {
		await this.#readEvents();
		const now = Date.now();
		if (now >= this.#latest || (this.#hasNews && now >= this.#earliest)) {
			this.#hasNews = false;
			this.#failure = await this.#readBase().then(
				() => undefined,
				(error) => {
					if (error instanceof UserError) return error;
					throw error;
				},
			);
			this.#earliest = Date.now() + (this.#failure ? AGAIN : APART);
			this.#latest =
				this.#failure || this.#options.eventLog === undefined
					? Date.now() + AGAIN
					: Number.POSITIVE_INFINITY;
		}
		if (this.#failure) throw this.#failure;
	}

	/** Shows an error on the page, and once on stderr; undefined removes it. */
	note(problem: UserError | undefined): void {
		if (problem && problem.message !== this.#problem?.message)
			console.error(problem.message);
		this.#problem = problem;
	}

	render(): string {
		const now = Date.now();
		return renderPage(this.#report(now), new Date(now));
	}

	#report(now: number): Report {
		const { stack } = this.#options;
		const log = this.#log;
		const progress = this.#progress;
		const watch: Watch = { now, progress, notices: this.#notices() };
		if (this.#base) return buildReport({ stack, ...this.#base, log, watch });
		// No cutover is known yet.
		return {
			...{ stack, hasLog: true, cutovers: [], watch },
			others: log?.failures ?? [],
			otherWork: (progress?.running ?? []).map(toOtherWork),
			continues: progress?.continues ?? false,
		};
	}

	#notices(): string[] {
		const { stack, eventLog } = this.#options;
		const notices: string[] = [];
		if (eventLog === undefined)
			notices.push(
				"Without --event-log this page follows the state alone. It then shows neither when a running step began nor why a step failed.",
			);
		if (this.#isWaiting) notices.push(waitingFor(stack, eventLog));
		if (this.#problem)
			notices.push(
				this.#base
					? `Not up to date since ${formatTime(this.#base.time)}: ${this.#problem.message}`
					: this.#problem.message,
			);
		return notices;
	}

	/** Reads the event log if it has changed. A file that does not exist yet, or has no events yet, is waited for. */
	async #readEvents(): Promise<void> {
		const { stack, eventLog } = this.#options;
		if (eventLog === undefined) return;
		const version = await versionOf(eventLog);
		if (version !== this.#version) {
			const text = version === undefined ? "" : await readEventText(eventLog);
			const { log, progress } = readEventsAndProgress(text);
			// Before the version is noted: as long as it is the wrong log, each refresh fails.
			if (log) assertOfStack(stack, eventLog, log);
			this.#hasNews ||=
				JSON.stringify([log, progress]) !==
				JSON.stringify([this.#log, this.#progress]);
			this.#log = log;
			this.#progress = progress;
			this.#version = version;
		}
		if (!this.#progress && !this.#isWaiting)
			console.error(waitingFor(stack, eventLog));
		this.#isWaiting = !this.#progress;
	}

	async #readBase(): Promise<void> {
		const { stack } = this.#options;
		const time = Date.now();
		const [state, config, about] = await Promise.all([
			runPulumiJson(stack, ["stack", "export"]),
			runPulumiJson(stack, ["config", "--json"]),
			this.#project === undefined && runPulumiJson(stack, ["about", "--json"]),
		]);
		this.#project ??= identify(stack, about).project;
		const project = this.#project;
		// Fails here, and not when the page is rendered from them.
		buildReport({ stack, project, state, config });
		this.#base = { project, state, config, time };
	}
}

const waitingFor = (stack: string, eventLog = ""): string =>
	`Waiting for events of an update in ${eventLog}. To write them: PULUMI_DEBUG_COMMANDS=true pulumi up --yes --stack ${stack} --event-log ${eventLog}`;

/** Identifies the content of a file; undefined if there is none. */
async function versionOf(file: string): Promise<string | undefined> {
	const found = await stat(file).catch(() => undefined);
	return found && `${found.ino} ${found.size} ${found.mtimeMs}`;
}
