import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reportOf } from "../../rehearse/practice.ts";
import {
	adviseOn,
	headingsFor,
	type Situation,
	undo,
} from "../../rehearse/recovery.ts";
import { readStackFile } from "../../rehearse/stack-file.ts";
import { stepsOf } from "../../rehearse/steps.ts";
import { operations } from "../../rehearse/update.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = async (stack: string) =>
	stepsOf(
		await readStackFile(join(ROOT, `stacks/Pulumi.${stack}.yaml`), stack),
	);
const steps = [...(await read("rehearsal")), ...(await read("production"))];
const page = await readFile(join(ROOT, "docs/troubleshooting.md"), "utf8");

const failure = (name: string, code?: string) => {
	const step = steps.find((each) => each.name === name);
	if (!step) throw new Error(name);
	return { step, ...(code !== undefined && { code }) };
};
const commands = (situation: Partial<Situation>) =>
	adviseOn(
		{ wasKilled: false, failures: [], hasRun: () => true, ...situation },
		".lab/rehearsal",
	).map(({ pulumi, stdin }) => `${pulumi}${stdin ? ` < ${stdin}` : ""}`);

describe("the recovery", () => {
	it("after a killed engine removes the lock and the pending operations", () => {
		expect(commands({ wasKilled: true })).toEqual([
			"cancel --yes",
			"refresh --clear-pending-creates --yes",
		]);
		expect(headingsFor({ wasKilled: true, failures: [] }, page)).toEqual([
			"After an interrupted update",
		]);
	});

	it("after an unknown outcome accepts what has run", () => {
		for (const code of ["unknown", "outcome-unknown"])
			expect(
				commands({ failures: [failure("harbor-EXCH01-kick", code)] }),
			).toEqual(["config set --path 'cutovers[0].onUncertain' accept"]);
		expect(
			commands({
				failures: [failure("harbor-PO-PIER-reqmain-t", "program-unknown")],
			}),
		).toEqual(["config set --path 'cutovers[0].onUncertain' accept"]);
	});

	it("after an unknown outcome repeats what has not run; a T2 also needs its guard lifted", () => {
		const hasRun = () => false;
		expect(
			commands({
				failures: [failure("harbor-EXCH01-kick", "outcome-unknown")],
				hasRun,
			}),
		).toEqual(["config set --path 'cutovers[0].onUncertain' retry"]);
		expect(
			commands({
				failures: [failure("quay-EXCH02-kick", "outcome-unknown")],
				hasRun,
			}),
		).toEqual([
			"config set --path 'cutovers[0].onUncertain' retry",
			"config set --path 'cutovers[0].guards.t3BeforeT2' false",
		]);
	});

	it("of a wrong credential sets the right one from a file", () => {
		expect(commands({ failures: [failure("EXCH01", "no-log-in")] })).toEqual([
			"config set --secret --path 'credentials.EXCH01.privateKey' < .lab/rehearsal/credentials/EXCH01-privateKey",
		]);
		expect(
			commands({ failures: [failure("harbor-PO-PIER-import", "bad-admin")] }),
		).toEqual([
			"config set --secret --path 'credentials.PO-PIER.adminPassword' < .lab/rehearsal/credentials/PO-PIER-adminPassword",
		]);
		const { step } = failure("EXCH01");
		const dotted = {
			...step,
			entry: { name: "exch.one", role: "requestor" as const },
		};
		expect(
			commands({ failures: [{ step: dotted, code: "no-log-in" }] })[0],
		).toContain(`'credentials["exch.one"].privateKey'`);
	});

	it("of all other failures is another update", () => {
		expect(
			commands({
				failures: [
					failure("harbor-PO-PIER-import", "program-failed"),
					failure("EXCH01"),
					{ code: "no-log-in" },
				],
			}),
		).toEqual([]);
	});

	it("ends a setting that was for one update", () => {
		expect(undo("cutovers[0].onUncertain", undefined).pulumi).toBe(
			"config rm --path 'cutovers[0].onUncertain'",
		);
		expect(undo("cutovers[0].onUncertain", "fail").pulumi).toBe(
			"config set --path 'cutovers[0].onUncertain' fail",
		);
	});

	it.each([
		["program-failed", "Cutovers"],
		["interrupted", "The host and its shell"],
		["stop-failed", "Registry and restart"],
		["no-log-in", "Connections"],
		["outcome-unknown", "After an unknown outcome"],
		// The plugin's words for a connection that was cut have no code.
		[undefined, "Connections"],
	])("after %s is in docs/troubleshooting.md: %s", (code, heading) => {
		const failures = [failure("EXCH01", code)];
		expect(headingsFor({ wasKilled: false, failures }, page)).toEqual([
			heading,
		]);
		expect(page).toMatch(new RegExp(`^#+ ${heading}$`, "m"));
	});
});

describe("the report of an update", () => {
	const own = {
		...{ resource: "harbor-EXCH01-kick", host: "EXCH01", step: "kick" },
		...{ code: "unknown", number: "Windows 2186", problem: "it hung" },
		details: [],
	};
	const plugin = { resource: "EXCH01", details: [] };

	it.each([
		[{ exitCode: 0 }, "success"],
		[{ exitCode: undefined }, "nothing, as Pulumi was killed"],
		[{ failures: [own] }, "EXCH01, kick [unknown, Windows 2186]"],
		[{ failures: [{ ...plugin, problem: "error: it exited" }] }, "it exited"],
		[
			{ output: "the stack is currently locked by 1 lock(s)" },
			"the stack is locked",
		],
		[{}, "a failure without a reason"],
	])("%j is %s", (result, words) => {
		expect(
			reportOf({
				...{ exitCode: 1, output: "", failures: [], ...result },
			}),
		).toBe(words);
	});
});

it("an event log names the resources in progress, and those that ended", () => {
	const event = (field: string, op: string, name: string) =>
		JSON.stringify({
			sequence: 1,
			[field]: {
				metadata: { op, urn: `urn:pulumi:lab::exchange-dirsync::t::${name}` },
			},
		});
	const log = [
		event("resourcePreEvent", "create", "a"),
		event("resourcePreEvent", "same", "b"),
		event("resourcePreEvent", "create", "c"),
		event("resourcePreEvent", "update", "d"),
		event("resOutputsEvent", "create", "a"),
		event("resOutputsEvent", "same", "b"),
		event("resOpFailedEvent", "create", "c"),
		// Not completely written yet.
		event("resOutputsEvent", "update", "d").slice(0, 20),
	].join("\n");
	expect(operations(log)).toEqual({ running: ["d"], ended: ["a"] });
});
