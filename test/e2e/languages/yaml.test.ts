import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Project } from "../../package/project.ts";
import { prepareYaml } from "../../toolchain/languages.ts";
import { HOST_KEY, openSshKey } from "../../unit/validation/ssh-keys.ts";
import { ROOT } from "./language.ts";
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

testPromises({
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
});
