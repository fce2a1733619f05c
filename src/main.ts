import { type HostConfig, loadConfig } from "./config";
import { cycleType } from "./host";
import { PauseKicksDX } from "./pause-kicks-dx";
import { refusing } from "./refusal";
import { readReceipt } from "./windows/kick";

/** What the stack says of each host, by its name. */
export const hosts = Object.fromEntries(
	refusing(loadConfig)().map(({ name, args }) => [name, enforce(name, args)]),
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
				...refusing(readReceipt)(name, stdout),
			})),
		}),
	};
}
