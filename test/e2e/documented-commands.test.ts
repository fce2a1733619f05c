import { once } from "node:events";
import {
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../lab/lab-host.ts";
import type { Stack } from "../stack.ts";
import { Bench, declare } from "./fixture.ts";

// Every command line that README and docs show runs, in a stack with one lab host. The commands of the test suite
// itself are listed below: they are run by CI and by whoever changes the package.
const ROOT = join(import.meta.dirname, "../..");

const SUITE =
	/^npm (ci|test|run (test:\w+|verify|bench|lab))\b|^npm ci && npm start$/;

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
const shown = pages.flatMap(([page, lines]) =>
	lines
		.filter((line) => !SUITE.test(line))
		.map((line) => [page, line] as const),
);

describe("the commands that the documentation shows", {
	tags: ["full"],
}, () => {
	const bench = new Bench();
	let host: LabHost;
	let stack: Stack;
	let home: string;
	let env: NodeJS.ProcessEnv;

	beforeAll(async () => {
		home = await mkdtemp(join(tmpdir(), "dirsync-home-"));
		bench.atEnd(() => rm(home, { recursive: true, force: true }));
		host = await bench.host();
		stack = await bench.stack("production");
		for (const name of ["production", "first", "part-1", "part-2", "part-3"]) {
			const one = await stack.beside(name);
			const more = { cycle: { triggers: ["initial-import"] } };
			// A host belongs to one stack: the parts of a fleet have none here.
			if (name === "production")
				await declare(one, { name: "EXCH01", host, more });
			else await one.configure({ hosts: [] });
		}
		await mkdir(join(home, ".ssh"));
		await writeFile(join(home, ".ssh/exch01"), host.ssh.privateKey);
		const { command, env: own } = stack.commandLine();
		env = {
			...own,
			HOME: home,
			PATH: [dirname(command[0] ?? ""), process.env.PATH].join(delimiter),
			// `pulumi login` records the backend there, and not for the other tests.
			PULUMI_CREDENTIALS_PATH: join(home, "pulumi"),
			PULUMI_SKIP_CONFIRMATIONS: "true",
			PULUMI_STACK: "production",
			BUILD: "4711",
		};
	}, 180_000);
	afterAll(() => bench.end());

	it("are found", () => {
		expect(shown.length).toBeGreaterThan(15);
	});

	it.each(shown)("%s: %s", async (_, line) => {
		const { cwd } = stack.commandLine();
		const { exitCode, all } = await execa("bash", ["-ec", line], {
			...{ cwd, env, extendEnv: false, all: true, reject: false },
			input: "a-password",
		});
		expect(exitCode, all).toBe(0);
	});

	it("started one cycle, that of the stack's own triggers", async () => {
		expect(await host.cycles()).toHaveLength(1);
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
