import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { madeOnce } from "./cache.ts";

const sources = join(import.meta.dirname, "windows");

const dirsync = ["dirsync.c", "lines.c"];
const postOffice = ["postoffice.c", ...dirsync];

/** What each program is made of. */
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
};

/** Compiles the Windows programs that Wine has nothing for. @returns their folder */
export async function compileStandIns(): Promise<string> {
	const names = (await readdir(sources)).sort();
	const texts = names.map((name) => readFile(join(sources, name)));
	return madeOnce("stand-ins", await Promise.all(texts), async (folder) => {
		for (const [program, parts] of Object.entries(programs))
			await compile(join(folder, program), parts);
	});
}

const compile = (output: string, parts: string[]): Promise<unknown> =>
	execa(
		"x86_64-w64-mingw32-gcc",
		[
			..."-municode -O1 -s -Wall -Werror -o".split(" "),
			output,
			...parts,
			"lab.c",
		],
		{ cwd: sources },
	);
