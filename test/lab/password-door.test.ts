import ssh2, { type ConnectConfig, type Client as SshClient } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabHost, startHost } from "./host.ts";
import { openPasswordDoor, type PasswordDoor } from "./password-door.ts";

const { Client, utils } = ssh2;

let host: LabHost;
let door: PasswordDoor;
let proxy: PasswordDoor;
const key = utils.generateKeyPairSync("ecdsa", { bits: 256 });
const stranger = utils.generateKeyPairSync("ecdsa", { bits: 256 });

beforeAll(async () => {
	host = await startHost();
	door = await openPasswordDoor({ password: "sesame", host: host.ssh });
	proxy = await openPasswordDoor({ publicKey: key.public });
});
afterAll(async () => {
	door?.stop();
	proxy?.stop();
	await host?.stop();
});

function logIn(how: ConnectConfig): Promise<SshClient> {
	const client = new Client();
	return new Promise((resolve, reject) => {
		client.on("ready", () => resolve(client)).on("error", reject);
		client.connect({ username: "anybody", ...how });
	});
}

function run(client: SshClient, command: string, input = "") {
	return new Promise<{ code: number; stdout: string }>((resolve, reject) => {
		client.exec(command, (error, channel) => {
			if (error) return reject(error);
			let stdout = "";
			channel.on("data", (data: Buffer) => {
				stdout += data.toString("latin1");
			});
			channel.stderr.resume();
			channel.on("close", (code: number) => resolve({ code, stdout }));
			channel.end(input);
		});
	});
}

const at = ({ host: address, port }: PasswordDoor) => ({ host: address, port });

describe("a password door", () => {
	it("relays commands, input, output and exit code to its host", async () => {
		const client = await logIn({ ...at(door), password: "sesame" });
		const { stdout } = await run(client, 'find /v ""', "through\r\n");
		expect(stdout).toContain("through");
		expect((await run(client, "ver")).stdout).toContain("Windows");
		expect((await run(client, "exit 7")).code).toBe(7);
		client.end();
		expect(await host.commands()).toEqual(['find /v ""', "ver", "exit 7"]);
		expect(door.errors).toEqual([]);
		expect(door.logins).toEqual(["password"]);
	});

	it("accepts only the right password and the right key", async () => {
		const inside = await logIn({ ...at(proxy), privateKey: key.private });
		inside.end();
		expect(proxy.logins).toEqual(["publickey"]);
		const refused: [PasswordDoor, ConnectConfig][] = [
			[door, { password: "sesam" }],
			[door, { privateKey: key.private }],
			[proxy, { privateKey: stranger.private }],
			[proxy, { password: "sesame" }],
		];
		for (const [which, how] of refused)
			await expect(logIn({ ...at(which), ...how })).rejects.toThrow(
				"All configured authentication methods failed",
			);
		expect(proxy.logins).toHaveLength(1);
	});

	it("forwards to lab hosts as a proxy, and refuses and records all other requests", async () => {
		const client = await logIn({ ...at(proxy), privateKey: key.private });
		const open = (address: string, port: number) =>
			new Promise<import("node:stream").Duplex>((resolve, reject) =>
				client.forwardOut("127.0.0.1", 1, address, port, (error, channel) =>
					error ? reject(error) : resolve(channel),
				),
			);
		const { privateKey, user: username } = host.ssh;
		const sock = await open(host.ssh.host, host.ssh.port);
		const far = await logIn({ sock, privateKey, username });
		expect((await run(far, "ver")).stdout).toContain("Windows");
		far.end();
		expect(proxy.errors).toEqual([]);
		await expect(open("192.0.2.1", 22)).rejects.toThrow();
		await expect(open("127.0.0.1", 1)).rejects.toThrow();
		await expect(run(client, "ver")).rejects.toThrow();
		await expect(
			new Promise((_, reject) => client.shell((error) => reject(error))),
		).rejects.toThrow();
		client.end();
		expect(proxy.errors).toEqual([
			"forwarding to 192.0.2.1:22",
			"a command for a proxy: ver",
			expect.stringMatching(/in a session$/),
		]);
	});
});
