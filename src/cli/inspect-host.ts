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

/** Hosts that are inspected at the same time: most of the time of an inspection is spent waiting for the host. */
const AT_ONCE = 50;

/**
 * How many of them may be reached through the same server. OpenSSH's MaxStartups accepts this many pending logins, and a
 * machine that has `net` runs its processes.
 */
const AT_ONCE_PER_SERVER = 10;

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
	const left = [...hosts.entries()];
	const running = new Map<string, number>();
	const runningAt = (server: string) => running.get(server) ?? 0;
	let done = 0;
	// A worker may end early: a host is left only if others through its server run, and their workers take it.
	const worker = async () => {
		for (;;) {
			const free = left.findIndex(
				([, host]) => runningAt(firstServer(host)) < AT_ONCE_PER_SERVER,
			);
			const [next] = free < 0 ? [] : left.splice(free, 1);
			if (!next) return;
			const [index, host] = next;
			const server = firstServer(host);
			running.set(server, runningAt(server) + 1);
			results[index] = await inspectHost(host);
			running.set(server, runningAt(server) - 1);
			onProgress(++done);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	return results;
}

/** The machine that accepts the first login of an inspection. Empty: this machine, which has `net`. */
function firstServer({ transport }: Host): string {
	const first =
		"ssh" in transport
			? (transport.ssh.proxy ?? transport.ssh)
			: transport.gateway && (transport.gateway.proxy ?? transport.gateway);
	return first ? `${first.host}:${first.port}` : "";
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
