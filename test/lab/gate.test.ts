import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
	afterAll,
	afterEach,
	beforeAll,
	beforeEach,
	expect,
	test,
} from "vitest";
import type { Gate, GateOptions } from "./gate.ts";
import { type LabHost, startHost } from "./host.ts";

let host: LabHost;
const gates: Gate[] = [];
let seen = 0;
beforeAll(async () => {
	host = await startHost({ make: "nt4", pauseKicksDX: "dword:00000001" });
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
const product = (command: string, stdin = "") =>
	host.exec(command, stdin, { as: "product" });
const newEvents = async () =>
	(await host.serviceLog()).slice(seen).map(({ event }) => event);
const KICK = "net pause MSExchangeDX >C:\\o.txt 2>&1 & echo done";
/** Read from outside Windows, which does not open a file that is being written to. */
const answer = () => readFile(join(host.dir, "prefix/drive_c/o.txt"), "latin1");

test("before: the control is not sent yet", async () => {
	const gate = await set("before", "net pause");
	expect(await gate.holds()).toBe(false);
	const session = product(KICK);
	await gate.reached();
	expect(await gate.holds()).toBe(true);
	expect(await newEvents()).toEqual([]);
	expect(await answer()).toBe("");
	await gate.open();
	expect((await session).stdout).toBe("done\r\n");
	expect(await newEvents()).toEqual(["pause", "cycle T1"]);
});

test("after: the control is answered, and the program has not ended", async () => {
	const gate = await set("after", "net pause");
	let ended = false;
	const session = product(KICK).finally(() => {
		ended = true;
	});
	await gate.reached();
	expect(await newEvents()).toEqual(["pause", "cycle T1"]);
	expect(await answer()).toContain("NET HELPMSG 3539");
	expect(ended).toBe(false);
	await gate.open();
	expect((await session).stdout).toBe("done\r\n");
});

test("a gate blocks one program; a second one and the lab's own programs pass", async () => {
	const gate = await set("before", "net pause");
	const held = product(KICK);
	await gate.reached();
	expect((await product("net pause MSExchangeDX")).stderr).toContain("3539");
	await gate.open();
	await held;
	const other = await set("before", "net pause");
	expect((await host.exec("net pause MSExchangeDX")).stderr).toContain("3539");
	await other.open();
	expect((await product("net pause MSExchangeDX")).stderr).toContain("3539");
	expect(await host.cycles()).toHaveLength(6);
});

test("several gates can block at once, and one program waits at two of them in turn", async () => {
	const before = await set("before", 'find "x"');
	const after = await set("after", 'find "x"');
	const session = await set("before", "session");
	const answered = product('find "x"', "x\r\ny\r\n");
	await session.reached();
	await session.open();
	await before.reached();
	await before.open();
	await after.reached();
	await after.open();
	expect((await answered).stdout).toBe("x\r\n");
});

test("a gate blocks a session after its command has ended and before the session ends", async () => {
	const gate = await set("after", "session");
	let ended = false;
	const session = product("echo x >%TEMP%\\last.txt").finally(() => {
		ended = true;
	});
	await gate.reached();
	expect((await host.exec("type %TEMP%\\last.txt")).stdout).toBe("x \r\n");
	expect(ended).toBe(false);
	await gate.open();
	expect((await session).exitCode).toBe(0);
});

test("a gate identifies an import by the contents of its file", async () => {
	const key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\lab-gate";
	const importing = (name: string) =>
		product(
			'find /v "" >%TEMP%\\g.reg & start /wait regedit /s %TEMP%\\g.reg',
			`REGEDIT4\r\n\r\n[${key}]\r\n"${name}"="x"\r\n\r\n`,
		);
	const before = await set("before", '"held"=');
	const after = await set("after", '"held"=');
	await importing("other");
	const session = importing("held");
	await before.reached();
	expect(Object.keys(await host.registryKey(key))).toEqual(["other"]);
	await before.open();
	await after.reached();
	expect(await host.registryValue(key, "held")).toBe('"x"');
	await after.open();
	await session;
});

test("a gate without a program is refused", async () => {
	await expect(host.gate({ when: "before", program: "" })).rejects.toThrow(
		"name a program",
	);
});
