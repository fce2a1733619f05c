/**
 * `npm run bench`: what this package costs beside what people would use instead, at some sizes of fleet.
 *
 *   npm run bench                         1, 10 and 100 hosts, three runs of each
 *   npm run bench -- 10 --only ours,ssh   some of the sides
 *   npm run bench -- 10 --steps "first up"   all steps are done, this one is told
 *   npm run bench -- 1000 --runs 1 --ways 10x2-off,50x2,10x2p32-off   in ten stacks, two at a time, without checkpoints;
 *                                         in fifty with them; in ten again, 32 resources at a time (half an hour)
 *   npm run bench -- 1000 --runs 1 --ways 10x2-off,plain-10x2-off --only Ansible,ssh   beside others
 *   npm run bench -- 10 100 --slow 1000   on hosts that only answer the protocol, a second after each command
 *   npm run bench -- 1000 --overload 8,32       all behind one jump host; that many log-ins at a time
 *
 * Up to ten hosts are those of the lab, one fleet for all sides in turn. Above, each side has hosts of its own that only
 * answer the protocol, so that this machine measures us and not Wine.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { NO_CHECKPOINTS, Stack } from "../stack.ts";
import { PLUGIN_VERSION } from "../toolchain/plugin.ts";
import { prepareToolchain, type Toolchain } from "../toolchain/toolchain.ts";
import { Fleet } from "./fleet.ts";
import type { Hosts } from "./hosts.ts";
import { measure } from "./measure.ts";
import { ansibleSide, prepareAnsible, sshSide } from "./other-sides.ts";
import { Overload } from "./overload.ts";
import { plot } from "./plot.ts";
import { openStack, pulumiSide } from "./pulumi-sides.ts";
import { Results, type Sample } from "./results.ts";
import { type Side, STEPS, type StepName } from "./side.ts";
import { table, targetTable } from "./table.ts";
import { SIDES, targets } from "./targets.ts";
import { readWay, waySide } from "./ways.ts";
import { WineFleet } from "./wine-fleet.ts";

/** Ignored by git; within the project, so that compiled programs find their modules. */
const FOLDER = join(import.meta.dirname, "../../bench");

/** Fleets listen side by side, a range of ports each, below those that Linux gives to outgoing connections. */
const PORTS = { first: 20_000, each: 1_000 };

/** More hosts than some 400 do not fit into the environment in which Pulumi hands its program the configuration. */
const A_STACK = 100;

/** More of Wine's hosts would keep two processors busy by themselves. */
const OF_WINE = 10;

const results = new Results();
const overloads: string[] = [];

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			runs: { type: "string", default: "3" },
			only: { type: "string" },
			forks: { type: "string", default: "25" },
			steps: { type: "string" },
			slow: { type: "string" },
			ways: { type: "string" },
			overload: { type: "string" },
		},
	});
	const sizes = positionals.length === 0 ? [1, 10, 100] : positionals.map(size);
	const runs = size(values.runs);
	const only = among("--only", values.only, Object.values(SIDES));
	const wanted = among("--steps", values.steps, STEPS) ?? STEPS;
	const slowMs = values.slow === undefined ? undefined : Number(values.slow);
	const toolchain = await prepareToolchain();
	await prepareAnsible();
	await mkdir(FOLDER, { recursive: true });
	const machine = `${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} cores (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)} at the start; pulumi ${toolchain.version}, ${
		toolchain.plugin.kind === "real"
			? `the real command plugin ${PLUGIN_VERSION}`
			: "the command plugin's twin, a slow stand-in: seconds count for nothing, ratios for little"
	}`;
	console.log(`${machine}, ${runs} runs`);
	const dir = await mkdtemp(join(FOLDER, "run-"));
	try {
		if (values.overload) {
			for (const hosts of sizes)
				for (const parallel of values.overload.split(",").map(size))
					await overrun(
						toolchain,
						await mkdtemp(join(dir, "o")),
						hosts,
						parallel,
					);
			return;
		}
		const ways = values.ways?.split(",");
		if (!ways && !values.only)
			await emptyPreviews(toolchain, join(dir, "empty"), Math.max(runs, 5));
		for (const hosts of sizes)
			await withSides(toolchain, join(dir, String(hosts)), hosts, {
				...{ only, ways, forks: size(values.forks), slowMs },
				work: async (sides) => {
					for (let run = 0; run < runs; run++)
						await takeTurns(sides, run, wanted);
				},
			});
	} finally {
		if (results.samples.length + overloads.length > 0)
			await report(
				values.overload
					? machine
					: `${machine}, ${runs} runs${slowMs ? `, ${slowMs} ms a command` : ""}`,
			);
		await rm(dir, { recursive: true, force: true });
	}
}

