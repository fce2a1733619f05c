import * as pulumi from "@pulumi/pulumi";
import { readPrinted } from "./components/parsed-output";
import { PauseKicksDX } from "./components/pause-kicks-dx";
import { PostOfficeCutover } from "./components/post-office-cutover";
import {
	type CutoverConfig,
	type HostConfig,
	loadConfig,
} from "./config/load-config";
import { requirePulumi } from "./config/pulumi-version";
import { cycleType, machineOf } from "./model/host";
import { readReceipt } from "./protocol/step-output";
import { refusing } from "./validation/validate-args";

/** From the stack's configuration to its resources; what it returns are the stack's outputs. */
export async function program() {
	const config = refusing(loadConfig)();
	await requirePulumi();

	const enforced = new Map(
		config.hosts.map((host) => [host, new PauseKicksDX(host.name, host.args)]),
	);

	const made = new Map<CutoverConfig, PostOfficeCutover>();
	for (const cutover of config.cutovers)
		made.set(
			cutover,
			new PostOfficeCutover(cutover.name, cutover.args, {
				dependsOn: neighbours(cutover, enforced, made),
			}),
		);

	return {
		hosts: known(
			Object.fromEntries(
				[...enforced].map(([host, component]) => [
					host.name,
					tell(host, component),
				]),
			),
		),
		cutovers: known(
			Object.fromEntries(
				[...made].map(([{ name }, { steps }]) => [name, steps]),
			),
		),
	};
}

/**
 * What an update knows of its outputs, without hosts and cutovers that do not exist and were not targeted, and without
 * what failed with `--continue-on-error`, for which Pulumi would store a marker.
 *
 * A preview cannot tell what will be left out: to it all is unknown where anything is. Its plan would else hold the
 * update to names that are left out.
 */
function known(outputs: object): pulumi.Output<unknown> {
	if (pulumi.runtime.isDryRun()) return pulumi.output(outputs);
	return pulumi.output(
		pulumi.runtime
			.serializeProperty("outputs", outputs)
			.then((told) => withoutUnknown(told) ?? {}),
	);
}

/** Of a value as it goes to the engine; undefined where nothing of it is left. */
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
 * What has to be over before a cutover begins: the enforcement of its hosts, and earlier cutovers on one of its machines,
 * for a machine takes one run at a time, and between its T1 and T3 nobody else's cycle comes (Q142841).
 */
function neighbours(
	cutover: CutoverConfig,
	enforced: ReadonlyMap<HostConfig, PauseKicksDX>,
	earlier: ReadonlyMap<CutoverConfig, PostOfficeCutover>,
) {
	const own = machinesOf(cutover);
	const isOwn = (machine: string) => own.includes(machine);
	return [
		...[...enforced]
			.filter(([host]) => isOwn(machineOf({ ...host, ...host.args })))
			.map(([, component]) => component),
		...[...earlier]
			.filter(([other]) => machinesOf(other).some(isOwn))
			.map(([, component]) => component),
	];
}

function machinesOf({ args }: CutoverConfig): string[] {
	return [args.exchange, ...args.postOffices].map(machineOf);
}

/** What the stack says of a host. */
function tell({ name, args }: HostConfig, component: PauseKicksDX) {
	const { value, previous, restarted, cycle } = component;
	return {
		value,
		previous,
		restarted,
		...(cycle && {
			cycle: readPrinted(cycle.stdout, (stdout) => ({
				type: cycleType(args.role),
				triggers: args.cycle?.triggers,
				...readReceipt(name, stdout),
			})),
		}),
	};
}
