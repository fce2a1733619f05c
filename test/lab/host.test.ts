import { once } from "node:events";
import {
	cp,
	mkdtemp,
	readdir,
	readFile,
	rm,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa, execaNode } from "execa";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type LabHost, startHost } from "./host.ts";
import { SERVICE_KEY } from "./service-key.ts";

let host: LabHost;
beforeAll(async () => {
	host = await startHost({ pauseKicksDX: "dword:00000001" });
});
afterAll(() => host.stop());

/** The plain ssh client with the product's key, or another one. */
const ssh = (to: LabHost, args: string[], key = to.privateKeyFile) =>
	execa(
		"ssh",
		[
			...`-F none -i ${key} -p ${to.ssh.port} -l ${to.ssh.user}`.split(" "),
			...`-o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR`.split(" "),
			...`-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`.split(
				" ",
			),
			...args,
		],
		{ reject: false },
	);
const asProduct = (command: string) => ssh(host, [host.ssh.host, command]);

/** Live processes that belong to a host's folder. A zombie has neither command line nor environment. */
async function processesOf(dir: string): Promise<string[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const texts = pids.map(async (pid) => {
		const file = (name: string) =>
			readFile(`/proc/${pid}/${name}`, "latin1").catch(() => "");
		return (await file("cmdline")) + (await file("environ"));
	});
	return (await Promise.all(texts)).filter((text) => text.includes(dir));
}

test.concurrent.each([
	["exit 0", 0],
	["exit 1", 1],
	["exit 77", 77],
	["exit 256", 255],
	["nosuchprogram", 255],
	['find "~" nul >nul', 1],
])("%s exits with %i", async (command, exitCode) => {
	expect((await host.exec(command)).exitCode).toBe(exitCode);
});

test("a start that does not end is reported with its current step and tried once more", async () => {
	const dir = await mkdtemp(join(tmpdir(), "dirsync-stuck-"));
	const pipe = join(dir, "host.json");
	await execa("mkfifo", [pipe]);
	const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
	const said =
		/^lab: a host did not start within 1 s, got as far as: reading what an earlier run left\nits processes:\n.*Wine's log:\n/s;
	await expect(startHost({ dir, startLimit: 1 })).rejects.toThrow(said);
	expect(warn.mock.calls).toEqual([
		[expect.stringMatching(/(?=.*did not start).*is started once more$/s)],
	]);
	warn.mockRestore();
	// Both starts continue: they find a file that does not belong to a host.
	await writeFile(pipe, "");
	await rm(dir, { recursive: true, force: true });
});

test("the command reaches cmd.exe unchanged, including quotes", async () => {
	const command = `echo "a b" %OS% ^& 'c' \\"d\\" & echo two`;
	const { stdout } = await host.exec(command);
	expect(stdout).toBe(`"a b" Windows_NT & 'c' \\"d\\" \r\ntwo\r\n`);
});

test("stdout and stderr arrive separately", async () => {
	expect(await host.exec("echo out& echo err>&2")).toEqual({
		exitCode: 0,
		stdout: "out\r\n",
		stderr: "err\r\n",
	});
});

test.each([4, 64])("%i KB of stdin arrive complete", async (kilobytes) => {
	const lines = Array.from({ length: kilobytes * 16 }, (_, i) =>
		`${i}`.padEnd(62, "."),
	);
	const text = `${lines.join("\r\n")}\r\n`;
	const { stdout } = await host.exec(
		'find /v "" >%TEMP%\\in & type %TEMP%\\in & del %TEMP%\\in',
		text,
	);
	expect(stdout).toBe(text);
});

test("a program that is left behind does not keep the session open", async () => {
	const started = Date.now();
	await host.exec('start "" /b ping -n 20 127.0.0.1 <nul >nul 2>&1');
	expect(Date.now() - started).toBeLessThan(8000);
});

test("after holdSessions a program that is left behind keeps the session open", async () => {
	const other = await startHost({ running: false });
	try {
		await other.holdSessions();
		const began = Date.now();
		await other.exec("start /b ping -n 4 127.0.0.1 >nul");
		expect(Date.now() - began).toBeGreaterThan(2500);
	} finally {
		await other.stop();
	}
});

test("after unixFindFirst a Unix find comes first on PATH", async () => {
	const other = await startHost({ running: false });
	try {
		await other.unixFindFirst();
		expect(await other.exec('find "x" nul')).toEqual({
			exitCode: 1,
			stdout: "",
			stderr: "find: 'x': No such file or directory\r\n",
		});
		expect((await other.exec("%SystemRoot%\\system32\\find")).exitCode).toBe(2);
	} finally {
		await other.stop();
	}
});

