import { readFile, rm, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { isThere } from "./programs.ts";

const POLICY = "/usr/sbin/policy-rc.d";
const MARK =
	"# exchange-dirsync: no service starts while its packages are installed";

/**
 * Installs packages without starting, now or at the next boot, the SSH server that one of them brings: the lab runs an
 * sshd of its own, and a machine's owner did not ask for a port 22. One that was installed before stays as it is.
 */
export async function withoutServiceStarts<T>(
	install: () => Promise<T>,
): Promise<T> {
	const hadServer = await isThere("/usr/sbin/sshd");
	const policyIsOurs = await forbidStarts();
	try {
		const result = await install();
		if (!hadServer && (await isThere("/usr/sbin/sshd"))) {
			await execa("update-rc.d", ["ssh", "disable"], { reject: false });
		}
		return result;
	} finally {
		if (policyIsOurs) await rm(POLICY, { force: true });
	}
}

/** Debian asks this file before it starts a service. Whose is there already stays, unless a killed run of ours left it. */
async function forbidStarts(): Promise<boolean> {
	const present = await readFile(POLICY, "utf8").catch(() => undefined);
	if (present !== undefined && !present.includes(MARK)) return false;
	await writeFile(POLICY, `#!/bin/sh\n${MARK}\nexit 101\n`, { mode: 0o755 });
	return true;
}
