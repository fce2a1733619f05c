import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Project } from "../../project.ts";
import { prepareYaml } from "../../toolchain/languages.ts";
import { HOST_KEY, openSshKey } from "../../unit/validation/ssh-keys.ts";
import { Canaries } from "../canaries.ts";
import { Bench } from "../fixture.ts";
import { Example, type Language, ROOT } from "./language.ts";
import { testPromises } from "./promises.ts";

it("the program in docs/languages.md previews", {
	tags: ["full"],
	timeout: 900_000,
}, async () => {
	const page = await readFile(join(ROOT, "docs/languages.md"), "utf8");
	const [, program = ""] = /^```yaml\n(name: [\s\S]*?)^```$/m.exec(page) ?? [];
	const dir = await mkdtemp(join(tmpdir(), "dirsync-yaml-"));
	const project = await Project.create(dir, await prepareYaml(), {
		"Pulumi.yaml": program
			.replace("node_modules/exchange-dirsync", ROOT)
			.replace("ssh-ed25519 AAAA...", HOST_KEY),
	});
	await project.must("stack", "init", "dev");
	await project.must(
		...["config", "set-all", "--stack", "dev"],
		...["--secret", `exch01Key=${openSshKey()}`],
	);
	const preview = await project.pulumi("preview", "--stack", "dev");
	expect(preview.exitCode, preview.all).toBe(0);
	expect(preview.all).toContain("EXCH01-cycle create");
	await rm(dir, { recursive: true });
});

it("a login value that is secret is validated in the preview, and not printed", {
	tags: ["full"],
	timeout: 900_000,
}, async () => {
	const bench = new Bench();
	const example = await Example.open(bench, YAML, "one-host", new Canaries());
	await example.configure({
		plain: { host: "exch01.corp.example" },
		secret: { hostKey: "ssh-ed25519 hunter2", privateKey: openSshKey() },
	});
	const { exitCode, output } = await example.pulumi("preview");
	expect(exitCode).not.toBe(0);
	expect(output).toContain("ssh.hostKey must be a whole public key");
	expect(output).not.toContain("hunter2");
	await bench.end();
});

it("a credential that is not in the configuration is in no debug message of the plugin", {
	tags: ["full"],
	timeout: 900_000,
}, async () => {
	const bench = new Bench();
	const canaries = new Canaries();
	const example = await Example.open(bench, YAML, "one-host", canaries);
	const file = join(example.project.dir, YAML.file);
	const literal = `password: ${canaries.phrase("password", "")}`;
	const program = await readFile(file, "utf8");
	await writeFile(
		file,
		program.replace(/privateKey: \$\{privateKey\}/, literal),
	);
	await example.configure({
		plain: { host: "exch01.corp.example", hostKey: HOST_KEY },
		secret: { privateKey: openSshKey() },
	});
	// `must` searches the output.
	const output = await example.must("preview", "--debug");
	expect(output).toMatch(/debug:/);
	await bench.end();
});

const YAML: Language = {
	name: "yaml",
	prepare: prepareYaml,
	file: "Pulumi.yaml",
	afterwards: `  after:
    type: command:local:Command
    properties:
      create: date +%s%3N
    options:
      dependsOn:
        - \${EXCH01}
`,
};

testPromises(YAML);
