import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LabHost, startHost } from "./host.ts";
import { DISPLAY_NAMES, SERVICE_KEY } from "./service-key.ts";

/** As a host of that language writes it: the German ü is one byte of code page 850. */
const displayNames = {
	en: DISPLAY_NAMES.en,
	de: DISPLAY_NAMES.de.replace("ü", "\x81"),
};
const helpLine = {
	en: (number: number) =>
		`More help is available by typing NET HELPMSG ${number}.`,
	de: (number: number) =>
		`Sie erhalten weitere Hilfe, wenn Sie NET HELPMSG ${number} eingeben.`,
};
const failedToPause = {
	en: `The ${displayNames.en} service failed to pause.`,
	de: `${displayNames.de} konnte nicht angehalten werden.`,
};
const explained = {
	en: "The *** service failed to pause.",
	de: "*** konnte nicht angehalten werden.",
};

const hosts = [
	{ make: "reg", language: "en", role: "requestor", cycle: "T1" },
	{ make: "reg", language: "de", role: "server", cycle: "T2" },
	{ make: "nt4", language: "en", role: "server", cycle: "T2" },
	{ make: "nt4", language: "de", role: "requestor", cycle: "T1" },
] as const;

describe.each(hosts)(
	"net on a host of make $make in $language",
	({ make, language, role, cycle }) => {
		let host: LabHost;
		beforeAll(async () => {
			host = await startHost({ make, language, role });
		});
		afterAll(() => host.stop());

		const events = async () =>
			(await host.serviceLog()).map(({ event }) => event);
		const X = "MSExchangeDX";
		const net = (...commands: string[]) =>
			host.exec(commands.map((command) => `net ${command}`).join(" & "));
		/** The numbers of the messages, in order. */
		const numbers = (text: string) =>
			[...text.matchAll(/NET HELPMSG (\d+)/g)].map((match) => Number(match[1]));

		test("refuses a pause with 2191 while the value is absent, and no cycle runs", async () => {
			const { exitCode, stdout, stderr } = await net(`pause ${X}`);
			expect([exitCode, stdout]).toEqual([2, ""]);
			expect(stderr).toContain(helpLine[language](2191));
			expect(await events()).toEqual(["start kicks=0"]);
		});

		test("refuses a pause after the value was written, until the service has been restarted", async () => {
			await host.setRegistry(SERVICE_KEY, "PauseKicksDX", "dword:00000001");
			const stopped = await net(`pause ${X}`, `stop ${X}`, "start");
			expect(numbers(stopped.stderr)).toEqual([2191]);
			expect(stopped.stdout).not.toContain(`   ${displayNames[language]}\r\n`);
			const { stderr } = await net(
				...[`pause ${X}`, `continue ${X}`, `stop ${X}`],
				...[`start ${X}`, `start ${X}`, "start NoSuch"],
			);
			expect(numbers(stderr)).toEqual([2184, 2184, 3521, 2182, 2185]);
			expect(await events()).toEqual([
				"start kicks=0",
				"stop",
				"start kicks=1",
			]);
		});

		test("answers a kick with 3539 in the host's language, one cycle runs, and the service stays listed", async () => {
			const { exitCode, stdout, stderr } = await net(`pause ${X}`);
			expect(stderr).toBe(
				`${failedToPause[language]}\r\n\r\n${helpLine[language](3539)}\r\n\r\n`,
			);
			expect([exitCode, stdout]).toEqual([2, ""]);
			expect((await host.cycles()).map(({ type }) => type)).toEqual([cycle]);
			const list = await net("start");
			expect(list.stdout).toContain(`\r\n   ${displayNames[language]}\r\n`);
		});

		test("accepts the display name of the service, explains a number, and reports no error", async () => {
			const kicked = await net(`pause "${DISPLAY_NAMES[language]}"`);
			expect(numbers(kicked.stderr)).toEqual([3539]);
			const { exitCode, stdout } = await net("helpmsg 3539");
			expect([exitCode, stdout]).toEqual([
				0,
				`\r\n${explained[language]}\r\n\r\n`,
			]);
			expect(numbers((await net("helpmsg 99999")).stderr)).toEqual([3871]);
			expect(await host.labErrors()).toEqual([]);
		});

		test("fails with a message for arguments that it does not support", async () => {
			const { exitCode, stderr } = await net(
				`pause ${X} /now`,
				"use X: \\\\a\\b",
			);
			expect([exitCode, stderr]).toEqual([
				99,
				expect.stringContaining("use X:"),
			]);
			expect(await host.labErrors()).toEqual([
				expect.stringContaining("/now"),
				expect.stringContaining("use X:"),
			]);
		});
	},
);
