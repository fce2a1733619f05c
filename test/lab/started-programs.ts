import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** How many times each program was started, by its name without `.exe`, in lower case. */
export type Started = Record<string, number>;

/**
 * Parts of the lab: START is a program in Wine only, the console's own process came with Windows 7, and the stand-in for NT 4's
 * regedit imports by Wine's.
 */
const OWN = ["launcher", "start", "conhost", "wine-regedit"];

/**
 * The programs that each session of the product started, in the order of the sessions.
 *
 * @param folder has a file for each session, written by handover.sh: Wine's trace of every CreateProcess
 */
export async function readStarted(folder: string): Promise<Started[]> {
	const sessions = (await readdir(folder)).sort();
	return Promise.all(
		sessions.map(async (session) =>
			count(await readFile(join(folder, session), "latin1")),
		),
	);
}

function count(trace: string): Started {
	const started: Started = {};
	for (const [, path = ""] of trace.matchAll(PROGRAM)) {
		const name = path.split("\\").at(-1)?.toLowerCase() ?? "";
		const program = name.replace(/\.exe$/, "");
		if (!OWN.includes(program)) started[program] = (started[program] ?? 0) + 1;
	}
	return started;
}

/** `app (null) cmdline L"C:\\windows\\system32\\find /v ..."`, with or without quotes around the path. */
const PROGRAM =
	/:CreateProcessInternalW app (?:\(null\)|L".*?") cmdline L"(?:\\")?(.*?)(?:\\"|"| )/g;
