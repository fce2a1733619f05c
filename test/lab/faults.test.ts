// @module-tag full
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
	// An earlier test may have left the service paused or stopped.
	await host.exec("net continue MSExchangeDX & net start MSExchangeDX");
	seen = (await host.serviceLog()).length;
});

const net = (verb: string) => host.exec(`net ${verb} MSExchangeDX`);
const newEvents = async () =>
	(await host.serviceLog()).slice(seen).map(({ event }) => event);

test("a service that really pauses prints no number, runs no cycle, and can be continued", async () => {
	await host.set({ pause: "really" });
	const { exitCode, stdout, stderr } = await net("pause");
	expect([exitCode, stderr]).toEqual([0, ""]);
	expect(stdout).toBe(
		`The ${DISPLAY_NAMES.en} service was paused successfully.\r\n\r\n`,
	);
	expect((await net("continue")).exitCode).toBe(0);
	expect(await newEvents()).toEqual(["pause", "paused", "continue"]);
});

test("a service that hangs in its handler answers 2186 after ten seconds, and the cycle starts later", async () => {
	await host.set({ pause: "hang", hangSeconds: 13 });
	const { exitCode, stderr } = await net("pause");
	expect([exitCode, stderr]).toEqual([2, expect.stringContaining("2186")]);
	expect(await newEvents()).toEqual(["pause"]);
	expect((await host.exec("net start")).stdout).toContain(DISPLAY_NAMES.en);
	await pause(4000);
	expect(await newEvents()).toEqual(["pause", "cycle T1"]);
});

test("a service that refuses to stop runs on and still accepts kicks", async () => {
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

test("NET waits for a slow service, and answers 3533 to other requests meanwhile", async () => {
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

test("the service reads its role at each kick", async () => {
	await net("pause");
	await host.set({ role: "server" });
	await net("pause");
	expect(await newEvents()).toEqual(["pause", "cycle T1", "pause", "cycle T2"]);
});

test("a service that dies of a pause has run its cycle, is answered 3539, and is not listed", async () => {
	await host.set({ pause: "dies" });
	expect((await net("pause")).stderr).toContain("HELPMSG 3539");
	expect((await host.exec("net start")).stdout).not.toContain(DISPLAY_NAMES.en);
	expect((await net("stop")).stderr).toContain("3521");
	await host.set({ pause: "kick" });
	expect((await net("start")).exitCode).toBe(0);
	expect((await net("pause")).stderr).toContain("3539");
	expect(await newEvents()).toEqual([
		"pause",
		"cycle T1",
		"died",
		"start kicks=1",
		"pause",
		"cycle T1",
	]);
});

test("a paused service that cannot be continued answers 3538 and stays paused", async () => {
	await host.set({ pause: "really", continue: "fail" });
	await net("pause");
	expect((await net("continue")).stderr).toContain("HELPMSG 3538");
	expect((await net("continue")).stderr).toContain("HELPMSG 3538");
	await host.set({ continue: "normal" });
	expect((await net("continue")).exitCode).toBe(0);
});

test.each(["pause", "stop", "start"] as const)(
	"net %s delivers the control and never returns",
	async (verb) => {
		if (verb === "start") await net("stop");
		const events = (await newEvents()).length;
		await host.set({ netHangs: verb });
		const session = host.exec(`net ${verb} MSExchangeDX`, "", {
			as: "product",
		});
		await expect
			.poll(async () => (await newEvents()).slice(events).join(), {
				timeout: 30_000,
			})
			.toBe(
				{ pause: "pause,cycle T1", stop: "stop", start: "start kicks=1" }[verb],
			);
		const { to, ...begun } = (await host.controls()).at(-1) ?? {};
		expect([begun, to]).toEqual([{ verb, from: expect.any(Date) }, undefined]);
		host.killScript({ children: true });
		expect((await session).stdout).not.toContain("success");
	},
);

test.each([
	["pause:2189", "NET HELPMSG 2189."],
	["pause:5", "System error 5 has occurred."],
	["start:2140", "NET HELPMSG 2140."],
	["stop:4711", "System error 4711 has occurred."],
	["continue:2191", "NET HELPMSG 2191."],
] as const)("net answers %s and delivers no control", async (told, answer) => {
	await host.set({ netAnswers: told });
	const [verb = ""] = told.split(":");
	const { exitCode, stderr } = await net(verb);
	expect([exitCode, stderr]).toEqual([2, expect.stringContaining(answer)]);
	expect(await newEvents()).toEqual([]);
});

test.each([
	["2140", "NET HELPMSG 2140."],
	["2186", "NET HELPMSG 2186."],
	["9999", "System error 9999 has occurred."],
] as const)(
	"a pause that starts a cycle is answered %s",
	async (number, answer) => {
		await host.set({ pauseAnswers: number });
		expect((await net("pause")).stderr).toContain(answer);
		expect(await newEvents()).toEqual(["pause", "cycle T1"]);
	},
);

test("without the right to control the service each control gets system error 5, and `net start` works", async () => {
	await host.set({ access: "denied" });
	for (const verb of ["pause", "continue", "stop", "start"])
		expect((await net(verb)).stderr).toContain("System error 5 has occurred.");
	expect((await host.exec("net start")).stdout).toContain(DISPLAY_NAMES.en);
	expect(await newEvents()).toEqual([]);
});

test("the log has the begin and the end of each control", async () => {
	const before = await host.controls();
	const started = new Date();
	await host.exec("net pause MSExchangeDX & net stop MSExchangeDX & net start");
	const [pause, stop, ...more] = (await host.controls()).slice(before.length);
	expect([pause?.verb, stop?.verb, more]).toEqual(["pause", "stop", []]);
	const times = [started, pause?.from, pause?.to, stop?.from, stop?.to];
	expect(times).toEqual([...times].sort((a, b) => Number(a) - Number(b)));
	expect(times).not.toContain(undefined);
});

test("in German the numbers are the same, and the texts are in code page 850", async () => {
	const german = await startHost({ language: "de" });
	const answer = async (number: number) => {
		await german.set({ netAnswers: `pause:${number}` });
		return (await german.exec("net pause MSExchangeDX")).stderr;
	};
	expect(await answer(3539)).toContain(
		"f\x81r MS Mail konnte nicht angehalten",
	);
	expect(await answer(3539)).toContain("NET HELPMSG 3539 eingeben.");
	expect(await answer(5)).toContain("Systemfehler 5 aufgetreten.");
	expect(await answer(9999)).toContain("Systemfehler 9999 aufgetreten.");
	await german.stop();
});

test("a service that is not installed has no key and no name", async () => {
	const bare = await startHost({ installed: false });
	const { stderr } = await bare.exec("net pause MSExchangeDX");
	const key = await bare.registryDump(SERVICE_KEY);
	await bare.stop();
	expect(stderr).toContain("HELPMSG 2185");
	expect(key).toBeUndefined();
});
