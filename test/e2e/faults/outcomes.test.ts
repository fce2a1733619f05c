import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { kickToken, OWN_CYCLE } from "../../../src/host-record.ts";
import { kickCommands } from "../../../src/windows/kick.ts";
import type { LabHost } from "../../lab/host.ts";
import { DEFAULT_SETTINGS, type HostSettings } from "../../lab/settings.ts";
import type { Stack } from "../../stack.ts";
import { Bench, declare, RECORD, SERVICE } from "../fixture.ts";

// P4: every way in which a step can end on a host, by its code and number, and how many cycles there were of it. The
// host is as NT 4 is, in German: nothing here goes by a text of Windows.
const bench = new Bench();
let host: LabHost;
let stack: Stack;
let wishes = 0;

/** What is wrong with the host, what the update says of it, how many cycles there were, and how many in the end. */
type Case = [
	trouble: Partial<HostSettings>,
	says: RegExp,
	cycles: number,
	inTheEnd: number,
];

async function wish(onUncertain = "fail") {
	await declare(stack, {
		name: "EXCH01",
		host,
		more: { cycle: { triggers: [`wish ${wishes}`], onUncertain } },
	});
}

const cycles = async () => (await host.cycles()).length;

beforeAll(async () => {
	host = await bench.host({ make: "nt4", language: "de" });
	stack = await bench.stack();
	await wish();
	await stack.must("up", "--yes", "--skip-preview");
});
afterEach(async () => {
	await host.set(DEFAULT_SETTINGS);
	expect(await host.labErrors()).toEqual([]);
});
afterAll(() => bench.end());

/** One line, whole: host, step, what happened, code, number, what to do. */
const kick = (code: string, number = "") =>
	new RegExp(
		`^ +EXCH01, kick: [^\\n]+ \\[${code}${number && `, Windows ${number}`}\\]\\. [A-Z][^\\n]+\\.$`,
		"m",
	);

describe("a kick", () => {
	it.each<Case>([
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
	])("with %j ends with its name", async (trouble, says, now, inTheEnd) => {
		wishes += 1;
		const before = await cycles();
		await wish();
		await host.set(trouble);
		const { exitCode, output } = await stack.up();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(says);
		expect(output).not.toMatch(/net pause MSExchangeDX|^\s+at /m);
		expect((await cycles()) - before).toBe(now);

		await host.set(DEFAULT_SETTINGS);
		await wish(now > 0 ? "accept" : "kick");
		await stack.must("up", "--yes", "--skip-preview");
		expect((await cycles()) - before).toBe(inTheEnd);
	});

	it("answered by 2140 is a kick: on pause that is what the Services applet says of one", async () => {
		wishes += 1;
		const before = await cycles();
		await wish();
		await host.set({ pauseAnswers: "2140" });
		await stack.must("up", "--yes", "--skip-preview");
		expect((await cycles()) - before).toBe(1);
		expect(await stack.outputs()).toMatchObject({
			hosts: {
				EXCH01: { cycle: { evidence: expect.stringMatching(/HELPMSG 2140/) } },
			},
		});
	});

	it("whose answer does not fit on a full disk says so, and is not sent again", async () => {
		wishes += 1;
		const before = await cycles();
		await wish();
		const gate = await host.gate({ when: "after", program: "net pause" });
		const update = stack.start(["up", "--yes", "--skip-preview"]);
		await gate.reached();
		await host.fillDisk();
		await gate.open();
		const { exitCode, all } = await update;
		expect(exitCode).not.toBe(0);
		expect(all).toMatch(kick("broken-off"));
		await host.freeDisk();
		await wish("accept");
		await stack.must("up", "--yes", "--skip-preview");
		expect((await cycles()) - before).toBe(1);
	});

	it("that began before another one which has been here says so", async () => {
		const before = await cycles();
		const late = kickCommands({
			host: "EXCH01",
			cycle: OWN_CYCLE,
			token: kickToken(OWN_CYCLE, ["broken off long ago"]),
			type: "T1",
			onUncertain: "fail",
		});
		const { exitCode, stdout } = await host.exec(
			late.create("1999-03-01T22:00:00Z"),
			late.stdin,
		);
		expect(exitCode).toBe(1);
		expect(stdout).toMatch(/^EXCH01, kick: .* \[overtaken\]\. Run/);
		expect(await cycles()).toBe(before);
	});

	it("that really paused the service, which cannot be continued, says so", async () => {
		wishes += 1;
		const before = await cycles();
		await wish();
		await host.set({ pause: "really", continue: "fail" });
		const { exitCode, output } = await stack.up();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(kick("paused-stuck", "3538"));
		await host.set(DEFAULT_SETTINGS);
		await host.exec("net continue MSExchangeDX");
		await stack.must("up", "--yes", "--skip-preview");
		expect((await cycles()) - before).toBe(1);
	});
});

