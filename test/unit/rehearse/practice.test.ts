import {
	chmod,
	mkdtemp,
	readFile,
	realpath,
	rm,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	afterEach,
	beforeEach,
	describe,
	expect,
	it,
	type MockInstance,
	vi,
} from "vitest";
import type { AnyHost } from "../../lab/any-host.ts";
import type { PostOffice } from "../../lab/post-office.ts";
import { parseBreaks, type Stage } from "../../rehearse/accidents.ts";
import { Control } from "../../rehearse/control.ts";
import { OperatorsPulumi } from "../../rehearse/operator.ts";
import { Practice, tableOf, wrongOf } from "../../rehearse/practice.ts";
import type { RehearsalSite } from "../../rehearse/site.ts";
import { readStackFile } from "../../rehearse/stack-file.ts";
import { stepsOf } from "../../rehearse/steps.ts";
import { Stack } from "../../stack.ts";
import type { Toolchain } from "../../toolchain/toolchain.ts";

// The order of updates and recoveries, with a program in place of Pulumi and objects in place of hosts.
const FILE = join(import.meta.dirname, "../../../stacks/Pulumi.rehearsal.yaml");
const declared = await readStackFile(FILE, "rehearsal");
const steps = stepsOf(declared);
const STEP = "harbor-PO-HARBOR-srvmain-r";
const KICK = "harbor-EXCH01-kick";

/** It writes its arguments to `calls`, and gives the result of the n-th update that a test has written. */
const PULUMI = `#!/bin/sh
cd "$(dirname "$0")"
echo "$@" >>calls
case $1 in
up)
	n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n >n
	[ -f result-$n ] || { echo all is done; exit 0; }
	while [ "$1" != --event-log ]; do shift; done
	cp result-$n "$2"; cat output-$n; exit 1 ;;
cancel) exit 3 ;;
config)
	if [ $2 = set ]; then
		printf 'config:\\n  exchange-dirsync:cutovers:\\n    - onUncertain: %s\\n' $5
	fi >stacks/Pulumi.rehearsal.yaml ;;
esac
`;

let dir: string;
let control: Control;
let printed: MockInstance;
let settings: object[];
let stage: Stage;

beforeEach(async () => {
	dir = await realpath(await mkdtemp(join(tmpdir(), "dirsync-practice-")));
	const pulumi = join(dir, "pulumi-stub");
	await writeFile(pulumi, PULUMI);
	await chmod(pulumi, 0o755);
	printed = vi.spyOn(process.stdout, "write").mockReturnValue(true);
	control = await Control.open(join(dir, "control"));
	const toolchain = { pulumi, env: {}, plugin: { kind: "real" } };
	settings = [];
	const host = {
		set: async (changes: object) => settings.push(changes),
		atRest: async () => undefined,
		cycles: async () => [{ type: "T1" }],
		serviceLog: async () => [{ time: new Date(0), event: "cycle T1" }],
	};
	stage = {
		...{ declared, steps, folder: dir, credentials: {} },
		stack: await Stack.open(toolchain as Toolchain, dir, "rehearsal"),
		site: {
			hostOf: () => host as unknown as AnyHost,
			offices: new Map(),
		} as unknown as RehearsalSite,
	};
});
afterEach(async () => {
	control.close();
	vi.restoreAllMocks();
	await rm(dir, { recursive: true });
});

/** The n-th update fails at a step with a message of this package, or with an output alone. */
async function failing(n: number, step: string, message: string, output = "") {
	const urn = `urn:pulumi:rehearsal::exchange-dirsync::t::${step}`;
	const events = [
		{ sequence: 1, preludeEvent: {} },
		{ sequence: 2, diagnosticEvent: { urn, message, severity: "error" } },
	];
	await writeFile(
		join(dir, `result-${n}`),
		message ? events.map((event) => JSON.stringify(event)).join("\n") : "",
	);
	await writeFile(join(dir, `output-${n}`), output);
}
const FAILED =
	"PO-HARBOR, srvmain -r: the program reported an error [program-failed, number 156]. See it.";

/** @param value the accident; empty for a rehearsal without one */
async function practise(value: string, play = true) {
	const operator = await OperatorsPulumi.write(stage.stack, dir);
	const breaks = value ? parseBreaks([value], steps) : [];
	const practice = new Practice(
		...([stage, control, operator, breaks, play] as const),
	);
	const { succeeded } = await practice.run();
	return {
		succeeded,
		text: printed.mock.calls.map(([text]) => text).join(""),
		table: practice.table,
		counts: await practice.counts(),
	};
}
/** The calls of Pulumi, by their first words. */
const calls = async () =>
	(await readFile(join(dir, "calls"), "utf8"))
		.trim()
		.split("\n")
		.slice(1)
		.map((line) => line.replace(/ (--yes|--stack) .*/, ""));

