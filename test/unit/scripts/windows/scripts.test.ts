import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { kickSteps } from "../../../../src/protocol/kick-table.ts";
import {
	message,
	type OutcomeCode,
} from "../../../../src/protocol/outcomes.ts";
import {
	parseEnforceOutput,
	parseReceipt,
} from "../../../../src/protocol/step-output.ts";
import { enforceCommands } from "../../../../src/scripts/windows/enforce.ts";
import { inspectCommands } from "../../../../src/scripts/windows/inspect.ts";
import { kickCommands } from "../../../../src/scripts/windows/kick.ts";
import {
	postOfficeCommands,
	postOfficeRecord,
} from "../../../../src/scripts/windows/post-office.ts";
import { programCommands } from "../../../../src/scripts/windows/program.ts";
import { t3DoneCommands } from "../../../../src/scripts/windows/t3-done.ts";
import { waitCommands } from "../../../../src/scripts/windows/wait.ts";

const enforce = enforceCommands({
	host: "EXCH01",
	stack: "organization/exchange-dirsync/lab",
	owner: "0123456789abcdef",
	hasCycle: true,
	onDestroy: "restore",
	verify: "0123456789abcdef",
});
const kick = kickCommands({
	host: "EXCH01",
	cycle: "cycle",
	token: "0123456789abcdef",
	type: "T1",
	onUncertain: "fail",
});

const office = {
	drive: "X",
	directory: "C:\\MAIL EXE",
	launcher: "forcedos",
	admin: "admin",
};
const program = (flag: "-t" | "-r") =>
	programCommands({
		...office,
		postOffice: "PO-HARBOR",
		record: postOfficeRecord("harbor", "PO-HARBOR"),
		program: "srvmain",
		flag,
		token: "0123456789abcdef",
		onUncertain: "fail",
	});
const guarded = kickCommands({
	host: "EXCH01",
	cycle: "cutover-harbor",
	token: "0123456789abcdef",
	type: "T2",
	onUncertain: "fail",
	awaitsT3: true,
	guards: { minutesAroundHour: 5, t3BeforeT2: true },
});
const wait = waitCommands({
	host: "PO-HARBOR",
	step: "t1Delivered",
	record: postOfficeRecord("harbor", "PO-HARBOR"),
	command: "type X:\\LOG\\RECV.LOG",
	contains: "100%",
	every: 10,
	timeout: 900,
});

const postOffice = postOfficeCommands({
	...office,
	name: "PO-HARBOR",
	cutover: "harbor",
	stack: "organization/exchange-dirsync/lab",
	mustBeFree: true,
});
const inspection = inspectCommands({
	host: "EXCH01",
	registryTool: "auto",
	id: "0a1b",
});

