/**
 * The resources that `PostOfficeCutover` registers for its arguments.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: that the engine keeps the order of the steps,
 * and repeats the right ones.
 */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, vi } from "vitest";
import { PostOfficeCutover } from "../../src/components/post-office-cutover.ts";
import type { PostOfficeCutoverArgs } from "../../src/model/cutover-args.ts";
import { type OnUncertain, Role } from "../../src/model/host.ts";
import { sshArgs } from "./host-args.ts";
import {
	attempt,
	COMMAND_TYPE,
	CUTOVER_TYPE,
	find,
	LOCAL_TYPE,
	run,
} from "./program.ts";
import { secretIn } from "./wire.ts";

const PASSWORD = "hunter2-admin";

const args = (
	changes: Partial<PostOfficeCutoverArgs> = {},
): PostOfficeCutoverArgs => ({
	run: "rehearsal-1",
	exchange: { name: "EXCH01", role: Role.Requestor, ssh: sshArgs() },
	postOffices: [
		{
			name: "PO-HARBOR",
			role: Role.Server,
			ssh: sshArgs({ host: "mail1.corp.example" }),
			drive: "X",
			directory: "C:\\MAILEXE",
			launcher: "forcedos",
			admin: "admin",
			adminPassword: PASSWORD,
		},
	],
	waits: {
		t1Delivered: {
			host: "PO-HARBOR",
			command: "type X:\\LOG\\RECV.LOG",
			contains: "EXCH01",
		},
		t2Delivered: { seconds: 120 },
	},
	...changes,
});

const declare = (changes?: Partial<PostOfficeCutoverArgs>) => () => ({
	steps: new PostOfficeCutover("harbor", args(changes)).steps,
});

