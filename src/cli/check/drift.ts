import { HOST_CYCLE, hostOwner, kickToken } from "../../protocol/host-record";
import type { Inspection } from "../../protocol/inspection";
import { formatRegistryValue } from "../../protocol/registry-value";
import type { Host } from "../hosts";

/**
 * A remedy that depends on what makes the next update inspect the host: a new string for the setting of that name. Null:
 * it inspects the host in any case.
 */
type Remedy = (verify: string | null) => string;

const repair: Remedy = (verify) =>
	verify === null
		? "Run pulumi up."
		: `Set ${verify} to a new string, then run pulumi up.`;

const finish: Remedy = (verify) =>
	verify === null
		? "Run pulumi up."
		: `Run pulumi up. Where it changes nothing, set ${verify} to a new string first.`;

const disown: Remedy = (verify) =>
	verify === null
		? "Remove it from one of the two."
		: `Remove it from one of the two; after pulumi stack rename, set ${verify} to a new string and run pulumi up.`;

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
		remedy: repair,
	},
	"restart-pending": {
		problem:
			"PauseKicksDX was written, and the restart that makes it effective is pending or running",
		remedy: finish,
	},
	"not-seen": {
		problem:
			"the running service accepts no pause: it started before PauseKicksDX was written",
		remedy: "Restart it, or let the next cycle do so.",
	},
	"no-record": {
		problem:
			"there is no host record: no update has run on this host, or the record was deleted, and the receipts with it",
		remedy: finish,
	},
	"another-stack": {
		problem: "the host belongs to another stack",
		remedy: disown,
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
} satisfies Record<string, { problem: string; remedy: string | Remedy }>;

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
 * @param verify the name of the setting that makes the next update inspect the host; null if it does so in any case
 */
export function findDrift(
	{ name, kind, triggers }: Pick<Host, "name" | "kind" | "triggers">,
	stack: string,
	{ service, value, record, takesPause }: Inspection,
	verify: string | null,
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
			const advice = typeof remedy === "string" ? remedy : remedy(verify);
			return { code, text: `${problem}${detail}. ${advice}` };
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
