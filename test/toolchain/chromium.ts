import { installPackages } from "./packages.ts";
import { findProgram } from "./programs.ts";

/**
 * Finds Debian's chromium, or installs it. Only a test of the full run and `npm run picture` need it, so it is not among
 * the packages that every machine gets.
 *
 * @returns its file
 */
export async function prepareChromium(
	env: NodeJS.ProcessEnv = process.env,
	isRoot?: boolean,
): Promise<string> {
	const found = await findProgram("chromium", env.PATH);
	if (found) return found;
	await installPackages("browser", ["chromium"], env, isRoot);
	const file = await findProgram("chromium", env.PATH);
	if (!file)
		throw new Error(
			"browser: the package chromium is installed, but there is no chromium on PATH; run: apt-get install --reinstall chromium",
		);
	return file;
}
