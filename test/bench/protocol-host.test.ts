// @module-tag full
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostOwner, kickToken } from "../../src/protocol/host-record.ts";
import { parseInspection } from "../../src/protocol/inspection.ts";
import {
	parseEnforceOutput,
	parseReceipt,
} from "../../src/protocol/step-output.ts";
import { enforceCommands } from "../../src/scripts/windows/enforce.ts";
import { inspectCommands } from "../../src/scripts/windows/inspect.ts";
import { kickCommands } from "../../src/scripts/windows/kick.ts";
import { freePort } from "../free-port.ts";
import { type LabHost, startHost } from "../lab/host.ts";
import { Fleet } from "./fleet.ts";

// The benchmark is only valid if its hosts answer as lab hosts do.
let dir: string;
let lab: LabHost;
let fleet: Fleet;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-fleet-"));
	[lab, fleet] = await Promise.all([
		startHost(),
		freePort().then((port) => Fleet.start(dir, [port])),
	]);
});
afterAll(async () => {
	await fleet.stop();
	await lab.stop();
	await rm(dir, { recursive: true });
});

const NAME = "EXCH01";
const at = "2026-11-25T12:00:00Z";
const enforce = (stack = "o/p/s") =>
	enforceCommands({
		...{
			host: NAME,
			registryTool: "reg",
			stack,
			owner: hostOwner(NAME, "ssh"),
		},
		...{ hasCycle: true, onDestroy: "restore", verify: "v" },
	});
const kick = (trigger: string) =>
	kickCommands({
		...{ host: NAME, registryTool: "reg", cycle: "cycle", type: "T1" },
		...{ token: kickToken("cycle", [trigger]), onUncertain: "fail" },
	});

const look = inspectCommands({ host: NAME, registryTool: "reg", id: "0" });

/** The code of a failure, or the result of the parser in src. */
function read(
	kind: "registry" | "kick" | "inspect" | "nothing",
	{ exitCode, stdout }: { exitCode: number | undefined; stdout: string },
) {
	if (exitCode !== 0) return /\[\S+\]/.exec(stdout)?.[0];
	if (kind === "registry") return parseEnforceOutput(NAME, stdout);
	if (kind === "inspect") return parseInspection(stdout);
	return kind === "kick" ? parseReceipt(NAME, stdout) : "done";
}

describe("a protocol-only host", () => {
	it("gives the same results as a lab host, step by step", async () => {
		const { stdin: registry, ...verbs } = enforce();
		const [first, second] = [kick("a"), kick("b")];
		const steps = [
			["inspect", look.command, look.stdin],
			["registry", verbs.create, registry],
			["inspect", look.command, look.stdin],
			["registry", verbs.update, registry],
			["registry", enforce("o/p/other").create, enforce("o/p/other").stdin],
			["kick", first.create(at), first.stdin],
			["kick", first.create(at), first.stdin],
			["kick", second.create("2026-11-25T11:00:00Z"), second.stdin],
			["kick", second.create("2026-11-25T13:00:00Z"), second.stdin],
			["inspect", look.command, look.stdin],
			["nothing", verbs.delete, registry],
		] as const;
		const told = { lab: [] as unknown[], protocol: [] as unknown[] };
		for (const [kind, command, stdin] of steps) {
			told.lab.push(read(kind, await lab.exec(command, stdin)));
			told.protocol.push(read(kind, await fleet.exec(0, command, stdin)));
		}
		expect(told.protocol).toEqual(told.lab);
		expect(
			told.lab.filter((_, step) => steps[step]?.[0] === "registry"),
		).toEqual([
			{ previous: "absent", restarted: true },
			{ previous: "absent", restarted: false },
			"[another-stack]",
		]);
		expect(told.lab[7]).toBe("[overtaken]");
		expect(told.lab.at(-2)).toMatchObject({
			...{ service: "running", value: { data: "1" } },
			record: { receipts: [{ cycle: "cycle" }], intent: null },
		});
		expect((await lab.cycles()).length).toBe(2);
		const [counts] = await fleet.counts();
		expect(counts).toMatchObject({
			...{ logins: steps.length, kicks: 2, unknown: [] },
			commands: {
				...{ "registry create": 2, "registry update": 1 },
				...{ "registry delete": 1, "kick create": 4, inspect: 3 },
			},
		});
	});

	it("fails with a message for a command that it does not support", async () => {
		const { exitCode, stdout } = await fleet.exec(0, "dir", "");
		expect(exitCode).toBe(1);
		expect(stdout).toContain("does not know what to do, got dir");
		const { create, stdin } = enforce();
		const half = await fleet.exec(0, create, stdin.slice(0, 1000));
		expect(half.exitCode).toBe(1);
		expect((await fleet.counts())[0]?.unknown.length).toBe(2);
	});
});
