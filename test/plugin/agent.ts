import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/** A real ssh-agent with one key. */
export interface Agent {
	socket: string;
	stop(): Promise<void>;
}

/** Starts an agent. The names of its files begin with `path`. */
export async function startAgent(path: string, key: string): Promise<Agent> {
	const socket = `${path}.sock`;
	writeFileSync(`${path}.key`, key, { mode: 0o600 });
	const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
	for (let tries = 0; !existsSync(socket); tries++) {
		if (tries === 100)
			throw new Error(`ssh-agent: made no socket ${socket} within 5 s`);
		await sleep(50);
	}
	await execa("ssh-add", [`${path}.key`], { env: { SSH_AUTH_SOCK: socket } });
	return {
		socket,
		async stop() {
			const ended = once(child, "exit");
			child.kill();
			await ended;
		},
	};
}
