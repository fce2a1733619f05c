/**
 * `npm run picture`: runs a cutover in the lab as `npm start` does, and writes its report page as an image for the README.
 * Installs Debian's package chromium if there is none.
 */
import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { prepareChromium } from "./toolchain/chromium.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGE = join(ROOT, ".lab/demo/cutover-report-lab.html");
const PICTURE = join(ROOT, "docs/images/cutover-report.png");

/** In CSS pixels: the page up to the end of the timeline. */
const SIZE = "1100,850";

async function main(): Promise<void> {
	// A run of its own, so that the page shows a cutover that was just performed.
	const run = `rehearsal-${new Date().toISOString().slice(5, 16).replace(/\W/g, "")}`;
	await execa("npm", ["start", "--", run], { cwd: ROOT, stdio: "inherit" });
	await mkdir(join(ROOT, "docs/images"), { recursive: true });
	await execa(await prepareChromium(), [
		...["--headless", "--no-sandbox", "--hide-scrollbars"],
		...[`--window-size=${SIZE}`, `--screenshot=${PICTURE}`],
		pathToFileURL(PAGE).href,
	]);
	console.log(`\nWritten: ${relative("", PICTURE)}`);
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
