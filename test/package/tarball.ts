import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

export const ROOT = join(import.meta.dirname, "../..");

/** A temporary folder, and its removal. */
export async function temporaryFolder() {
	const dir = await mkdtemp(join(tmpdir(), "dirsync-package-"));
	return {
		dir,
		remove: () => rm(dir, { recursive: true, force: true }),
	};
}

/** Packs the package as it would be published, from the build that exists. @returns the tarball's file */
export async function pack(dir: string): Promise<string> {
	const { stdout } = await execa(
		"npm",
		["pack", "--ignore-scripts", "--json", "--pack-destination", dir],
		{ cwd: ROOT },
	);
	const [{ filename }] = JSON.parse(stdout);
	return join(dir, filename);
}

/** Installs packages as a user does, without install scripts: the command plugin comes from the toolchain. */
export const install = (dir: string, ...packages: string[]) =>
	execa(
		"npm",
		[
			...["install", "--ignore-scripts", "--no-audit", "--no-fund"],
			...["--prefer-offline", ...packages],
		],
		{ cwd: dir },
	);
