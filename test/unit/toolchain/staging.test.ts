import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { moveIntoPlace, withScratch } from "../../toolchain/staging.ts";
import { machine } from "./machine.ts";

it("moves a finished folder into place; the first one stays", async () => {
	const { dir } = await machine();
	const target = join(dir, "own/bin");
	for (const text of ["first", "second"]) {
		await withScratch(join(dir, "own"), async (scratch) => {
			const result = join(scratch, "result");
			await mkdir(result);
			await writeFile(join(result, "tool"), text);
			await moveIntoPlace(result, target);
		});
	}
	expect(await readFile(join(target, "tool"), "utf8")).toBe("first");
	expect(await readdir(join(dir, "own"))).toEqual(["bin"]);
});

it("a missing result is an error", async () => {
	const { dir } = await machine();
	await expect(
		moveIntoPlace(join(dir, "nothing"), join(dir, "target")),
	).rejects.toThrow("ENOENT");
});

it("removes what a killed run left, but not what another run is at", async () => {
	const { dir } = await machine();
	await mkdir(join(dir, "own/scratch-killed"), { recursive: true });
	await mkdir(join(dir, "own/scratch-running"));
	await mkdir(join(dir, "own/bin"));
	const before = Date.now() / 1000 - 3 * 60 * 60;
	await utimes(join(dir, "own/scratch-killed"), before, before);
	await utimes(join(dir, "own/bin"), before, before);
	await withScratch(join(dir, "own"), async () => {});
	expect((await readdir(join(dir, "own"))).sort()).toEqual([
		"bin",
		"scratch-running",
	]);
});
