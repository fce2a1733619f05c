import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Longer than any step may take: a scratch folder that old was left by a run that was killed. */
const STALE_MS = 2 * 60 * 60 * 1000;

/** Gives `work` an empty folder inside `folder`, on the same file system, and removes it afterwards. */
export async function withScratch<T>(
	folder: string,
	work: (scratch: string) => Promise<T>,
): Promise<T> {
	await mkdir(folder, { recursive: true });
	await removeStale(folder);
	const scratch = await mkdtemp(join(folder, "scratch-"));
	try {
		return await work(scratch);
	} finally {
		await rm(scratch, { recursive: true, force: true });
	}
}

async function removeStale(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		if (!name.startsWith("scratch-")) continue;
		const path = join(folder, name);
		const age = await stat(path).then(
			({ mtimeMs }) => Date.now() - mtimeMs,
			() => 0,
		);
		if (age > STALE_MS) await rm(path, { recursive: true, force: true });
	}
}

/**
 * Moves a finished folder to its place, in one step: nobody ever sees a part of it. Where another run was quicker its
 * result stays, it is as good.
 */
export async function moveIntoPlace(
	from: string,
	target: string,
): Promise<void> {
	try {
		await rename(from, target);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
	}
}
