import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { installPackages } from "../toolchain/packages.ts";
import { findProgram } from "../toolchain/programs.ts";
import { type Door, type Hosts, sshOptions } from "./hosts.ts";
import { leastScript } from "./least-script.ts";
import type { CommandLine } from "./measure.ts";
import type { Side } from "./side.ts";

type LeastStep = keyof typeof leastScript;

async function writeKnownHosts(fleet: Hosts, dir: string): Promise<string> {
	const file = join(dir, "known_hosts");
	const lines = fleet.doors.map(
		({ host, port, hostKey }) => `[${host}]:${port} ${hostKey}\n`,
	);
	await writeFile(file, lines.join(""));
	return file;
}

/** The steps by command and hosts. Neither tool keeps state, so each runs all of its work every time. */
const stepsOf = (
	run: (steps: LeastStep[], doors: readonly Door[]) => Promise<CommandLine>,
	{ doors }: Hosts,
): Side["steps"] => ({
	"first up": () => run(["set", "pause"], doors),
	"unchanged up": () => run(["set"], doors),
	"one trigger": () => run(["pause"], doors.slice(0, 1)),
	"all triggers": () => run(["pause"], doors),
	check: () => run(["look"], doors),
	destroy: () => run(["unset"], doors),
});

/** One ssh for each step and host, some at a time. */
export async function sshSide(
	fleet: Hosts,
	dir: string,
	atOnce = 16,
): Promise<Side> {
	await mkdir(dir, { recursive: true });
	const knownHosts = await writeKnownHosts(fleet, dir);
	const options = sshOptions(fleet.keyFile, knownHosts);
	const list = join(dir, "list");
	return {
		...{ name: "ssh", fleet },
		steps: stepsOf(async (steps, doors) => {
			const ssh = ["ssh", "-n", ...options, "-p", '"$1"', '"$0"'].join(" ");
			const script = steps
				.map((step) => `${ssh} '${leastScript[step]}'`)
				.join(" && ");
			await writeFile(
				list,
				doors.map((d) => `${d.user}@${d.host} ${d.port}\n`).join(""),
			);
			const xargs = ["xargs", "-a", list, "-P", String(atOnce), "-n", "2"];
			return { command: [...xargs, "sh", "-c", script] };
		}, fleet),
	};
}

/** Installs Debian's Ansible if it is missing. */
export async function prepareAnsible(): Promise<void> {
	if (await findProgram("ansible-playbook", process.env.PATH)) return;
	await installPackages("bench", ["ansible-core"], process.env);
}

/** Ansible over the same SSH, with `raw`: a host without Python or PowerShell supports no other module. */
export async function ansibleSide(
	fleet: Hosts,
	dir: string,
	forks = 25,
): Promise<Side> {
	await mkdir(dir, { recursive: true });
	const knownHosts = await writeKnownHosts(fleet, dir);
	const inventory = join(dir, "inventory.yaml");
	const hosts = fleet.doors.map(({ name, host, port, user }) => [
		name,
		{ ansible_host: host, ansible_port: port, ansible_user: user },
	]);
	await writeFile(
		inventory,
		stringify({ all: { hosts: Object.fromEntries(hosts) } }),
	);
	const playbook = join(dir, "playbook.yaml");
	const tasks = Object.entries(leastScript).map(([step, line]) => ({
		...{ name: step, raw: line, tags: [step] },
	}));
	await writeFile(
		playbook,
		stringify([{ hosts: "all", gather_facts: false, tasks }]),
	);
	// A short path, because the path of a socket has at most 107 characters.
	const sockets = await mkdtemp("/tmp/a");
	process.on("exit", () => rmSync(sockets, { recursive: true, force: true }));
	let step = 0;
	return {
		...{ name: "Ansible", fleet },
		steps: stepsOf(async (steps, doors) => {
			const tags = ["--tags", steps.join(",")];
			const limit = doors.length === 1 ? ["--limit", doors[0]?.name ?? ""] : [];
			return {
				command: [
					...["ansible-playbook", "-i", inventory, ...tags, ...limit],
					playbook,
				],
				env: {
					ANSIBLE_FORKS: String(forks),
					ANSIBLE_PIPELINING: "True",
					// A forced terminal adds escape codes to the output.
					ANSIBLE_SSH_USETTY: "False",
					ANSIBLE_PRIVATE_KEY_FILE: fleet.keyFile,
					ANSIBLE_SSH_COMMON_ARGS: sshOptions(fleet.keyFile, knownHosts).join(
						" ",
					),
					// A connection is kept for the next task, as by default, but not for the next step.
					ANSIBLE_SSH_CONTROL_PATH_DIR: join(sockets, String(++step)),
					ANSIBLE_HOME: dir,
					ANSIBLE_LOCAL_TEMP: dir,
					LC_ALL: "C.UTF-8",
				},
			};
		}, fleet),
	};
}
