/**
 * How the plugin creates the components for programs in other languages: which inputs it accepts as plain values, and
 * what its errors contain. Pulumi is mocked. Not tested here: the engine and other languages (test/e2e/languages).
 */
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { construct } from "../../src/provider/construct.ts";
import { readSchema } from "../../src/provider/schema.ts";
import { sshArgs } from "./host-args.ts";
import {
	attempt,
	COMPONENT_TYPE,
	CUTOVER_TYPE,
	find,
	type World,
} from "./program.ts";
import { inClear } from "./wire.ts";

const { schema } = readSchema();
afterEach(() => vi.restoreAllMocks());
beforeEach(() => {
	vi.spyOn(pulumi.runtime, "requirePulumiVersion").mockResolvedValue();
});

/** Creates a component as the plugin does. */
const create = (
	inputs: pulumi.Inputs | (() => pulumi.Inputs),
	world?: World,
	type = COMPONENT_TYPE,
) =>
	attempt(
		() =>
			construct(schema, {
				...{ name: "EXCH01", type, options: {} },
				inputs: typeof inputs === "function" ? inputs() : inputs,
			}),
		world,
	);

const messageOf = ({ thrown }: { thrown: unknown }) =>
	(thrown as Error | undefined)?.message;
const MUST_BE_PLAIN =
	"must be a plain value: it can be neither secret nor an output";

describe("the plugin", () => {
	it("creates a component with the outputs that the schema has", async () => {
		const { outputs, thrown } = await create({
			...{ role: "requestor", ssh: sshArgs() },
			cycle: { triggers: ["a"] },
		});
		expect(thrown).toBeUndefined();
		const { urn, state } =
			outputs as unknown as pulumi.provider.ConstructResult;
		expect(urn).toContain(COMPONENT_TYPE);
		expect(Object.keys(state)).toEqual(
			Object.keys(schema.resources[COMPONENT_TYPE]?.properties ?? {}),
		);
		expect(state).toMatchObject({ value: 1, triggers: ["a"], cycleType: "T1" });
	});

	it("accepts a login that is an output as a whole, as a YAML variable is", async () => {
		const result = await create({
			role: "requestor",
			ssh: pulumi.output(sshArgs()),
		});
		expect(result.thrown).toBeUndefined();
		expect(inClear(find(result, "EXCH01").inputs.connection)).not.toContain(
			"hunter2",
		);
	});

	it("keeps what a secret object contains secret", async () => {
		const result = await create({
			role: "requestor",
			ssh: pulumi.secret({
				...sshArgs({ insecureIgnoreHostKey: true, hostKey: undefined }),
				user: pulumi.output("nested-user"),
			}),
		});
		expect(result.thrown).toBeUndefined();
		const shown = inClear(find(result, "EXCH01").inputs);
		expect(shown).not.toContain("exch01.corp.example");
		expect(shown).not.toContain("nested-user");
		expect(shown).not.toContain("hunter2");
	});

	it("keeps the dependencies of a login that is an output as a whole", async () => {
		const result = await create(() => {
			const machine = new local.Command("machine", { create: "true" });
			return {
				role: "requestor",
				ssh: machine.stdout.apply(() => sshArgs()),
			};
		});
		expect(result.thrown).toBeUndefined();
		expect(find(result, "EXCH01").dependencies.connection).toEqual(["machine"]);
	});

	it("accepts outputs inside lists and objects of plain values", async () => {
		const result = await create({
			...{ role: pulumi.output("server"), ssh: sshArgs() },
			cycle: pulumi.output({ triggers: pulumi.output(["a", "b"]) }),
		});
		expect(result.thrown).toBeUndefined();
		expect(find(result, "EXCH01-cycle").inputs.triggers).toEqual(["a", "b"]);
	});

	it("refuses a secret or unknown value where a plain one is needed", async () => {
		const secret = await create({
			...{ role: pulumi.secret("server"), ssh: sshArgs() },
			cycle: { triggers: pulumi.secret(["a"]) },
		});
		expect(messageOf(secret)).toContain(`role: ${MUST_BE_PLAIN}`);
		expect(messageOf(secret)).toContain(`cycle.triggers[0]: ${MUST_BE_PLAIN}`);
		const unknown = await create(
			{ role: "server", ssh: pulumi.output(pulumi.unknown) },
			{ preview: true },
		);
		expect(messageOf(unknown)).toBe(
			`Invalid PauseKicksDX EXCH01 (1 error):\n  ssh: ${MUST_BE_PLAIN} that is not known yet`,
		);
	});

	it("names all errors in one message, and no property whose value the engine would print", async () => {
		const { thrown, resources } = await create({
			role: "servant",
			ssh: { ...sshArgs(), password: 'no"\npassword' },
		});
		expect((thrown as Error).message).toMatch(
			/^Invalid PauseKicksDX EXCH01 \(2 errors\):\n {2}role: must be one of requestor, server\n {2}ssh.password: /,
		);
		expect(pulumi.InputPropertiesError.isInstance(thrown)).toBe(true);
		expect((thrown as pulumi.InputPropertiesError).errors).toEqual([]);
		expect(resources).toEqual([]);
	});

	it("refuses a cutover without its arguments, and passes on what it does not know", async () => {
		const cutover = await create({ strange: 1 }, {}, CUTOVER_TYPE);
		expect(messageOf(cutover)).toMatch(/^Invalid PostOfficeCutover EXCH01/);
		expect(messageOf(cutover)).toContain("strange: is an unknown key");
	});

	it("refuses a component that it does not have", async () => {
		const result = await create({}, {}, "exchange-dirsync:index:Other");
		expect(messageOf(result)).toBe(
			`exchange-dirsync has no component exchange-dirsync:index:Other: it has ${COMPONENT_TYPE} and ${CUTOVER_TYPE}`,
		);
	});

	it.each([
		[COMPONENT_TYPE, { role: "requestor", ssh: sshArgs() }],
		[
			CUTOVER_TYPE,
			{
				...{ run: "a", waits: {} },
				exchange: { name: "EXCH01", role: "server", ssh: sshArgs() },
				postOffices: [
					{
						...{ name: "PO", role: "requestor", ssh: sshArgs() },
						...{ drive: "X", directory: "C:\\M", admin: "a" },
						adminPassword: "p",
					},
				],
				waits: { t1Delivered: { seconds: 1 }, t2Delivered: { seconds: 1 } },
			},
		],
	])(
		"registers no %s if the engine does not provide the organization",
		async (type, inputs) => {
			vi.spyOn(pulumi, "getOrganization").mockImplementation(() => {
				throw new Error("Missing organization name");
			});
			// An engine, not the mocks of a unit test.
			Object.defineProperty(MockMonitor, Symbol.hasInstance, {
				...{ value: () => false, configurable: true },
			});
			const { thrown, resources } = await create(inputs, {}, type);
			expect((thrown as Error).message).toContain(
				"update the CLI to 3.248.0 or later",
			);
			expect(resources).toEqual([]);
		},
	);
});