describe.each([
	["enforce", enforce.stdin],
	["kick", kick.stdin],
	["kick with guards", guarded.stdin],
	["post office", postOffice.stdin],
	["program that sends", program("-t").stdin],
	["program that receives", program("-r").stdin],
	["wait", wait.stdin],
	["T3 done", t3DoneCommands("EXCH01", "auto").stdin],
	["inspect", inspection.stdin],
])("the script %s", (_, script) => {
	const lines = script.split("\r\n");

	it("is ASCII with CRLF, and its last line, which occurs once, marks it as complete", () => {
		expect(script).toMatch(/^[\t\r\n\x20-\x7e]+$/);
		expect(script.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
		expect(lines.at(-1)).toBe("");
		expect(lines.at(-2)).toMatch(/^rem dx-end [0-9a-f]{6}$/);
		expect(script.split("rem dx-end")).toHaveLength(2);
	});

	it("searches for its own last line before it does anything, and returns to the loader without it", () => {
		expect(lines.slice(0, 10)).toEqual([
			"@echo off",
			"if %2==work goto work",
			"set work=%d_%",
			"set find=%SystemRoot%\\system32\\find",
			"set script=%0",
			expect.stringMatching(/^set skip=\d+$/),
			"set end=dx-end",
			'%find% "rem %end% %1" %0 >nul',
			"if errorlevel 1 goto :eof",
			"if not errorlevel 0 goto :eof",
		]);
	});

	it("treats a FIND that could not start, with a negative errorlevel, as a failure where a record decides", () => {
		const decides = /^if errorlevel [12] (goto :eof|call :end [a-z-]+)$/;
		for (const [index, line] of lines.entries()) {
			const [, then] = decides.exec(line) ?? [];
			if (then) expect(lines[index + 1]).toBe(`if not errorlevel 0 ${then}`);
		}
	});

	it("has the message of each outcome that it can print once, and no other", () => {
		const printed = [
			...script.matchAll(/call :(?:end|say|undo|close) ([a-z0-9-]+)/g),
		].map(([, code]) => code);
		const table = lines.filter((line) => /^[a-z0-9-]+\|/.test(line));
		expect(table.map((line) => line.split("|")[0]).sort()).toEqual(
			[...new Set(printed)].sort(),
		);
		for (const line of table) {
			const [code = "", problem, remedy] = line.split("|");
			expect(`EXCH01, kick: ${problem} [${code}, Windows 5]. ${remedy}`).toBe(
				message("EXCH01", "kick", code as OutcomeCode, ", Windows 5"),
			);
		}
	});

	it("uses only what NT 4's cmd.exe supports", () => {
		expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1000);
		expect(script).not.toMatch(
			/exit \/b|set \/p|setlocal|usebackq|%~|%RANDOM%|%TIME%|%DATE%|\b(timeout|taskkill|sc|where|wmic) /i,
		);
	});

	it("has a number after EXIT only in the two variables that lack it on NT 4", () => {
		expect(lines.filter((line) => /\bexit \d/.test(line))).toEqual([
			"set exitOk=exit 0",
			"set exitFailed=exit 1",
		]);
		expect(lines.filter((line) => line.includes("%CD%"))).toEqual([
			'if "%CD%"=="" set exitOk=exit',
			'if "%CD%"=="" set exitFailed=exit',
		]);
	});

	it("uses only == inside FOR, since NT 4 reportedly misjudges other comparisons", () => {
		const inside = lines.filter((line) => /^for\b|do \(?if\b/.test(line));
		expect(
			inside.filter((line) => /\b(LSS|LEQ|GTR|GEQ|EQU|NEQ)\b/i.test(line)),
		).toEqual([]);
	});

	it("has labels that differ in their first eight characters, since GOTO compares no more", () => {
		const short = lines
			.filter((line) => line.startsWith(":"))
			.map((line) => line.slice(1, 9).toLowerCase());
		expect(short.filter((label, at) => short.indexOf(label) !== at)).toEqual(
			[],
		);
	});

	it("calls Windows' programs by their full names: others may precede them on PATH", () => {
		const bare =
			/(?:^|[&(]|\bdo |\belse |errorlevel \d |start (?:\/wait |"" \/b ))(find|net|ping|reg|regedit|cmd|rundll32|sc)(?:\.exe)? /i;
		expect(lines.filter((line) => bare.test(line))).toEqual([]);
	});

	it("uses full file names until the current folder has been checked", () => {
		const start = lines.slice(0, lines.indexOf(":work"));
		const files = start.flatMap((line) => [
			...line.matchAll(
				/(?<![%\w\\])(?!%work%\.cmd)[\w%]+\.(?:txt|reg|cmd|inf)\b/g,
			),
		]);
		expect(files.map(([file]) => file)).toEqual([]);
		expect(
			lines.slice(lines.indexOf(":work"), lines.indexOf(":work") + 4),
		).toEqual([
			":work",
			"cd /d %work%",
			"call :check-folder",
			"if defined wrongFolder call :end wrong-folder",
		]);
	});

	it("deletes no file by a pattern", () => {
		expect(lines.filter((line) => /\bdel\b.*[*?]/.test(line))).toEqual([]);
	});

	it("checks the exit code directly after the program, and every FOR over foreign text handles ;", () => {
		for (const [index, line] of lines.entries())
			if (/2>%work%\\errors\.txt$/.test(line))
				expect(lines[index + 1]).toMatch(/^if errorlevel 9009 /);
		const overForeign = lines.filter((line) =>
			/^for \/f "tokens=1-25/.test(line),
		);
		for (const line of overForeign) expect(line).toContain("[]; ");
	});

	it("has no two variables that differ only in case, which cmd.exe ignores", () => {
		const names = new Set(
			[...script.matchAll(/\bset (?:\/a )?(\w+)=/g)].map(
				([, name]) => name as string,
			),
		);
		expect(names.size).toBeGreaterThan(5);
		expect(new Set([...names].map((name) => name.toLowerCase())).size).toBe(
			names.size,
		);
	});

	it("passes a file name to FIND, since a failed redirection would keep the earlier errorlevel", () => {
		const judged = lines.filter((line, index) =>
			/if (not )?errorlevel/.test(`${line}&${lines[index + 1] ?? ""}`),
		);
		const redirected = judged.filter((line) => /%find% .*<\w.*>nul/.test(line));
		// The file exists, and FIND would treat the backslash as part of the next word.
		expect(redirected.filter((line) => !line.includes("<value.txt"))).toEqual(
			[],
		);
	});

	it("has one line for each reason why it was not run, for the loader only", () => {
		for (const [words, code] of [
			["sy]", "busy"],
			["ock]", "no-lock"],
		] as const) {
			const found = lines.filter((line) => line.includes(words));
			expect(found).toHaveLength(1);
			expect(found[0]).toContain(`[${code}]`);
		}
	});

	it("jumps only to labels that exist", () => {
		const labels = new Set(
			lines.filter((line) => line.startsWith(":")).map((line) => line.slice(1)),
		);
		const targets = [...script.matchAll(/(?:goto :?|call :)([a-z0-9-]+)/g)]
			.map(([, target]) => target)
			.filter((target) => target !== "eof");
		expect(targets.length).toBeGreaterThan(10);
		expect(targets.filter((target) => !labels.has(target as string))).toEqual(
			[],
		);
		expect(
			[...labels].filter(
				(label) => lines.filter((line) => line === `:${label}`).length > 1,
			),
		).toEqual([]);
	});

	it("has no unused label", () => {
		const labels = lines
			.filter((line) => line.startsWith(":"))
			.map((line) => line.slice(1));
		expect(
			labels.filter(
				(label) => !new RegExp(`(goto|call) :?${label}\\b(?!-)`).test(script),
			),
		).toEqual([]);
	});
});

it("the check of a post office has the usual time limit, and IMPORT in the same script has hours", () => {
	expect(postOffice.stdin).toContain(
		"\r\nset secondsLeft=180\r\nif %2==import set secondsLeft=28800\r\n",
	);
	expect(program("-t").stdin).toContain("\r\nset secondsLeft=28800\r\n");
});

it("the number of lines before the messages is set once, and no text of a user is changed", () => {
	const command = "type X:\\LOG\\@lines.log & set skip=";
	const { stdin } = waitCommands({
		...{ host: "PO-HARBOR", step: "t1Delivered", command, contains: "x" },
		record: postOfficeRecord("harbor", "PO-HARBOR"),
		...{ every: 10, timeout: 900 },
	});
	const lines = stdin.split("\r\n");
	expect(lines).toContain(command);
	const [, skip] = /\r\nset skip=(\d+)\r\n/.exec(stdin) ?? [];
	expect(lines[Number(skip)]).toMatch(/^[a-z-]+\|/);
	expect(lines[Number(skip) - 1]).not.toMatch(/^[a-z-]+\|/);
});

describe("the script of an inspection", () => {
	it("has nothing that writes to the registry or sends a control", () => {
		const programs = [
			...inspection.stdin.matchAll(
				/^.*(?<!\.)\b(?:net|reg|regedit|rundll32|sc\.exe)\b.*$/gm,
			),
		].map(([line]) => line.trim());
		expect(programs).toEqual([
			// These set the names of the programs and detect the registry tool.
			"set net=%SystemRoot%\\system32\\net",
			"set reg=%SystemRoot%\\system32\\reg",
			"set regedit=%SystemRoot%\\regedit",
			"set registryTool=regedit",
			"%reg% query %serviceKey% /v Start >output.txt",
			'for /f "tokens=2" %%t in (output.txt) do if %%t==REG_DWORD set registryTool=reg',
			"%net% start >output.txt 2>&1",
			"if exist %SystemRoot%\\system32\\sc.exe %SystemRoot%\\system32\\sc.exe query MSExchangeDX >state.txt 2>&1",
			"if %registryTool%==reg goto export-own",
			"if %registryTool%==reg %reg% export %1 export.reg >nul",
			"if %registryTool%==regedit start /wait %regedit% /e export.reg %1",
		]);
		expect(inspection.stdin).not.toContain("%regImport% ");
	});

	it("uses a work folder of its own", () => {
		expect(inspection.command).toContain("set d_=%SystemRoot%\\dx-check-0a1b&");
		expect(inspection.command).not.toContain("dx-work");
	});
});

describe("the script of a kick", () => {
	it("does not treat a record that was not read completely, or a failure of FIND, as 'not found' where that would lead to a kick", () => {
		const step = kick.stdin
			.split("\r\n:inspect\r\n")[1]
			?.split(/\r\n:(?!new-triggers)/)[0]
			?.split("\r\n");
		const asked = step?.flatMap((line, index) =>
			line.startsWith("%find% ") && line.endsWith(" values.txt >nul")
				? [step[index + 1]]
				: [],
		);
		expect(asked).toEqual(
			Array(3).fill("if errorlevel 2 call :end record-not-written"),
		);
		expect(step?.[0]).toBe(
			"if not defined exists call :end record-not-written",
		);
	});

	const variants = (["fail", "retry", "accept"] as const).flatMap(
		(onUncertain) =>
			[0, 5].map(
				(minutesAroundHour) =>
					kickCommands({
						...{ host: "EXCH01", cycle: "cycle", token: "0123456789abcdef" },
						...{ type: "T1" as const, onUncertain },
						guards: { minutesAroundHour, t3BeforeT2: minutesAroundHour > 0 },
					}).stdin,
			),
	);

	it.each(Object.entries(kickSteps))(
		"continues from %s with the steps of the table and no others",
		(step, row) => {
			const within = ["new-triggers", "stop-refused", "start-refused"];
			const targets = new Set<string>();
			for (const script of variants) {
				const [, from] = script.split(`\r\n:${step}\r\n`);
				if (from === undefined) continue;
				const own = from
					.split(/\r\n:/)
					.filter((_, index, parts) =>
						parts
							.slice(1, index + 1)
							.every((part) => within.some((label) => part.startsWith(label))),
					)
					.join("\r\n");
				for (const [, target = ""] of own.matchAll(
					/(?:goto|call :(?:end|close)) ([a-z0-9-]+)/g,
				))
					targets.add(target);
				expect(own.trim()).toMatch(/(goto|call :(end|close)) [a-z0-9-]+$/);
			}
			// No other run can take over this lock, since it is an open file.
			const { taken: _, ...possible } = row as Record<string, string>;
			for (const label of [...within, "print-receipt"]) targets.delete(label);
			expect(targets).toEqual(new Set(Object.values(possible)));
		},
	);
});

describe("the loader", () => {
	const at = "2026-11-29T16:25:00Z";
	const all: Record<string, string> = {
		create: enforce.create,
		kick: kick.create(at),
		"post office": postOffice.create("0123456789abcdef"),
		program: program("-t").create(at),
		wait: wait.create(at),
		"T3 done": t3DoneCommands("EXCH01", "auto").create(at),
		inspection: inspection.command,
		import: postOffice.import.create(at),
	};

	it.each(Object.entries(all))(
		"of %s is one line of at most 400 characters: the plugin shows it before each message",
		(_, command) => {
			expect(command).toMatch(/^[\x20-\x7e]{1,400}$/);
			expect(command).not.toMatch(/\[[a-z-]+\]/);
		},
	);

	it("calls its own script by its name", () => {
		const name = (script: string) =>
			script.trimEnd().split("\r\n").at(-1)?.slice("rem dx-end ".length);
		expect(enforce.create).toContain(
			`call %d_%.cmd ${name(enforce.stdin)} create^&`,
		);
		expect(kick.update).toContain(`call %d_%.cmd ${name(kick.stdin)} update^&`);
		expect(postOffice.import.create(at)).toContain(
			`call %c_% ${name(postOffice.stdin)} import ${at})^&`,
		);
		expect(name(kick.stdin)).not.toBe(name(enforce.stdin));
	});

	it("differs between verbs only in the verb", () => {
		expect(enforce.create.replace(" create^", " update^")).toBe(enforce.update);
		expect(enforce.create.replace(" create^", " delete^")).toBe(enforce.delete);
	});

	it.each(["dash", "bash"])(
		"reports that %s is the shell of the server, and leaves no file there",
		async (shell) => {
			const home = await mkdtemp(join(tmpdir(), "dirsync-shell-"));
			try {
				for (const [name, command] of Object.entries(all)) {
					if (name === "import") continue;
					const { all, exitCode } = await execa(shell, ["-c", command], {
						...{ all: true, cwd: home, reject: false },
						input: enforce.stdin,
					});
					expect(all).toBe("[use-cmd-exe]");
					expect(exitCode).toBe(1);
				}
				expect(await readdir(home)).toEqual([]);
			} finally {
				await rm(home, { recursive: true });
			}
		},
	);
});

describe("what the scripts print", () => {
	it("is parsed with CRLF and with LF", () => {
		expect(
			parseEnforceOutput(
				"EXCH01",
				"before: absent\r\nPauseKicksDX is 1, service restarted: yes\r\n",
			),
		).toEqual({ previous: "absent", restarted: true });
		expect(
			parseEnforceOutput(
				"EXCH01",
				"before: dword:00000007\nPauseKicksDX is 1, service restarted: no",
			),
		).toEqual({ previous: "REG_DWORD 7", restarted: false });
		// The plugin removes the last line feed and leaves the carriage return.
		expect(
			parseEnforceOutput(
				"EXCH01",
				"before: absent\r\nPauseKicksDX is 1, service restarted: yes\r",
			),
		).toEqual({ previous: "absent", restarted: true });
	});

	it("is an error if it cannot be parsed", () => {
		expect(() => parseEnforceOutput("EXCH01", "")).toThrow("[not-understood]");
		expect(() => parseReceipt("EXCH01", "T1 started")).toThrow(
			"[not-understood]",
		);
	});

	it("contains the receipt as stored in the registry", () => {
		expect(
			parseReceipt(
				"EXCH01",
				'"Receipt.cycle"="dx-done:cycle 0123 2026-11-22T16:00:00Z answered NET HELPMSG 3539;"\r\nT1 started',
			),
		).toEqual({
			kickedAt: "2026-11-22T16:00:00Z",
			evidence: "answered NET HELPMSG 3539",
		});
	});
});
