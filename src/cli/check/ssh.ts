import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { Client, type ConnectConfig } from "ssh2";
import type { connectionOutcomes } from "../../protocol/outcomes";
import { readableKey } from "./private-key";

/*
 * Looks go by the library ssh2 and not by the command plugin. To that, a look would be a resource: an engine, a state
 * with secrets in it, and an update in everybody's way for a thing that changes nothing. And it carries no byte that is
 * not UTF-8, as foreign text on a host often is. What it does is done alike here: the same host keys, ways to log in,
 * algorithms and proxy, and as few tries as it is told to make.
 */

/** One SSH log-in, its secrets in clear. */
export interface Login {
	host: string;
	port: number;
	user: string;
	/** Without one any machine that answers is believed. */
	hostKey?: string;
	password?: string;
	privateKey?: string;
	privateKeyPassword?: string;
}

/** A log-in, and the server to go through. */
export interface Route extends Login {
	proxy?: Login;
}

export type ConnectionCode = keyof typeof connectionOutcomes;

/** A connection that did not come about, or broke. */
export class ConnectionError extends Error {
	constructor(
		readonly code: ConnectionCode,
		/** What the SSH library said. */
		readonly said: string,
		/** Whether the other side hung up, or was not there, before it was told who comes. */
		readonly hungUp = false,
	) {
		super(said);
	}
}

/** As the plugin's `perDialTimeout`: until a machine is reached, by itself or through a proxy. */
const DIAL_TIMEOUT_MS = 15_000;

/** From there until it has let in: some ask a directory first, or look up who comes. */
const LOGIN_TIMEOUT_MS = 60_000;

/** Until a dial is tried again. */
const RETRY_DELAY_MS = 1_000;

/**
 * Runs a command on a host, with one log-in.
 *
 * @param limit milliseconds for the command
 * @returns what it printed, byte by byte a character; undefined where it did not end in time
 */
export async function run(
	{ proxy, ...login }: Route,
	{ command, stdin }: { command: string; stdin: string },
	limit: number,
): Promise<string | undefined> {
	const opened: { destroy(): unknown }[] = [];
	const logIn = async (to: Login, way: Dial) => {
		const sock = await way(to);
		const client = new Client();
		opened.push(sock, client);
		await authenticate(client, to, sock);
		return client;
	};
	/** Once more where a server has too many at its door (MaxStartups), as the plugin does; that locks no account. */
	const retryOnce = (to: Login) =>
		logIn(to, dialDirect).catch(async (error: ConnectionError) => {
			if (!error.hungUp) throw error;
			await pause(RETRY_DELAY_MS);
			return logIn(to, dialDirect);
		});
	try {
		const client = proxy
			? await logIn(login, dialViaProxy(await retryOnce(proxy)))
			: await retryOnce(login);
		return await answer(client, command, stdin, limit);
	} finally {
		for (const one of opened.reverse()) one.destroy();
	}
}

/** Reaches a machine; who is there is asked afterwards. */
type Dial = (to: Login) => Promise<Duplex>;

const dialDirect: Dial = ({ host, port }) =>
	new Promise((resolve, reject) => {
		const socket = connect({ host, port, timeout: DIAL_TIMEOUT_MS });
		socket.on("error", ({ message }) =>
			reject(new ConnectionError("unreachable", message, true)),
		);
		socket.on("timeout", () => {
			socket.destroy();
			reject(new ConnectionError("unreachable", NO_ANSWER));
		});
		socket.on("connect", () => {
			socket.setTimeout(0);
			resolve(socket);
		});
	});

const dialViaProxy =
	(proxy: Client): Dial =>
	({ host, port }) =>
		new Promise((resolve, reject) => {
			const fail = (text: string, code: ConnectionCode = "unreachable") =>
				reject(new ConnectionError(code, text));
			const late = setTimeout(() => fail(NO_ANSWER), DIAL_TIMEOUT_MS);
			proxy.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
				clearTimeout(late);
				if (!error) return resolve(channel);
				const { reason } = error as Error & { reason?: unknown };
				fail(
					error.message,
					reason === PROHIBITED ? "no-forwarding" : "unreachable",
				);
			});
		});

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, of RFC 4254. */
const PROHIBITED = 1;

const NO_ANSWER = `no answer within ${DIAL_TIMEOUT_MS / 1000} s`;

function authenticate(
	client: Client,
	login: Login,
	sock: Duplex,
): Promise<void> {
	const { privateKey, privateKeyPassword } = login;
	let stranger = false;
	let met = false;
	const [type = "", body = ""] = login.hostKey?.trim().split(/\s+/) ?? [];
	const config: ConnectConfig = {
		username: login.user,
		password: login.password,
		privateKey: privateKey && readableKey(privateKey, privateKeyPassword),
		passphrase: privateKeyPassword,
		sock,
		readyTimeout: LOGIN_TIMEOUT_MS,
		tryKeyboard: login.password !== undefined,
		authHandler: [
			...(privateKey ? (["publickey"] as const) : []),
			...(login.password
				? (["password", "keyboard-interactive"] as const)
				: []),
		],
		algorithms: {
			// The one more that the plugin takes and that old servers have.
			kex: { append: ["diffie-hellman-group14-sha1"], prepend: [], remove: [] },
			...(login.hostKey && { serverHostKey: [type as "ssh-ed25519"] }),
		},
		hostVerifier: (key: Buffer) => {
			stranger = login.hostKey !== undefined && key.toString("base64") !== body;
			return !stranger;
		},
	};
	return new Promise((resolve, reject) => {
		const fail = (error: Error & { level?: string }) => {
			const code = connectionCode(error, stranger);
			const early = !met && error.level !== "client-timeout";
			const hungUp = code === "unreachable" && early;
			reject(new ConnectionError(code, error.message.trim(), hungUp));
		};
		client.on("handshake", () => {
			met = true;
		});
		client.on("keyboard-interactive", (_name, _text, _lang, prompts, finish) =>
			finish(prompts.map(() => login.password ?? "")),
		);
		client.on("ready", resolve);
		client.on("error", fail);
		client.on("close", () => fail(new Error("EOF")));
		try {
			client.connect(config);
		} catch (error) {
			// Of the key alone: it is read before anything is sent.
			reject(new ConnectionError("no-log-in", (error as Error).message));
		}
	});
}

function connectionCode(
	{ level, message }: { level?: string; message: string },
	stranger: boolean,
): ConnectionCode {
	if (stranger) return "wrong-host-key";
	if (/no matching host key/.test(message)) return "host-key-type";
	return level === "client-authentication" ? "no-log-in" : "unreachable";
}

const answer = (
	client: Client,
	command: string,
	stdin: string,
	limit: number,
) =>
	new Promise<string | undefined>((resolve, reject) => {
		const late = setTimeout(() => resolve(undefined), limit);
		const broken = (error: Error) => {
			clearTimeout(late);
			reject(new ConnectionError("unreachable", error.message));
		};
		client.on("error", broken);
		client.on("close", () => broken(new Error("the connection broke")));
		client.exec(command, (error, channel) => {
			if (error) return broken(error);
			const printed: Buffer[] = [];
			channel.on("data", (data: Buffer) => printed.push(data));
			channel.stderr.resume();
			channel.on("close", () => {
				clearTimeout(late);
				resolve(Buffer.concat(printed).toString("latin1"));
			});
			channel.end(stdin);
		});
	});