describe("a cutover", () => {
	it("registers a resource for the run, for each post office and for each step, all below the component", async () => {
		const { resources } = await run(declare());
		expect(resources.map(({ type, name }) => `${type} ${name}`)).toEqual([
			`${CUTOVER_TYPE} harbor`,
			`${LOCAL_TYPE} harbor`,
			`${COMMAND_TYPE} harbor-PO-HARBOR`,
			`${COMMAND_TYPE} harbor-PO-HARBOR-reqmain-t`,
			`${COMMAND_TYPE} harbor-EXCH01-kick`,
			`${COMMAND_TYPE} harbor-t1-delivered`,
			`${COMMAND_TYPE} harbor-PO-HARBOR-srvmain-r`,
			`${COMMAND_TYPE} harbor-PO-HARBOR-srvmain-t`,
			`${LOCAL_TYPE} harbor-t2-delivered`,
			`${COMMAND_TYPE} harbor-PO-HARBOR-reqmain-r`,
			`${COMMAND_TYPE} harbor-PO-HARBOR-import`,
			`${COMMAND_TYPE} harbor-PO-HARBOR-rebuild`,
		]);
		const [component, ...children] = resources;
		for (const { opts } of children)
			expect(opts.parent).toBe(component?.resource);
	});

	it("starts again only if its run, its participants or their roles change", async () => {
		const { inputs } = find(await run(declare()), "harbor", LOCAL_TYPE);
		expect(inputs.triggers).toEqual([
			"rehearsal-1",
			"EXCH01 requestor",
			"PO-HARBOR server",
		]);
		expect(inputs.create).toBeUndefined();
	});

	it("repeats its steps only if the id of the run resource changes", async () => {
		const result = await run(declare());
		for (const { name, inputs, opts, type } of result.resources.slice(3)) {
			expect(inputs.triggers, name).toEqual(["harbor-id"]);
			const known = ["triggers", "environment", "dir"];
			for (const key of Object.keys(inputs))
				if (!known.includes(key) && inputs[key] !== undefined)
					expect(opts.ignoreChanges, `${type} ${name}`).toContain(key);
		}
	});

	it.each(["true", "1", "True"])(
		"is refused without checkpoints (%s), because it could not continue after an interruption",
		async (skip) => {
			vi.stubEnv("PULUMI_SKIP_CHECKPOINTS", skip);
			const { thrown, resources } = await attempt(declare());
			vi.unstubAllEnvs();
			expect(pulumi.RunError.isInstance(thrown)).toBe(true);
			expect((thrown as Error).message).toMatch(
				/Unset PULUMI_SKIP_CHECKPOINTS/,
			);
			expect((thrown as Error).stack).toBeUndefined();
			expect(resources).toEqual([]);
		},
	);

	it("runs the programs with the arguments that the Knowledge Base documents", async () => {
		const result = await run(declare());
		for (const [step, line] of [
			["reqmain-t", "%callPrefix% forcedos reqmain -dX -t "],
			["srvmain-r", "%callPrefix% forcedos srvmain -r -dX "],
			["srvmain-t", "%callPrefix% forcedos srvmain -t -dX "],
			["reqmain-r", "%callPrefix% forcedos reqmain -dX -r "],
			["rebuild", "%callPrefix% forcedos rebuild -dX -f "],
		])
			expect(find(result, `harbor-PO-HARBOR-${step}`).inputs.stdin).toContain(
				line,
			);
	});

	it("passes the password only to IMPORT, on stdin and as a secret", async () => {
		const result = await run(declare());
		const { stdin } = find(result, "harbor-PO-HARBOR-import").inputs;
		expect(secretIn(stdin)).toBe(`-p${PASSWORD}\r\n`);
		for (const { name, inputs } of result.resources)
			if (name !== "harbor-PO-HARBOR-import")
				expect(JSON.stringify(inputs), name).not.toContain(PASSWORD);
		expect(JSON.stringify(result.registeredOutputs)).not.toContain(PASSWORD);
	});

	it("has unknown step commands and a known run in a preview", async () => {
		const result = await run(declare(), { preview: true });
		const { inputs } = find(result, "harbor-EXCH01-kick");
		expect(pulumi.isUnknown(inputs.create)).toBe(true);
		expect(find(result, "harbor", LOCAL_TYPE).inputs.triggers).toContain(
			"rehearsal-1",
		);
	});

	it("exports host, times and evidence of its steps", async () => {
		const { outputs } = await run(declare(), {
			stdout: (name) =>
				name.endsWith("-kick")
					? '"Receipt.cutover-harbor"="dx-done:cutover-harbor 0123 1999-03-01T22:00:00Z ok;"\r\nT1 started\r\ntook about 3 s'
					: "began 1999-03-01T22:00:00Z\r\nStatus[106] 3 updates sent\r\ntook about 2 s",
		});
		const steps = outputs?.steps as Record<string, string>[];
		expect(steps.slice(0, 2)).toEqual([
			{
				step: "PO-HARBOR-reqmain-t",
				host: "PO-HARBOR",
				start: "1999-03-01T22:00:00Z",
				end: "1999-03-01T22:00:02Z",
				evidence: "Status[106] 3 updates sent",
			},
			{
				step: "EXCH01-kick",
				host: "EXCH01",
				start: "1999-03-01T22:00:00Z",
				end: "1999-03-01T22:00:03Z",
				evidence: "T1 started",
			},
		]);
	});
});

it("an invalid cutover is refused with all errors in one message, and no resource is registered", async () => {
	const { thrown, resources } = await attempt(
		declare({
			onUncertain: "kick" as OnUncertain,
			postOffices: [
				{
					...(args().postOffices[0] as PostOfficeCutoverArgs["postOffices"][0]),
					drive: "X:",
					role: Role.Requestor,
					adminPassword: undefined,
				},
			],
		}),
	);
	expect(pulumi.InputPropertiesError.isInstance(thrown)).toBe(true);
	const { errors, message } = thrown as pulumi.InputPropertiesError;
	expect(errors?.map(({ propertyPath }) => propertyPath).sort()).toEqual([
		"onUncertain",
		"postOffices",
		"postOffices[0].adminPassword",
		"postOffices[0].drive",
	]);
	expect(message).toContain("Invalid PostOfficeCutover harbor (4 errors):");
	expect(resources).toEqual([]);
});
