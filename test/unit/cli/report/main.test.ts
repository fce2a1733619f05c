import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
	configOf,
	exportOf,
	failed,
	logOf,
	MISMATCH,
	WHOLE,
} from "./fixture.ts";

// The command line, run in a folder with a fake `pulumi` that knows some stacks and records its arguments.
let dir: string;

const PULUMI = `#!/bin/sh
echo "$*" >>asked.txt
case "$*" in
"stack export"*"--stack "*lab*) cat export.json;;
"stack export --stack bare"*) echo '{"version":3,"deployment":{}}';;
"stack export --stack odd"*) echo 'hello';;
"stack export --stack broken"*) echo 'error: the state is locked' >&2; exit 255;;
config*"--stack "*lab*) cat config.json;;
config*) echo '{}';;
*) echo "error: no stack named 'nope' found" >&2; exit 255;;
esac
`;

beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-report-"));
	await build({
		entryPoints: [
			join(import.meta.dirname, "../../../../src/cli/report/main.ts"),
		],
		bundle: true,
		platform: "node",
		format: "cjs",
		outfile: join(dir, "main.cjs"),
		// Only needed for encrypted keys, which a report never reads.
		external: ["ssh2"],
		logLevel: "error",
	});
	await writeFile(join(dir, "pulumi"), PULUMI);
	await chmod(join(dir, "pulumi"), 0o755);
	await writeFile(
		join(dir, "export.json"),
		JSON.stringify(exportOf(WHOLE.slice(0, 4))),
	);
	await writeFile(join(dir, "config.json"), JSON.stringify(configOf()));
	const log = logOf({ "harbor-PO-HARBOR-srvmain-r": failed(MISMATCH) });
	await writeFile(join(dir, "up.log"), log);
	await writeFile(join(dir, "powershell.log"), `\ufeff${log}`, "utf16le");
	await writeFile(join(dir, "other.log"), logOf({}, "other"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const report = (args: string[], path = `${dir}:/usr/bin:/bin`) =>
	execa(process.execPath, ["main.cjs", ...args], {
		cwd: dir,
		env: { PATH: path },
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
	expect(asked.trim().split("\n")).toEqual([
		"stack export --stack lab --non-interactive",
		"config --json --stack lab --non-interactive",
	]);
});

it.each(["up.log", "powershell.log"])("reads %s", async (log) => {
	const args = ["--stack", "acme/lab", "--log", log, "--out", "out.html"];
	expect(await report(args)).toMatchObject({ exitCode: 0, stdout: "out.html" });
	expect(await readFile(join(dir, "out.html"), "utf8")).toContain("number 156");
});

it.each([
	[["--stack", "nope"], /no stack nope here: pulumi stack ls lists/],
	[["--stack", "bare"], /Stack bare has no cutovers: declare one/],
	[["--stack", "odd"], /did not print JSON/],
	[["--stack", "broken"], /failed: error: the state is locked/],
	[["--stack", "lab", "--log", "gone.log"], /log gone.log could not be read/],
	[["--stack", "lab", "--log", "other.log"], /is of stack other, not of lab/],
	[["--stack", "lab", "--out", "gone/x.html"], /could not be written to gone/],
])("%j leads to a message of one line", async (args, says) => {
	const { exitCode, stdout, stderr } = await report(args);
	expect(stderr).toMatch(says);
	expect(stderr).not.toContain("\n");
	expect([exitCode, stdout]).toEqual([1, ""]);
});

it("a missing pulumi on PATH leads to a message of one line", async () => {
	const { exitCode, stderr } = await report(["--stack", "lab"], join(dir, "x"));
	expect(stderr).toMatch(/^There is no pulumi on PATH: install .*$/);
	expect(exitCode).toBe(1);
});

it.each([[[]], [["--stack"]], [["--stack", "lab", "--lgo", "x"]], [["lab"]]])(
	"%j prints the usage",
	async (args) => {
		const { exitCode, stderr } = await report(args);
		expect(stderr).toMatch(/^Usage: npm run report -- --stack <name>/);
		expect(exitCode).toBe(2);
	},
);
