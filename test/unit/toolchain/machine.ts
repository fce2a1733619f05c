import {
	chmod,
	mkdir,
	mkdtemp,
	rm,
	symlink,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { findProgram } from "../../toolchain/programs.ts";

/** A machine that has only a shell and the programs that a test puts on its PATH. */
export interface Machine {
	dir: string;
	env: { HOME: string; PATH: string };
	/** Puts a shell script on PATH, or at another place in `dir`. */
	program(name: string, script: string, folder?: string): Promise<string>;
}

/** Creates a machine that is deleted after its test. */
export async function machine(): Promise<Machine> {
	const dir = await mkdtemp(join(tmpdir(), "toolchain-test-"));
	onTestFinished(() => rm(dir, { recursive: true, force: true }));
	const program = async (name: string, script: string, folder = "bin") => {
		const file = join(dir, folder, name);
		await mkdir(dirname(file), { recursive: true });
		await writeFile(file, `#!/bin/sh\n${script}\n`);
		await chmod(file, 0o755);
		return file;
	};
	// The system's folders contain pulumi, go and apt-get on some machines, so only the tools of the scripts are linked.
	await mkdir(join(dir, "bin"));
	for (const tool of ["chmod", "dirname", "mkdir", "sleep", "timeout"]) {
		const file = await findProgram(tool, process.env.PATH);
		await symlink(file ?? "missing", join(dir, "bin", tool));
	}
	return { dir, env: { HOME: dir, PATH: join(dir, "bin") }, program };
}
