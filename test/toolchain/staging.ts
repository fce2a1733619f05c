import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Creates an empty folder inside `folder`, on the same file system, for `work`, and deletes it afterwards. */
export async function withScratch<T>(
	folder: string,
	work: (scratch: string) => Promise<T>,
): Promise<T> {
	await mkdir(folder, { recursive: true });
	const scratch = await mkdtemp(join(folder, `scratch-${process.pid}-`));
	try {
		return await work(scratch);
	} finally {
		await rm(scratch, { recursive: true, force: true });
	}
}

/** Deletes the folders that {@link withScratch} could not delete because their program was ended. */
export async function removeAbandoned(folder: string): Promise<void> {
	const names = await readdir(folder).catch(() => []);
	for (const name of names) {
		const pid = /^scratch-(\d+)-/.exec(name)?.[1];
		if (pid && !isRunning(Number(pid))) {
			await rm(join(folder, name), { recursive: true, force: true });
		}
	}
}

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}

/**
 * Moves a complete folder to its place in one step, so no process finds an incomplete one. If another run was faster,
 * its result stays, because it is equivalent.
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
