import type { HostConfig } from "../../config/load-config";
import { cycleType } from "../../model/host";
import {
	CHECK_STEP,
	type CycleEntry,
	type HostRecord,
	parseInspection,
	type ServiceState,
} from "../../protocol/inspection";
import {
	connectionOutcomes,
	loaderCode,
	message,
	type OutcomeCode,
} from "../../protocol/outcomes";
import type { RegistryValue } from "../../protocol/registry-value";
import {
	type Drift,
	findDrift,
	type StartedSince,
	startedSince,
} from "./drift";
import { createInspector } from "./inspect-host";
import { type ConnectionCode, ConnectionError } from "./ssh";
import type { DeclaredStack } from "./stack";

/** What `--json` prints. Later versions may add keys. The present keys keep their meaning. */
export interface Check {
	/** `organization/project/stack` */
	stack: string;
	/**
	 * For all hosts: `not-checked` if any host could not be checked, else `drift` if any host has drifted, else
	 * `as-declared`.
	 */
	result: "as-declared" | "drift" | "not-checked";
	/** In the order of the configuration. */
	hosts: HostCheck[];
}

export type HostCheck = HostInspected | HostNotInspected;

export interface HostInspected {
	name: string;
	checked: true;
	/** Empty if the host is as declared. */
	drift: Drift[];
	/** The data of PauseKicksDX; null if it is absent. */
	value: RegistryValue | null;
	service: ServiceState;
	/** Whether the running service started after the value was written. */
	startedSinceValue: StartedSince;
	/** The cycle that a kick of this host starts. */
	cycle: "T1" | "T2";
	/** The latest receipt of any cycle; null if there is none. */
	lastKick: CycleEntry | null;
	/** The whole host record; null if there is none. */
	record: HostRecord | null;
}

export interface HostNotInspected {
	name: string;
	checked: false;
	error: {
		/** A code of docs/troubleshooting.md. */
		code: OutcomeCode | ConnectionCode;
		text: string;
	};
}

/** Hosts that are checked at the same time. OpenSSH's MaxStartups accepts this many pending logins at one jump host. */
const AT_ONCE = 10;

/**
 * Inspects every host of a stack.
 *
 * @param onProgress is called with the number of hosts checked so far
 */
export async function check(
	{ id, hosts }: DeclaredStack,
	onProgress: (hosts: number) => void = () => {},
): Promise<Check> {
	const found: HostCheck[] = [];
	const left = hosts.entries();
	let done = 0;
	const worker = async () => {
		for (const [index, host] of left) {
			found[index] = await checkHost(host, id);
			onProgress(++done);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	return { stack: id, result: overallResult(found), hosts: found };
}

function overallResult(hosts: readonly HostCheck[]): Check["result"] {
	if (hosts.some(({ checked }) => !checked)) return "not-checked";
	return hosts.some((host) => host.checked && host.drift.length > 0)
		? "drift"
		: "as-declared";
}

async function checkHost(host: HostConfig, stack: string): Promise<HostCheck> {
	const { name, args } = host;
	const access = await createInspector(host);
	const printed = await access.run(access.commands).catch((error) => {
		if (error instanceof ConnectionError) return error;
		throw error;
	});
	if (printed instanceof ConnectionError)
		return connectionFailure(name, printed);
	const seen = parseInspection(printed ?? "");
	if (!seen) return failure(name, printed);
	return {
		name,
		checked: true,
		drift: findDrift(host, stack, access.kind, seen),
		value: seen.value,
		service: seen.service,
		startedSinceValue: startedSince(seen),
		cycle: cycleType(args.role),
		lastKick: latestKick(seen.record?.receipts ?? []),
		record: seen.record,
	};
}

const latestKick = (kicks: readonly CycleEntry[]): CycleEntry | null =>
	[...kicks].sort((a, b) => a.at.localeCompare(b.at)).at(-1) ?? null;

function connectionFailure(
	name: string,
	{ code, detail }: ConnectionError,
): HostNotInspected {
	const { problem, remedy } = connectionOutcomes[code];
	const text = `${name}, ${CHECK_STEP}: ${problem} [${code}]. ${remedy} The error was: ${detail}`;
	return { name, checked: false, error: { code, text } };
}

/**
 * Builds the failure from the script's own message, else from the code that its loader printed, else `not-understood`.
 * If the run did not end in time, it is `time-limit`.
 */
function failure(name: string, printed: string | undefined): HostNotInspected {
	if (printed === undefined)
		return { name, checked: false, error: noOutputError(name, "time-limit") };
	const own = printed
		.split(/\r?\n/)
		.find((line) => line.startsWith(`${name}, ${CHECK_STEP}: `));
	const [text, code] =
		/^[ -~]*\[([a-z-]+)(?:, Windows \d+)?\][ -~]*/.exec(own ?? "") ?? [];
	const error =
		text !== undefined
			? { code: code as OutcomeCode, text }
			: noOutputError(name, loaderCode(printed) ?? "not-understood");
	return { name, checked: false, error };
}

const noOutputError = (name: string, code: OutcomeCode) => ({
	code,
	text: message(name, CHECK_STEP, code),
});
