import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabHost } from "../../lab/lab-host.ts";
import { HOST_KEY, openSshKey } from "../../unit/validation/ssh-keys.ts";
import { Canaries } from "../canaries.ts";
import { Site } from "../cutover/site.ts";
import { Bench, events, footprint, RECORD, SERVICE } from "../fixture.ts";
import { Example, type Language, ROOT } from "./language.ts";

const USERS = { "PO-HARBOR": ["Anna", "Bert"] };

/** The promises of the package, for a program in another language, on lab hosts. */
export function testPromises(language: Language): void {
	testFleet(language);

	describe(`one host in ${language.name}`, () => {
		const bench = new Bench();
		const canaries = new Canaries();
		let host: LabHost;
		let example: Example;
		let before: Awaited<ReturnType<typeof footprint>>;

		const setTrigger = (trigger: string) =>
			example.configure({ plain: { trigger }, secret: {} });

		beforeAll(async () => {
			host = await bench.host();
			before = await footprint(host);
			example = await Example.open(bench, language, "one-host", canaries);
			const { privateKey, host: address, port, user, hostKey } = host.ssh;
			await example.configure({
				plain: { host: address, port, user, hostKey, trigger: "a" },
				secret: { privateKey: canaries.key("key", privateKey) },
			});
		}, 900_000);
		afterAll(() => bench.end());

		it("opens no connection in a preview", async () => {
			const output = await example.must("preview");
			expect(output).toContain("command:remote:Command EXCH01-cycle create");
			expect(await host.connections()).toBe(0);
		});

		it("enforces the value, restarts the service, and starts one cycle", async () => {
			const { exitCode, output } = await example.up();
			expect(exitCode, output).toBe(0);
			expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
				"dword:00000001",
			);
			expect(await events(host)).toEqual([
				...["start kicks=0", "stop", "start kicks=1", "pause", "cycle T1"],
			]);
			expect(await example.outputs()).toEqual({
				...{ value: 1, previous: "absent", restarted: true },
				kickedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
				evidence: expect.stringContaining("NET HELPMSG 3539"),
			});
		});

		it("does nothing without a change", async () => {
			const connections = await host.connections();
			const { exitCode, output } = await example.up("--expect-no-changes");
			expect(exitCode, output).toBe(0);
			expect(await host.connections()).toBe(connections);
		});

		it("takes over the host to a program in TypeScript and back, without a connection", async () => {
			const connections = await host.connections();
			const program = join(example.project.dir, "Pulumi.yaml");
			const own = await readFile(program, "utf8");
			const config = own.match(/^plugins:[\s\S]*?(?=^\w|$(?![\s\S]))/m)?.[0];
			const name = own.match(/^name: .*/m)?.[0];
			await writeFile(
				program,
				`${name}\nruntime: { name: nodejs, options: { typescript: false } }\n${config}`,
			);
			const { dir } = example.project;
			await writeFile(join(dir, "index.js"), TYPESCRIPT);
			await symlink(join(ROOT, "node_modules"), join(dir, "node_modules"));
			const typescript = await example.up("--expect-no-changes");
			await writeFile(program, own);
			expect(typescript.exitCode, typescript.output).toBe(0);
			const { exitCode, output } = await example.up("--expect-no-changes");
			expect(exitCode, output).toBe(0);
			expect(await host.connections()).toBe(connections);
		});

		it("starts one cycle after a changed trigger, and what depends on the component waits for it", async () => {
			await setTrigger("b");
			const file = join(example.project.dir, language.file);
			const program = await readFile(file, "utf8");
			// A second try finds the command in the program.
			if (!program.includes("ranAt"))
				await writeFile(file, insertAfterwards(program, language));
			const { exitCode, output } = await example.up();
			expect(exitCode, output).toBe(0);
			const cycles = await host.cycles();
			expect(cycles).toHaveLength(2);
			const { ranAt } = await example.outputs();
			expect(Number(ranAt)).toBeGreaterThan(Number(cycles[1]?.time));
		});

		it("fails if the service really pauses, with the code, and starts the cycle with the next update", async () => {
			await host.set({ pause: "really" });
			await setTrigger("c");
			const failed = await example.up();
			expect(failed.exitCode).not.toBe(0);
			expect(failed.output).toMatch(
				/EXCH01, kick: the service really paused .*\[paused\]/,
			);
			await host.set({ pause: "kick" });
			const { exitCode, output } = await example.up();
			expect(exitCode, output).toBe(0);
			expect(await host.cycles()).toHaveLength(3);
		});

		it("reports every mistake in an argument at once, without its value", async () => {
			await example.configure({
				plain: { host: "not a host!", hostKey: "none" },
				secret: {},
			});
			const { exitCode, output } = await example.pulumi("preview");
			expect(exitCode).not.toBe(0);
			expect(output).toMatch(/Invalid PauseKicksDX EXCH01 \(2 errors\):/);
			expect(output).toMatch(/ssh\.host: must be/);
			expect(output).toMatch(/ssh\.hostKey: must be/);
			expect(output).not.toContain("not a host!");
			const { host: address, hostKey } = host.ssh;
			await example.configure({
				plain: { host: address, hostKey },
				secret: {},
			});
		});

		it("restores the host, and no secret was in the state", async () => {
			await searchState(example, canaries);
			await example.must("destroy", "--yes", "--skip-preview");
			expect(await footprint(host)).toEqual({
				...before,
				service: expect.not.stringContaining('"PauseKicksDX"=dword:00000001'),
			});
			expect(await host.registryDump(RECORD)).toBeUndefined();
			expect(await host.labErrors()).toEqual([]);
		});
	});

	describe(`a cutover in ${language.name}`, { tags: ["full"] }, () => {
		const bench = new Bench();
		let site: Site;
		let example: Example;

		const hosts = () => [site.exchangeHost, site.first.host];
		const connections = () =>
			Promise.all(hosts().map((host) => host.connections()));
		const calls = async () =>
			(await site.calls()).map(({ program, args }) => `${program} ${args}`);

		beforeAll(async () => {
			site = await Site.make(bench, "requestor", USERS);
			example = await Example.open(bench, language, "cutover", site.canaries);
			const exchange = (site.exchangeHost as LabHost).ssh;
			const office = site.first.host.ssh;
			await example.configure({
				plain: {
					...{ run: "rehearsal-1", user: exchange.user },
					...{ exchangeHost: exchange.host, exchangePort: exchange.port },
					...{ exchangeHostKey: exchange.hostKey },
					...{ officeHost: office.host, officePort: office.port },
					officeHostKey: office.hostKey,
					directory: site.first.office.directory,
					...{ sender: "EXCH01", answerSeconds: 1 },
				},
				secret: {
					exchangeKey: site.canaries.key("key", exchange.privateKey),
					officeKey: site.canaries.key("key", office.privateKey),
					adminPassword: site.password,
				},
			});
		}, 900_000);
		afterAll(() => bench.end());

		it("opens no connection in a preview", async () => {
			await example.must("preview");
			expect(await connections()).toEqual([0, 0]);
		});

		it("moves the user list, and runs each program once and in order", async () => {
			const { host } = site.first;
			const gate = await host.gate({ when: "before", program: "rebuild" });
			const update = example.up();
			await gate.reached();
			// The plugin prints a line about a program that takes more than two seconds.
			await pause(3000);
			await gate.open();
			const { exitCode, output } = await update;
			expect(exitCode, output).toBe(0);
			expect(output).toMatch(
				/harbor-PO-HARBOR-rebuild creating .* runs rebuild on PO-HARBOR; 480 min left; last seen: PO-HARBOR-import, /,
			);
			const all = Object.values(USERS).flat();
			expect((await site.exchange.recipients()).sort()).toEqual(all);
			expect(await calls()).toEqual(OFFICE);
			expect(await site.exchangeHost.cycles()).toHaveLength(1);
			const { steps } = (await example.outputs()) as {
				steps: { step: string }[];
			};
			expect(steps.map(({ step }) => step)).toEqual([
				...["PO-HARBOR-reqmain-t", "EXCH01-kick", "t1-delivered"],
				...["PO-HARBOR-srvmain-r", "PO-HARBOR-srvmain-t", "t2-delivered"],
				...["PO-HARBOR-reqmain-r", "PO-HARBOR-import", "PO-HARBOR-rebuild"],
			]);
		});

		it("does nothing without a change", async () => {
			const before = await connections();
			const { exitCode, output } = await example.up("--expect-no-changes");
			expect(exitCode, output).toBe(0);
			expect(await connections()).toEqual(before);
		});

		it("is repeated by another value of run", async () => {
			await example.configure({ plain: { run: "rehearsal-2" }, secret: {} });
			const { exitCode, output } = await example.up();
			expect(exitCode, output).toBe(0);
			expect(await calls()).toEqual([...OFFICE, ...OFFICE]);
			expect(await site.exchangeHost.cycles()).toHaveLength(2);
		});

		it("leaves nothing on the hosts, and no secret was in the state", async () => {
			await searchState(example, site.canaries);
			await example.must("destroy", "--yes", "--skip-preview");
			for (const host of hosts())
				expect(await host.registryDump(RECORD)).toBeUndefined();
			expect(
				await site.first.host.registryDump(`${RECORD}-harbor-PO-HARBOR`),
			).toBeUndefined();
		});
	});
}

