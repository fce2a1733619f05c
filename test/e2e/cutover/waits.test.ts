// @module-tag full
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
	type WaitOptions,
	waitCommands,
} from "../../../src/scripts/windows/wait.ts";
import { CUTOVER_FIELDS } from "../../../src/validation/cutover-schema.ts";
import type { LabHost } from "../../lab/host.ts";
import { addPostOffice, type PostOffice } from "../../lab/post-office.ts";
import { Bench } from "../fixture.ts";

// Waits on a host without the engine, and the unchanged recipes of docs/cutover.md.
const bench = new Bench();
let host: LabHost;
let office: PostOffice;
beforeAll(async () => {
	host = await bench.host({ running: false, make: "nt4" });
	office = await addPostOffice(host, {
		name: "PO-HARBOR",
		role: "server",
		drive: "X",
		password: "lab",
	});
});
afterAll(() => bench.end());

const waitFor = async (options: Partial<WaitOptions>) => {
	const { stdin, create } = waitCommands({
		...{ host: "PO-HARBOR", step: "t1Delivered", command: "echo yes" },
		record: "HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync-harbor-PO-HARBOR",
		...{ contains: "yes", every: 1, timeout: 3 },
		...options,
	});
	const began = Date.now();
	const { stdout } = await host.exec(create("1999-03-01T22:00:00Z"), stdin);
	return { stdout, seconds: (Date.now() - began) / 1000 };
};

describe("a wait", () => {
	it("that times out prints the last output of its command", async () => {
		const { stdout } = await waitFor({ command: "echo not yet" });
		expect(stdout).toMatch(
			/\[wait-timeout\].*\r\nThe command last printed:\r\nnot yet\r\n/,
		);
	});

	it("that times out reports that its command printed nothing", async () => {
		const { stdout } = await waitFor({ command: "cmd /c rem" });
		expect(stdout).toMatch(
			/\[wait-timeout\].*\r\nThe command last printed nothing/,
		);
	});

	it("times out as configured even if its command is slow", async () => {
		const { stdout, seconds } = await waitFor({
			...{ command: "ping -n 5 127.0.0.1 >nul&echo not yet", timeout: 8 },
		});
		expect(stdout).toContain("[wait-timeout]");
		expect(seconds).toBeLessThan(20);
	});

	it("reads the output of a command that changes the current folder", async () => {
		const { stdout } = await waitFor({ command: "cd /d X:\\LOG&echo yes" });
		expect(stdout).toMatch(/\r\nyes\r\n/);
	});
});

/** The recipes of docs/cutover.md, by the program that each begins with. */
const recipes = async () => {
	const page = await readFile(
		join(import.meta.dirname, "../../../docs/cutover.md"),
		"utf8",
	);
	const [, text = ""] =
		/Recipes for waits.*?```yaml\n(.*?)```/s.exec(page) ?? [];
	const waits = Object.values(parse(text)) as Record<string, string>[];
	return new Map(waits.map((wait) => [wait.command?.split(" ")[0], wait]));
};

describe("the recipe in docs/cutover.md", () => {
	it.each([
		["type", () => writeLog()],
		["find", () => writeMail()],
		["dumpel", () => placeDumpel()],
	])(
		"with %s is a valid wait, times out before the event and ends after it",
		async (program, happen) => {
			const recipe = (await recipes()).get(program) as Record<string, string>;
			const parsed = CUTOVER_FIELDS.waits.parse({
				...{ t1Delivered: recipe, t2Delivered: recipe },
			}).t1Delivered;
			const { command, contains } = parsed as Required<typeof parsed>;
			const soon = { every: 1, timeout: 2 };
			const { stdout: early } = await waitFor({ command, contains, ...soon });
			expect(early).toContain("[wait-timeout]");
			await happen();
			const { stdout } = await waitFor({ command, contains, ...soon });
			expect(stdout).toMatch(/^took about \d+ s\r\nbegan /);
			expect(stdout).toContain(contains);
		},
	);
});

const writeLog = () =>
	writeFile(
		join(office.dir, "LOG/RECV.LOG"),
		"1999-03-01 22:01:00 from EXCH01 (ORG/SITE/SYSTEM1) ReqTx\r\n",
	);

/** Writes one header of the mailbag, which has 116 bytes (Q148705). */
const writeMail = () => writeFile(office.mailbag, Buffer.alloc(116, 1));

/** This dumpel prints a record as in Q129266: date, time, type, category, number, user, source, computer, texts. */
const placeDumpel = () =>
	writeFile(
		join(host.dir, "prefix/drive_c/windows/system32/dumpel.cmd"),
		[
			"@echo off",
			'if not "%1 %2 %3"=="-l application -m" goto :eof',
			'if not %4=="PC MTA" goto :eof',
			'if not "%5 %6"=="-e 4355" goto :eof',
			"echo 3/1/99\t10:01:00 PM\t4\t2\t4355\tN/A\tPC MTA\tEXCH01\tORG/SITE/SYSTEM1 NET/PO-HARBOR/$SYSTEM",
			"",
		].join("\r\n"),
	);
