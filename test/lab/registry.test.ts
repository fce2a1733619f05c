import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LabHost, startHost } from "./host.ts";
import { SERVICE_KEY } from "./service-key.ts";

const KEY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\lab-test";
const EXPORT = `start /wait regedit /e %TEMP%\\out.reg "${KEY}" & `;
const values = {
	absolute: "dword:00000001",
	text: '"a \\"quoted\\" C:\\\\path"',
	bytes: "hex:01,02,ff",
	long: `hex:${Array(60).fill("ab").join(",")}`,
	number: "hex(b):01,00,00,00,00,00,00,00",
	variable: "hex(2):25,00,41,00,25,00,00,00",
	several: "hex(7):41,00,00,00,42,00,00,00,00,00",
};

async function fill(host: LabHost): Promise<void> {
	for (const [name, rhs] of Object.entries(values))
		await host.setRegistry(KEY, name, rhs);
	await host.setRegistry(`${KEY}\\Below`, "x", '"für"');
}

/** Sends a .reg file over SSH and has the host's regedit import it. */
const importFile = (host: LabHost, text: string) =>
	host.exec(
		'find /v "" >%TEMP%\\in.reg & start /wait regedit /s %TEMP%\\in.reg',
		text.replaceAll("\n", "\r\n"),
	);

describe("NT 4's regedit", () => {
	let host: LabHost;
	beforeAll(async () => {
		host = await startHost({ make: "nt4", running: false });
		await fill(host);
	});
	afterAll(() => host.stop());

	test("exports ANSI REGEDIT4: the key's own values first, long lines wrapped at 80 columns", async () => {
		const { stdout } = await host.exec(`${EXPORT}type %TEMP%\\out.reg`);
		const lines = stdout.split("\r\n");
		expect(lines.slice(0, 3)).toEqual(["REGEDIT4", "", `[${KEY}]`]);
		expect(lines).toContain('"absolute"=dword:00000001');
		expect(lines).toContain(`"text"=${values.text}`);
		expect(lines).toContain('"variable"=hex(2):25,41,25,00');
		expect(lines).toContain('"several"=hex(7):41,00,42,00,00');
		expect(lines.slice(-4)).toEqual([
			`[${KEY}\\Below]`,
			'"x"="f\xfcr"',
			"",
			"",
		]);
		const start = lines.findIndex((line) => line.startsWith('"long"'));
		expect(lines[start]).toMatch(/^"long"=hex:ab,.*ab,\\$/);
		expect(lines[start + 1]).toMatch(/^ {2}ab,.*ab,\\$/);
		expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(
			80,
		);
	});

	test("imports its own export without any difference", async () => {
		const before = await host.registryDump(KEY);
		await host.exec(`${EXPORT}ver`);
		await importFile(host, `REGEDIT4\n\n[-${KEY}]\n`);
		expect(await host.registryDump(KEY)).toBeUndefined();
		await host.exec("start /wait regedit /s %TEMP%\\out.reg");
		expect(await host.registryDump(KEY)).toBe(before);
	});

	test("imports nothing from a version 5 file, and prints nothing", async () => {
		const before = await host.registryDump(KEY);
		const text = `[${KEY}]\n"text"="other"\n`;
		const answer = await importFile(
			host,
			`Windows Registry Editor Version 5.00\n\n${text}`,
		);
		expect(answer).toEqual({ exitCode: 0, stdout: "", stderr: "" });
		expect(await host.registryDump(KEY)).toBe(before);
		await importFile(host, `REGEDIT4\n\n${text}`);
		expect(await host.registryValue(KEY, "text")).toBe('"other"');
	});

	test("deletes values and keys, or ignores deletions if regeditDeletes is `no`", async () => {
		const file = `REGEDIT4\n\n[${KEY}]\n"bytes"=-\n\n[-${KEY}\\Below]\n`;
		await host.set({ regeditDeletes: "no" });
		await importFile(host, file);
		expect(await host.registryValue(KEY, "bytes")).toBe(values.bytes);
		expect(await host.registrySubkeys(KEY)).toEqual([`${KEY}\\Below`]);
		await host.set({ regeditDeletes: "yes" });
		await importFile(host, file);
		expect(await host.registryValue(KEY, "bytes")).toBeUndefined();
		expect(await host.registrySubkeys(KEY)).toEqual([]);
	});

	test("exports no file for a key that does not exist", async () => {
		const command = EXPORT.replace("lab-test", "no-such").replace(
			"out",
			"none",
		);
		const { stdout } = await host.exec(
			`${command}if not exist %TEMP%\\none.reg echo none`,
		);
		expect(stdout).toBe("none\r\n");
	});

	test("records a lab error where NT 4 would open a window", async () => {
		expect(await host.labErrors()).toEqual([]);
		await host.exec("start /wait regedit %TEMP%\\in.reg");
		await host.exec("start /wait regedit /s /x %TEMP%\\in.reg");
		expect(await host.labErrors()).toHaveLength(2);
	});

	test("imports nothing and prints nothing without rights or with a full hive", async () => {
		const entry = (name: string) =>
			importFile(host, `REGEDIT4\n\n[${KEY}]\n"${name}"="x"\n\n`);
		const there = async (name: string) =>
			(await host.registryValue(KEY, name)) !== undefined;
		await host.set({ access: "denied" });
		expect(await entry("denied")).toMatchObject({ exitCode: 0, stderr: "" });
		await host.set({ access: "full", registry: 'full:"big"="x"' });
		expect(await entry("big")).toMatchObject({ exitCode: 0, stderr: "" });
		await entry("small");
		await host.set({ registry: "normal" });
		await entry("last");
		const names = ["denied", "big", "small", "last"];
		expect(await Promise.all(names.map(there))).toEqual([
			false,
			false,
			true,
			true,
		]);
	});

	test("exports no key that the user has no right to read, and others as before", async () => {
		await host.set({ registry: "unreadable:lab-test-closed" });
		for (const name of ["closed", "open"]) {
			await host.setRegistry(`${KEY}-${name}`, "a", '"x"');
			await host.exec(
				`start /wait regedit /e %TEMP%\\right-${name}.reg ${KEY}-${name}`,
			);
		}
		await host.set({ registry: "normal" });
		const { stdout } = await host.exec("dir /b %TEMP%\\right-*.reg");
		expect(stdout).toBe("right-open.reg\r\n");
	});

	test("has no programs of later versions: they do not run, and their files do not exist", async () => {
		const later =
			"reg sc timeout taskkill tasklist where wmic findstr powershell";
		const { exitCode, stderr } = await host.exec(later.replaceAll(" ", "&"));
		expect(exitCode).not.toBe(0);
		const files = (await host.files()).map((file) => file.toLowerCase());
		for (const program of later.split(" ")) {
			expect(stderr).toContain(`'${program}'`);
			expect(files.filter((file) => file.endsWith(`\\${program}.exe`))).toEqual(
				[],
			);
		}
	});
});

