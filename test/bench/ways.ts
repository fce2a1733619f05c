import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NO_CHECKPOINTS, Stack } from "../stack.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import type { Hosts } from "./hosts.ts";
import type { CommandLine } from "./measure.ts";
import { compile, hostsOf } from "./pulumi-sides.ts";
import { SIDES, type Side } from "./side.ts";

/** How a fleet is run: in how many stacks, how many of them at a time, and how many resources of one at a time. */
export interface Way {
	program: "ours" | "plain";
	stacks: number;
	atOnce: number;
	/** @default Pulumi's own, four times the processors */
	parallel?: number;
	checkpoints: boolean;
}

const TRANSPORT = /^(plain-)?(\d+)x(\d+)(?:p(\d+))?(-off)?$/;

/**
 * `10x2`: ten stacks, two at a time, with checkpoints. `10x2p32-off`: without checkpoints, 32 resources at a time.
 * `plain-10x2`: plain commands instead of this package.
 */
export function readWay(text: string): Way {
	const [, plain, stacks, atOnce, parallel, off] = TRANSPORT.exec(text) ?? [];
	if (!stacks || !atOnce)
		throw new Error(
			`bench: a way must be stacks x at once, got ${text}; say --ways 10x2-off,50x2,10x2p32-off`,
		);
	return {
		program: plain ? "plain" : "ours",
		stacks: Number(stacks),
		atOnce: Number(atOnce),
		...(parallel && { parallel: Number(parallel) }),
		checkpoints: off === undefined,
	};
}

/** Whether a side is this package, run in several stacks. */
export const isOwnWay = (side: string): boolean =>
	TRANSPORT.test(side) && readWay(side).program === "ours";

/** The tool of a side, and how it is run. */
export interface Described {
	tool: "this package" | "plain commands" | "Ansible" | "ssh";
	how: string;
}

const DESCRIBED: Readonly<Record<string, Described>> = {
	[SIDES.ours]: { tool: "this package", how: "" },
	[SIDES.oursOff]: { tool: "this package", how: "without checkpoints" },
	[SIDES.plain]: { tool: "plain commands", how: "" },
	[SIDES.plainOff]: { tool: "plain commands", how: "without checkpoints" },
	[SIDES.ansible]: { tool: "Ansible", how: "" },
	[SIDES.ssh]: { tool: "ssh", how: "" },
	[SIDES.samba]: { tool: "this package", how: "over Samba" },
};

export function describeSide(side: string): Described {
	const described = DESCRIBED[side];
	if (described) return described;
	const { program, stacks, atOnce, checkpoints } = readWay(side);
	return {
		tool: program === "ours" ? "this package" : "plain commands",
		how: `${stacks} stacks, ${atOnce} at a time${checkpoints ? "" : ", without checkpoints"}`,
	};
}

/** The same as one text. */
export function inWords(side: string): string {
	const { tool, how } = describeSide(side);
	return how === "" ? tool : `${tool}, ${how}`;
}

/** The fleet in several stacks of one project and backend, which xargs runs in parallel. */
export async function waySide(
	name: string,
	fleet: Hosts,
	{
		toolchain,
		dir,
		...way
	}: Way & {
		toolchain: Toolchain;
		dir: string;
	},
): Promise<Side> {
	await mkdir(dir, { recursive: true });
	const dist =
		way.program === "plain"
			? await compile(way.program, join(dir, "program"))
			: undefined;
	const parts: { stack: Stack; doors: Hosts["doors"] }[] = [];
	const each = Math.ceil(fleet.doors.length / way.stacks);
	for (let at = 0; at < fleet.doors.length; at += each) {
		const stack = await Stack.open(toolchain, dir, `part-${parts.length + 1}`, {
			...(dist && { dist }),
			env: way.checkpoints ? {} : NO_CHECKPOINTS,
		});
		await stack.setSecret("credentials.default.privateKey", fleet.privateKey);
		parts.push({ stack, doors: fleet.doors.slice(at, at + each) });
	}
	const list = join(dir, "list");
	await writeFile(list, parts.map(({ stack }) => `${stack.name}\n`).join(""));
	const declare = (trigger: (index: number) => string) =>
		Promise.all(
			parts.map(({ stack, doors }, part) =>
				stack.configure({
					hosts: hostsOf(doors, (index) => trigger(part * each + index)),
				}),
			),
		);
	const { stack } = parts[0] ?? {};
	if (!stack) throw new Error("bench: a fleet without hosts");
	/** Turns a command for one stack into one for all stacks. */
	const inAll = ({ command, cwd, env }: CommandLine): CommandLine => ({
		...{ cwd, env },
		command: [
			...["xargs", "-a", list, "-P", String(way.atOnce), "-I", stack.name],
			...command,
		],
	});
	const all = (verb: string) =>
		inAll(
			stack.commandLine(
				...[verb, "--yes", "--skip-preview"],
				...(way.parallel ? ["--parallel", String(way.parallel)] : []),
			),
		);
	const after = (trigger: (index: number) => string) => async () => {
		await declare(trigger);
		return all("up");
	};
	return {
		...{ name, fleet },
		stateBytes: async () => {
			const sizes = parts.map(({ stack }) => stack.stateBytes());
			return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
		},
		steps: {
			"first up": after(() => "a"),
			"unchanged up": async () => all("up"),
			"one trigger": after((index) => (index === 0 ? "b" : "a")),
			"all triggers": after(() => "c"),
			...(way.program === "ours" && {
				check: async () => inAll(stack.cliLine("check")),
			}),
			destroy: async () => all("destroy"),
		},
	};
}
