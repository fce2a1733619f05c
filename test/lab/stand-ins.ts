import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { madeOnce } from "./cache.ts";

const sources = join(import.meta.dirname, "windows");

const dirsync = ["dirsync.c", "lines.c"];
const postOffice = ["postoffice.c", ...dirsync];

const FLAGS = "-municode -O1 -s -Wall -Werror -DWIN32_LEAN_AND_MEAN".split(" ");

/** The sources of each program. */
const programs: Record<string, string[]> = {
	"launcher.exe": ["launcher.c"],
	"dxa.exe": ["dxa.c", ...dirsync],
	"net.exe": ["net.c", "net-text.c"],
	"find.exe": ["find.c"],
	"regedit.exe": ["-mwindows", "regedit.c", "reg-export.c"],
	"reqmain.exe": ["reqmain.c", ...postOffice],
	"srvmain.exe": ["srvmain.c", ...postOffice],
	"import.exe": ["import.c", ...postOffice],
	"rebuild.exe": ["rebuild.c", ...postOffice],
	"forcedos.exe": ["forcedos.c"],
	"holder.exe": ["holder.c"],
	"autorun.exe": ["autorun.c"],
	"unix-find.exe": ["unix-find.c"],
	"dead.exe": ["dead.c"],
};

/** Compiles the stand-ins for Windows programs that Wine lacks. @returns their folder */
export async function compileStandIns(): Promise<string> {
	const names = (await readdir(sources)).sort();
	const texts = names.map((name) => readFile(join(sources, name)));
	return madeOnce("stand-ins", await Promise.all(texts), async (folder) => {
		// Compiles each source once, because Windows' headers alone take a second.
		const objects = join(folder, "objects");
		await mkdir(objects);
		for (const name of names.filter((name) => name.endsWith(".c")))
			await gcc("-c", "-o", join(objects, `${name}.o`), name);
		for (const [program, parts] of Object.entries(programs)) {
			const linked = [...parts, "lab.c"].map((part) =>
				part.startsWith("-") ? part : join(objects, `${part}.o`),
			);
			await gcc("-o", join(folder, program), ...linked);
		}
		await rm(objects, { recursive: true });
	});
}

const gcc = (...args: string[]): Promise<unknown> =>
	execa("x86_64-w64-mingw32-gcc", [...FLAGS, ...args], { cwd: sources });
