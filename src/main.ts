import { readReceipt } from "./answers";
import { type CutoverConfig, type HostConfig, loadConfig } from "./config";
import { cycleType } from "./host";
import { PauseKicksDX } from "./pause-kicks-dx";
import { PostOfficeCutover } from "./post-office-cutover";
import { refusing } from "./refusal";

const config = refusing(loadConfig)();

const enforced = new Map(
	config.hosts.map(({ name, args }) => [name, new PauseKicksDX(name, args)]),
);

const made = new Map<CutoverConfig, PostOfficeCutover>();
for (const cutover of config.cutovers)
	made.set(
		cutover,
		new PostOfficeCutover(cutover.name, cutover.args, {
			dependsOn: [
				enforced.get(cutover.args.exchange.name) as PauseKicksDX,
				...neighbours(cutover),
			],
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

/** Earlier cutovers of the same Exchange host: between its T1 and T3 nobody else's cycle comes (Q142841). */
function neighbours({ args }: CutoverConfig): PostOfficeCutover[] {
	return [...made]
		.filter(([other]) => other.args.exchange.name === args.exchange.name)
		.map(([, component]) => component);
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
