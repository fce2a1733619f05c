/**
 * The program: from a stack's configuration to resources and outputs.
 *
 * Pulumi is mocked, so only the registration is tested. Not tested here: how the CLI passes the configuration and hides
 * its secrets, and how a terminal shows the outputs.
 */
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
	COMMAND_TYPE,
	COMPONENT_TYPE,
	EVIDENCE,
	find,
	KICKED_AT,
	LOCAL_TYPE,
	run,
	STACK_NAME,
	STACK_TYPE,
} from "./program.ts";
import {
	CREDENTIALS,
	configure,
	PLAIN,
	program,
	REQUESTOR,
	SERVER,
} from "./stack-config.ts";
import { inClear, secretIn, settingsIn } from "./wire.ts";

beforeEach(() => {
	vi.resetModules();
	configure({
		hosts: [REQUESTOR, SERVER, PLAIN],
		credentials: CREDENTIALS,
		verify: "build-4711",
	});
});

describe("a valid configuration", () => {
	it("registers a component for each host and nothing else", async () => {
		const { resources } = await run(program);
		expect(resources.map(({ type, name }) => [type, name])).toEqual([
			[COMPONENT_TYPE, "EXCH01"],
			[COMMAND_TYPE, "EXCH01"],
			[COMMAND_TYPE, "EXCH01-cycle"],
			[COMPONENT_TYPE, "EXCH02"],
			[COMMAND_TYPE, "EXCH02"],
			[COMMAND_TYPE, "EXCH02-cycle"],
			[COMPONENT_TYPE, "EXCH03"],
			[COMMAND_TYPE, "EXCH03"],
		]);
	});

	it("gives each host its own settings", async () => {
		const result = await run(program);
		const of = (name: string, ...variables: string[]) =>
			settingsIn(find(result, name).inputs.stdin, variables);
		expect(of("EXCH01", "registryTool", "onDestroy")).toEqual([
			"regedit",
			"restore",
		]);
		expect(of("EXCH02", "registryTool", "onDestroy")).toEqual(["auto", "keep"]);
		expect(of("EXCH01-cycle", "onUncertain", "cycleType")).toEqual([
			"retry",
			"T1",
		]);
		expect(of("EXCH02-cycle", "onUncertain", "cycleType")).toEqual([
			"fail",
			"T2",
		]);
		expect(find(result, "EXCH01-cycle").inputs.triggers).toEqual([
			"initial-import",
			"2",
		]);
		expect(find(result, "EXCH02-cycle").inputs.triggers).toEqual(["night"]);
	});

	it("passes verify to the enforcement of every host", async () => {
		const verified = async () => {
			vi.resetModules();
			const result = await run(program);
			return ["EXCH01", "EXCH02", "EXCH03"].map(
				(name) => find(result, name).inputs.create,
			);
		};
		const first = await verified();
		configure({ hosts: [REQUESTOR, SERVER, PLAIN], credentials: CREDENTIALS });
		const second = await verified();
		for (const [index, command] of first.entries())
			expect(command).not.toBe(second[index]);
	});

	it("gives each host its own log-in as a secret", async () => {
		const result = await run(program);
		const of = (name: string) => secretIn(find(result, name).inputs.connection);
		const dial = { dialErrorLimit: 0, perDialTimeout: 15 };
		const { proxy, ...login } = REQUESTOR.ssh;
		expect(of("EXCH01")).toStrictEqual({
			...login,
			...dial,
			port: 22,
			password: "hunter2-1",
			proxy: { ...proxy, ...dial, password: "hunter2-2" },
		});
		expect(of("EXCH02")).toStrictEqual({
			...SERVER.ssh,
			...dial,
			port: 22,
			password: "hunter2-3",
		});
	});

	it("has no credential in clear text in inputs or outputs", async () => {
		const { resources, registeredOutputs } = await run(program);
		const inputs = resources.map((resource) => resource.inputs);
		expect(JSON.stringify(inputs)).toContain("hunter2-1");
		expect(inClear(inputs)).not.toContain("hunter2");
		expect(JSON.stringify(registeredOutputs)).not.toContain("hunter2");
	});

	it("exports the documented outputs, none of them secret", async () => {
		const { registeredOutputs } = await run(program);
		const enforced = { value: 1, previous: "REG_DWORD 0", restarted: true };
		const kicked = { kickedAt: KICKED_AT, evidence: EVIDENCE };
		expect(registeredOutputs[`${STACK_TYPE} ${STACK_NAME}`]).toEqual({
			hosts: {
				EXCH01: {
					...enforced,
					cycle: { type: "T1", triggers: ["initial-import", "2"], ...kicked },
				},
				EXCH02: {
					...enforced,
					cycle: { type: "T2", triggers: ["night"], ...kicked },
				},
				EXCH03: enforced,
			},
			cutovers: {},
		});
	});

	it("runs cutovers that share a machine one after the other, and others in parallel", async () => {
		const office = (name: string, host: string) => ({
			...{ name, role: "server", drive: "X", directory: "C:\\MAILEXE" },
			ssh: { ...SERVER.ssh, host },
			admin: "admin",
		});
		const cutover = (name: string, exchange: string, mail: string) => ({
			...{ name, run: "1", exchange },
			postOffices: [office(`PO-${name}`, mail)],
			waits: { t1Delivered: { seconds: 1 }, t2Delivered: { seconds: 1 } },
		});
		const hosts = ["EXCH01", "EXCH02", "EXCH03", "EXCH04"].map((name) => ({
			...{ name, role: "requestor" },
			ssh: {
				...SERVER.ssh,
				...{ hostKey: undefined, insecureIgnoreHostKey: true },
				host: `${name}.corp.example`,
			},
		}));
		configure({
			hosts,
			cutovers: [
				cutover("a", "EXCH01", "mail1"),
				cutover("b", "EXCH02", "MAIL1"),
				cutover("c", "EXCH03", "mail3"),
				cutover("d", "EXCH03", "exch04.corp.example"),
			],
			credentials: { default: { password: "x", adminPassword: "x" } },
		});
		const result = await run(program);
		const names = (name: string) => {
			const { opts } = find(result, name, LOCAL_TYPE);
			return result.resources
				.filter(({ resource }) => [opts.dependsOn].flat().includes(resource))
				.map((one) => one.name);
		};
		expect(names("a")).toEqual(["EXCH01"]);
		expect(names("b")).toEqual(["EXCH02", "a"]);
		expect(names("c")).toEqual(["EXCH03"]);
		expect(names("d")).toEqual(["EXCH03", "EXCH04", "c"]);
	});

	it("may have an empty list of hosts", async () => {
		configure({ hosts: [] });
		const { resources, outputs } = await run(program);
		expect(resources).toEqual([]);
		expect(outputs).toEqual({ hosts: {}, cutovers: {} });
	});
});
