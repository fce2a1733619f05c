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

/** What `--json` prints. Keys may be added; none that is here changes its meaning. */
export interface Check {
	/** `organization/project/stack` */
	stack: string;
	/** Of all hosts: `not-checked` where any could not be checked, else `drift` where any has some. */
	result: "as-declared" | "drift" | "not-checked";
	/** In the order of the configuration. */
	hosts: HostCheck[];
}

export type HostCheck = HostInspected | HostNotInspected;

export interface HostInspected {
	name: string;
	checked: true;
	/** Empty where the host is as declared. */
	drift: Drift[];
	/** PauseKicksDX; null where it is absent. */
	value: RegistryValue | null;
	service: ServiceState;
	/** Whether the running service started after the value was written. */
	startedSinceValue: StartedSince;
	/** What a kick of this host runs. */
	cycle: "T1" | "T2";
	/** The last receipt, of whatever cycle. */
	lastKick: CycleEntry | null;
	/** All that the host record holds; null where there is none. */
	record: HostRecord | null;
}

export interface HostNotInspected {
	name: string;
	checked: false;
	error: {
		/** As in the README's tables of failures. */
		code: OutcomeCode | ConnectionCode;
		text: string;
	};
}

/** Hosts that are checked at the same time. No more than wait for a log-in at one jump host with OpenSSH's MaxStartups. */
const AT_ONCE = 10;

/**
 * Looks at every host of a stack.
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
	{ code, said }: ConnectionError,
): HostNotInspected {
	const { problem, remedy } = connectionOutcomes[code];
	const text = `${name}, ${CHECK_STEP}: ${problem} [${code}]. ${remedy} It said: ${said}`;
	return { name, checked: false, error: { code, text } };
}

/** What the script says of itself, what its loader says of one that was not run, or that neither says anything. */
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
