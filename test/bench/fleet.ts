import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Order, Seen } from "./fleet-server.ts";
import { type Door, type Hosts, sshOptions } from "./hosts.ts";

/** Hosts that only answer the protocol, on loopback, in a separate process. */
export class Fleet implements Hosts {
	readonly doors: Door[];
	readonly privateKey: string;
	readonly keyFile: string;
	readonly #server: ChildProcess;
	#asked = 0;

	private constructor(doors: Door[], keyFile: string, privateKey: string) {
		this.doors = doors;
		this.keyFile = keyFile;
		this.privateKey = privateKey;
		this.#server = fork(join(import.meta.dirname, "fleet-server.ts"), {
			execArgv: ["--import", "tsx"],
		});
	}

	/**
	 * @param dir the folder for its keys
	 * @param ports one for each host
	 */
	static async start(dir: string, ports: readonly number[]): Promise<Fleet> {
		await mkdir(dir, { recursive: true });
		const [hostKey, client] = await Promise.all(
			["host", "client"].map((name) => makeKey(join(dir, name))),
		);
		if (!hostKey || !client) throw new Error("fleet: no keys were made");
		const doors = ports.map((port, index) => ({
			name: `H${String(index + 1).padStart(4, "0")}`,
			host: "127.0.0.1",
			port,
			user: userInfo().username,
			hostKey: hostKey.public,
		}));
		const fleet = new Fleet(doors, join(dir, "client"), client.private);
		const started = fleet.#ask({
			does: "start",
			ports: [...ports],
			hostKey: hostKey.private,
			client: client.public,
		});
		// A port may be in use. The child process would keep this one from ending.
		await started.catch((error: unknown) => {
			fleet.stop();
			throw error;
		});
		return fleet;
	}

	counts(): Promise<Seen[]> {
		return this.#ask({ does: "counts" }) as Promise<Seen[]>;
	}

	async reset(): Promise<void> {
		await this.#ask({ does: "reset" });
	}

	/** Makes a host slow, or unreachable, or reachable again. */
	async set(
		host: number,
		how: { slowMs?: number; unreachable?: boolean },
	): Promise<void> {
		await this.#ask({ does: "set", host, ...how });
	}

	/** Runs a command by the plain ssh client, without the user's settings and keys. */
	async exec(host: number, command: string, stdin: string) {
		const { user, host: address, port } = this.doors[host] as Door;
		const { exitCode, stdout } = await execa(
			"ssh",
			[
				...sshOptions(this.keyFile, "/dev/null"),
				...["-o", "StrictHostKeyChecking=no", "-p", String(port)],
				...[`${user}@${address}`, command],
			],
			{ input: stdin, reject: false },
		);
		return { exitCode, stdout };
	}

	processorTime(): number {
		const text = readFileSync(`/proc/${this.#server.pid}/stat`, "latin1");
		const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
		return (Number(fields[11]) + Number(fields[12])) / 100;
	}

	async stop(): Promise<void> {
		this.#server.disconnect();
	}

	#ask(order: Order): Promise<unknown> {
		const id = ++this.#asked;
		return new Promise((done, failed) => {
			const ended = () => failed(new Error("fleet: the server has ended"));
			const read = (answer: {
				id: number;
				result: unknown;
				error?: string;
			}) => {
				if (answer.id !== id) return;
				this.#server.off("message", read);
				this.#server.off("exit", ended);
				if (answer.error) failed(new Error(`fleet: ${answer.error}`));
				else done(answer.result);
			};
			this.#server.on("message", read);
			this.#server.once("exit", ended);
			this.#server.send({ id, order });
		});
	}
}

/** Creates an ed25519 key pair in that file and in the same name with .pub. */
export async function makeKey(file: string) {
	await execa(
		"ssh-keygen",
		["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file],
		// Confirms that the file is overwritten.
		{ input: "y\n" },
	);
	return {
		private: await readFile(file, "utf8"),
		public: (await readFile(`${file}.pub`, "utf8")).trim(),
	};
}
