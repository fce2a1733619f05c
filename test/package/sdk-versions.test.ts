import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { install, ROOT, temporaryFolder } from "./tarball.ts";

// The component tests with the lowest and the newest version of @pulumi/pulumi that package.json accepts, in a copy of
// the sources whose node_modules has that version. Everything else is linked.
const LOWEST = "3.217.0";
const NEWEST = "3.276.0";

const COPIED = [
	"src",
	"test",
	"vitest.config.mts",
	"package.json",
	"schema.json",
];

describe.each([LOWEST, NEWEST])(
	"@pulumi/pulumi %s",
	{
		tags: ["full"],
	},
	(version) => {
		let folder: Awaited<ReturnType<typeof temporaryFolder>>;

		beforeAll(async () => {
			folder = await temporaryFolder();
			const { dir } = folder;
			const sdk = join(dir, "sdk");
			await mkdir(sdk);
			await writeFile(join(sdk, "package.json"), '{ "private": true }');
			await install(sdk, `@pulumi/pulumi@${version}`);
			const copy = join(dir, "copy");
			const modules = join(copy, "node_modules");
			await mkdir(join(modules, "@pulumi"), { recursive: true });
			for (const name of COPIED)
				await cp(join(ROOT, name), join(copy, name), { recursive: true });
			for (const name of await readdir(join(ROOT, "node_modules")))
				if (name !== "@pulumi")
					await symlink(join(ROOT, "node_modules", name), join(modules, name));
			await symlink(
				join(sdk, "node_modules/@pulumi/pulumi"),
				join(modules, "@pulumi/pulumi"),
			);
			// Node resolves the imports of a package from its real folder, so this one is copied.
			await cp(
				join(ROOT, "node_modules/@pulumi/command"),
				join(modules, "@pulumi/command"),
				{ recursive: true },
			);
		}, 300_000);
		afterAll(() => folder.remove());

		it("passes the component tests", async () => {
			const cwd = join(folder.dir, "copy");
			const { stdout: used } = await execa(
				...([
					"node",
					["-p", "require('@pulumi/pulumi/version').version"],
				] as const),
				{ cwd },
			);
			expect(used).toContain(version);
			const { exitCode, all } = await execa(
				"npx",
				["vitest", "run", "--project", "component"],
				{ cwd, all: true, reject: false },
			);
			expect(exitCode, all).toBe(0);
		});
	},
);

it("the lowest version is the one of package.json", async () => {
	const { dependencies } = JSON.parse(
		(await execa("cat", [join(ROOT, "package.json")])).stdout,
	);
	expect(dependencies["@pulumi/pulumi"]).toBe(`^${LOWEST}`);
});
