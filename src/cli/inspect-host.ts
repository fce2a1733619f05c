import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
	CHECK_STEP,
	type InspectCommands,
	type Inspection,
	parseInspection,
} from "../protocol/inspection";
import {
	connectionOutcomes,
	loaderCode,
	message,
	type OutcomeCode,
} from "../protocol/outcomes";
import { sambaInspectCommands } from "../scripts/samba/inspect";
import { inspectCommands } from "../scripts/windows/inspect";
import type { Host } from "./hosts";
import { type ConnectionCode, ConnectionError, run } from "./ssh";

/** Milliseconds. Longer than the scripts' own limit, so that the script can report its more precise error first. */
const LIMIT = 240_000;

/** Hosts that are inspected at the same time. OpenSSH's MaxStartups accepts this many pending logins at one jump host. */
const AT_ONCE = 10;

/** Why a host could not be inspected. */
export interface InspectError {
	/** A code of docs/troubleshooting.md. */
	code: OutcomeCode | ConnectionCode;
	text: string;
}

export type InspectResult =
	| { inspection: Inspection }
	| { error: InspectError };

/**
 * Inspects hosts, several at the same time, and changes nothing on them.
 *
 * @param onProgress is called with the number of hosts inspected so far
 * @returns the results in the order of the hosts
 */
export async function inspectHosts(
	hosts: readonly Host[],
	onProgress: (done: number) => void,
): Promise<InspectResult[]> {
	const results: InspectResult[] = [];
	const left = hosts.entries();
	let done = 0;
	const worker = async () => {
		for (const [index, host] of left) {
			results[index] = await inspectHost(host);
			onProgress(++done);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	return results;
}

async function inspectHost(host: Host): Promise<InspectResult> {
	try {
		const printed = await runInspection(host);
		const inspection = parseInspection(printed ?? "");
		return inspection
			? { inspection }
			: { error: scriptError(host.name, printed) };
	} catch (error) {
		if (!(error instanceof ConnectionError)) throw error;
		return { error: connectionError(host.name, error) };
	}
}

/**
 * Runs the script that inspects a host.
 *
 * @returns its output, one character per byte: the sections of protocol/inspection.ts, or one message with its code.
 * Undefined if it did not end in time.
 * @throws ConnectionError
 */
function runInspection({ name, transport }: Host): Promise<string | undefined> {
	if ("ssh" in transport) {
		const { ssh, registryTool } = transport;
		const id = randomBytes(4).toString("hex");
		return run(ssh, inspectCommands({ host: name, registryTool, id }), LIMIT);
	}
	const { login, legacy, gateway } = transport;
	const { command, stdin } = sambaInspectCommands(name, legacy);
	const commands = { command, stdin: login + stdin };
	return gateway ? run(gateway, commands, LIMIT) : runHere(commands);
}

/** Does what `run` does, on this machine. */
const runHere = ({ command, stdin }: InspectCommands) =>
	new Promise<string | undefined>((resolve) => {
		const child = execFile(
			"sh",
			["-c", command],
			{
				encoding: "latin1",
				timeout: LIMIT,
				maxBuffer: Number.POSITIVE_INFINITY,
			},
			(error, stdout) => resolve(error?.killed ? undefined : stdout),
		);
		// If the script ends before it reads all of stdin, its output states the reason. The write error adds nothing.
		child.stdin?.on("error", () => {});
		child.stdin?.end(stdin);
	});

function connectionError(
	name: string,
	{ code, detail }: ConnectionError,
): InspectError {
	const { problem, remedy } = connectionOutcomes[code];
	return {
		code,
		text: `${name}, ${CHECK_STEP}: ${problem} [${code}]. ${remedy} The error was: ${detail}`,
	};
}

/**
 * Builds the error from the script's own message, else from the code that its loader printed, else `not-understood`. If
 * the run did not end in time, it is `time-limit`.
 */
function scriptError(name: string, printed: string | undefined): InspectError {
	if (printed === undefined) return noOutputError(name, "time-limit");
	const own = printed
		.split(/\r?\n/)
		.find((line) => line.startsWith(`${name}, ${CHECK_STEP}: `));
	const [text, code] =
		/^[ -~]*\[([a-z-]+)(?:, Windows \d+)?\][ -~]*/.exec(own ?? "") ?? [];
	return text !== undefined
		? { code: code as OutcomeCode, text }
		: noOutputError(name, loaderCode(printed) ?? "not-understood");
}

const noOutputError = (name: string, code: OutcomeCode): InspectError => ({
	code,
	text: message(name, CHECK_STEP, code),
});
