import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnyHost } from "../lab/any-host.ts";
import type { Stack } from "../stack.ts";
import {
	type AnyOptions,
	Bench,
	declare,
	events,
	gatewayOf,
	rotate,
	runs,
	SERVICE,
	transportOf,
} from "./fixture.ts";

// Each change of the triggers starts exactly one kick, and nothing else starts any. Each pair of hosts is a requestor
// and a dirsync server. Together the pairs cover every transport.
const HOSTS: [AnyOptions, AnyOptions][] = [
	[{ transport: "ssh", make: "nt4", language: "de" }, { transport: "ssh" }],
	[
		{ transport: "samba", make: "smb2" },
		{ transport: "gateway", make: "nt4", language: "de" },
	],
	[
		{ transport: "gateway" },
		{ transport: "samba", make: "nt4", language: "de" },
	],
];

// The third pair is the second one with the transports exchanged.
for (const [index, [first, second]] of HOSTS.entries()) {
	const tags = index === 2 ? ["full"] : [];
	describe(`with hosts ${JSON.stringify(first)} and ${JSON.stringify(second)}`, {
		tags,
	}, () => {
		const bench = new Bench();
		let requestor: AnyHost;
		let server: AnyHost;
		let stack: Stack;
		let triggers: unknown[] = ["initial-import"];
		let address: string;
		let withCycle = true;
		let renamed = "EXCH01";

		/** Rewrites the stack file with all changes that the tests have made so far. */
		async function redeclare(): Promise<void> {
			const { kind, access } = transportOf(requestor);
			await declare(
				stack,
				{
					name: renamed,
					host: requestor,
					more: {
						[kind]: { ...access, host: address },
						...(withCycle && { cycle: { triggers } }),
					},
				},
				{
					name: "EXCH02",
					host: server,
					more: { role: "server", cycle: { triggers: ["initial-import"] } },
				},
			);
		}

		const up = async () =>
			(await stack.must("up", "--yes", "--skip-preview")).output;
		const kicks = async (host: AnyHost) =>
			(await host.cycles()).map(({ type }) => type);

		/** The connections to both hosts, and to the requestor's gateway. */
		const connections = async () => [
			await requestor.connections(),
			await server.connections(),
			(await gatewayOf(requestor)?.logins()) ?? 0,
		];

		beforeAll(async () => {
			requestor = await bench.anyHost(first);
			server = await bench.anyHost({ ...second, role: "server" });
			address = "127.0.0.1";
			stack = await bench.stack();
			await redeclare();
		});
		afterAll(() => bench.end());

		describe("a dirsync cycle", () => {
			it("is not started by a preview, which opens no connection", async () => {
				await stack.must("preview");
				expect(await connections()).toEqual([0, 0, 0]);
				expect(await events(requestor)).toEqual(["start kicks=0"]);
			});

			it("is started once when declared, after the restart: T1 on a requestor, T2 on a dirsync server", async () => {
				const output = await up();
				expect(await events(requestor)).toEqual([
					"start kicks=0",
					"stop",
					"start kicks=1",
					"pause",
					"cycle T1",
				]);
				expect((await events(server)).slice(-2)).toEqual(["pause", "cycle T2"]);
				expect(output).toContain("T1 started");
				expect(await runs(requestor)).toBe(2);
				const { hosts } = (await stack.outputs()) as {
					hosts: Record<string, { cycle: Record<string, string> }>;
				};
				expect(hosts.EXCH01?.cycle).toEqual({
					type: "T1",
					triggers: ["initial-import"],
					kickedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
					evidence: expect.stringContaining(
						first.transport === "ssh"
							? "NET HELPMSG 3539"
							: "net rpc service pause was accepted and the service runs",
					),
				});
				expect(hosts.EXCH02?.cycle.type).toBe("T2");
				const [kick] = await requestor.cycles();
				const told = Date.parse(hosts.EXCH01?.cycle.kickedAt ?? "");
				expect(Math.abs(told - Number(kick?.time))).toBeLessThan(30_000);
			});

			it("is not started by an up without a change, which opens no connection", async () => {
				const before = await connections();
				await up();
				expect(await connections()).toEqual(before);
			});

			it("is started once by a changed trigger, with one log-in, only on that host", async () => {
				const logins = await runs(requestor);
				const others = await runs(server);
				triggers = [4711, "second-import"];
				await redeclare();
				await up();
				expect(await kicks(requestor)).toEqual(["T1", "T1"]);
				expect(await runs(requestor)).toBe(logins + 1);
				expect(await runs(server)).toBe(others);
			});

			it("is started again when the triggers are changed back", async () => {
				triggers = ["initial-import"];
				await redeclare();
				await up();
				expect(await kicks(requestor)).toHaveLength(3);
			});

			it.each<[string, () => Promise<unknown>]>([
				["a rotated key", () => rotate(requestor)],
				[
					"a moved address",
					async () => {
						address = requestor.otherAddress;
					},
				],
				["a changed verify", () => stack.configure({ verify: "build-1" })],
				[
					"a new version of this package with another script",
					async () => {
						const [file, line, more] =
							first.transport === "ssh"
								? ([
										"scripts/windows/batch.js",
										"@echo off",
										"ver >nul",
									] as const)
								: (["scripts/samba/net.js", "export LC_ALL", "true"] as const);
						const script = join(await stack.ownProgram(), file);
						const text = await readFile(script, "utf8");
						expect(text).toContain(`\n${line}\n`);
						await writeFile(
							script,
							text.replace(`\n${line}\n`, `\n${line}\n${more}\n`),
						);
					},
				],
				[
					"a renamed host",
					async () => {
						renamed = "EXCH01-NEW";
					},
				],
			])("is not started by %s", async (_, change) => {
				const before = await events(requestor);
				const others = await events(server);
				const logins = await runs(requestor);
				await change();
				await redeclare();
				await up();
				expect(await events(requestor)).toEqual(before);
				expect(await events(server)).toEqual(others);
				// The enforcement did log in, so the trigger could have run too.
				expect(await runs(requestor)).toBeGreaterThan(logins);
				expect(await requestor.registryValue(SERVICE, "PauseKicksDX")).toBe(
					"dword:00000001",
				);
			});

			it("is started by new triggers after these changes, with the current key and address", async () => {
				triggers = ["third-import"];
				await redeclare();
				await up();
				expect(await kicks(requestor)).toHaveLength(4);
			});

			it("is not started by --replace, which prints that it was already started, and when", async () => {
				const [urn] = (await stack.must("stack", "--show-urns")).output.match(
					/urn:\S+EXCH01-NEW-cycle/,
				) ?? [""];
				const output = await up
					.call(null)
					.then(
						async () =>
							(
								await stack.must(
									"up",
									"--yes",
									"--skip-preview",
									"--replace",
									urn,
								)
							).output,
					);
				expect(output).toContain("already started");
				expect(output).toMatch(/dx-done:\S+ \S+ \d{4}-/);
				expect(await kicks(requestor)).toHaveLength(4);
			});

			it("is removed with its declaration without a log-in of its own, and started when declared again", async () => {
				withCycle = false;
				await redeclare();
				const logins = await runs(requestor);
				await up();
				expect(await runs(requestor)).toBe(logins + 1);
				expect(await kicks(requestor)).toHaveLength(4);
				withCycle = true;
				await redeclare();
				await up();
				expect(await kicks(requestor)).toHaveLength(5);
			});

			it("has sent the lab's programs nothing that they do not support", async () => {
				expect(await requestor.labErrors()).toEqual([]);
				expect(await server.labErrors()).toEqual([]);
			});
		});
	});
}
