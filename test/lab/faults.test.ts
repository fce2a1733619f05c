import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type LabHost, startHost } from "./host.ts";
import { DISPLAY_NAMES, SERVICE_KEY } from "./service-key.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

let host: LabHost;
let seen = 0;
beforeAll(async () => {
	host = await startHost({ pauseKicksDX: "dword:00000001" });
});
afterAll(() => host.stop());
beforeEach(async () => {
	await host.set(DEFAULT_SETTINGS);
	await host.exec("net start MSExchangeDX");
	seen = (await host.serviceLog()).length;
});

const net = (verb: string) => host.exec(`net ${verb} MSExchangeDX`);
const newEvents = async () =>
	(await host.serviceLog()).slice(seen).map(({ event }) => event);

test("a service that really pauses says so without a number, runs no cycle, and can be continued", async () => {
	await host.set({ pause: "really" });
	const { exitCode, stdout, stderr } = await net("pause");
	expect([exitCode, stderr]).toEqual([0, ""]);
	expect(stdout).toBe(
		`The ${DISPLAY_NAMES.en} service was paused successfully.\r\n\r\n`,
	);
	expect((await net("continue")).exitCode).toBe(0);
	expect(await newEvents()).toEqual(["pause", "paused", "continue"]);
});

test("a service that hangs in its handler answers 2186 after ten seconds, and the kick comes later", async () => {
	await host.set({ pause: "hang", hangSeconds: 13 });
	const { exitCode, stderr } = await net("pause");
	expect([exitCode, stderr]).toEqual([2, expect.stringContaining("2186")]);
	expect(await newEvents()).toEqual(["pause"]);
	expect((await host.exec("net start")).stdout).toContain(DISPLAY_NAMES.en);
	await pause(4000);
	expect(await newEvents()).toEqual(["pause", "cycle T1"]);
});

test("a service that refuses to stop goes on running, and still kicks", async () => {
	await host.set({ stop: "refuse" });
	const { exitCode, stderr } = await net("stop");
	expect([exitCode, stderr]).toEqual([
		2,
		`The ${DISPLAY_NAMES.en} service could not be stopped.\r\n`,
	]);
	await net("stop");
	expect((await net("pause")).stderr).toContain("3539");
	expect(await newEvents()).toEqual([
		"stop refused",
		"stop refused",
		"pause",
		"cycle T1",
	]);
});

test("a service that fails to start answers 2140 and is stopped", async () => {
	await host.set({ start: "fail" });
	await net("stop");
	const { exitCode, stderr } = await net("start");
	expect([exitCode, stderr]).toEqual([2, expect.stringContaining("2140")]);
	expect((await net("stop")).stderr).toContain("3521");
	expect(await newEvents()).toEqual(["stop", "start failed 2140"]);
});

test("a slow service is waited for, and answers 3533 to anybody else meanwhile", async () => {
	await host.set({ stopSeconds: 4, startSeconds: 1 });
	const stopped = net("stop");
	await pause(1500);
	expect((await net("stop")).stderr).toContain("3533");
	expect((await stopped).exitCode).toBe(0);
	expect((await net("start")).exitCode).toBe(0);
	expect(await newEvents()).toEqual(["stop", "start kicks=1"]);
});

test("only REG_DWORD 1 in the service's own key enables the kick, and a change needs a restart", async () => {
	const answers: string[] = [];
	const values = ['"1"', "dword:00000000", "dword:00000002", "hex:01,00,00,00"];
	for (const value of values) {
		await host.setRegistry(SERVICE_KEY, "PauseKicksDX", value);
		await host.stopService();
		await host.startService();
		answers.push(...(await newEvents()).slice(-1));
	}
	expect(answers).toEqual(values.map(() => "start kicks=0"));
	await host.setRegistry(SERVICE_KEY, "PauseKicksDX", "dword:00000001");
	await host.stopService();
	await host.startService();
	expect((await newEvents()).at(-1)).toBe("start kicks=1");
});

test("the role is read at each kick", async () => {
	await net("pause");
	await host.set({ role: "server" });
	await net("pause");
	expect(await newEvents()).toEqual(["pause", "cycle T1", "pause", "cycle T2"]);
});

test("a service that is not installed has no key and no name", async () => {
	const bare = await startHost({ installed: false });
	const { stderr } = await bare.exec("net pause MSExchangeDX");
	const key = await bare.registryDump(SERVICE_KEY);
	await bare.stop();
	expect(stderr).toContain("HELPMSG 2185");
	expect(key).toBeUndefined();
});
