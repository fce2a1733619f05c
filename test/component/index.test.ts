/**
 * What an import of the library does, and what the library exports.
 *
 * Not tested here: that the installed package resolves to this file, and that its types suit a multi-language package.
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

/** The parts of the process that an import could change. */
const surroundings = () => ({
	globals: Object.getOwnPropertyNames(globalThis).sort(),
	env: { ...process.env },
	exitCode: process.exitCode,
	listeners: process
		.eventNames()
		.map((event) => [event, process.listenerCount(event)]),
});

it("an import registers nothing, reads no configuration and does not change the process", async () => {
	// The dependencies are loaded first, so that their effects do not count as effects of the library.
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

it("an import prints nothing and does not keep the process alive", async () => {
	const { all } = await execa(
		process.execPath,
		["--import", "tsx", "--eval", 'require("./src/index.ts")'],
		{ cwd: join(import.meta.dirname, "../.."), all: true, timeout: 20_000 },
	);
	expect(all).toBe("");
}, 30_000);

it("exports the components, their enums and their argument types, and no other name", async () => {
	// The type checker checks the exports that are only types.
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
