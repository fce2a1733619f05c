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

// The pipelines in docs/, checked with the published schemas: GitHub's from schemastore.org, which
// @action-validator/core contains, and GitLab's, which gitlab-ci-local contains.
const ROOT = join(import.meta.dirname, "../..");
const text = (file: string) => readFileSync(join(ROOT, file), "utf8");
const GITHUB = text("docs/pipelines/github-actions.yml");
const GITLAB = text("docs/pipelines/gitlab-ci.yml");

/** Runs a step as a runner does, with the given programs first on PATH. */
async function step(script: string, programs: Record<string, string>) {
	const dir = await mkdtemp(join(tmpdir(), "dirsync-pipeline-"));
	for (const [name, text] of Object.entries(programs))
		await writeFile(join(dir, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
	const { exitCode, stdout } = await execa("bash", ["-e", "-c", script], {
		...{ cwd: dir, reject: false },
		env: { PATH: `${dir}:${process.env.PATH}`, STACK: "production" },
	});
	await rm(dir, { recursive: true });
	return { exitCode, stdout };
}

describe("the GitHub workflow", () => {
	const faults = (workflow: string): unknown[] =>
		validateWorkflow(workflow).errors;

	it("conforms to GitHub's schema", () => {
		expect(faults(GITHUB)).toEqual([]);
	});

	it.each([
		["runs-on:", "run-on:"],
		["needs: rehearsal", "needs: rehersal"],
		["cancel-in-progress:", "cancel:"],
	])("does not conform with %s written as %s", (right, wrong) => {
		expect(faults(GITHUB.replace(right, wrong))).not.toEqual([]);
	});

	it("pins each action to a commit", () => {
		const used = [...GITHUB.matchAll(/uses: (\S+)/g)].map(([, name]) => name);
		expect(used.length).toBeGreaterThan(0);
		for (const name of used) expect(name).toMatch(/^[\w/-]+@[0-9a-f]{40}$/);
	});

	it("runs one update of a stack at a time, cancels none, and uses the stack's environment", () => {
		const { jobs } = parse(GITHUB);
		for (const stack of ["rehearsal", "production"])
			expect(jobs[stack]).toMatchObject({
				environment: stack,
				concurrency: {
					group: `dirsync-${stack}`,
					"cancel-in-progress": false,
				},
			});
		expect(jobs.production.needs).toEqual(["rehearsal", "plan"]);
		expect(jobs.plan).toMatchObject({
			needs: "rehearsal",
			environment: "production-check",
		});
	});

	it("queries the newest commit directly after a checkout, which provides the remote", () => {
		const { jobs } = parse(GITHUB);
		for (const stack of ["rehearsal", "production"]) {
			const { steps } = jobs[stack];
			const at = steps.findIndex(({ run = "" }) => run.includes("ls-remote"));
			expect(steps[at - 1].uses).toMatch(/^actions\/checkout@/);
		}
	});

	it("passes a stack's secrets only to jobs of its environment", () => {
		const { env, jobs } = parse(GITHUB);
		expect(JSON.stringify(env)).not.toContain("secrets.");
		// It needs none, and runs the code of forks.
		const { rehearse, ...others } = jobs;
		expect(JSON.stringify(rehearse)).not.toContain("secrets.");
		for (const { environment, env: own } of Object.values<
			Record<string, unknown>
		>(others)) {
			expect(JSON.stringify(own)).toContain("secrets.PULUMI_CONFIG_PASSPHRASE");
			expect(environment).toMatch(/rehearsal|production|matrix\.stack/);
		}
	});
});

it("GitHub's check keeps one issue for a stack's drift, and fails if a host was not checked", async () => {
	const { run } = parse(GITHUB).jobs.check.steps.at(-1);
	const told = async (exit: number, ...open: string[]) => {
		const { exitCode, stdout } = await step(run, {
			npm: `echo what drifted; exit ${exit}`,
			gh: `case "$2" in
list) cat <<'END'\n${open.join("\n")}\nEND\n;;
create) echo "opened $4:" $(cat "$6");;
comment) echo "told $3:" $(cat "$5");;
close) echo "closed $3";;
esac`,
		});
		return [exitCode, /^(opened|told|closed) .*/m.exec(stdout)?.[0]];
	};
	const title = "dirsync: hosts of production have drifted";
	const text = "``` what drifted ```";
	expect(await told(0)).toEqual([0, undefined]);
	expect(await told(2)).toEqual([0, `opened ${title}: ${text}`]);
	expect(await told(2, `7 ${title} again`)).toEqual([
		...[0, `opened ${title}: ${text}`],
	]);
	expect(await told(2, "9 another", `8 ${title}`)).toEqual([
		...[0, `told 8: ${text}`],
	]);
	expect(await told(0, `8 ${title}`)).toEqual([0, "closed 8"]);
	expect(await told(1)).toEqual([1, undefined]);
	expect(await told(1, `8 ${title}`)).toEqual([1, undefined]);
});

describe("the GitLab pipeline", async () => {
	// @ts-expect-error: this part of the package has no types.
	const { schema } = await import("gitlab-ci-local/src/schema/schema.js");
	const ajv = new Ajv({ strict: false });
	formats.default(ajv);
	const validate = ajv.compile(schema);
	/** Merges hidden jobs into the jobs that extend them, since the schema does not check hidden jobs. */
	const whole = (pipeline: string) => {
		const jobs = parse(pipeline);
		for (const job of Object.values<{ extends?: string }>(jobs)) {
			if (!job.extends) continue;
			Object.assign(job, { ...jobs[job.extends], ...job });
			delete job.extends;
		}
		return jobs;
	};

	it("conforms to GitLab's schema", () => {
		validate(whole(GITLAB));
		expect(validate.errors).toBeNull();
	});

	it.each([
		["resource_group:", "resource-group:"],
		["exit_codes: [2]", "exit_codes: two"],
		["allow_failure: false", "allow_failure: no way"],
	])("does not conform with %s written as %s", (right, wrong) => {
		expect(validate(whole(GITLAB.replace(right, wrong)))).toBe(false);
	});

	it("has the stage of the plan before that of the approval", () => {
		const { stages, plan, production } = parse(GITLAB);
		expect(stages.indexOf(plan.stage)).toBeLessThan(
			stages.indexOf(production.stage),
		);
		expect(plan.rules[0]).not.toHaveProperty("when");
	});

	it("runs one update of a stack at a time, started by hand", () => {
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

	it("calls only npm scripts that exist", () => {
		const { scripts } = JSON.parse(text("package.json"));
		const called = [...commands.matchAll(/npm run (?:--silent )?([\w:]+)/g)];
		expect(called.length).toBeGreaterThan(1);
		for (const [, name] of called) expect(Object.keys(scripts)).toContain(name);
		expect(scripts).toHaveProperty("check");
	});

	it("calls pulumi only for preview, up and config set", () => {
		const called = [...commands.matchAll(/\bpulumi (?!config set)([a-z]+)/g)];
		expect(new Set(called.map(([, verb]) => verb))).toEqual(
			new Set(["preview", "up"]),
		);
		expect(commands).toMatch(/pulumi config set verify \S+ --stack "\$STACK"/);
		expect(commands).toContain(
			"pulumi up --yes --non-interactive --continue-on-error",
		);
	});

	it("updates only to the newest commit", async () => {
		const { jobs, ".up": up } = parse(pipeline);
		const asks = (line = "") => line.includes("ls-remote");
		const script: string = jobs
			? jobs.production.steps.find((one: { run?: string }) => asks(one.run)).run
			: up.script.find(asks);
		const told = async (newest: string) => {
			const git = `[ "$*" = "ls-remote origin refs/heads/main" ] && printf '${newest}\\trefs/heads/main\\n'`;
			const given = "GITHUB_SHA=abc CI_COMMIT_SHA=abc CI_DEFAULT_BRANCH=main";
			return (await step(`${given}\n${script}`, { git })).exitCode;
		};
		expect(await told("abc")).toBe(0);
		expect(await told("def")).toBe(1);
	});

	it("sets verify if an update can fix the drift, and fails only if the stack cannot be read", async () => {
		const { jobs, ".up": up } = parse(pipeline);
		const script: string = jobs
			? jobs.production.steps.find(({ run = "" }) => run.includes("check"))?.run
			: up.script.slice(1, -1).flat().join("\n");
		const told = async (exit: number, code = "") => {
			const { exitCode, stdout } = await step(script, {
				npm: `${code || exit === 0 ? `echo '{ "code": "${code}" }'` : ""}\nexit ${exit}`,
				pulumi: "echo verify is set",
			});
			return [exitCode, stdout.includes("verify is set")];
		};
		expect(await told(0)).toEqual([0, false]);
		expect(await told(2, "value")).toEqual([0, true]);
		expect(await told(2, "cycle-pending")).toEqual([0, false]);
		// A host could not be checked; others have drifted.
		expect(await told(1, "value")).toEqual([0, true]);
		expect(await told(1, "unreachable")).toEqual([0, false]);
		// The stack could not be read.
		expect(await told(1)).toEqual([1, false]);
	});

	it("shows the plan before the approval, and fails only if there is no plan", async () => {
		const { jobs, plan } = parse(pipeline);
		const lines: { run?: string }[] | string[] = jobs
			? jobs.plan.steps
			: plan.script.flat();
		const scripts = lines.map((line) =>
			typeof line === "string" ? line : (line.run ?? ""),
		);
		const at = scripts.findIndex((line) => line.includes("plan --"));
		const script = scripts.slice(at, at + 2).join("\n");
		const run = async (exit: number, text = "the plan") => {
			const npm = `printf '%s' '${text}'; exit ${exit}`;
			const given = "GITHUB_STEP_SUMMARY=summary.md";
			return step(`${given}\n${script}`, { npm });
		};
		expect(await run(0)).toEqual({ exitCode: 0, stdout: "the plan" });
		expect(await run(2)).toEqual({ exitCode: 0, stdout: "the plan" });
		expect(await run(1)).toEqual({ exitCode: 0, stdout: "the plan" });
		expect(await run(1, "")).toMatchObject({ exitCode: 1 });
	});

	it("rehearses each stack whose file has changed, keeps output and report, and fails if one fails", async () => {
		const { jobs, rehearse } = parse(pipeline);
		const scripts: string[] = jobs
			? jobs.rehearse.steps.map(({ run = "" }) => run)
			: rehearse.script;
		const find = (part: string) =>
			scripts.find((script) => script.includes(part)) ?? "";
		const run = async (failing: string, ...changed: string[]) => {
			const git = `printf '${changed.map((name) => `stacks/${name}\\n`).join("")}'`;
			const npm = `[ "$1 $2 $3 $4" = "run rehearse -- --stack" ] || exit 2
rm -rf .lab/rehearsal
mkdir -p .lab/rehearsal/part-2
echo "page of $5" > ".lab/rehearsal/cutover-report-$5.html"
[ "$5" = weekend ] && echo "page of its second part" > ".lab/rehearsal/part-2/cutover-report-$5.html"
echo "output of $5"
[ "$5" != "${failing}" ]`;
			// GitLab has one script, GitHub one that finds the stacks and passes them on.
			const found = jobs
				? await step(`GITHUB_OUTPUT=out\n${find("git ")}\ncat out`, { git })
				: { stdout: "stacks=" };
			const given = `set -o pipefail
CI_MERGE_REQUEST_DIFF_BASE_SHA=abc STACKS='${found.stdout.replace("stacks=", "")}'
trap 'cat rehearsal/*.txt rehearsal/*.html rehearsal/part-2/*.html || :' EXIT`;
			return step(`${given}\n${find("rehearse --")}`, { git, npm });
		};
		const changed = ["Pulumi.production.yaml", "Pulumi.weekend.yaml"];
		const kept = [
			...["output of production", "output of weekend"],
			...["page of production", "page of weekend", "page of its second part"],
		].join("\n");
		for (const [failing, code] of [
			["", 0] as const,
			["production", 1] as const,
		]) {
			const { exitCode, stdout } = await run(failing, ...changed, "README.md");
			expect(exitCode).toBe(code);
			expect(stdout).toMatch(new RegExp(`${kept}$`));
		}
		expect((await run("production", "README.md")).exitCode).toBe(0);
	});

	it("names only stacks that exist", () => {
		const stacks = readdirSync(join(ROOT, "stacks")).map(
			(file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1],
		);
		const lists = [...commands.matchAll(/(?:stack|STACK): \[(.+)\]/g)];
		expect(lists).toHaveLength(2);
		for (const [, list = ""] of lists)
			expect(stacks).toEqual(expect.arrayContaining(list.split(", ")));
	});

	it("contains no secret, only references to the secret store", () => {
		expect(commands).not.toMatch(/(PASSPHRASE|SECRET\w*|TOKEN): [^$\s]/);
	});

	it("never waits for input", () => {
		for (const line of commands.split("\n"))
			if (/pulumi (up|preview)/.test(line))
				expect(line).toContain("--non-interactive");
	});
});
