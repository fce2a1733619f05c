import { afterAll, beforeAll, expect, it } from "vitest";
import type { AnyHost } from "../lab/any-host.ts";
import type { Stack } from "../stack.ts";
import {
	type AnyOptions,
	Bench,
	declare,
	events,
	footprint,
	SERVICE,
} from "./fixture.ts";

// The package does not stop a service if its registry key shows that it would not start again.
const KINDS: Record<string, AnyOptions> = {
	REG: { transport: "ssh", make: "reg" },
	NT4: { transport: "ssh", make: "nt4", language: "de" },
	SAMBA: { transport: "samba", make: "smb2" },
};
const DISABLED = ["Start", "dword:00000004"] as const;
const MANUAL = ["Start", "dword:00000003"] as const;
/** The ImagePath of the lab's hosts. */
const PROGRAM = '"C:\\\\exchsrvr\\\\bin\\\\dxa.exe"';

const bench = new Bench();
const hosts = new Map<string, AnyHost>();
let stack: Stack;
let trigger = "first";
let withCycle = false;

const each = async (
	work: (host: AnyHost, name: string) => Promise<unknown>,
) => {
	for (const [name, host] of hosts) await work(host, name);
};
const set = (name: string, rhs?: string) =>
	each((host) => host.setRegistry(SERVICE, name, rhs));

/** Updates all hosts. Without a step all of them succeed, otherwise all of them fail at that step. */
async function up(step?: "registry" | "kick") {
	await declare(
		stack,
		...[...hosts].map(([name, host]) => ({
			name,
			host,
			more: withCycle ? { cycle: { triggers: [trigger] } } : {},
		})),
	);
	const { exitCode, output } = await stack.up("--continue-on-error");
	expect(exitCode === 0, output).toBe(step === undefined);
	for (const name of step ? hosts.keys() : [])
		expect(output).toMatch(
			new RegExp(`^ *${name}, ${step}: .*\\[cannot-restart\\]\\. Set its`, "m"),
		);
}

beforeAll(async () => {
	await Promise.all(
		Object.entries(KINDS).map(async ([name, options]) => {
			hosts.set(name, await bench.anyHost(options));
		}),
	);
	stack = await bench.stack();
});
afterAll(() => bench.end());

it.each([
	["disabled", DISABLED, MANUAL],
	["marked for deletion", ["DeleteFlag", "dword:00000001"], ["DeleteFlag"]],
	["without a program", ["ImagePath"], ["ImagePath", PROGRAM]],
] as const)(
	"an enforcement does not stop a service that is %s, and does not change the host",
	async (_, spoilt, mended) => {
		await set(spoilt[0], spoilt[1]);
		const before = new Map<string, unknown>();
		await each(async (host, name) => {
			before.set(name, await footprint(host));
		});
		await up("registry");
		await each(async (host, name) => {
			expect(await footprint(host), name).toEqual(before.get(name));
			expect(await events(host), name).toEqual(["start kicks=0"]);
		});
		await set(mended[0], mended[1]);
	},
);

it("the enforcement of a compliant host needs no restart, so it succeeds with a disabled service", async () => {
	await up();
	await set(...DISABLED);
	await stack.configure({ verify: "again" });
	await up();
	await each(async (host, name) => {
		expect((await events(host)).at(-1), name).toBe("start kicks=1");
	});
});

it("a kick that needs a restart leaves a disabled service running, and is sent once it is enabled", async () => {
	await set(...MANUAL);
	// The running service has not read the value: a kick is refused until it is restarted.
	await set("PauseKicksDX", "dword:00000000");
	await each(async (host) => {
		await host.stopService();
		await host.startService();
	});
	await set("PauseKicksDX", "dword:00000001");
	await set(...DISABLED);
	withCycle = true;
	await up("kick");
	await each(async (host, name) => {
		expect((await events(host)).at(-1), name).not.toBe("stop");
		expect(await host.cycles(), name).toEqual([]);
	});
	await set(...MANUAL);
	await up();
	await each(async (host, name) => {
		expect((await events(host)).slice(-4), name).toEqual([
			"stop",
			"start kicks=1",
			"pause",
			"cycle T1",
		]);
		expect(await host.labErrors(), name).toEqual([]);
	});
	trigger = "second";
	await up();
	await each(async (host, name) => {
		expect(await host.cycles(), name).toHaveLength(2);
	});
});
