import { createHash } from "node:crypto";
import { access, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
	moveIntoPlace,
	removeAbandoned,
	withScratch,
} from "../toolchain/staging.ts";

const root = join(import.meta.dirname, "../../.toolchain/lab");

/**
 * Creates a folder once for the parts that it is made of and names it `<name>-<hash of the parts>`. Folders of this
 * name for other parts are deleted.
 */
export async function madeOnce(
	name: string,
	parts: (string | Buffer)[],
	make: (folder: string) => Promise<void>,
): Promise<string> {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part).update("\0");
	const made = `${name}-${hash.digest("hex").slice(0, 12)}`;
	const folder = join(root, made);
	if (await exists(folder)) return folder;
	await removeAbandoned(root);
	await withScratch(root, async (scratch) => {
		await make(scratch);
		await moveIntoPlace(scratch, folder);
	});
	await removeOthers(name, made);
	return folder;
}

const exists = (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false,
	);

async function removeOthers(name: string, made: string): Promise<void> {
	for (const entry of await readdir(root))
		if (entry.startsWith(`${name}-`) && entry !== made)
			await rm(join(root, entry), { recursive: true, force: true });
}
