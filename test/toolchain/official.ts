import { dirname, join } from "node:path";
import { run } from "./programs.ts";
import { withProgress } from "./progress.ts";
import { moveIntoPlace, withScratch } from "./staging.ts";

/** Where the SDK's installer begins. It waits two minutes for an answer, we do not. */
const INSTALLER = "https://get.pulumi.com/install.sh";
const REACHABLE_MS = 4000;

/** The SDK's own installer, in a process that can be ended: it takes no time limit, and its module is slow to load. */
const INSTALL = `
	const { PulumiCommand } = require("@pulumi/pulumi/automation");
	PulumiCommand.install({ root: process.argv[1] }).catch((error) => {
		console.error(error.message);
		process.exitCode = 1;
	});
`;

/** Installs the official build of the CLI; false where the vendor's host cannot be reached or the download fails. */
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
