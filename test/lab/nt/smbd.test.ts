import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../free-port.ts";
import { processes, signal } from "../processes.ts";
import { type NetTarget, net, target } from "./net.ts";
import { type NtHost, startNtHost } from "./nt-host.ts";

// Compares the registry commands with Samba's own server, which has a registry too. It has no service that can be
// paused. Only root can run it.

const isRoot = process.getuid?.() === 0;
if (!isRoot)
	console.warn(
		"lab: smbd gives no second opinion on the registry, as only root can start it; CI does",
	);

const OWN = "HKLM\\SOFTWARE\\exchange-dirsync";
const ROOT_KEY = ["registry", "enumerate", "HKLM"];
const PASSWORD = "second-opinion";

let dir: string;
let smbd: ChildProcess;
let samba: NetTarget;
let host: NtHost;

beforeAll(async () => {
	if (!isRoot) return;
	dir = await mkdtemp(join(tmpdir(), "dirsync-smbd-"));
	const port = await freePort();
	const config = join(dir, "smb.conf");
	await writeFile(config, await configuration(dir));
	await execa("smbpasswd", ["-c", config, "-L", "-s", "-a", "root"], {
		input: `${PASSWORD}\n${PASSWORD}\n`,
	});
	// smbd ends with its stdin, and so with this process, and its process group ends with it. If stdin were a socket,
	// smbd would serve it.
	smbd = spawn(
		"sh",
		[
			"-c",
			'cat | smbd -F --no-process-group -s "$0" -p "$1"',
			config,
			`${port}`,
		],
		{ stdio: ["pipe", "ignore", "ignore"], detached: true },
	);
	samba = {
		...{ host: "127.0.0.1", port, user: "root", password: PASSWORD },
		legacy: false,
	};
	await listening();
	host = await startNtHost();
});
afterAll(async () => {
	if (!isRoot) return;
	await host.stop();
	const gone = once(smbd, "exit");
	smbd.stdin?.end();
	await gone;
	// Its helper processes wait some time for further requests.
	for (const { pid, command } of processes())
		if (command.includes(dir)) signal(pid, "SIGKILL");
	await rm(dir, { recursive: true, force: true });
});

/** smbd creates its registry at the first request. */
async function listening(): Promise<void> {
	for (const end = Date.now() + 60_000; ; ) {
		const { exitCode, stderr } = await net(samba, ...ROOT_KEY);
		if (exitCode === 0) return;
		if (Date.now() > end)
			throw new Error(
				`lab: smbd does not answer after 60 s, got ${stderr}; see ${dir}/log`,
			);
	}
}

/** smbd writes nothing outside this folder and reads no configuration of this machine. */
async function configuration(dir: string): Promise<string> {
	const folders = [
		"private",
		"lock",
		"state",
		"cache",
		"pid",
		"ncalrpc",
		"log",
	];
	for (const folder of folders) await mkdir(join(dir, folder), { mode: 0o755 });
	return `[global]
	interfaces = 127.0.0.1
	bind interfaces only = yes
	disable netbios = yes
	load printers = no
	private dir = ${dir}/private
	lock directory = ${dir}/lock
	state directory = ${dir}/state
	cache directory = ${dir}/cache
	pid directory = ${dir}/pid
	ncalrpc dir = ${dir}/ncalrpc
	log file = ${dir}/log/%m
`;
}

const COMMANDS = [
	["createkey", `${OWN}\\lock\\deep`],
	["createkey", `${OWN.toUpperCase()}\\Lock`],
	["enumerate", OWN],
	["setvalue", OWN, "Number", "dword", "1"],
	["getvalueraw", OWN, "Number"],
	["getvalue", OWN, "NUMBER"],
	["setvalue", OWN, "Number", "dword", "0x1"],
	["getvalueraw", OWN, "Number"],
	["setvalue", OWN, "Number", "dword", "4294967295"],
	["setvalue", OWN, "Text", "sz", 'a "b" \\ für'],
	["getvalueraw", OWN, "Text"],
	["getvalue", OWN, "Text"],
	["setvalue", OWN, "Long", "sz", "x".repeat(6000)],
	["setvalue", OWN, "Empty", "sz", ""],
	["setvalue", OWN, "Text", "binary", "01"],
	["enumerate", OWN],
	["getvalueraw", OWN, "Nothing"],
	["deletevalue", OWN, "Number"],
	["deletevalue", OWN, "Number"],
	["getvalueraw", `${OWN}\\Nothing`, "Number"],
	["setvalue", `${OWN}\\Nothing`, "Number", "dword", "1"],
	["deletekey", OWN],
	["deletekey", `${OWN}\\lock\\deep`],
	["deletekey", `${OWN}\\lock`],
	["deletekey", `${OWN}\\lock`],
	["deletekey", OWN],
	["enumerate", OWN],
];

test.runIf(isRoot)(
	"Samba's own server answers as the NT host does",
	async () => {
		for (const command of COMMANDS) {
			const theirs = await net(samba, "registry", ...command);
			const ours = await net(target(host), "registry", ...command);
			expect([command, ours]).toEqual([command, theirs]);
		}
		expect(await host.labErrors()).toEqual([]);
	},
);
