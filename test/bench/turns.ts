import { join } from "node:path";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { Fleet } from "./fleet.ts";
import { type Hosts, PORTS } from "./hosts.ts";
import { measure } from "./measure.ts";
import { ansibleSide, sshSide } from "./other-sides.ts";
import { pulumiSide } from "./pulumi-sides.ts";
import type { Part } from "./record.ts";
import type { Sample } from "./results.ts";
import { SIDES, type Side, STEPS, type StepName } from "./side.ts";
import { readWay, waySide } from "./ways.ts";
import { WineFleet } from "./wine-fleet.ts";

/** More Wine hosts would keep two processors busy by themselves. */
const OF_WINE = 10;

/** Creates the sides of a comparison, each with its own hosts or all with the same lab hosts. */
export async function withSides(
	toolchain: Toolchain,
	dir: string,
	{ hosts, ways, slowMs, only: chosen }: Part,
	forks: number,
	work: (sides: Side[]) => Promise<void>,
): Promise<void> {
	const pulumi = (
		name: string,
		program: "ours" | "plain",
		checkpoints: boolean,
	) => ({
		name,
		make: (fleet: Hosts) =>
			pulumiSide(name, fleet, { toolchain, dir, program, checkpoints }),
	});
	const inWays = ways?.map((name) => ({
		name,
		make: (fleet: Hosts) =>
			waySide(name, fleet, {
				...{ toolchain, dir: join(dir, name), ...readWay(name) },
			}),
	}));
	// One stack has no room for as many hosts as `--ways` is meant for.
	const only = chosen ?? (inWays && []);
	const makers = [
		...(inWays ?? []),
		...[
			pulumi(SIDES.ours, "ours", true),
			pulumi(SIDES.plain, "plain", true),
			pulumi(SIDES.oursOff, "ours", false),
			pulumi(SIDES.plainOff, "plain", false),
			{
				name: SIDES.ansible,
				make: (fleet: Hosts) => ansibleSide(fleet, join(dir, "ansible"), forks),
			},
			{
				name: SIDES.ssh,
				make: (fleet: Hosts) => sshSide(fleet, join(dir, "ssh")),
			},
		].filter(({ name }) => only?.includes(name) ?? true),
	];
	const fleets: Hosts[] = [];
	const started = async <H extends Hosts>(fleet: Promise<H>): Promise<H> => {
		fleets.push(await fleet);
		return fleet;
	};
	const ownHosts = async (index: number) => {
		const fleet = await started(
			Fleet.start(
				join(dir, `hosts-${index}`),
				Array.from(
					{ length: hosts },
					(_, host) => PORTS.first + index * PORTS.each + host,
				),
			),
		);
		for (const host of fleet.doors.keys()) await fleet.set(host, { slowMs });
		return fleet;
	};
	try {
		const shared =
			hosts <= OF_WINE && slowMs === undefined
				? await started(WineFleet.start(join(dir, "hosts"), hosts))
				: undefined;
		const sides: Side[] = [];
		for (const [index, { make }] of makers.entries())
			sides.push(await make(shared ?? (await ownHosts(index))));
		await work(sides);
	} finally {
		for (const fleet of fleets) await fleet.stop();
	}
}

/**
 * One run. The side that begins changes from run to run. Each step runs on all sides before the next step. If the sides
 * share their hosts, each side runs all its steps first, because it restores the hosts at its end.
 */
export async function takeTurns(
	sides: Side[],
	run: number,
	keep: (sample: Sample) => void,
): Promise<void> {
	const first = run % sides.length;
	const order = [...sides.slice(first), ...sides.slice(0, first)];
	const share = new Set(sides.map(({ fleet }) => fleet)).size === 1;
	const turns = share
		? order.flatMap((side) => STEPS.map((step) => ({ side, step })))
		: STEPS.flatMap((step) => order.map((side) => ({ side, step })));
	for (const { side, step } of turns) {
		const sample = await takeStep(side, step);
		if (sample) keep(sample);
	}
}

/** Undefined if a side has no such step. */
async function takeStep(
	{ name, fleet, steps, stateBytes }: Side,
	step: StepName,
): Promise<Sample | undefined> {
	const line = await steps[step]?.();
	if (!line) return undefined;
	await fleet.reset();
	const before = fleet.processorTime();
	const { output: _, exitCode: __, ...cost } = await measure(line);
	const counts = await fleet.counts();
	const strange = counts.flatMap(({ unknown }) => unknown);
	if (strange.length > 0)
		throw new Error(`bench: a host was asked, got ${strange[0]}`);
	const sum = (of: (each: (typeof counts)[number]) => number) =>
		counts.reduce((total, each) => total + of(each), 0);
	return {
		...{ side: name, hosts: fleet.doors.length, step, ...cost },
		logins: sum(({ logins }) => logins),
		commands: sum(({ commands }) =>
			Object.values(commands).reduce((a, b) => a + b, 0),
		),
		most: Math.max(...counts.map(({ logins }) => logins)),
		servers: fleet.processorTime() - before,
		state: (await stateBytes?.()) ?? Number.NaN,
	};
}
