import * as pulumi from "@pulumi/pulumi";
import { parseOutput } from "./components/parsed-output";
import { PauseKicksDX } from "./components/pause-kicks-dx";
import { PostOfficeCutover } from "./components/post-office-cutover";
import {
	type CutoverConfig,
	type HostConfig,
	loadConfig,
} from "./config/load-config";
import { requirePulumi } from "./config/pulumi-version";
import { cycleType, endpointKey } from "./model/host";
import { parseReceipt } from "./protocol/step-output";
import { withOneLineErrors } from "./validation/validate-args";

/**
 * Creates the resources of the stack from its configuration. It returns the stack outputs:
 *
 *   hosts     by host name: value, previous, restarted, and cycle (type, triggers, kickedAt, evidence) if one is declared
 *   cutovers  by cutover name: the list of steps that succeeded, as `CutoverStep`
 *
 * @throws RunError if the configuration is invalid or the Pulumi CLI is too old
 */
export async function program() {
	const config = withOneLineErrors(loadConfig)();
	await requirePulumi();

	const enforced = new Map(
		config.hosts.map((host) => [host, new PauseKicksDX(host.name, host.args)]),
	);

	const made = new Map<CutoverConfig, PostOfficeCutover>();
	for (const cutover of config.cutovers)
		made.set(
			cutover,
			new PostOfficeCutover(cutover.name, cutover.args, {
				dependsOn: dependenciesOf(cutover, enforced, made),
			}),
		);

	return {
		hosts: knownOutputs(
			Object.fromEntries(
				[...enforced].map(([host, component]) => [
					host.name,
					hostOutputs(host, component),
				]),
			),
		),
		cutovers: knownOutputs(
			Object.fromEntries(
				[...made].map(([{ name }, { steps }]) => [name, steps]),
			),
		),
	};
}

/**
 * Removes the outputs that this update does not know: hosts and cutovers that do not exist yet and were not targeted,
 * and resources that failed with `--continue-on-error`, for which Pulumi would store a marker.
 *
 * A preview removes nothing: it does not know which resources will be left out. The whole object is then unknown if any
 * part is. Otherwise a plan would require names that the update leaves out.
 */
function knownOutputs(outputs: object): pulumi.Output<unknown> {
	if (pulumi.runtime.isDryRun()) return pulumi.output(outputs);
	return pulumi.output(
		pulumi.runtime
			.serializeProperty("outputs", outputs)
			.then((outputs) => withoutUnknown(outputs) ?? {}),
	);
}

/** Removes unknown parts of a value in the engine's format; undefined if nothing remains. */
function withoutUnknown(value: unknown): unknown {
	if (value === pulumi.runtime.unknownValue) return undefined;
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value)
		.map(([key, part]) => [key, withoutUnknown(part)] as const)
		.filter(([, part]) => part !== undefined);
	if (entries.length === 0) return undefined;
	return Array.isArray(value)
		? entries.map(([, part]) => part)
		: Object.fromEntries(entries);
}

/**
 * The resources that must complete before a cutover begins: the enforcement of its hosts, and earlier cutovers on one
 * of its machines. A machine accepts one run at a time, and no other cycle may run between the T1 and T3 of a cutover
 * (Q142841).
 */
function dependenciesOf(
	cutover: CutoverConfig,
	enforced: ReadonlyMap<HostConfig, PauseKicksDX>,
	earlier: ReadonlyMap<CutoverConfig, PostOfficeCutover>,
) {
	const own = endpointsOfCutover(cutover);
	const isOwn = (machine: string) => own.includes(machine);
	return [
		...[...enforced]
			.filter(([host]) => isOwn(endpointKey({ ...host, ...host.args })))
			.map(([, component]) => component),
		...[...earlier]
			.filter(([other]) => endpointsOfCutover(other).some(isOwn))
			.map(([, component]) => component),
	];
}

function endpointsOfCutover({ args }: CutoverConfig): string[] {
	return [args.exchange, ...args.postOffices].map(endpointKey);
}

/** The stack outputs of one host. */
function hostOutputs({ name, args }: HostConfig, component: PauseKicksDX) {
	const { value, previous, restarted, cycle } = component;
	return {
		value,
		previous,
		restarted,
		...(cycle && {
			cycle: parseOutput(cycle.stdout, (stdout) => ({
				type: cycleType(args.role),
				triggers: args.cycle?.triggers,
				...parseReceipt(name, stdout),
			})),
		}),
	};
}
