/**
 * The program: from a stack's configuration to resources and outputs.
 *
 * Mocks prove the wiring alone. Not proved here: how the CLI hands the configuration over and hides what is secret in
 * it, or how the outputs look on a terminal.
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

describe("a good configuration", () => {
	it("becomes a component for each host and nothing else", async () => {
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
		const of = (name: string, variables: string) =>
			settingsIn(find(result, name).inputs.stdin, variables);
		expect(of("EXCH01", "TD")).toEqual(["regedit", "restore"]);
		expect(of("EXCH02", "TD")).toEqual(["auto", "keep"]);
		expect(of("EXCH01-cycle", "UP")).toEqual(["retry", "T1"]);
		expect(of("EXCH02-cycle", "UP")).toEqual(["fail", "T2"]);
		expect(find(result, "EXCH01-cycle").inputs.triggers).toEqual([
			"initial-import",
			"2",
		]);
		expect(find(result, "EXCH02-cycle").inputs.triggers).toEqual(["night"]);
	});

	it("gives verify to every host's enforcement", async () => {
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

	it("gives each host its own log-in, in secret", async () => {
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

	it("shows no credential in clear, neither in inputs nor in outputs", async () => {
		const { resources, registeredOutputs } = await run(program);
		const inputs = resources.map((resource) => resource.inputs);
		expect(JSON.stringify(inputs)).toContain("hunter2-1");
		expect(inClear(inputs)).not.toContain("hunter2");
		expect(JSON.stringify(registeredOutputs)).not.toContain("hunter2");
	});

	it("yields the outputs of the contract, none of them secret", async () => {
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

	it("lets cutovers that share a machine follow each other, and others go side by side", async () => {
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

	it("may list no hosts", async () => {
		configure({ hosts: [] });
		const { resources, outputs } = await run(program);
		expect(resources).toEqual([]);
		expect(outputs).toEqual({ hosts: {}, cutovers: {} });
	});
});
