import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Stack } from "../stack.ts";

/** The event log of the last update of a rehearsal, which each update writes anew. */
export const eventLogIn = (folder: string): string =>
	join(folder, "events.jsonl");

/**
 * The program by which the operator runs Pulumi in another terminal: for the rehearsal's stack only, so that no command of
 * the recovery can reach the real stack of the same name. It logs its command lines.
 */
export class OperatorsPulumi {
	readonly #folder: string;
	readonly #stack: string;
	readonly #log: string;

	private constructor(folder: string, stack: string) {
		this.#folder = folder;
		this.#stack = stack;
		this.#log = join(folder, "operator.log");
	}

	static async write(stack: Stack, folder: string): Promise<OperatorsPulumi> {
		const operator = new OperatorsPulumi(folder, stack.name);
		const { command, cwd, env } = stack.commandLine();
		const { PULUMI_HOME } = process.env;
		const variables = { ...env, ...(PULUMI_HOME && { PULUMI_HOME }) };
		const lines = [
			"#!/bin/sh",
			"# Pulumi for the rehearsal in this folder.",
			`echo "$*" >>${quote(operator.#log)}`,
			...Object.entries(variables).map(
				([name, value]) => `export ${name}=${quote(value)}`,
			),
			`cd ${quote(cwd)} && exec ${quote(command[0] ?? "")} "$@"`,
		];
		await writeFile(operator.#log, "");
		await writeFile(operator.#program, `${lines.join("\n")}\n`, {
			mode: 0o755,
		});
		return operator;
	}

	get #program(): string {
		return join(this.#folder, "pulumi");
	}

	/** The shell command that runs Pulumi with these arguments, as in a shell. */
	command(args: string): string {
		return `${relative("", this.#program)} ${args}`;
	}

	/** The shell command that follows the updates of the rehearsal on a page. */
	get watch(): string {
		const events = relative("", eventLogIn(this.#folder));
		return `PATH="$PWD/${relative("", this.#folder)}:$PATH" npm run -s report -- --stack ${this.#stack} --event-log ${events} --watch`;
	}

	/** The arguments of every run that changed something so far, options last. Quotation marks are lost. */
	async changes(): Promise<string[]> {
		const lines = (await readFile(this.#log, "utf8"))
			.split("\n")
			.map((line) => line.replace(OPTIONS_FIRST, "$2 $1"));
		return lines.filter((line) => CHANGES.test(line));
	}
}

/** `--stack production up` is the same as `up --stack production`. */
const OPTIONS_FIRST = /^((?:-\S+ \S+ )*-\S+ \S+) (.*)$/;

/** The commands of Pulumi that change the stack or its configuration. */
const CHANGES =
	/^(up|update|cancel|refresh|destroy|state|import|stack import|config (.* )?(set|set-all|rm|rm-all))( |$)/;

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
