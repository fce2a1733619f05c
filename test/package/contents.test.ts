import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { ROOT } from "./tarball.ts";

const KILOBYTES = 600;

it("the tarball contains only the intended files, of at most 600 kB", async () => {
	const { stdout } = await execa(
		"npm",
		["pack", "--ignore-scripts", "--dry-run", "--json"],
		{ cwd: ROOT },
	);
	const [{ files, unpackedSize }] = JSON.parse(stdout) as [
		{ files: { path: string }[]; unpackedSize: number },
	];
	const paths = files.map(({ path }) => path);
	expect(paths).toEqual(
		expect.arrayContaining([
			...["CHANGELOG.md", "LICENSE", "README.md", "package.json"],
			...["dist/index.js", "dist/index.d.ts", "dist/testing.js"],
			...["dist/main.js", "dist/cli/main.js", "dist/stack-file.schema.json"],
			...["examples/template/Pulumi.yaml", "examples/cutover/yaml/Pulumi.yaml"],
			...["schema.json", "dist/provider/main.js"],
		]),
	);
	const strange = paths.filter(
		(path) =>
			!/^dist\/[\w/-]+\.(js|d\.ts)$/.test(path) &&
			!/^examples\/([\w-]+\/)*[\w.-]+$/.test(path) &&
			!/^plugin\/pulumi-resource-exchange-dirsync(\.cmd)?$|^schema\.json$/.test(
				path,
			) &&
			!/^(CHANGELOG|README)\.md$|^LICENSE$|^package\.json$/.test(path) &&
			path !== "dist/stack-file.schema.json",
	);
	expect(strange).toEqual([]);
	// A file of an earlier build has no source any more.
	const stale = paths
		.filter((path) => /^dist\/.*\.js$/.test(path))
		.filter((path) => {
			const source = path.replace(/^dist/, "src").replace(/\.js$/, ".ts");
			return !existsSync(join(ROOT, source));
		});
	expect(stale).toEqual([]);
	expect(unpackedSize / 1000).toBeLessThan(KILOBYTES);
});
