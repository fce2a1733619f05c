/**
 * How the log-in of a host reaches the command plugin, and that it appears nowhere else.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: that the plugin checks the host key, that the
 * engine encrypts secrets, and that error messages contain no secret.
 */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { checkedKey, checkedValue } from "../../src/access/ssh-connection.ts";
import { PauseKicksDX } from "../../src/components/pause-kicks-dx.ts";
import type { Ssh } from "../../src/model/host.ts";
import {
	HOST_KEY as HOST_KEY_RULE,
	PORT,
} from "../../src/validation/fields.ts";
import {
	ECDSA_KEY,
	HOST_KEY,
	lockedKey,
	openSshKey,
} from "../unit/validation/ssh-keys.ts";
import { hostArgs, sshArgs } from "./host-args.ts";
import { COMPONENT_TYPE, find, run } from "./program.ts";
import { inClear, secretIn } from "./wire.ts";

const declare = (ssh: Ssh) =>
	run(() => void new PauseKicksDX("EXCH01", hostArgs({ ssh })));

/** A log-in by password gets one attempt, a log-in by key gets two. */
const DIAL = { dialErrorLimit: 0, perDialTimeout: 15 };
const BY_KEY = { dialErrorLimit: 1 };
const LOGIN = {
	host: "exch01.corp.example",
	port: 22,
	user: "Administrator",
	hostKey: HOST_KEY,
	password: "hunter2-of-host",
	...DIAL,
};
/** Through a proxy, a second attempt would hide why the first one failed. */
const BEHIND = { ...LOGIN, dialErrorLimit: 0 };
const KEYS = {
	privateKey: lockedKey("hunter2-phrase"),
	privateKeyPassword: "hunter2-phrase",
};
/** As the CLI stores it: without the last line feed. */
const WINDOWS_FILE = KEYS.privateKey.replaceAll("\n", "\r\n").slice(0, -1);
const PROXY = {
	host: "jump",
	port: 2222,
	user: "ops",
	hostKey: ECDSA_KEY,
	password: "hunter2-of-proxy",
};

describe("the connection", () => {
	it.each<[string, Partial<Ssh>, Record<string, unknown>]>([
		["by password, at the default port", {}, LOGIN],
		["at a port of its own", { port: 2200 }, { ...LOGIN, port: 2200 }],
		[
			"by key",
			{ password: undefined, ...KEYS },
			{ ...LOGIN, ...BY_KEY, password: undefined, ...KEYS },
		],
		["by key and password", KEYS, { ...LOGIN, ...KEYS }],
		[
			"by a key with a Windows file's ends of lines",
			{ password: undefined, ...KEYS, privateKey: WINDOWS_FILE },
			{ ...LOGIN, ...BY_KEY, password: undefined, ...KEYS },
		],
		[
			"by such a key that is known later",
			{
				password: undefined,
				privateKey: pulumi.secret(WINDOWS_FILE),
				privateKeyPassword: pulumi.secret(KEYS.privateKeyPassword),
			},
			{ ...LOGIN, ...BY_KEY, password: undefined, ...KEYS },
		],
		[
			"through a proxy by key",
			{ proxy: { ...PROXY, password: undefined, ...KEYS } },
			{
				...BEHIND,
				proxy: { ...PROXY, password: undefined, ...KEYS, ...DIAL, ...BY_KEY },
			},
		],
		[
			"through a proxy",
			{ proxy: { ...PROXY, ...KEYS } },
			{ ...BEHIND, proxy: { ...PROXY, ...KEYS, ...DIAL } },
		],
		[
			"through a proxy at the default port",
			{ proxy: { ...PROXY, port: undefined } },
			{ ...BEHIND, proxy: { ...PROXY, port: 22, ...DIAL } },
		],
		[
			"with any host key where that is wished",
			{ hostKey: undefined, insecureIgnoreHostKey: true },
			{ ...LOGIN, hostKey: undefined },
		],
		[
			"with any host key of the proxy alone",
			{ proxy: { ...PROXY, hostKey: undefined, insecureIgnoreHostKey: true } },
			{ ...BEHIND, proxy: { ...PROXY, hostKey: undefined, ...DIAL } },
		],
		[
			"with the host key where any is not wished",
			{ insecureIgnoreHostKey: false },
			LOGIN,
		],
		[
			"of values that are known later",
			{
				host: pulumi.output("exch01.corp.example"),
				password: Promise.resolve("hunter2-of-host"),
				hostKey: pulumi.secret(HOST_KEY),
			},
			LOGIN,
		],
	])(
		"%s is one secret, the same for both commands",
		async (_, changes, expected) => {
			const result = await declare(sshArgs(changes));
			// JSON drops undefined values, so the expected object has only the keys that were given.
			const plain = JSON.parse(JSON.stringify(expected));
			for (const name of ["EXCH01", "EXCH01-cycle"])
				expect(secretIn(find(result, name).inputs.connection)).toStrictEqual(
					plain,
				);
		},
	);
});

it("a key that is known only later is refused then, and its text is not printed", () => {
	const key = openSshKey({ cipher: "aes128-ctr" });
	expect(() => checkedKey(key, "hunter2-phrase")).toThrow(
		/^privateKey is in OpenSSH's format with cipher aes128-ctr(?!.*hunter2)/,
	);
});

it("a value that is known only later is refused then, with its path and without the value", () => {
	expect(() =>
		checkedValue("ssh.proxy.hostKey", "ssh-ed25519 hunter2", HOST_KEY_RULE),
	).toThrow(/^ssh\.proxy\.hostKey must(?!.*hunter2)/);
	expect(() => checkedValue("ssh.port", 99999, PORT)).toThrow(
		/^ssh\.port must(?!.*99999)/,
	);
	expect(checkedValue("ssh.port", 22, PORT)).toBe(22);
	// An output of a resource that this update leaves out.
	expect(checkedValue("ssh.port", undefined, PORT)).toBeUndefined();
});

describe("credentials", () => {
	const ssh = sshArgs({
		...KEYS,
		proxy: { ...PROXY, password: "hunter2-of-proxy" },
	});

	it("are not inputs of the component, which the state stores in clear text", async () => {
		const result = await declare(ssh);
		expect(find(result, "EXCH01", COMPONENT_TYPE).inputs).toEqual({});
	});

	it("appear nowhere in clear text", async () => {
		const result = await declare(ssh);
		const inputs = result.resources.map((resource) => resource.inputs);
		expect(JSON.stringify(inputs)).toContain("hunter2");
		expect(inClear(inputs)).not.toContain("hunter2");
		expect(JSON.stringify(result.registeredOutputs)).not.toContain("hunter2");
	});
});
