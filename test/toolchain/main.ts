/** Prepares this machine for the tests and the lab, and says what they will use. */
import { preparePackages } from "./packages.ts";
import { PLUGIN_VERSION } from "./plugin.ts";
import { prepareToolchain } from "./toolchain.ts";

const RETRY =
	"the real one is tried again a day after a failed download, or once .toolchain/plugin-download-failed is removed";

try {
	const programs = await preparePackages();
	const { pulumi, version, languageHost, plugin } = await prepareToolchain();
	console.log(`pulumi          ${version}, ${pulumi}`);
	console.log(`language host   ${languageHost}`);
	console.log(
		plugin.kind === "real"
			? `command plugin  real ${PLUGIN_VERSION}`
			: `command plugin  the twin (a stand-in for tests and the lab), ${plugin.dir};\n                ${RETRY}`,
	);
	console.log(`lab packages    ${programs.join(", ")}`);
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
