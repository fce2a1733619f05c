import { prepareLab } from "./lab/template.ts";
import { preparePackages } from "./toolchain/packages.ts";
import { PLUGIN_VERSION } from "./toolchain/plugin.ts";
import { withProgress } from "./toolchain/progress.ts";
import { prepareToolchain, type Toolchain } from "./toolchain/toolchain.ts";

/** Prepares this machine for tests and lab, once, and prints what they will use. */
export async function prepareMachine(): Promise<Toolchain> {
	const programs = await preparePackages();
	const toolchain = await prepareToolchain();
	await withProgress("Windows for the lab (half a minute, once)", prepareLab);
	const { pulumi, version, languageHost, plugin } = toolchain;
	console.log(`pulumi          ${version}, ${pulumi}
language host   ${languageHost}
command plugin  ${
		plugin.kind === "real"
			? `real ${PLUGIN_VERSION}`
			: `the twin (a stand-in for tests and the lab, never for a host of yours), ${plugin.dir};
                the real one is tried again a day after a failed download, or once
                .toolchain/plugin-download-failed is removed`
	}
lab packages    ${programs.join(", ")}`);
	return toolchain;
}
