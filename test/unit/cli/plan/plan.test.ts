import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Host } from "../../../../src/cli/hosts.ts";
import { inspectHosts } from "../../../../src/cli/inspect-host.ts";
import {
	type HostPlanned,
	type Plan,
	planDestroy,
	planUp,
} from "../../../../src/cli/plan/plan.ts";
import { parsePreview } from "../../../../src/cli/plan/preview.ts";
import {
	renderMarkdown,
	renderTable,
} from "../../../../src/cli/plan/render.ts";
import { digest, hostOwner } from "../../../../src/protocol/host-record.ts";
import type { Inspection } from "../../../../src/protocol/inspection.ts";
import { kickCommands } from "../../../../src/scripts/windows/kick.ts";

// No host is reached: the inspections are given.
vi.mock("../../../../src/cli/inspect-host.ts", () => ({
	inspectHosts: vi.fn(),
}));

const STACK = "organization/project/lab";
const URN = "urn:pulumi:lab::project::";
const HOST_TYPE = "exchange-dirsync:index:PauseKicksDX";
const CUTOVER_TYPE = "exchange-dirsync:index:PostOfficeCutover";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const host = (name: string, address = name): Host => ({
	...{ name, kind: "ssh", cycleType: "T1", triggers: ["a"] },
	...{ onUncertain: "fail", onDestroy: "restore" },
	transport: {
		ssh: { host: address, port: 22, user: "u" },
		registryTool: "auto",
	},
});
const NEW: Inspection = {
	...{ service: "running", value: null, takesPause: null },
	...{ canStart: true, record: null },
};
const ENFORCED = (name: string): Inspection => ({
	...NEW,
	value: { type: "REG_DWORD", data: "1" },
	record: {
		...{ stack: STACK, owner: hostOwner(name, "ssh"), previous: null },
		...{ restartPending: false, receipts: [], intent: null, t2Open: false },
	},
});

const inspected = (...inspections: (Inspection | undefined)[]) =>
	vi
		.mocked(inspectHosts)
		.mockResolvedValue(
			inspections.map((inspection) =>
				inspection
					? { inspection }
					: { error: { code: "unreachable", text: "EXCH01, check: gone" } },
			),
		);

/** A component, then its children: each an operation and a name. */
const component = (type: string, name: string, ...children: object[]) => {
	const urn = `${URN}${type}::${name}`;
	return [
		{ op: "create", urn, newState: { type } },
		...children.map((child) => {
			const { op, name, state } = child as {
				op: string;
				name: string;
				state?: object;
			};
			const own = `${URN}${type}$command:remote:Command::${name}`;
			const newState = {
				type: "command:remote:Command",
				parent: urn,
				...state,
			};
			return { op, urn: own, newState };
		}),
	];
};
const KICK = { type: "T1", onUncertain: "fail", t3BeforeT2: true } as const;
const up = (
	hosts: Host[],
	steps: object[][],
	inState: Host[] = [],
	source: "configuration" | "state" = "configuration",
) =>
	planUp(
		{
			...{ id: STACK, hosts, source, verify: "project:verify" },
			...{
				inState: inState.map(({ name }) => name),
				readState: async () => inState,
			},
			cutoverKicks: new Map(
				source === "configuration" ? [["harbor", KICK]] : [],
			),
		},
		parsePreview({ steps: steps.flat() as [] }),
		() => {},
	);
const planned = ({ hosts }: Plan, name: string) =>
	hosts.find((one) => one.name === name) as HostPlanned;

beforeEach(() => vi.mocked(inspectHosts).mockReset());

