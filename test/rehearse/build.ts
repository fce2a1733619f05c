import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { withProgress } from "../toolchain/progress.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The last file that a build writes. */
const LAST = "dist/stack-file.schema.json";

/** Builds the program if a file of its source is newer than the last build. */
export async function build(): Promise<void> {
	if (await isBuilt()) return;
	await withProgress("building the package", () =>
		execa("npm", ["run", "-s", "build"], { cwd: ROOT, all: true }),
	);
}

async function isBuilt(): Promise<boolean> {
	const built = await stat(join(ROOT, LAST)).catch(() => undefined);
	if (!built) return false;
	const sources = await readdir(join(ROOT, "src"), { recursive: true });
	const files = [
		...["package.json", "tsconfig.json", "tsconfig.build.json"],
		...sources.map((name) => join("src", name)),
	];
	const times = await Promise.all(
		files.map(async (name) => (await stat(join(ROOT, name))).mtimeMs),
	);
	return Math.max(...times) < built.mtimeMs;
}
