import { once } from "node:events";
import {
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	writeFile,
} from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../lab/lab-host.ts";
import { Site } from "./cutover/site.ts";
import { Bench, declare } from "./fixture.ts";

// Every command line that README and docs show runs, in a stack with one lab host. The commands of the test suite
// itself are run by CI and by those who change the package, those of npm users by test/package,
// those of programs in other languages by test/e2e/languages. The report that runs until Ctrl-C is run by
// cutover/watch.test.ts.
const ROOT = join(import.meta.dirname, "../..");

const isReading = (line: string) => /npm run .*(check|plan|report)/.test(line);

const SUITE =
	/^npm (ci|test|install|run (test:\w+|verify|bench|lab|rehearse))\b|^npm ci && npm start$|^npx exchange-dirsync |^pulumi (new|plugin|package) /;

/** The command lines of a page: its fenced blocks, and inline code that names a stack. */
function commandLines(text: string): string[] {
	const fenced = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(
		([, block = ""]) =>
			block
				.replaceAll(/\\\n\s*/g, "")
				.split("\n")
				.map((line) => line.replace(/\s+# .*$/, "").trim()),
	);
	const inline = [...text.matchAll(/`(pulumi [^`<]* -(?:s|-stack) [^`<]*)`/g)];
	return [...fenced, ...inline.map(([, line = ""]) => line)].filter(Boolean);
}

const pages = await (async () => {
	const docs = await readdir(join(ROOT, "docs"), { recursive: true });
	const files = docs.filter((file) => file.endsWith(".md")).sort();
	return Promise.all(
		["README.md", ...files.map((file) => `docs/${file}`)].map(
			async (page) =>
				[page, commandLines(await readFile(join(ROOT, page), "utf8"))] as const,
		),
	);
})();
/** Updates first: check and report need a stack that has been updated. */
const shown = pages
	.flatMap(([page, lines]) =>
		lines
			.filter((line) => !SUITE.test(line) && !line.endsWith("--watch"))
			.map((line) => [page, line] as const),
	)
	.sort(([, a], [, b]) => Number(isReading(a)) - Number(isReading(b)));

describe("the commands that the documentation shows", {
	tags: ["full"],
}, () => {
	const bench = new Bench();
	let site: Site;
	let first: LabHost;
	let env: NodeJS.ProcessEnv;

	beforeAll(async () => {
		const home = await mkdtemp(join(tmpdir(), "dirsync-home-"));
		bench.atEnd(() => rm(home, { recursive: true, force: true }));
		site = await Site.make(bench, "requestor", { "PO-HARBOR": ["Anna"] });
		await site.declare("rehearsal-1");
		const { stack } = site;
		const [exchange] = (await stack.configured("hosts")) as object[];
		const cycle = { triggers: ["initial-import"] };
		await stack.configure({ hosts: [{ ...exchange, cycle }] });
		// The README has its own host, and creates the stack itself.
		first = await bench.host();
		const own = await stack.beside("first");
		await declare(own, { name: "EXCH01", host: first, more: { cycle } });
		await stack.must(
			"stack",
			"rm",
			"--yes",
			"--preserve-config",
			"--stack",
			"first",
		);
		// Commands without the name of a stack change the configuration of this one.
		for (const name of ["settings", "part-1", "part-2", "part-3"])
			await (await stack.beside(name)).configure({ hosts: [] });
		await mkdir(join(home, ".ssh"));
		await writeFile(join(home, ".ssh/exch01"), first.ssh.privateKey);
		const { command, env: ownEnv } = stack.commandLine();
		env = {
			...ownEnv,
			HOME: home,
			PULUMI_HOME: process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"),
			PATH: [dirname(command[0] ?? ""), process.env.PATH].join(delimiter),
			// `pulumi login` records the backend there, and not for the other tests.
			PULUMI_CREDENTIALS_PATH: join(home, "pulumi"),
			PULUMI_SKIP_CONFIRMATIONS: "true",
			PULUMI_STACK: "settings",
			BUILD: "4711",
		};
	}, 180_000);
	afterAll(() => bench.end());

	it("are found", () => {
		expect(shown.length).toBeGreaterThan(15);
	});

	it.each(shown)("%s: %s", { retry: 0 }, async (_, line) => {
		const { cwd } = site.stack.commandLine();
		const { exitCode, all } = await execa(
			"bash",
			["-ec", line.replaceAll("production", site.stack.name)],
			{
				...{ cwd, env, all: true, reject: false },
				input: "a-password",
			},
		);
		// `plan` ends with 2 if there is something to do.
		expect(line.includes("npm run plan") ? [0, 2] : [0], all).toContain(
			exitCode,
		);
	});

	it("start the cycle of each stack once, and that of the cutover", async () => {
		expect(await first.cycles()).toHaveLength(1);
		expect(await site.exchangeHost.cycles()).toHaveLength(2);
	});
});

describe("npm run lab", { tags: ["full"] }, () => {
	const lines = pages.flatMap(([, all]) =>
		all.filter((line) => line.startsWith("npm run lab")),
	);

	it.each(lines)(
		"%s starts a host and prints how to use it",
		async (line) => {
			const lab = execa("bash", ["-ec", `exec ${line}`], {
				...{ cwd: ROOT, all: true, reject: false, detached: true },
			});
			let printed = "";
			lab.all.on("data", (text) => {
				printed += text;
			});
			await expect
				.poll(() => printed, { timeout: 60_000 })
				.toMatch(/Pulumi\.[\w-]+\.yaml|pulumi up/);
			process.kill(-(lab.pid as number), "SIGINT");
			await Promise.race([lab, once(lab, "exit")]);
		},
		120_000,
	);
});
