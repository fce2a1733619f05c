import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { kickSteps } from "../../../../src/protocol/kick-table.ts";
import { message } from "../../../../src/protocol/outcomes.ts";
import {
	parseEnforceOutput,
	parseReceipt,
	parseStepOutput,
	T3_DONE,
} from "../../../../src/protocol/step-output.ts";
import { sambaEnforceCommands } from "../../../../src/scripts/samba/enforce.ts";
import { sambaInspectCommands } from "../../../../src/scripts/samba/inspect.ts";
import { sambaKickCommands } from "../../../../src/scripts/samba/kick.ts";
import { loginLines } from "../../../../src/scripts/samba/shell.ts";
import { sambaT3DoneCommands } from "../../../../src/scripts/samba/t3-done.ts";

const AT = "2026-11-25T16:38:20Z";
const kick = sambaKickCommands(
	{
		host: "EXCH02",
		cycle: "cycle",
		token: "0123456789abcdef",
		type: "T2",
		onUncertain: "fail",
		awaitsT3: true,
		guards: { minutesAroundHour: 5, t3BeforeT2: true },
	},
	{ legacy: true },
);
const enforce = sambaEnforceCommands(
	{
		host: "EXCH02",
		stack: "organization/exchange-dirsync/lab",
		owner: "0123456789abcdef",
		hasCycle: true,
		onDestroy: "restore",
		verify: "0123456789abcdef",
	},
	{ legacy: false },
);
const t3 = sambaT3DoneCommands("EXCH02", { legacy: false });
const inspection = sambaInspectCommands("EXCH02", false);
const login = loginLines("SITE\\Administrator", "pass 'word", "10.0.0.9", 445);

describe.each([
	["kick", kick.stdin],
	["enforcement", enforce.stdin],
	["T3 done", t3.stdin],
	["inspect", inspection.stdin],
])("the script of a %s", (_, stdin) => {
	it.each([
		["dash", "-n"],
		["bash", "--posix", "-n"],
	])("is valid in %s", async (shell, ...args) => {
		const { stderr } = await execa(shell, args, { input: stdin });
		expect(stderr).toBe("");
	});

	it("passes shellcheck as POSIX sh, with the variables that the loader sets", async () => {
		const { stdout } = await execa(
			"shellcheck",
			// Functions that only some of the scripts call.
			["-s", "sh", "-e", "SC2317", "-"],
			{
				input: `user=$1 password=$2 address=$3 port=$4\n: "$user$password$address$port"\n${stdin}`,
				reject: false,
			},
		);
		expect(stdout).toBe("");
	});

	it("is small, since the state contains it twice", () => {
		expect(stdin.length).toBeLessThan(21_000);
	});
});

describe("the script of a kick", () => {
	it.each(Object.entries(kickSteps))(
		"continues from %s with the steps of the table and no others",
		(step, whole) => {
			// This script has no files on the host.
			const { "no-files": _, ...row } = whole as Record<string, string>;
			const steps = Object.keys(kickSteps);
			const next = steps[steps.indexOf(step) + 1] ?? "started";
			const own = kick.stdin.split(`\n${step})\n`)[1]?.split(`\n${next})`)[0];
			const targets = [
				...(own ?? "").matchAll(/\bnext=(?:\$\{next:-)?([a-z0-9-]+)/g),
			]
				.map(([, target]) => target)
				.filter((target) => target !== "print");
			// The failures of a restart are set in its function.
			const all = [...kick.stdin.matchAll(/\bnext=(?:\$\{next:-)?([a-z-]+)/g)];
			const restart = step === "restart" ? all.map(([, to]) => to) : targets;
			expect(restart).toEqual(expect.arrayContaining(Object.values(row)));
			for (const target of targets)
				expect(Object.values(row)).toContain(target);
		},
	);

	it("uses SMB1 and NTLM for NT 4 only", () => {
		expect(kick.stdin).toContain("--option='client max protocol=NT1'");
		expect(kick.stdin).toContain('-S EXCH02 -I "$address"');
		expect(enforce.stdin).toContain("--option='client min protocol=SMB2_02'");
		expect(enforce.stdin).toContain("--option='client ntlmv2 auth=yes'");
		expect(enforce.stdin).not.toMatch(/NT1|spnego/);
	});
});

describe("the command", () => {
	const run = (input: string, command = kick.create(AT), shell = "sh") =>
		execa(shell, ["-c", command], {
			input,
			all: true,
			reject: false,
			env: { PATH: "/nowhere" },
		});

	it.each(["dash", "bash"])(
		"reports in %s that a script is incomplete, and runs no part of it",
		async (shell) => {
			const path = (await execa("which", [shell])).stdout;
			for (const part of [0, 1, 100, login.length + 500, -20]) {
				const { all, exitCode } = await execa(path, ["-c", kick.create(AT)], {
					input: (login + kick.stdin).slice(0, part),
					all: true,
					reject: false,
				});
				expect(all).toBe(message("EXCH02", "kick", "incomplete"));
				expect(exitCode).toBe(1);
			}
		},
	);

	it("reports that net is missing", async () => {
		const path = (await execa("which", ["sh"])).stdout;
		const { all, exitCode } = await run(
			login + kick.stdin,
			kick
				.create(AT)
				.replace(/^sh /, `${path} `)
				.replaceAll("$(cat)", "$(/bin/cat)"),
			path,
		);
		expect(all).toContain(message("EXCH02", "kick", "no-net"));
		expect(exitCode).toBe(1);
	});

	it("does not contain its own code as in a message: the plugin shows it with every failure", () => {
		expect(kick.create(AT)).not.toContain("[incomplete]");
	});
});

it("the output is parsed like that of other hosts", () => {
	expect(
		parseReceipt(
			"EXCH02",
			`took about 2 s\n"Receipt.cycle"="dx-done:cycle 0123 ${AT} net rpc service pause was accepted;"\nT1 started`,
		),
	).toEqual({ kickedAt: AT, evidence: "net rpc service pause was accepted" });
	expect(
		parseEnforceOutput(
			"EXCH02",
			"took about 1 s\nbefore: dword:00000000\nPauseKicksDX is 1, service restarted: yes\n",
		),
	).toEqual({ previous: "REG_DWORD 0", restarted: true });
	expect(parseStepOutput(`took about 3 s\nbegan ${AT}\n${T3_DONE}\n`)).toEqual({
		start: AT,
		end: "2026-11-25T16:38:23Z",
		evidence: T3_DONE,
	});
});
