/**
 * How a host that is reached by samba is declared: on this machine, or on a gateway.
 *
 * Mocks prove the wiring alone. Not proved here: that the scripts do anything, that nobody can see the password.
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

describe("a host that is reached by samba", () => {
	it.each<[string, string, Partial<Samba>, string]>([
		["today's port", "445", {}, LOCAL_TYPE],
		["NT 4's port", "139", { legacy: true }, LOCAL_TYPE],
		["a port of its own", "4450", { port: pulumi.output(4450) }, LOCAL_TYPE],
		["a gateway", "445", { gateway: sshArgs() }, COMMAND_TYPE],
	])(
		"at %s is told where it is and how to log in before its script, all of it a secret",
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

	it("through a gateway logs in there as to any SSH server", async () => {
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
		"is refused where its %s is known later only and cannot be carried, which is not told",
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

	it("on this machine has no connection", async () => {
		for (const { inputs } of await declare())
			expect(inputs.connection).toBeUndefined();
	});
});
