import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { LabHost } from "../lab/host.ts";
import type { Canaries, Find } from "./canaries.ts";

/** Looks into every file below a folder that `matters`. @returns the files, by their paths in it, and the finds in them */
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
		// What comes and goes while a script runs may be gone by now.
		const content = await readFile(path).catch(() => undefined);
		if (!content) continue;
		files.push(name);
		finds.push(...canaries.find(name, content));
	}
	return { files, finds };
}

/** The key pairs with which the lab itself makes its SSH server and logs in to it. */
const LAB_KEYS = /^ssh\/(product|lab|host)$/;

/** Looks into all of a lab host: drive C:, the registry's files, what sshd logged, what commands it was handed. */
export async function searchHost(canaries: Canaries, host: LabHost) {
	const made = (await stat(join(host.dir, "host.json"))).mtimeMs;
	return searchFiles(canaries, host.dir, async (name) => {
		if (LAB_KEYS.test(name)) return false;
		const file = await stat(join(host.dir, name)).catch(() => undefined);
		// Wine's libraries are links to one copy for all hosts: as they were, unless written to since.
		return file !== undefined && (file.nlink === 1 || file.mtimeMs > made);
	});
}
