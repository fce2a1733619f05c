// @module-tag full
import {
	afterAll,
	afterEach,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { SERVICE_KEY } from "../service-key.ts";
import { DEFAULT_SETTINGS, type HostSettings } from "../settings.ts";
import { net, target } from "./net.ts";
import { type NtHost, startNtHost } from "./nt-host.ts";

const K = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";
const DX = "MSExchangeDX";
const DOTS = ".".repeat(30);
const started = { pauseKicksDX: "dword:00000001" };

let host: NtHost;
let seen = 0;
beforeAll(async () => {
	host = await startNtHost(started);
});
afterAll(() => host.stop());
beforeEach(async () => {
	seen = (await host.serviceLog()).length;
});
afterEach(async () => {
	const { regeditDeletes: _, programFault: __, ...normal } = DEFAULT_SETTINGS;
	await host.set(normal);
	expect(await host.labErrors()).toEqual([]);
});

const service = (verb: string) => net(target(host), "service", verb, DX);
const registry = (...args: string[]) => net(target(host), "registry", ...args);
const newEvents = async () =>
	(await host.serviceLog()).slice(seen).map(({ event }) => event);
const refused = (stderr: string) => ({ exitCode: 255, stdout: "", stderr });
const CONTROL = "Control service request failed.  ";

/** Settings of the host, the requested control, and the result: stdout, stderr, events of the service. */
const CONTROLS: [Partial<HostSettings>, string, string, string, string[]][] = [
	[
		{ pause: "hang", hangSeconds: 0.5 },
		"pause",
		`${DOTS}\n${DX} service is running.`,
		"",
		["pause", "cycle T1"],
	],
	[
		{ netAnswers: "pause:1061" },
		"pause",
		"",
		`${CONTROL}[WERR_SERVICE_CANNOT_ACCEPT_CTRL]`,
		[],
	],
	[
		{ pauseAnswers: "1053" },
		"pause",
		"",
		`${CONTROL}[WERR_SERVICE_REQUEST_TIMEOUT]`,
		["pause", "cycle T1"],
	],
	[
		{ role: "server" },
		"pause",
		`${DOTS}\n${DX} service is running.`,
		"",
		["pause", "cycle T2"],
	],
	[
		{ access: "denied" },
		"pause",
		"",
		"Failed to open service.  [WERR_ACCESS_DENIED]",
		[],
	],
	[
		{ pause: "really" },
		"pause",
		`.\n${DX} service is paused.`,
		"",
		["pause", "paused"],
	],
	[
		{ continue: "fail" },
		"resume",
		`${DOTS}\n${DX} service is paused.`,
		"",
		["continue"],
	],
	[{}, "resume", `.\n${DX} service is running.`, "", ["continue"]],
	[
		{ stop: "refuse" },
		"stop",
		`${DOTS}\n${DX} service is running.`,
		"",
		["stop refused"],
	],
	[
		{ pause: "dies" },
		"pause",
		`${DOTS}\n${DX} service is stopped.`,
		"",
		["pause", "cycle T1", "died"],
	],
	[
		{ start: "fail" },
		"start",
		DOTS,
		`Failed to start service: ${DX} [WERR_OK]`,
		["start failed 2140"],
	],
	[
		{},
		"start",
		`.\nSuccessfully started service: ${DX}`,
		"",
		["start kicks=1"],
	],
];

test.each(CONTROLS)(
	"%o: %s",
	async (settings, verb, stdout, stderr, events) => {
		await host.set(settings);
		expect(await service(verb)).toMatchObject({ stdout, stderr });
		expect(await newEvents()).toEqual(events);
		const { verb: last, from, to } = (await host.controls()).at(-1) ?? {};
		if (settings.access) return;
		expect(last).toBe(verb === "resume" ? "continue" : verb);
		expect(Number(to) - Number(from)).toBeGreaterThanOrEqual(0);
	},
);

test("a service that hangs while it stops stays pending", async () => {
	const other = await startNtHost(started);
	await other.set({ stop: "hang" });
	const ask = (verb: string) => net(target(other), "service", verb, DX);
	expect((await ask("stop")).stdout).toContain("service is stop pending.");
	expect((await ask("start")).stderr).toContain("ALREADY_RUNNING");
	expect((await ask("pause")).stderr).toContain("CANNOT_ACCEPT_CTRL");
	await other.stop();
});

test("with access denied nothing can be written, and everything can be read", async () => {
	const before = await host.registryDump("HKLM\\");
	await host.set({ access: "denied" });
	const key = "HKLM\\SOFTWARE\\denied";
	expect(await registry("setvalue", K, "X", "dword", "1")).toEqual({
		exitCode: 0,
		stdout: "",
		stderr: "registry_setvalue failed: NT_STATUS_ACCESS_DENIED",
	});
	expect(await registry("createkey", key)).toMatchObject({
		exitCode: 255,
		stderr: expect.stringContaining("ACCESS_DENIED"),
	});
	expect((await registry("getvalueraw", K, "PauseKicksDX")).stdout).toBe("1");
	expect((await service("status")).stdout).toContain("service is running.");
	expect(await host.registryDump("HKLM\\")).toBe(before);
});

test("a full registry refuses a value with this text", async () => {
	await host.set({ registry: "full:Intent" });
	const key = "HKLM\\SOFTWARE\\full";
	await registry("createkey", key);
	expect(await registry("setvalue", key, "Intent", "sz", "x")).toEqual({
		exitCode: 0,
		stdout: "",
		stderr: "registry_setvalue failed: NT_STATUS_REGISTRY_IO_FAILED",
	});
	expect((await registry("setvalue", key, "Other", "sz", "x")).exitCode).toBe(
		0,
	);
	expect(await host.registryKey(key)).toEqual({ Other: '"x"' });
});

test("a setting without a meaning for this host is refused", async () => {
	await expect(host.set({ programFault: "import:156" })).rejects.toThrow(
		"programFault means nothing",
	);
	await expect(host.set({ regeditDeletes: "no" })).rejects.toThrow(
		"regeditDeletes means nothing",
	);
});

describe("an answer that does not come in time", () => {
	const late: Partial<HostSettings>[] = [
		{ pause: "hang", hangSeconds: 12 },
		{ netHangs: "pause" },
	];

	test.concurrent.each(late)(
		"%o: `net` reports a timeout after 10 s, and the cycle runs",
		async (settings) => {
			const other = await startNtHost(started);
			await other.set(settings);
			const began = Date.now();
			const answer = await net(target(other), "service", "pause", DX);
			const took = Date.now() - began;
			const cycles = await other.cycles();
			await other.atRest();
			const [, control] = await other.controls();
			expect(answer).toEqual(refused(`${CONTROL}[NT_STATUS_IO_TIMEOUT]`));
			// It takes longer on a loaded machine.
			expect([took > 9900, took < 25_000]).toEqual([true, true]);
			expect(cycles).toHaveLength(settings.netHangs ? 1 : 0);
			expect(await other.cycles()).toHaveLength(1);
			expect(control?.to === undefined).toBe(settings.netHangs !== undefined);
			await other.stop();
		},
	);

	test.concurrent("`net` reports a timeout when the server sends no output", async () => {
		const other = await startNtHost();
		const gate = await other.gate({ when: "before", program: "session" });
		const answer = await net(target(other), "service", "pause", DX);
		expect(answer.exitCode).toBe(255);
		expect(answer.stderr).toContain("NT_STATUS_IO_TIMEOUT");
		await gate.open();
		await other.stop();
	});
});

test("a control of the lab itself is logged as a control, not as a command", async () => {
	const other = await startNtHost({ ...started, language: "de", make: "nt4" });
	await other.stopService();
	await other.startService();
	expect(await other.registryValue(SERVICE_KEY, "PauseKicksDX")).toBe(
		"dword:00000001",
	);
	expect((await other.controls()).map(({ verb }) => verb)).toEqual([
		...["start", "stop", "start"],
	]);
	expect([await other.commands(), await other.connections()]).toEqual([[], 0]);
	const { stdout } = await net(target(other), "service", "status", DX);
	expect(stdout).toContain("Verzeichnisabgleich für MS Mail");
	await other.stop();
});

test("a host without the service has no service key, and `net` reports it", async () => {
	const other = await startNtHost({ installed: false });
	expect(await net(target(other), "service", "status", DX)).toEqual(
		refused("Failed to open service.  [WERR_SERVICE_DOES_NOT_EXIST]"),
	);
	expect(await other.registryDump(SERVICE_KEY)).toBeUndefined();
	await other.stop();
});