describe("a later Windows", () => {
	let host: LabHost;
	beforeAll(async () => {
		host = await startHost({ running: false });
		await fill(host);
	});
	afterAll(() => host.stop());

	test("exports UTF-16 version 5, which FIND converts to text", async () => {
		const { stdout } = await host.exec(`${EXPORT}find /v "" <%TEMP%\\out.reg`);
		expect(stdout).toMatch(/^Windows Registry Editor Version 5\.00\r\n/);
		const raw = await host.exec("type %TEMP%\\out.reg");
		expect(raw.stdout.slice(0, 2)).toBe("\xff\xfe");
	});

	test("has reg.exe, which reads the same values as the lab's own reader", async () => {
		const { stdout } = await host.exec(`reg query "${SERVICE_KEY}" /v Start`);
		expect(stdout).toContain("REG_DWORD    0x3");
		expect(await host.registryValue(SERVICE_KEY, "Start")).toBe(
			"dword:00000003",
		);
		await host.exec(
			`reg add "${SERVICE_KEY}" /v PauseKicksDX /t REG_DWORD /d 1 /f`,
		);
		expect(await host.registryKey(SERVICE_KEY)).toMatchObject({
			PauseKicksDX: "dword:00000001",
			DXADataPath: '"C:\\\\exchsrvr\\\\dxadata"',
		});
	});

	test("keeps every value unchanged", async () => {
		expect(await host.registryKey(KEY)).toEqual(values);
		await host.setRegistry(KEY, "text", undefined);
		expect(await host.registryKey(KEY)).not.toHaveProperty("text");
	});
});