/** A preview of the example with two hosts, which is not run on hosts: it differs from the others in its list only. */
function testFleet(language: Language): void {
	it(`a fleet in ${language.name} declares a host and its cycle for each entry`, {
		tags: ["full"],
		timeout: 900_000,
	}, async () => {
		const bench = new Bench();
		const canaries = new Canaries();
		const example = await Example.open(bench, language, "fleet", canaries);
		const entries = ["requestor", "server"].flatMap((role, index) => [
			[`hosts[${index}].name`, `EXCH0${index + 1}`],
			[`hosts[${index}].role`, role],
			[`hosts[${index}].host`, `exch0${index + 1}.corp.example`],
			[`hosts[${index}].hostKey`, HOST_KEY],
		]);
		await example.configure({
			plain: { trigger: "a", ...Object.fromEntries(entries) },
			secret: { privateKey: canaries.key("key", openSshKey()) },
		});
		const output = await example.must("preview");
		for (const name of ["EXCH01", "EXCH02"])
			expect(output).toContain(`command:remote:Command ${name}-cycle create`);
		await bench.end();
	});
}

const OFFICE = [
	"REQMAIN -dX -t",
	...["SRVMAIN -r -dX", "SRVMAIN -t -dX"],
	...["REQMAIN -dX -r", "IMPORT -dX admin -p*** -q -y", "REBUILD -dX -f"],
];

