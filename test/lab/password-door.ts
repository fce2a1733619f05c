import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import ssh2, {
	type AuthContext,
	type Connection,
	type ParsedKey,
	type ServerChannel,
	type Session,
} from "ssh2";
import { ADDRESSES } from "./addresses.ts";
import type { SshAccess } from "./lab-host.ts";

// A default import, because Node itself finds no named exports in this CommonJS module.
const { Client, Server, utils } = ssh2;

/** The credentials that a door accepts: the password, the key, or either of them. */
export interface DoorOptions {
	password?: string;
	/** The key's public half, as in a .pub file. */
	publicKey?: string;
	/** The host that runs the commands. Without it the door is only a proxy. */
	host?: SshAccess;
}

/**
 * An SSH server on loopback in front of a lab host, for log-ins that the lab's OpenSSH cannot offer: it accepts only
 * passwords of real users, and no test creates users. The door relays commands to its host, and TCP as a proxy does.
 */
export interface PasswordDoor {
	readonly host: string;
	readonly port: number;
	/** `ecdsa-sha2-nistp256 AAAA...` */
	readonly hostKey: string;
	/** The methods of the log-ins so far. */
	readonly logins: ("password" | "publickey")[];
	/** Requests that the door does not support. If there are any, the lab must be extended. */
	readonly errors: string[];
	stop(): void;
}

export async function openPasswordDoor(
	options: DoorOptions,
): Promise<PasswordDoor> {
	// ssh2 cannot read one in two hundred of the ed25519 keys that it generates.
	const own = utils.generateKeyPairSync("ecdsa", { bits: 256 });
	const logins: PasswordDoor["logins"] = [];
	const errors: string[] = [];
	const people = new Set<Connection>();
	const key = options.publicKey && parsePublicKey(options.publicKey);
	const server = new Server({ hostKeys: [own.private] }, (person) => {
		people.add(person);
		person.on("close", () => people.delete(person));
		// A client may close the connection at any time.
		person.on("error", () => {});
		person.on("authentication", (context) => {
			const way = wayIn(context, options.password, key || undefined);
			if (!way) return context.reject(methods(options));
			if (way !== "probe") logins.push(way);
			context.accept();
		});
		person.on("session", (accept) =>
			serveSession(accept(), options.host, errors),
		);
		person.on("tcpip", (accept, reject, { destIP, destPort }) => {
			if (!ADDRESSES.some((address) => address === destIP)) {
				errors.push(`forwarding to ${destIP}:${destPort}`);
				return reject();
			}
			const socket = connect(destPort, destIP);
			socket.once("error", reject);
			socket.once("connect", () => {
				const channel = accept();
				socket.off("error", reject).on("error", () => channel.close());
				channel.on("error", () => socket.destroy());
				channel.pipe(socket).pipe(channel);
			});
		});
		person.on("request", (_accept, reject, name) => {
			errors.push(`request ${name}`);
			reject?.();
		});
	});
	server.listen(0, ADDRESSES[0]);
	await once(server, "listening");
	return {
		host: ADDRESSES[0],
		port: (server.address() as AddressInfo).port,
		hostKey: own.public.split(" ").slice(0, 2).join(" "),
		logins,
		errors,
		stop() {
			server.close();
			for (const person of people) person.end();
		},
	};
}

function parsePublicKey(line: string): ParsedKey {
	const key = utils.parseKey(line);
	if (key instanceof Error || key.isPrivateKey())
		throw new Error(
			`lab: a door takes the public half of a key, got ${key instanceof Error ? key.message : "a private one"}; give it the line of the .pub file`,
		);
	return key;
}

const methods = ({ password, publicKey }: DoorOptions) => [
	...(publicKey ? (["publickey"] as const) : []),
	...(password === undefined ? [] : (["password"] as const)),
];

/**
 * The method by which this attempt logs in, if it does. A client presents a key once without and once with a signature.
 */
function wayIn(
	context: AuthContext,
	password: string | undefined,
	key: ParsedKey | undefined,
): "password" | "publickey" | "probe" | undefined {
	if (context.method === "password")
		return context.password === password ? "password" : undefined;
	if (context.method !== "publickey" || !key?.getPublicSSH) return undefined;
	if (!context.key.data.equals(key.getPublicSSH())) return undefined;
	if (!context.signature || !context.blob) return "probe";
	const valid = key.verify(context.blob, context.signature, context.hashAlgo);
	return valid === true ? "publickey" : undefined;
}

/** Relays one command to the host. All other requests are refused and recorded. */
function serveSession(
	session: Session,
	host: SshAccess | undefined,
	errors: string[],
): void {
	session.on("exec", (accept, reject, { command }) => {
		if (host) return relay(accept(), host, command, errors);
		errors.push(`a command for a proxy: ${command}`);
		reject();
	});
	// The types declare each event separately, with the same two functions first.
	for (const name of ["env", "pty", "shell", "subsystem", "sftp"] as const)
		(session as NodeJS.EventEmitter).on(name, (_accept, reject) => {
			errors.push(`${name} in a session`);
			reject?.();
		});
}

/** Sends the command to the host with the host's own key, and returns its streams and exit code. */
function relay(
	channel: ServerChannel,
	host: SshAccess,
	command: string,
	errors: string[],
): void {
	const { hostKey, ...access } = host;
	const expected = utils.parseKey(hostKey);
	const client = new Client();
	const fail = (error: Error) => {
		errors.push(`relay: ${error.message}`);
		channel.close();
	};
	client.on("error", fail);
	channel.on("close", () => client.end());
	client.on("ready", () => {
		client.exec(command, (error, upstream) => {
			if (error) return fail(error);
			channel.pipe(upstream);
			upstream.pipe(channel, { end: false });
			upstream.stderr.pipe(channel.stderr, { end: false });
			upstream.on("exit", (code: number | null) => channel.exit(code ?? 255));
			upstream.on("close", () => channel.end());
		});
	});
	client.connect({
		...access,
		username: host.user,
		hostVerifier: (key: Buffer) =>
			!(expected instanceof Error) && expected.getPublicSSH().equals(key),
	});
}
