import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WORK_FILES } from "../../src/scripts/windows/subroutines.ts";
import type { LabHost } from "../lab/host.ts";
import type { Stack } from "../stack.ts";
import { Site } from "./cutover/site.ts";
import { Bench, declare, footprint, RECORD, SERVICE } from "./fixture.ts";

// A cmd.exe of the host may start in any folder. The scripts change no file there, even if it has the name of one of
// their own files.
const NAMES = [
	...["dx-work.cmd", "dx-work.lck", "delete.inf", "CMD0.tmp", "net.tmp"],
	...WORK_FILES.txt.map((name) => `${name}.txt`),
	...WORK_FILES.reg.map((name) => `${name}.reg`),
	...["find.bat", "net.bat", "reg.bat", "ping.bat", "regedit.bat"],
];

/** The digest of every file below a folder of this machine, by its path. */
async function bytes(folder: string): Promise<Record<string, string>> {
	const entries = await readdir(folder, {
		recursive: true,
		withFileTypes: true,
	});
	const files = entries.filter((entry) => !entry.isDirectory());
	return Object.fromEntries(
		await Promise.all(
			files.map(async ({ parentPath, name }) => {
				const text = await readFile(join(parentPath, name));
				const digest = createHash("sha256").update(text).digest("hex");
				return [join(parentPath, name), digest];
			}),
		),
	);
}

/** A host on which every cmd.exe starts in the administrator's folder, and on which Unix tools are first on PATH. */
class TheirHost {
	readonly host: LabHost;
	readonly #jobs: string;
	#theirs: Record<string, string> = {};

	private constructor(host: LabHost) {
		this.host = host;
		this.#jobs = join(host.dir, "prefix/drive_c/jobs");
	}

	static async make(host: LabHost): Promise<TheirHost> {
		const their = new TheirHost(host);
		await mkdir(join(their.#jobs, "dx-work"), { recursive: true });
		for (const name of NAMES)
			await writeFile(join(their.#jobs, name), `theirs: ${name}\r\n`);
		their.#theirs = await bytes(their.#jobs);
		await host.unixFindFirst();
		await host.autoRun("C:\\jobs");
		// Without these two settings the tests would prove nothing.
		const { stdout } = await host.exec("cd & cmd /c cd");
		expect(stdout).toBe("C:\\jobs\r\nC:\\jobs\r\n");
		expect((await host.exec("cd \\ & find")).stderr).toContain("find: '.'");
		return their;
	}

	/** Expects that the administrator's files are unchanged, and that the lab's programs supported every request. */
	async judge(): Promise<void> {
		expect(await bytes(this.#jobs)).toEqual(this.#theirs);
		expect(await this.host.labErrors()).toEqual([]);
	}
}

for (const options of [
	{ make: "nt4", language: "de" },
	{ make: "reg" },
] as const)
	describe(`on a host of make ${options.make} whose cmd.exe starts in the administrator's folder`, {
		tags: options.make === "reg" ? ["full"] : [],
	}, () => {
		const bench = new Bench();
		let their: TheirHost;
		let host: LabHost;
		let stack: Stack;
		let before: Awaited<ReturnType<typeof footprint>>;

		const wish = (trigger: string) =>
			declare(stack, {
				name: "EXCH01",
				host,
				more: { cycle: { triggers: [trigger] } },
			});

		beforeAll(async () => {
			host = await bench.host(options);
			their = await TheirHost.make(host);
			before = await footprint(host);
			stack = await bench.stack();
		});
		afterAll(() => bench.end());

		it("up enforces and kicks, and changes no file in that folder", async () => {
			await wish("first");
			await stack.must("up", "--yes", "--skip-preview");
			expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
				"dword:00000001",
			);
			expect(await host.cycles()).toHaveLength(1);
			await their.judge();
		});

		it("check inspects the host, and changes no file in that folder", async () => {
			const { exitCode, stdout } = await stack.check();
			expect(exitCode, stdout).toBe(0);
			await their.judge();
		});

		it("an interrupted update is completed by the next one, and no file in that folder changes", async () => {
			await wish("second");
			const gate = await host.gate({ when: "after", program: "net pause" });
			const update = stack.start(["up", "--yes", "--skip-preview"]);
			await Promise.race([gate.reached(), update]);
			host.cutConnections();
			await gate.open();
			await update;
			await host.atRest();
			await stack.must("up", "--yes", "--skip-preview");
			expect(await host.cycles()).toHaveLength(2);
			await their.judge();
		});

		it("destroy restores the host, and changes no file in that folder", async () => {
			await stack.must("destroy", "--yes", "--skip-preview");
			expect(await host.registryDump(RECORD)).toBeUndefined();
			expect(await footprint(host)).toEqual(before);
			await their.judge();
		});
	});

describe("on hosts whose cmd.exe starts in the administrator's folder", () => {
	const bench = new Bench();
	afterAll(() => bench.end());

	it("a cutover moves the user list, and changes no file in that folder", async () => {
		const site = await Site.make(bench, "requestor", { "PO-HARBOR": ["Anna"] });
		const hosts = [site.exchangeHost as LabHost, site.first.host];
		const theirs = await Promise.all(hosts.map(TheirHost.make));
		const before = await Promise.all(hosts.map(footprint));
		await site.declare("rehearsal-1");
		const { output, exitCode } = await site.stack.up();
		expect(exitCode, output).toBe(0);
		expect(await site.exchange.recipients()).toEqual(["Anna"]);
		expect(await site.first.office.addressList()).toEqual(["Anna"]);
		for (const their of theirs) await their.judge();
		await site.stack.must("destroy", "--yes", "--skip-preview");
		for (const their of theirs) await their.judge();
		for (const [index, host] of hosts.entries()) {
			const { files, ...after } = await footprint(host);
			expect(after).toMatchObject({
				record: before[index]?.record,
				service: before[index]?.service,
			});
			expect(files.filter((file) => /windows\\dx-/.test(file))).toEqual([]);
		}
	});
});
