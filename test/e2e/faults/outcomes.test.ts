// @module-tag full
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HOST_CYCLE, kickToken } from "../../../src/protocol/host-record.ts";
import { kickCommands } from "../../../src/scripts/windows/kick.ts";
import type { LabHost } from "../../lab/host.ts";
import { DEFAULT_SETTINGS } from "../../lab/settings.ts";
import type { Stack } from "../../stack.ts";
import { Bench, declare, RECORD, SERVICE } from "../fixture.ts";
import {
	type EnforceCase,
	type KickCase,
	kick,
	registry,
	restoreFails,
	Trial,
} from "./outcomes.ts";

// Every outcome of a step on a host, with its code and number, and the number of cycles. The host behaves like a German
// NT 4, because no result may depend on a text of Windows.
const bench = new Bench();
let trial: Trial<LabHost>;
let host: LabHost;
let stack: Stack;

beforeAll(async () => {
	trial = await Trial.make(bench, {
		transport: "ssh",
		make: "nt4",
		language: "de",
	});
	({ host, stack } = trial);
});
afterEach(async () => {
	await host.set(DEFAULT_SETTINGS);
	expect(await host.labErrors()).toEqual([]);
});
afterAll(() => bench.end());

describe("a kick", () => {
	it.each<KickCase>([
		[{ netAnswers: "pause:2189" }, kick("takes-no-control", "2189"), 0, 1],
		[{ netAnswers: "pause:1061" }, kick("takes-no-control", "1061"), 0, 1],
		[{ netAnswers: "pause:5" }, kick("access-denied", "5"), 0, 1],
		[{ netAnswers: "pause:2185" }, kick("not-installed", "2185"), 0, 1],
		[{ netAnswers: "pause:2191" }, kick("not-recognised", "2191"), 0, 1],
		[{ netAnswers: "pause:4711" }, kick("unknown"), 0, 1],
		[{ pauseAnswers: "2186" }, kick("unknown", "2186"), 1, 1],
		[{ pauseAnswers: "9999" }, kick("unknown"), 1, 1],
		[{ pause: "dies" }, kick("not-running-after"), 1, 1],
		[{ registry: "full:dx-intent:open" }, kick("record-not-written"), 0, 1],
		[{ registry: "full:dx-done:" }, kick("receipt-not-written"), 1, 1],
	])("fails with the expected code if the host has %j", (...one) =>
		trial.kickFails(...one),
	);

	it("is sent if the answer is 2140, the number in the Services applet", async () => {
		const before = await trial.cycles();
		await trial.wish();
		await host.set({ pauseAnswers: "2140" });
		await stack.must("up", "--yes", "--skip-preview");
		expect((await trial.cycles()) - before).toBe(1);
		expect(await stack.outputs()).toMatchObject({
			hosts: {
				EXCH01: { cycle: { evidence: expect.stringMatching(/HELPMSG 2140/) } },
			},
		});
	});

	it("fails with interrupted if a full disk cannot hold the answer, and is not sent again", async () => {
		const before = await trial.cycles();
		await trial.wish();
		const gate = await host.gate({ when: "after", program: "net pause" });
		const update = stack.start(["up", "--yes", "--skip-preview"]);
		await gate.reached();
		await host.fillDisk();
		await gate.open();
		const { exitCode, all } = await update;
		expect(exitCode).not.toBe(0);
		expect(all).toMatch(kick("interrupted"));
		await host.freeDisk();
		await trial.declare("accept");
		await stack.must("up", "--yes", "--skip-preview");
		expect((await trial.cycles()) - before).toBe(1);
	});

	it("fails with overtaken if a run that began later has already used the host", async () => {
		const before = await trial.cycles();
		const late = kickCommands({
			host: "EXCH01",
			cycle: HOST_CYCLE,
			token: kickToken(HOST_CYCLE, ["broken off long ago"]),
			type: "T1",
			onUncertain: "fail",
		});
		const { exitCode, stdout } = await host.exec(
			late.create("1999-03-01T22:00:00Z"),
			late.stdin,
		);
		expect(exitCode).toBe(1);
		expect(stdout).toMatch(/^EXCH01, kick: .* \[overtaken\]\. Run/);
		expect(await trial.cycles()).toBe(before);
	});

	it("is not sent if a full disk cannot hold the receipt that follows it, though a shorter line fits", async () => {
		const { create, stdin } = kickCommands({
			...{ host: "EXCH01", cycle: HOST_CYCLE, type: "T1" },
			...{ token: kickToken(HOST_CYCLE, ["lost"]), onUncertain: "retry" },
		});
		const copy = "\r\ncopy write.reg %1.reg >nul\r\n";
		expect(stdin).toContain(copy);
		const lossy = stdin.replace(
			copy,
			'\r\n%find% /v "dx-done:" <write.reg >%1.reg\r\n',
		);
		const before = await trial.cycles();
		const now = create(new Date().toISOString().replace(/\.\d+/, ""));
		const { exitCode, stdout } = await host.exec(now, lossy);
		expect(stdout).toMatch(kick("record-not-written"));
		expect(exitCode).toBe(1);
		expect(await trial.cycles()).toBe(before);
		expect((await host.registryKey(RECORD)).Intent).toContain("dx-intent:open");
		await host.exec(now, stdin);
		expect(await trial.cycles()).toBe(before + 1);
	});

	it("that finds its receipt closes an intent that an interrupted run left open", async () => {
		await trial.wish();
		await stack.must("up", "--yes", "--skip-preview");
		const { "Receipt.cycle": receipt = "", ...record } =
			await host.registryKey(RECORD);
		const [, token = ""] = /dx-done:cycle (\w+) /.exec(receipt) ?? [];
		const open = `"dx-intent:open cycle ${token} 2026-03-01T22:00:00Z;"`;
		await host.setRegistry(RECORD, "Intent", open);
		const { create, stdin } = kickCommands({
			...{ host: "EXCH01", cycle: HOST_CYCLE, token, type: "T1" },
			onUncertain: "fail",
		});
		const before = await trial.cycles();
		const { stdout } = await host.exec(create("2037-03-01T22:00:00Z"), stdin);
		expect(stdout).toContain("was already started");
		expect((await host.registryKey(RECORD)).Intent).toBe(record.Intent);
		expect(await trial.cycles()).toBe(before);
	});

	it("fails with paused-stuck if the service really paused and cannot be continued", async () => {
		const before = await trial.cycles();
		await trial.wish();
		await host.set({ pause: "really", continue: "fail" });
		await trial.fails(kick("paused-stuck", "3538"));
		await host.set(DEFAULT_SETTINGS);
		await host.exec("net continue MSExchangeDX");
		await stack.must("up", "--yes", "--skip-preview");
		expect((await trial.cycles()) - before).toBe(1);
	});
});

