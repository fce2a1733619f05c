import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Gateway, startGateway } from "../lab/gateway.ts";
import type { Stack } from "../stack.ts";
import { Bench } from "./fixture.ts";

// An SSH server that passes commands to a Unix shell, as Cygwin's does on Windows. The package does nothing there and
// leaves no file.
const bench = new Bench();
let server: Gateway;
let stack: Stack;
beforeAll(async () => {
	server = await startGateway();
	bench.atEnd(() => server.stop());
	stack = await bench.stack();
	const { privateKey, ...ssh } = server.ssh;
	await stack.configure({
		hosts: [{ name: "EXCH01", role: "requestor", ssh }],
		credentials: { EXCH01: { privateKey } },
	});
});
afterAll(() => bench.end());

it("an SSH server with a Unix shell fails the update with use-cmd-exe", async () => {
	const { exitCode, output } = await stack.up();
	expect(exitCode).not.toBe(0);
	expect(output).toMatch(/^ *\[use-cmd-exe\]$/m);
	expect(await readdir(join(server.dir, "home"))).toEqual([]);
});

it("a check reports an SSH server with a Unix shell, and what to do", async () => {
	const { exitCode, stdout } = await stack.check();
	expect(exitCode).toBe(1);
	expect(stdout).toMatch(
		/a shell other than cmd\.exe.* \[use-cmd-exe\]\. Make/,
	);
	expect(await readdir(join(server.dir, "home"))).toEqual([]);
});
