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

// P7 where it is hard: after re-runs, renames and drift; kept on request; refused where it could not be exact.
const bench = new Bench();
afterAll(() => bench.end());

const value = (host: AnyHost) => host.registryValue(SERVICE, "PauseKicksDX");

describe.each<AnyOptions>([
	{ way: "ssh", make: "nt4" },
	{ way: "samba", make: "smb2" },
])("destroy of a host like %j", (options) => {
	let stack: Stack;
	beforeAll(async () => {
		stack = await bench.stack();
	});

	it("restores after re-runs, drift and a rename, and the renamed host's own delete does no harm", async () => {
		const host = await bench.anyHost({ ...options, pauseKicksDX: '"off 1"' });
		const before = await footprint(host);
		const more = { cycle: { triggers: ["a"] } };
		await declare(stack, { name: "OLD", host, more });
		await stack.must("up", "--yes", "--skip-preview");
		await host.setRegistry(SERVICE, "PauseKicksDX", "dword:00000005");
		await declare(stack, { name: "NEW", host, more });
		await stack.must("up", "--yes", "--skip-preview");
		expect(await value(host)).toBe("dword:00000001");
		const { hosts } = (await stack.outputs()) as {
			hosts: Record<string, { previous: string }>;
		};
		expect(hosts.NEW?.previous).toBe("REG_SZ off 1");
		await stack.must("destroy", "--yes", "--skip-preview");
		expect(await footprint(host)).toEqual(before);
	});

	it("restores a host that is taken out of the stack, and nothing on the others", async () => {
		const leaving = await bench.anyHost({
			...options,
			// Over Samba no bytes can be written.
			pauseKicksDX: options.way === "ssh" ? "hex:01,02,ff" : "dword:0000000a",
		});
		const staying = await bench.host();
		const before = await footprint(leaving);
		const [first, second] = [
			{ name: "LEAVING", host: leaving },
			{ name: "STAYING", host: staying },
		];
		await declare(stack, first, second);
		await stack.must("up", "--yes", "--skip-preview");
		await declare(stack, second);
		await stack.must("up", "--yes", "--skip-preview");
		expect(await footprint(leaving)).toEqual(before);
		expect(await value(staying)).toBe("dword:00000001");
		await stack.must("destroy", "--yes", "--skip-preview");
	});

	it("keeps the value where onDestroy says so, and leaves nothing else", async () => {
		const host = await bench.anyHost(options);
		const before = await footprint(host);
		await declare(stack, { name: "KEPT", host, more: { onDestroy: "keep" } });
		await stack.must("up", "--yes", "--skip-preview");
		await stack.must("destroy", "--yes", "--skip-preview");
		expect(await value(host)).toBe("dword:00000001");
		const { record, files } = await footprint(host);
		expect({ record, files }).toEqual({
			record: before.record,
			files: before.files,
		});
	});

	it("leaves the value alone, and says so, where nothing is remembered", async () => {
		const host = await bench.anyHost({
			...options,
			pauseKicksDX: "dword:00000000",
		});
		await declare(stack, { name: "FORGOTTEN", host });
		await stack.must("up", "--yes", "--skip-preview");
		for (const name of Object.keys(await host.registryKey(RECORD)))
			await host.setRegistry(RECORD, name, undefined);
		const { output } = await stack.must("destroy", "--yes", "--skip-preview");
		expect(output).toContain("nothing is remembered");
		expect(await value(host)).toBe("dword:00000001");
	});

	it("keeps its hands off a replaced enforcement: the value is there afterwards", async () => {
		const host = await bench.anyHost(options);
		await declare(stack, {
			name: "REPLACED",
			host,
			more: { cycle: { triggers: ["a"] } },
		});
		await stack.must("up", "--yes", "--skip-preview");
		const [urn = ""] =
			(await stack.must("stack", "--show-urns")).output.match(
				/urn:\S+command:(?:remote|local):Command::REPLACED(?=\s)/,
			) ?? [];
		await stack.must("up", "--yes", "--skip-preview", "--replace", urn);
		expect(await value(host)).toBe("dword:00000001");
		expect(await host.cycles()).toHaveLength(1);
		await stack.must("destroy", "--yes", "--skip-preview");
		expect(await value(host)).toBeUndefined();
	});
});

describe("destroy", () => {
	it("removes value and record where regedit knows no deletion", async () => {
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

describe("what cannot be carried exactly", () => {
	const SSH = { way: "ssh", make: "reg" } as const;
	const NT4 = { way: "ssh", make: "nt4" } as const;
	const SAMBA = { way: "samba" } as const;
	it.each<[string, AnyOptions, string]>([
		["REG_EXPAND_SZ", SSH, "hex(2):25,00,41,00,25,00,00,00"],
		["REG_MULTI_SZ", NT4, "hex(7):61,00,00,00,00,00"],
		["text with a letter of another language", SSH, '"f\u00fcr"'],
		["text with a letter of another language", NT4, '"f\u00fcr"'],
		["text with what cmd.exe would run", SSH, '"1 & ver > x"'],
		[
			"more bytes than a line holds",
			NT4,
			`hex:${Array(40).fill("ab").join(",")}`,
		],
		["REG_BINARY", SAMBA, "hex:01,02,ff"],
		["REG_EXPAND_SZ", SAMBA, "hex(2):25,00,41,00,25,00,00,00"],
		["REG_MULTI_SZ", SAMBA, "hex(7):61,00,00,00,00,00"],
		["text with a letter of another language", SAMBA, '"f\u00fcr"'],
	])(
		"%s is refused on a host like %j, and nothing is changed",
		async (_, options, pauseKicksDX) => {
			const host = await bench.anyHost({ ...options, pauseKicksDX });
			const before = await footprint(host);
			const stack = await bench.stack();
			await declare(stack, { name: "ODD", host });
			const { exitCode, output } = await stack.up();
			expect(exitCode).not.toBe(0);
			expect(output).toMatch(/ODD, registry: .*\[cannot-carry\]\. Note it/);
			expect(await footprint(host)).toEqual(before);
			expect(await host.labErrors()).toEqual([]);
			await host.stop();
		},
	);
});
