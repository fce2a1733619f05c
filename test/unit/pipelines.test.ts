import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validateWorkflow } from "@action-validator/core";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { execa } from "execa";
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
		expect(jobs.production.needs).toBe("rehearsal");
	});

	it("gives a stack's secrets to jobs of its environments alone", () => {
		const { env, jobs } = parse(GITHUB);
		expect(JSON.stringify(env)).not.toContain("secrets.");
		for (const { environment, env: own } of Object.values<
			Record<string, unknown>
		>(jobs)) {
			expect(JSON.stringify(own)).toContain("secrets.PULUMI_CONFIG_PASSPHRASE");
			expect(environment).toMatch(/rehearsal|production|matrix\.stack/);
		}
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

	it("has an update look where that repairs, and goes on where nothing drifted", async () => {
		const { jobs, ".up": up } = parse(pipeline);
		const script: string = jobs
			? jobs.production.steps.find(({ run = "" }) => run.includes("check"))?.run
			: up.script.slice(0, -1).join("\n");
		const told = async (exit: number, code = "") => {
			const dir = await mkdtemp(join(tmpdir(), "dirsync-pipeline-"));
			const file = async (name: string, text: string) =>
				writeFile(join(dir, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
			await file("npm", `echo '{ "code": "${code}" }'; exit ${exit}`);
			await file("pulumi", "echo verify is set");
			const { exitCode, stdout } = await execa("bash", ["-e", "-c", script], {
				...{ cwd: dir, reject: false },
				env: { PATH: `${dir}:${process.env.PATH}`, STACK: "production" },
			});
			await rm(dir, { recursive: true });
			return [exitCode, stdout.includes("verify is set")];
		};
		expect(await told(0)).toEqual([0, false]);
		expect(await told(2, "value")).toEqual([0, true]);
		expect(await told(2, "cycle-pending")).toEqual([0, false]);
		expect(await told(1, "value")).toEqual([1, false]);
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
