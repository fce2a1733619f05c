import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
	moveIntoPlace,
	removeAbandoned,
	withScratch,
} from "../../toolchain/staging.ts";
import { machine } from "./machine.ts";

it("moves a finished folder into place, and keeps the first one", async () => {
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

it("removes the folders of a killed run, but not those of a running one", async () => {
	const { dir } = await machine();
	const own = join(dir, "own");
	const { pid: ended } = spawnSync("true");
	await mkdir(join(own, `scratch-${ended}-abc`, "result"), { recursive: true });
	await mkdir(join(own, `scratch-${process.ppid}-abc`));
	await mkdir(join(own, "bin"));
	await removeAbandoned(own);
	expect((await readdir(own)).sort()).toEqual([
		"bin",
		`scratch-${process.ppid}-abc`,
	]);
});

it("removes nothing on a new machine", async () => {
	const { dir } = await machine();
	await removeAbandoned(join(dir, "own"));
	expect(await readdir(dir)).toEqual(["bin"]);
});
