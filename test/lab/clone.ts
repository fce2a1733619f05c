import {
	copyFile,
	link,
	mkdir,
	readdir,
	readlink,
	stat,
	symlink,
} from "node:fs/promises";
import { join } from "node:path";

/**
 * A file above this size is one of Wine's own libraries, which are never written to. Prefixes share it by a hard link.
 */
const SHARED_FROM = 64 * 1024;

/** Copies a Wine prefix in a fraction of a second and a few megabytes: large files are links to the original's. */
export async function clonePrefix(from: string, to: string): Promise<void> {
	await mkdir(to);
	for (const entry of await readdir(from, { withFileTypes: true })) {
		const source = join(from, entry.name);
		const target = join(to, entry.name);
		if (entry.isDirectory()) await clonePrefix(source, target);
		else if (entry.isSymbolicLink())
			await symlink(await readlink(source), target);
		else await cloneFile(source, target);
	}
}

async function cloneFile(source: string, target: string): Promise<void> {
	const shared =
		!source.endsWith(".reg") && (await stat(source)).size > SHARED_FROM;
	// The temporary folder may be on another file system. Then the file is copied.
	if (shared && (await tryLink(source, target))) return;
	await copyFile(source, target);
}

const tryLink = (source: string, target: string): Promise<boolean> =>
	link(source, target).then(
		() => true,
		() => false,
	);
