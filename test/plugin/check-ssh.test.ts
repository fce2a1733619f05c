// @module-tag full
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConnectionError, type Route, run } from "../../src/cli/ssh.ts";
import { freePort } from "../free-port.ts";
import { startMuteServer } from "./mute-server.ts";
import {
	type Method,
	PASSWORD,
	startPasswordServer,
} from "./password-server.ts";
import { PASSPHRASE, type Sshd, startSshd } from "./sshd.ts";

// A check logs in with another SSH library than the command plugin. Credentials that work with the plugin must also
// work with the check.
let dir: string;
let sshd: Sshd;

beforeAll(async () => {
	dir = mkdtempSync(join(tmpdir(), "dirsync-check-ssh-"));
	sshd = await startSshd(join(dir, "sshd"));
});
afterAll(async () => {
	await sshd.stop();
	rmSync(dir, { recursive: true, force: true });
});

const login = (by: Partial<Route> = {}): Route => ({
	host: "127.0.0.1",
	port: sshd.port,
	user: sshd.user,
	hostKey: sshd.hostKey(),
	privateKey: sshd.privateKey,
	...by,
});
const echo = { command: "cat; echo done >&2", stdin: "\xfc and more\r\n" };
const answer = (by?: Partial<Route>) => run(login(by), echo, 10_000);
const refusal = (by: Partial<Route>) =>
	answer(by).then(
		() => "let in",
		({ code, detail }: ConnectionError) => ({ code, detail }),
	);

/** Starts a server that forwards connections to a port, but first closes a number of them like an overloaded server. */
async function startFullDoor(to: number) {
	let full = 0;
	let came = 0;
	const server = createServer((socket) => {
		came += 1;
		if (full-- > 0) return socket.end("Exceeded MaxStartups\r\n");
		const behind = connect(to, "127.0.0.1");
		socket.pipe(behind).pipe(socket);
		for (const end of [socket, behind]) end.on("error", () => {});
	});
	await once(server.listen(0, "127.0.0.1"), "listening");
	return {
		port: (server.address() as AddressInfo).port,
		hangUp: (times: number) => {
			full = times;
		},
		came: () => came,
		stop: () => server.close(),
	};
}

/** Authorizes a private key in the text format of ssh-keygen or Node, and returns its text. */
async function letIn(privateKey: string, name: string): Promise<string> {
	const file = join(dir, name);
	await execa("sh", ["-c", 'umask 077; cat >"$0"', file], {
		input: privateKey,
	});
	const { stdout } = await execa("ssh-keygen", ["-y", "-f", file]);
	const authorized = join(dir, "sshd/authorized_keys");
	await execa("tee", ["-a", authorized], { input: `${stdout}\n` });
	return readFileSync(file, "utf8");
}

describe("a check logs in", () => {
	it("and transfers bytes unchanged", async () => {
		const bytes = await answer();
		expect(Buffer.from(bytes ?? "", "latin1").toString()).toBe(
			"\xfc and more\r\n",
		);
	});

	it.each(["ed25519", "ecdsa", "rsa"] as const)(
		"with a host key of type %s",
		async (type) => {
			const asked = answer({ hostKey: sshd.hostKey(type) });
			// A pinned ssh-rsa key allows only SHA-1 signatures, which OpenSSH no longer makes. The plugin fails too.
			if (type === "rsa") await expect(asked).rejects.toThrow(/host key/);
			else expect(await asked).toContain("more");
		},
	);

	it("with any host key if none is configured", async () => {
		expect(await answer({ hostKey: undefined })).toContain("more");
	});

	it("with an encrypted key", async () => {
		const privateKey = sshd.encryptedKey;
		const privateKeyPassword = PASSPHRASE;
		expect(await answer({ privateKey, privateKeyPassword })).toContain("more");
	});

	it.each([
		["RSA, PKCS#8", "rsa", "pkcs8"],
		["RSA, PKCS#1", "rsa", "pkcs1"],
		["ECDSA, PKCS#8", "ec", "pkcs8"],
		["ECDSA, SEC 1", "ec", "sec1"],
	] as const)("with a key in the format %s", async (name, kind, type) => {
		const { privateKey } =
			kind === "rsa"
				? generateKeyPairSync("rsa", { modulusLength: 2048 })
				: generateKeyPairSync("ec", { namedCurve: "P-256" });
		const text = privateKey.export({ type, format: "pem" }).toString();
		const key = await letIn(text, name.replaceAll(/\W/g, ""));
		expect(await answer({ privateKey: key })).toContain("more");
	});

	it("with an Ed25519 key in the format PKCS#8", async () => {
		const { privateKey, publicKey } = generateKeyPairSync("ed25519");
		const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
		const head = Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0\x20");
		const line = `ssh-ed25519 ${Buffer.concat([head, raw]).toString("base64")}`;
		await execa("tee", ["-a", join(dir, "sshd/authorized_keys")], {
			input: `${line}\n`,
		});
		const text = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
		expect(await answer({ privateKey: text })).toContain("more");
	});

	it.each<Method>(["password", "keyboard-interactive"])(
		"with a password over the method %s",
		async (method) => {
			const server = await startPasswordServer(method);
			const by = { port: server.port, hostKey: undefined };
			const secret = { privateKey: undefined, password: PASSWORD };
			expect(await answer({ ...by, ...secret })).toBe(`let in by ${method}`);
			expect(
				await refusal({ ...by, ...secret, password: "wrong" }),
			).toMatchObject({ code: "no-log-in" });
			server.stop();
		},
	);

	it("through a proxy, with one login to each machine", async () => {
		const logins = () => sshd.log().match(/Accepted publickey/g)?.length ?? 0;
		const before = logins();
		const proxy = login({ port: sshd.jumpPort });
		expect(await answer({ proxy })).toContain("more");
		expect(logins()).toBe(before + 2);
	});
});

