/** The process that runs all protocol-only hosts of a benchmark. fleet.ts starts it. */
import { createServer, type Server as TcpServer } from "node:net";
// A default import, because Node itself, without vitest, finds no named exports in a CommonJS module.
import ssh2, { type Connection } from "ssh2";
import type { Counts } from "./hosts.ts";
import { type Answer, ProtocolHost } from "./protocol-host.ts";

/** The orders to the process. */
export type Order =
	| { does: "start"; ports: number[]; hostKey: string; client: string }
	| { does: "counts" }
	| { does: "reset" }
	| { does: "set"; host: number; slowMs?: number; unreachable?: boolean };

export interface Seen extends Counts {
	/** Log-ins that were refused. */
	refused: number;
}

interface Door {
	host: ProtocolHost;
	port: number;
	tcp: TcpServer;
	logins: number;
	refused: number;
}

const doors: Door[] = [];

const orders: {
	[D in Order["does"]]: (order: Order & { does: D }) => unknown;
} = {
	start: ({ ports, hostKey, client }) =>
		Promise.all(ports.map((port) => open(port, hostKey, client))).then(
			() => undefined,
		),
	counts: () => doors.map(counts),
	reset: () => doors.forEach(reset),
	set: async ({ host, slowMs, unreachable }) => {
		const door = doors[host] as Door;
		if (slowMs !== undefined) door.host.slowMs = slowMs;
		if (unreachable) await new Promise((done) => door.tcp.close(done));
		if (unreachable === false) await listen(door);
	},
};

process.on("message", async ({ id, order }: { id: number; order: Order }) => {
	const run = orders[order.does] as (order: Order) => unknown;
	try {
		process.send?.({ id, result: await run(order) });
	} catch (error) {
		process.send?.({ id, error: String(error) });
	}
});
// The parent has ended.
process.on("disconnect", () => process.exit());

async function open(port: number, hostKey: string, client: string) {
	const allowed = ssh2.utils.parseKey(client);
	if (allowed instanceof Error) throw allowed;
	const key = allowed.getPublicSSH();
	const ssh = new ssh2.Server({ hostKeys: [hostKey] });
	const door: Door = {
		host: new ProtocolHost(),
		port,
		tcp: createServer({ noDelay: true }, (socket) => {
			ssh.injectSocket(socket);
		}),
		...{ logins: 0, refused: 0 },
	};
	ssh.on("connection", (connection: Connection) => {
		connection.on("authentication", (context) => {
			if (context.method !== "publickey") return context.reject(["publickey"]);
			const good =
				context.key.data.equals(key) &&
				(!context.signature ||
					allowed.verify(
						context.blob as Buffer,
						context.signature,
						context.hashAlgo,
					) === true);
			if (good) return context.accept();
			door.refused += 1;
			context.reject(["publickey"]);
		});
		connection.on("ready", () => {
			door.logins += 1;
		});
		connection.on("session", (accept) => {
			accept().on("exec", (run, _refuse, { command }) => {
				const channel = run();
				const parts: Buffer[] = [];
				const reply = ({ stdout, exitCode }: Answer) => {
					channel.write(stdout);
					channel.exit(exitCode);
					channel.end();
				};
				const answer = () =>
					door.host
						.answer(command, Buffer.concat(parts).toString("latin1"))
						.then(reply);
				channel.on("data", (part: Buffer) => parts.push(part));
				if (ProtocolHost.reads(command)) channel.on("end", answer);
				else answer();
				channel.on("error", () => {});
			});
		});
		connection.on("error", () => {});
	});
	// In the order of the ports: a host is identified by its index.
	doors.push(door);
	await listen(door);
}

const listen = ({ tcp, port }: Door): Promise<void> =>
	new Promise((done, failed) => {
		tcp.once("error", failed);
		tcp.listen({ host: "127.0.0.1", port, backlog: 64 }, () => done());
	});

function counts({ host, logins, refused }: Door): Seen {
	return { ...host.work, logins, refused };
}

function reset(door: Door): void {
	Object.assign(door, { logins: 0, refused: 0 });
	door.host.work = { commands: {}, kicks: 0, unknown: [] };
}
