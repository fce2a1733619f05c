/**
 * How the program refuses an invalid configuration. test/unit/config/ tests each error.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: how the language host prints the error, and
 * when.
 */
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { attempt } from "./program.ts";
import {
	CREDENTIALS,
	configure,
	program,
	REQUESTOR,
	SERVER,
} from "./stack-config.ts";

beforeEach(() => {
	vi.resetModules();
});

describe("an invalid configuration", () => {
	it("is refused with every error, without a stack trace, and no resource is registered", async () => {
		configure({
			hosts: [
				REQUESTOR,
				{ ...SERVER, role: "client", cycle: { triggers: [] } },
			],
			cutovers: ["harbor"],
			credentials: {
				...CREDENTIALS,
				EXCH01: { ...CREDENTIALS.EXCH01, password: 4711, secret: "hunter2" },
			},
		});
		const { thrown, resources, outputs } = await attempt(program);
		expect(pulumi.RunError.isInstance(thrown)).toBe(true);
		const { message, stack } = thrown as Error;
		expect(message.split("\n")).toEqual([
			"Invalid configuration for stack rehearsal (5 errors):",
			"  hosts[1].role: must be one of requestor, server",
			"  hosts[1].cycle.triggers: must contain at least one string",
			"  cutovers[0]: must be a cutover: name, run, exchange, postOffices and waits",
			"  credentials.EXCH01.password: must be a string: put digits in quotes",
			"  credentials.EXCH01.secret: is an unknown key",
		]);
		expect(message).not.toContain("hunter2");
		expect(stack).toBeUndefined();
		expect(resources).toEqual([]);
		expect(outputs).toBeUndefined();
	});

	it("of one host prevents the registration of the other hosts", async () => {
		configure({
			hosts: [REQUESTOR, SERVER],
			credentials: { EXCH02: CREDENTIALS.default },
		});
		const { thrown, resources } = await attempt(program);
		expect((thrown as Error).message).toContain(
			"credentials.EXCH01: host EXCH01",
		);
		expect(resources).toEqual([]);
	});

	it("includes a cutover without checkpoints, but not a stack without a cutover", async () => {
		vi.stubEnv("PULUMI_SKIP_CHECKPOINTS", "true");
		const office = { ...SERVER, name: "PO-A", drive: "X", admin: "admin" };
		const { onDestroy: _, cycle: __, ...postOffice } = office;
		const stack = {
			hosts: [REQUESTOR],
			credentials: {
				...CREDENTIALS,
				default: { password: "hunter2-3", adminPassword: "hunter2-4" },
			},
		};
		const cutover = {
			...{ name: "harbor", run: "1", exchange: "EXCH01" },
			postOffices: [{ ...postOffice, directory: "C:\\MAILEXE" }],
			waits: { t1Delivered: { seconds: 1 }, t2Delivered: { seconds: 1 } },
		};
		configure({ ...stack, cutovers: [cutover] });
		const refused = await attempt(program);
		vi.resetModules();
		configure(stack);
		const done = await attempt(program);
		vi.unstubAllEnvs();
		expect((refused.thrown as Error).message).toMatch(
			/^A cutover needs Pulumi's checkpoints: .* Unset PULUMI_SKIP_CHECKPOINTS/,
		);
		expect(refused.resources).toEqual([]);
		expect(done.thrown).toBeUndefined();
		expect(done.resources.length).toBeGreaterThan(0);
	});

	it("is refused if it is empty", async () => {
		configure({});
		const { thrown, resources } = await attempt(program);
		expect((thrown as Error).message).toContain(
			"hosts: must be a list of hosts",
		);
		expect(resources).toEqual([]);
	});
});
