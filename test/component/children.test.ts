/**
 * The resources that a `PauseKicksDX` registers, with their options and outputs.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: that the engine obeys the options (ignores a
 * change, deletes first, waits), that the plugin accepts the inputs, and what the scripts do.
 */
import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { PauseKicksDX } from "../../src/components/pause-kicks-dx.ts";
import { hostArgs } from "./host-args.ts";
import {
	COMMAND_TYPE,
	COMPONENT_TYPE,
	EVIDENCE,
	find,
	KICKED_AT,
	run,
} from "./program.ts";

const COMPONENT = `${COMPONENT_TYPE} EXCH01`;
const declare = (changes = {}, opts?: pulumi.ComponentResourceOptions) =>
	new PauseKicksDX("EXCH01", hostArgs(changes), opts);

describe("the children", () => {
	it.each([
		["with a cycle, enforcement and trigger", {}, ["EXCH01", "EXCH01-cycle"]],
		["without one, the enforcement alone", { cycle: undefined }, ["EXCH01"]],
	])("are below the component: %s", async (_, changes, commands) => {
		const { resources } = await run(() => void declare(changes));
		expect(resources.map(({ type, name }) => [type, name])).toEqual([
			[COMPONENT_TYPE, "EXCH01"],
			...commands.map((name) => [COMMAND_TYPE, name]),
		]);
		const [component, ...children] = resources;
		expect(component?.opts.parent).toBeUndefined();
		for (const { opts } of children)
			expect(opts.parent).toBe(component?.resource);
	});

	it("of two hosts belong to separate components", async () => {
		const result = await run(() => {
			declare();
			new PauseKicksDX("EXCH02", hostArgs());
		});
		expect(result.resources).toHaveLength(6);
		for (const name of ["EXCH01", "EXCH02"]) {
			const component = find(result, name, COMPONENT_TYPE).resource;
			const enforcement = find(result, name);
			const trigger = find(result, `${name}-cycle`);
			expect(enforcement.opts.parent).toBe(component);
			expect(trigger.opts.parent).toBe(component);
			expect(trigger.opts.dependsOn).toEqual([enforcement.resource]);
		}
	});
});

describe("the options", () => {
	// The command package sets these on each of its resources.
	const OF_COMMAND = {
		version: "1.2.1",
		additionalSecretOutputs: ["connection"],
		replaceOnChanges: ["triggers[*]"],
	};

	it("of the enforcement are deleteBeforeReplace and no others", async () => {
		const result = await run(() => void declare());
		expect({ ...find(result, "EXCH01").opts, parent: "" }).toEqual({
			...OF_COMMAND,
			parent: "",
			deleteBeforeReplace: true,
		});
	});

	it("of the trigger are dependsOn the enforcement and ignoreChanges of all inputs except triggers", async () => {
		const result = await run(() => void declare());
		const { opts, inputs } = find(result, "EXCH01-cycle");
		const { parent: _, dependsOn, ignoreChanges, ...others } = opts;
		expect(dependsOn).toEqual([find(result, "EXCH01").resource]);
		expect([...(ignoreChanges ?? []), "triggers"].sort()).toEqual(
			Object.keys(inputs).sort(),
		);
		expect(others).toEqual(OF_COMMAND);
	});

	it("that a user passes apply only to the component", async () => {
		const aliases = [{ name: "EXCHANGE1" }];
		const result = await run(() => void declare({}, { aliases }));
		const [component, ...children] = result.resources;
		expect(component?.opts).toEqual({ aliases });
		for (const { opts } of children) expect(opts.aliases).toBeUndefined();
	});
});

describe("the outputs", () => {
	it.each([
		["absent", "yes", { previous: "absent", restarted: true }],
		["dword:0000000a", "no", { previous: "REG_DWORD 10", restarted: false }],
		['"1"', "yes", { previous: "REG_SZ 1", restarted: true }],
	])(
		"contain in clear text what the enforcement printed: %s, %s",
		async (data, word, told) => {
			const result = await run(
				() => {
					const { value, previous, restarted } = declare({ cycle: undefined });
					return { value, previous, restarted };
				},
				{
					stdout: () =>
						`before: ${data}\r\nPauseKicksDX is 1, service restarted: ${word}`,
				},
			);
			expect(result.outputs).toEqual({ value: 1, ...told });
		},
	);

	it("include the cycle, and the trigger is a property that others can depend on", async () => {
		let component: PauseKicksDX | undefined;
		const result = await run(() => {
			component = declare();
			const { cycleType, triggers, kickedAt, evidence } = component;
			return { cycleType, triggers, kickedAt, evidence };
		});
		expect(component?.cycle).toBe(find(result, "EXCH01-cycle").resource);
		expect(result.outputs).toEqual({
			cycleType: "T1",
			triggers: ["initial-import"],
			kickedAt: KICKED_AT,
			evidence: EVIDENCE,
		});
	});

	// Each registration of outputs is one more write of the whole state.
	it("are not registered", async () => {
		const result = await run(() => void declare());
		expect(result.registeredOutputs[COMPONENT]).toEqual({});
	});

	it("include no trigger if no cycle is declared", async () => {
		let component: PauseKicksDX | undefined;
		await run(() => {
			component = declare({ cycle: undefined });
		});
		expect(component?.cycle).toBeUndefined();
	});
});
