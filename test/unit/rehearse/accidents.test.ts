import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
	accidentOf,
	accidentsOf,
	credentialOf,
	parseBreaks,
	textOf,
} from "../../rehearse/accidents.ts";
import { type HostEntry, readStackFile } from "../../rehearse/stack-file.ts";
import { type RehearsedStep, stepsOf } from "../../rehearse/steps.ts";

const STACKS = join(import.meta.dirname, "../../../stacks");
const read = (stack: string) =>
	readStackFile(join(STACKS, `Pulumi.${stack}.yaml`), stack);
const declared = await read("rehearsal");
const steps = stepsOf(declared);
const production = stepsOf(await read("production"));
const parse = (...values: string[]) => parseBreaks(values, steps);

const samba: HostEntry = {
	...{ name: "EXCH01", role: "requestor" },
	samba: { host: "192.0.2.1", user: "SITE\\Administrator" },
};
const overSamba = stepsOf({
	hosts: [samba],
	cutovers: declared.cutovers,
});
const named = (all: readonly RehearsedStep[], name: string): RehearsedStep => {
	const step = all.find((each) => each.name === name);
	if (!step) throw new Error(name);
	return step;
};

describe("--break", () => {
	it("names a step and an accident", () => {
		const breaks = parse(
			"harbor-EXCH01-kick:connection-cut",
			"harbor-PO-HARBOR-srvmain-r:program-fails 156",
		);
		expect(
			breaks.map(({ step, accident, number }) => [step.name, accident, number]),
		).toEqual([
			["harbor-EXCH01-kick", "connection-cut", undefined],
			["harbor-PO-HARBOR-srvmain-r", "program-fails", 156],
		]);
		expect(breaks.map(textOf)).toEqual([
			"harbor-EXCH01-kick:connection-cut",
			"harbor-PO-HARBOR-srvmain-r:program-fails 156",
		]);
	});

	it.each([
		["EXCH09:host-off", /names no step, got "EXCH09:host-off".*EXCH01, harbor/],
		["host-off", /names no step, got "host-off"; write "<step>:<accident>"/],
		["EXCH01:fire", /names no accident of EXCH01, got "fire".*connection-cut/],
		["EXCH01", /names no accident of EXCH01, got none; its accidents: conn/],
		["EXCH01:service-hangs", /no accident of EXCH01, got "service-hangs"/],
		["EXCH01:host-off 3", /host-off takes no number, got "host-off 3"/],
		[
			"harbor-PO-PIER-rebuild:program-fails",
			/needs the number of an MS Mail error, 1 to 999, got none.*"harbor-PO-PIER-rebuild:program-fails 156"/,
		],
		["harbor-PO-PIER-rebuild:program-fails x", /got "x"/],
		["harbor-PO-PIER-rebuild:program-fails 0", /got "0"/],
		["harbor-PO-PIER-rebuild:program-fails 8 9", /got "8 9"/],
	])("%s is refused", (value, message) => {
		expect(() => parse(value)).toThrow(message);
	});

	it("names steps in their order", () => {
		expect(() =>
			parse("harbor-EXCH01-kick:host-off", "EXCH01:host-off"),
		).toThrow(
			/got harbor-EXCH01-kick before EXCH01, which has succeeded by then; name EXCH01 first/,
		);
		// Neither waits for the other.
		const values = ["quay-PO-WHARF:host-off", "quay-PO-QUAY:host-off"];
		expect(() => parseBreaks(values, production)).toThrow(
			/got quay-PO-WHARF and quay-PO-QUAY, which run at the same time/,
		);
		// One step can fail several times.
		const again = ["EXCH01:host-off", "EXCH01:wrong-password"];
		expect(parse(...again).map(textOf)).toEqual(again);
	});
});

describe("an accident", () => {
	it.each([
		[
			"harbor-EXCH01-kick",
			"connection-cut engine-killed service-hangs disk-full host-off",
		],
		["harbor-t1-delivered", "connection-cut engine-killed disk-full host-off"],
		[
			"harbor-PO-PIER",
			"connection-cut engine-killed disk-full wrong-password host-off",
		],
		[
			"harbor-PO-PIER-import",
			"connection-cut engine-killed program-fails disk-full wrong-password host-off",
		],
		[
			"harbor-PO-PIER-rebuild",
			"connection-cut engine-killed program-fails disk-full host-off",
		],
	])("can happen to %s: %s", (name, accidents) => {
		expect(accidentsOf(named(steps, name)).join(" ")).toBe(accidents);
	});

	it("cannot fill a disk that no step writes to", () => {
		expect(accidentsOf(named(overSamba, "EXCH01"))).not.toContain("disk-full");
		expect(accidentsOf(named(overSamba, "harbor-EXCH01-kick"))).toEqual([
			...["connection-cut", "engine-killed", "service-hangs", "host-off"],
		]);
	});

	it("is described with its host and its moment", () => {
		const describeBreak = (value: string) => {
			const [one] = parse(value);
			if (!one) throw new Error(value);
			return [accidentOf(one).describe(one), accidentOf(one).repair?.(one)];
		};
		expect(describeBreak("harbor-EXCH01-kick:connection-cut")).toEqual([
			"the connection to EXCH01 was cut after the service had received the pause",
			undefined,
		]);
		expect(describeBreak("harbor-PO-PIER-import:program-fails 150")).toEqual([
			"import on PO-PIER reported 150",
			"the cause of number 150 on PO-PIER is removed",
		]);
		expect(describeBreak("harbor-PO-PIER-reqmain-t:disk-full")).toEqual([
			"the disk of PO-PIER was full after reqmain had done its work",
			"space is freed on the disk of PO-PIER",
		]);
		expect(describeBreak("EXCH01:host-off")).toEqual([
			"EXCH01 was off when the step began",
			"EXCH01 is switched on again",
		]);
	});

	it("of a wrong credential concerns the one that the step needs", () => {
		const key = (all: readonly RehearsedStep[], name: string) =>
			credentialOf(named(all, name)).key;
		expect(key(steps, "EXCH01")).toBe("privateKey");
		expect(key(overSamba, "EXCH01")).toBe("password");
		expect(key(steps, "harbor-PO-PIER")).toBe("privateKey");
		expect(key(steps, "harbor-PO-PIER-import")).toBe("adminPassword");
	});
});
