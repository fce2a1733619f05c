import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { message } from "../../src/protocol/outcomes.ts";
import {
	importStdin,
	postOfficeCommands,
	postOfficeRecord,
} from "../../src/scripts/windows/post-office.ts";
import { programCommands } from "../../src/scripts/windows/program.ts";
import type { LabHost } from "../lab/host.ts";
import { addPostOffice, type PostOffice } from "../lab/post-office.ts";
import { Bench } from "./fixture.ts";

// An MS Mail program that did not run never counts as done. The tests call the scripts by plain SSH, as the component
// would. The post office's log of calls shows whether a program ran.
const PASSWORD = "hunter2-of-the-admin";
const AT = "2026-11-29T12:00:00Z";
const TOKEN = "0123456789abcdef";
const RECORD = postOfficeRecord("harbor", "PO-HARBOR");
const PROGRAMS = ["reqmain", "srvmain", "import", "rebuild"] as const;

const STEPS = [
	["reqmain", "-t"],
	["srvmain", "-r"],
	["srvmain", "-t"],
	["reqmain", "-r"],
	["import", ""],
	["rebuild", "-f"],
] as const;

/** One step of each program. Of two steps it is the one that writes a receipt. */
const ONE_EACH = STEPS.filter(([, flag]) => flag !== "-r");

/** A fault on the host, and what each step then prints. */
interface Fault {
	says: RegExp;
	launcher?: string;
	drive?: string;
	directory?: string;
	break?: (host: LabHost, office: PostOffice) => Promise<unknown>;
	mend?: (host: LabHost, office: PostOffice) => Promise<unknown>;
}

const file = (host: LabHost, path: string) =>
	join(host.dir, "prefix/drive_c", path);
const replacePrograms = (text: string) => async (host: LabHost) => {
	for (const program of PROGRAMS)
		await writeFile(file(host, `MAILEXE/${program.toUpperCase()}.EXE`), text);
};
const restore = async (_: LabHost, office: PostOffice) => {
	for (const program of PROGRAMS) await office.restoreProgram(program);
};

const NOT_THERE = /\[no-program\]/;
/** cmd.exe reports in the host's language that it could not start a program, so the script may not know the cause. */
const NOT_KNOWN = /\[(no-program|not-begun)\]/;
const FAULTS: Record<string, Fault> = {
	"a launcher that is nowhere": { launcher: "nosuchlauncher", says: NOT_KNOWN },
	"a launcher that is not at its path": {
		launcher: "C:\\MAILEXE\\nosuch.exe",
		says: NOT_THERE,
	},
	"a launcher in a folder that is not there": {
		launcher: "C:\\nowhere\\launcher",
		says: NOT_THERE,
	},
	"a launcher that is a missing batch file": {
		launcher: "nosuch.cmd",
		says: NOT_THERE,
	},
	"forcedos on a host that has none": {
		launcher: "forcedos",
		says: NOT_KNOWN,
		break: (host) => rm(file(host, "windows/system32/forcedos.exe")),
	},
	"a program that is not there": {
		says: NOT_THERE,
		break: async (_, office) => {
			for (const program of PROGRAMS) await office.removeProgram(program);
		},
		mend: restore,
	},
	"a program that cannot be executed": {
		says: NOT_KNOWN,
		break: replacePrograms("no program"),
		mend: restore,
	},
	"an empty program": {
		says: NOT_KNOWN,
		break: replacePrograms(""),
		mend: restore,
	},
	"a drive that is not mapped": { drive: "Q", says: /\[no-drive\]/ },
	"a directory that is not there": {
		directory: "C:\\NOWHERE",
		says: /\[no-directory\]/,
	},
};

/** The faults in the short run, on one host. */
const SHORT = ["a launcher that is nowhere", "a drive that is not mapped"];

