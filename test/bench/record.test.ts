import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { readConditions, record } from "./record.ts";
import { Results } from "./results.ts";
import type { StepName } from "./side.ts";

function measured(
	...samples: [
		side: string,
		hosts: number,
		step: StepName,
		wall: number,
		state?: number,
	][]
): Results {
	const results = new Results();
	for (const [side, hosts, step, wall, state = Number.NaN] of samples)
		results.samples.push({
			...{ side, hosts, step, wall, state, cpu: wall, memory: 1 },
			...{ logins: 0, commands: 0, most: 0, servers: 0 },
		});
	return results;
}

it("writes medians with their spread, ratios, the size of the state, and a picture", async () => {
	const docs = await mkdtemp(join(tmpdir(), "dirsync-record-"));
	const results = measured(
		["ours", 10, "first up", 4, 840_000],
		["ours", 10, "first up", 6, 840_000],
		["ours", 10, "first up", 5, 840_000],
		["plain commands", 10, "first up", 2, 100_000],
		["plain commands", 10, "first up", 2, 100_000],
		["plain commands", 10, "first up", 5, 100_000],
		["Ansible", 10, "first up", 3],
		["Ansible", 10, "check", 7],
		["ours over Samba", 10, "check", 13],
		["10x2-off", 1000, "first up", 60],
		["plain-10x2-off", 1000, "first up", 50],
	);
	try {
		const file = await record(results, { Machine: "2 cores" }, docs);
		const page = await readFile(file, "utf8");
		expect(page).toContain("- **Machine**: 2 cores\n");
		expect(page).toContain("| this package | 5.00 (4.00–6.00) |  |");
		expect(page).toContain(
			"| Ansible | 3.00 (3.00–3.00) |  |  |  | 7.00 (7.00–7.00) |  |",
		);
		expect(page).toContain("| 10 hosts, this package | 2.00 |");
		expect(page).toContain(
			"| 1000 hosts, this package, 10 stacks, 2 at a time, without checkpoints | 1.20 |",
		);
		expect(page).toContain("this package 84.0 KB, plain commands 10.0 KB");
		expect(page).not.toContain("NaN");
		const picture = await readFile(join(docs, "images/benchmark.svg"), "utf8");
		expect(picture).toContain(">plain commands</text>");
		expect(picture).not.toContain("Samba");
		expect(picture).not.toMatch(/NaN|undefined|Infinity/);
	} finally {
		await rm(docs, { recursive: true });
	}
});

it("records no seconds of the plugin's twin", async () => {
	const toolchain = { plugin: { kind: "twin", dir: "" } } as Toolchain;
	await expect(readConditions(toolchain, 3)).rejects.toThrow(
		/^bench: --record needs the real command plugin, got its twin; install it with pulumi plugin install/,
	);
});

it("refuses other sizes or sides for the page, before anything is measured", async () => {
	const { exitCode, stderr } = await execa(
		join(import.meta.dirname, "../../node_modules/.bin/tsx"),
		[join(import.meta.dirname, "main.ts"), "10", "--record", "--only", "ssh"],
		{ reject: false },
	);
	expect(exitCode).toBe(1);
	expect(stderr).toBe(
		"bench: --record has its own sizes and sides, got 10 --only too; say npm run bench -- --record",
	);
});
