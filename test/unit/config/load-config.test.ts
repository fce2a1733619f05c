import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parseConfig, projectConfig } from "../../../src/config/load-config.ts";

const HOST_KEY =
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG6vTHxQCZgApwbxZDkGDGPgXiylcTNzf90wh1W929WE";
const SECRET = "hunter2-do-not-print";

const host = (changes: Record<string, unknown> = {}) => ({
	name: "EXCH01",
	role: "requestor",
	ssh: {
		host: "exch01.corp.example",
		user: "Administrator",
		hostKey: HOST_KEY,
	},
	cycle: { triggers: ["initial-import"] },
	...changes,
});
const elsewhere = { ...host().ssh, port: 2200 };
const credentials = { EXCH01: { password: SECRET } };

/** Parses a configuration as the engine passes it: in JSON strings. */
const parse = (config: Record<string, unknown>) =>
	parseConfig(
		Object.fromEntries(
			Object.entries(config).map(([key, value]) => [
				key,
				typeof value === "string" ? value : JSON.stringify(value),
			]),
		),
		"rehearsal",
	).hosts;

const refusal = (config: Record<string, unknown>): string[] => {
	try {
		parse(config);
	} catch (error) {
		return (error as Error).message.split("\n");
	}
	throw new Error("the configuration was accepted");
};

describe("a valid configuration", () => {
	it("gets the documented defaults", () => {
		const [only] = parse({ hosts: [host()], credentials });
		expect(only?.name).toBe("EXCH01");
		expect(only?.args).toMatchObject({
			role: "requestor",
			onDestroy: "restore",
			cycle: { triggers: ["initial-import"], onUncertain: "fail" },
		});
		expect(only?.args.ssh).toMatchObject({
			port: 22,
			insecureIgnoreHostKey: false,
		});
	});

	it("may have numbers instead of strings, since pulumi config set turns digits into numbers", () => {
		const [only] = parse({
			hosts: [host({ cycle: { triggers: [4711, "b"] } })],
			verify: "12",
			credentials,
		});
		expect(only?.args.cycle?.triggers).toEqual(["4711", "b"]);
		expect(only?.args.verify).toBe("12");
	});

	it("has its credentials marked as secret, and the host's own precede the default", async () => {
		const [first, second] = parse({
			hosts: [host(), host({ name: "EXCH02", ssh: elsewhere })],
			credentials: { ...credentials, default: { password: "other" } },
		});
		for (const [config, expected] of [
			[first, SECRET],
			[second, "other"],
		] as const) {
			const password = config?.args.ssh?.password as pulumi.Output<string>;
			expect(await pulumi.isSecret(password)).toBe(true);
			expect(await new Promise((resolve) => password.apply(resolve))).toBe(
				expected,
			);
		}
	});
});

describe("a value that could be misread", () => {
	it.each(["true", "123e456", "20261122163820003", "1.10"])(
		"verify %s is not changed",
		(verify) => {
			const [only] = parse({ hosts: [host()], verify, credentials });
			expect(only?.args.verify).toBe(verify);
		},
	);

	it("an IPv6 address is accepted", () => {
		const ssh = { ...host().ssh, host: "::1" };
		expect(parse({ hosts: [host({ ssh })], credentials })).toHaveLength(1);
	});

	it("a host name that ends with a dot is not changed", () => {
		const ssh = { ...host().ssh, host: "exch01.corp.example." };
		const [only] = parse({ hosts: [host({ ssh })], credentials });
		expect(only?.args.ssh?.host).toBe("exch01.corp.example.");
	});

	it("a host with the name constructor gets the default credentials", () => {
		const [only] = parse({
			hosts: [host({ name: "constructor" })],
			credentials: { default: { password: SECRET } },
		});
		expect(only?.args.ssh?.password).toBeDefined();
	});
});

