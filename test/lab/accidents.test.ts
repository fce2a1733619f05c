// @module-tag full
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Gate, GateOptions } from "./gate.ts";
import { type LabHost, startHost } from "./host.ts";
import { processes } from "./processes.ts";

let host: LabHost;
const gates: Gate[] = [];
beforeAll(async () => {
	host = await startHost({ pauseKicksDX: "dword:00000001" });
});
afterAll(() => host.stop());
afterEach(() => Promise.all(gates.splice(0).map((gate) => gate.open())));

const product = (command: string, stdin = "") =>
	host.exec(command, stdin, { as: "product" });
const lines = async (file: string) =>
	(await host.exec(`type %TEMP%\\${file}`)).stdout;
/** This FIND waits at a gate, or did so before, and exits with 1. */
const FIND = 'find "~" nul >nul';

async function set(when: GateOptions["when"], program: string): Promise<Gate> {
	const gate = await host.gate({ when, program });
	gates.push(gate);
	return gate;
}

/** The remaining processes of the product's sessions, including those on the Unix side. */
const left = () =>
	processes().filter(
		({ command, environment }) =>
			command.includes(`${host.dir}\0product`) ||
			(environment.includes(`=${host.dir}`) &&
				environment.includes("LAB_SESSION=product\0")),
	);
const nothingLeft = () => expect.poll(left, { timeout: 20_000 }).toEqual([]);

test("a cut connection ends the client at once, and programs in Windows run to their end", async () => {
	const gate = await set("before", "find");
	const flood = "for /l %i in (1,1,4000) do @echo to-stderr-%i-0123456789>&2";
	const session = product(
		`${FIND} & echo to-stdout & ${flood} & echo end >%TEMP%\\cut.txt`,
	);
	await gate.reached();
	host.cutConnections();
	expect(await session).toMatchObject({ exitCode: 255, stdout: "" });
	expect(await lines("cut.txt")).toBe("");
	await gate.open();
	await expect
		.poll(() => lines("cut.txt"), { timeout: 60_000 })
		.toBe("end \r\n");
	await nothingLeft();
	expect((await readdir(join(host.dir, "lab"))).join()).not.toContain(
		"stderr.",
	);
});

test("cutConnections does not cut the lab's own sessions", async () => {
	const gate = await set("before", "find");
	const session = product(FIND);
	await gate.reached();
	const own = host.exec("ping -n 3 127.0.0.1 >nul & echo lived");
	await expect
		.poll(
			() =>
				processes().some(({ command }) => command.includes(`${host.dir}\0lab`)),
			{ timeout: 20_000 },
		)
		.toBe(true);
	host.cutConnections();
	expect((await own).stdout).toBe("lived\r\n");
	await session;
	await gate.open();
	await nothingLeft();
});

test("a killed script does not run its next command, and the program that it started runs on", async () => {
	const gate = await set("before", "net pause");
	const before = (await host.cycles()).length;
	const session = product(
		`cmd /c "net pause MSExchangeDX >%TEMP%\\k.txt 2>&1 & echo next >%TEMP%\\killed.txt" & echo last >>%TEMP%\\killed.txt`,
	);
	await gate.reached();
	host.killScript();
	const programs = () => left().map(({ command }) => command.split("\0")[0]);
	// The console lives as long as a program in it. The other processes belong to the session, which waits for the last
	// output.
	await expect.poll(programs, { timeout: 20_000 }).not.toContain("cmd.exe");
	expect(programs()).toContain("net");
	expect(await host.cycles()).toHaveLength(before);
	await gate.open();
	expect((await session).exitCode).toBe(1);
	await nothingLeft();
	expect(await host.cycles()).toHaveLength(before + 1);
	expect(await lines("k.txt")).toContain("3539");
	expect(await lines("killed.txt")).toBe("");
});

test("killing a script with its children leaves no process, and the service runs on", async () => {
	const gate = await set("before", "net pause");
	const before = (await host.serviceLog()).length;
	const session = product("net pause MSExchangeDX & echo x");
	await gate.reached();
	host.killScript({ children: true });
	expect((await session).exitCode).not.toBe(0);
	await nothingLeft();
	await gate.open();
	expect(await host.serviceLog()).toHaveLength(before);
	expect((await product("net pause MSExchangeDX")).stderr).toContain("3539");
});

test("a stopped server refuses connections, keeps its sessions, and restarts on the same port", async () => {
	const gate = await set("before", "find");
	const session = product(`${FIND} & echo still`);
	await gate.reached();
	await host.stopServer();
	const { exitCode, stderr } = await product("ver");
	expect([exitCode, stderr]).toEqual([
		255,
		expect.stringContaining("Connection refused"),
	]);
	await gate.open();
	expect((await session).stdout).toBe("still\r\n");
	await expect(host.stopServer()).rejects.toThrow("does not run");
	const { port } = host.ssh;
	await host.startServer();
	expect(host.ssh.port).toBe(port);
	expect((await product("ver")).exitCode).toBe(0);
});

test("connections that outlive the server can be cut, and end with the host", async () => {
	const other = await startHost({ running: false });
	const gate = await other.gate({ when: "before", program: "find" });
	const session = other.exec(FIND, "", { as: "product" });
	await gate.reached();
	await other.stopServer();
	other.cutConnections();
	expect((await session).exitCode).toBe(255);
	await other.startServer();
	const held = await other.gate({ when: "before", program: "find" });
	const last = other.exec(FIND, "", { as: "product" });
	await held.reached();
	await other.stopServer();
	await other.stop();
	expect((await last).exitCode).toBe(255);
	expect(
		processes().filter(({ command, environment }) =>
			(command + environment).includes(other.dir),
		),
	).toEqual([]);
});

/** A file on drive C:, read from outside Windows; empty if it does not exist. */
const onDisk = (file: string) =>
	readFile(join(host.dir, "prefix/drive_c", file), "latin1").catch(() => "");

test("on a full disk no session can write, running or new, and the lab's logs are still written", async () => {
	const gate = await set("before", "net pause");
	const session = product(
		"net pause MSExchangeDX >C:\\a.txt 2>&1 & echo b >C:\\b.txt & net nosuch & echo ended",
	);
	await gate.reached();
	const errors = await host.labErrors();
	await host.fillDisk();
	await gate.open();
	expect((await session).stdout).toContain("ended");
	await product('echo c >C:\\c.txt & find "x" >C:\\d.txt', "x\r\n");
	expect(
		await Promise.all(
			["a", "b", "c", "d"].map((name) => onDisk(`${name}.txt`)),
		),
	).toEqual(["", "", "", ""]);
	expect((await host.cycles()).length).toBeGreaterThan(0);
	expect(await host.labErrors()).toEqual([
		...errors,
		expect.stringContaining("nosuch"),
	]);
	await host.exec("echo e >C:\\e.txt");
	expect(await onDisk("e.txt")).toBe("e \r\n");
	await host.freeDisk();
	await product("echo c >C:\\c.txt");
	expect(await onDisk("c.txt")).toBe("c \r\n");
});

test("a session can write again after a full disk was freed", async () => {
	const gate = await set("before", "find");
	const session = product(`${FIND} & echo f >C:\\f.txt`);
	await gate.reached();
	await host.fillDisk();
	await host.freeDisk();
	await gate.open();
	await session;
	expect(await onDisk("f.txt")).toBe("f \r\n");
});
