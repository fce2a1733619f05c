// @module-tag full
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type LabHost, startHost } from "./host.ts";
import { addPostOffice, type PostOffice } from "./post-office.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

/** Contains every character that cmd.exe interprets unless it is quoted. */
const PASSWORD = "S~c%ret*;,=!'&^?";

let host: LabHost;
let office: PostOffice;
let seen = 0;
beforeAll(async () => {
	host = await startHost({ running: false });
	office = await addPostOffice(host, {
		...{ name: "PO-HARBOR", role: "server", drive: "X" },
		...{ password: PASSWORD, users: ["Anna", "Bert Berg"] },
	});
});
afterAll(() => host.stop());
beforeEach(async () => {
	await host.set(DEFAULT_SETTINGS);
	seen = (await office.calls()).length;
});

const run = (...programs: string[]) =>
	host.exec(`cd /d ${office.directory} & ${programs.join(" & ")}`);
const said = async (...programs: string[]) => (await run(...programs)).stdout;
const newCalls = async () => (await office.calls()).slice(seen);
const importWith = (password: string, options = "-q -y") =>
	`forcedos import -dX admin "-p${password}" ${options}`;

test("FORCEDOS runs a program only from the current directory, and a program needs its own directory", async () => {
	const elsewhere = "C:\\MAILEXE\\rebuild -dX -f & forcedos rebuild -dX -f";
	const { exitCode, stdout } = await host.exec(elsewhere);
	expect(exitCode).toBe(1);
	expect(stdout).toBe(
		"Fatal[2] Program files not found\r\nFORCEDOS: Program file not found\r\n",
	);
	expect(await office.addressList()).toEqual([]);
	expect(await said("forcedos rebuild -dX -f", "rebuild.exe -f -dX")).toBe(
		"Global Address List has 2 names\r\n".repeat(2),
	);
	expect(await office.addressList()).toEqual(["Anna", "Bert Berg"]);
	const user = `C:\\users\\${host.ssh.user}`;
	expect(
		(await newCalls()).map(({ program, cwd, exit }) => [program, cwd, exit]),
	).toEqual([
		["REBUILD", user, 0],
		["FORCEDOS", user, 1],
		["REBUILD", office.directory, 0],
		["REBUILD", office.directory, 0],
	]);
});

test("IMPORT accepts any characters in a password, and reports a wrong one only on the screen", async () => {
	expect(await said(importWith(PASSWORD))).toBe("0 updates imported\r\n");
	const bad = await run(importWith("WRONG"), "type X:\\LOG\\DIRSYNC.LOG");
	expect(bad.stdout).toMatch(/^Bad ID or Password\r\n/);
	expect(bad.stdout).not.toContain("IMPORT Bad");
	expect((await newCalls()).map(({ password }) => password)).toEqual([
		"right",
		"wrong",
	]);
	const [right] = await newCalls();
	expect(right?.args).toBe("-dX admin -p*** -q -y");
	const mask = await host.exec(importWith(PASSWORD));
	expect(mask.stdout).toContain("FORCEDOS");
	expect((await newCalls()).at(-1)?.args).toContain("-p***");
});

test("a post office that ADMIN has locked is error 91 for every program", async () => {
	const admin = await office.lockPostOffice();
	expect(
		await said("reqmain -t -dX", "srvmain -r -dX", importWith(PASSWORD)),
	).toBe("Fatal[91] Postoffice locked by another program\r\n".repeat(3));
	await admin.release();
	expect(await said("rebuild -dX -f")).toContain("2 names");
});

test("an address list that a client has open is error 203", async () => {
	const client = await office.openAddressList();
	expect(await said("rebuild -dX -f")).toBe(
		"Fatal[203] GAL Rebuild problem accessing files\r\n",
	);
	await client.release();
	expect(await said("rebuild -dX -f")).toContain("2 names");
});

