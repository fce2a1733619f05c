import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type {
	CycleType,
	OnDestroy,
	OnUncertain,
} from "../../../src/model/host.ts";
import type {
	EnforceOptions,
	KickOptions,
} from "../../../src/protocol/commands.ts";
import { sambaEnforceCommands } from "../../../src/scripts/samba/enforce.ts";
import { sambaInspectCommands } from "../../../src/scripts/samba/inspect.ts";
import { sambaKickCommands } from "../../../src/scripts/samba/kick.ts";
import { sambaT3DoneCommands } from "../../../src/scripts/samba/t3-done.ts";
import { enforceCommands } from "../../../src/scripts/windows/enforce.ts";
import { inspectCommands } from "../../../src/scripts/windows/inspect.ts";
import { kickCommands } from "../../../src/scripts/windows/kick.ts";
import {
	importStdin,
	postOfficeCommands,
	postOfficeRecord,
} from "../../../src/scripts/windows/post-office.ts";
import { programCommands } from "../../../src/scripts/windows/program.ts";
import { t3DoneCommands } from "../../../src/scripts/windows/t3-done.ts";
import { waitCommands } from "../../../src/scripts/windows/wait.ts";

// The digest of every script and command that is sent to a host. Renaming or moving code in src must not change it.
// After an intended change, `vitest -u` writes the digests again, and the diff shows which scripts changed.
const AT = "2026-11-29T12:00:00Z";
const TOKEN = "0123456789abcdef";
const TOOLS = ["auto", "reg", "regedit"] as const;
const LEGACY = [false, true];

const enforceOptions = (hasCycle: boolean, onDestroy: OnDestroy) => ({
	...{ host: "EXCH01", stack: "organization/exchange-dirsync/lab" },
	...{ owner: TOKEN, hasCycle, onDestroy, verify: TOKEN },
});
const ENFORCE: [EnforceOptions, ...EnforceOptions[]] = [
	enforceOptions(true, "restore"),
	enforceOptions(false, "restore"),
	enforceOptions(true, "keep"),
];

const kickOptions = (type: CycleType, onUncertain: OnUncertain) => ({
	...{ host: "EXCH01", cycle: "cycle", token: TOKEN, type, onUncertain },
});
const KICKS: [KickOptions, ...KickOptions[]] = [
	kickOptions("T1", "fail"),
	kickOptions("T2", "retry"),
	kickOptions("T1", "accept"),
	{
		...kickOptions("T2", "fail"),
		cycle: "cutover-harbor",
		awaitsT3: true,
		guards: { minutesAroundHour: 5, t3BeforeT2: true },
	},
];

const OFFICE = { drive: "X", directory: "C:\\MAIL EXE" };
const LAUNCHERS = [
	undefined,
	"forcedos",
	"C:\\TOOLS\\launch",
	"C:\\TOOLS\\launch.cmd",
];
const RECORD = postOfficeRecord("harbor", "PO-HARBOR");
const PROGRAMS = [
	["reqmain", "-t"],
	["reqmain", "-r"],
	["srvmain", "-r"],
	["srvmain", "-t"],
	["rebuild", "-f"],
] as const;

