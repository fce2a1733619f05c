/**
 * What the constructor of `PauseKicksDX` refuses before it registers a resource: the same errors as in a stack file, if
 * they concern plain values of one host.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: how the engine prints such an error.
 */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "../../src/components/pause-kicks-dx.ts";
import { BAD_STACKS, type BadStack } from "../unit/config/bad-stacks.ts";
import { openSshKey } from "../unit/validation/ssh-keys.ts";
import { hostArgs, sshArgs } from "./host-args.ts";
import { attempt, run } from "./program.ts";

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Errors that only a stack file can have: in several hosts, in entries by name, or in the place of a secret. */
const OF_FILES =
	/must be unique|is called|followed by -cycle|is neither|goes through no |must not be default|secrets belong|is none$|the same address and port|the same hostKey|hosts\[0\], |Q142841/;

/** Translates an error of one host to the paths of a program, in which the log-in includes the credentials. */
function translated(index: number, host: unknown) {
	const { name, samba } = isObject(host) ? host : {};
	const access = samba === undefined ? "ssh" : "samba";
	const prefix = `hosts[${index}].`;
	const login = `credentials.${name}`;
	return ([at, says]: [string, string]): [string, string][] => {
		if (OF_FILES.test(says)) return [];
		if (at.startsWith(prefix)) return [[at.slice(prefix.length), says]];
		if (at !== login && !at.startsWith(`${login}.`)) return [];
		const path = `${access}${at.slice(login.length)}`;
		if (says.includes("is missing: host")) return [[path, "must be a string"]];
		if (says.includes("a password only")) return [[path, "is an unknown key"]];
		const needs = says.includes("which needs") || says.includes(" needs a p");
		const own = needs && !at.endsWith("Password");
		return [[path, own ? "needs a privateKey or a password" : says]];
	};
}

/** The log-in of an SSH server and of its proxy, with their credentials. */
function withCredentials(ssh: Json, entry: Json): Json | undefined {
	const { proxy = {}, ...login } = entry;
	if (!isObject(proxy)) return undefined;
	const through = isObject(ssh.proxy) && { proxy: { ...ssh.proxy, ...proxy } };
	return { ...ssh, ...login, ...through };
}

/** Returns a host of a stack as a program would declare it. Undefined if no program can. */
function argsOf(host: unknown, credentials: unknown): Json | undefined {
	if (!isObject(host)) return undefined;
	const { name, ...args } = host;
	const entries = isObject(credentials) ? credentials : {};
	const own = Object.hasOwn(entries, String(name)) ? String(name) : "default";
	const { [own]: entry = {} } = entries;
	if (!isObject(entry)) return undefined;
	const { ssh, samba } = args;
	if (isObject(ssh)) {
		const { gateway: _, ...login } = entry;
		const whole = withCredentials(ssh, login);
		if (!whole) return undefined;
		args.ssh = whole;
	}
	if (isObject(samba)) {
		const { gateway = {}, proxy: _, ...login } = entry;
		if (!isObject(gateway)) return undefined;
		const through = isObject(samba.gateway) && {
			gateway: withCredentials(samba.gateway, gateway),
		};
		args.samba = { ...samba, ...login, ...through };
	}
	return args;
}

/** The table of invalid stacks, with a row for each host. */
const REFUSED = BAD_STACKS.flatMap(({ what, config, mistakes }: BadStack) => {
	if (typeof config === "string" || !Array.isArray(config.hosts)) return [];
	return config.hosts.flatMap((host: unknown, index) => {
		const args = argsOf(host, config.credentials);
		const name = isObject(host) ? host.name : undefined;
		const told = mistakes.flatMap(translated(index, host));
		return args && told.length > 0
			? [[`${what}, ${index}`, name as string, args, told] as const]
			: [];
	});
});

/** Returns the error of the constructor. */
async function refusal(name: string, args: unknown) {
	const { thrown, resources } = await attempt(
		() => void new PauseKicksDX(name, args as PauseKicksDXArgs),
	);
	expect(pulumi.InputPropertiesError.isInstance(thrown)).toBe(true);
	expect(resources).toEqual([]);
	return thrown as pulumi.InputPropertiesError;
}

describe("the constructor", () => {
	it("is tested with most of the table of invalid stacks", () => {
		expect(REFUSED.length).toBeGreaterThan(90);
	});

	it.each(REFUSED)(
		"refuses %s and registers nothing",
		async (_, name, args, told) => {
			const { message, errors, stack } = await refusal(name, args);
			const paths = errors?.map(({ propertyPath }) => propertyPath);
			expect(paths?.sort()).toEqual(told.map(([at]) => at).sort());
			for (const [at, says] of told)
				expect(
					errors?.some(
						({ propertyPath, reason }) =>
							propertyPath === at && reason.includes(says),
					),
					`${at}: ${says}, got ${message}`,
				).toBe(true);
			for (const { propertyPath, reason } of errors ?? [])
				expect(message).toContain(`  ${propertyPath}: ${reason}`);
			expect(message).not.toContain("hunter");
			// With a stack trace, the language host would print the complete module tree.
			expect(stack).toBeUndefined();
		},
	);

	it("names the host and all its errors in one message", async () => {
		const args = hostArgs({
			ssh: sshArgs({ port: 0, password: undefined }),
			cycle: { triggers: ["a\nb"] },
		});
		const { message } = await refusal("EXCH01", args);
		expect(message.split("\n")).toEqual([
			"Invalid PauseKicksDX EXCH01 (3 errors):",
			"  ssh.port: must be from 1 to 65535",
			"  ssh: needs a privateKey or a password",
			"  cycle.triggers[0]: must be a string in one line, not empty, without control characters",
		]);
	});

	it.each<[string, unknown]>([
		["no arguments", undefined],
		["null", null],
	])("refuses %s", async (_, args) => {
		const { message } = await refusal("EXCH01", args);
		expect(message).toContain("must hold role, and ssh or samba");
	});

	it.each<[string, string, PauseKicksDXArgs]>([
		["a name of 63", "a".repeat(63), hostArgs()],
		["a name with every kind of character", "0.A_b-9", hostArgs()],
		["a name that stack files keep for credentials", "default", hostArgs()],
		[
			"no host key where any is wished",
			"EXCH01",
			hostArgs({
				ssh: sshArgs({ hostKey: undefined, insecureIgnoreHostKey: true }),
			}),
		],
		["no cycle", "EXCH01", hostArgs({ cycle: undefined })],
		[
			"values that are known later",
			"EXCH01",
			hostArgs({
				verify: pulumi.output("x"),
				ssh: sshArgs({
					host: Promise.resolve("exch01"),
					port: pulumi.output(22),
					password: undefined,
					privateKey: pulumi.secret(openSshKey()),
				}),
			}),
		],
		[
			"unknown keys that hold nothing",
			"EXCH01",
			{ ...hostArgs(), comment: undefined } as PauseKicksDXArgs,
		],
	])("accepts %s", async (_, name, args) => {
		const { resources } = await run(() => void new PauseKicksDX(name, args));
		expect(resources).toHaveLength(args.cycle ? 3 : 2);
	});
});
