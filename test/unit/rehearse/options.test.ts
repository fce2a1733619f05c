import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
	readOptions,
	selectPart,
	splitIntoParts,
} from "../../rehearse/options.ts";
import {
	type CutoverEntry,
	type Declared,
	machinesOf,
	readStackFile,
} from "../../rehearse/stack-file.ts";

describe("the options", () => {
	it.each([
		[["--fast"], /^rehearse: Unknown option '--fast'; .*--help prints/],
		[
			["production"],
			/^rehearse: Unexpected argument 'production'.*; write the options after --,/,
		],
		[["--stack"], /^rehearse: Option '-s, --stack <value>' argument missing;/],
		[["--stack", "-x"], /^rehearse: Option '--stack' argument is ambiguous;/],
		[[], /^rehearse: --stack is missing, got none; write npm run rehearse --/],
		[["--hosts", "EXCH01"], /^rehearse: --stack is missing/],
		[["--stack="], /^rehearse: --stack is missing/],
		[["--stack", "x", "--play"], /^rehearse: --play needs --break, got none/],
		[["--resume", "--play"], /^rehearse: --resume takes no other option/],
		[["-s", "x", "--list", "--break", "a:b"], /^rehearse: --list takes only/],
	])("%j are refused", (args, message) => {
		expect(() => readOptions(args)).toThrow(message);
	});

	it("may name several accidents", () => {
		const args = ["-s", "x", "--break", "a:b", "--break", "c:d", "--play"];
		expect(readOptions(args)).toMatchObject({
			...{ stack: "x", break: ["a:b", "c:d"], play: true, list: false },
		});
	});

	it.each([
		["--help"],
		["--resume"],
		["--list", "--stack", "x", "--hosts", "EXCH01"],
	])("%s is complete", (...args) => {
		expect(() => readOptions(args)).not.toThrow();
	});
});

describe("a stack", async () => {
	const file = join(
		import.meta.dirname,
		"../../../stacks/Pulumi.production.yaml",
	);
	const small = await readStackFile(file, "production");
	const [host] = small.hosts;
	const [cutover] = small.cutovers;
	const [office] = cutover?.postOffices ?? [];
	if (!host || !cutover || !office) throw new Error("another example");
	const hostNamed = (name: string, role = host.role) => ({
		...host,
		...{ name, role, ssh: { host: name, user: "x" } },
	});
	const officeNamed = (name: string, role = office.role) => ({
		...office,
		...{ name, role, ssh: { host: name, user: "x" } },
	});
	const of = (exchange: string, postOffices: CutoverEntry["postOffices"]) => ({
		...{ ...cutover, name: `of-${exchange}`, exchange, postOffices },
	});
	const letters = "ABCDEFGHIJ".split("");
	const namesOf = ({ hosts, cutovers }: Declared) => [
		...hosts.map(({ name }) => name),
		...cutovers.flatMap(({ postOffices }) => postOffices.map((o) => o.name)),
	];
	const split = (declared: Declared) => {
		const parts = splitIntoParts(declared);
		for (const part of parts)
			expect(machinesOf(part).length).toBeLessThanOrEqual(8);
		return parts.map(namesOf);
	};

	it("that fits is one part", () => {
		expect(splitIntoParts(small)).toEqual([small]);
		const empty = { hosts: [], cutovers: [] };
		expect(splitIntoParts(empty)).toEqual([empty]);
	});

	it("that is too large is split into hosts with their post offices", () => {
		const declared = {
			hosts: ["E1", "E2", "E3"].map((name) => hostNamed(name)),
			cutovers: ["E1", "E2"].map((name) =>
				of(
					name,
					letters.slice(0, 4).map((letter) => officeNamed(`${name}${letter}`)),
				),
			),
		};
		expect(machinesOf(declared)).toHaveLength(11);
		expect(split(declared)).toEqual([
			["E1", "E1A", "E1B", "E1C", "E1D"],
			["E2", "E3", "E2A", "E2B", "E2C", "E2D"],
		]);
	});

	it("keeps hosts that share a post office together, and the dirsync server in each part of a cutover that is too large", () => {
		const server = officeNamed("S", "server");
		const requestors = letters.map((letter) => officeNamed(letter));
		const declared = {
			hosts: [
				hostNamed("E1", "requestor"),
				hostNamed("E0"),
				hostNamed("E2", "requestor"),
			],
			cutovers: [of("E1", [...requestors, server]), of("E2", [server])],
		};
		const parts = split(declared);
		expect(parts).toEqual([
			["E0"],
			["E1", "E2", "A", "B", "C", "D", "E", "S", "S"],
			["E1", "E2", "F", "G", "H", "I", "J", "S", "S"],
		]);
	});

	it("can be restricted to names, with a comma too many", () => {
		const part = selectPart(small, " EXCH02, PO-QUAY,");
		expect(namesOf(part)).toEqual(["EXCH02", "PO-QUAY"]);
		expect(() => selectPart(small, "EXCH02,PO-PEAR")).toThrow(
			/names what the stack does not have, got "PO-PEAR"; it has EXCH02, PO-QUAY/,
		);
		expect(() => selectPart(small, "PO-QUAY")).toThrow(
			/--hosts leaves out what cutover quay needs, got no EXCH02; name that too/,
		);
		expect(() => selectPart(small, ",")).toThrow(/--hosts names nothing/);
	});
});
