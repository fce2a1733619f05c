import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromConfig } from "../../../src/cli/hosts.ts";
import { readStack } from "../../../src/cli/stack.ts";
import { enforceCommands } from "../../../src/scripts/windows/enforce.ts";
import { GOOD_STACK } from "../config/good-stack.ts";

vi.mock("../../../src/cli/hosts.ts", async (original) => {
	const hosts = await original<typeof import("../../../src/cli/hosts.ts")>();
	return { ...hosts, fromConfig: vi.fn(hosts.fromConfig) };
});

// Where the hosts of a stack are read from: the configuration, or the state of a program of one's own. A fake pulumi
// prints both.
let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-stack-"));
	vi.stubEnv("PATH", [dir, process.env.PATH].join(delimiter));
	const file = join(dir, "pulumi");
	await writeFile(
		file,
		`#!/bin/sh\necho $1 >>${dir}/runs\ncat ${dir}/$1.json\n`,
	);
	await chmod(file, 0o755);
});
afterEach(async () => {
	vi.unstubAllEnvs();
	vi.mocked(fromConfig).mockReset();
	await rm(dir, { recursive: true });
});

/** Reads a stack of the project migration with this configuration and state. */
async function read(config: object, resources: { urn: string }[] = []) {
	const entries = Object.entries(config).map(([key, value]) => [
		key,
		{ value: typeof value === "string" ? value : JSON.stringify(value) },
	]);
	const currentStack = {
		fullyQualifiedName: "organization/migration/dev",
		resources: resources.map(({ urn }) => ({ urn })),
	};
	for (const [command, printed] of Object.entries({
		config: Object.fromEntries(entries),
		about: { currentStack },
		stack: { deployment: { resources } },
	}))
		await writeFile(join(dir, `${command}.json`), JSON.stringify(printed));
	return readStack("dev");
}

const URN = "urn:pulumi:dev::migration::";
const HOST_TYPE = "exchange-dirsync:index:PauseKicksDX";
const HOST = [
	{ urn: `${URN}${HOST_TYPE}::EXCH09`, type: HOST_TYPE },
	{
		urn: `${URN}${HOST_TYPE}$command:remote:Command::EXCH09`,
		type: "command:remote:Command",
		parent: `${URN}${HOST_TYPE}::EXCH09`,
		inputs: {
			connection: { host: "exch09", port: 22, user: "u" },
			stdin: enforceCommands({
				...{ host: "EXCH09", stack: "organization/migration/dev" },
				...{ owner: "0123456789abcdef", hasCycle: false },
				...{ onDestroy: "restore", verify: "0123456789abcdef" },
			}).stdin,
		},
	},
];
const stackWith = (...outputs: string[]) => ({
	urn: `${URN}pulumi:pulumi:Stack::migration-dev`,
	type: "pulumi:pulumi:Stack",
	outputs: Object.fromEntries(outputs.map((name) => [name, {}])),
});

/** Adds the project's namespace to the keys. */
const own = (config: object) =>
	Object.fromEntries(
		Object.entries(config).map(([key, value]) => [`migration:${key}`, value]),
	);
const LIST = own({ hosts: ["exch01", "exch02"], exch01Password: "x" });
const TYPO = own({ hostss: [], credentials: {} });

describe("the hosts of a stack", () => {
	it("are those of the configuration, and verify is a key of the project", async () => {
		const stack = await read(own(GOOD_STACK), HOST);
		expect(stack).toMatchObject({
			...{ source: "configuration", verify: "migration:verify" },
			inState: ["EXCH09"],
		});
		expect(stack.hosts.map(({ name }) => name)).toEqual(
			GOOD_STACK.hosts.map(({ name }) => name),
		);
		expect(stack.noHosts).toBeUndefined();
	});

	it("are read from the configuration without an export of the state, which is done on demand", async () => {
		const runs = async () =>
			(await readFile(join(dir, "runs"), "utf8")).trim().split("\n").sort();
		const { readState } = await read(own(GOOD_STACK), HOST);
		expect(await runs()).toEqual(["about", "config"]);
		expect(await readState()).toMatchObject([{ name: "EXCH09" }]);
		expect(await runs()).toEqual(["about", "config", "stack"]);
	});

	it("are converted one after the other, so that their outputs do not add up in memory", async () => {
		const real = vi.mocked(fromConfig).getMockImplementation();
		let running = 0;
		const atStart: number[] = [];
		vi.mocked(fromConfig).mockImplementation(async (host) => {
			atStart.push(running++);
			const converted = await real?.(host);
			running -= 1;
			return converted as Awaited<ReturnType<typeof fromConfig>>;
		});
		const { hosts } = await read(own(GOOD_STACK));
		expect(atStart).toEqual(GOOD_STACK.hosts.map(() => 0));
		expect(hosts.map(({ name }) => name)).toEqual(
			GOOD_STACK.hosts.map(({ name }) => name),
		);
	});

	it.each<[string, object, ...string[]]>([
		["has no key of this package", { "aws:region": "x" }],
		["has a key hosts of its own", LIST],
		["has a key hosts and an output cutovers of its own", LIST, "cutovers"],
		[
			"has outputs of these names",
			own({ region: "x" }),
			...["hosts", "cutovers"],
		],
		["has hosts in another namespace", { "dns:hosts": "x" }],
	])(
		"are those of the state if a program of one's own %s",
		async (_, config, ...outputs) => {
			const stack = await read(config, [stackWith(...outputs), ...HOST]);
			expect(stack).toMatchObject({
				...{ source: "state", hosts: [{ name: "EXCH09" }] },
				verify: "the argument verify of the component",
			});
			expect(stack.noHosts).toBeUndefined();
		},
	);

	it("are none before the first update of a program, and the text explains it", async () => {
		const { hosts, noHosts } = await read(LIST);
		expect(hosts).toEqual([]);
		expect(noHosts).toMatch(
			/^Invalid configuration for stack dev .*\n[\s\S]*\nIf the program declares its hosts itself, run pulumi up first: they are then read from the state\.$/,
		);
	});

	it("are none if their key is misspelt, and the text names it", async () => {
		expect((await read(TYPO)).noHosts).toBe(
			"Stack dev has no hosts, neither in its configuration nor in its state: declare some and run pulumi up first. The configuration has other keys, which this package does not read: hostss.",
		);
	});

	it("are none if a key has another namespace, and the text names the right one", async () => {
		const config = { "exchange-dirsync:hosts": [] };
		expect((await read(config)).noHosts).toMatch(
			/^The configuration has exchange-dirsync:hosts, but this project reads migration:hosts: /,
		);
	});
});

it("an invalid configuration is an error if the last update was by the program of this package", async () => {
	const state = [stackWith("hosts", "cutovers"), ...HOST];
	await expect(read(TYPO, state)).rejects.toThrow(
		/^Invalid configuration for stack dev [\s\S]*\n {2}hostss: is an unknown key/,
	);
	await expect(
		read({ ...own(GOOD_STACK), "exchange-dirsync:verify": "1" }, state),
	).rejects.toThrow(/this project reads migration:verify/);
});
