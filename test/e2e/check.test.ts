import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
	Check,
	HostCheck,
	HostInspected,
} from "../../src/cli/check/check.ts";
import { freePort } from "../free-port.ts";
import type { AnyHost } from "../lab/any-host.ts";
import type { LabHost } from "../lab/host.ts";
import { net, target } from "../lab/nt/net.ts";
import type { NtHost } from "../lab/nt/nt-host.ts";
import type { Stack } from "../stack.ts";
import {
	type AnyOptions,
	Bench,
	declare,
	type Entry,
	everything,
	RECORD,
	rotate,
	SERVICE,
} from "./fixture.ts";

// npm run check: what it reports about hosts with drift made by hand, and that it changes nothing on any host.
const bench = new Bench();
const FIRST = ["initial-import"];
let reg: LabHost;
let nt4: LabHost;
let bare: LabHost;
let stack: Stack;

const entry = (name: string, host: AnyHost, triggers = FIRST): Entry => ({
	name,
	host,
	more: { cycle: { triggers } },
});

/** The same host with other connection settings. */
const reached = (host: LabHost, by: object): LabHost =>
	Object.create(host, { ssh: { value: { ...host.ssh, ...by } } });

async function check(on = stack) {
	const { exitCode, stdout } = await on.check("--json");
	const found = JSON.parse(stdout) as Check;
	const host = (name: string) =>
		found.hosts.find((one) => one.name === name) as HostInspected;
	return { exitCode, found, host };
}

/** What the check reports for each host: the codes of its drift, or the code of the reason why it was not checked. */
const told = (hosts: HostCheck[]) =>
	Object.fromEntries(
		hosts.map((host) => [
			host.name,
			host.checked ? host.drift.map(({ code }) => code) : host.error.code,
		]),
	);

/** Everything on the hosts that a check could change. */
const onHosts = (hosts: AnyHost[] = [reg, nt4, bare]) =>
	Promise.all(hosts.map(everything));

beforeAll(async () => {
	[reg, nt4, bare] = await Promise.all([
		bench.host({ pauseKicksDX: "dword:00000000" }),
		bench.host({ make: "nt4", language: "de" }),
		bench.host({ installed: false, language: "de" }),
	]);
	stack = await bench.stack();
	await declare(stack, entry("REG", reg), entry("NT4", nt4));
	await stack.must("up", "--yes", "--skip-preview");
});
afterAll(() => bench.end());

describe("a check of hosts that are as declared", () => {
	it("reports everything, exits with 0, logs in once on each host, and changes nothing", async () => {
		const before = await onHosts();
		const logins = await nt4.logins();
		const { exitCode, found, host } = await check();
		expect(found).toMatchObject({
			stack: "organization/exchange-dirsync/lab",
			result: "as-declared",
			hosts: [{ name: "REG" }, { name: "NT4" }],
		});
		expect(exitCode).toBe(0);
		expect(host("REG")).toMatchObject({
			checked: true,
			drift: [],
			value: { type: "REG_DWORD", data: "1" },
			service: "running",
			startedSinceValue: "recorded",
			cycle: "T1",
			lastKick: {
				cycle: "cycle",
				at: expect.stringMatching(/^\d{4}-.*Z$/),
				evidence: expect.stringContaining("NET HELPMSG 3539"),
			},
			record: {
				stack: "organization/exchange-dirsync/lab",
				previous: { type: "REG_DWORD", data: "0" },
				restartPending: false,
				intent: null,
			},
		});
		expect(host("NT4")).toMatchObject({
			service: "running or paused",
			record: { previous: null },
		});
		expect(await onHosts()).toEqual(before);
		expect(await nt4.logins()).toBe(logins + 1);
	});

	it("does not delay an update that starts while the check runs", {
		tags: ["full"],
	}, async () => {
		const gate = await nt4.gate({ when: "before", program: "net start" });
		const looking = stack.check();
		await gate.reached();
		await stack.configure({ verify: "while-looked-at" });
		await stack.must("up", "--yes", "--skip-preview");
		await gate.open();
		const { exitCode, stdout } = await looking;
		expect(stdout).toMatch(/^host +drift +value +service +started since +last/);
		expect(stdout).toMatch(
			/\nREG +- +REG_DWORD 1 +running +recorded +T1 \S+Z +net pause answered/,
		);
		expect(stdout).toContain("\n2 hosts: 2 as declared, 0 with drift");
		expect(exitCode).toBe(0);
	});

	it("removes the files of a killed check, and keeps those of a running check", {
		tags: ["full"],
	}, async () => {
		const windows = join(reg.dir, "prefix/drive_c/windows");
		const left = join(windows, "dx-check-0dead");
		await mkdir(left);
		for (const name of ["result.txt", "export.reg"])
			await writeFile(join(left, name), "");
		for (const ending of [".cmd", ".lck"]) await writeFile(left + ending, "");
		const gate = await reg.gate({ when: "before", program: "net start" });
		const first = check();
		await gate.reached();
		expect((await check()).exitCode).toBe(0);
		const files = (await readdir(windows)).filter((name) =>
			name.startsWith("dx-check-"),
		);
		const [folder] = files.sort();
		expect(folder).not.toContain("0dead");
		expect(files).toEqual([folder, `${folder}.cmd`, `${folder}.lck`]);
		await gate.open();
		expect(told((await first).found.hosts)).toEqual({ REG: [], NT4: [] });
		expect(await reg.files()).not.toContainEqual(
			expect.stringContaining("dx-check-"),
		);
	});

	it("does not wait for a running update, and reports its open intent", async () => {
		await declare(stack, entry("REG", reg), entry("NT4", nt4, ["second"]));
		const gate = await nt4.gate({ when: "before", program: "net pause" });
		const updating = stack.up();
		await gate.reached();
		const { found } = await check();
		await gate.open();
		expect(told(found.hosts)).toEqual({
			REG: [],
			NT4: ["cycle-pending", "outcome-unknown"],
		});
		expect((await updating).exitCode).toBe(0);
		expect(await nt4.cycles()).toHaveLength(2);
	});
});

