/**
 * Updates that leave out resources (`--target`, `--exclude`, `refresh --run-program`). The output of a command is then
 * undefined, and the values derived from it must be neither an error nor invented. The last group tests that an update
 * can follow the plan of its preview.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: which resources the engine leaves out, and
 * which plans it refuses.
 */
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "../../src/components/pause-kicks-dx.ts";
import { hostArgs, sshArgs } from "./host-args.ts";
import {
	EVIDENCE,
	goodHost,
	KICKED_AT,
	type Run,
	run,
	STACK_NAME,
	STACK_TYPE,
} from "./program.ts";
import {
	CREDENTIALS,
	configure,
	program,
	REQUESTOR,
	SERVER,
} from "./stack-config.ts";

const CUTOVER = {
	...{ name: "harbor", run: "rehearsal-1", exchange: "EXCH01" },
	postOffices: [
		{
			...{ name: "PO-HARBOR", role: "server", drive: "X", admin: "admin" },
			directory: "C:\\MAILEXE",
			ssh: { ...SERVER.ssh, host: "mail1.corp.example" },
		},
	],
	waits: { t1Delivered: { seconds: 1 }, t2Delivered: { seconds: 1 } },
};

beforeEach(() => {
	vi.resetModules();
	configure({
		hosts: [REQUESTOR, SERVER],
		cutovers: [CUTOVER],
		credentials: {
			...CREDENTIALS,
			"PO-HARBOR": { password: "x", adminPassword: "x" },
		},
	});
});

/** The output of a command. The steps of the cutover also print their times. */
const printed = (name: string): string =>
	/^harbor-.*(?:-[a-z]$|kick|delivered|import|rebuild)/.test(name)
		? "began 1999-03-01T22:00:00Z\r\nsent\r\ntook about 2 s"
		: goodHost(name);

/** Only the commands with these names exist. */
const only =
	(...names: string[]) =>
	(name: string) =>
		names.includes(name) ? printed(name) : undefined;

describe("the stack's outputs of an update that leaves out resources", () => {
	const enforced = { value: 1, previous: "REG_DWORD 0", restarted: true };
	const kicked = { kickedAt: KICKED_AT, evidence: EVIDENCE };
	const T1 = { type: "T1", triggers: ["initial-import", "2"], ...kicked };
	const T2 = { type: "T2", triggers: ["night"], ...kicked };
	const step = (name: string, host: string) => ({
		...{ step: name, host, evidence: "sent" },
		...{ start: "1999-03-01T22:00:00Z", end: "1999-03-01T22:00:02Z" },
	});

	it.each<[string, string[], object]>([
		["nothing", [], { hosts: {}, cutovers: {} }],
		[
			"one host",
			["EXCH01", "EXCH01-cycle"],
			{ hosts: { EXCH01: { ...enforced, cycle: T1 } }, cutovers: {} },
		],
		[
			"a host without its cycle",
			["EXCH02"],
			{ hosts: { EXCH02: enforced }, cutovers: {} },
		],
		[
			"both hosts",
			["EXCH01", "EXCH01-cycle", "EXCH02", "EXCH02-cycle"],
			{
				hosts: {
					EXCH01: { ...enforced, cycle: T1 },
					EXCH02: { ...enforced, cycle: T2 },
				},
				cutovers: {},
			},
		],
		[
			"a host and a cutover's run and post office, and none of its steps",
			["EXCH01", "harbor", "harbor-PO-HARBOR"],
			{ hosts: { EXCH01: enforced }, cutovers: {} },
		],
		[
			"a host and the first steps of a cutover",
			[
				...["EXCH01", "harbor", "harbor-PO-HARBOR"],
				...["harbor-PO-HARBOR-reqmain-t", "harbor-EXCH01-kick"],
			],
			{
				hosts: { EXCH01: enforced },
				cutovers: {
					harbor: [
						step("PO-HARBOR-reqmain-t", "PO-HARBOR"),
						step("EXCH01-kick", "EXCH01"),
					],
				},
			},
		],
	])("contain %s if nothing else exists", async (_, names, told) => {
		const { registeredOutputs } = await run(program, {
			stdout: only(...names),
		});
		expect(registeredOutputs[`${STACK_TYPE} ${STACK_NAME}`]).toEqual(told);
	});
});

