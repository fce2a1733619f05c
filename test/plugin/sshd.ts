import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { freePort } from "../free-port.ts";

/** The types of the server's host keys. A client without a preference selects `ed25519`. */
export type KeyType = "ed25519" | "ecdsa" | "rsa";

/** A real OpenSSH server on the loopback interface that runs `sh` and accepts a new key pair. */
export interface Sshd {
	port: number;
	/** A second port of the same server, for use as a jump host. The log shows the port of each connection. */
	jumpPort: number;
	/** The only user who can log in: the user who runs the tests. */
	user: string;
	/** The server's public key of a type, in the format of `hostKey`. */
	hostKey(type?: KeyType): string;
	/** A private key that the server accepts. */
	privateKey: string;
	/** An RSA key that the server accepts, encrypted with {@link PASSPHRASE}. */
	encryptedKey: string;
	/** A private key that the server does not accept. */
	strangerKey: string;
	/** The complete log so far. */
	log(): string;
	stop(): Promise<void>;
}

/** The pass phrase of {@link Sshd.encryptedKey}. */
export const PASSPHRASE = "correct horse";

/** Creates a key pair with ssh-keygen and returns the path of the private key. */
async function keygen(path: string, type: KeyType, passphrase = "") {
	await execa("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", path]);
	return path;
}

const read = (path: string) => readFileSync(path, "utf8");

/** The public key without its comment. */
const publicKey = (path: string) =>
	read(`${path}.pub`).split(" ").slice(0, 2).join(" ").trim();

/** Starts a server with all its files in `dir`. `more` has further keys to accept, and lines for sshd_config. */
export async function startSshd(
	dir: string,
	more: { publicKeys?: string[]; settings?: string[] } = {},
): Promise<Sshd> {
	mkdirSync(dir, { recursive: true });
	// Debian's sshd refuses to start as root without this folder, which only its service unit creates.
	if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
	const port = await freePort();
	const jumpPort = await freePort();
	const hostKeys = {
		ed25519: await keygen(join(dir, "host_ed25519"), "ed25519"),
		ecdsa: await keygen(join(dir, "host_ecdsa"), "ecdsa"),
		rsa: await keygen(join(dir, "host_rsa"), "rsa"),
	};
	const client = await keygen(join(dir, "client"), "ed25519");
	const encrypted = await keygen(join(dir, "encrypted"), "rsa", PASSPHRASE);
	const stranger = await keygen(join(dir, "stranger"), "ed25519");
	const authorized = join(dir, "authorized_keys");
	const own = read(`${client}.pub`) + read(`${encrypted}.pub`);
	writeFileSync(authorized, own + (more.publicKeys ?? []).join("\n"));
	const logFile = join(dir, "sshd.log");
	const config = join(dir, "sshd_config");
	writeFileSync(
		config,
		[
			`Port ${port}`,
			`Port ${jumpPort}`,
			"ListenAddress 127.0.0.1",
			...Object.values(hostKeys).map((path) => `HostKey ${path}`),
			`AuthorizedKeysFile ${authorized}`,
			`PidFile ${join(dir, "sshd.pid")}`,
			"PermitRootLogin yes",
			"PasswordAuthentication yes",
			"KbdInteractiveAuthentication no",
			"UsePAM no",
			"StrictModes no",
			"MaxStartups 100",
			"LogLevel VERBOSE",
			"AcceptEnv GIVEN PULUMI_COMMAND_STDOUT",
			// Gives each command the key of its login, in SSH_USER_AUTH.
			"ExposeAuthInfo yes",
			...(more.settings ?? []),
			"",
		].join("\n"),
	);
	const sshd = spawn("/usr/sbin/sshd", ["-D", "-f", config, "-E", logFile], {
		stdio: "ignore",
	});
	await listening(sshd, port, logFile);
	return {
		port,
		jumpPort,
		user: userInfo().username,
		hostKey: (type = "ed25519") => publicKey(hostKeys[type]),
		privateKey: read(client),
		encryptedKey: read(encrypted),
		strangerKey: read(stranger),
		log: () => read(logFile),
		stop: () => stop(sshd),
	};
}

/** Waits until the server listens on the port, or fails with the server's log. */
async function listening(sshd: ChildProcess, port: number, logFile: string) {
	for (let tries = 0; tries < 100; tries++) {
		if (sshd.exitCode !== null) break;
		const open = await new Promise<boolean>((resolve) => {
			const socket = connect(port, "127.0.0.1", () => resolve(true));
			socket.on("error", () => resolve(false));
			socket.on("connect", () => socket.destroy());
		});
		if (open) return;
		await sleep(50);
	}
	throw new Error(
		`sshd: does not listen on port ${port}; its log says: ${read(logFile)}`,
	);
}

async function stop(sshd: ChildProcess) {
	if (sshd.exitCode !== null) return;
	const ended = new Promise((resolve) => sshd.once("exit", resolve));
	sshd.kill();
	await ended;
}
