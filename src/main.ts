import * as pulumi from "@pulumi/pulumi";
import { type HostConfig, loadConfig } from "./config";
import { cycleType } from "./host";
import { PauseKicksDX } from "./pause-kicks-dx";
import { readReceipt } from "./windows/kick";

/** What the stack says of each host, by its name. */
export const hosts = Object.fromEntries(
	configuredHosts().map(({ name, args }) => [name, enforce(name, args)]),
);

/** What the stack says of each cutover, by its name: none in this version. */
export const cutovers = {};

function enforce(name: string, args: HostConfig["args"]) {
	const { value, previous, restarted, cycle } = new PauseKicksDX(name, args);
	return {
		value,
		previous,
		restarted,
		...(cycle && {
			cycle: cycle.stdout.apply((stdout) => ({
				type: cycleType(args.role),
				triggers: args.cycle?.triggers,
				...readReceipt(stdout),
			})),
		}),
	};
}

/**
 * Any other error than a RunError without a stack costs half a minute and gigabytes: the runtime's printer walks the
 * whole module tree.
 */
function configuredHosts(): HostConfig[] {
	try {
		return loadConfig();
	} catch (error) {
		const refusal = new pulumi.RunError(
			error instanceof Error ? error.message : String(error),
		);
		refusal.stack = undefined;
		throw refusal;
	}
}
