import { mkdir, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isExecutable, run } from "./programs.ts";
import { withProgress } from "./progress.ts";

/** The version of the command plugin that the package is made for. The SDK in package.json requires it too. */
export const PLUGIN_VERSION = "1.2.1";

/** How long a failed download prevents another attempt, which takes seconds, or a minute with some firewalls. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** Tries to install the real command plugin in the user's Pulumi home. Returns whether it is installed. */
export async function prepareRealPlugin(
	pulumi: string,
	folder: string,
	env: NodeJS.ProcessEnv,
): Promise<boolean> {
	if (await hasRealPlugin(env)) return true;
	const failed = join(folder, "plugin-download-failed");
	if (await isRecent(failed)) return false;
	await installRealPlugin(pulumi, env).catch(async (error: Error) => {
		await mkdir(folder, { recursive: true });
		await writeFile(failed, `${error.message}\n`);
	});
	return hasRealPlugin(env);
}

/** Checks the folder that the engine uses. A `.partial` file next to it marks an interrupted download. */
async function hasRealPlugin(env: NodeJS.ProcessEnv): Promise<boolean> {
	const home = env.PULUMI_HOME || join(env.HOME || homedir(), ".pulumi");
	const plugin = join(home, "plugins", `resource-command-v${PLUGIN_VERSION}`);
	const isPartial = await stat(`${plugin}.partial`).catch(() => false);
	return (
		!isPartial && (await isExecutable(join(plugin, "pulumi-resource-command")))
	);
}

async function isRecent(file: string): Promise<boolean> {
	return stat(file).then(
		({ mtimeMs }) => Date.now() - mtimeMs < REMEMBERED_MS,
		() => false,
	);
}

function installRealPlugin(
	pulumi: string,
	env: NodeJS.ProcessEnv,
): Promise<string> {
	const args = ["plugin", "install", "resource", "command", PLUGIN_VERSION];
	return withProgress(
		`installing the command plugin ${PLUGIN_VERSION}, about 15 MB, at most a minute`,
		(onLine) =>
			run([pulumi, ...args], {
				env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
				onLine,
				what: `pulumi ${args.join(" ")}`,
				limitSeconds: 60,
				advice: "the twin is used for tests and the lab",
			}),
	);
}
