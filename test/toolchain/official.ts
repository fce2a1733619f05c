import { dirname, join } from "node:path";
import { run } from "./programs.ts";
import { withProgress } from "./progress.ts";
import { moveIntoPlace, withScratch } from "./staging.ts";

/** The SDK's installer downloads this first and waits two minutes for it. The check here has a shorter limit. */
const INSTALLER = "https://get.pulumi.com/install.sh";
const REACHABLE_MS = 4000;

/** Runs the SDK's installer in another process, because it has no time limit and its module loads slowly. */
const INSTALL = `
	const { PulumiCommand } = require("@pulumi/pulumi/automation");
	PulumiCommand.install({ root: process.argv[1] }).catch((error) => {
		console.error(error.message);
		process.exitCode = 1;
	});
`;

/** Installs the official build of the CLI. Returns false if the vendor's host is unreachable or the download fails. */
export async function installOfficial(
	target: string,
	env: NodeJS.ProcessEnv,
): Promise<boolean> {
	if (!(await isReachable(INSTALLER))) return false;
	return withProgress(
		"downloading the Pulumi CLI, about 100 MB, once",
		(onLine) =>
			withScratch(dirname(target), async (scratch) => {
				await run([process.execPath, "-e", INSTALL, scratch], {
					cwd: import.meta.dirname,
					env,
					onLine,
					what: "pulumi: the official installation",
					limitSeconds: 900,
					advice: "it is built from its Go modules instead",
				});
				await moveIntoPlace(join(scratch, "bin"), target);
				return true;
			}),
	).catch((error: Error) => {
		console.warn(error.message);
		return false;
	});
}

async function isReachable(url: string): Promise<boolean> {
	const signal = AbortSignal.timeout(REACHABLE_MS);
	return fetch(url, { method: "HEAD", signal }).then(
		({ ok }) => ok,
		() => false,
	);
}
