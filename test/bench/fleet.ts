import { type ChildProcess, fork } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Counts, Order } from "./fleet-server.ts";

/** Where one host is and how to get in. */
export interface Door {
	name: string;
	host: string;
	port: number;
	user: string;
	hostKey: string;
}

/** Below the ports that Linux gives to outgoing connections, above those of the lab. */
const FIRST_PORT = 20_000;

/** Hosts that only answer the protocol, on loopback, in a process of their own. */
export class Fleet {
	readonly doors: Door[];
	/** Lets in to every host; its file too. */
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

	/** @param dir where its keys go */
	static async start(
		dir: string,
		size: number,
		firstPort = FIRST_PORT,
	): Promise<Fleet> {
		await mkdir(dir, { recursive: true });
		const [hostKey, client] = await Promise.all(
			["host", "client"].map((name) => makeKey(join(dir, name))),
		);
		if (!hostKey || !client) throw new Error("fleet: no keys were made");
		const doors = Array.from({ length: size }, (_, index) => ({
			name: `H${String(index + 1).padStart(4, "0")}`,
			host: "127.0.0.1",
			port: firstPort + index,
			user: userInfo().username,
			hostKey: hostKey.public,
		}));
		const fleet = new Fleet(doors, join(dir, "client"), client.private);
		await fleet.#ask({
			does: "start",
			ports: doors.map(({ port }) => port),
			hostKey: hostKey.private,
			client: client.public,
		});
		return fleet;
	}

	/** By host, in the order of the doors. */
	counts(): Promise<Counts[]> {
		return this.#ask({ does: "counts" }) as Promise<Counts[]>;
	}

	/** Counting begins anew; the hosts keep what they have. */
	async reset(): Promise<void> {
		await this.#ask({ does: "reset" });
	}

	/** Makes a host slow, or takes it off the net and puts it back. */
	async set(
		host: number,
		how: { slowMs?: number; unreachable?: boolean },
	): Promise<void> {
		await this.#ask({ does: "set", host, ...how });
	}

	get pid(): number | undefined {
		return this.#server.pid;
	}

	stop(): void {
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

async function makeKey(file: string) {
	await execa(
		"ssh-keygen",
		["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file],
		// It asks before it overwrites.
		{ input: "y\n" },
	);
	return {
		private: await readFile(file, "utf8"),
		public: (await readFile(`${file}.pub`, "utf8")).trim(),
	};
}
