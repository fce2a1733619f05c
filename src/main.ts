import * as log from "@pulumi/pulumi/log";
import { readReceipt } from "./answers";
import { type CutoverConfig, type HostConfig, loadConfig } from "./config";
import { machineOf } from "./cutover";
import { cycleType } from "./host";
import { PauseKicksDX } from "./pause-kicks-dx";
import { PostOfficeCutover } from "./post-office-cutover";
import { refusing } from "./refusal";

// Two things that Pulumi's runtime does with every resource take half of the program's time with 100 hosts. It takes a stack
// trace with every promise and looks up the sources of each of its lines, which a compiled program does not have: Node's own
// traces do. And it calls the engine for every line that only `--debug` shows, with the whole resource in it.
Reflect.deleteProperty(Error, "prepareStackTrace");
Object.assign(log, { debug: () => Promise.resolve() });

const config = refusing(loadConfig)();

const enforced = new Map(
	config.hosts.map(({ name, args }) => [name, new PauseKicksDX(name, args)]),
);

const made = new Map<CutoverConfig, PostOfficeCutover>();
for (const cutover of config.cutovers)
	made.set(
		cutover,
		new PostOfficeCutover(cutover.name, cutover.args, {
			dependsOn: neighbours(cutover),
		}),
	);

/** What the stack says of each host, by its name. */
export const hosts = Object.fromEntries(
	config.hosts.map((host) => [host.name, tell(host)]),
);

/** What the stack says of each cutover, by its name. */
export const cutovers = Object.fromEntries(
	config.cutovers.map((cutover) => [
		cutover.name,
		(made.get(cutover) as PostOfficeCutover).steps,
	]),
);

/**
 * What has to be over before a cutover begins: the enforcement of its hosts, and earlier cutovers on one of its machines,
 * for a machine takes one run at a time, and between its T1 and T3 nobody else's cycle comes (Q142841).
 */
function neighbours(cutover: CutoverConfig) {
	const own = machinesOf(cutover);
	const isOwn = (machine: string) => own.includes(machine);
	return [
		...config.hosts
			.filter((host) => isOwn(machineOf({ ...host, ...host.args })))
			.map(({ name }) => enforced.get(name) as PauseKicksDX),
		...[...made]
			.filter(([other]) => machinesOf(other).some(isOwn))
			.map(([, component]) => component),
	];
}

function machinesOf({ args }: CutoverConfig): string[] {
	return [args.exchange, ...args.postOffices].map(machineOf);
}

function tell({ name, args }: HostConfig) {
	const { value, previous, restarted, cycle } = enforced.get(
		name,
	) as PauseKicksDX;
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