describe("the namespace", () => {
	it("is that of the project, and other namespaces are ignored", () => {
		const all = { "exchange-dirsync:verify": "1", "aws:region": "x" };
		expect(projectConfig(all, "exchange-dirsync")).toEqual({ verify: "1" });
		const both = { ...all, "exchange-dirsync:hosts": "[]", "dns:hosts": "x" };
		expect(projectConfig(both, "exchange-dirsync")).toEqual({
			hosts: "[]",
			verify: "1",
		});
	});

	it.each(["credentials", "verify", "cutovers", "hosts", "hostss"])(
		"is named in the error if the project has hosts, and %s is in that of this package",
		(key) => {
			const all = { "migration:hosts": "[]", [`exchange-dirsync:${key}`]: "x" };
			expect(() => projectConfig(all, "migration")).toThrow(
				`The configuration has exchange-dirsync:${key}, but this project reads migration:${key}: the namespace of the keys is the project's name. Rename the keys in the stack file`,
			);
		},
	);

	it("is not named with a key that may be a secret", () => {
		const all = { "migration:hosts": "[]", [`exchange-dirsync:${SECRET}`]: "" };
		expect(() => projectConfig(all, "migration")).not.toThrow();
	});

	it("is named in the error if the hosts are in another one", () => {
		const all = { "dirsync:hosts": "[]", "dirsync:credentials": SECRET };
		expect(() => projectConfig(all, "exchange-dirsync")).toThrow(
			/^The configuration has dirsync:hosts, but this project reads exchange-dirsync:hosts: the namespace of the keys is the project.s name/,
		);
	});
});