describe("the plan of an update", () => {
	it("is nothing if the preview has no change", async () => {
		inspected(ENFORCED("EXCH01"));
		const plan = await up([host("EXCH01")], []);
		expect(plan).toMatchObject({ result: "nothing", for: "up", cutovers: [] });
		expect(planned(plan, "EXCH01").enforcement).toBe("same");
	});

	it("has the operations of the enforcement and of the cycle", async () => {
		inspected(NEW);
		const plan = await up(
			[host("EXCH01")],
			[
				component(
					...([HOST_TYPE, "EXCH01"] as const),
					{ op: "create", name: "EXCH01" },
					{
						...{ op: "create", name: "EXCH01-cycle" },
						state: { inputs: { triggers: ["a"] } },
					},
				),
			],
		);
		expect(plan.result).toBe("changes");
		expect(planned(plan, "EXCH01")).toMatchObject({
			...{ enforcement: "create", cycles: [{ type: "T1" }] },
		});
	});

	it("is not inspected if one host is not, even if others have changes", async () => {
		inspected(undefined, NEW);
		const plan = await up([host("EXCH01"), host("EXCH02")], []);
		expect(plan.result).toBe("not-inspected");
		expect(plan.hosts[0]).toMatchObject({
			...{ inspected: false, error: { code: "unreachable" } },
		});
	});

	it("restores a removed host, but not one that a new name takes over", async () => {
		inspected(ENFORCED("OLD"), ENFORCED("OLD"), ENFORCED("GONE"));
		const plan = await up(
			[host("RENAMED", "10.0.0.1")],
			[
				component(HOST_TYPE, "RENAMED", { op: "create", name: "RENAMED" }),
				component(HOST_TYPE, "OLD", { op: "delete", name: "OLD" }),
				component(HOST_TYPE, "GONE", { op: "delete", name: "GONE" }),
			],
			[host("OLD", "10.0.0.1"), host("GONE", "10.0.0.2")],
		);
		expect(planned(plan, "RENAMED")).toMatchObject({
			...{ restart: null, refused: [] },
		});
		expect(planned(plan, "OLD")).toMatchObject({
			value: { after: { data: "1" } },
			notes: ["RENAMED takes over the host and its record"],
		});
		expect(planned(plan, "GONE").value.after).toBeNull();
	});

	it.each([
		["exch01.corp.example", "EXCH01.Corp.Example.", true],
		["exch01.corp.example", "exch02.corp.example", false],
	])(
		"recognises that %s and %s are one machine: %s",
		async (before, after, isOne) => {
			inspected(ENFORCED("OLD"), ENFORCED("OLD"));
			const plan = await up(
				[host("RENAMED", after)],
				[
					component(HOST_TYPE, "RENAMED", { op: "create", name: "RENAMED" }),
					component(HOST_TYPE, "OLD", { op: "delete", name: "OLD" }),
				],
				[host("OLD", before)],
			);
			expect(planned(plan, "OLD").value.after !== null).toBe(isOne);
		},
	);

	it("notes drift that the update does not repair, and that a cycle may then fail", async () => {
		inspected({ ...ENFORCED("EXCH01"), value: null });
		const plan = await up(
			[host("EXCH01")],
			[
				component(HOST_TYPE, "EXCH01", {
					...{ op: "replace", name: "EXCH01-cycle" },
					state: { inputs: { triggers: ["b"] } },
				}),
			],
		);
		const { notes } = planned(plan, "EXCH01");
		expect(notes).toEqual([
			"T1 starts only if the service was started with the value in place; otherwise the update ends with value-missing: have the value repaired first",
			"the value is not changed, because the update does not inspect this host: set project:verify to a new string to have it repaired",
		]);
		for (const note of notes) {
			expect(renderTable(plan)).toContain(`\nEXCH01: ${note}\n`);
			expect(renderMarkdown(plan)).toContain(`\n- EXCH01: ${note}\n`);
		}
	});

	it("counts the new resource if the transport changes", async () => {
		inspected(ENFORCED("EXCH01"));
		const plan = await up(
			[host("EXCH01")],
			[
				component(
					...([HOST_TYPE, "EXCH01"] as const),
					{ op: "delete", name: "EXCH01" },
					{ op: "create", name: "EXCH01" },
				),
			],
		);
		expect(planned(plan, "EXCH01").enforcement).toBe("create");
	});

	it("lists a new host of a program that the state does not have", async () => {
		inspected();
		const created = { op: "create", name: "EXCH09" };
		const plan = await up([], [component(HOST_TYPE, "EXCH09", created)]);
		expect(plan).toMatchObject({
			result: "not-inspected",
			hosts: [{ name: "EXCH09", error: { code: "not-in-state" } }],
		});
	});
});

