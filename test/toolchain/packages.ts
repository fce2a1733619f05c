import { join } from "node:path";
import { findProgram, isExecutable, isThere, run } from "./programs.ts";
import { withProgress } from "./progress.ts";

/**
 * A requirement of the lab: a Debian package, and its program or file. A program with `file` may also be there
 * instead of on PATH.
 */
interface Need {
	package: string;
	program?: string;
	file?: string;
}

/** The folder of Debian's Python modules. */
const PYTHON_MODULES = "/usr/lib/python3/dist-packages";

const LAB_NEEDS: Need[] = [
	{ package: "wine", program: "wine" },
	{ package: "wine64", program: "wine64", file: "/usr/lib/wine/wine64" },
	{ package: "gcc-mingw-w64-x86-64", program: "x86_64-w64-mingw32-gcc" },
	{ package: "openssh-server", program: "sshd", file: "/usr/sbin/sshd" },
	{ package: "openssh-client", program: "ssh" },
	{ package: "openssh-client", program: "ssh-keygen" },
	{ package: "samba-common-bin", program: "net" },
	{ package: "python3-impacket", file: `${PYTHON_MODULES}/impacket` },
	// Only for tests that compare the lab's answers to `net` with those of a real server.
	{ package: "samba", program: "smbd", file: "/usr/sbin/smbd" },
	{ package: "shellcheck", program: "shellcheck" },
];

/** Returns the paths of the lab's programs, and the Debian packages of the missing ones. */
export async function lookForLab(
	path?: string,
): Promise<{ found: string[]; missing: string[] }> {
	const found: string[] = [];
	const missing = new Set<string>();
	for (const need of LAB_NEEDS) {
		const file = await findNeed(need, path);
		if (file) found.push(file);
		else missing.add(need.package);
	}
	return { found, missing: [...missing] };
}

async function findNeed({ program, file }: Need, path?: string) {
	const onPath = program && (await findProgram(program, path));
	const there = program ? isExecutable : isThere;
	return onPath || (file && (await there(file)) ? file : undefined);
}

/** Installs the missing packages of the lab, or fails with a list of them. Returns the programs. */
export async function preparePackages(): Promise<string[]> {
	const before = await lookForLab(process.env.PATH);
	if (before.missing.length === 0) return before.found;
	await installPackages("lab", before.missing, process.env);
	const { found, missing } = await lookForLab(process.env.PATH);
	if (missing.length > 0) {
		throw new Error(
			`lab: packages are installed but their programs are missing, got none of ${missing.join(", ")}; run: apt-get install --reinstall ${missing.join(" ")}`,
		);
	}
	return found;
}

/** Installs Debian packages. Without root or apt-get it fails with the command to run. */
export async function installPackages(
	where: string,
	packages: string[],
	env: NodeJS.ProcessEnv,
	isRoot = process.getuid?.() === 0,
): Promise<void> {
	const install = `apt-get install --no-install-recommends ${packages.join(" ")}`;
	if (!(await findProgram("apt-get", env.PATH))) {
		throw new Error(
			`${where}: system packages are missing, got a system without apt-get; install what Debian calls ${packages.join(", ")} (there: ${install}) and start again`,
		);
	}
	if (!isRoot) {
		throw new Error(
			`${where}: system packages are missing, got no root to install them; run: sudo apt-get update && sudo ${install}`,
		);
	}
	const script = join(import.meta.dirname, "apt-install.sh");
	await withProgress(
		`${where}: installing ${packages.join(", ")} from Debian (a minute or two, once)`,
		(onLine) =>
			run(["sh", script, ...packages], {
				env,
				onLine,
				what: `${where}: ${install}`,
				limitSeconds: 1800,
				advice: "install them by hand and start again",
			}),
	);
}
