import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { NO_CHECKPOINTS, Stack } from "../stack.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import type { Door, Hosts } from "./hosts.ts";
import type { CommandLine } from "./measure.ts";
import type { Side } from "./side.ts";

export interface PulumiSideOptions {
	toolchain: Toolchain;
	dir: string;
	/** This package, or the program in that folder of the benchmark. */
	program: "ours" | "plain" | "empty" | "bare";
	checkpoints?: boolean;
}

/** Compiles a program of this benchmark to one file. */
export async function compile(program: string, dir: string): Promise<string> {
	const dist = join(dir, "dist", program);
	await build({
		entryPoints: [join(import.meta.dirname, program, "main.ts")],
		outfile: join(dist, "main.js"),
		...{ bundle: true, packages: "external" },
		...{ platform: "node", format: "cjs" },
	});
	return dist;
}

export async function openStack({
	toolchain,
	dir,
	program,
	checkpoints = true,
}: PulumiSideOptions): Promise<Stack> {
	const folder = join(dir, `${program}${checkpoints ? "" : "-off"}`);
	await mkdir(folder, { recursive: true });
	return Stack.open(toolchain, folder, "bench", {
		...(program !== "ours" && { dist: await compile(program, dir) }),
		...(!checkpoints && { env: NO_CHECKPOINTS }),
	});
}

/** The hosts of a fleet in this package's configuration. */
export const hostsOf = (
	doors: readonly Door[],
	trigger: (index: number) => string,
) =>
	doors.map(({ name, ...ssh }, index) => ({
		...{ name, role: "requestor", ssh },
		cycle: { triggers: [trigger(index)] },
	}));

/** This package, or another Pulumi program that it is compared with. */
export async function pulumiSide(
	name: string,
	fleet: Hosts,
	options: PulumiSideOptions,
): Promise<Side> {
	const stack = await openStack(options);
	await stack.setSecret("credentials.default.privateKey", fleet.privateKey);
	const declared = async (trigger: (index: number) => string) =>
		stack.configure({ hosts: hostsOf(fleet.doors, trigger) });
	const up = (): CommandLine =>
		stack.commandLine("up", "--yes", "--skip-preview");
	return {
		...{ name, fleet, stateBytes: () => stack.stateBytes() },
		steps: {
			"first up": async () => {
				await declared(() => "a");
				return up();
			},
			"unchanged up": async () => up(),
			"one trigger": async () => {
				await declared((index) => (index === 0 ? "b" : "a"));
				return up();
			},
			"all triggers": async () => {
				await declared(() => "c");
				return up();
			},
			...(options.program === "ours" && {
				check: async () => stack.cliLine("check"),
			}),
			destroy: async () =>
				stack.commandLine("destroy", "--yes", "--skip-preview"),
		},
	};
}
