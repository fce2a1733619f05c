import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** What a rehearsal sends to `--resume`, one JSON document a line: its output, and at the end an exit code. */
type Message = { text: string } | { exitCode: number };

/** The command by which the operator continues. */
const RESUME = "resume";

/**
 * The output of a rehearsal, and the socket by which `--resume` in another terminal continues it. Everything that is
 * printed goes to this terminal, and to the other one while it is connected.
 */
export class Control {
	readonly #server: Server;
	#client: Socket | undefined;
	#isMuted = false;
	#resume: (() => void) | undefined;

	private constructor(server: Server) {
		this.#server = server;
		server.on("connection", (socket) => this.#serve(socket));
	}

	/** @param file the socket. One that a killed rehearsal left is replaced */
	static async open(file: string): Promise<Control> {
		await rm(file, { force: true });
		const server = createServer();
		server.listen(file);
		await once(server, "listening");
		return new Control(server);
	}

	/** Whether a rehearsal that is running has this socket. */
	static async isOpen(file: string): Promise<boolean> {
		const socket = await connected(file);
		socket?.destroy();
		return socket !== undefined;
	}

	/** Prints a line. */
	print(line: string): void {
		this.write(`${line}\n`);
	}

	write(text: string): void {
		if (this.#isMuted) return;
		process.stdout.write(text);
		send(this.#client, { text });
	}

	/** Prints a last line. Everything after it is not printed. */
	printLast(line: string): void {
		this.print(line);
		this.#isMuted = true;
	}

	/** Ends the connection to `--resume`, if there is one, with its exit code. */
	release(exitCode: number): void {
		send(this.#client, { exitCode });
		this.#client?.end();
		this.#client = undefined;
	}

	/** Resolves when the operator runs `--resume`. */
	resumed(): Promise<void> {
		return new Promise((resolve) => {
			this.#resume = resolve;
		});
	}

	close(): void {
		this.release(1);
		this.#server.close();
	}

	#serve(socket: Socket): void {
		// The other terminal may end at any time.
		socket.on("error", () => socket.destroy());
		createInterface({ input: socket }).once("line", (line) => {
			if (line !== RESUME) return socket.destroy();
			const resume = this.#resume;
			if (!resume) {
				send(socket, {
					text: "rehearse: nothing to resume, because the rehearsal does not wait now; run --resume after it has printed that it waits\n",
				});
				send(socket, { exitCode: 1 });
				return socket.end();
			}
			this.#resume = undefined;
			this.#client = socket;
			resume();
		});
	}
}

const send = (socket: Socket | undefined, message: Message): void => {
	if (socket?.writable) socket.write(`${JSON.stringify(message)}\n`);
};

/** @returns undefined if no process has this socket */
function connected(file: string): Promise<Socket | undefined> {
	return new Promise((resolve) => {
		const socket = connect(file);
		socket.once("connect", () => resolve(socket));
		socket.once("error", () => resolve(undefined));
	});
}

/**
 * Continues the rehearsal that waits, and prints its output.
 *
 * @returns the exit code: 0 if the update succeeded
 * @throws Error if no rehearsal waits, or if it ends meanwhile
 */
export async function resume(
	file: string,
	print: (text: string) => void,
): Promise<number> {
	const socket = await connected(file);
	if (!socket)
		throw new Error(
			`rehearse: no rehearsal waits for --resume, got none at ${file}; start one with --break in this folder, and keep it running`,
		);
	socket.on("error", () => socket.destroy());
	socket.write(`${RESUME}\n`);
	try {
		for await (const line of createInterface({ input: socket })) {
			const message = JSON.parse(line) as Message;
			if ("exitCode" in message) return message.exitCode;
			print(message.text);
		}
	} finally {
		socket.destroy();
	}
	throw new Error(
		"rehearse: the rehearsal has ended before its update did; start it again",
	);
}
