/**
 * The library's face: what importing it does and gives.
 *
 * Not proved here: that the package as installed leads to it, or that its types suit a multi-language package.
 */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import { expect, it, vi } from "vitest";
import type {
	Cycle,
	PauseKicksDXArgs,
	Ssh,
	SshLogin,
} from "../../src/index.ts";
import { run } from "./program.ts";

/** Whatever an import might leave behind in the process. */
const surroundings = () => ({
	globals: Object.getOwnPropertyNames(globalThis).sort(),
	env: { ...process.env },
	exitCode: process.exitCode,
	listeners: process
		.eventNames()
		.map((event) => [event, process.listenerCount(event)]),
});

it("registers nothing, reads no configuration and leaves the process as it was when it is imported", async () => {
	// What the library stands on is loaded beforehand: it is not the library's doing.
	await import("@pulumi/command");
	await import("zod");
	pulumi.runtime.setAllConfig({});
	const reading = vi.spyOn(pulumi.Config.prototype, "get");
	const { resources } = await run(async () => {
		const before = surroundings();
		await import("../../src/index.ts");
		expect(surroundings()).toEqual(before);
	});
	expect(resources).toEqual([]);
	expect(reading).not.toHaveBeenCalled();
	reading.mockRestore();
});

it("prints nothing and keeps no process alive when it is imported", async () => {
	const { all } = await execa(
		process.execPath,
		["--import", "tsx", "--eval", 'require("./src/index.ts")'],
		{ cwd: join(import.meta.dirname, "../.."), all: true, timeout: 20_000 },
	);
	expect(all).toBe("");
}, 30_000);

it("exports the components, their enums and their args, and no other name", async () => {
	// The type checker sees to the names that are types alone.
	const args = (ssh: Ssh & SshLogin, cycle: Cycle) =>
		({ ssh, cycle }) satisfies Partial<PauseKicksDXArgs>;
	expect(args).toBeDefined();
	const library = await import("../../src/index.ts");
	expect(Object.keys(library).sort()).toEqual([
		"OnDestroy",
		"OnUncertain",
		"PauseKicksDX",
		"PostOfficeCutover",
		"RegistryTool",
		"Role",
	]);
});
