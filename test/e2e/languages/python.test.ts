// @module-tag full
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll } from "vitest";
import { preparePython } from "../../toolchain/languages.ts";
import type { Toolchain } from "../../toolchain/toolchain.ts";
import { generateSdks } from "./language.ts";
import { testPromises } from "./promises.ts";

/** Created with the SDK: a run that leaves these tests out has none to delete. */
let dir: string | undefined;
afterAll(async () => {
	if (dir) await rm(dir, { recursive: true, force: true });
});

let prepared: Promise<Toolchain> | undefined;

/** The toolchain with the SDK that Pulumi generates from the schema. It is installed as pip installs any package. */
async function prepare(): Promise<Toolchain> {
	const toolchain = await preparePython();
	dir = await mkdtemp(join(tmpdir(), "dirsync-python-sdk-"));
	const env = { ...toolchain.env, PYTHONPATH: join(dir, "packages") };
	await generateSdks(dir, "python");
	const sdk = join(dir, "python");
	await execa(
		"python",
		[
			...["-m", "pip", "install", "--quiet", "--no-deps"],
			...["--no-build-isolation", "--target", env.PYTHONPATH, sdk],
		],
		{ env },
	);
	return { ...toolchain, env };
}

testPromises({
	name: "python",
	prepare: () => {
		prepared ??= prepare();
		return prepared;
	},
	file: "__main__.py",
	afterwards: `
import pulumi_command as command
after = command.local.Command(
    "after",
    create="date +%s%3N",
    opts=pulumi.ResourceOptions(depends_on=[exchange]),
)
pulumi.export("ranAt", after.stdout)
`,
});
