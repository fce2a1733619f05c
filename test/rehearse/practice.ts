import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { execa } from "execa";
import { alignColumns } from "../../src/cli/columns.ts";
import type { Failure } from "../../src/cli/report/model.ts";
import { formatEvent } from "../lab/service-log.ts";
import {
	type Armed,
	accidentOf,
	type Break,
	hostOf,
	type Stage,
	textOf,
} from "./accidents.ts";
import type { Control } from "./control.ts";
import { eventLogIn, type OperatorsPulumi } from "./operator.ts";
import {
	type Advice,
	adviseOn,
	headingsFor,
	isUnknown,
	type Situation,
	undo,
} from "./recovery.ts";
import type { RehearsedStep } from "./steps.ts";
import { type Result, Update } from "./update.ts";

const TROUBLESHOOTING = "docs/troubleshooting.md";
const ROOT = join(import.meta.dirname, "../..");

/** With `--play`: recoveries from one accident. More means that they do not help. */
const MOST_RECOVERIES = 5;

/** What was practised with one accident, for the last table. */
interface Row {
	one: Break;
	/** What Pulumi reported: at the accident, and in the updates after it until the next accident. */
	reported: string[];
	/** What the lab and the operator did. */
	done: string[];
}

/** How often a cycle or a program has run on a host, and how often it was to run. */
export interface Count {
	host: string;
	/** `cycle`, `srvmain -t` */
	what: string;
	has: number;
	/** The smallest and the greatest right number. */
	least: number;
	most: number;
}

/**
 * Runs the updates of a rehearsal until one succeeds. Lets the named steps fail, one after the other, and leads through
 * the recovery from each.
 */
export class Practice {
	readonly #stage: Stage;
	readonly #control: Control;
	readonly #operator: OperatorsPulumi;
	/** The accidents that have not happened. */
	readonly #left: Break[];
	readonly #play: boolean;
	readonly #rows: Row[] = [];
	/** The names of the steps that succeeded. */
	readonly #done = new Set<string>();
	/** Settings for one update. */
	readonly #settings = new Set<string>();
	/** How many of the operator's commands are in the table. */
	#noted = 0;
	/** The last accident, until its cause has been removed. */
	#cause: { armed: Armed; one: Break } | undefined;
	#recoveries = 0;

	/** @param play whether the operator's part is done too */
	constructor(
		stage: Stage,
		control: Control,
		operator: OperatorsPulumi,
		breaks: readonly Break[],
		play: boolean,
	) {
		this.#stage = stage;
		this.#control = control;
		this.#operator = operator;
		this.#left = [...breaks];
		this.#play = play;
	}

