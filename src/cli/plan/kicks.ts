import { runtime } from "@pulumi/pulumi";
import { OnUncertain } from "../../model/host";
import { digest, HOST_CYCLE, kickToken } from "../../protocol/host-record";
import type { Host, KickSettings } from "../hosts";
import { readSetting } from "../hosts-from-state";
import type { PlannedKick } from "./predict";
import type { PreviewStep } from "./preview";

/**
 * The kick of a host's own cycle.
 *
 * @param source the configuration is what the update will use; the state is what the last update used
 */
export function ownKick(
	host: Host,
	{ operation, inputs }: PreviewStep,
	source: "configuration" | "state",
): PlannedKick {
	const triggers = (inputs.triggers ?? []) as string[];
	const inScript = settingsIn(inputs);
	return {
		cycle: HOST_CYCLE,
		token: kickToken(HOST_CYCLE, triggers),
		reason: `${operation === "create" ? "the cycle is declared" : "its triggers changed"} (${triggers.join(", ")})`,
		type: host.cycleType ?? inScript.type,
		onUncertain:
			source === "configuration" ? host.onUncertain : inScript.onUncertain,
		t3BeforeT2: false,
	};
}

/** The kick of a cutover. @param declared its settings, if the configuration has them */
export function cutoverKick(
	cutover: string,
	{ inputs }: PreviewStep,
	declared: KickSettings | undefined,
): PlannedKick {
	const cycle = `cutover-${cutover}`;
	const [run] = (inputs.triggers ?? []) as string[];
	return {
		cycle,
		token: isKnown(run) ? kickToken(cycle, [digest([run])]) : undefined,
		reason: `cutover ${cutover}`,
		...(declared ?? settingsIn(inputs)),
	};
}

/** Reads the settings in a script. In a preview it can be unknown, and over Samba it is secret. */
function settingsIn({ stdin }: Record<string, unknown>): KickSettings {
	const script = String(stdin);
	const type = readSetting(script, "cycleType", ["T1", "T2"] as const);
	return {
		type: type ?? null,
		onUncertain: readSetting(script, "onUncertain", Object.values(OnUncertain)),
		t3BeforeT2: type && readSetting(script, "t3Guard", ["1"] as const) === "1",
	};
}

const isKnown = (run: string | undefined): run is string =>
	run !== undefined && run !== runtime.unknownValue;