it("all outputs of a component that is left out are undefined", async () => {
	const seen: unknown[] = [];
	await run(
		() => {
			const host = new PauseKicksDX("EXCH01", hostArgs());
			const outputs: pulumi.Output<unknown>[] = [
				...[host.value, host.previous, host.restarted],
			];
			for (const output of outputs) output.apply((told) => seen.push(told));
		},
		{ stdout: () => undefined },
	);
	expect(seen).toEqual([undefined, undefined, undefined]);
});

it.each<[string, (vm: local.Command) => Partial<PauseKicksDXArgs>]>([
	[
		"ssh",
		({ stdout }) => ({ ssh: sshArgs({ host: stdout, password: stdout }) }),
	],
	[
		"samba",
		({ stdout: host }) => ({
			...{ ssh: undefined, verify: host },
			samba: { host, user: "Administrator", password: host },
		}),
	],
])(
	"a host whose %s log-in comes from a resource that is left out causes no error",
	async (_, login) => {
		const { resources } = await run(
			() => {
				const machine = new local.Command("machine");
				new PauseKicksDX("NT02", hostArgs(login(machine)));
			},
			{ stdout: () => undefined },
		);
		expect(resources.map(({ name }) => name)).toEqual([
			...["machine", "NT02", "NT02", "NT02-cycle"],
		]);
	},
);

describe("an input that contains the time", () => {
	const all = [
		...["EXCH01-cycle", "EXCH02-cycle", "harbor-PO-HARBOR-reqmain-t"],
		...["harbor-EXCH01-kick", "harbor-PO-HARBOR-srvmain-t"],
		...["harbor-PO-HARBOR-import", "harbor-PO-HARBOR-rebuild"],
		...["harbor-t1-delivered", "harbor-t2-delivered"],
	];
	const createOf = (result: Run, name: string) =>
		result.resources.find((one) => one.name === name)?.inputs.create;

	it.each([["no command exists"], ["all commands exist"]])(
		"is unknown in a preview where %s, since no update could follow a plan that contains it",
		async (which) => {
			const result = await run(program, {
				preview: true,
				...(which === "all commands exist" && { stdout: printed }),
			});
			for (const name of all)
				expect(pulumi.isUnknown(createOf(result, name)), name).toBe(true);
		},
	);

	it("is known in an update after the earlier commands have printed their output", async () => {
		const result = await run(program, { stdout: printed });
		for (const name of all)
			expect(createOf(result, name), name).toMatch(
				/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/,
			);
	});

	it.each([[undefined], [printed]])(
		"is the only difference, dependencies included, between preview and update if commands print %o",
		async (stdout) => {
			const before = await run(program, { preview: true, stdout });
			vi.resetModules();
			const after = await run(program, { stdout: printed });
			expect(before.resources).toHaveLength(after.resources.length);
			for (const [index, update] of after.resources.entries()) {
				const preview = before.resources[index] as typeof update;
				expect(preview.dependencies, update.name).toEqual(update.dependencies);
				for (const [key, input] of Object.entries(update.inputs)) {
					const planned = preview.inputs[key];
					// Inputs that are derived from a cutover's run are unknown until the run resource exists.
					const madeOfRun = !stdout && update.name.startsWith("harbor-");
					const unknown = madeOfRun ? ["update", "triggers", "stdin"] : [];
					if ([planned].flat().some((part) => pulumi.isUnknown(part)))
						expect(["create", ...unknown], update.name).toContain(key);
					else expect(planned, `${update.name} ${key}`).toEqual(input);
				}
			}
		},
	);
});
