/**
 * What the constructor of `PauseKicksDX` refuses, before anything is registered.
 *
 * Mocks prove the wiring alone. Not proved here: how the engine prints such an error. What a stack's configuration may
 * hold is config.test.ts's and main.test.ts's matter.
 */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { RegistryTool } from "../../src/host.ts";
import {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "../../src/pause-kicks-dx.ts";
import { hostArgs, sshArgs } from "./host-args.ts";
import { attempt, run } from "./program.ts";

const NAME = (name: string) =>
	`must be letters, digits, ".", "_" and "-", 63 at most, got "${name}"`;
const HOST_KEY =
	"must be the server's public key, unless insecureIgnoreHostKey is true";
const without = (key: string, args = hostArgs()) =>
	({ ...args, [key]: undefined }) as unknown as PauseKicksDXArgs;

describe("the constructor", () => {
	it.each<[string, string, PauseKicksDXArgs, string, string]>([
		...["-EXCH01", "EXCH 01", "EXCH01&calc", "EXCH%1", "a".repeat(64)].map(
			(name): [string, string, PauseKicksDXArgs, string, string] => [
				`the name ${name}`,
				name,
				hostArgs(),
				"name",
				NAME(name),
			],
		),
		[
			"no way in",
			"EXCH01",
			without("ssh"),
			"ssh",
			"must say how to reach the host",
		],
		[
			"no host key",
			"EXCH01",
			hostArgs({ ssh: sshArgs({ hostKey: undefined }) }),
			"ssh.hostKey",
			HOST_KEY,
		],
		[
			"no host key, where any is not wished",
			"EXCH01",
			hostArgs({
				ssh: sshArgs({ hostKey: undefined, insecureIgnoreHostKey: false }),
			}),
			"ssh.hostKey",
			HOST_KEY,
		],
		[
			"no host key of the proxy",
			"EXCH01",
			hostArgs({
				ssh: sshArgs({ proxy: { host: "jump", user: "ops" } }),
			}),
			"ssh.proxy.hostKey",
			HOST_KEY,
		],
		[
			"no role",
			"EXCH01",
			without("role"),
			"role",
			'must be one of requestor, server, got ""',
		],
		[
			"a registry tool that would run on the host",
			"EXCH01",
			hostArgs({ registryTool: "reg&calc" as RegistryTool }),
			"registryTool",
			'must be one of auto, reg, regedit, got "reg&calc"',
		],
		[
			"a cycle without triggers",
			"EXCH01",
			hostArgs({ cycle: { triggers: [] } }),
			"cycle.triggers",
			"must hold at least one text",
		],
	])(
		"refuses %s and registers nothing",
		async (_, name, args, propertyPath, reason) => {
			const { thrown, resources } = await attempt(
				() => void new PauseKicksDX(name, args),
			);
			expect(pulumi.InputPropertyError.isInstance(thrown)).toBe(true);
			expect(thrown).toMatchObject({ propertyPath, reason, message: reason });
			expect(resources).toEqual([]);
		},
	);

	it.each<[string, string, PauseKicksDXArgs]>([
		["a name of 63", "a".repeat(63), hostArgs()],
		["a name with every kind of character", "0.A_b-9", hostArgs()],
		[
			"no host key where any is wished",
			"EXCH01",
			hostArgs({
				ssh: sshArgs({ hostKey: undefined, insecureIgnoreHostKey: true }),
			}),
		],
		["no cycle", "EXCH01", hostArgs({ cycle: undefined })],
	])("takes %s", async (_, name, args) => {
		const { resources } = await run(() => void new PauseKicksDX(name, args));
		expect(resources).toHaveLength(args.cycle ? 3 : 2);
	});
});
