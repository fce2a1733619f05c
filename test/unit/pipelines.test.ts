import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { validateWorkflow } from "@action-validator/core";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

// The pipelines in docs/, by the published schemas: GitHub's as @action-validator/core has it from schemastore.org,
// GitLab's own as gitlab-ci-local has it.
const ROOT = join(import.meta.dirname, "../..");
const text = (file: string) => readFileSync(join(ROOT, file), "utf8");
const GITHUB = text("docs/pipelines/github-actions.yml");
const GITLAB = text("docs/pipelines/gitlab-ci.yml");

describe("the GitHub workflow", () => {
	const faults = (workflow: string): unknown[] =>
		validateWorkflow(workflow).errors;

	it("is as GitHub's schema says", () => {
		expect(faults(GITHUB)).toEqual([]);
	});

	it.each([
		["runs-on:", "run-on:"],
		["needs: rehearsal", "needs: rehersal"],
		["cancel-in-progress:", "cancel:"],
	])("with %s written as %s is not", (right, wrong) => {
		expect(faults(GITHUB.replace(right, wrong))).not.toEqual([]);
	});

	it("pins each action to a commit", () => {
		const used = [...GITHUB.matchAll(/uses: (\S+)/g)].map(([, name]) => name);
		expect(used.length).toBeGreaterThan(0);
		for (const name of used) expect(name).toMatch(/^[\w/-]+@[0-9a-f]{40}$/);
	});

	it("runs one update of a stack at a time, breaks none off, and asks its environment", () => {
		const { jobs } = parse(GITHUB);
		for (const stack of ["rehearsal", "production"])
			expect(jobs[stack]).toMatchObject({
				environment: stack,
				concurrency: {
					group: `dirsync-${stack}`,
					"cancel-in-progress": false,
				},
			});
	});
});

describe("the GitLab pipeline", async () => {
	// @ts-expect-error: a part of that package which has no types.
	const { schema } = await import("gitlab-ci-local/src/schema/schema.js");
	const ajv = new Ajv({ strict: false });
	formats.default(ajv);
	const validate = ajv.compile(schema);
	/** With what jobs extend written out: the schema does not look into hidden ones. */
	const whole = (pipeline: string) => {
		const jobs = parse(pipeline);
		for (const job of Object.values<{ extends?: string }>(jobs)) {
			if (!job.extends) continue;
			Object.assign(job, { ...jobs[job.extends], ...job });
			delete job.extends;
		}
		return jobs;
	};

	it("is as GitLab's schema says", () => {
		validate(whole(GITLAB));
		expect(validate.errors).toBeNull();
	});

	it.each([
		["resource_group:", "resource-group:"],
		["exit_codes: [2]", "exit_codes: two"],
		["allow_failure: false", "allow_failure: no way"],
	])("with %s written as %s is not", (right, wrong) => {
		expect(validate(whole(GITLAB.replace(right, wrong)))).toBe(false);
	});

	it("runs one update of a stack at a time, by hand", () => {
		const jobs = parse(GITLAB);
		expect(jobs[".up"].rules[0].when).toBe("manual");
		for (const stack of ["rehearsal", "production"])
			expect(jobs[stack]).toMatchObject({
				environment: stack,
				resource_group: `dirsync-${stack}`,
				variables: { STACK: stack },
			});
	});
});

describe.each([
	["GitHub's", GITHUB],
	["GitLab's", GITLAB],
])("%s pipeline", (_, pipeline) => {
	const commands = pipeline.replaceAll(/^\s*#.*$/gm, "");

	it("calls only scripts that the package has", () => {
		const { scripts } = JSON.parse(text("package.json"));
		const called = [...commands.matchAll(/npm run (?:--silent )?([\w:]+)/g)];
		expect(called.length).toBeGreaterThan(1);
		for (const [, name] of called) expect(Object.keys(scripts)).toContain(name);
		expect(scripts).toHaveProperty("check");
	});

	it("calls pulumi as the README does: preview, up, config set", () => {
		const called = [...commands.matchAll(/\bpulumi (?!config set)([a-z]+)/g)];
		expect(new Set(called.map(([, verb]) => verb))).toEqual(
			new Set(["preview", "up"]),
		);
		expect(commands).toMatch(/pulumi config set verify \S+ --stack "\$STACK"/);
		expect(commands).toContain("pulumi up --yes --non-interactive");
	});

	it("names only stacks that there are", () => {
		const stacks = readdirSync(join(ROOT, "stacks")).map(
			(file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1],
		);
		const lists = [...commands.matchAll(/(?:stack|STACK): \[(.+)\]/g)];
		expect(lists).toHaveLength(2);
		for (const [, list = ""] of lists)
			expect(stacks).toEqual(expect.arrayContaining(list.split(", ")));
	});

	it("has no secret of its own, only the store's", () => {
		expect(commands).not.toMatch(/(PASSPHRASE|SECRET\w*|TOKEN): [^$\s]/);
	});

	it("lets no log-in prompt or question wait for an answer", () => {
		for (const line of commands.split("\n"))
			if (/pulumi (up|preview)/.test(line))
				expect(line).toContain("--non-interactive");
	});
});
