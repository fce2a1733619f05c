import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { OperatorsPulumi } from "../../rehearse/operator.ts";
import { Stack } from "../../stack.ts";
import type { Toolchain } from "../../toolchain/toolchain.ts";

it("the operator's Pulumi logs the commands that change something, and no others", async () => {
	const dir = await realpath(
		await mkdtemp(join(tmpdir(), "dirsync-operator-")),
	);
	const toolchain = { pulumi: "/bin/true", env: {}, plugin: { kind: "real" } };
	const stack = await Stack.open(toolchain as Toolchain, dir, "weekend");
	const operator = await OperatorsPulumi.write(stack, dir);
	const set = "config set --path hosts[0].cycle.onUncertain retry";
	for (const line of [
		"cancel --yes --stack weekend",
		"cancel",
		`--stack weekend ${set}`,
		"config --stack weekend rm verify",
		"stack import --file x",
		"stack export",
		"config --json",
		"about --json --stack weekend",
		"preview",
	])
		await execa(join(dir, "pulumi"), line.split(" "));
	expect(await operator.changes()).toEqual([
		"cancel --yes --stack weekend",
		"cancel",
		`${set} --stack weekend`,
		"config --stack weekend rm verify",
		"stack import --file x",
	]);
	await rm(dir, { recursive: true });
});
