import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../lab/host.ts";
import type { Stack } from "../stack.ts";
import { Bench, declare, footprint, RECORD, SERVICE } from "./fixture.ts";

// P10: whatever folder a cmd.exe of the host starts in, no file is touched there, though it has the name of one of ours.
const NAMES = [
	...["dx-work.cmd", "dx-work.lck", "out.txt", "here.txt", "w.inf"],
	...["w.reg", "x.reg", "3539.reg", "2140.reg", "CMD0.tmp", "net.tmp"],
	..."odeakmsvprt".split("").map((letter) => `${letter}.txt`),
	...["x.txt", "find.bat", "net.bat", "reg.bat", "ping.bat", "regedit.bat"],
];

/** Every file of a folder of this machine, at any depth, with a digest of its bytes. */
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

for (const options of [
	{ make: "nt4", language: "de" },
	{ make: "reg" },
] as const)
	describe(`on a host of make ${options.make} whose cmd.exe starts in the administrator's folder`, {
		tags: options.make === "reg" ? ["full"] : [],
	}, () => {
		const bench = new Bench();
		let host: LabHost;
		let stack: Stack;
		let jobs: string;
		let theirs: Record<string, string>;
		let before: Awaited<ReturnType<typeof footprint>>;

		const wish = (trigger: string) =>
			declare(stack, {
				name: "EXCH01",
				host,
				more: { cycle: { triggers: [trigger] } },
			});

		/** Their files are as they were, and the lab was asked nothing that it does not know. */
		async function judge() {
			expect(await bytes(jobs)).toEqual(theirs);
			expect(await host.labErrors()).toEqual([]);
		}

		beforeAll(async () => {
			host = await bench.host(options);
			jobs = join(host.dir, "prefix/drive_c/jobs");
			await mkdir(join(jobs, "dx-work"), { recursive: true });
			for (const name of NAMES)
				await writeFile(join(jobs, name), `theirs: ${name}\r\n`);
			theirs = await bytes(jobs);
			await host.autoRun("C:\\jobs");
			// Or what follows proves nothing.
			const { stdout } = await host.exec("cd & cmd /c cd");
			expect(stdout).toBe("C:\\jobs\r\nC:\\jobs\r\n");
			before = await footprint(host);
			stack = await bench.stack();
		});
		afterAll(() => bench.end());

		it("up enforces and kicks, and touches none of them", async () => {
			await wish("first");
			await stack.must("up", "--yes", "--skip-preview");
			expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
				"dword:00000001",
			);
			expect(await host.cycles()).toHaveLength(1);
			await judge();
		});

		it("check looks, and touches none of them", async () => {
			const { exitCode, stdout } = await stack.check();
			expect(exitCode, stdout).toBe(0);
			await judge();
		});

		it("an update that is broken off is gone on with, and touches none of them", async () => {
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
			await judge();
		});

		it("destroy puts the host back as it was, their files included", async () => {
			await stack.must("destroy", "--yes", "--skip-preview");
			expect(await host.registryDump(RECORD)).toBeUndefined();
			expect(await footprint(host)).toEqual(before);
			await judge();
		});
	});
