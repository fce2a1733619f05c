import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../free-port.ts";
import { SERVICE_KEY } from "../service-key.ts";
import { net, target } from "./net.ts";
import { type NtHost, startNtHost } from "./nt-host.ts";

const K = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";
const OWN = "HKLM\\SOFTWARE\\exchange-dirsync";
const DX = "MSExchangeDX";
const DOTS = ".".repeat(30);

/** The arguments of a command, and the result: exit code, stdout, stderr. */
type Row = [string[], number, string, string];

/**
 * The order matters: each command uses the state that earlier ones left. All results were seen with the real `net`
 * first.
 */
const REGISTRY: Row[] = [
	[
		["getvalue", K, "PauseKicksDX"],
		255,
		"",
		"registry_queryvalue failed: NT_STATUS_NO_SUCH_DEVICE",
	],
	[
		["getvalueraw", K, "PauseKicksDX"],
		255,
		"",
		"registry_queryvalue failed: NT_STATUS_NO_SUCH_DEVICE",
	],
	[["setvalue", K, "PauseKicksDX", "dword", "1"], 0, "", ""],
	[
		["getvalue", K, "PauseKicksDX"],
		0,
		"Type       = REG_DWORD\nValue      = 1",
		"",
	],
	[["getvalueraw", K, "PauseKicksDX"], 0, "1", ""],
	// `net` does not accept it as a number, and reports no error.
	[["setvalue", K, "PauseKicksDX", "dword", "0x1"], 0, "", ""],
	[["getvalueraw", K, "PauseKicksDX"], 0, "0", ""],
	...["REG_DWORD", "binary", "multi_sz", "expand_sz"].map(
		(type): Row => [
			["setvalue", K, "PauseKicksDX", type, "1"],
			0,
			"",
			`type "${type}" not implemented`,
		],
	),
	[["setvalue", K, "PauseKicksDX", "sz", "a b"], 0, "", ""],
	[
		["getvalue", K, "PauseKicksDX"],
		0,
		'Type       = REG_SZ\nValue      = "a b"',
		"",
	],
	[["getvalueraw", K, "PauseKicksDX"], 0, "a b", ""],
	[["deletevalue", K, "PauseKicksDX"], 0, "", ""],
	[
		["deletevalue", K, "PauseKicksDX"],
		255,
		"",
		"registry_deletevalue failed: WERR_FILE_NOT_FOUND",
	],
	[["createkey", `${OWN}\\a`], 0, `createkey created ${OWN}\\a`, ""],
	[["createkey", `${OWN}\\a`], 0, `createkey opened existing ${OWN}\\a`, ""],
	// Key names are not case-sensitive.
	[
		["createkey", `${OWN.toUpperCase()}\\A`],
		0,
		`createkey opened existing ${OWN.toUpperCase()}\\A`,
		"",
	],
	[["deletekey", OWN], 255, "", "deletekey returned WERR_ACCESS_DENIED"],
	[["deletekey", `${OWN}\\a`], 0, "", ""],
	[["deletekey", OWN], 0, "", ""],
	[["deletekey", OWN], 255, "", "deletekey returned WERR_FILE_NOT_FOUND"],
];