describe("a check that cannot log in reports", () => {
	const STRANGER = `ssh-ed25519 ${Buffer.from("stranger").toString("base64")}`;

	it("wrong-host-key for another host key, and host-key-type for an unsupported type", async () => {
		expect(await refusal({ hostKey: STRANGER })).toMatchObject({
			code: "wrong-host-key",
		});
		expect(await refusal({ hostKey: "ssh-dss AAAA" })).toMatchObject({
			code: "host-key-type",
		});
	});

	it("no-forwarding if the proxy does not allow forwarding", async () => {
		const settings = ["AllowTcpForwarding no"];
		const strict = await startSshd(join(dir, "strict"), { settings });
		const { port, privateKey } = strict;
		const proxy = login({ port, privateKey, hostKey: strict.hostKey() });
		expect(await refusal({ proxy })).toMatchObject({ code: "no-forwarding" });
		await strict.stop();
	});

	it("no-log-in after one attempt if the host does not accept the key", async () => {
		const tries = () => sshd.log().match(/Connection from/g)?.length ?? 0;
		const before = tries();
		expect(await refusal({ privateKey: sshd.strangerKey })).toMatchObject({
			code: "no-log-in",
		});
		expect(tries()).toBe(before + 1);
	});

	it("unreachable if the host neither accepts nor refuses a connection, directly or through a proxy", async () => {
		const mute = await startMuteServer();
		const told = {
			code: "unreachable",
			detail: "no answer within 15 s",
		};
		expect(
			await Promise.all([
				refusal({ port: mute.port }),
				refusal({ port: mute.port, proxy: login() }),
			]),
		).toEqual([told, told]);
		mute.stop();
	});

	it("unreachable if the server closes two connections before the login, and retries after one", async () => {
		const door = await startFullDoor(sshd.port);
		const by = { port: door.port };
		door.hangUp(1);
		expect(await answer(by)).toContain("more");
		door.hangUp(2);
		expect(await refusal(by)).toMatchObject({ code: "unreachable" });
		door.hangUp(1);
		expect(await answer({ proxy: login(by) })).toContain("more");
		expect(door.came()).toBe(6);
		door.stop();
	});

	it("no-log-in for a wrong pass phrase, without printing it", async () => {
		const by = { privateKey: sshd.encryptedKey, privateKeyPassword: "wrong" };
		const told = await refusal(by);
		expect(told).toMatchObject({ code: "no-log-in" });
		expect(JSON.stringify(told)).not.toContain("wrong");
	});

	it("unreachable if the host or the proxy refuses the connection", async () => {
		const port = await freePort();
		expect(await refusal({ port })).toMatchObject({ code: "unreachable" });
		expect(await refusal({ port, proxy: login() })).toMatchObject({
			code: "unreachable",
		});
		expect(await refusal({ proxy: login({ port }) })).toMatchObject({
			code: "unreachable",
		});
	});
});

it("a check abandons a command that does not end in time", async () => {
	const slow = { command: "sleep 5", stdin: "" };
	expect(await run(login(), slow, 500)).toBeUndefined();
});