describe("the plan of a cutover", () => {
	const kick = kickCommands({
		...{ host: "EXCH01", cycle: "cutover-harbor", type: "T1" },
		...{ token: "0123456789abcdef", onUncertain: "fail" },
		guards: { minutesAroundHour: 0, t3BeforeT2: true },
	}).stdin;
	const step = (name: string, after: string[], stdin = "", op = "create") => ({
		...{ op, name: `harbor-${name}` },
		state: {
			inputs: { triggers: [UNKNOWN], stdin },
			dependencies: after.map(
				(one) => `${URN}${CUTOVER_TYPE}$command:remote:Command::harbor-${one}`,
			),
		},
	});

	it("has the steps in their order, without post offices and the run itself", async () => {
		inspected(ENFORCED("EXCH01"));
		const plan = await up(
			[host("EXCH01")],
			[
				component(
					...([CUTOVER_TYPE, "harbor"] as const),
					{ op: "create", name: "harbor", state: { inputs: { triggers: [] } } },
					{ op: "create", name: "harbor-PO-PIER", state: { inputs: {} } },
					step("t1-delivered", ["EXCH01-kick"]),
					step("EXCH01-kick", ["PO-PIER-reqmain-t"], kick),
					step("PO-PIER-reqmain-t", []),
					step("PO-PIER-import", [], "", "same"),
				),
			],
		);
		expect(plan.cutovers[0]?.steps).toEqual([
			...["PO-PIER-reqmain-t", "EXCH01-kick", "t1-delivered"],
		]);
		expect(planned(plan, "EXCH01").cycles).toEqual([
			{ type: "T1", reason: "cutover harbor" },
		]);
	});

	it("is not nothing if only a post office is prepared again", async () => {
		inspected(ENFORCED("EXCH01"));
		const plan = await up(
			[host("EXCH01")],
			[component(CUTOVER_TYPE, "harbor", { op: "update", name: "harbor-PO" })],
		);
		expect(plan.result).toBe("changes");
	});

	it("has a kick with the settings of the script if the program declares the cutover", async () => {
		const { record, ...rest } = ENFORCED("EXCH01");
		inspected({ ...rest, record: record && { ...record, t2Open: true } });
		const sent = step("EXCH01-kick", [], kick);
		const steps = [component(CUTOVER_TYPE, "harbor", sent)];
		const plan = await up([host("EXCH01")], steps, [], "state");
		expect(planned(plan, "EXCH01").refused[0]?.code).toBe("t3-missing");
	});

	it("has a kick that the host's record refuses", async () => {
		const { record, ...rest } = ENFORCED("EXCH01");
		inspected({ ...rest, record: record && { ...record, t2Open: true } });
		const plan = await up(
			[host("EXCH01")],
			[component(CUTOVER_TYPE, "harbor", step("EXCH01-kick", [], kick))],
		);
		expect(plan.result).toBe("refused");
		expect(planned(plan, "EXCH01").refused[0]?.code).toBe("t3-missing");
	});

	it("has a kick that was already sent in this run", async () => {
		const { record, ...rest } = ENFORCED("EXCH01");
		const { kickToken } = await import(
			"../../../../src/protocol/host-record.ts"
		);
		const token = kickToken("cutover-harbor", [digest(["run-id"])]);
		const receipts = [
			{ cycle: "cutover-harbor", token, at: "2026-11-22", evidence: "" },
		];
		inspected({ ...rest, record: record && { ...record, receipts } });
		const sent = step("EXCH01-kick", [], kick);
		sent.state.inputs.triggers = ["run-id"];
		const plan = await up(
			[host("EXCH01")],
			[component(CUTOVER_TYPE, "harbor", sent)],
		);
		expect(planned(plan, "EXCH01")).toMatchObject({
			cycles: [],
			notes: [
				"T1 was already started for these triggers at 2026-11-22: nothing is sent",
			],
		});
	});
});