describe.each(["nt4", "smb2"] as const)("%s", (make) => {
	let host: NtHost;
	beforeAll(async () => {
		host = await startNtHost({ make, running: false });
	});
	afterAll(() => host.stop());

	const run = (...args: string[]) => net(target(host), ...args);
	const service = (verb: string, name = DX) => run("service", verb, name);

	test("registry commands create, read, change and delete a value and a key", async () => {
		for (const [args, exitCode, stdout, stderr] of REGISTRY)
			expect([args, await run("registry", ...args)]).toEqual([
				args,
				{ exitCode, stdout, stderr },
			]);
		expect(await host.labErrors()).toEqual([]);
	});

	test("reading a key that does not exist fails", async () => {
		expect(
			await run("registry", "getvalue", `${K}\\No`, "PauseKicksDX"),
		).toMatchObject({
			exitCode: 255,
			stderr: expect.stringContaining(
				"registry_openkey failed: NT_STATUS_NO_SUCH_DEVICE",
			),
		});
	});

	test("a service that is not started refuses controls", async () => {
		expect(await service("status")).toMatchObject({
			exitCode: 0,
			stdout: expect.stringMatching(
				/^MSExchangeDX service is stopped\.\nConfiguration details:\n[\s\S]*\tDisplay Name {9}= Microsoft Exchange Directory Synchronization$/,
			),
		});
		for (const verb of ["stop", "pause", "resume"])
			expect(await service(verb)).toEqual({
				exitCode: 255,
				stdout: "",
				stderr: "Control service request failed.  [WERR_SERVICE_NOT_ACTIVE]",
			});
		expect(await service("start", "Nobody")).toEqual({
			exitCode: 255,
			stdout: "",
			stderr: "Failed to open service.  [WERR_SERVICE_DOES_NOT_EXIST]",
		});
	});

	test("a pause is refused without the value, and with it until the service is restarted", async () => {
		const started = {
			exitCode: 0,
			stdout: `.\nSuccessfully started service: ${DX}`,
			stderr: "",
		};
		expect(await service("start")).toEqual(started);
		expect(await service("start")).toEqual({
			exitCode: 255,
			stdout: "",
			stderr: "Query status request failed.  [WERR_SERVICE_ALREADY_RUNNING]",
		});
		const refused = {
			exitCode: 255,
			stdout: "",
			stderr: "Control service request failed.  [WERR_INVALID_SERVICE_CONTROL]",
		};
		expect(await service("pause")).toEqual(refused);
		await run("registry", "setvalue", K, "PauseKicksDX", "dword", "1");
		expect(await service("pause")).toEqual(refused);
		expect(await service("stop")).toEqual({
			exitCode: 0,
			stdout: `.\n${DX} service is stopped.`,
			stderr: "",
		});
		expect(await service("start")).toEqual(started);
		expect(await service("pause")).toEqual({
			exitCode: 0,
			stdout: `${DOTS}\n${DX} service is running.`,
			stderr: "",
		});
		const events = (await host.serviceLog()).map(({ event }) => event);
		expect(events).toEqual([
			...["start kicks=0", "stop", "start kicks=1", "pause", "cycle T1"],
		]);
		expect((await host.cycles()).map(({ type }) => type)).toEqual(["T1"]);
	});

	test("a service that really pauses can be continued", async () => {
		await host.set({ pause: "really" });
		expect(await service("pause")).toEqual({
			exitCode: 0,
			stdout: `.\n${DX} service is paused.`,
			stderr: "",
		});
		expect(await service("resume")).toEqual({
			exitCode: 0,
			stdout: `.\n${DX} service is running.`,
			stderr: "",
		});
		await host.set({ pause: "kick" });
	});

	test("a wrong password, an unknown user and the other make's log-in are refused and counted", async () => {
		const before = [await host.logins(), await host.failedLogins()];
		const refused = {
			exitCode: 255,
			stdout: "",
			stderr: `Could not connect to server 127.0.0.1\nThe username or password was not correct.\nConnection failed: NT_STATUS_LOGON_FAILURE`,
		};
		const status = ["service", "status", DX];
		for (const change of [{ password: "wrong" }, { user: "SITE\\Nobody" }])
			expect(await net(target(host, change), ...status)).toEqual(refused);
		const kind = `--option=client ntlmv2 auth=${make === "nt4" ? "yes" : "no"}`;
		const spnego = "--option=client use spnego=no";
		const otherKind = await net(target(host), kind, spnego, ...status);
		expect(otherKind.stderr).toContain("NT_STATUS_LOGON_FAILURE");
		const other = target(host, { legacy: make !== "nt4" });
		expect(await net(other, ...status)).toMatchObject({
			exitCode: 255,
			stderr: expect.stringContaining("Could not connect to server"),
		});
		const [logins = 0, failed = 0] = before;
		expect(await host.logins()).toBe(logins);
		expect(await host.failedLogins()).toBe(failed + 3);
	});

	test("only the rotated password logs in, and user names are not case-sensitive", async () => {
		const old = target(host);
		expect(await host.rotatePassword()).toBe(host.password);
		const status = ["service", "status", DX];
		expect((await net(old, ...status)).stderr).toContain("LOGON_FAILURE");
		for (const user of [
			"site\\administrator",
			"Administrator",
			"X\\ADMINISTRATOR",
		])
			expect((await net(target(host, { user }), ...status)).exitCode).toBe(0);
	});
});

