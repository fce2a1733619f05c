// @module-tag full
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execaNode } from "execa";
import {
	afterAll,
	afterEach,
	beforeAll,
	beforeEach,
	expect,
	test,
} from "vitest";
import type { Gate, GateOptions } from "../gate.ts";
import { processes } from "../processes.ts";
import { net, target } from "./net.ts";
import { type NtHost, startNtHost } from "./nt-host.ts";

const DX = "MSExchangeDX";
const OWN = "HKLM\\SOFTWARE\\exchange-dirsync";

let host: NtHost;
const gates: Gate[] = [];
let seen = 0;
beforeAll(async () => {
	host = await startNtHost({ pauseKicksDX: "dword:00000001" });
});
afterAll(() => host.stop());
beforeEach(async () => {
	seen = (await host.serviceLog()).length;
});
afterEach(() => Promise.all(gates.splice(0).map((gate) => gate.open())));

async function set(when: GateOptions["when"], program: string): Promise<Gate> {
	const gate = await host.gate({ when, program });
	gates.push(gate);
	return gate;
}
const kick = () => net(target(host), "service", "pause", DX);
const newEvents = async () =>
	(await host.serviceLog()).slice(seen).map(({ event }) => event);
const KICKED = ["pause", "cycle T1"];

test("before: the control is not delivered yet, and the gate blocks only one call", async () => {
	const gate = await set("before", "pause");
	const held = kick();
	await gate.reached();
	expect(await newEvents()).toEqual([]);
	expect((await kick()).exitCode).toBe(0);
	expect(await newEvents()).toEqual(KICKED);
	await gate.open();
	expect((await held).exitCode).toBe(0);
	expect(await newEvents()).toEqual([...KICKED, ...KICKED]);
});

test("after: the control is delivered, and not answered", async () => {
	const gate = await set("after", "pause");
	let ended = false;
	const held = kick().finally(() => {
		ended = true;
	});
	await gate.reached();
	expect(await newEvents()).toEqual(KICKED);
	expect(ended).toBe(false);
	expect((await host.controls()).at(-1)?.to).toBeUndefined();
	await gate.open();
	expect((await held).stdout).toContain("service is running.");
});

test("a gate identifies a write by the name of the value", async () => {
	const write = (name: string) =>
		net(target(host), "registry", "setvalue", OWN, name, "sz", "x");
	await net(target(host), "registry", "createkey", OWN);
	const before = await set("before", '"Intent"=');
	const after = await set("after", '"Intent"=');
	await write("Other");
	const held = write("Intent");
	await before.reached();
	expect(await host.registryKey(OWN)).toEqual({ Other: '"x"' });
	await before.open();
	await after.reached();
	expect(await host.registryValue(OWN, "Intent")).toBe('"x"');
	await after.open();
	expect((await held).exitCode).toBe(0);
	expect((await host.commands()).slice(-2)).toEqual([
		'SetValue HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync "Other"="x"',
		'SetValue HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync "Intent"="x"',
	]);
});

test("a gate blocks a session before its first call, and after its last call before the session ends", async () => {
	const before = await set("before", "session");
	const after = await set("after", "session");
	const held = kick();
	await before.reached();
	expect(await newEvents()).toEqual([]);
	await before.open();
	await after.reached();
	expect(await newEvents()).toEqual(KICKED);
	await after.open();
	expect((await held).exitCode).toBe(0);
});

test.each(["before", "after"] as const)(
	"a connection that is cut %s the control gets no answer, and the cycle starts",
	async (when) => {
		const gate = await set(when, "pause");
		const cut = kick();
		await gate.reached();
		await host.cutConnections();
		expect(await cut).toMatchObject({
			exitCode: 255,
			stderr: expect.stringContaining("Control service request failed."),
		});
		let rested = false;
		const rest = host.atRest().then(() => {
			rested = true;
		});
		expect(await newEvents()).toEqual(when === "before" ? [] : KICKED);
		expect(rested).toBe(false);
		await gate.open();
		await rest;
		expect(await newEvents()).toEqual(KICKED);
	},
);

test("a stopped server refuses connections, keeps existing ones, and restarts on the same port", async () => {
	const gate = await set("before", "pause");
	const held = kick();
	await gate.reached();
	await host.stopServer();
	expect((await kick()).stderr).toContain("NT_STATUS_CONNECTION_REFUSED");
	await expect(host.stopServer()).rejects.toThrow("does not run");
	await gate.open();
	expect((await held).exitCode).toBe(0);
	await host.startServer();
	expect((await kick()).exitCode).toBe(0);
});

test("a host starts in seconds, and a stopped host leaves no folder", async () => {
	const began = Date.now();
	const other = await startNtHost({ make: "nt4" });
	expect(Date.now() - began).toBeLessThan(5000);
	const gate = await other.gate({ when: "before", program: "status" });
	const held = net(target(other), "service", "status", DX);
	await expect.poll(() => other.logins()).toBe(1);
	await other.stop();
	await held;
	await gate.open().catch(() => undefined);
	await expect(readdir(other.dir)).rejects.toThrow("ENOENT");
});

test("a host ends by itself when the program that started it is killed", async () => {
	const module = JSON.stringify(join(import.meta.dirname, "nt-host.ts"));
	const program = join(host.dir, "program.mts");
	await writeFile(
		program,
		`import { startNtHost } from ${module};
		console.log((await startNtHost()).dir);
		setInterval(() => {}, 1000);`,
	);
	const child = execaNode(program, {
		nodeOptions: ["--import", "tsx"],
		reject: false,
	});
	const [line] = (await once(child.stdout, "data")) as [Buffer];
	const dir = line.toString().trim();
	const ofHost = () =>
		processes().filter(({ command }) => command.includes(dir)).length;
	expect(ofHost()).toBe(1);
	child.kill("SIGKILL");
	await expect.poll(ofHost, { timeout: 10_000 }).toBe(0);
	await expect.poll(() => readdir(dir).catch(() => "gone")).toBe("gone");
});
