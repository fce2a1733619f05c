import { NO_CHECKPOINTS, Stack } from "../stack.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { PORTS } from "./hosts.ts";
import { measure } from "./measure.ts";
import { Overload } from "./overload.ts";

/** The environment in which Pulumi passes the configuration to its program has room for some 400 hosts. */
const A_STACK = 100;

/**
 * Behind one jump host: runs an update, then another one with all hosts reachable, and reports what the hosts counted.
 */
export async function overrun(
	toolchain: Toolchain,
	dir: string,
	hosts: number,
	parallel: number,
	tell: (what: string) => void,
): Promise<void> {
	const site = await Overload.start(dir, {
		ports: Array.from({ length: hosts }, (_, host) => PORTS.first + host),
		jumpPort: PORTS.first - 1,
		slowMs: 10_000,
	});
	try {
		const stacks: Stack[] = [];
		for (let from = 0; from < hosts; from += A_STACK) {
			const name = `part-${stacks.length + 1}`;
			const env = NO_CHECKPOINTS;
			const stack = await Stack.open(toolchain, dir, name, { env });
			await site.declare(stack, from, from + A_STACK);
			stacks.push(stack);
		}
		for (const all of [false, true]) {
			if (all) await site.reach(true);
			const runs: Awaited<ReturnType<typeof measure>>[] = [];
			for (const stack of stacks)
				runs.push(
					await measure(
						stack.commandLine(
							...["up", "--yes", "--skip-preview", "--continue-on-error"],
							...["--parallel", String(parallel)],
						),
						true,
					),
				);
			const { once, never, named, refused, jump } = await site.judge(...runs);
			const seconds = runs.reduce((sum, { wall }) => sum + wall, 0);
			const failed = runs.filter(({ exitCode }) => exitCode !== 0).length;
			tell(
				`${hosts} hosts in ${stacks.length} stacks, one after the other, ${all ? "all reachable" : `${site.unreachable.length} unreachable`}, ${parallel} at a time: ${seconds.toFixed(0)} s, ${failed} stacks failed; kicked once ${once.length}, never ${never.length}, named ${named.length}; log-ins at the jump host ${jump.logins}, dropped ${jump.dropped}; refused there ${jump.refused}, at hosts ${refused}`,
			);
		}
	} finally {
		await site.stop();
	}
}
