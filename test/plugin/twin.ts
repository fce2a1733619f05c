import { mkdirSync } from "node:fs";
import { chmod, rename } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const dir = join(here, "../../.toolchain/twin");

/**
 * Makes the command plugin's twin ready and returns the folder of its executable, for `plugins.providers` in the
 * Pulumi.yaml of a test's own project. Building takes a fraction of a second, so it is always done.
 */
export async function twinDir(): Promise<string> {
	mkdirSync(dir, { recursive: true });
	const built = join(dir, `.${process.pid}`);
	// One file: every `pulumi` run starts the plugin, and to find and read a thousand modules costs more than it does.
	await build({
		entryPoints: [join(here, "twin/main.ts")],
		bundle: true,
		platform: "node",
		format: "cjs",
		outfile: built,
		banner: { js: "#!/usr/bin/env node" },
		// ssh2's compiled helpers; it does without them.
		external: ["*.node"],
		logLevel: "error",
	});
	await chmod(built, 0o755);
	// Others may be about to start it.
	await rename(built, join(dir, "pulumi-resource-command"));
	return dir;
}