for (const options of [
	{ make: "reg" },
	{ make: "nt4", language: "de" },
] as const)
	describe(`on a host of make ${options.make}`, {
		tags: options.make === "nt4" ? ["full"] : [],
	}, () => {
		const bench = new Bench();
		let host: LabHost;
		let office: PostOffice;

		beforeAll(async () => {
			host = await bench.host({ ...options, running: false });
			office = await addPostOffice(host, {
				...{ name: "PO-HARBOR", role: "server", drive: "X" },
				...{ password: PASSWORD, users: ["Anna"] },
			});
			const { create, stdin } = commandsOf({ says: /./ }).postOffice;
			expect(await host.exec(create("first"), stdin)).toMatchObject({
				exitCode: 0,
				stdout: expect.stringContaining("PO-HARBOR is not locked"),
			});
		});
		afterAll(() => bench.end());

		const commandsOf = ({
			launcher,
			drive = "X",
			directory = "C:\\MAILEXE",
		}: Fault) => {
			const shared = { drive, directory, launcher };
			const program = (name: string, flag: string) =>
				programCommands({
					...{ ...shared, postOffice: "PO-HARBOR", record: RECORD },
					program: name as "reqmain",
					flag: flag as "-t",
					...{ token: TOKEN, onUncertain: "fail" },
				});
			const postOffice = postOfficeCommands({
				...{ ...shared, name: "PO-HARBOR", cutover: "harbor" },
				...{ stack: "organization/exchange-dirsync/lab", admin: "admin" },
				mustBeFree: true,
			});
			return { program, postOffice };
		};

		async function run(fault: Fault, name: string, flag: string) {
			const { program, postOffice } = commandsOf(fault);
			if (name !== "import") {
				const { create, stdin } = program(name, flag);
				return host.exec(create(AT), stdin);
			}
			// The resource of the post office leaves the script that runs IMPORT on the host.
			const { create, stdin } = postOffice;
			const looked = await host.exec(create("second"), stdin);
			if (looked.exitCode !== 0) return looked;
			return host.exec(postOffice.import.create(AT), importStdin(PASSWORD));
		}

		for (const [name, fault] of Object.entries(FAULTS))
			it(`${name}: no step counts as done`, {
				tags: SHORT.includes(name) ? [] : ["full"],
			}, async () => {
				const calls = (await office.calls()).length;
				await fault.break?.(host, office);
				try {
					for (const [name, flag] of ONE_EACH) {
						const { exitCode, stdout, stderr } = await run(fault, name, flag);
						const what = `${name} ${flag}: ${stdout}${stderr}`;
						expect(exitCode, what).toBe(1);
						expect(stdout, what).toMatch(fault.says);
						expect(stdout + stderr).not.toContain(PASSWORD);
					}
					const values = Object.values(await host.registryKey(RECORD));
					expect(values.join("\n")).not.toContain("dx-step:done");
					const ran = (await office.calls()).slice(calls);
					expect(ran.filter(({ program }) => program !== "FORCEDOS")).toEqual(
						[],
					);
				} finally {
					await fault.mend?.(host, office);
					// An unknown outcome leaves an intent open. The next fault must start without one.
					for (const name of ["reqmain", "srvmain"])
						await host.setRegistry(RECORD, name, '"dx-step:none;"');
				}
			});

		it("an intent of an earlier run stays open if a step cannot begin", async () => {
			const open = `dx-step:open reqmain ${TOKEN} ${AT};`;
			await host.setRegistry(RECORD, "reqmain", `"${open}"`);
			for (const where of [{ drive: "Q" }, { directory: "C:\\NOWHERE" }]) {
				await run({ ...where, says: /./ }, "reqmain", "-t");
				expect((await host.registryKey(RECORD)).reqmain).toContain(open);
			}
			const { stdout } = await run({ says: /./ }, "reqmain", "-t");
			expect(stdout).toContain("[program-unknown]");
			await host.setRegistry(RECORD, "reqmain", '"dx-step:none;"');
		});

		it.each([
			["113 bare", "113"],
			["40 padded", "40"],
			["150", "150"],
		] as const)(
			"an error in the form %s fails the step and is reported with its number",
			async (fault, number) => {
				await host.set({ programFault: `reqmain -dx -t:${fault as "40"}` });
				try {
					const { exitCode, stdout } = await run(
						{ says: /./ },
						"reqmain",
						"-t",
					);
					expect(exitCode, stdout).toBe(1);
					expect(stdout).toContain(`[program-failed, number ${number}]`);
					expect((await host.registryKey(RECORD)).reqmain).toBe(
						'"dx-step:none;"',
					);
				} finally {
					await host.set({ programFault: "" });
				}
			},
		);

		it("a host that another run has locked: no step counts as done, and no password is printed", async () => {
			const held = host.exec(
				"ping -n 12 127.0.0.1 >nul 2>%SystemRoot%\\dx-work.lck",
			);
			const lock = "C:\\windows\\dx-work.lck";
			await expect.poll(() => host.files()).toContain(lock);
			const calls = (await office.calls()).length;
			const { program, postOffice } = commandsOf({ says: /./ });
			const steps = [
				[
					"reqmain -t",
					program("reqmain", "-t").create(AT),
					program("reqmain", "-t").stdin,
				],
				// IMPORT runs in the script of the post office, so the message has the name of that step.
				["post office", postOffice.import.create(AT), importStdin(PASSWORD)],
			] as const;
			for (const [step, command, stdin] of steps)
				expect(await host.exec(command, stdin)).toEqual({
					exitCode: 1,
					stdout: `${message("PO-HARBOR", step, "busy")}\r\n`,
					stderr: "",
				});
			expect(await office.calls()).toHaveLength(calls);
			await held;
		});

		it("a host without a fault: every step runs its program once", async () => {
			const before = (await office.calls()).length;
			for (const [name, flag] of STEPS) {
				const { exitCode, stdout } = await run({ says: /./ }, name, flag);
				expect(exitCode, `${name} ${flag}: ${stdout}`).toBe(0);
			}
			const ran = (await office.calls())
				.slice(before)
				.map(({ program }) => program);
			expect(ran).toEqual(STEPS.map(([name]) => name.toUpperCase()));
			expect(await host.labErrors()).toEqual([]);
		});

		it("a host whose FIND cannot start: no step counts as done", async () => {
			const calls = (await office.calls()).length;
			await host.breakFind();
			for (const [name, flag] of ONE_EACH) {
				const { exitCode, stdout } = await run({ says: /./ }, name, flag);
				expect(exitCode, `${name} ${flag}: ${stdout}`).not.toBe(0);
			}
			expect(await office.calls()).toHaveLength(calls);
		});
	});