describe("an invalid configuration", () => {
	const KEY = "hosts[0]";
	it.each<[string, Record<string, unknown>, string]>([
		["no hosts", {}, "hosts: must be a list of hosts"],
		["hosts as a text", { hosts: "EXCH01" }, "hosts: must be a list of hosts"],
		[
			"an unknown key",
			{ hosts: [host({ roll: 1 })] },
			`${KEY}.roll: is an unknown key`,
		],
		[
			"an unknown key in ssh",
			{ hosts: [host({ ssh: { ...host().ssh, prot: 1 } })] },
			`${KEY}.ssh.prot: is an unknown key`,
		],
		[
			"no role",
			{ hosts: [host({ role: undefined })] },
			`${KEY}.role: must be one of requestor, server`,
		],
		[
			"a wrong role",
			{ hosts: [host({ role: "client" })] },
			`${KEY}.role: must be one of requestor, server`,
		],
		[
			"a bad name",
			{ hosts: [host({ name: "EXCH 01&calc" })] },
			`${KEY}.name: must begin with a letter or digit`,
		],
		["no transport", { hosts: [host({ ssh: undefined })] }, `${KEY}.ssh:`],
		[
			"a port out of range",
			{ hosts: [host({ ssh: { ...host().ssh, port: 70000 } })] },
			`${KEY}.ssh.port: must be from 1 to 65535`,
		],
		[
			"a port as a word",
			{ hosts: [host({ ssh: { ...host().ssh, port: "ssh" } })] },
			`${KEY}.ssh.port: must be a whole number`,
		],
		[
			"an address with a space",
			{ hosts: [host({ ssh: { ...host().ssh, host: "a b" } })] },
			`${KEY}.ssh.host: must be a host name`,
		],
		[
			"no host key",
			{ hosts: [host({ ssh: { host: "a", user: "b" } })] },
			`${KEY}.ssh.hostKey: is missing`,
		],
		[
			"a cut host key",
			{
				hosts: [host({ ssh: { ...host().ssh, hostKey: "ssh-ed25519 AAAA" } })],
			},
			`${KEY}.ssh.hostKey: must be a whole public key`,
		],
		[
			"no triggers",
			{ hosts: [host({ cycle: { triggers: [] } })] },
			`${KEY}.cycle.triggers: must contain at least one string`,
		],
		[
			"a wrong onUncertain",
			{ hosts: [host({ cycle: { triggers: ["a"], onUncertain: "kick" } })] },
			`${KEY}.cycle.onUncertain: must be one of fail, retry, accept`,
		],
		[
			"a proxy without host key",
			{
				hosts: [
					host({ ssh: { ...host().ssh, proxy: { host: "j", user: "o" } } }),
				],
			},
			`${KEY}.ssh.proxy.hostKey: is missing`,
		],
		[
			"cutovers",
			{ hosts: [host()], cutovers: [{ name: "harbor" }] },
			"cutovers[0].exchange: must be the name of one of the hosts",
		],
		[
			"two hosts of one name",
			{ hosts: [host(), host({ name: "exch01" })] },
			'hosts[1].name: must be unique, without regard to case, but hosts[0] is called "EXCH01"',
		],
		[
			"a mistyped key of the namespace",
			{ hosts: [host()], verfy: "x" },
			"verfy: is an unknown key",
		],
		[
			"a number that has lost digits",
			{
				hosts: JSON.stringify([host({ cycle: { triggers: ["@"] } })]).replace(
					'"@"',
					"20261122163820001",
				),
			},
			`${KEY}.cycle.triggers[0]: must be a string: put a number that is so long`,
		],
		[
			"a number with a point",
			{
				hosts: JSON.stringify([host({ cycle: { triggers: ["@"] } })]).replace(
					'"@"',
					"1.10",
				),
			},
			`${KEY}.cycle.triggers[0]: must be a string: put a number`,
		],
		[
			"a host key cut short",
			{
				hosts: [
					host({ ssh: { ...host().ssh, hostKey: HOST_KEY.slice(0, -20) } }),
				],
			},
			`${KEY}.ssh.hostKey: must be a whole public key`,
		],
		[
			"a line of ssh-keyscan",
			{
				hosts: [
					host({ ssh: { ...host().ssh, hostKey: `exch01 ${HOST_KEY}` } }),
				],
			},
			`${KEY}.ssh.hostKey: must be a whole public key`,
		],
		[
			"an address with a port",
			{ hosts: [host({ ssh: { ...host().ssh, host: "exch01:2222" } })] },
			`${KEY}.ssh.host: must be a host name or an IP address; the port`,
		],
		[
			"a user of blanks",
			{ hosts: [host({ ssh: { ...host().ssh, user: " \n" } })] },
			`${KEY}.ssh.user: must be the user to log in as`,
		],
		[
			"a name that another host's trigger has",
			{ hosts: [host(), host({ name: "EXCH01-cycle" })] },
			"hosts[1].name: must not be the name of another host followed by -cycle",
		],
	])("with %s is refused, and the error has its path", (_, config, message) => {
		expect(
			refusal({ credentials, ...config })
				.slice(1)
				.some((line) => line.trim().startsWith(message)),
		).toBe(true);
	});

	it.each<[string, Record<string, unknown>, string]>([
		[
			"none at all",
			{},
			"credentials.EXCH01: host EXCH01 needs a privateKey or a password",
		],
		[
			"for an unknown host",
			{ EXCH09: { password: SECRET }, EXCH01: { password: SECRET } },
			"credentials.EXCH09: is neither default nor the name of a host",
		],
		[
			"an unknown key",
			{ EXCH01: { passwrod: SECRET } },
			"credentials.EXCH01.passwrod: is an unknown key",
		],
		[
			"a password that is a number",
			{ EXCH01: { password: 4711 } },
			"credentials.EXCH01.password: must be a string",
		],
		[
			"half a private key",
			{ EXCH01: { privateKey: `-----BEGIN PRIVATE KEY-----${SECRET}` } },
			"credentials.EXCH01.privateKey: must be the contents of a private key file",
		],
		[
			"a pass phrase alone",
			{ EXCH01: { password: SECRET, privateKeyPassword: SECRET } },
			"credentials.EXCH01.privateKeyPassword: requires privateKey",
		],
		[
			"a text",
			SECRET as unknown as Record<string, unknown>,
			"credentials: must hold an entry for each host",
		],
	])(
		"with invalid credentials is refused, and they are not printed: %s",
		(_, wrong, message) => {
			const lines = refusal({ hosts: [host()], credentials: wrong });
			expect(lines.join("\n")).not.toContain(SECRET);
			expect(
				lines.slice(1).some((line) => line.trim().startsWith(message)),
			).toBe(true);
		},
	);

	it("is refused with all errors in one message, which names the stack", () => {
		const lines = refusal({
			hosts: [
				host({ role: "x", ssh: { ...host().ssh, port: 0 } }),
				host({ name: "" }),
			],
			verify: {},
			credentials: { EXCH01: { pass: SECRET } },
		});
		expect(lines[0]).toBe(
			"Invalid configuration for stack rehearsal (6 errors):",
		);
		expect(lines).toHaveLength(7);
	});
});
