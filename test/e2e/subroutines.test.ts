// @module-tag full
import { chmod } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	SUBROUTINES,
	withSubroutines,
} from "../../src/scripts/windows/subroutines.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { Bench } from "./fixture.ts";

// The parts of the scripts that decide by what they read, each for itself in a batch file on a host. So a test can lose a
// single line, as a disk does that is full for a moment.
const bench = new Bench();
let host: LabHost;
beforeAll(async () => {
	host = await bench.host({ make: "nt4" });
	await host.exec("md %TEMP%\\dx");
});
afterAll(async () => {
	expect(await host.labErrors()).toEqual([]);
	await bench.end();
});

const SETTINGS = `@echo off
cd /d %TEMP%\\dx
set find=%SystemRoot%\\system32\\find
set reg=%SystemRoot%\\system32\\reg
set regedit=%SystemRoot%\\regedit
set registryTool=regedit
set recordKey=HKEY_LOCAL_MACHINE\\SOFTWARE\\dx-test
set exitOk=exit 0
set number=
`;

/** Writes a file of bytes in the folder of the scripts. */
async function write(name: string, text: string): Promise<void> {
	const crlf = text.replaceAll(/\r?\n/g, "\r\n");
	// Not by FIND, which would add a line end.
	await host.exec(`find /v "" >%TEMP%\\dx\\${name}`, crlf);
}

/** Runs a batch file with the subroutines that it calls. @returns the lines that it prints */
async function run(
	body: string,
	change = (text: string) => text,
): Promise<string[]> {
	const text = withSubroutines(`${SETTINGS}${body}\nexit\n`, SUBROUTINES);
	const script = change(text)
		.split("\n")
		.filter((line) => !/^rem\b/.test(line))
		.join("\n");
	await write("test.cmd", script);
	const { stdout } = await host.exec("%ComSpec% /c %TEMP%\\dx\\test.cmd");
	return stdout.split("\r\n").filter((line) => line.trim() !== "");
}

describe("a number in an answer", () => {
	const find = async (answer: string, ...numbers: number[]) => {
		await write("output.txt", answer);
		const [line] = await run(
			`call :has-number ${numbers.join(" ")}\necho found %found%`,
		);
		return line?.slice("found ".length);
	};

	// The bytes of code pages 949 (Korean), 936 (Chinese), 932 (Japanese), 850 (German) and 866 (Russian).
	it.each([
		["English", "More help is available by typing NET HELPMSG 2185.", 2185],
		["English", "System error 5 has occurred.", 5],
		["German", "Systemfehler 5 aufgetreten.", 5],
		["German", "Geben Sie NET HELPMSG 2185 ein, f\x81r Hilfe.", 2185],
		["Korean", "NET HELPMSG 2185\xc0\xbb(\xb8\xa6) \xc0\xd4", 2185],
		["Korean", "\xbd\xc3 \xbf\xc0\xb7\xf9 5\xc0\xcc(\xb0\xa1) \xbb\xfd", 5],
		["Chinese", "\xb7\xa2\xc9\xfa \xb4\xed\xce\xf3 1067\xa1\xa3", 1067],
		["Japanese", "NET HELPMSG 2185 \x82\xc6 \x93\xfc\x97\xcd", 2185],
		["Russian", "NET HELPMSG 2185\xaf", 2185],
	])("is found in %s: %j", async (_, answer, number) => {
		expect(await find(answer, 9, number, 8)).toBe(String(number));
	});

	it.each([
		["NET HELPMSG 2185", 218],
		["NET HELPMSG 2185\xc0\xbb(\xb8\xa6)", 218],
		["NET HELPMSG 2185\xc0\xbb(\xb8\xa6)", 21],
		["\xb4\xed\xce\xf3 53\xa1\xa3", 5],
		["\xb4\xed\xce\xf3 1060\xa1\xa3", 60],
		["NET HELPMSG 21850\xa1\xa3", 2185],
	])("is not found as a part of another one: %j, %i", async (answer, part) => {
		expect(await find(answer, part)).toBe("");
	});

	it("is not searched by FIND in an answer that it ends", async () => {
		await write("output.txt", "NET HELPMSG 2185 eingeben.");
		const body = "call :has-number 2184 2185\necho found %found%";
		const find = "set find=%SystemRoot%\\system32\\nosuchfind";
		expect(
			await run(body, (text) => text.replace(/^set find=.*$/m, find)),
		).toEqual(["found 2185"]);
	});

	it("is not found by a FIND that cannot start", async () => {
		await write("output.txt", "NET HELPMSG 2185\xc0\xbb");
		const body = "call :has-number 2184 2185\necho found %found%";
		const find = "set find=L:\\dead.exe";
		expect(
			await run(body, (text) => text.replace(/^set find=.*$/m, find)),
		).toEqual(["found "]);
	});
});

