import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeKey } from "./fleet.ts";

/**
 * OpenSSH's sshd as a jump host with its default limits: with ten pending log-ins it begins to drop connections at
 * random.
 */
export interface JumpHost {
	ssh: { host: string; port: number; user: string; hostKey: string };
	privateKey: string;
	seen(): Promise<{
		/** Log-ins that were accepted. */
		logins: number;
		/** Log-ins that failed. Such log-ins can lock an account. */
		refused: number;
		/** Connections that were dropped because too many log-ins were pending. */
		dropped: number;
	}>;
	/** Opens many connections that never log in and occupy its places. @returns a function that closes them */
	crowd(): Promise<() => Promise<void>>;
	stop(): Promise<void>;
}

/** With ten pending log-ins, sshd drops more and more connections. A few of this many are accepted. */
const CROWD = 60;

/** @param dir an empty folder for its keys and its log */
export async function startJumpHost(
	dir: string,
	port: number,
): Promise<JumpHost> {
	await mkdir(dir, { recursive: true });
	const [hostKey, client] = await Promise.all([
		makeKey(join(dir, "host")),
		makeKey(join(dir, "client")),
	]);
	const log = join(dir, "sshd.log");
	const config = join(dir, "sshd_config");
	await writeFile(
		config,
		[
			`ListenAddress 127.0.0.1:${port}`,
			`HostKey ${join(dir, "host")}`,
			`PidFile ${join(dir, "sshd.pid")}`,
			`AuthorizedKeysFile ${join(dir, "client.pub")}`,
			"StrictModes no",
			"UsePAM no",
			"PermitRootLogin prohibit-password",
			"PasswordAuthentication no",
			"KbdInteractiveAuthentication no",
			// MaxStartups has its default, 10:30:100.
			"LogLevel VERBOSE",
			"",
		].join("\n"),
	);
	if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true });
	const server = spawn("/usr/sbin/sshd", ["-D", "-f", config, "-E", log], {
		stdio: "ignore",
	});
	const read = () => readFile(log, "utf8").catch(() => "");
	for (let tries = 0; !(await read()).includes("Server listening"); tries++) {
		if (server.exitCode !== null || tries === 200)
			throw new Error(`jump host: does not listen, got ${await read()}`);
		await pause(25);
	}
	const count = async (what: RegExp) =>
		[...(await read()).matchAll(what)].length;
	return {
		ssh: {
			...{ host: "127.0.0.1", port, user: userInfo().username },
			hostKey: hostKey.public,
		},
		privateKey: client.private,
		seen: async () => ({
			logins: await count(/^Accepted publickey/gm),
			refused: await count(/^Failed /gm),
			dropped: await count(/^drop connection/gm),
		}),
		crowd: async () => {
			const others = Array.from({ length: CROWD }, () =>
				connect(port, "127.0.0.1").on("error", () => {}),
			);
			await Promise.all(others.map((other) => once(other, "readable")));
			return async () => {
				const gone = others.map(
					(other) => other.closed || once(other, "close"),
				);
				for (const other of others) other.destroy();
				await Promise.all(gone);
			};
		},
		stop: async () => {
			const ended = once(server, "exit");
			server.kill();
			await ended;
		},
	};
}
