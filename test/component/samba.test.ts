/**
 * The resources of a host with the transport samba, run on this machine or on a gateway.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: what the scripts do, and that no other user
 * can read the password.
 */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { checkedLogin } from "../../src/access/access.ts";
import { PauseKicksDX } from "../../src/components/pause-kicks-dx.ts";
import type { Samba } from "../../src/model/host.ts";
import { HOST_KEY } from "../unit/validation/ssh-keys.ts";
import { hostArgs, sshArgs } from "./host-args.ts";
import { COMMAND_TYPE, LOCAL_TYPE, run } from "./program.ts";
import { inClear, secretIn } from "./wire.ts";

const SAMBA: Samba = {
	host: "10.0.0.9",
	user: "SITE\\Administrator",
	password: "hunter2-of-host",
};

const declare = async (changes: Partial<Samba> = {}) => {
	const samba = { ...SAMBA, ...changes };
	const args = hostArgs({ ssh: undefined, samba });
	const { resources } = await run(() => void new PauseKicksDX("NT02", args));
	return resources.slice(1);
};

describe("a host with the transport samba", () => {
	it.each<[string, string, Partial<Samba>, string]>([
		["today's port", "445", {}, LOCAL_TYPE],
		["NT 4's port", "139", { legacy: true }, LOCAL_TYPE],
		["a port of its own", "4450", { port: pulumi.output(4450) }, LOCAL_TYPE],
		["a gateway", "445", { gateway: sshArgs() }, COMMAND_TYPE],
	])(
		"at %s gets address and log-in on stdin before the script, all as one secret",
		async (_, port, changes, type) => {
			const commands = await declare(changes);
			expect(commands.map((one) => [one.type, one.name])).toEqual([
				[type, "NT02"],
				[type, "NT02-cycle"],
			]);
			for (const { inputs } of commands) {
				const text = String(secretIn(inputs.stdin));
				expect(text.split("\n").slice(0, 4)).toEqual([
					"username = SITE\\Administrator",
					"password = hunter2-of-host",
					"10.0.0.9",
					port,
				]);
				expect(inClear(inputs)).not.toContain("hunter2");
				expect(inputs.environment).toBeUndefined();
			}
		},
	);

	it("with a gateway has the SSH log-in of the gateway", async () => {
		for (const { inputs } of await declare({ gateway: sshArgs() }))
			expect(secretIn(inputs.connection)).toMatchObject({
				host: "exch01.corp.example",
				hostKey: HOST_KEY,
				dialErrorLimit: 0,
			});
	});

	it.each([
		["host", "10.0.0.9\n"],
		["port", 0],
		["user", "Administrator\n"],
		["password", "hunter2\n-of-host"],
	])(
		"is refused if its %s is known only later and is invalid; the value is not printed",
		(key, value) => {
			const login = {
				...{ host: "10.0.0.9", port: 445, user: "u", password: "p" },
				[key]: value,
			};
			expect(() => checkedLogin(login)).toThrow(
				new RegExp(`^samba\\.${key} must(?!.*hunter2)`),
			);
		},
	);

	it("without a gateway has no SSH connection", async () => {
		for (const { inputs } of await declare())
			expect(inputs.connection).toBeUndefined();
	});
});
