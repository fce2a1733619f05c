import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Control, resume } from "../../rehearse/control.ts";

let dir: string;
let file: string;
let control: Control | undefined;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-control-"));
	file = join(dir, "control");
	vi.spyOn(process.stdout, "write").mockReturnValue(true);
});
afterEach(async () => {
	control?.close();
	control = undefined;
	vi.restoreAllMocks();
	await rm(dir, { recursive: true });
});

it("--resume continues a rehearsal that waits, and prints what it prints until the next wait", async () => {
	control = await Control.open(file);
	expect(await Control.isOpen(file)).toBe(true);
	for (const exitCode of [1, 0]) {
		const waiting = control.resumed();
		let printed = "";
		const other = resume(file, (text) => {
			printed += text;
		});
		await waiting;
		control.print(`the update ends with ${exitCode}`);
		control.release(exitCode);
		control.print("not for the other terminal");
		expect(await other).toBe(exitCode);
		expect(printed).toBe(`the update ends with ${exitCode}\n`);
	}
});

it("a socket without a process is no rehearsal, and does not prevent one", async () => {
	await writeFile(file, "");
	expect(await Control.isOpen(file)).toBe(false);
	control = await Control.open(file);
	expect(await Control.isOpen(file)).toBe(true);
});

it("--resume without a rehearsal is an error", async () => {
	expect(await Control.isOpen(file)).toBe(false);
	await expect(resume(file, () => {})).rejects.toThrow(
		/no rehearsal waits for --resume, got none at .*control; start one with --break/,
	);
});

it("--resume while an update runs is an error", async () => {
	control = await Control.open(file);
	let printed = "";
	expect(
		await resume(file, (text) => {
			printed += text;
		}),
	).toBe(1);
	expect(printed).toMatch(
		/^rehearse: nothing to resume, because the rehearsal does not wait now/,
	);
});

it("--resume ends with 1 if the rehearsal ends before its update", async () => {
	control = await Control.open(file);
	const waiting = control.resumed();
	const other = resume(file, () => {});
	await waiting;
	control.close();
	control = undefined;
	expect(await other).toBe(1);
});

it("--resume is an error if the rehearsal is killed", async () => {
	const server = createServer((socket) =>
		socket.once("data", () => socket.destroy()),
	);
	server.listen(file);
	await once(server, "listening");
	await expect(resume(file, () => {})).rejects.toThrow(
		/has ended before its update did; start it again/,
	);
	server.close();
});

it("anything but --resume is ignored", async () => {
	control = await Control.open(file);
	const resumed = vi.fn();
	control.resumed().then(resumed);
	const other = connect(file);
	other.write("something else\n");
	await once(other, "close");
	expect(resumed).not.toHaveBeenCalled();
});