test("a program runs on after its connection was cut", async () => {
	const child = asProduct(
		"ping -n 4 127.0.0.1 >nul & echo x >%TEMP%\\survived",
	);
	await pause(1500);
	child.kill();
	await child;
	const there = async () => (await host.files()).join().includes("survived");
	expect(await there()).toBe(false);
	await expect.poll(there, { timeout: 8000 }).toBe(true);
	await host.exec("del %TEMP%\\survived");
});

test("the product's log-ins and commands are counted, the lab's are not", async () => {
	const before = [await host.logins(), await host.connections()];
	const commands = await host.commands();
	await host.exec("ver");
	await asProduct('echo "one"\r\necho two');
	await ssh(host, [host.otherAddress, "ver"]);
	const [logins = 0, connections = 0] = before;
	expect(await host.logins()).toBe(logins + 2);
	expect(await host.connections()).toBe(connections + 2);
	expect(await host.commands()).toEqual([
		...commands,
		'echo "one"\r\necho two',
		"ver",
	]);
});

test("after rotateKey only the new key logs in", async () => {
	const old = join(host.dir, "old-key");
	await cp(host.privateKeyFile, old);
	const withOld = () => ssh(host, [host.ssh.host, "ver"], old);
	expect((await withOld()).exitCode).toBe(0);
	const key = await host.rotateKey();
	expect(key).toBe(host.ssh.privateKey);
	const logins = await host.logins();
	const refused = await withOld();
	expect(refused.stderr).toContain("Permission denied");
	expect(await host.logins()).toBe(logins);
	expect((await asProduct("ver")).exitCode).toBe(0);
});

test("an environment variable is refused, as by sshd's default", async () => {
	const args = ["-o", "SetEnv=LAB_SENT=1", host.ssh.host];
	const { stdout } = await ssh(host, [...args, "echo %LAB_SENT%"]);
	expect(stdout).toBe("%LAB_SENT%");
});

test("two hosts start in seconds and share nothing, and a stopped host leaves no process and no folder", async () => {
	const started = Date.now();
	const other = await startHost({ role: "server", language: "de" });
	expect(Date.now() - started).toBeLessThan(20_000);
	await other.exec("net pause MSExchangeDX");
	await host.exec("net pause MSExchangeDX");
	expect(await other.cycles()).toEqual([]);
	expect(await host.cycles()).toMatchObject([{ type: "T1" }]);
	expect(
		await other.registryValue(SERVICE_KEY, "PauseKicksDX"),
	).toBeUndefined();
	// A client that does not close its connection, like the command plugin.
	const open = ssh(other, ["-N", other.ssh.host]);
	await expect.poll(() => other.logins()).toBe(1);
	expect(await processesOf(other.dir)).not.toEqual([]);
	await other.stop();
	await open;
	await expect.poll(() => processesOf(other.dir)).toEqual([]);
	await expect(readdir(other.dir)).rejects.toThrow("ENOENT");
});

test("a host ends by itself when the program that started it is killed", async () => {
	const module = JSON.stringify(join(import.meta.dirname, "host.ts"));
	const program = join(host.dir, "program.mts");
	await writeFile(
		program,
		`import { startHost } from ${module};
		console.log((await startHost({ running: false })).dir);
		setInterval(() => {}, 1000);`,
	);
	const child = execaNode(program, {
		nodeOptions: ["--import", "tsx"],
		reject: false,
	});
	const [line] = (await once(child.stdout, "data")) as [Buffer];
	const dir = line.toString().trim();
	expect(await processesOf(dir)).not.toEqual([]);
	child.kill("SIGKILL");
	await expect.poll(() => processesOf(dir), { timeout: 10_000 }).toEqual([]);
	await expect.poll(() => readdir(dir).catch(() => "gone")).toBe("gone");
});

test("a host in a given folder restarts with its earlier state", async () => {
	const dir = join(tmpdir(), `dirsync-kept-${process.pid}`);
	const first = await startHost({ dir, make: "nt4", role: "server" });
	await first.setRegistry(SERVICE_KEY, "PauseKicksDX", "dword:00000001");
	await first.exec("echo x >%TEMP%\\kept");
	const { ssh } = first;
	await first.stop();
	expect(await processesOf(dir)).toEqual([]);
	await expect(startHost({ dir, make: "reg" })).rejects.toThrow("make nt4");
	const second = await startHost({ dir });
	expect(second.ssh).toEqual(ssh);
	expect((await second.exec("net pause MSExchangeDX")).stderr).toContain(
		"3539",
	);
	expect((await second.exec("type %TEMP%\\kept")).stdout).toBe("x \r\n");
	expect((await second.serviceLog()).map(({ event }) => event)).toEqual([
		"start kicks=0",
		"start kicks=1",
		"pause",
		"cycle T2",
	]);
	await second.stop();
	await rm(dir, { recursive: true });
});
