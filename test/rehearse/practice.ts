import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { execa } from "execa";
import { alignColumns } from "../../src/cli/columns.ts";
import type { Failure } from "../../src/cli/report/model.ts";
import {
	type Armed,
	accidentOf,
	type Break,
	hostOf,
	type Stage,
	textOf,
} from "./accidents.ts";
import type { Control } from "./control.ts";
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

/** Lets the named steps fail, one after the other, and leads through the recovery from each. */
export class Practice {
	readonly #stage: Stage;
	readonly #control: Control;
	/** The accidents that have not happened. */
	readonly #left: Break[];
	readonly #play: boolean;
	readonly #rows: Row[] = [];
	/** The kicks that succeeded. */
	readonly #kicked = new Set<string>();
	/** Settings for one update, with their values before. */
	readonly #settings = new Map<string, unknown>();
	/** The last accident, until its cause has been removed. */
	#cause: { armed: Armed; one: Break } | undefined;
	#recoveries = 0;

	/** @param play whether the operator's part is done too */
	constructor(
		stage: Stage,
		control: Control,
		breaks: readonly Break[],
		play: boolean,
	) {
		this.#stage = stage;
		this.#control = control;
		this.#left = [...breaks];
		this.#play = play;
	}

	/** Runs updates until one succeeds. @returns whether it did and every accident has happened, and its output */
	async run(): Promise<{ succeeded: boolean; output: string }> {
		await writeWrapper(this.#stage);
		for (let number = 1; ; number++) {
			const { result, happened } = await this.#update(number);
			if (result.exitCode === 0) {
				await this.#removeCause();
				await this.#finish();
				return { succeeded: !this.#complain(), output: result.output };
			}
			if (this.#rows.length === 0) {
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
	async #update(number: number) {
		const { stack, folder, steps } = this.#stage;
		const update = new Update(stack, join(folder, `update-${number}.jsonl`));
		const [one] = this.#left;
		const armed =
			one && (await accidentOf(one).arm({ ...this.#stage, ...one, update }));
		this.#print(`\n$ pulumi up --yes --stack ${stack.name}\n`);
		const result = await update.run((text) => this.#control.write(text));
		await armed?.over();
		const happened = (await armed?.hasHappened()) ?? false;
		for (const { name, kind } of steps)
			if (kind === "kick" && result.done.includes(name)) this.#kicked.add(name);
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
			...this.#undone(next.map(({ setting }) => setting)),
			...next,
		];
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
			...advice.map((each) => `${each.why}\n     $ ${this.#commandLine(each)}`),
			"Run pulumi up again. Here: npm run rehearse -- --resume",
		];
		this.#print(lines.map((line, i) => `  ${i + 1}. ${line}`).join("\n"));
		if (this.#play) {
			await this.#removeCause();
			await this.#command(advice);
		} else {
			this.#print(
				"\nThe rehearsal waits. Run these commands in another terminal, in this folder. Ctrl-C ends the rehearsal.",
			);
			this.#control.release(1);
			await this.#control.resumed();
			await this.#removeCause();
		}
		this.#rows
			.at(-1)
			?.done.push(...advice.map(({ short }) => short), "pulumi up");
		for (const { setting } of advice) await this.#note(setting);
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
			return ended.length > this.#failures(step);
		}
		const known = this.#stage.steps.filter(
			({ name, machine }) => machine === step.machine && this.#kicked.has(name),
		);
		const cycles = await hostOf({ ...this.#stage, step }).cycles();
		return cycles.length > known.length;
	}

	/** How often a program has failed in this practice. */
	#failures(step: RehearsedStep): number {
		return this.#rows.filter(
			({ one }) => one.step === step && one.accident === "program-fails",
		).length;
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
			this.#show(
				`The log of MSExchangeDX on ${name}`,
				log.map(({ time, event }) => `${time.toISOString()}  ${event}`),
			);
		}
	}

	#show(title: string, lines: readonly string[]): void {
		this.#print(
			`${title}:\n${lines.map((line) => `            ${line}`).join("\n")}`,
		);
	}

	/** The commands that end the settings for one update, except those that the next update needs again. */
	#undone(again: readonly (string | undefined)[] = []): Advice[] {
		const commands = [...this.#settings]
			.filter(([setting]) => !again.includes(setting))
			.map(([setting, before]) => undo(setting, before));
		this.#settings.clear();
		return commands;
	}

	/** Ends the settings for one update after the last one. */
	async #finish(): Promise<void> {
		const advice = this.#undone();
		if (this.#play) await this.#command(advice);
		else
			for (const each of advice)
				this.#print(`\n${each.why}\n$ ${this.#commandLine(each)}`);
	}

	/** Remembers a setting that is to be ended. */
	async #note(setting: string | undefined): Promise<void> {
		const [, key = "", index = "", path = ""] =
			/^(\w+)\[(\d+)\]\.(.+)$/.exec(setting ?? "") ?? [];
		if (!setting) return;
		const declared = this.#stage.declared[key as "hosts" | "cutovers"];
		const before = path
			.split(".")
			.reduce<unknown>(
				(value, name) => (value as Record<string, unknown> | undefined)?.[name],
				declared[Number(index)],
			);
		this.#settings.set(setting, before);
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
		const { stack, folder } = this.#stage;
		const program = join(relative("", folder), "pulumi");
		return `${program} ${pulumi} --stack ${stack.name}${stdin ? ` < ${relative("", stdin)}` : ""}`;
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
				`\nrehearse: ${textOf(one)} has not happened: the update had nothing to do there, or did not fail. Give --break in the order of the steps, and a number that is an error`,
			);
		return this.#left.length > 0;
	}

	/** What was practised, and how often each cycle and each program has run. */
	async summary(): Promise<string> {
		const practised = alignColumns([
			["step", "broken", "reported", "recovery"],
			...this.#rows.map(({ one, reported, done }) => [
				one.step.name,
				textOf(one).slice(one.step.name.length + 1),
				[...new Set(reported)].join("; then "),
				done.join(", ") || "none was needed",
			]),
		]);
		const counted = alignColumns([
			["host", "has run", "was to run"],
			...(await this.#counts()),
		]);
		const block = (lines: readonly string[]) =>
			lines.map((line) => `  ${line}`).join("\n");
		return `Practised:\n${block(practised)}\n\nCounted on the lab hosts:\n${block(counted)}`;
	}

	async #counts(): Promise<string[][]> {
		const { steps } = this.#stage;
		const rows: string[][] = [];
		for (const step of steps.filter(({ kind }) => kind === "enforcement")) {
			const cycles = await hostOf({ ...this.#stage, step }).cycles();
			const kicks = steps.filter(
				({ kind, machine }) => kind === "kick" && machine === step.machine,
			);
			const count = (number: number) =>
				`${number} ${number === 1 ? "cycle" : "cycles"}`;
			rows.push([step.name, count(cycles.length), count(kicks.length)]);
		}
		for (const step of steps.filter(({ kind }) => kind === "program")) {
			const { program = "", flag } = step.program ?? {};
			const name = [program, flag && `-${flag}`].filter(Boolean).join(" ");
			const calls = await this.#calls(step);
			rows.push([
				step.entry?.name ?? "",
				`${calls.length} ${name}`,
				// A program that receives finds nothing to do a second time, so it simply runs again.
				flag === "t"
					? `${1 + this.#failures(step)} ${name}`
					: `at least 1 ${name}`,
			]);
		}
		return rows;
	}

	#print(line: string): void {
		this.#control.print(line);
	}
}

/**
 * Writes the program by which the operator runs Pulumi in another terminal: for the rehearsal's stack only, so that no
 * command of the recovery can reach the real stack of the same name.
 */
async function writeWrapper({ stack, folder }: Stage): Promise<void> {
	const { command, cwd, env } = stack.commandLine();
	const { PULUMI_HOME } = process.env;
	const variables = { ...env, ...(PULUMI_HOME && { PULUMI_HOME }) };
	const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
	const lines = [
		"#!/bin/sh",
		"# Pulumi for the rehearsal in this folder.",
		...Object.entries(variables).map(
			([name, value]) => `export ${name}=${quote(value)}`,
		),
		`cd ${quote(cwd)} && exec ${quote(command[0] ?? "")} "$@"`,
	];
	await writeFile(join(folder, "pulumi"), `${lines.join("\n")}\n`, {
		mode: 0o755,
	});
}

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
