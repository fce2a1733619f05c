import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { Keeper } from "./keeper.ts";

it("deletes the folder of a host whose start was interrupted before it had an environment", async () => {
	const keeper = Keeper.ofTemporary("dirsync-keeper-");
	expect(existsSync(keeper.dir)).toBe(true);
	await keeper.end();
	expect(existsSync(keeper.dir)).toBe(false);
});