/** Those that are compared, each with hosts of its own. */
async function withSides(
	toolchain: Toolchain,
	dir: string,
	hosts: number,
	options: {
		only: readonly string[] | undefined;
		slowMs: number | undefined;
		ways: string[] | undefined;
		forks: number;
		work: (sides: Side[]) => Promise<void>;
	},
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
	const inWays = options.ways?.map((name) => ({
		name,
		make: (fleet: Hosts) =>
			waySide(name, fleet, {
				...{ toolchain, dir: join(dir, name), ...readWay(name) },
			}),
	}));
	// In one stack there is no place for as many hosts as ways are for.
	const only = options.only ?? (inWays && []);
	const makers = [
		...(inWays ?? []),
		...[
			pulumi(SIDES.ours, "ours", true),
			pulumi(SIDES.plain, "plain", true),
			pulumi(SIDES.oursOff, "ours", false),
			pulumi(SIDES.plainOff, "plain", false),
			{
				name: SIDES.ansible,
				make: (fleet: Hosts) =>
					ansibleSide(fleet, join(dir, "ansible"), options.forks),
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
		for (const host of fleet.doors.keys())
			await fleet.set(host, { slowMs: options.slowMs });
		return fleet;
	};
	try {
		const shared =
			hosts <= OF_WINE && options.slowMs === undefined
				? await started(WineFleet.start(join(dir, "hosts"), hosts))
				: undefined;
		const sides: Side[] = [];
		for (const [index, { make }] of makers.entries())
			sides.push(await make(shared ?? (await ownHosts(index))));
		await options.work(sides);
	} finally {
		for (const fleet of fleets) await fleet.stop();
	}
}

/**
 * One run; who begins changes from run to run. Each step on all sides, one after the other, then the next step; where they
 * share their hosts one side after the other, for each leaves its hosts as they were.
 */
async function takeTurns(
	sides: Side[],
	run: number,
	wanted: readonly StepName[],
): Promise<void> {
	const first = run % sides.length;
	const order = [...sides.slice(first), ...sides.slice(0, first)];
	const share = new Set(sides.map(({ fleet }) => fleet)).size === 1;
	const turns = share
		? order.flatMap((side) => STEPS.map((step) => ({ side, step })))
		: STEPS.flatMap((step) => order.map((side) => ({ side, step })));
	for (const { side, step } of turns) {
		const sample = await takeStep(side, step);
		if (sample && wanted.includes(step)) keep(sample);
	}
}

/** Undefined where a side has no such step. */
async function takeStep(
	{ name, fleet, steps }: Side,
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
	};
}

/** Behind one jump host: an update, another one once all can be reached, and what the hosts saw. */
async function overrun(
	toolchain: Toolchain,
	dir: string,
	hosts: number,
	parallel: number,
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

async function emptyPreviews(
	toolchain: Toolchain,
	dir: string,
	runs: number,
): Promise<void> {
	const stacks = {
		[SIDES.ours]: await openStack({ toolchain, dir, program: "ours" }),
		[SIDES.empty]: await openStack({ toolchain, dir, program: "empty" }),
		[SIDES.bare]: await openStack({ toolchain, dir, program: "bare" }),
	};
	await stacks[SIDES.ours].configure({ hosts: [] });
	for (let run = 0; run < runs; run++)
		for (const [side, stack] of Object.entries(stacks)) {
			const cost = await measure(stack.commandLine("preview"));
			keep({
				...{ side, hosts: 0, step: "empty preview", ...cost },
				...{ logins: 0, commands: 0, most: 0, servers: 0 },
			});
		}
}

function tell(overload: string): void {
	overloads.push(overload);
	console.log(overload);
}

function keep(sample: Sample): void {
	results.samples.push(sample);
	const { side, hosts, step, wall, cpu, memory, logins } = sample;
	console.log(
		`${String(hosts).padStart(5)}  ${step.padEnd(14)} ${side.padEnd(24)} ${wall.toFixed(2).padStart(8)} s  CPU ${cpu.toFixed(2)} s  ${(memory / 1e6).toFixed(0)} MB  ${logins} log-ins`,
	);
}

async function report(machine: string): Promise<void> {
	const name = join(FOLDER, new Date().toISOString().replaceAll(/[:.]/g, "-"));
	const parts = [`# Benchmark\n\n${machine}.`];
	if (overloads.length > 0)
		parts.push(overloads.map((line) => `- ${line}`).join("\n"));
	if (results.samples.length > 0) {
		const met = targetTable(targets(results));
		parts.push(
			"Medians; ratios are medians of the runs' own. Peak memory: what is resident, of all processes together, what they share as often as they are. CPU: of what was waited for, which leaves out Ansible's ssh masters. Up to ten hosts: those of the lab, Wine, on the same processors; above, and with --slow, hosts that only answer the protocol, at once where nothing else is said: on a real one each step of this package takes up to a second longer than its work, for its script looks once a second whether that has ended.",
			met,
			table(results),
		);
		await writeFile(`${name}.svg`, plot(results));
		await writeFile(
			`${name}.json`,
			JSON.stringify(results.samples, null, "\t"),
		);
		console.log(`\n${met}`);
	}
	await writeFile(`${name}.md`, `${parts.join("\n\n")}\n`);
	console.log(`\n${relative("", name)}.md`);
}

/** The words of a list that an option may have; undefined where it was not given. */
function among<T extends string>(
	option: string,
	list: string | undefined,
	known: readonly T[],
): T[] | undefined {
	return list?.split(",").map((word) => {
		const found = known.find((each) => each === word);
		if (found === undefined)
			throw new Error(
				`bench: ${option} has a word it does not know, got ${word}; allowed: ${known.join(", ")}`,
			);
		return found;
	});
}

function size(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > PORTS.each)
		throw new Error(
			`bench: a number of hosts or runs from 1 to ${PORTS.each} is meant, got ${text}; say npm run bench -- 10 100 --runs 3`,
		);
	return value;
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
