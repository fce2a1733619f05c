import { expect, test } from "vitest";
import { versionAtLeast } from "../../toolchain/programs.ts";
import type { Declared } from "../bench.ts";
import { local, useContract } from "../contract.ts";

const contract = useContract();

test("the state contains all inputs and outputs; connection and its keys are secret, the output is not", async () => {
	const stack = await contract.bench.stack();
	const { privateKey, port, hostKey, user } = contract.connection;
	const triggers = ["x", { y: [1, true] }];
	await stack.up([
		contract.remote("a", {
			create: "cat; echo err >&2",
			delete: "true",
			stdin: { secret: "hidden" },
			environment: { GIVEN: { secret: "veiled" } },
			logging: "none",
			triggers,
			connection: {
				privateKey: { secret: privateKey },
				password: "p",
				proxy: contract.connection,
			},
		}),
	]);
	const stored = stack.stateText();
	for (const each of ["OPENSSH PRIVATE KEY", "veiled"])
		expect(stored).not.toContain(each);

	const server = {
		host: "127.0.0.1",
		user,
		hostKey,
		dialErrorLimit: 0,
		perDialTimeout: 15,
		port,
		privateKey: { secret: privateKey },
	};
	const inputs = {
		create: "cat; echo err >&2",
		delete: "true",
		stdin: { secret: "hidden" },
		environment: { GIVEN: { secret: "veiled" } },
		logging: "none",
		triggers,
		connection: {
			secret: { ...server, password: { secret: "p" }, proxy: server },
		},
	};
	const { a } = await stack.openState();
	expect(a?.id).toMatch(/^a[0-9a-f]{8}$/);
	expect(a?.inputs).toEqual(inputs);
	expect(a?.outputs).toEqual({
		...inputs,
		stdout: "hidden",
		stderr: "err",
	});
});

test("outputs that are declared secret stay secret after an update", async () => {
	const stack = await contract.bench.stack();
	const opts = { additionalSecretOutputs: ["stdout"] };
	const declare = (stdin: string) =>
		local(
			"a",
			{ create: "cat; printf '%s' $PULUMI_COMMAND_STDOUT", stdin },
			opts,
		);
	await stack.up([declare("one")]);
	await stack.up([declare("two")]);
	const { a } = await stack.openState();
	expect(a?.outputs).toMatchObject({
		stdout: { secret: "twoone" },
		stderr: "",
	});
});

test("a connection declared without the SDK also gets its defaults and secret marks", async () => {
	const stack = await contract.bench.stack();
	const { host } = contract.connection;
	const connection = { host, privateKey: "k", proxy: { host, password: "p" } };
	await stack.up([
		{ kind: "command:remote:Command", name: "a", args: { connection } },
	]);
	const defaults = {
		host,
		user: "root",
		port: 22,
		dialErrorLimit: 10,
		perDialTimeout: 15,
	};
	const { a } = await stack.openState();
	expect(a?.inputs).toEqual({
		connection: {
			secret: {
				...defaults,
				privateKey: { secret: "k" },
				proxy: { ...defaults, password: { secret: "p" } },
			},
		},
	});
});

/** The error text of a preview of an invalid resource. */
async function complaints(resource: Declared): Promise<string> {
	const stack = await contract.bench.stack();
	const run = await stack.preview([resource], { fails: true });
	return run.error(resource.name);
}

test("unknown and missing connection keys are refused by name, and the engine masks the connection", async () => {
	const proxy = { ...contract.connection, bogus: 1 };
	const text = await complaints(
		contract.remote("a", {
			connection: { host: undefined, bogus: 1, proxy },
		}),
	);
	expect(text).toContain(
		[
			"An error occurred decoding 'CommandInputs.connection': 3 failures decoding:",
			"\tproxy: An error occurred decoding 'Connection.proxy': 1 failures decoding:",
			"\tbogus: Unrecognized field 'bogus' on 'remote.ProxyConnection'",
			"\thost: Missing required field 'host' on 'remote.Connection'",
			"\tbogus: Unrecognized field 'bogus' on 'remote.Connection'",
		].join("\n"),
	);
	// CLI 3.210.0 printed the private key, so code that builds a connection from user input must omit unknown keys.
	if (versionAtLeast(contract.bench.toolchain.version, "3.276.0"))
		expect(text).not.toContain("OPENSSH PRIVATE KEY");
});

test("all inputs of a wrong type are refused by name at once", async () => {
	const text = await complaints(
		contract.remote("a", {
			create: 5,
			stdin: ["a"],
			triggers: "x",
			logging: 5,
			addPreviousOutputInEnv: "no",
			connection: { port: "x", perDialTimeout: "x" },
		}),
	);
	const wrong = (field: string, wanted: string, got: string, on: string) =>
		`Field '${field}' on '${on}' must be a '${wanted}'; got '${got}' instead`;
	const command = "remote.CommandInputs";
	const connection = "remote.Connection";
	for (const complaint of [
		wrong("create", "string", "float64", command),
		wrong("stdin", "string", "[]interface {}", command),
		wrong("triggers", "[]interface {}", "string", command),
		wrong("logging", "remote.Logging", "float64", command),
		wrong("addPreviousOutputInEnv", "bool", "string", command),
		wrong("port", "float64", "string", connection),
		wrong("perDialTimeout", "int", "string", connection),
	])
		expect(text).toContain(complaint);
});

test("an unknown input is refused", async () => {
	const bogus = { kind: "command:local:Command", name: "a" } as const;
	expect(await complaints({ ...bogus, args: { bogus: 1 } })).toContain(
		"Unrecognized field 'bogus' on 'local.CommandInputs'",
	);
});
