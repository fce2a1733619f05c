import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validateWorkflow } from "@action-validator/core";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

// The release workflow: GitHub's schema, and its own steps, run with copies of the real files.
const ROOT = join(import.meta.dirname, "../..");
const workflow = await readFile(
	join(ROOT, ".github/workflows/release.yml"),
	"utf8",
);
const { jobs } = parse(workflow);
const steps: { run?: string; uses?: string }[] = jobs.npm.steps;
const scriptWith = (text: string) =>
	steps.find(({ run = "" }) => run.includes(text))?.run ?? "";

let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-release-"));
	for (const file of ["README.md", "CHANGELOG.md", "package.json"])
		await copyFile(join(ROOT, file), join(dir, file));
});
afterEach(() => rm(dir, { recursive: true }));

const step = async (script: string, tag = "v1.2.3") => {
	const env = {
		GITHUB_REF_NAME: tag,
		GITHUB_REPOSITORY: "exchange-dirsync/exchange-dirsync",
	};
	const { exitCode } = await execa("bash", ["-ec", script], {
		...{ cwd: dir, env, reject: false },
	});
	return exitCode;
};

describe("the release workflow", () => {
	it("conforms to GitHub's schema, and pins each action to a commit", () => {
		expect(validateWorkflow(workflow).errors).toEqual([]);
		for (const { uses } of steps)
			if (uses) expect(uses).toMatch(/^[\w/-]+@[0-9a-f]{40}$/);
	});

	it("publishes with provenance, after lint, types and tests", () => {
		expect(jobs.npm.permissions["id-token"]).toBe("write");
		const runs = steps.map(({ run = "" }) => run);
		const publish = runs.findIndex((run) => run.startsWith("npm publish"));
		expect(runs[publish]).toContain("--provenance");
		for (const before of ["npm run lint", "npm run typecheck", "vitest run"])
			expect(runs.findIndex((run) => run.includes(before))).toBeLessThan(
				publish,
			);
	});

	it("refuses a tag that is not the version, and a version without a heading in the changelog", async () => {
		const script = scriptWith("require('./package.json')");
		await writeFile(join(dir, "package.json"), '{ "version": "1.2.3" }');
		expect(await step(script)).not.toBe(0);
		await writeFile(join(dir, "CHANGELOG.md"), "## 1.2.3 (2026-11-29)\n");
		expect(await step(script)).toBe(0);
		expect(await step(script, "v1.2.4")).not.toBe(0);
	});

	it("makes every link of the README absolute", async () => {
		expect(await step(scriptWith("README.md"))).toBe(0);
		const readme = await readFile(join(dir, "README.md"), "utf8");
		const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(
			([, target = ""]) => target,
		);
		expect(links.length).toBeGreaterThan(20);
		for (const link of links) expect(link).toMatch(/^https:\/\//);
		const prefix = "https://github.com/exchange-dirsync/exchange-dirsync";
		expect(readme).toContain(`](${prefix}/blob/v1.2.3/docs/concepts.md)`);
		expect(readme).toContain(
			"](https://raw.githubusercontent.com/exchange-dirsync/exchange-dirsync/v1.2.3/docs/images/cutover-report.png)",
		);
	});
});
