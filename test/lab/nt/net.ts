import { execa } from "execa";
import type { NtHost } from "./nt-host.ts";

/** The options that NT 4 needs: SMB 1 and NTLM, nothing signed. */
export const LEGACY = [
	"client min protocol=NT1",
	"client max protocol=NT1",
	"client ipc min protocol=NT1",
	"client ipc max protocol=NT1",
	"client ntlmv2 auth=no",
	"client ipc signing=auto",
].map((option) => `--option=${option}`);

export interface NetResult {
	exitCode: number;
	stdout: string;
	stderr: string;
}

/** The server, and the account to log in with. */
export interface NetTarget {
	host: string;
	port: number;
	user: string;
	password: string;
	legacy: boolean;
}

/** The access to a host by `net`, with some parts replaced. */
export const target = (
	{ samba, password }: NtHost,
	change: Partial<NetTarget> = {},
): NetTarget => ({ ...samba, password, ...change });

/** Runs Samba's real `net rpc`. The password is passed on stdin. */
export async function net(
	{ host, port, user, password, legacy }: NetTarget,
	...args: string[]
): Promise<NetResult> {
	const { exitCode, stdout, stderr } = await execa(
		"sh",
		[
			// `net` cannot open a stdin that is a socket, as Node's are.
			...["-c", 'cat | net "$@"', "net"],
			...["-s", "/dev/null", "-A", "/dev/stdin", "-S", host, "-p", `${port}`],
			...(legacy ? LEGACY : []),
			...["rpc", ...args],
		],
		{
			input: `username = ${user}\npassword = ${password}\n`,
			env: { PATH: process.env.PATH, LC_ALL: "C" },
			extendEnv: false,
			reject: false,
		},
	);
	return { exitCode: exitCode ?? -1, stdout, stderr };
}
