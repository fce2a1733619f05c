import {
	chmod,
	copyFile,
	mkdtemp,
	readFile,
	rename,
	rm,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bundleCli } from "../bundle.ts";
import {
	configOf,
	eventsOf,
	exportOf,
	failed,
	logOf,
	MISMATCH,
	PROGRAM,
	WHOLE,
} from "./fixture.ts";

// The command line, run in a folder with a fake `pulumi` that knows some stacks and records its arguments.
const ROOT = join(import.meta.dirname, "../../../..");
let dir: string;

const PULUMI = `#!/bin/sh
echo "$*" >>asked.txt
about() { echo '{"currentStack":{"fullyQualifiedName":"organization/'$1'/lab"}}'; }
case "$*" in
"about "*"--stack own/lab"*) about bay;;
"about "*"--stack moved"*) about migration;;
"about "*"--stack nope"*) echo '{"currentStack":null}';;
"about "*) about exchange-dirsync;;
esac
case "$*" in
"about "*) exit;;
"stack export"*"--stack own/lab"*) cat own-export.json;;
"stack export"*"--stack "*lab*) cat export.json;;
"stack export --stack bare"*|"stack export --stack moved"*) echo '{"version":3,"deployment":{}}';;
"stack export --stack odd"*) echo 'hello';;
"stack export --stack broken"*) echo 'error: the state is locked' >&2; exit 255;;
config*"--stack own/lab"*) echo '{}';;
config*"--stack "*lab*|config*"--stack moved"*) cat config.json;;
config*) echo '{}';;
*) echo "error: no stack named 'nope' found" >&2; exit 255;;
esac
`;

beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-report-"));
	await bundleCli(join(dir, "main.cjs"));
	await writeFile(join(dir, "pulumi"), PULUMI);
	await chmod(join(dir, "pulumi"), 0o755);
	await writeFile(
		join(dir, "export.json"),
		JSON.stringify(exportOf(WHOLE.slice(0, 4))),
	);
	await writeFile(
		join(dir, "own-export.json"),
		JSON.stringify(exportOf(WHOLE.slice(0, 1), PROGRAM)),
	);
	await writeFile(join(dir, "config.json"), JSON.stringify(configOf()));
	const log = logOf({ "harbor-PO-HARBOR-srvmain-r": failed(MISMATCH) });
	await writeFile(join(dir, "up.log"), log);
	await writeFile(join(dir, "powershell.log"), `\ufeff${log}`, "utf16le");
	await writeFile(join(dir, "other.log"), logOf({}, "other"));
	const events = eventsOf("failed");
	await writeFile(join(dir, "up.jsonl"), events);
	await writeFile(join(dir, "powershell.jsonl"), `\ufeff${events}`, "utf16le");
	await writeFile(
		join(dir, "other.jsonl"),
		events.replaceAll("urn:pulumi:lab:", "urn:pulumi:other:"),
	);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const report = (args: string[], path = `${dir}:/usr/bin:/bin`) =>
	execa(process.execPath, ["main.cjs", "report", ...args], {
		cwd: dir,
		env: { PATH: path, NODE_PATH: join(ROOT, "node_modules") },
		extendEnv: false,
		reject: false,
	});

it("writes the page, prints its path, and requests no secret", async () => {
	const run = await report(["--stack", "lab"]);
	expect(run).toMatchObject({
		exitCode: 0,
		stdout: "cutover-report-lab.html",
		stderr: "",
	});
	const page = await readFile(join(dir, run.stdout), "utf8");
	expect(page).toContain("Cutover report: lab");
	const asked = await readFile(join(dir, "asked.txt"), "utf8");
	expect(asked.trim().split("\n").sort()).toEqual([
		"about --json --stack lab --non-interactive",
		"config --json --stack lab --non-interactive",
		"stack export --stack lab --non-interactive",
	]);
});

it.each(["up.log", "powershell.log"])("reads %s", async (log) => {
	const args = ["--stack", "acme/lab", "--log", log, "--out", "out.html"];
	expect(await report(args)).toMatchObject({ exitCode: 0, stdout: "out.html" });
	expect(await readFile(join(dir, "out.html"), "utf8")).toContain("number 156");
});

it.each(["up.jsonl", "powershell.jsonl"])(
	"reads %s, for a program without our configuration",
	async (file) => {
		const args = ["-s", "own/lab", "--event-log", file, "--out", "own.html"];
		expect(await report(args)).toMatchObject({
			exitCode: 0,
			stdout: "own.html",
		});
		const page = await readFile(join(dir, "own.html"), "utf8");
		expect(page).toContain("Stopped at PO-PIER, reqmain -t.");
		expect(page).toContain("passwords of requestor and server differ");
	},
);

