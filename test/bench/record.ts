import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { PLUGIN_VERSION } from "../toolchain/plugin.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { plot } from "./plot.ts";
import type { Results } from "./results.ts";
import { SIDES, STEPS } from "./side.ts";
import { cell, row, spread } from "./table.ts";
import { inWords } from "./ways.ts";

const ROOT = join(import.meta.dirname, "../..");

/** One fleet of the benchmark and the sides that manage it. */
export interface Part {
	hosts: number;
	/** @default all, or none if there are ways */
	only?: readonly string[] | undefined;
	/** See `readWay`. */
	ways?: string[] | undefined;
	/** Milliseconds for each command, of hosts that only answer the protocol. @default lab hosts up to ten, and 0 above */
	slowMs?: number | undefined;
	/** Checks over Samba instead of updates over SSH. */
	samba?: boolean;
}

/** What the page contains. */
export const RECORDED: readonly Part[] = [
	{ hosts: 10, slowMs: 0 },
	{ hosts: 100 },
	{ hosts: 100, ways: ["10x2", "plain-10x2"] },
	{
		hosts: 1000,
		ways: ["10x2-off", "plain-10x2-off"],
		only: [SIDES.ansible],
	},
	{ hosts: 100, samba: true },
];

/** What a page states about a run, as names and texts. */
export type Conditions = Readonly<Record<string, string>>;

/**
 * Describes the machine and the versions.
 *
 * @throws Error if the command plugin is not the real one
 */
export async function readConditions(
	toolchain: Toolchain,
	runs: number,
): Promise<Conditions> {
	if (toolchain.plugin.kind !== "real")
		throw new Error(
			`bench: --record needs the real command plugin, got its twin; install it with pulumi plugin install resource command ${PLUGIN_VERSION}`,
		);
	const { version } = JSON.parse(
		await readFile(join(ROOT, "package.json"), "utf8"),
	) as { version: string };
	const [commit, ansible] = await Promise.all([
		firstLine("git", "-C", ROOT, "describe", "--always", "--dirty"),
		firstLine("ansible-playbook", "--version"),
	]);
	return {
		Date: `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC, ${runs} runs`,
		Machine: `${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, load ${loadavg()[0]?.toFixed(1)} at the start`,
		Versions: [
			`exchange-dirsync ${version} (${commit})`,
			`Pulumi CLI ${toolchain.version}`,
			`command plugin ${PLUGIN_VERSION}`,
			`Node.js ${process.version}`,
			ansible,
		].join(", "),
	};
}

async function firstLine(program: string, ...args: string[]): Promise<string> {
	const { stdout } = await execa(program, args, { reject: false });
	return String(stdout ?? "").split("\n")[0] ?? "";
}

/** Writes the page and its picture. */
export async function record(
	results: Results,
	conditions: Conditions,
	docs = join(ROOT, "docs"),
): Promise<string> {
	await mkdir(join(docs, "images"), { recursive: true });
	await writeFile(join(docs, "images/benchmark.svg"), plot(results));
	const file = join(docs, "benchmark.md");
	await writeFile(file, page(results, conditions));
	return file;
}

/** The page: conditions, picture, seconds and ratios. */
export function page(results: Results, conditions: Conditions): string {
	const sizes = results.values("hosts").filter((size) => size > 0);
	return `# Benchmark

\`npm run bench -- --record\` writes this page. It takes half an hour to an hour, on a machine without other work.

![Seconds by number of hosts](images/benchmark.svg)

${Object.entries(conditions)
	.map(([name, text]) => `- **${name}**: ${text}`)
	.join("\n")}
- **Hosts**: programs on the same machine that only answer the protocol, without delay, so that the time is that of the tools. A
  check over Samba inspects one NT host of the lab at many addresses.
- **Plain commands**: two \`remote.Command\`s for each host with the shortest scripts that set the value and pause the service.
  They keep no receipt and detect no drift. Ansible and ssh run the same scripts.

## Seconds

Median, and in parentheses the shortest and the longest run.

${sizes.map((size) => `### ${size} hosts\n\n${seconds(results, size)}`).join("\n\n")}

## Ratios

This package divided by plain commands in the same run: medians.

${ratios(results)}

## State

Size of the state for each host after the first \`up\`: ${stateSizes(results)}.
`;
}

const HEAD = [
	...["", "first `up`", "unchanged `up`", "one trigger", "all triggers"],
	...["check", "`destroy`"],
];

const head = (...names: string[]) => [row(names), row(names.map(() => "---"))];

function seconds(results: Results, hosts: number): string {
	const rows = results.values("side").flatMap((side) => {
		const cells = STEPS.map((step) => spread(results, hosts, step, side));
		return cells.every((text) => text === "")
			? []
			: [row([inWords(side), ...cells])];
	});
	return [...head(...HEAD), ...rows].join("\n");
}

/** The sides of this package with those of plain commands that are run in the same way. */
function pairs(results: Results): [ours: string, plain: string][] {
	const sides = results.values("side");
	const plainOf = (side: string) =>
		side === SIDES.ours
			? SIDES.plain
			: side === SIDES.oursOff
				? SIDES.plainOff
				: `plain-${side}`;
	return sides
		.map((side): [string, string] => [side, plainOf(side)])
		.filter(([, plain]) => sides.includes(plain));
}

function ratios(results: Results): string {
	const steps = STEPS.filter((step) => step !== "check");
	const rows = results.values("hosts").flatMap((hosts) =>
		pairs(results).flatMap(([ours, plain]) => {
			const cells = steps.map((step) =>
				results.ratio("wall", hosts, step, ours, plain),
			);
			return cells.every(Number.isNaN)
				? []
				: [row([`${hosts} hosts, ${inWords(ours)}`, ...cells.map(cell)])];
		}),
	);
	return [...head(...HEAD.filter((name) => name !== "check")), ...rows].join(
		"\n",
	);
}

function stateSizes(results: Results): string {
	return [SIDES.ours, SIDES.plain]
		.flatMap((side) => {
			const hosts = Math.max(
				...results.samples
					.filter((sample) => sample.side === side)
					.map((sample) => sample.hosts),
			);
			const bytes = results.median("state", hosts, "first up", side) / hosts;
			return Number.isNaN(bytes)
				? []
				: [`${inWords(side)} ${(bytes / 1000).toFixed(1)} KB`];
		})
		.join(", ");
}