describe("drift made by hand", () => {
	it("is reported by code and left as it is; a host that cannot be checked decides the exit code", async () => {
		await reg.setRegistry(SERVICE, "PauseKicksDX", undefined);
		await reg.setRegistry(RECORD, "Restart", '"dx-restart:pending;"');
		await reg.stopService();
		await nt4.setRegistry(SERVICE, "PauseKicksDX", '"ü|&%PATH%"');
		const intent = "dx-intent:open cycle 0123456789abcdef 2026-11-22T16:00:00Z";
		await nt4.setRegistry(RECORD, "Intent", `"${intent};"`);
		// A stack may declare one machine several times only if the connections differ, here by port or proxy.
		const through = (jump: LabHost) => {
			const { privateKey: _, ...proxy } = jump.ssh;
			return { proxy };
		};
		const { hostKey, privateKey } = nt4.ssh;
		await declare(
			stack,
			entry("REG", reg),
			entry("NT4", nt4),
			entry("BARE", bare),
			entry("GONE", reached(reg, { port: await freePort() })),
			entry("STRANGER", reached(reg, { hostKey, ...through(nt4) })),
			entry("NO-KEY", reached(reg, { privateKey, ...through(bare) })),
			entry("VIA", reached(nt4, through(reg))),
		);
		const jumps = { STRANGER: nt4, "NO-KEY": bare, VIA: reg };
		for (const [name, jump] of Object.entries(jumps))
			await stack.setSecret(
				`credentials.${name}.proxy.privateKey`,
				jump.ssh.privateKey,
			);
		const before = await onHosts();
		const { exitCode, found, host } = await check();
		expect(told(found.hosts)).toEqual({
			REG: ["value", "restart-pending"],
			NT4: ["value", "cycle-pending", "outcome-unknown"],
			BARE: ["not-installed", "no-record"],
			GONE: "unreachable",
			STRANGER: "wrong-host-key",
			"NO-KEY": "no-log-in",
			VIA: ["value", "another-name", "cycle-pending", "outcome-unknown"],
		});
		expect([exitCode, found.result]).toEqual([1, "not-checked"]);
		expect(host("REG").service).toBe("stopped");
		expect(host("NT4").value).toEqual({
			type: "REG_SZ",
			data: "\\xfc|&%PATH%",
		});
		expect(host("BARE").service).toBe("not installed");
		expect(await onHosts()).toEqual(before);
	});

	it("exits with 2 if every host was checked, and prints what is wrong and what to do", {
		tags: ["full"],
	}, async () => {
		await reg.setRegistry(RECORD, "Restart", '"dx-restart:none;"');
		await reg.setRegistry(SERVICE, "PauseKicksDX", "dword:00000001");
		await reg.setRegistry(RECORD, "Owner", undefined);
		await reg.startService();
		await reg.set({ pause: "really" });
		await reg.exec("net pause MSExchangeDX");
		const other = '"dx-stack:organization/exchange-dirsync/other;"';
		await nt4.setRegistry(RECORD, "Stack", other);
		await declare(stack, entry("REG", reg), entry("NT4", nt4));
		const before = await onHosts();
		const { exitCode, stdout } = await stack.check();
		expect(stdout).toMatch(/\nREG +no-record +REG_DWORD 1 +paused +unknown +-/);
		expect(stdout).toContain(
			"\nREG: there is no host record: no update has run on this host, or the record was deleted, and the receipts with it. Run pulumi up",
		);
		expect(stdout).toContain(
			"\nNT4: the host belongs to another stack (organization/exchange-dirsync/other). Remove it",
		);
		expect(stdout).toContain("\n2 hosts: 0 as declared, 2 with drift, 0 not");
		expect(exitCode).toBe(2);
		expect(await onHosts()).toEqual(before);
	});
});