describe("independent of the dialect", () => {
	let host: NtHost;
	beforeAll(async () => {
		host = await startNtHost();
	});
	afterAll(() => host.stop());

	const run = (...args: string[]) => net(target(host), ...args);
	const service = (verb: string, name = DX) => run("service", verb, name);

	test("enumerate prints keys first, then values with their types", async () => {
		await host.setRegistry(K, "Path", "hex(2):25,00,61,00,25,00,00,00");
		await host.setRegistry(K, "Bytes", "hex:01,02,ff");
		const { stdout, exitCode } = await run("registry", "enumerate", K);
		expect(exitCode).toBe(0);
		const modified = "Modtime   = Thu, 01 Jan 1970 00:00:00 UTC";
		expect(stdout).toContain(
			`Keyname   = Diagnostics\n${modified}\n\nKeyname   = Parameters\n${modified}\n\nValuename  = Type\nType       = REG_DWORD\nValue      = 16\n\n`,
		);
		expect(stdout).toContain(
			'Type       = REG_MULTI_SZ\nValue[000] = "HARBOR"\nValue[001] = "PIER"\n',
		);
		expect(stdout).toContain(
			'Type       = REG_EXPAND_SZ\nValue      = "%a%"\n',
		);
		expect(stdout).toContain("Type       = REG_BINARY\nValue      = 3 bytes\n");
		await host.setRegistry(K, "Path", undefined);
		await host.setRegistry(K, "Bytes", undefined);
	});

	test("a slow service is still pending when `net` stops waiting, which is no error", async () => {
		await host.set({ stopSeconds: 1, startSeconds: 1 });
		expect(await service("stop")).toEqual({
			exitCode: 0,
			stdout: `${DOTS}\n${DX} service is stop pending.`,
			stderr: "",
		});
		expect(await service("pause")).toMatchObject({
			stderr:
				"Control service request failed.  [WERR_SERVICE_CANNOT_ACCEPT_CTRL]",
		});
		const status = async () => (await service("status")).stdout.split("\n")[0];
		await expect.poll(status).toBe(`${DX} service is stopped.`);
		expect(await service("start")).toEqual({
			exitCode: 0,
			stdout: DOTS,
			stderr: `Failed to start service: ${DX} [WERR_OK]`,
		});
		expect(await status()).toBe(`${DX} service is start pending.`);
		await expect.poll(status).toBe(`${DX} service is running.`);
		await host.set({ stopSeconds: 0, startSeconds: 0 });
	});

	test("a pause without a name prints the usage", async () => {
		expect(await run("service", "pause")).toMatchObject({
			exitCode: 0,
			stdout: expect.stringContaining("Usage:"),
		});
	});

	test("the host answers on both addresses, and a port without a server is refused", async () => {
		const moved = target(host, { host: host.otherAddress });
		expect((await net(moved, "service", "status", DX)).exitCode).toBe(0);
		const nowhere = target(host, { port: await freePort() });
		expect(await net(nowhere, "service", "status", DX)).toMatchObject({
			exitCode: 255,
			stderr: expect.stringContaining("NT_STATUS_CONNECTION_REFUSED"),
		});
	});

	test("one of two simultaneous clients creates a key, and the other one opens it", async () => {
		for (const round of [1, 2, 3]) {
			const key = `HKLM\\SOFTWARE\\lock-${round}`;
			const both = await Promise.all(
				[1, 2].map(() => run("registry", "createkey", key)),
			);
			expect(both.map(({ stdout }) => stdout).sort()).toEqual([
				`createkey created ${key}`,
				`createkey opened existing ${key}`,
			]);
		}
	});

	test("the host's registry file has the values that `net` wrote", async () => {
		await run("registry", "setvalue", K, 'a "b" \\c', "sz", 'x "y" \\z');
		expect(await host.registryValue(SERVICE_KEY, 'a "b" \\c')).toBe(
			'"x \\"y\\" \\\\z"',
		);
		await run("registry", "setvalue", K, "Müll", "sz", "für 日本");
		expect(await host.registryValue(SERVICE_KEY, "Müll")).toBe('"für 日本"');
		expect(await run("registry", "getvalueraw", K, "Müll")).toMatchObject({
			stdout: "für 日本",
		});
		expect(await host.registrySubkeys(SERVICE_KEY)).toEqual([
			`${SERVICE_KEY}\\Diagnostics`,
			`${SERVICE_KEY}\\Parameters`,
		]);
		expect(await host.registryDump("HKLM\\SOFTWARE\\Nobody")).toBeUndefined();
		expect(await host.labErrors()).toEqual([]);
	});

	test("an unsupported request is recorded as a lab error", async () => {
		expect(await run("service", "list")).toMatchObject({ exitCode: 255 });
		expect((await run("info")).exitCode).not.toBe(0);
		expect(await host.labErrors()).toEqual([
			expect.stringContaining("svcctl: unknown operation, got 14"),
			expect.stringContaining("unknown pipe, got samr"),
		]);
	});
});
