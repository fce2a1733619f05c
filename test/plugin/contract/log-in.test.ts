import { beforeAll, expect, test } from "vitest";
import { type Agent, startAgent } from "../agent.ts";
import type { Declared } from "../bench.ts";
import { useContract } from "../contract.ts";
import {
	PASSWORD,
	type PasswordServer,
	startPasswordServer,
} from "../password-server.ts";
import { PASSPHRASE } from "../sshd.ts";

const contract = useContract();
let agent: Agent;
let byPassword: PasswordServer;
let byQuestion: PasswordServer;

beforeAll(async () => {
	agent = await startAgent(contract.file("agent"), contract.sshd.privateKey);
	byPassword = await startPasswordServer("password");
	byQuestion = await startPasswordServer("keyboard-interactive");
	return async () => {
		await agent.stop();
		byPassword.stop();
		byQuestion.stop();
	};
});

const WHICH_KEY = "cut -d' ' -f2 $SSH_USER_AUTH";

/** Runs one update with a command for each connection, and returns what the commands print. */
async function print(ways: Record<string, object>, env = {}) {
	const stack = await contract.bench.stack();
	const resources: Declared[] = Object.entries(ways).map(([name, connection]) =>
		contract.remote(name, { create: WHICH_KEY, connection }),
	);
	await stack.up(resources, { env });
	const stored = Object.entries(stack.state());
	return Object.fromEntries(
		stored.map(([name, { outputs }]) => [name, outputs.stdout]),
	);
}

test("a host key limits the handshake to its type, and without one any host key is accepted", async () => {
	expect(
		await print({
			ed25519: { hostKey: contract.sshd.hostKey("ed25519") },
			ecdsa: { hostKey: contract.sshd.hostKey("ecdsa") },
			commented: { hostKey: `${contract.sshd.hostKey("ecdsa")} a comment` },
			none: { hostKey: undefined },
		}),
	).toEqual({
		ed25519: "ssh-ed25519",
		ecdsa: "ssh-ed25519",
		commented: "ssh-ed25519",
		none: "ssh-ed25519",
	});
});

test("encrypted key, agent, password and keyboard-interactive log in; a key is used before a password", async () => {
	const without = { privateKey: undefined };
	const encrypted = {
		privateKey: contract.sshd.encryptedKey,
		privateKeyPassword: PASSPHRASE,
	};
	const password = { ...without, hostKey: undefined, password: PASSWORD };
	expect(
		await print({
			encrypted,
			"key and password": { ...encrypted, password: "wrong" },
			agent: { ...without, agentSocketPath: agent.socket },
			password: { ...password, port: byPassword.port },
			asked: { ...password, port: byQuestion.port },
		}),
	).toEqual({
		encrypted: "ssh-rsa",
		"key and password": "ssh-rsa",
		agent: "ssh-ed25519",
		password: "let in by password",
		asked: "let in by keyboard-interactive",
	});
});

test("the agent of SSH_AUTH_SOCK is used too", async () => {
	const env = { SSH_AUTH_SOCK: agent.socket };
	expect(await print({ a: { privateKey: undefined } }, env)).toEqual({
		a: "ssh-ed25519",
	});
});

test("the plugin logs in to the proxy first, and through it to the host", async () => {
	const { connection, sshd } = contract;
	const before = sshd.log().length;
	const hostPort = "echo $SSH_CONNECTION | cut -d' ' -f4";
	const stack = await contract.bench.stack();
	const proxy = { ...connection, port: sshd.jumpPort };
	await stack.up([
		contract.remote("far", { create: hostPort, connection: { proxy } }),
	]);
	expect(stack.state().far?.outputs.stdout).toBe(String(sshd.port));
	const arrivals = sshd
		.log()
		.slice(before)
		.match(/(?<=on 127\.0\.0\.1 port )\d+/g);
	expect(arrivals).toEqual([sshd.jumpPort, sshd.port].map(String));
});
