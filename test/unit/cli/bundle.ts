import { join } from "node:path";
import { build } from "esbuild";

/** Bundles the command line from its sources, so that its tests need no build of the package. */
export const bundleCli = (outfile: string) =>
	build({
		entryPoints: [join(import.meta.dirname, "../../../src/cli/main.ts")],
		bundle: true,
		platform: "node",
		format: "cjs",
		packages: "external",
		outfile,
		logLevel: "error",
	});
