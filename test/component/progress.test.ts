/**
 * The lines about long commands of an update.
 *
 * Pulumi is mocked, and so is the clock. Not tested here: where Pulumi prints them, and that it keeps none.
 */
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PauseKicksDX } from "../../src/components/pause-kicks-dx.ts";
import { PostOfficeCutover } from "../../src/components/post-office-cutover.ts";
import { formatProgress } from "../../src/components/progress.ts";
import { hostArgs, sshArgs } from "./host-args.ts";
import { COMPONENT_TYPE, goodHost, run, type World } from "./program.ts";

let lines: string[] = [];

beforeEach(() => {
	lines = [];
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
	vi.spyOn(pulumi.log, "info").mockImplementation(
		async (text, resource, _, ephemeral) => {
			const urn = await new Promise((found) => resource?.urn.apply(found));
			// The mocks begin each type with the stack's, the engine does not.
			const id = String(urn).replace(/^.*pulumi:pulumi:Stack\$/, "");
			lines.push(`${id} ${ephemeral ? "status" : "message"}: ${text}`);
		},
	);
});

afterEach(() => {
	vi.restoreAllMocks();
	vi.useRealTimers();
});

/** Runs a program in which one command takes that many seconds. */
async function runSlowly(
	program: () => void,
	slow: string,
	seconds: number,
	world: World = {},
): Promise<void> {
	let end: () => void = () => undefined;
	const ending = new Promise<void>((resolve) => {
		end = resolve;
	});
	const { stdout = goodHost } = world;
	let begun = false;
	const running = run(program, {
		...world,
		stdout: async (name) => {
			begun ||= name === slow;
			if (name === slow) await ending;
			return (await stdout(name)) as string;
		},
	});
	while (!begun) await tick();
	for (let second = 0; second < seconds; second += 1) {
		await vi.advanceTimersByTimeAsync(1000);
		await tick();
	}
	end();
	await running;
	await vi.advanceTimersByTimeAsync(300_000);
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

const cutover = () =>
	void new PostOfficeCutover("harbor", {
		run: "rehearsal-1",
		exchange: { name: "EXCH01", role: "requestor", ssh: sshArgs() },
		postOffices: [
			{
				...{ name: "PO-HARBOR", role: "server", drive: "X" },
				...{ ssh: sshArgs(), directory: "C:\\MAILEXE", admin: "admin" },
				adminPassword: "hunter2-admin",
			},
		],
		waits: {
			t1Delivered: {
				...{ host: "PO-HARBOR", command: "type X:\\LOG\\RECV.LOG" },
				...{ contains: "SYSTEM1", timeout: 600 },
			},
			t2Delivered: { seconds: 120 },
		},
	});

const row = (type: string, name: string) =>
	`exchange-dirsync:index:PostOfficeCutover$command:${type}:Command::harbor-${name} status`;

it("of a wait for a command begin at once and follow each minute until its end", async () => {
	const stdout = (name: string) =>
		name === "harbor-EXCH01-kick"
			? "took about 1 s\r\nT1 started, NET HELPMSG 3539"
			: goodHost(name);
	await runSlowly(cutover, "harbor-t1-delivered", 130, { stdout });
	const wait = "waits until type X:\\LOG\\RECV.LOG on PO-HARBOR prints SYSTEM1";
	const seen = "last seen: EXCH01-kick, T1 started, NET HELPMSG 3539";
	expect(lines).toEqual([
		`${row("remote", "t1-delivered")}: ${wait}; 10 min left; ${seen}`,
		`${row("remote", "t1-delivered")}: ${wait}; 9 min left; ${seen}`,
		`${row("remote", "t1-delivered")}: ${wait}; 8 min left; ${seen}`,
	]);
});

it.each([
	["t2-delivered", "local", /waits 120 s; 118 s left; last seen: PO-HARBOR-sr/],
	["PO-HARBOR-rebuild", "remote", /runs rebuild on PO-HARBOR; 480 min left; /],
	["PO-HARBOR-import", "remote", /runs import on PO-HARBOR; 480 min left; /],
])("name the work of %s", async (name, type, text) => {
	await runSlowly(cutover, `harbor-${name}`, 5);
	expect(lines).toHaveLength(1);
	expect(lines[0]).toContain(row(type, name));
	expect(lines[0]).toMatch(text);
	expect(lines.join()).not.toContain("hunter2");
});

it.each([
	["EXCH01", /: checks PauseKicksDX on EXCH01, .*; not ended after 20 s$/],
	[
		"EXCH01-cycle",
		/: pauses the service on EXCH01 to start T1; not ended after 20 s$/,
	],
])("of %s on an Exchange host begin after 20 s", async (name, text) => {
	const declare = () => void new PauseKicksDX("EXCH01", hostArgs());
	await runSlowly(declare, name, 19);
	expect(lines).toEqual([]);
	await runSlowly(declare, name, 21);
	expect(lines).toHaveLength(1);
	expect(lines[0]).toMatch(text);
});

it("do not count the time of the resources that a host depends on", async () => {
	const declare = () => {
		const first = new PauseKicksDX("EXCH01", hostArgs());
		new PauseKicksDX("EXCH02", hostArgs(), { dependsOn: first });
	};
	await runSlowly(declare, "EXCH01-cycle", 70);
	expect(lines.join("\n")).not.toContain("EXCH02");
});

it("hold back no other message while a component that a host depends on has unfinished children", async () => {
	const declare = () => {
		// A component of the user. The mocks know this type.
		const infra = new pulumi.ComponentResource(COMPONENT_TYPE, "infra");
		const children = { dependsOn: infra };
		new PauseKicksDX("EXCH01", hostArgs(), { parent: infra });
		new PauseKicksDX("EXCH02", hostArgs(), children);
	};
	await runSlowly(declare, "EXCH01-cycle", 70);
	expect(lines.join("\n")).toContain("EXCH01-cycle");
	expect(lines.join("\n")).not.toContain("EXCH02");
});

it("do not exist in a preview", async () => {
	await runSlowly(cutover, "harbor-t1-delivered", 5, { preview: true });
	expect(lines).toEqual([]);
});

it("end with a command that this update leaves out", async () => {
	const left: World = {
		stdout: (name) =>
			name === "harbor-EXCH01-kick" ? undefined : goodHost(name),
	};
	await runSlowly(cutover, "harbor-t1-delivered", 5, left);
	expect(lines).toHaveLength(1);
	expect(lines[0]).toMatch(/last seen: EXCH01-kick, $/);
});

it("promise no time after the limit", () => {
	const progress = { doing: "waits", limit: 60, silent: 0 };
	expect(formatProgress(progress, 59)).toBe("waits; 1 s left");
	expect(formatProgress(progress, 60)).toBe("waits; about to end");
});