/** Every text that is sent to a host, with the name of its script and options. */
function* texts(): Generator<[string, string]> {
	for (const tool of TOOLS) {
		for (const options of ENFORCE)
			yield* all(
				`enforce ${tool} cycle=${options.hasCycle} ${options.onDestroy}`,
				enforceCommands(options, tool),
			);
		for (const options of KICKS) {
			const { create, update, stdin } = kickCommands(options, tool);
			const name = `kick ${tool} ${options.cycle} ${options.type} ${options.onUncertain}`;
			yield* all(name, { create: create(AT), update, stdin });
		}
		yield* step(`T3 done ${tool}`, t3DoneCommands("EXCH01", tool));
		const look = { host: "EXCH01", registryTool: tool, id: "0a1b2c3d" };
		yield* all(`inspect ${tool}`, inspectCommands(look));
	}
	for (const launcher of LAUNCHERS) {
		const office = { ...OFFICE, launcher };
		for (const [program, flag] of PROGRAMS)
			for (const onUncertain of ["fail", "retry", "accept"] as const)
				yield* step(
					`${program} ${flag} ${launcher} ${onUncertain}`,
					programCommands({
						...{ ...office, postOffice: "PO-HARBOR", record: RECORD },
						...{ program, flag, token: TOKEN, onUncertain },
					}),
				);
		for (const mustBeFree of [true, false]) {
			const commands = postOfficeCommands({
				...{ ...office, name: "PO-HARBOR", cutover: "harbor" },
				...{ stack: "organization/exchange-dirsync/lab", admin: "admin" },
				mustBeFree,
			});
			yield* all(`post office ${launcher} free=${mustBeFree}`, {
				create: commands.create("run"),
				update: commands.update("run"),
				delete: commands.delete,
				stdin: commands.stdin,
				import: commands.import.create(AT),
			});
		}
	}
	yield* step(
		"wait",
		waitCommands({
			...{ host: "PO-HARBOR", step: "t1Delivered", record: RECORD },
			...{ command: "type X:\\LOG\\RECV.LOG", contains: "100%" },
			...{ every: 10, timeout: 900 },
		}),
	);
	yield ["import stdin", importStdin("hunter2")];
	for (const legacy of LEGACY) {
		for (const options of ENFORCE)
			yield* all(
				`samba enforce legacy=${legacy} cycle=${options.hasCycle} ${options.onDestroy}`,
				sambaEnforceCommands(options, { legacy }),
			);
		for (const options of KICKS) {
			const { create, update, stdin } = sambaKickCommands(options, { legacy });
			const name = `samba kick legacy=${legacy} ${options.cycle} ${options.type} ${options.onUncertain}`;
			yield* all(name, { create: create(AT), update, stdin });
		}
		yield* step(
			`samba T3 done legacy=${legacy}`,
			sambaT3DoneCommands("EXCH01", { legacy }),
		);
		yield* all(
			`samba inspect legacy=${legacy}`,
			sambaInspectCommands("EXCH01", legacy),
		);
	}
}

function* all(name: string, parts: object): Generator<[string, string]> {
	for (const [part, text] of Object.entries(parts))
		yield [`${name}: ${part}`, text];
}

function* step(
	name: string,
	{ create, update, stdin }: ReturnType<typeof t3DoneCommands>,
) {
	yield* all(name, { create: create(AT), update, stdin });
}

it("every script and command is unchanged, byte for byte", async () => {
	const lines = [...texts()].map(
		([name, text]) =>
			`${createHash("sha256").update(text).digest("hex").slice(0, 16)} ${name}`,
	);
	expect(new Set(lines).size).toBe(lines.length);
	await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("script-bytes.txt");
});

// The state of a stack contains each text of a host's two resources twice, among inputs and outputs. Pulumi writes the whole
// state at every step, so it must not grow unnoticed. docs/large-fleets.md has the same numbers.
it.each([
	[
		"SSH",
		83,
		enforceCommands(ENFORCE[0], "auto"),
		kickCommands(KICKS[0], "auto"),
	],
	[
		"Samba",
		79,
		sambaEnforceCommands(ENFORCE[0], { legacy: false }),
		sambaKickCommands(KICKS[0], { legacy: false }),
	],
] as const)(
	"the texts of a host in the state, over %s, have at most %i KB",
	(_, limit, enforce, kick) => {
		const texts = [
			...Object.values(enforce),
			kick.stdin,
			kick.create(AT),
			kick.update,
		];
		const bytes = 2 * JSON.stringify(texts).length;
		expect(bytes).toBeLessThanOrEqual(limit * 1000);
		expect(bytes).toBeGreaterThan((limit - 3) * 1000);
	},
);