describe("the enforcement", () => {
	const registry = (code: string, number = "") =>
		new RegExp(
			`^ +EXCH01, registry: [^\\n]+ \\[${code}${number && `, Windows ${number}`}\\]\\. [A-Z][^\\n]+\\.$`,
			"m",
		);

	it.each<[Partial<HostSettings>, RegExp]>([
		[{ netAnswers: "stop:5" }, registry("access-denied", "5")],
		[{ netAnswers: "start:2140" }, registry("start-failed", "2140")],
		[
			{ registry: 'full:"PauseKicksDX"=dword:00000001' },
			registry("value-not-written"),
		],
		[{ registry: "full:dx-restart:owed" }, registry("record-not-written")],
		[{ access: "denied" }, registry("record-not-written")],
	])(
		"with %j ends with its name, and the next one mends it",
		async (trouble, says) => {
			const before = await cycles();
			await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
			wishes += 1;
			await stack.configure({ verify: `look ${wishes}` });
			await host.set(trouble);
			const { exitCode, output } = await stack.up();
			expect(exitCode).not.toBe(0);
			expect(output).toMatch(says);
			await host.set(DEFAULT_SETTINGS);
			await stack.must("up", "--yes", "--skip-preview");
			expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
				"dword:00000001",
			);
			expect((await host.serviceLog()).at(-1)?.event).toBe("start kicks=1");
			expect(await cycles()).toBe(before);
		},
	);

	it("that has no place for its files says so and does nothing", async () => {
		await host.exec("echo in the way>%SystemRoot%\\dx-work");
		wishes += 1;
		await stack.configure({ verify: `look ${wishes}` });
		const { exitCode, output } = await stack.up();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(registry("no-lock"));
		await host.exec("del %SystemRoot%\\dx-work");
		await stack.must("up", "--yes", "--skip-preview");
	});

	it("whose script did not arrive whole, for want of disk space, says so and does nothing", async () => {
		await host.fillDisk();
		wishes += 1;
		await stack.configure({ verify: `look ${wishes}` });
		const { exitCode, output } = await stack.up();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(registry("incomplete"));
		await host.freeDisk();
		await stack.must("up", "--yes", "--skip-preview");
	});

	it("that cannot put back what was there says so, and can later", async () => {
		const odd = await bench.host({
			make: "nt4",
			language: "de",
			pauseKicksDX: "dword:00000000",
		});
		const other = await bench.stack();
		await declare(other, { name: "EXCH01", host: odd });
		await other.must("up", "--yes", "--skip-preview");
		await odd.set({ registry: 'full:"PauseKicksDX"=dword:00000000' });
		const { exitCode, output } = await other.destroy();
		expect(exitCode).not.toBe(0);
		expect(output).toMatch(registry("not-restored"));
		await odd.set(DEFAULT_SETTINGS);
		expect((await other.destroy()).exitCode).toBe(0);
		expect(await odd.registryValue(SERVICE, "PauseKicksDX")).toBe(
			"dword:00000000",
		);
		expect(await odd.registryDump(RECORD)).toBeUndefined();
	});
});

describe("destroy", () => {
	it("of a host with a kick of unknown outcome says that this is forgotten", async () => {
		wishes += 1;
		await wish();
		await host.set({ pauseAnswers: "9999" });
		expect((await stack.up()).output).toMatch(kick("unknown"));
		await host.set(DEFAULT_SETTINGS);
		const { exitCode, output } = await stack.destroy();
		expect(exitCode).toBe(0);
		expect(output).toContain("a kick whose outcome is unknown is forgotten");
		expect(await host.registryDump(RECORD)).toBeUndefined();
	});
});
