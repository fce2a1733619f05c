import * as pulumi from "@pulumi/pulumi";
import { knownOutputs } from "./components/known-outputs";
import { PauseKicksDX } from "./components/pause-kicks-dx";
import { PostOfficeCutover } from "./components/post-office-cutover";
import {
	type CutoverConfig,
	type HostConfig,
	loadConfig,
} from "./config/load-config";
import { requirePulumi } from "./config/pulumi-version";
import { endpointKey } from "./model/host";
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

	const hosts = [...enforced].map(([host, component]) => [
		host.name,
		hostOutputs(host, component),
	]);
	const cutovers = [...made].map(([{ name }, { steps }]) => [name, steps]);
	// In a preview the whole object is unknown if any part is. Otherwise a plan would require names that the update
	// leaves out.
	return {
		hosts: pulumi.output(knownOutputs(Object.fromEntries(hosts))),
		cutovers: pulumi.output(knownOutputs(Object.fromEntries(cutovers))),
	};
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
function hostOutputs({ args }: HostConfig, component: PauseKicksDX) {
	const { value, previous, restarted, cycleType, kickedAt, evidence } =
		component;
	return {
		value,
		previous,
		restarted,
		...(args.cycle && {
			cycle: pulumi
				.all({ type: cycleType, kickedAt, evidence })
				.apply((kick) =>
					// An update that leaves the cycle out has no output of it.
					kick.kickedAt === undefined
						? undefined
						: { ...kick, triggers: args.cycle?.triggers },
				),
		}),
	};
}
