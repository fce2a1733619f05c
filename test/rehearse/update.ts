import { readFile, rm } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as pause } from "node:timers/promises";
import { parseEvents, readEvents } from "../../src/cli/report/events.ts";
import type { Failure } from "../../src/cli/report/model.ts";
import { parseUrn } from "../../src/cli/urn.ts";
import { descendants, end } from "../lab/processes.ts";
import type { Stack } from "../stack.ts";

/** The result of an update. */
export interface Result {
	/** Undefined if Pulumi was killed. */
	exitCode: number | undefined;
	output: string;
	/** What Pulumi reported, by resource. It reports nothing if it was killed, or if the stack is locked. */
	failures: Failure[];
	/** The names of the resources that were created, updated or deleted. */
	done: string[];
}

/** Operations that run a command. `same` and `replace` do nothing themselves. */
const WORK = /^(create|update|delete)/;

/** The pause between two readings of the log, in milliseconds. */
const POLL = 20;

/** One `pulumi up`, and its event log. Pulumi writes the beginning of a resource's operation before it starts. */
export class Update {
	readonly began = new Date();
	readonly #stack: Stack;
	readonly #log: string;
	#run?: ReturnType<Stack["start"]>;
	#ended = false;

	/** @param log the file for the events. Those of an earlier update are deleted */
	constructor(stack: Stack, log: string) {
		this.#stack = stack;
		this.#log = log;
	}

	/** Runs the update to its end. */
	async run(show: (text: string) => void): Promise<Result> {
		await rm(this.#log, { force: true });
		const run = this.#stack.start([
			...["up", "--yes", "--skip-preview", "--suppress-outputs"],
			...["--event-log", this.#log],
		]);
		this.#run = run;
		const { exitCode, all: output } = await showing(run, show);
		this.#ended = true;
		const text = await this.#text();
		const { ended } = operations(text);
		return {
			...{ exitCode, output, failures: readEvents(text)?.failures ?? [] },
			done: ended,
		};
	}

	get ended(): boolean {
		return this.#ended;
	}

	/** Whether an operation on this resource has failed. */
	async hasFailed(name: string): Promise<boolean> {
		const failures = readEvents(await this.#text())?.failures ?? [];
		return failures.some(({ resource }) => resource === name);
	}

	/** Waits until at least one of these resources is in progress. @returns those that are; none if the update ends before */
	async inProgress(names: readonly string[]): Promise<string[]> {
		while (!this.#ended) {
			const { running } = operations(await this.#text());
			const found = running.filter((name) => names.includes(name));
			if (found.length > 0) return found;
			await pause(POLL);
		}
		return [];
	}

	/** Kills Pulumi and everything that it started on this machine, as a failure of the machine does. */
	kill(): void {
		const children = descendants(this.#run?.pid);
		this.#run?.kill("SIGKILL");
		end(children);
	}

	#text(): Promise<string> {
		return readFile(this.#log, "utf8").catch(() => "");
	}
}

/** Shows the output of a run of Pulumi meanwhile. */
export function showing(
	run: ReturnType<Stack["start"]>,
	show: (text: string) => void,
): ReturnType<Stack["start"]> {
	const decoder = new StringDecoder();
	run.all.on("data", (part: Buffer) => show(decoder.write(part)));
	return run;
}

/** The resources that an update works on now, and those with which it has finished, from its event log. */
export function operations(log: string): {
	running: string[];
	ended: string[];
} {
	const running = new Set<string>();
	const ended: string[] = [];
	for (const event of parseEvents(log)) {
		const begun = event.resourcePreEvent?.metadata;
		if (begun && WORK.test(begun.op)) running.add(parseUrn(begun.urn).name);
		const done = event.resOutputsEvent?.metadata;
		const failed = event.resOpFailedEvent?.metadata;
		const over = done ?? failed;
		if (!over || !WORK.test(over.op)) continue;
		const { name } = parseUrn(over.urn);
		running.delete(name);
		if (done) ended.push(name);
	}
	return { running: [...running], ended };
}
