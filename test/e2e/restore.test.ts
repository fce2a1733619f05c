// @module-tag full
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnyHost } from "../lab/any-host.ts";
import type { Stack } from "../stack.ts";
import {
	type AnyOptions,
	Bench,
	declare,
	footprint,
	RECORD,
	SERVICE,
} from "./fixture.ts";

// Destroy in difficult cases: after re-runs, renames and drift, and with `onDestroy: keep`. A value that could not be
// restored exactly is refused.
const bench = new Bench();
afterAll(() => bench.end());

const value = (host: AnyHost) => host.registryValue(SERVICE, "PauseKicksDX");

const TRANSPORTS: Record<string, AnyOptions> = {
	NT4: { transport: "ssh", make: "nt4" },
	SAMBA: { transport: "samba", make: "smb2" },
};

describe("destroy", () => {
	let stack: Stack;
	beforeAll(async () => {
		stack = await bench.stack();
	});

	/** Starts one host for each transport. */
	async function make(found: (transport: string) => string | undefined) {
		const made = Object.entries(TRANSPORTS).map(
			async ([transport, options]) => {
				const host = await bench.anyHost({
					...options,
					pauseKicksDX: found(transport),
				});
				return { transport, host, before: await footprint(host) };
			},
		);
		return Promise.all(made);
	}
	const up = (...args: string[]) =>
		stack.must("up", "--yes", "--skip-preview", ...args);
	const destroy = () => stack.must("destroy", "--yes", "--skip-preview");

	it("restores the value after re-runs, drift and a rename, whose own delete changes nothing", async () => {
		const made = await make(() => '"off 1"');
		const more = { cycle: { triggers: ["a"] } };
		const named = (prefix: string) =>
			made.map(({ transport, host }) => ({
				name: `${prefix}-${transport}`,
				host,
				more,
			}));
		await declare(stack, ...named("OLD"));
		await up();
		for (const { host } of made)
			await host.setRegistry(SERVICE, "PauseKicksDX", "dword:00000005");
		await declare(stack, ...named("NEW"));
		await up();
		const { hosts } = (await stack.outputs()) as {
			hosts: Record<string, { previous: string }>;
		};
		for (const { transport, host } of made) {
			expect(await value(host), transport).toBe("dword:00000001");
			expect(hosts[`NEW-${transport}`]?.previous).toBe("REG_SZ off 1");
		}
		await destroy();
		for (const { transport, host, before } of made)
			expect(await footprint(host), transport).toEqual(before);
	});

	it("restores a host that is removed from the stack, and changes nothing on the others", async () => {
		// REG_BINARY cannot be written over Samba.
		const made = await make((transport) =>
			transport === "SAMBA" ? "dword:0000000a" : "hex:01,02,ff",
		);
		const staying = { name: "STAYING", host: await bench.host() };
		const leaving = made.map(({ transport, host }) => ({
			name: transport,
			host,
		}));
		await declare(stack, ...leaving, staying);
		await up();
		await declare(stack, staying);
		await up();
		for (const { transport, host, before } of made)
			expect(await footprint(host), transport).toEqual(before);
		expect(await value(staying.host)).toBe("dword:00000001");
		await destroy();
	});

	it("keeps the value if onDestroy is keep, and leaves nothing else", async () => {
		const made = await make(() => undefined);
		const more = { onDestroy: "keep" };
		await declare(
			stack,
			...made.map(({ transport, host }) => ({ name: transport, host, more })),
		);
		await up();
		await destroy();
		for (const { transport, host, before } of made) {
			expect(await value(host), transport).toBe("dword:00000001");
			const { record, files } = await footprint(host);
			expect({ record, files }, transport).toEqual({
				record: before.record,
				files: before.files,
			});
		}
	});

	it("keeps the value and reports a missing record if the host record was deleted", async () => {
		const made = await make(() => "dword:00000000");
		await declare(
			stack,
			...made.map(({ transport, host }) => ({ name: transport, host })),
		);
		await up();
		for (const { host } of made)
			for (const name of Object.keys(await host.registryKey(RECORD)))
				await host.setRegistry(RECORD, name, undefined);
		const { output } = await destroy();
		for (const { transport, host } of made) {
			expect(output).toMatch(
				new RegExp(`${transport}.*this host has no record`),
			);
			expect(await value(host), transport).toBe("dword:00000001");
		}
	});

	it("of a replaced enforcement keeps the value for its replacement", async () => {
		const made = await make(() => undefined);
		const more = { cycle: { triggers: ["a"] } };
		await declare(
			stack,
			...made.map(({ transport, host }) => ({ name: transport, host, more })),
		);
		await up();
		const urns =
			(await stack.must("stack", "--show-urns")).output.match(
				/urn:\S+command:(?:remote|local):Command::(?:NT4|SAMBA)(?=\s)/g,
			) ?? [];
		expect(urns).toHaveLength(2);
		await up(...urns.flatMap((urn) => ["--replace", urn]));
		for (const { transport, host } of made) {
			expect(await value(host), transport).toBe("dword:00000001");
			expect(await host.cycles(), transport).toHaveLength(1);
		}
		await destroy();
		for (const { transport, host } of made)
			expect(await value(host), transport).toBeUndefined();
	});

	it("removes value and record if regedit cannot delete", async () => {
		const host = await bench.host({ make: "nt4" });
		await host.set({ regeditDeletes: "no" });
		const stack = await bench.stack();
		const before = await footprint(host);
		await declare(stack, { name: "NT4", host });
		await stack.must("up", "--yes", "--skip-preview");
		await stack.must("destroy", "--yes", "--skip-preview");
		expect(await footprint(host)).toEqual(before);
	});
});

