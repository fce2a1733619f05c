import { copyFile, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { clonePrefix } from "./clone.ts";
import type { Template } from "./template.ts";
import type { Language } from "./wine.ts";

/** `reg`: with reg.exe, sc.exe and similar programs. `nt4`: as NT 4, with regedit only and ANSI exports. */
export type Make = "reg" | "nt4";

/** Programs that were added after NT 4, or that only its Resource Kit has. */
const LATER_THAN_NT4 = [
	"cabarc.exe",
	"certutil.exe",
	"cscript.exe",
	"dism.exe",
	"findstr.exe",
	"fsutil.exe",
	"icacls.exe",
	"mshta.exe",
	"netsh.exe",
	"reg.exe",
	"regini.exe",
	"robocopy.exe",
	"sc.exe",
	"schtasks.exe",
	"setx.exe",
	"shutdown.exe",
	"systeminfo.exe",
	"taskkill.exe",
	"tasklist.exe",
	"timeout.exe",
	"wbem/wmic.exe",
	"wevtutil.exe",
	"where.exe",
	"whoami.exe",
	"WindowsPowerShell/v1.0/powershell.exe",
	"wscript.exe",
	"wusa.exe",
];

/** Creates a host's drives: `prefix` with C:, and `lab`, which is drive L: with the stand-ins' settings and logs. */
export async function makeDrives(
	template: Template,
	dir: string,
	make: Make,
	language: Language,
): Promise<void> {
	const prefix = join(dir, "prefix");
	const lab = join(dir, "lab");
	await rm(prefix, { recursive: true, force: true });
	await clonePrefix(join(template.folder, language, "prefix"), prefix);
	await mkdir(lab, { recursive: true });
	await mkdir(join(dir, "home"), { recursive: true });
	await symlink("../../lab", join(prefix, "dosdevices/l:"));
	const windows = join(prefix, "drive_c/windows");
	const system = join(windows, "system32");
	const standIn = (name: string) => join(template.programs, name);
	// Wine's own programs, for the lab itself: a host of the make nt4 does not have them.
	await copyFile(join(windows, "regedit.exe"), join(lab, "wine-regedit.exe"));
	await copyFile(join(system, "sc.exe"), join(lab, "wine-sc.exe"));
	await copyFile(standIn("launcher.exe"), join(lab, "launcher.exe"));
	for (const name of ["net.exe", "find.exe"])
		await replace(standIn(name), join(system, name));
	const exchange = join(prefix, "drive_c/exchsrvr");
	await mkdir(join(exchange, "bin"), { recursive: true });
	await mkdir(join(exchange, "dxadata"));
	await copyFile(standIn("dxa.exe"), join(exchange, "bin/dxa.exe"));
	if (make === "reg") return;
	for (const program of LATER_THAN_NT4)
		await rm(join(system, program), { force: true });
	await replace(standIn("regedit.exe"), join(windows, "regedit.exe"));
}

/** Deletes the file first, because it may be a hard link to the template's. */
async function replace(from: string, to: string): Promise<void> {
	await rm(to, { force: true });
	await copyFile(from, to);
}
