import { afterAll, beforeAll, expect, test } from "vitest";
import { type LabHost, startHost } from "./host.ts";

let host: LabHost;
beforeAll(async () => {
	host = await startHost({ make: "nt4", language: "de", running: false });
	await host.exec('find /v "" >%TEMP%\\a.txt', 'one\r\nTwo "2"\r\nthree\r\n');
});
afterAll(() => host.stop());

const input = 'one\r\nTwo "2"\r\nthree';

test.concurrent.each([
	['find "t"', 0, "three\r\n"],
	['find /i "t"', 0, 'Two "2"\r\nthree\r\n'],
	['find /v "t"', 0, 'one\r\nTwo "2"\r\n'],
	['find /c "e"', 0, "2\r\n"],
	['find /c /v "e"', 0, "1\r\n"],
	['find /n "e"', 0, "[1]one\r\n[3]three\r\n"],
	['find /v/n "e"', 0, '[2]Two "2"\r\n'],
	['find "e" /n', 0, "[1]one\r\n[3]three\r\n"],
	['find """2"""', 0, 'Two "2"\r\n'],
	['find "zz"', 1, ""],
	['find /c "zz"', 1, "0\r\n"],
	['find ""', 1, ""],
	['find /v ""', 0, 'one\r\nTwo "2"\r\nthree\r\n'],
	['find "~" nul', 1, "\r\n---------- NUL\r\n"],
	["find", 2, "FIND: Parameterformat falsch\r\n"],
])("%s exits with %i", async (command, exitCode, stdout) => {
	const answer = await host.exec(command, input);
	expect(answer).toEqual({ exitCode, stdout, stderr: "" });
});

test("FIND prints a file's lines after its name, and prints no name for a missing file", async () => {
	const found = await host.exec('cd %TEMP% & find "e" a.txt');
	expect(found.stdout).toBe("\r\n---------- A.TXT\r\none\r\nthree\r\n");
	const counted = await host.exec('cd %TEMP% & find /c "e" a.txt');
	expect(counted.stdout).toBe("\r\n---------- A.TXT: 2\r\n");
	expect(await host.exec('find "e" nosuch.txt')).toEqual({
		exitCode: 1,
		stdout: "Datei nicht gefunden - nosuch.txt\r\n",
		stderr: "",
	});
});

test("FIND converts UTF-16 to the console's code page and does not change other bytes", async () => {
	const utf16 = Buffer.from("\ufeffMail für\r\nx\r\n", "utf16le");
	const wide = await host.exec('find "Mail"', utf16.toString("latin1"));
	expect(wide.stdout).toBe("Mail f\x81r\r\n");
	const narrow = await host.exec('find "Mail"', "Mail f\xfcr \x00 \xff\r\n");
	expect(narrow.stdout).toBe("Mail f\xfcr \x00 \xff\r\n");
	expect(await host.labErrors()).toEqual([]);
});

test.each(['find /x "e"', "find one", "find /c"])(
	"%s is refused with a message and recorded as a lab error",
	async (command) => {
		const before = (await host.labErrors()).length;
		const { exitCode, stderr } = await host.exec(command, input);
		expect(exitCode).toBe(2);
		expect(stderr).toMatch(/^FIND: /);
		expect(await host.labErrors()).toHaveLength(before + 1);
	},
);