	/** Runs updates until one succeeds. @returns whether it did and every accident has happened, and its output */
	async run(): Promise<{ succeeded: boolean; output: string }> {
		for (;;) {
			const { result, happened } = await this.#update();
			if (result.exitCode === 0) {
				await this.#removeCause();
				await this.#finish();
				return { succeeded: !this.#complain(), output: result.output };
			}
			if (this.#rows.length === 0) {
				if (this.#left.length > 0)
					this.#print("\nrehearse: the update failed before any accident");
				return { succeeded: false, output: result.output };
			}
			this.#recoveries = happened ? 1 : this.#recoveries + 1;
			if (this.#play && this.#recoveries > MOST_RECOVERIES) {
				this.#print("\nrehearse: the update still fails after its recovery");
				return { succeeded: false, output: result.output };
			}
			await this.#recover(result, happened);
		}
	}

	/** Runs one update, in which the next accident waits. */
	async #update() {
		const { stack, folder } = this.#stage;
		const update = new Update(stack, eventLogIn(folder));
		const [one] = this.#left;
		const armed =
			one && (await accidentOf(one).arm({ ...this.#stage, ...one, update }));
		this.#print(`\n$ pulumi up --yes --stack ${stack.name}\n`);
		const result = await update.run((text) => this.#control.write(text));
		await armed?.over();
		const happened = (await armed?.hasHappened()) ?? false;
		for (const name of result.done) this.#done.add(name);
		if (one && armed && happened) {
			this.#left.shift();
			this.#cause = { armed, one };
			this.#rows.push({ one, reported: [], done: [] });
		} else await armed?.mend();
		if (happened || result.exitCode !== 0)
			this.#rows.at(-1)?.reported.push(reportOf(result));
		return { result, happened };
	}

	/** Shows the failure and its recovery. Does it, or waits for the operator. */
	async #recover(result: Result, happened: boolean): Promise<void> {
		const situation = await this.#situation(result);
		const next = adviseOn(situation, relative("", this.#stage.folder));
		const advice = [
			...(await this.#undone(next.map(({ setting }) => setting))),
			...next,
		];
		const after = next
			.map(({ setting }) => setting)
			.filter((setting) => setting !== undefined);
		if (happened) this.#showAccident();
		this.#print(`Reported    ${reportOf(result)}`);
		await this.#showHosts(situation);
		const page = await readFile(join(ROOT, TROUBLESHOOTING), "utf8");
		const headings = headingsFor(situation, page);
		this.#print(
			`Read        ${TROUBLESHOOTING}${headings.map((heading) => `, "${heading}"`).join("")}\n\nRecovery`,
		);
		const repair = this.#cause && accidentOf(this.#cause.one).repair;
		const lines = [
			...(this.#cause && repair
				? [`In the real world: ${repair(this.#cause.one)}. The lab does that.`]
				: []),
			...advice.map((each) => this.#instruction(each)),
			"Run pulumi up again. Here: npm run rehearse -- --resume",
			...after.map((setting) => this.#instruction(this.#undo(setting))),
		];
		this.#print(lines.map((line, i) => `  ${i + 1}. ${line}`).join("\n"));
		if (this.#play) {
			await this.#removeCause();
			await this.#command(advice);
		} else {
			this.#print(
				"\nThe rehearsal waits. Do this in another terminal, in this folder. Ctrl-C ends the rehearsal.",
			);
			this.#control.release(1);
			await this.#control.resumed();
			await this.#removeCause();
		}
		await this.#note(advice);
		this.#rows.at(-1)?.done.push("pulumi up");
		for (const setting of after) this.#settings.add(setting);
	}

	/** Adds to the table what the operator has done since the last time. */
	async #note(advice: readonly Advice[]): Promise<void> {
		const changes = await this.#operator.changes();
		const words = changes.slice(this.#noted).map((line) => {
			const advised = advice.find(({ pulumi }) =>
				line.startsWith(`${pulumi.replaceAll("'", "")} `),
			);
			return advised?.short ?? `pulumi ${line.split(" --")[0]}`;
		});
		this.#noted = changes.length;
		this.#rows.at(-1)?.done.push(...words);
	}

	#instruction(advice: Advice): string {
		return `${advice.why}\n     $ ${this.#commandLine(advice)}`;
	}

	#showAccident(): void {
		const { one } = this.#rows.at(-1) as Row;
		this.#print(
			`\nBroken      ${textOf(one)}: ${accidentOf(one).describe(one)}`,
		);
	}

	async #situation(result: Result): Promise<Situation> {
		const failures = result.failures.map((failure) => {
			const step = this.#stage.steps.find(
				({ name }) => name === failure.resource,
			);
			return {
				...(step && { step }),
				...(failure.code !== undefined && { code: failure.code }),
			};
		});
		const ran = new Set<RehearsedStep>();
		for (const { step, code } of failures)
			if (step && isUnknown(code) && (await this.#hasRun(step))) ran.add(step);
		return {
			wasKilled: result.exitCode === undefined || isLocked(result),
			failures,
			hasRun: (step) => ran.has(step),
		};
	}

	/** Whether the cycle or the program of a step has run that is not known to have succeeded, as the host shows. */
	async #hasRun(step: RehearsedStep): Promise<boolean> {
		if (step.kind === "program") {
			const ended = (await this.#calls(step)).filter(({ to }) => to);
			const known = this.#sameAs(step).filter(({ name }) =>
				this.#done.has(name),
			);
			return ended.length > this.#failures(step) + known.length;
		}
		const known = this.#stage.steps.filter(
			({ name, kind, machine }) =>
				kind === "kick" && machine === step.machine && this.#done.has(name),
		);
		const cycles = await hostOf({ ...this.#stage, step }).cycles();
		return cycles.length > known.length;
	}

	/** How often the program of a step has failed in this practice. */
	#failures(step: RehearsedStep): number {
		return this.#rows.filter(
			({ one }) =>
				one.accident === "program-fails" && idOf(one.step) === idOf(step),
		).length;
	}

