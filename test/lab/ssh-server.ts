import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { ADDRESSES } from "./addresses.ts";
import { processes, processesWith } from "./processes.ts";

const handover = join(import.meta.dirname, "handover.sh");

/** The owner of a session: the product under test, or the lab itself, which is never counted. */
export type Who = "product" | "lab";

/** The result of a command. Characters of the output are bytes (latin1), because the host has its own code page. */
export interface ExecResult {
	exitCode: number;
	stdout: string;
	stderr: string;
}

/** OpenSSH's sshd in front of a host: its keys, its process, and the contents of its log. */
export class SshServer {
	hostKey = "";
	privateKey = "";
	readonly port: number;
	readonly #dir: string;
	readonly #folder: string;
	readonly #serves: "windows" | "unix";
	#server: ChildProcess | undefined;

	/**
	 * @param dir the host's folder
	 * @param serves the shell for commands: the host's cmd.exe, or the shell of this machine's user
	 */
	constructor(
		dir: string,
		port: number,
		serves: "windows" | "unix" = "windows",
	) {
		this.#dir = dir;
		this.#serves = serves;
		this.#folder = join(dir, "ssh");
		this.port = port;
	}

	/** Creates keys if there are none, and starts sshd. Throws if the port is in use. */
	async start(): Promise<void> {
		await mkdir(this.#folder, { recursive: true });
		for (const name of ["host", "product", "lab"]) await this.#makeKey(name);
		await this.#authorize();
		await writeFile(this.#file("sshd_config"), this.#config());
		this.hostKey = await this.#publicKey("host");
		this.privateKey = await readFile(this.#file("product"), "utf8");
		await this.#writeKnownHosts();
		if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true });
		const log = this.#file("sshd.log");
		const before = (await this.#log()).length;
		const server = spawn(
			"/usr/sbin/sshd",
			["-D", "-f", this.#file("sshd_config"), "-E", log],
			{ stdio: "ignore", detached: true },
		);
		server.unref();
		this.#server = server;
		await this.#listening(server, before);
	}

	/** Refuses connections from now on. Sessions run on. */
	async stop(): Promise<void> {
		const server = this.#server;
		if (server?.exitCode !== null || server.signalCode !== null)
			throw new Error("lab: sshd does not run; start it before you stop it");
		const ended = once(server, "exit");
		server.ref();
		server.kill();
		await ended;
	}

	/** The processes that serve a connection each, without the lab's own sessions. */
	connectionProcesses(): number[] {
		const ofLab = processes().filter(({ command }) =>
			command.includes(`${handover}\0${this.#dir}\0lab`),
		);
		return processesWith(this.#file("sshd.log"))
			.filter((pid) => pid !== this.#server?.pid)
			.filter((pid) => ofLab.every(({ parent }) => parent !== pid));
	}

	/** Runs a command by the plain ssh client. */
	async exec(command: string, stdin: string, as: Who): Promise<ExecResult> {
		const options = ["IdentitiesOnly=yes", "BatchMode=yes", "LogLevel=ERROR"];
		options.push(`UserKnownHostsFile=${this.#file("known_hosts")}`);
		const { exitCode, stdout, stderr } = await execa(
			"ssh",
			[
				...["-F", "none", "-i", this.#file(as), "-p", String(this.port)],
				...options.flatMap((option) => ["-o", option]),
				`${userInfo().username}@${ADDRESSES[0]}`,
				command,
			],
			{
				input: Buffer.from(stdin, "latin1"),
				reject: false,
				encoding: "latin1",
				stripFinalNewline: false,
			},
		);
		return { exitCode: exitCode ?? -1, stdout, stderr };
	}

	/** Creates a new client key for the product. The old one is refused from now on. */
	async rotateKey(): Promise<string> {
		await this.#makeKey("product", true);
		await this.#authorize();
		this.privateKey = await readFile(this.#file("product"), "utf8");
		return this.privateKey;
	}

	/** TCP connections and accepted log-ins, without the lab's own sessions. */
	async counts(): Promise<{ connections: number; logins: number }> {
		const lines = (await this.#log()).split("\n");
		const accepted = lines.filter((line) =>
			line.startsWith("Accepted publickey "),
		);
		const fingerprint = await this.#fingerprint("lab");
		const own = accepted.filter((line) => line.includes(fingerprint)).length;
		const all = lines.filter((line) => line.startsWith("Connection from "));
		return {
			connections: all.length - own,
			logins: accepted.length - own,
		};
	}

	#file(name: string): string {
		return join(this.#folder, name);
	}

	#log(): Promise<string> {
		return readFile(this.#file("sshd.log"), "utf8").catch(() => "");
	}

	async #publicKey(name: string): Promise<string> {
		const line = await readFile(this.#file(`${name}.pub`), "utf8");
		return line.split(" ").slice(0, 2).join(" ").trim();
	}

	async #fingerprint(name: string): Promise<string> {
		const { stdout } = await execa("ssh-keygen", [
			"-lf",
			this.#file(`${name}.pub`),
		]);
		return stdout.split(" ")[1] ?? "";
	}

	async #makeKey(name: string, anew = false): Promise<void> {
		const file = this.#file(name);
		const there = await readFile(file).catch(() => undefined);
		if (there && !anew) return;
		await execa(
			"ssh-keygen",
			["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file],
			{
				// Confirms that the file is overwritten.
				input: "y\n",
			},
		);
	}

	async #authorize(): Promise<void> {
		const line = async (who: Who) => {
			const command =
				this.#serves === "windows"
					? `command="exec sh '${handover}' '${this.#dir}' ${who}" `
					: "";
			return `${command}${await this.#publicKey(who)}\n`;
		};
		await writeFile(
			this.#file("authorized_keys"),
			(await line("product")) + (await line("lab")),
		);
	}

	async #writeKnownHosts(): Promise<void> {
		const lines = ADDRESSES.map(
			(address) => `[${address}]:${this.port} ${this.hostKey}\n`,
		);
		await writeFile(this.#file("known_hosts"), lines.join(""));
	}

	/** All other options have sshd's defaults: environment requests are refused, and ten log-ins may be pending. */
	#config(): string {
		return [
			...ADDRESSES.map((address) => `ListenAddress ${address}:${this.port}`),
			`HostKey ${this.#file("host")}`,
			`PidFile ${this.#file("sshd.pid")}`,
			`AuthorizedKeysFile ${this.#file("authorized_keys")}`,
			// sshd runs the Unix user's shell. These variables keep it from reading that user's start files, which may take
			// long.
			`SetEnv HOME=${join(this.#dir, "home")} SHLVL=1`,
			"StrictModes no",
			"UsePAM no",
			"PermitRootLogin prohibit-password",
			"PasswordAuthentication no",
			"KbdInteractiveAuthentication no",
			"PermitUserRC no",
			"PrintMotd no",
			"PrintLastLog no",
			"LogLevel VERBOSE",
			"",
		].join("\n");
	}

	async #listening(server: ChildProcess, from: number): Promise<void> {
		for (let tries = 0; tries < 200; tries++) {
			const log = (await this.#log()).slice(from);
			const ready = ADDRESSES.every((address) =>
				log.includes(`Server listening on ${address} `),
			);
			if (ready) return;
			if (server.exitCode !== null || log.includes("Bind to port"))
				throw new Error(
					`lab: sshd did not start on port ${this.port}, got ${JSON.stringify(log)}; free the port or name another`,
				);
			await pause(25);
		}
		throw new Error(
			`lab: sshd is not listening after 5 s, got ${JSON.stringify(await this.#log())}; see ${this.#folder}`,
		);
	}
}