describe("the enforcement", () => {
	it.each<EnforceCase>([
		[{ netAnswers: "stop:5" }, registry("access-denied", "5")],
		[{ netAnswers: "start:2140" }, registry("start-failed", "2140")],
		[
			{ registry: 'full:"PauseKicksDX"=dword:00000001' },
			registry("value-not-written"),
		],
		[{ registry: "full:dx-restart:pending" }, registry("record-not-written")],
		[{ access: "denied" }, registry("record-not-written")],
	])(
		"fails with the expected code if the host has %j, and the next update succeeds",
		(...one) => trial.enforcementFails(...one),
	);

	it("fails with no-lock if its files cannot be created, and does nothing", async () => {
		await host.exec("echo in the way>%SystemRoot%\\dx-work");
		await trial.look();
		await trial.fails(registry("no-lock"));
		await host.exec("del %SystemRoot%\\dx-work");
		await stack.must("up", "--yes", "--skip-preview");
	});

	it("fails with incomplete if the disk has no space for its script, and does nothing", async () => {
		await host.fillDisk();
		await trial.look();
		// Only the loader runs, which prints only the code.
		await trial.fails(/^ *\[incomplete\]$/m);
		await host.freeDisk();
		await stack.must("up", "--yes", "--skip-preview");
	});

	it("fails with not-restored if the host refuses the earlier value; the next destroy restores it", async () => {
		await restoreFails(bench, {
			transport: "ssh",
			make: "nt4",
			language: "de",
		});
	});
});

describe("destroy", () => {
	it("fails with not-restored if the service's key cannot be read, and keeps the record; a later one restores it", async () => {
		const odd = await bench.host({
			make: "nt4",
			pauseKicksDX: "dword:00000000",
		});
		const other = await bench.stack();
		await declare(other, { name: "EXCH01", host: odd });
		await other.must("up", "--yes", "--skip-preview");
		await odd.set({ registry: "unreadable:Services\\MSExchangeDX" });
		const { exitCode, output } = await other.destroy();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(registry("not-restored"));
		expect((await odd.registryKey(RECORD)).PauseKicksDX).toBe("dword:00000000");
		await odd.set(DEFAULT_SETTINGS);
		expect((await other.destroy()).exitCode).toBe(0);
		expect(await odd.registryValue(SERVICE, "PauseKicksDX")).toBe(
			"dword:00000000",
		);
		expect(await odd.labErrors()).toEqual([]);
	});

	it("succeeds if the service has been removed since", async () => {
		const bare = await bench.host({ make: "reg" });
		const other = await bench.stack();
		await declare(other, { name: "EXCH01", host: bare });
		await other.must("up", "--yes", "--skip-preview");
		await bare.stopService();
		await bare.exec("L:\\wine-sc.exe delete MSExchangeDX");
		await bare.exec(`reg delete ${SERVICE} /f`);
		const { exitCode, output } = await other.destroy();
		expect(exitCode, output).toBe(0);
		expect(await bare.registryDump(RECORD)).toBeUndefined();
	});

	it("reports that it deletes the intent of a kick with unknown outcome", async () => {
		await trial.wish();
		await host.set({ pauseAnswers: "9999" });
		await trial.fails(kick("unknown"));
		await host.set(DEFAULT_SETTINGS);
		const { exitCode, output } = await stack.destroy();
		expect(exitCode).toBe(0);
		expect(output).toContain(
			"the record of a kick with an unknown outcome was deleted",
		);
		expect(await host.registryDump(RECORD)).toBeUndefined();
	});
});
