import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type AuthContext, Server, utils } from "ssh2";

/** The password that a {@link PasswordServer} accepts. */
export const PASSWORD = "open sesame";

/** The SSH authentication method for a password. */
export type Method = "password" | "keyboard-interactive";

/**
 * An SSH server that accepts only a password, and answers every command with the method of the login. OpenSSH accepts
 * only the passwords of real users, and tests create no users.
 */
export interface PasswordServer {
	port: number;
	/** The methods of all password attempts so far, in order. */
	tries(): Method[];
	stop(): void;
}

/** Starts a server on the loopback interface that accepts the given methods. */
export async function startPasswordServer(
	...methods: Method[]
): Promise<PasswordServer> {
	const tries: Method[] = [];
	const hostKeys = [utils.generateKeyPairSync("ecdsa", { bits: 256 }).private];
	const server = new Server({ hostKeys }, (client) => {
		client.on("authentication", (context) => {
			const method = methods.find((one) => one === context.method);
			if (!method) return context.reject(methods);
			tries.push(method);
			judge(context, methods);
		});
		client.on("session", (accept) => {
			accept().on("exec", (run) => {
				const channel = run();
				channel.write(`let in by ${tries.at(-1)}`);
				channel.exit(0);
				channel.end();
			});
		});
		client.on("error", () => {});
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	return { port, tries: () => tries, stop: () => server.close() };
}

function judge(context: AuthContext, methods: Method[]) {
	const decide = (password?: string) =>
		password === PASSWORD ? context.accept() : context.reject(methods);
	if (context.method === "password") decide(context.password);
	else if (context.method === "keyboard-interactive")
		context.prompt([{ prompt: "Password: ", echo: false }], (answers) =>
			decide(answers[0]),
		);
}