	/** The steps that run the same program on the same post office, which can take part in several cutovers. */
	#sameAs(step: RehearsedStep): RehearsedStep[] {
		return this.#stage.steps.filter(
			(each) => each.kind === "program" && idOf(each) === idOf(step),
		);
	}

	async #calls({ program, entry }: RehearsedStep) {
		const office = this.#stage.site.offices.get(entry?.name ?? "");
		const { program: name = "", flag } = program ?? {};
		return ((await office?.calls()) ?? []).filter(
			(call) =>
				call.program === name.toUpperCase() &&
				(!flag || call.args.split(" ").includes(`-${flag}`)),
		);
	}

	/** For a step whose outcome is unknown: what the operator finds on the host. */
	async #showHosts({ failures }: Situation): Promise<void> {
		for (const { step, code } of failures) {
			if (!step || !isUnknown(code)) continue;
			const name = step.entry?.name ?? "";
			if (step.kind === "program") {
				const office = this.#stage.site.offices.get(name);
				const text = await readFile(
					join(office?.log ?? "", "DIRSYNC.LOG"),
					"utf8",
				).catch(() => "");
				this.#show(`DIRSYNC.LOG of ${name}`, text.trim().split(/\r?\n/));
				continue;
			}
			const log = await hostOf({ ...this.#stage, step }).serviceLog();
			this.#show(`The log of MSExchangeDX on ${name}`, log.map(formatEvent));
		}
	}

	#show(title: string, lines: readonly string[]): void {
		this.#print(
			`${title}:\n${lines.map((line) => `            ${line}`).join("\n")}`,
		);
	}

	/** The commands that end the settings for one update, except those that the next update needs again. */
	async #undone(
		again: readonly (string | undefined)[] = [],
	): Promise<Advice[]> {
		const commands: Advice[] = [];
		for (const setting of this.#settings)
			if (!again.includes(setting) && (await this.#isSet(setting)))
				commands.push(this.#undo(setting));
		this.#settings.clear();
		return commands;
	}

	/** Ends the settings for one update after the last one. */
	async #finish(): Promise<void> {
		const advice = await this.#undone();
		if (this.#play) {
			await this.#command(advice);
			await this.#note(advice);
		} else
			for (const each of advice)
				this.#print(`\n${each.why}\n$ ${this.#commandLine(each)}`);
	}

	#undo(setting: string): Advice {
		const [key, path] = partsOf(setting);
		return undo(setting, valueAt(this.#stage.declared[key], path));
	}

	/** Whether a setting differs from the stack file. The operator may have ended it. */
	async #isSet(setting: string): Promise<boolean> {
		const [key, path] = partsOf(setting);
		const now = valueAt(await this.#stage.stack.configured(key), path);
		return now !== valueAt(this.#stage.declared[key], path);
	}

	async #removeCause(): Promise<void> {
		const { armed, one } = this.#cause ?? {};
		this.#cause = undefined;
		await armed?.mend();
		const repair = one && accidentOf(one).repair?.(one);
		if (repair) {
			this.#print(`\nThe lab: ${repair}.`);
			this.#rows.at(-1)?.done.push(repair);
		}
	}

	#commandLine({ pulumi, stdin }: Advice): string {
		const { stack } = this.#stage;
		return this.#operator.command(
			`${pulumi} --stack ${stack.name}${stdin ? ` < ${relative("", stdin)}` : ""}`,
		);
	}

	/** Does the operator's part. */
	async #command(advice: readonly Advice[]): Promise<void> {
		for (const each of advice) {
			const line = this.#commandLine(each);
			this.#print(`\n$ ${line}`);
			const { exitCode, all } = await execa("sh", ["-c", line], {
				...{ all: true, reject: false, stdin: "ignore" },
			});
			this.#control.write(all ? `${all}\n` : "");
			if (exitCode !== 0)
				throw new Error(
					"rehearse: a command of the recovery failed, as described above",
				);
		}
	}

	/** Reports accidents that have not happened. @returns whether there are any */
	#complain(): boolean {
		for (const one of this.#left)
			this.#print(
				`\nrehearse: ${textOf(one)} has not happened: the update had nothing to do there${one.accident === "program-fails" ? ", or the number is not that of an error" : ""}`,
			);
		return this.#left.length > 0;
	}

	/** The table of what was practised; empty if no accident has happened. */
	get table(): string {
		if (this.#rows.length === 0) return "";
		const rows = [
			["step", "broken", "reported", "recovery"],
			...this.#rows.map(({ one, reported, done }) => [
				one.step.name,
				textOf(one).slice(one.step.name.length + 1),
				[...new Set(reported)].join("; then "),
				done.join(", ") || "none was needed",
			]),
		];
		return `Practised:\n${indented(rows)}`;
	}

	/** How often each cycle and each program has run, read on the hosts. */
	async counts(): Promise<Count[]> {
		const { steps } = this.#stage;
		const counts: Count[] = [];
		for (const step of steps.filter(({ kind }) => kind === "enforcement")) {
			const cycles = await hostOf({ ...this.#stage, step }).cycles();
			const kicks = steps.filter(
				({ kind, machine }) => kind === "kick" && machine === step.machine,
			).length;
			counts.push({
				...{ host: step.name, what: "cycle", has: cycles.length },
				...{ least: kicks, most: kicks },
			});
		}
		for (const step of steps.filter(({ kind }) => kind === "program")) {
			const all = this.#sameAs(step);
			if (all[0] !== step) continue;
			const sends = all.length + this.#failures(step);
			counts.push({
				...{ host: step.entry?.name ?? "", what: whatOf(step) },
				has: (await this.#calls(step)).length,
				// A program that receives finds nothing to do a second time, so it simply runs again.
				...(step.program?.flag === "t"
					? { least: sends, most: sends }
					: { least: all.length, most: Number.POSITIVE_INFINITY }),
			});
		}
		return counts;
	}

	#print(line: string): void {
		this.#control.print(line);
	}
}

/** A program with its flag: `srvmain -t`. */
const whatOf = ({ program: run }: RehearsedStep): string =>
	[run?.program, run?.flag && `-${run.flag}`].filter(Boolean).join(" ");

const idOf = (step: RehearsedStep): string =>
	`${step.entry?.name} ${whatOf(step)}`;

/** The key of the configuration in the path of a setting, and the rest of it: `cutovers[0].onUncertain`. */
function partsOf(setting: string): ["hosts" | "cutovers", string[]] {
	const [key = "", ...path] = setting.split(/[[\].]+/);
	return [key as "hosts" | "cutovers", path];
}

const valueAt = (object: unknown, path: readonly string[]): unknown =>
	path.reduce<unknown>(
		(value, name) => (value as Record<string, unknown> | undefined)?.[name],
		object,
	);

/** The table of the counts. */
export const tableOf = (counts: readonly Count[]): string =>
	indented([
		["host", "has run", "was to run"],
		...counts.map(({ host, what, has, least, most }) => [
			host,
			times(has, what),
			`${least === most ? "" : "at least "}${times(least, what)}`,
		]),
	]);

const indented = (rows: string[][]): string =>
	alignColumns(rows)
		.map((line) => `  ${line}`)
		.join("\n");

/** What has run too rarely or too often, one line each. */
export const wrongOf = (counts: readonly Count[]): string[] =>
	counts
		.filter(({ has, least, most }) => has < least || has > most)
		.map(
			({ host, what, has, least, most }) =>
				`rehearse: ${what === "cycle" ? "a cycle" : what} has run ${has === 1 ? "once" : `${has} times`} on ${host}, but was to run ${least === most ? "" : "at least "}${least === 1 ? "once" : `${least} times`}`,
		);

const times = (count: number, what: string): string =>
	`${count} ${what}${what === "cycle" && count !== 1 ? "s" : ""}`;

const isLocked = ({ output }: Result): boolean =>
	output.includes("currently locked");

/** What Pulumi reported, in one line. */
export function reportOf({
	exitCode,
	output,
	failures,
}: Pick<Result, "exitCode" | "output" | "failures">): string {
	if (exitCode === 0) return "success";
	if (exitCode === undefined) return "nothing, as Pulumi was killed";
	const [first] = failures.filter(({ resource }) => resource !== "the update");
	if (first) return wordsOf(first);
	if (output.includes("currently locked")) return "the stack is locked";
	return failures[0] ? wordsOf(failures[0]) : "a failure without a reason";
}

function wordsOf({ host, step, code, number, problem }: Failure): string {
	const where = host && step ? `${host}, ${step} ` : "";
	if (code) return `${where}[${[code, number].filter(Boolean).join(", ")}]`;
	return problem.replace(/^error: |:$/g, "");
}