describe("a value that cannot be restored exactly", () => {
	const SSH = { transport: "ssh", make: "reg" } as const;
	const NT4 = { transport: "ssh", make: "nt4" } as const;
	const SAMBA = { transport: "samba" } as const;
	const foreign = '"f\u00fcr"';
	const FOUND: Record<string, [AnyOptions, string]> = {
		"REG-EXPAND": [SSH, "hex(2):25,00,41,00,25,00,00,00"],
		"NT4-MULTI": [NT4, "hex(7):61,00,00,00,00,00"],
		"REG-FOREIGN": [SSH, foreign],
		"NT4-FOREIGN": [NT4, foreign],
		"REG-RUNS": [SSH, '"1 & ver > x"'],
		"NT4-LONG": [NT4, `hex:${Array(40).fill("ab").join(",")}`],
		"SAMBA-BINARY": [SAMBA, "hex:01,02,ff"],
		"SAMBA-EXPAND": [SAMBA, "hex(2):25,00,41,00,25,00,00,00"],
		"SAMBA-MULTI": [SAMBA, "hex(7):61,00,00,00,00,00"],
		"SAMBA-FOREIGN": [SAMBA, foreign],
	};
	const names = Object.keys(FOUND);
	const hosts = new Map<string, AnyHost>();
	const before = new Map<string, Awaited<ReturnType<typeof footprint>>>();
	let output: string;

	beforeAll(async () => {
		const entries = await Promise.all(
			Object.entries(FOUND).map(async ([name, [options, pauseKicksDX]]) => {
				const host = await bench.anyHost({ ...options, pauseKicksDX });
				hosts.set(name, host);
				before.set(name, await footprint(host));
				return { name, host };
			}),
		);
		const stack = await bench.stack();
		await declare(stack, ...entries);
		const run = await stack.up("--continue-on-error");
		expect(run.exitCode).not.toBe(0);
		output = run.output;
	});

	it.each(names)(
		"is refused, and the host is not changed: %s",
		async (name) => {
			const host = hosts.get(name) as AnyHost;
			expect(output).toMatch(
				new RegExp(`${name}, registry: .*\\[cannot-preserve\\]\\. Note it`),
			);
			expect(await footprint(host)).toEqual(before.get(name));
			expect(await host.labErrors()).toEqual([]);
		},
	);
});
