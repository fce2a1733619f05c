/**
 * `npm run bench`: the cost of this package and of its alternatives, for several sizes of fleet.
 *
 *   npm run bench                         1, 10 and 100 hosts, three runs of each
 *   npm run bench -- 10 --only ours,ssh   some of the sides
 *   npm run bench -- 10 --steps "first up"   runs all steps and reports this one
 *   npm run bench -- 1000 --runs 1 --ways 10x2-off,50x2,10x2p32-off   in ten stacks, two at a time, no checkpoints;
 *                                         in fifty with them; in ten again, 32 resources at a time (half an hour)
 *   npm run bench -- 1000 --runs 1 --ways 10x2-off,plain-10x2-off --only Ansible,ssh   compared with other tools
 *   npm run bench -- 10 100 --slow 1000   on hosts that only answer the protocol, a second after each command
 *   npm run bench -- 1000 --overload 8,32       all behind one jump host, with that many log-ins at a time
 *   npm run bench -- 100 --samba          a check of hosts over Samba, which are one NT host of the lab
 *   npm run bench -- --record             the sizes of docs/benchmark.md, which it writes, with its picture
 *
 * Up to ten hosts are lab hosts, one fleet for all sides in turn. With more hosts each side has its own, which only
 * answer the protocol, so that the result shows the cost of this package and not that of Wine.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { PLUGIN_VERSION } from "../toolchain/plugin.ts";
import { prepareToolchain, type Toolchain } from "../toolchain/toolchain.ts";
import { PORTS } from "./hosts.ts";
import { measure } from "./measure.ts";
import { prepareAnsible } from "./other-sides.ts";
import { overrun } from "./overrun.ts";
import { plot } from "./plot.ts";
import { openStack } from "./pulumi-sides.ts";
import { type Part, RECORDED, readConditions, record } from "./record.ts";
import { Results, type Sample } from "./results.ts";
import { sambaChecks } from "./samba.ts";
import { SIDES, STEPS } from "./side.ts";
import { table, targetTable } from "./table.ts";
import { targets } from "./targets.ts";
import { takeTurns, withSides } from "./turns.ts";

/** Ignored by git. It is inside the project, so that compiled programs find their modules. */
const FOLDER = join(import.meta.dirname, "../../bench");

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
			samba: { type: "boolean" },
			record: { type: "boolean" },
		},
	});
	if (values.record) assertNoOthers(values, positionals);
	const sizes = positionals.length === 0 ? [1, 10, 100] : positionals.map(size);
	const runs = size(values.runs);
	const forks = size(values.forks);
	const steps = new Set<string>(among("--steps", values.steps, STEPS) ?? STEPS);
	const { samba } = values;
	const only = among("--only", values.only, Object.values(SIDES));
	const slowMs = values.slow === undefined ? undefined : Number(values.slow);
	const ways = values.ways?.split(",");
	const parts = values.record
		? RECORDED
		: sizes.map((hosts): Part => ({ hosts, only, ways, slowMs, samba }));
	const toolchain = await prepareToolchain();
	if (!samba) await prepareAnsible();
	const conditions = values.record
		? await readConditions(toolchain, runs)
		: undefined;
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
						tell,
					);
			return;
		}
		if (!ways && !only && !samba && !values.record)
			await emptyPreviews(toolchain, join(dir, "empty"), Math.max(runs, 5));
		for (const part of parts) {
			const folder = await mkdtemp(join(dir, "p"));
			if (part.samba)
				await sambaChecks(toolchain, folder, part.hosts, runs, keep);
			else
				await withSides(toolchain, folder, part, forks, async (sides) => {
					for (let run = 0; run < runs; run++)
						await takeTurns(sides, run, (sample) => {
							if (steps.has(sample.step)) keep(sample);
						});
				});
		}
		if (conditions)
			console.log(relative("", await record(results, conditions)));
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
				...{ logins: 0, commands: 0, most: 0, servers: 0, state: Number.NaN },
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

/** The page is comparable with earlier ones only if it has the same sizes and sides. */
function assertNoOthers(values: object, positionals: readonly string[]): void {
	const others = [
		...positionals,
		...Object.keys(values)
			.filter((name) => !["record", "runs", "forks"].includes(name))
			.map((name) => `--${name}`),
	];
	if (others.length > 0)
		throw new Error(
			`bench: --record has its own sizes and sides, got ${others.join(" ")} too; say npm run bench -- --record`,
		);
}

/** The words of an option's list, each checked; undefined if the option was not given. */
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
