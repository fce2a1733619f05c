import { connect, isIPv6, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "ssh2";
import { type Login, loginOf } from "./login.ts";
import type { Report } from "./report.ts";
import type { Props } from "./secrets.ts";
import { CommandError, systemWords } from "./wording.ts";

/** Logs in to the host of a connection, through its proxy if it has one. The caller must end the clients. */
export async function dial(
	connection: Props,
	report: Report,
): Promise<Client[]> {
	const login = await loginOf(connection);
	if (connection.proxy === undefined) {
		const client = await retry("Dial", login, report, () => direct(login));
		return [client];
	}
	const clients: Client[] = [];
	try {
		const proxyLogin = await loginOf(connection.proxy as Props);
		const proxy = await retry("Dial proxy", proxyLogin, report, () =>
			direct(proxyLogin),
		);
		clients.push(proxy);
		const hop = await retry("Dial from proxy", login, report, () =>
			forward(proxy, login),
		);
		// As in the real plugin, all attempts share one stream, which is closed after the first failure.
		const shake = () => handshake(hop, login);
		clients.unshift(await retry("Dial", login, report, shake));
		return clients;
	} catch (error) {
		for (const client of clients) client.end();
		throw new CommandError(`proxy: ${(error as Error).message}`);
	}
}

/** Repeats a failed dial or login until the limit is reached. */
async function retry<T>(
	what: string,
	{ dialErrorLimit: limit }: Login,
	report: Report,
	attempt: () => Promise<T>,
): Promise<T> {
	let pause = 100;
	for (let failed = 0; ; failed++) {
		try {
			return await attempt();
		} catch (error) {
			if (!(error instanceof CommandError)) throw error;
			if (limit >= 0 && failed >= limit)
				throw new CommandError(
					`after ${failed} failed attempts: ${error.message}`,
				);
			const tries = limit === -1 ? "inf" : limit;
			report.status(`${what} ${failed + 1}/${tries} failed: retrying`);
			await sleep(pause);
			pause = Math.min(pause * 1.5, 5000);
		}
	}
}

const endpoint = (host: string, port: number) =>
	isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;

async function direct(login: Login): Promise<Client> {
	return handshake(await dialTcp(login), login);
}

/** Opens a TCP connection. The time limit applies only to this, not to the handshake that follows. */
function dialTcp({ host, port, perDialTimeout }: Login): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const fail = (why: string) => {
			socket.destroy();
			reject(new CommandError(`dial tcp${why}`));
		};
		const to = endpoint(host, port);
		const socket = connect({ host, port, noDelay: true });
		const onError = (error: NodeJS.ErrnoException & { hostname?: string }) =>
			fail(
				error.hostname === undefined
					? ` ${to}: connect: ${systemWords(error)}`
					: `: lookup ${error.hostname}: no such host`,
			);
		socket.once("error", onError);
		if (perDialTimeout > 0) socket.setTimeout(perDialTimeout * 1000);
		socket.once("timeout", () => fail(` ${to}: i/o timeout`));
		socket.once("connect", () => {
			socket.setTimeout(0);
			socket.off("error", onError);
			resolve(socket);
		});
	});
}

/** Opens a stream to the host through the proxy. */
function forward(proxy: Client, { host, port }: Login): Promise<Duplex> {
	return new Promise((resolve, reject) => {
		proxy.forwardOut("0.0.0.0", 0, host, port, (error, stream) => {
			if (!error) {
				// The proxy reports the end of the host's connection. Without an end of this side the stream would stay half open.
				stream.once("end", () => stream.destroy());
				return resolve(stream);
			}
			const why = error.message.replace("(SSH) Channel open failure: ", "");
			const { reason } = error as Error & { reason?: number };
			const what =
				reason === 1 ? "administratively prohibited" : "connect failed";
			reject(new CommandError(`ssh: rejected: ${what} (${why})`));
		});
	});
}

/** Runs the SSH handshake and the login over an open stream. */
function handshake(sock: Duplex, login: Login): Promise<Client> {
	return new Promise((resolve, reject) => {
		const fail = (why: string) => {
			sock.destroy();
			reject(new CommandError(`ssh: handshake failed: ${why}`));
		};
		if (!sock.writable) return fail("EOF");
		const client = new Client();
		// This listener stays for a connection that breaks later. The channel of the command reports that error.
		client.on("error", (error) => fail(login.explain(error)));
		client.once("close", () => fail("EOF"));
		client.once("ready", () => resolve(client));
		client.connect({ ...login.config, sock: sock as Socket });
	});
}
