/** Which Pulumi CLI the program accepts. The engine decides it. */
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { requirePulumi } from "../../src/config/pulumi-version.ts";
import { attempt } from "./program.ts";
import { CREDENTIALS, configure, program, REQUESTOR } from "./stack-config.ts";

const asked = vi.spyOn(pulumi.runtime, "requirePulumiVersion");
beforeEach(() => {
	asked.mockReset();
});
afterEach(() => vi.resetModules());

const refuseWith = (error: Error) =>
	asked.mockImplementation(async () => {
		throw error;
	});

it("accepts a CLI that the engine reports as new enough", async () => {
	asked.mockResolvedValue();
	await expect(requirePulumi()).resolves.toBeUndefined();
	expect(asked).toHaveBeenCalledWith(">=3.245.0");
});

it.each([
	[
		"one that is too old",
		Object.assign(new Error("2 UNKNOWN: version 3.244.0 is too old"), {
			details: "version 3.244.0 is too old",
		}),
		"version 3.244.0 is too old",
	],
	[
		"one that cannot be asked",
		new Error("The installed version does not support it. Please upgrade."),
		"The installed version does not support it. Please upgrade.",
	],
])("refuses %s, without a stack trace", async (_, error, words) => {
	refuseWith(error);
	const refusal = await requirePulumi().catch((thrown: unknown) => thrown);
	expect(pulumi.RunError.isInstance(refusal)).toBe(true);
	expect((refusal as Error).message).toBe(
		`exchange-dirsync needs the Pulumi CLI 3.245.0 or later: ${words} See https://www.pulumi.com/docs/iac/download-install/`,
	);
	expect((refusal as Error).stack).toBeUndefined();
});

it("registers nothing with a CLI that is refused", async () => {
	refuseWith(new Error("too old."));
	configure({ hosts: [REQUESTOR], credentials: CREDENTIALS });
	const { thrown, resources } = await attempt(program);
	expect((thrown as Error).message).toContain("needs the Pulumi CLI");
	expect(resources).toEqual([]);
});
