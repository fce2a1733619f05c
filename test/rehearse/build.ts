import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import build from "../build.ts";
import { withProgress } from "../toolchain/progress.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The last file that a build writes. */
const LAST = "dist/stack-file.schema.json";

/** Builds the package if a file of its source is newer than the last build. */
export async function buildIfNeeded(): Promise<void> {
	if (await isBuilt(ROOT)) return;
	await withProgress("building the package", build);
}

/** Whether the last build of the package in this folder is newer than its source. */
export async function isBuilt(root: string): Promise<boolean> {
	const built = await stat(join(root, LAST)).catch(() => undefined);
	if (!built) return false;
	const sources = await readdir(join(root, "src"), { recursive: true });
	const files = [
		...["package.json", "tsconfig.json", "tsconfig.build.json", "src"],
		...sources.map((name) => join("src", name)),
	];
	const times = await Promise.all(
		files.map(async (name) => (await stat(join(root, name))).mtimeMs),
	);
	return Math.max(...times) < built.mtimeMs;
}