describe("a registry key", () => {
	const KEY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\dx-test";
	const READ = "call :read-record\necho exists %exists%";

	beforeAll(async () => {
		await host.setRegistry(KEY, "A", '"first"');
		await host.setRegistry(KEY, "Receipt", '"a long line, lost"');
		await host.setRegistry(KEY, "Bytes", `hex:${Array(60).fill("0a")}`);
		await host.setRegistry(KEY, "Z", '"last"');
		await host.setRegistry(`${KEY}\\Sub`, "Below", '"sub"');
	});

	it("is read with all its values and without those of its subkeys", async () => {
		expect(
			await run(
				`${READ}
call :has receipt has
call :has Below below
call :check A "first" same
call :check A "First" other
call :check a "first" any /i
call :get-value value.txt Z
echo %has%,%below%,%same%,%other%,%any%
type value.txt
call :print A`,
			),
		).toEqual(["exists 1", "1,,1,,1", '"last"', '"A"="first"']);
	});

	it("does not exist if there is no such key", async () => {
		expect(
			await run(READ, (text) => text.replace("\\dx-test\n", "\\nosuch\n")),
		).toEqual(["exists "]);
	});

	// The lines of the script that write the lines of the key, and what loses one of them.
	const NUMBER = /^%find% \/n .*$/m;
	it.each([
		["a value, among the numbered lines", NUMBER, 'call lossy.cmd "Receipt"'],
		[
			"the last value, among the numbered lines",
			NUMBER,
			'call lossy.cmd """Z"""',
		],
		["the end of the numbered lines", NUMBER, 'call lossy.cmd "]"'],
		[
			"the end of the export",
			/^type .*$/m,
			'%find% "R" <export.reg >export.txt',
		],
		["a value", /^>>values\.txt echo .*%%b.*$/m, 'if not "%%a"=="5" $&'],
		["the header", /^>>values\.txt echo .*%%b.*$/m, 'if not "%%a"=="3" $&'],
		["the end mark", /^>>values\.txt echo .*dx-complete$/m, "rem lost"],
	])("was not read if this was lost: %s", async (_, line, instead) => {
		await write(
			"lossy.cmd",
			`@%find% /n /v "" <export.txt >all.txt
@%find% /v %1 <all.txt >lines.txt
`,
		);
		expect(
			await run(READ, (text) => {
				expect(text).toMatch(line);
				return text.replace(line, instead);
			}),
		).toEqual(["exists "]);
	});

	it("was not read if an earlier export cannot be deleted", async () => {
		await run(READ);
		const lines = join(
			host.dir,
			"prefix/drive_c/users",
			userInfo().username,
			"Temp/dx/lines.txt",
		);
		// Windows deletes no file that is read-only.
		await chmod(lines, 0o444);
		const answer = await run(READ);
		await chmod(lines, 0o644);
		expect(answer).toEqual(["exists "]);
	});

	it("ends the work if its values cannot be opened later", async () => {
		for (const call of ["has A x", 'check A "b" x', "get-value value.txt A"])
			expect(
				await run(`${READ}\ndel values.txt\ncall :${call}\necho goes on`),
				call,
			).toEqual(["exists 1"]);
	});
});

it("files of earlier versions are cleared from the work folder", async () => {
	const files = ["data.txt", "keys.txt", "lines.txt", "3539.reg"];
	for (const name of files) await write(name, "x");
	await run("set work=%TEMP%\\dx\ncall :clear-folder");
	const { stdout } = await host.exec("dir /b %TEMP%\\dx");
	for (const name of files) expect(stdout).not.toContain(name);
});

it("a message is printed with brackets in it, and whole", async () => {
	const body = `set skip=3
set hostName=EXCH01
set step=kick
set script=messages.txt
call :say busy`;
	await write(
		"messages.txt",
		'a "\nb|\n"|\nno|x|y\nbusy|one [two] three|Four [5]\n',
	);
	expect(await run(body)).toEqual([
		"EXCH01, kick: one [two] three [busy]. Four [5]",
	]);
});
