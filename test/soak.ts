/**
 * Random walks with the real engine and lab hosts, until one fails:
 *
 *   npm run test:soak              until Ctrl-C
 *   npm run test:soak -- 90        for 90 minutes
 *   SEED=42 npm run test:soak      repeats one walk, with PATH_, REPLAY_ and COMMANDS if a failure printed them
 *   SHRINK=1 SEED=42 npm run test:soak   searches for a shorter walk that fails too (every try is a walk)
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { fromEnvironment } from "./e2e/faults/walk/environment.ts";
import { type WalkOptions, walk } from "./e2e/faults/walk/walk.ts";
import { prepareMachine } from "./prepare.ts";

const total = { walks: 0, commands: 0, kicks: 0 };
const interrupt = new AbortController();

async function main(): Promise<void> {
	const { positionals } = parseArgs({ allowPositionals: true });
	const minutes = Number(positionals[0] ?? Number.POSITIVE_INFINITY);
	if (!(minutes > 0))
		throw new Error(
			`test:soak: minutes must be a number above 0, got ${positionals[0]}; say npm run test:soak -- 90`,
		);
	const end = Date.now() + minutes * 60_000;
	// Not `once`: tsx ends a process without a listener.
	process.on("SIGINT", () => interrupt.abort());
	await prepareMachine();
	const given = fromEnvironment(20);
	try {
		do await take({ ...given, seed: given.seed ?? randomInt(2 ** 31) });
		while (given.seed === undefined && Date.now() < end);
	} catch (error) {
		// Ctrl-C reaches the CLI too, and so the current walk fails.
		if (!interrupt.signal.aborted) throw error;
	} finally {
		const { walks, commands, kicks } = total;
		console.log(`${walks} walks, ${commands} commands, ${kicks} kicks`);
	}
}

async function take(options: WalkOptions): Promise<void> {
	const began = Date.now();
	// The seed comes first, so that it is known if the walk never ends.
	process.stdout.write(`seed ${options.seed}: `);
	const { hosts, trail, kicks } = await walk({
		...options,
		signal: interrupt.signal,
	});
	total.walks += 1;
	total.commands += trail.length;
	total.kicks += kicks;
	const seconds = Math.round((Date.now() - began) / 1000);
	console.log(
		`${hosts.join(", ")}, ${kicks} kicks in ${seconds} s: ${trail.join("; ")}`,
	);
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
