import type { CycleType } from "../../model/host";
import type {
	CycleEntry,
	HostRecord,
	Inspection,
	ServiceState,
} from "../../protocol/inspection";
import type { RegistryValue } from "../../protocol/registry-value";
import type { Host } from "../hosts";
import { type InspectError, inspectHosts } from "../inspect-host";
import type { DeclaredStack } from "../stack";
import {
	type Drift,
	findDrift,
	type StartedSince,
	startedSince,
} from "./drift";

/** What `--json` prints. Later versions may add keys. The present keys keep their meaning. */
export interface Check {
	/** `organization/project/stack` */
	stack: string;
	/**
	 * For all hosts: `not-checked` if any host could not be checked, else `drift` if any host has drifted, else
	 * `as-declared`.
	 */
	result: "as-declared" | "drift" | "not-checked";
	/** In the order of the configuration or of the state. */
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
	/** The cycle that a kick of this host starts; null if the stack does not show it. */
	cycle: CycleType | null;
	/** The latest receipt of any cycle; null if there is none. */
	lastKick: CycleEntry | null;
	/** The whole host record; null if there is none. */
	record: HostRecord | null;
}

export interface HostNotInspected {
	name: string;
	checked: false;
	error: InspectError;
}

/**
 * Inspects every host of a stack and compares it with its declaration.
 *
 * @param onProgress is called with the number of hosts inspected so far
 */
export async function check(
	stack: DeclaredStack,
	onProgress: (done: number) => void = () => {},
): Promise<Check> {
	const { id, hosts } = stack;
	const results = await inspectHosts(hosts, onProgress);
	const found = results.map((result, index): HostCheck => {
		const host = hosts[index] as Host;
		return "error" in result
			? { name: host.name, checked: false, error: result.error }
			: toHostCheck(host, stack, result.inspection);
	});
	return { stack: id, result: overallResult(found), hosts: found };
}

function overallResult(hosts: readonly HostCheck[]): Check["result"] {
	if (hosts.some(({ checked }) => !checked)) return "not-checked";
	return hosts.some((host) => host.checked && host.drift.length > 0)
		? "drift"
		: "as-declared";
}

const toHostCheck = (
	host: Host,
	{ id, inState, verify }: DeclaredStack,
	inspection: Inspection,
): HostInspected => ({
	name: host.name,
	checked: true,
	drift: findDrift(
		host,
		id,
		inspection,
		inState.includes(host.name) ? verify : null,
	),
	value: inspection.value,
	service: inspection.service,
	startedSinceValue: startedSince(inspection),
	cycle: host.cycleType,
	lastKick: latestKick(inspection.record?.receipts ?? []),
	record: inspection.record,
});

const latestKick = (kicks: readonly CycleEntry[]): CycleEntry | null =>
	[...kicks].sort((a, b) => a.at.localeCompare(b.at)).at(-1) ?? null;
