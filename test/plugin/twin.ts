import { mkdirSync } from "node:fs";
import { chmod, rename } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const dir = join(here, "../../.toolchain/twin");

/**
 * Builds the command plugin's twin, and returns the folder of its executable for `plugins.providers` in the
 * Pulumi.yaml of a test. The build takes a fraction of a second, so its result is not cached.
 */
export async function twinDir(): Promise<string> {
	mkdirSync(dir, { recursive: true });
	const built = join(dir, `.${process.pid}`);
	// Every `pulumi` run starts the plugin, and one file loads faster than a thousand modules.
	await build({
		entryPoints: [join(here, "twin/main.ts")],
		bundle: true,
		platform: "node",
		format: "cjs",
		outfile: built,
		banner: { js: "#!/usr/bin/env node" },
		// Excludes ssh2's compiled helpers, which are optional.
		external: ["*.node"],
		logLevel: "error",
	});
	await chmod(built, 0o755);
	// Another process may start the plugin at this moment, so the file is replaced in one step.
	await rename(built, join(dir, "pulumi-resource-command"));
	return dir;
}