test("a missing post office, a requestor called as server, and a missing program are reported", async () => {
	const pier = await addPostOffice(host, {
		...{ name: "PO-PIER", role: "requestor", drive: "Y" },
		...{ directory: "C:\\PIER MAIL", password: "", server: office },
	});
	expect(await said("reqmain -t -dZ")).toContain("Fatal[202]");
	expect(await said("srvmain -t -dY", "srvmain -r -dY")).toBe(
		"Fatal[161] Server configuration busy\r\n".repeat(2),
	);
	await pier.removeProgram("srvmain");
	const call = 'cd /d "C:\\PIER MAIL" & forcedos srvmain -r -dY';
	expect((await host.exec(call)).stdout).toContain("Program file not found");
	await pier.restoreProgram("srvmain");
	expect((await host.exec(call)).stdout).toContain("Fatal[161]");
	expect(await newCalls()).toEqual([]);
	expect((await pier.calls()).length).toBe(4);
	await rm(join(pier.dir, "P1"), { recursive: true });
	expect(await said("reqmain -t -dY")).toContain("Fatal[113]");
});

test("unsupported arguments end with code 99 and are recorded as lab errors", async () => {
	const unknown = [
		...["reqmain -dX", "reqmain -t", "reqmain -t -dX -v", "srvmain -tr -dX"],
		...["rebuild -dX", importWith(PASSWORD, "-q"), "forcedos /d C:\\ x"],
		"import -dX -q -y",
	];
	for (const call of unknown) expect((await run(call)).exitCode).toBe(99);
	expect(await host.labErrors()).toHaveLength(unknown.length);
	expect((await host.labErrors()).join()).not.toContain(PASSWORD);
});

test("programFault makes one call fail with a number, and no other", async () => {
	await host.set({ programFault: "srvmain -r -dX:156" });
	expect(await said("srvmain -r -dX", "srvmain -t -dX")).toBe(
		"Error[156] Invalid DirSync password from requestor\r\nNo Tasks From Requestor\r\n",
	);
	await host.set({ programFault: "rebuild:4711" });
	expect(await said("rebuild -dX -f")).toMatch(/^Fatal\[4711\]/);
});

test("a call can hang, print no text, or die halfway", async () => {
	await host.set({ programFault: "rebuild:hangs 2" });
	expect(await said("rebuild -dX -f")).toContain("2 names");
	const [hung] = await newCalls();
	expect(Number(hung?.to) - Number(hung?.from)).toBeGreaterThan(1900);
	await host.set({ programFault: "rebuild:foreign" });
	expect(await said("rebuild -dX -f")).toBe("\x83\x81\xff\x8c\x90\r\n");
	await host.set({ programFault: "rebuild:dies" });
	expect(await said("rebuild -dX -f")).toBe("");
	expect(await office.addressList()).toEqual([]);
	expect((await newCalls()).at(-1)).not.toHaveProperty("exit");
	await host.set({ programFault: "" });
	expect(await said("rebuild -dX -f")).toContain("2 names");
});

test("a gate blocks a program of the product, with and without FORCEDOS", async () => {
	const gate = await host.gate({ when: "before", program: "rebuild" });
	const running = host.exec("cd /d C:\\MAILEXE & forcedos rebuild -dX -f", "", {
		as: "product",
	});
	await gate.reached();
	expect(await newCalls()).toEqual([]);
	await gate.open();
	expect((await running).stdout).toContain("2 names");
});

test("each program reports a full disk, and succeeds once there is room", async () => {
	await host.fillDisk();
	const full = "cd /d C:\\MAILEXE & reqmain -t -dX & rebuild -dX -f";
	const { stdout } = await host.exec(full, "", { as: "product" });
	await host.freeDisk();
	expect(stdout).toBe(
		"Fatal[113] Failure to send mail\r\nFatal[204] GAL Rebuild out of disk space\r\n",
	);
	expect((await newCalls()).map(({ exit }) => exit)).toEqual([0, 0]);
	expect(await said("reqmain -t -dX", "rebuild -dX -f")).toBe(
		"Status[106] 2 updates sent\r\nGlobal Address List has 2 names\r\n",
	);
});

test("in German the numbers are the same, and the texts are in code page 850", async () => {
	const german = await startHost({ language: "de", running: false });
	const quay = { name: "PO-QUAY", role: "server", drive: "q" } as const;
	await addPostOffice(german, { ...quay, password: "p", users: ["Jürgen"] });
	const { stdout } = await german.exec(
		"cd /d C:\\MAILEXE & reqmain -T -Dq & import admin -px -dQ -q -y & rebuild -f -dQ",
	);
	await german.stop();
	expect(stdout).toBe(
		"Status[106] 1 \x8enderungen gesendet\r\nUng\x81ltige Kennung oder ung\x81ltiges Kennwort\r\nGlobale Adre\xe1liste hat 1 Eintr\x84ge\r\n",
	);
});
