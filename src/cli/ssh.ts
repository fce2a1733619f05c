import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type AnyAuthMethod, Client, type ConnectConfig } from "ssh2";
import type { connectionOutcomes } from "../protocol/outcomes";
import { parsePrivateKey } from "./private-key";

/*
 * Inspections use the library ssh2 instead of the command plugin, for two reasons:
 * - With the plugin an inspection would be a resource: it would need an engine, a state with secrets in it, and an
 *   update that blocks all other updates although it changes nothing.
 * - The plugin carries only UTF-8, and a host often holds text in other encodings.
 * This file does what the plugin does: the same host keys, login methods, algorithms and proxy, and the same low number
 * of attempts.
 */

/** One SSH login, with its secrets in clear. */
export interface Login {
	host: string;
	port: number;
	user: string;
	/** Without it any host key is accepted. */
	hostKey?: string;
	password?: string;
	privateKey?: string;
	privateKeyPassword?: string;
}

/** A login, and the SSH server to connect through. */
export interface Route extends Login {
	proxy?: Login;
}

export type ConnectionCode = keyof typeof connectionOutcomes;

/** A connection that failed or broke. */
export class ConnectionError extends Error {
	constructor(
		readonly code: ConnectionCode,
		/** The message of the SSH library. */
		readonly detail: string,
		/** Whether the server closed the connection, or could not be reached, before this side sent its user name. */
		readonly closedBeforeLogin = false,
	) {
		super(detail);
	}
}

/** Time to reach a machine, directly or through a proxy. The same as the plugin's `perDialTimeout`. */
const DIAL_TIMEOUT_MS = 15_000;

/** Time from there to the end of the login. Some servers query a directory or resolve the client's name first. */
const LOGIN_TIMEOUT_MS = 60_000;

/** Delay before the retry. */
const RETRY_DELAY_MS = 1_000;

/**
 * Runs a command on a host, with one login.
 *
 * @param limit milliseconds for the command
 * @returns its output, one character per byte; undefined if it did not end in time
 * @throws ConnectionError
 */
export async function run(
	{ proxy, ...login }: Route,
	{ command, stdin }: { command: string; stdin: string },
	limit: number,
): Promise<string | undefined> {
	const opened: { destroy(): unknown }[] = [];
	const logIn = async (to: Login, dial: Dial) => {
		const sock = await dial(to);
		const client = new Client();
		opened.push(sock, client);
		await authenticate(client, to, sock);
		return client;
	};
	/**
	 * Retries once, as the plugin does: a server with too many pending logins (MaxStartups) closes the connection. No
	 * password has been sent by then, so this locks no account.
	 */
	const retryOnce = (to: Login) =>
		logIn(to, dialDirect).catch(async (error: ConnectionError) => {
			if (!error.closedBeforeLogin) throw error;
			await pause(RETRY_DELAY_MS);
			return logIn(to, dialDirect);
		});
	try {
		const client = proxy
			? await logIn(login, dialViaProxy(await retryOnce(proxy)))
			: await retryOnce(login);
		return await execute(client, command, stdin, limit);
	} finally {
		for (const one of opened.reverse()) one.destroy();
	}
}

/** Opens a stream to a machine. The host key is checked later. */
type Dial = (to: Login) => Promise<Duplex>;

const dialDirect: Dial = ({ host, port }) =>
	new Promise((resolve, reject) => {
		const socket = connect({
			host,
			port,
			// Else a login waits several times for an acknowledgement that the host delays, 40 ms or more each.
			noDelay: true,
			timeout: DIAL_TIMEOUT_MS,
		});
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

async function authenticate(
	client: Client,
	login: Login,
	sock: Duplex,
): Promise<void> {
	let hostKeyMismatch = false;
	let handshakeDone = false;
	const [type = "", body = ""] = login.hostKey?.trim().split(/\s+/) ?? [];
	const config: ConnectConfig = {
		username: login.user,
		sock,
		readyTimeout: LOGIN_TIMEOUT_MS,
		authHandler: loginMethods(login),
		algorithms: {
			// The one algorithm outside ssh2's defaults that the plugin also accepts and that old servers need.
			kex: { append: ["diffie-hellman-group14-sha1"], prepend: [], remove: [] },
			...(login.hostKey && { serverHostKey: [type as "ssh-ed25519"] }),
		},
		hostVerifier: (key: Buffer) => {
			hostKeyMismatch =
				login.hostKey !== undefined && key.toString("base64") !== body;
			return !hostKeyMismatch;
		},
	};
	return new Promise((resolve, reject) => {
		const fail = (error: Error & { level?: string }) => {
			const code = connectionCode(error, hostKeyMismatch);
			const early = !handshakeDone && error.level !== "client-timeout";
			const closedBeforeLogin = code === "unreachable" && early;
			reject(
				new ConnectionError(code, error.message.trim(), closedBeforeLogin),
			);
		};
		client.on("handshake", () => {
			handshakeDone = true;
		});
		client.on("ready", resolve);
		client.on("error", fail);
		client.on("close", () => fail(new Error("EOF")));
		client.connect(config);
	});
}

/** The methods in the order of the plugin. */
function loginMethods({
	user: username,
	password,
	privateKey,
	privateKeyPassword,
}: Login): AnyAuthMethod[] {
	const methods: AnyAuthMethod[] = [];
	if (privateKey) {
		const key = parsePrivateKey(privateKey, privateKeyPassword);
		if (key instanceof Error)
			throw new ConnectionError(
				"no-log-in",
				`Cannot parse privateKey: ${key.message}`,
			);
		methods.push({ type: "publickey", username, key });
	}
	if (password)
		methods.push(
			{ type: "password", username, password },
			{
				...{ type: "keyboard-interactive", username },
				prompt: (_name, _text, _lang, prompts, finish) =>
					finish(prompts.map(() => password)),
			},
		);
	return methods;
}

function connectionCode(
	{ level, message }: { level?: string; message: string },
	hostKeyMismatch: boolean,
): ConnectionCode {
	if (hostKeyMismatch) return "wrong-host-key";
	if (/no matching host key/.test(message)) return "host-key-type";
	return level === "client-authentication" ? "no-log-in" : "unreachable";
}

const execute = (
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
		client.on("close", () => broken(new Error("the connection was lost")));
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