/** A change to a host that was as declared, and what the check then reports. */
interface Spoiled {
	spoil?: (host: NtHost) => Promise<unknown>;
	/** The triggers that are declared after the update, if the host has a cycle. */
	triggers?: string[];
	told: string[] | string;
	/** What the report contains differently from that of a host as declared. */
	seen?: object;
}

const LOCK = `${RECORD}-lock`;
const INTENT = "dx-intent:open cycle 0123456789abcdef 2026-11-22T16:00:00Z";

const set = (key: string, name: string, rhs?: string) => (host: NtHost) =>
	host.setRegistry(key, name, rhs);

const SPOILED: Record<string, Spoiled> = {
	"AS-IS": {
		triggers: FIRST,
		told: [],
		seen: {
			cycle: "T1",
			lastKick: {
				cycle: "cycle",
				evidence: expect.stringContaining("net rpc service pause was accepted"),
			},
			record: {
				stack: "organization/exchange-dirsync/lab",
				previous: { type: "REG_DWORD", data: "0" },
				restartPending: false,
				intent: null,
			},
		},
	},
	ABSENT: {
		spoil: set(SERVICE, "PauseKicksDX"),
		told: ["value"],
		seen: { value: null, startedSinceValue: null },
	},
	TEXT: {
		spoil: set(SERVICE, "PauseKicksDX", '"|&%PATH%$(id)"'),
		told: ["value"],
		seen: {
			value: { type: "REG_SZ", data: "|&%PATH%$(id)" },
			startedSinceValue: null,
		},
	},
	STOPPED: {
		spoil: (host) => host.stopService(),
		told: [],
		seen: { service: "stopped", startedSinceValue: null },
	},
	PAUSED: {
		spoil: async (host) => {
			await host.set({ pause: "really" });
			await net(target(host), "service", "pause", "MSExchangeDX");
		},
		told: [],
		seen: { service: "paused" },
	},
	STOPPING: {
		spoil: async (host) => {
			await host.set({ stop: "hang" });
			await net(target(host), "service", "stop", "MSExchangeDX");
		},
		told: [],
		seen: { service: "pending", startedSinceValue: null },
	},
	FORGOTTEN: {
		spoil: set(RECORD, "Owner"),
		told: ["no-record"],
		seen: { record: null },
	},
	"NOT-SEEN": {
		spoil: async (host) => {
			await host.setRegistry(SERVICE, "PauseKicksDX", "dword:00000000");
			await host.stopService();
			await host.startService();
			await host.setRegistry(SERVICE, "PauseKicksDX", "dword:00000001");
		},
		told: ["not-seen"],
		seen: { startedSinceValue: "no" },
	},
	OWED: {
		spoil: set(RECORD, "Restart", '"dx-restart:pending;"'),
		told: ["restart-pending"],
		seen: { startedSinceValue: "no" },
	},
	CYCLE: { triggers: ["second"], told: ["cycle-pending"] },
	INTENT: {
		spoil: set(RECORD, "Intent", `"${INTENT};"`),
		told: ["outcome-unknown"],
		seen: { record: { intent: { cycle: "cycle", token: "0123456789abcdef" } } },
	},
	// The lock of another run does not delay a check.
	LOCKED: { spoil: set(LOCK, "Holder", '"another-run"'), told: [] },
};

const AS_DECLARED = {
	value: { type: "REG_DWORD", data: "1" },
	service: "running",
	startedSinceValue: "yes",
};

const NO_SERVICE = {
	service: "not installed",
	startedSinceValue: null,
	record: null,
	value: null,
};

/** Hosts without the service, on which no update has run. The second one still has the key of the service. */
const UNTOUCHED: Record<string, Spoiled> = {
	BARE: { told: ["not-installed", "no-record"], seen: NO_SERVICE },
	REMOVED: {
		spoil: set(SERVICE, "Start", "dword:00000002"),
		told: ["not-installed", "no-record"],
		seen: NO_SERVICE,
	},
};