describe("the plan of a program of one's own", () => {
	it("has the triggers and onUncertain of the preview, not those of the state", async () => {
		const { record, ...rest } = ENFORCED("EXCH01");
		const intent = {
			...{ cycle: "cycle", token: "0123456789abcdef" },
			...{ at: "2026-11-22", evidence: "" },
		};
		inspected({ ...rest, record: record && { ...record, intent } });
		const stdin = kickCommands({
			...{ host: "EXCH01", cycle: "cycle", type: "T2" },
			...{ token: "0123456789abcdef", onUncertain: "retry" },
		}).stdin;
		const plan = await up(
			[{ ...host("EXCH01"), cycleType: null, triggers: undefined }],
			[
				component(HOST_TYPE, "EXCH01", {
					...{
						...{ op: "create", name: "EXCH01-cycle" },
						state: { inputs: { triggers: ["a"] } },
					},
					state: { inputs: { triggers: ["next"], stdin } },
				}),
			],
			[],
			"state",
		);
		expect(planned(plan, "EXCH01").cycles).toEqual([
			{
				type: "T2",
				reason:
					"the cycle is declared (next), although the outcome of the attempt of 2026-11-22 is unknown",
			},
		]);
	});
});

describe("the plan of destroy", () => {
	it("restores every host", async () => {
		inspected(ENFORCED("EXCH01"));
		const plan = await planDestroy(
			{ id: STACK, readState: async () => [host("EXCH01")] },
			() => {},
		);
		expect(plan).toMatchObject({ for: "destroy", result: "changes" });
		expect(planned(plan, "EXCH01").value.after).toBeNull();
	});
});

describe("a rendered plan", () => {
	const plan = async () => {
		inspected(NEW, ENFORCED("EXCH02"), undefined);
		return up(
			[host("EXCH01"), host("EXCH02"), host("EXCH03")],
			[
				component(
					...([HOST_TYPE, "EXCH01"] as const),
					{ op: "create", name: "EXCH01" },
					{
						...{ op: "create", name: "EXCH01-cycle" },
						state: { inputs: { triggers: ["a"] } },
					},
				),
				component(CUTOVER_TYPE, "harbor"),
			],
		);
	};

	it("is a table with reasons, cutovers and a summary", async () => {
		expect(renderTable(await plan())).toBe(
			`host    PauseKicksDX                restart  cycles  refused
EXCH01  absent -> REG_DWORD 1       yes      T1      -
EXCH02  REG_DWORD 1                 no       none    -
EXCH03  not inspected: unreachable

EXCH01: the service is restarted: the service reads PauseKicksDX when it starts
EXCH01: T1 is started: the cycle is declared (a)
EXCH01, check: gone

cutover harbor: all steps are done

pulumi up: 3 hosts, 1 with a new value, 1 restarted, 1 cycle, 0 refused, 1 not inspected`,
		);
	});

	it("is Markdown in which no text of a host is markup", async () => {
		const evil = await plan();
		planned(evil, "EXCH02").notes.push("<b>|`x`");
		const text = renderMarkdown(evil);
		expect(text).toContain(
			"| EXCH01 | absent -\\> REG\\_DWORD 1 | yes | T1 | - |",
		);
		expect(text).toContain("- EXCH02: \\<b\\>\\|\\`x\\`");
	});
});
