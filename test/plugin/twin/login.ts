import { connect } from "node:net";
import {
	type AnyAuthMethod,
	type AuthenticationType,
	type AuthHandlerMiddleware,
	type ConnectConfig,
	utils,
} from "ssh2";
import { parsePrivateKey } from "./private-key.ts";
import type { Props } from "./secrets.ts";
import { CommandError, systemWords } from "./wording.ts";

/** The address and credentials of a login, and its error messages. */
export interface Login {
	host: string;
	port: number;
	dialErrorLimit: number;
	perDialTimeout: number;
	config: ConnectConfig;
	/** Returns the real plugin's message for a failed handshake. */
	explain(error: Error): string;
}

/** Parses a connection. Invalid keys fail here, before any dial. */
export async function loginOf(connection: Props): Promise<Login> {
	const hostKey = text(connection.hostKey);
	const expected = hostKey === undefined ? undefined : parseHostKey(hostKey);
	const user = text(connection.user) ?? "root";
	const methods = await methodsOf(connection, user);
	const tried: string[] = [];
	let offered = "";
	return {
		host: String(connection.host),
		port: Math.trunc(Number(connection.port ?? 22)),
		dialErrorLimit: Number(connection.dialErrorLimit ?? 10),
		perDialTimeout: Number(connection.perDialTimeout ?? 15),
		config: {
			username: user,
			// The time limit applies only to the TCP connection.
			readyTimeout: 0,
			hostVerifier: (key: Buffer) => !expected || expected.key.equals(key),
			...(expected && { algorithms: { serverHostKey: [expected.type] } }),
			authHandler: inTurn(methods, tried),
			// ssh2 reports the types that the server offered only in its debug output.
			debug: (line) => {
				offered =
					line.match(/\(remote\) Host key format: (.*)/)?.[1] ?? offered;
			},
		},
		explain: ({ message }) => {
			const all = offered.replaceAll(",", " ");
			const known: Record<string, string> = {
				"Host denied (verification failed)": "ssh: host key mismatch",
				"All configured authentication methods failed": `ssh: unable to authenticate, attempted methods [${tried.join(" ")}], no supported methods remain`,
				"Handshake failed: no matching host key format": `ssh: no common algorithm for host key; we offered: [${expected?.type}], peer offered: [${all}]`,
				"Connection lost before handshake": "EOF",
			};
			return known[message] ?? message;
		},
	};
}

const text = (value: Props[string] | undefined) =>
	typeof value === "string" ? value : undefined;

// The host key types of ssh2. Its typings do not accept a plain string for them.
type HostKeyType = NonNullable<
	Extract<
		NonNullable<ConnectConfig["algorithms"]>["serverHostKey"],
		readonly unknown[]
	>
>[number];

function parseHostKey(line: string): { type: HostKeyType; key: Buffer } {
	const parsed = utils.parseKey(line);
	if (parsed instanceof Error)
		throw new CommandError("failed to parse host key: ssh: no key found");
	return { type: parsed.type as HostKeyType, key: parsed.getPublicSSH() };
}

/** The authentication methods, in the order of the real plugin. */
async function methodsOf(connection: Props, username: string) {
	const { privateKey, privateKeyPassword, password, agentSocketPath } =
		connection;
	const methods: AnyAuthMethod[] = [{ type: "none", username }];
	if (typeof privateKey === "string") {
		const key = parsePrivateKey(privateKey, text(privateKeyPassword));
		methods.push({ type: "publickey", username, key });
	}
	if (typeof password === "string")
		methods.push(
			{ type: "password", username, password },
			{
				type: "keyboard-interactive",
				username,
				prompt: (_name, _text, _lang, prompts, answer) =>
					answer(prompts.map(() => password)),
			},
		);
	const agent = text(agentSocketPath) ?? process.env.SSH_AUTH_SOCK;
	if (agent) {
		await reachAgent(agent);
		methods.push({ type: "agent", username, agent });
	}
	return methods;
}

/** Connects to the agent. A socket without an agent fails the login, even if a key would be sufficient. */
function reachAgent(path: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const socket = connect(path, () => {
			socket.end();
			resolve();
		});
		socket.on("error", (error) =>
			reject(
				new CommandError(`dial unix ${path}: connect: ${systemWords(error)}`),
			),
		);
	});
}

// The name of a method in the protocol. Keys of an agent use `publickey` too.
const wireName = ({ type }: AnyAuthMethod): AuthenticationType =>
	type === "agent" ? "publickey" : type;

/** Offers the methods in order, each name once: after a refused `privateKey` the agent is not used. */
function inTurn(
	methods: AnyAuthMethod[],
	tried: string[],
): AuthHandlerMiddleware {
	let last: AnyAuthMethod | undefined;
	return (left, partialSuccess, next) => {
		// Contrary to its type, the list is null at the first call.
		const offered = left as AuthenticationType[] | null;
		if (offered === null) tried.length = 0;
		else if (last && !partialSuccess) tried.push(wireName(last));
		last = methods.find((method) => {
			const name = wireName(method);
			if (tried.includes(name)) return false;
			return offered === null ? name === "none" : offered.includes(name);
		});
		next(last ?? (false as unknown as AnyAuthMethod));
	};
}
