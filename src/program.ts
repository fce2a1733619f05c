import { readReceipt } from "./answers";
import { type CutoverConfig, type HostConfig, loadConfig } from "./config";
import { machineOf } from "./cutover";
import { cycleType } from "./host";
import { PauseKicksDX } from "./pause-kicks-dx";
import { PostOfficeCutover } from "./post-office-cutover";
import { requirePulumi } from "./pulumi-version";
import { refusing } from "./refusal";

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
		hosts: Object.fromEntries(
			[...enforced].map(([host, component]) => [
				host.name,
				tell(host, component),
			]),
		),
		cutovers: Object.fromEntries(
			[...made].map(([{ name }, { steps }]) => [name, steps]),
		),
	};
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
			cycle: cycle.stdout.apply((stdout) => ({
				type: cycleType(args.role),
				triggers: args.cycle?.triggers,
				...refusing(readReceipt)(name, stdout),
			})),
		}),
	};
}