/** The same host as in the example `one-host`. */
const TYPESCRIPT = `
const pulumi = require("@pulumi/pulumi");
const { PauseKicksDX } = require("${ROOT}");
const config = new pulumi.Config();
const exchange = new PauseKicksDX("EXCH01", {
	role: "requestor",
	ssh: {
		host: config.require("host"),
		port: config.requireNumber("port"),
		user: config.require("user"),
		hostKey: config.require("hostKey"),
		privateKey: config.requireSecret("privateKey"),
	},
	cycle: { triggers: [config.require("trigger")] },
	verify: "",
});
const { value, previous, restarted, kickedAt, evidence } = exchange;
module.exports = { value, previous, restarted, kickedAt, evidence };
`;

/** Adds a command that depends on EXCH01: in YAML among the resources, in other languages at the end. */
function insertAfterwards(program: string, { name, afterwards }: Language) {
	return name === "yaml"
		? program.replace(
				/^outputs:/m,
				`${afterwards}outputs:\n  ranAt: \${after.stdout}`,
			)
		: `${program}\n${afterwards}`;
}

/** Searches everything that the backend stores, and finds the secrets once it is decrypted. */
async function searchState(
	{ project }: Example,
	canaries: Canaries,
): Promise<void> {
	const state = join(project.dir, "state");
	const entries = await readdir(state, {
		recursive: true,
		withFileTypes: true,
	});
	const files = entries.filter((entry) => entry.isFile());
	expect(files.length).toBeGreaterThan(3);
	for (const { parentPath, name } of files)
		expect(canaries.find(name, await readFile(join(parentPath, name)))).toEqual(
			[],
		);
	const { stdout } = await project.pulumi(
		...["stack", "export", "--show-secrets", "--stack", "lab"],
	);
	expect(canaries.find("", stdout)).not.toEqual([]);
	const { stdout: processes } = await execa("ps", ["-eww", "-o", "args"]);
	expect(canaries.find("processes", processes)).toEqual([]);
}
