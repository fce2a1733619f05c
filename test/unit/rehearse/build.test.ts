import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isBuilt } from "../../rehearse/build.ts";

let root: string;
const BUILT = "dist/stack-file.schema.json";

/** Gives a file and its folder a time, in seconds. */
async function touch(name: string, time: number): Promise<void> {
	const file = join(root, name);
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, "");
	await utimes(file, time, time);
	await utimes(dirname(file), time, time);
}

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "dirsync-build-"));
	for (const name of ["package", "tsconfig", "tsconfig.build"])
		await touch(`${name}.json`, 100);
	await touch("src/cli/main.ts", 100);
	await touch("src/index.ts", 100);
	await touch(BUILT, 200);
});
afterEach(() => rm(root, { recursive: true }));

it("a package is built again after a change of its source, of its configuration, or if it never was", async () => {
	expect(await isBuilt(root)).toBe(true);
	await touch("src/cli/main.ts", 300);
	expect(await isBuilt(root)).toBe(false);
	await touch(BUILT, 400);
	expect(await isBuilt(root)).toBe(true);
	await touch("tsconfig.build.json", 500);
	expect(await isBuilt(root)).toBe(false);
	await touch(BUILT, 600);
	// A file of the source was deleted.
	await utimes(join(root, "src"), 700, 700);
	expect(await isBuilt(root)).toBe(false);
	await rm(join(root, "dist"), { recursive: true });
	expect(await isBuilt(root)).toBe(false);
});