const TURNED_AWAY: Record<string, Spoiled> = {
	STRANGER: { spoil: rotate, told: "no-log-in" },
	GONE: { spoil: (host) => host.stopServer(), told: "unreachable" },
};

const each = <T>(
	rows: Record<string, Spoiled>,
	of: (name: string, row: Spoiled) => T,
) =>
	Object.fromEntries(
		Object.entries(rows).map(([name, row]) => [name, of(name, row)]),
	);

/** The only requests that a check may send. */
const READS = /^(QueryValue|Enumerate|status) /;

const TRANSPORTS: AnyOptions[] = [
	{ transport: "samba", make: "nt4", language: "de" },
	{ transport: "gateway", make: "smb2" },
];

// The short run uses only the gateway: the script is the same with and without it.
for (const options of TRANSPORTS)
	describe(`a check of hosts with ${JSON.stringify(options)}`, {
		tags: options.transport === "samba" ? ["full"] : [],
	}, () => {
		const own = new Bench();
		const hosts = new Map<string, NtHost>();
		let site: Stack;
		const at = (name: string) => hosts.get(name) as NtHost;

		beforeAll(async () => {
			const names = Object.keys({ ...SPOILED, ...UNTOUCHED, ...TURNED_AWAY });
			await Promise.all(
				names.map(async (name) => {
					const found =
						name in UNTOUCHED
							? { installed: false }
							: { pauseKicksDX: "dword:00000000" };
					const host = await own.anyHost({ ...options, ...found });
					hosts.set(name, host as NtHost);
				}),
			);
			site = await own.stack();
			await declareRows(SPOILED, () => FIRST);
			await site.must("up", "--yes", "--skip-preview");
		});
		afterAll(() => own.end());

		const declareRows = (
			rows: Record<string, Spoiled>,
			triggersOf = ({ triggers }: Spoiled) => triggers,
		) =>
			declare(
				site,
				...Object.entries(rows).map(([name, row]) =>
					row.triggers
						? entry(name, at(name), triggersOf(row))
						: { name, host: at(name) },
				),
			);

		/** Declares the hosts, then changes each of them as its row specifies. */
		const spoil = async (rows: Record<string, Spoiled>) => {
			await declareRows(rows);
			for (const [name, row] of Object.entries(rows))
				await row.spoil?.(at(name));
		};

		/** Runs a check of the declared hosts, and expects that it changes no host. */
		const look = async () => {
			const all = [...hosts.values()];
			const commands = () => Promise.all(all.map((host) => host.commands()));
			const before = [await onHosts(all), await commands()] as const;
			const seen = await check(site);
			const asked = (await commands()).map((all, index) =>
				all.slice(before[1][index]?.length),
			);
			expect(asked.flat().filter((call) => !READS.test(call))).toEqual([]);
			expect(await onHosts(all)).toEqual(before[0]);
			const names = [...hosts.keys()];
			return {
				...seen,
				askedOf: names.filter((_, index) => asked[index]?.length),
			};
		};

		it("reports them as declared after an update, and exits with 0", async () => {
			const { exitCode, found, askedOf } = await look();
			expect(found.result).toBe("as-declared");
			expect(told(found.hosts)).toEqual(each(SPOILED, () => []));
			expect(exitCode).toBe(0);
			expect(askedOf.sort()).toEqual(Object.keys(SPOILED).sort());
		});

		describe("and drift made by hand", () => {
			const rows = { ...SPOILED, ...UNTOUCHED };
			beforeAll(() => spoil(rows));

			it("reports each drift by its code with the current values, and exits with 2", async () => {
				const { exitCode, found, host } = await look();
				expect(told(found.hosts)).toEqual(each(rows, (_, { told }) => told));
				expect(each(rows, host)).toMatchObject(
					each(rows, (_, { seen }) => ({ ...AS_DECLARED, ...seen })),
				);
				expect([exitCode, found.result]).toEqual([2, "drift"]);
			});
		});

		describe("and no access to some of them", () => {
			const rows = { ABSENT: SPOILED.ABSENT as Spoiled, ...TURNED_AWAY };
			beforeAll(() => spoil(rows));

			it("reports the reason for these and the drift of the others, and exits with 1", async () => {
				const { exitCode, found, askedOf } = await look();
				expect(told(found.hosts)).toEqual(each(rows, (_, { told }) => told));
				expect([exitCode, found.result]).toEqual([1, "not-checked"]);
				expect(askedOf).toEqual(["ABSENT"]);
			});
		});
	});