describe("a practice", () => {
	it("arms the accident, removes its cause, and updates until it succeeds", async () => {
		await failing(1, STEP, FAILED);
		const { succeeded, text, table, counts } = await practise(
			`${STEP}:program-fails 156`,
		);
		expect(succeeded, text).toBe(true);
		expect(settings).toEqual([
			{ programFault: "srvmain -r -dX:156" },
			{ programFault: "" },
		]);
		expect(await calls()).toEqual(["up", "up"]);
		expect(text).toContain(
			`Broken      ${STEP}:program-fails 156: srvmain on PO-HARBOR reported 156`,
		);
		expect(text).toContain(
			"Reported    PO-HARBOR, srvmain -r [program-failed, number 156]",
		);
		expect(text).toContain('Read        docs/troubleshooting.md, "Cutovers"');
		expect(table).toMatch(
			/srvmain-r +program-fails 156 +PO-HARBOR, srvmain -r \[program-failed, number 156\] +the cause of number 156 on PO-HARBOR is removed, pulumi up/,
		);
		expect(tableOf(counts)).toMatch(/^ +EXCH01 +1 cycle +1 cycle$/m);
		// No program of the stage has run at all.
		expect(wrongOf(counts)).toContain(
			"rehearse: rebuild has run 0 times on PO-PIER, but was to run at least once",
		);
	});

	it("sets onUncertain for one update, after an update that asks", async () => {
		await failing(1, STEP, FAILED);
		await failing(
			...([2, KICK] as const),
			"EXCH01, kick: an earlier attempt was interrupted [outcome-unknown]. Check.",
		);
		await failing(3, STEP, FAILED);
		const { succeeded, text, table } = await practise(
			`${STEP}:program-fails 156`,
		);
		expect(succeeded, text).toBe(true);
		// The recovery shows how the setting ends, and the table what was done.
		expect(text).toMatch(
			/Run pulumi up again\..*\n +3\. onUncertain was for one update only\.\n +\$ .* config rm/,
		);
		expect(table).toContain(
			"pulumi up, onUncertain accept, pulumi up, onUncertain as before, pulumi up",
		);
		const setting = "--path cutovers[0].onUncertain";
		expect(await calls()).toEqual([
			...["up", "up", `config set ${setting} accept`, "up"],
			...[`config rm ${setting}`, "up"],
		]);
		expect(text).toMatch(
			/The log of MSExchangeDX on EXCH01:\n +1970-.* cycle T1/,
		);
	});

	it("counts a post office that takes part in two cutovers once, for both", async () => {
		const [cutover] = declared.cutovers;
		if (!cutover) throw new Error("another example");
		const second = { ...cutover, name: "second" };
		stage.steps = stepsOf({ ...declared, cutovers: [cutover, second] });
		const calls = [
			"reqmain -dX -t",
			"srvmain -r -dX",
			"srvmain -t -dX",
		].flatMap((line) => [line, line]);
		stage.site.offices.set("PO-HARBOR", {
			calls: async () =>
				calls.map((line) => {
					const [program = "", ...args] = line.split(" ");
					return { program: program.toUpperCase(), args: args.join(" ") };
				}),
		} as unknown as PostOffice);
		const { counts } = await practise("");
		const of = counts.filter(({ host }) => host === "PO-HARBOR");
		expect(of.map(({ what, has, least }) => [what, has, least])).toEqual([
			["reqmain -t", 2, 2],
			["srvmain -r", 2, 2],
			["srvmain -t", 2, 2],
			["reqmain -r", 0, 2],
			["import", 0, 2],
			["rebuild", 0, 2],
		]);
	});

	it("without an accident, is one update", async () => {
		expect(await practise("")).toMatchObject({ succeeded: true, table: "" });
		await rm(join(dir, "n"));
		await failing(1, STEP, FAILED);
		const failed = await practise("");
		expect(failed.succeeded).toBe(false);
		expect(failed.text).not.toContain("before any accident");
	});

	it("fails if the update fails before the accident", async () => {
		await failing(1, "EXCH01", "it is broken");
		const { succeeded, text } = await practise(`${STEP}:program-fails 156`);
		expect(succeeded).toBe(false);
		expect(text).toContain("rehearse: the update failed before any accident");
	});

	it("fails if the accident does not happen", async () => {
		const { succeeded, text } = await practise(`${STEP}:program-fails 156`);
		expect(succeeded).toBe(false);
		expect(text).toContain(`rehearse: ${STEP}:program-fails 156 has not`);
		expect(settings.at(-1)).toEqual({ programFault: "" });
	});

	it("ends if the recovery does not help", async () => {
		for (let n = 1; n < 9; n++) await failing(n, STEP, FAILED);
		const { succeeded, text } = await practise(`${STEP}:program-fails 156`);
		expect(succeeded).toBe(false);
		expect(text).toContain("rehearse: the update still fails after its recov");
		expect(await calls()).toHaveLength(6);
	});

	it("ends if a command of the recovery fails", async () => {
		await failing(1, STEP, FAILED);
		await failing(2, "", "", "the stack is currently locked by 1 lock(s)");
		await expect(practise(`${STEP}:program-fails 156`)).rejects.toThrow(
			/a command of the recovery failed/,
		);
		expect((await calls()).at(-1)).toBe("cancel");
	});
});
