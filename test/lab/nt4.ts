import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** Programs that came after NT 4, or with its Resource Kit only. */
const LATER = [
	"system32/cabarc.exe",
	"system32/certutil.exe",
	"system32/cscript.exe",
	"system32/dism.exe",
	"system32/findstr.exe",
	"system32/fsutil.exe",
	"system32/icacls.exe",
	"system32/mshta.exe",
	"system32/netsh.exe",
	"system32/reg.exe",
	"system32/regini.exe",
	"system32/robocopy.exe",
	"system32/sc.exe",
	"system32/schtasks.exe",
	"system32/setx.exe",
	"system32/shutdown.exe",
	"system32/systeminfo.exe",
	"system32/taskkill.exe",
	"system32/tasklist.exe",
	"system32/timeout.exe",
	"system32/wbem/wmic.exe",
	"system32/wevtutil.exe",
	"system32/where.exe",
	"system32/whoami.exe",
	"system32/WindowsPowerShell/v1.0/powershell.exe",
	"system32/wscript.exe",
	"system32/wusa.exe",
];

/** Takes a prefix back to the tools of NT 4: what came later is gone, and regedit is the stand-in. */
export async function makeNt4(template: string, prefix: string): Promise<void> {
	const windows = join(prefix, "drive_c/windows");
	for (const program of LATER)
		await rm(join(windows, program), { force: true });
	// Removed first: the file may be a hard link to the template's.
	await rm(join(windows, "regedit.exe"));
	await copyFile(
		join(template, "bin/regedit.exe"),
		join(windows, "regedit.exe"),
	);
}
