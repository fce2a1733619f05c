import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { LabHost } from "../lab/host.ts";
import type { Canaries, Find } from "./canaries.ts";

/**
 * Searches every file below a folder for which `matters` is true.
 *
 * @returns the paths of these files in the folder, and the finds in them
 */
export async function searchFiles(
	canaries: Canaries,
	folder: string,
	matters: (path: string) => boolean | Promise<boolean> = () => true,
): Promise<{ files: string[]; finds: Find[] }> {
	const files: string[] = [];
	const finds: Find[] = [];
	for (const entry of await readdir(folder, {
		recursive: true,
		withFileTypes: true,
	})) {
		if (!entry.isFile()) continue;
		const path = join(entry.parentPath, entry.name);
		const name = relative(folder, path);
		if (!(await matters(name))) continue;
		// A running script may have deleted the file since the folder was listed.
		const content = await readFile(path).catch(() => undefined);
		if (!content) continue;
		files.push(name);
		finds.push(...canaries.find(name, content));
	}
	return { files, finds };
}

/** The lab's own key pairs, for its SSH server and its log-ins. */
const LAB_KEYS = /^ssh\/(product|lab|host)$/;

/** Searches all files of a lab host: drive C:, the registry's files, the log of sshd, and the commands it received. */
export async function searchHost(canaries: Canaries, host: LabHost) {
	const made = (await stat(join(host.dir, "host.json"))).mtimeMs;
	return searchFiles(canaries, host.dir, async (name) => {
		if (LAB_KEYS.test(name)) return false;
		const file = await stat(join(host.dir, name)).catch(() => undefined);
		// Wine's libraries are links to one copy for all hosts. They are skipped unless they were written to since.
		return file !== undefined && (file.nlink === 1 || file.mtimeMs > made);
	});
}
