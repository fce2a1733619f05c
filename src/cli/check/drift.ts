import { HOST_CYCLE, hostOwner, kickToken } from "../../protocol/host-record";
import type { Inspection } from "../../protocol/inspection";
import { formatRegistryValue } from "../../protocol/registry-value";
import type { Host } from "../hosts";

/**
 * Every difference between a host and its declaration, by its code. The codes are stable. The state of the service is
 * printed but does not count as drift: the package restarts a service, and never starts one that a user stopped.
 */
const drifts = {
	"not-installed": {
		problem: "there is no service MSExchangeDX",
		remedy: "Check the host's address, or install it.",
	},
	value: {
		problem: "PauseKicksDX is not REG_DWORD 1",
		remedy: "Set exchange-dirsync:verify to a new string, then run pulumi up.",
	},
	"restart-pending": {
		problem:
			"PauseKicksDX was written, and the restart that makes it effective is pending or running",
		remedy:
			"Run pulumi up, with a new exchange-dirsync:verify where it changes nothing.",
	},
	"not-seen": {
		problem:
			"the running service accepts no pause: it started before PauseKicksDX was written",
		remedy: "Restart it, or let the next cycle do so.",
	},
	"no-record": {
		problem:
			"there is no host record: no update has run on this host, or the record was deleted, and the receipts with it",
		remedy:
			"Run pulumi up, with a new exchange-dirsync:verify where it changes nothing.",
	},
	"another-stack": {
		problem: "the host belongs to another stack",
		remedy:
			"Remove it from one of the two; after pulumi stack rename run pulumi up with a new exchange-dirsync:verify.",
	},
	"another-name": {
		problem: "the host record belongs to another name or transport",
		remedy:
			"Run pulumi up, which takes it over, or check whether the host is declared twice.",
	},
	"cycle-pending": {
		problem: "there is no receipt of a cycle for the declared triggers",
		remedy: "pulumi preview shows whether the next pulumi up starts it.",
	},
	"outcome-unknown": {
		problem: "a kick is running, or its outcome is unknown",
		remedy:
			"Check whether its cycle ran, then set onUncertain and run pulumi up.",
	},
} as const;

export type DriftCode = keyof typeof drifts;

export interface Drift {
	code: DriftCode;
	/** The difference, then what to do. */
	text: string;
}

/**
 * Finds the differences between a host and its declaration.
 *
 * @param stack `organization/project/stack`
 */
export function findDrift(
	{ name, kind, triggers }: Pick<Host, "name" | "kind" | "triggers">,
	stack: string,
	{ service, value, record, takesPause }: Inspection,
): Drift[] {
	const isOne = value?.type === "REG_DWORD" && value.data === "1";
	const token = triggers && kickToken(HOST_CYCLE, triggers);
	const has: Record<DriftCode, boolean> = {
		"not-installed": service === "not installed",
		value: service !== "not installed" && !isOne,
		"restart-pending": record?.restartPending === true,
		"not-seen":
			service === "running" &&
			isOne &&
			takesPause === false &&
			!record?.restartPending,
		"no-record": !record,
		"another-stack": record !== null && record.stack !== stack,
		"another-name":
			record?.stack === stack && record.owner !== hostOwner(name, kind),
		"cycle-pending":
			record !== null &&
			token !== undefined &&
			!record.receipts.some(
				(kick) => kick.cycle === HOST_CYCLE && kick.token === token,
			),
		"outcome-unknown": record !== null && record.intent !== null,
	};
	const more: Partial<Record<DriftCode, string | null>> = {
		value: `it is ${formatRegistryValue(value)}`,
		"another-stack": record?.stack,
		"outcome-unknown":
			record?.intent && `${record.intent.cycle}, ${record.intent.at}`,
	};
	return (Object.keys(drifts) as DriftCode[])
		.filter((code) => has[code])
		.map((code) => {
			const { problem, remedy } = drifts[code];
			const detail = more[code] ? ` (${more[code]})` : "";
			return { code, text: `${problem}${detail}. ${remedy}` };
		});
}

/**
 * Whether the running service started after PauseKicksDX was written. `yes` and `no`: the host reports it. `recorded`:
 * only the host record states it, and a value set by hand since then is not in the record. Null if the service does not
 * run or the value is not REG_DWORD 1.
 */
export type StartedSince = "yes" | "no" | "recorded" | "unknown" | null;

export function startedSince({
	service,
	value,
	takesPause,
	record,
}: Inspection): StartedSince {
	if (!service.startsWith("running") && service !== "paused") return null;
	if (value?.type !== "REG_DWORD" || value.data !== "1") return null;
	if (record?.restartPending || takesPause === false) return "no";
	if (takesPause) return "yes";
	return record ? "recorded" : "unknown";
}
