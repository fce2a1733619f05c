import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
	assertFits,
	MOST_MACHINES,
	readOptions,
	selectPart,
} from "../../rehearse/options.ts";
import {
	type Declared,
	machinesOf,
	readStackFile,
} from "../../rehearse/stack-file.ts";

describe("the options", () => {
	it.each([
		[["--fast"], /^rehearse: Unknown option '--fast'; npm run .*--help prints/],
		[["production"], /^rehearse: Unexpected argument 'production'/],
		[["--stack"], /^rehearse: Option '-s, --stack <value>' argument missing;/],
		[["--stack", "x", "--play"], /^rehearse: --play needs --break, got none/],
	])("%j are refused", (args, message) => {
		expect(() => readOptions(args)).toThrow(message);
	});

	it("may name several accidents", () => {
		const args = ["-s", "x", "--break", "a:b", "--break", "c:d", "--play"];
		expect(readOptions(args)).toMatchObject({
			...{ stack: "x", break: ["a:b", "c:d"], play: true, list: false },
		});
	});
});

describe("a stack that is too large", async () => {
	const file = join(
		import.meta.dirname,
		"../../../stacks/Pulumi.production.yaml",
	);
	const small = await readStackFile(file, "production");
	const [host] = small.hosts;
	const [cutover] = small.cutovers;
	const [office] = cutover?.postOffices ?? [];
	if (!host || !cutover || !office) throw new Error("another example");
	const hostNamed = (name: string) => ({
		...host,
		...{ name, ssh: { host: name, user: "x" } },
	});
	const officesNamed = (...names: string[]) =>
		names.map((name) => ({
			...office,
			...{ name, ssh: { host: name, user: "x" } },
		}));
	const letters = "ABCDEFGHIJ".split("");

	/** The stack that the message proposes to begin with. */
	function proposed(declared: Declared): Declared {
		let names = "";
		try {
			assertFits(declared, "big");
		} catch (error) {
			[, names = ""] =
				/npm run rehearse -- --stack big --hosts (.*)$/.exec(
					(error as Error).message,
				) ?? [];
		}
		return selectPart(declared, names);
	}

	it("is refused with a first part that fits: hosts with their post offices", () => {
		const declared = {
			hosts: [hostNamed("E1"), hostNamed("E2"), hostNamed("E3")],
			cutovers: ["E1", "E2"].map((exchange) => ({
				...{ ...cutover, name: `of-${exchange}`, exchange },
				postOffices: officesNamed(
					...letters.slice(0, 4).map((letter) => `${exchange}-${letter}`),
				),
			})),
		};
		expect(machinesOf(declared)).toHaveLength(11);
		expect(() => assertFits(declared, "big")).toThrow(
			/^rehearse: at most 8 machines fit in one rehearsal, got 11 in stack big;/,
		);
		const part = proposed(declared);
		expect(part.hosts.map(({ name }) => name)).toEqual(["E1", "E3"]);
		expect(part.cutovers[0]?.postOffices).toHaveLength(4);
	});

	it("can be one cutover: its dirsync server is in the first part", () => {
		const offices = officesNamed(...letters);
		const declared: Declared = {
			hosts: [{ ...hostNamed("E1"), role: "requestor" }],
			cutovers: [
				{
					...{ ...cutover, exchange: "E1" },
					postOffices: [
						...offices.slice(1),
						{ ...offices[0], role: "server" } as typeof office,
					],
				},
			],
		};
		const part = proposed(declared);
		expect(machinesOf(part)).toHaveLength(MOST_MACHINES);
		expect(
			part.cutovers[0]?.postOffices.some(({ role }) => role === "server"),
		).toBe(true);
		expect(() => assertFits(part, "big")).not.toThrow();
	});
});