it.each([
	[["--stack", "nope"], /no stack nope here: pulumi stack ls lists/],
	[["--stack", "bare"], /Stack bare has no cutovers: declare one/],
	[
		["--stack", "moved"],
		/^The configuration has exchange-dirsync:hosts, but this project reads migration:hosts: .* Rename the keys/,
	],
	[["--stack", "odd"], /did not print JSON/],
	[["--stack", "broken"], /failed: error: the state is locked/],
	[["--stack", "lab", "--log", "gone.log"], /log gone.log could not be read/],
	[["--stack", "lab", "--log", "other.log"], /is of stack other, not of lab/],
	[
		["--stack", "lab", "--event-log", "gone.jsonl"],
		/log gone.jsonl could not be read \(ENOENT\): --event-log takes/,
	],
	[["--stack", "lab", "--event-log", "up.log"], /up.log has no events of an/],
	[
		["--stack", "lab", "--event-log", "other.jsonl"],
		/is of stack other, not of lab/,
	],
	[["--stack", "lab", "--out", "gone/x.html"], /could not be written to gone/],
])("%j leads to a message of one line", async (args, says) => {
	const { exitCode, stdout, stderr } = await report(args);
	expect(stderr).toMatch(says);
	expect(stderr).not.toContain("\n");
	expect([exitCode, stdout]).toEqual([1, ""]);
});

describe("--watch", () => {
	it("waits for the event log, survives a failure of pulumi, and ends with Ctrl-C", async () => {
		const state = join(dir, "own-export.json");
		await copyFile(state, join(dir, "kept.json"));
		const args = ["-s", "own/lab", "--watch", "--event-log", "new.jsonl"];
		const run = report(args);
		const { value: url } = await run.iterable().next();
		const page = async () => (await fetch(String(url))).text();
		expect(await page()).toContain("Waiting for events of an update in new");
		await writeFile(state, "a lock");
		await copyFile(join(dir, "up.jsonl"), join(dir, "new.jsonl"));
		await vi.waitFor(
			async () =>
				expect(await page()).toMatch(
					/Not up to date since [\d:]+: pulumi stack export did not print JSON.*Stopped at PO-PIER, reqmain -t\./s,
				),
			{ timeout: 20_000, interval: 100 },
		);
		await rename(join(dir, "kept.json"), state);
		run.kill("SIGINT");
		expect(await run).toMatchObject({
			exitCode: 0,
			stdout: url,
			stderr: expect.stringMatching(
				/^Waiting for events .* in new.jsonl. To write them: PULUMI_DEBUG_COMMANDS=true pulumi up .*\npulumi stack export did not print JSON.*$/,
			),
		});
	});

	it("waits for the first run of a cutover that only a program declares", async () => {
		const run = report(["-s", "bare", "--watch"]);
		const { value: url } = await run.iterable().next();
		const page = await (await fetch(String(url))).text();
		expect(page).toContain("Stack bare has no cutovers: declare one");
		expect(page).toContain("Without --event-log this page follows the state");
		expect(page).not.toContain("State as of");
		run.kill("SIGTERM");
		expect(await run).toMatchObject({
			exitCode: 0,
			stderr: expect.stringMatching(/^Stack bare has no cutovers: .*$/),
		});
	});

	it.each([
		[["--stack", "nope"], /no stack nope here/],
		[
			["--stack", "lab", "--event-log", "other.jsonl"],
			/is of stack other, not of lab/,
		],
		[["--stack", "lab", "--event-log", "."], /could not be read \(EISDIR\)/],
		[
			["--stack", "lab", "--log", "up.log"],
			/'--watch' cannot be used with option '--log <file>'/,
		],
		[
			["--stack", "lab", "--out", "x.html"],
			/'--watch' cannot be used with option '--out <file>'/,
		],
	])("with %j does not start", async (args, says) => {
		const { exitCode, stdout, stderr } = await report([...args, "--watch"]);
		expect(stderr).toMatch(says);
		expect([exitCode, stdout]).toEqual([1, ""]);
	});
});

it("a missing pulumi on PATH leads to a message of one line", async () => {
	const { exitCode, stderr } = await report(["--stack", "lab"], join(dir, "x"));
	expect(stderr).toMatch(/^There is no pulumi on PATH: install .*$/);
	expect(exitCode).toBe(1);
});

it.each([
	[[], /required option '-s, --stack <name>' not specified/],
	[["--stack"], /option '-s, --stack <name>' argument missing/],
	[["--stack", "lab", "--lgo", "x"], /unknown option '--lgo'/],
	[["--stack", "lab", "x"], /too many arguments/],
	[
		["--stack", "lab", "--log", "up.log", "--event-log", "up.jsonl"],
		/'--event-log <file>' cannot be used with option '--log <file>'/,
	],
])("%j is a usage error", async (args, says) => {
	const { exitCode, stderr } = await report(args);
	expect(stderr).toMatch(says);
	expect(exitCode).toBe(1);
});
