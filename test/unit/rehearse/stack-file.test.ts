import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import {
	machinesOf,
	partOf,
	readStackFile,
} from "../../rehearse/stack-file.ts";

const STACKS = join(import.meta.dirname, "../../../stacks");
const read = (stack: string) =>
	readStackFile(join(STACKS, `Pulumi.${stack}.yaml`), stack);

describe("the stack file of a rehearsal", () => {
	it.each([
		["rehearsal", 2],
		// The jump host counts once.
		["production", 4],
	])("%s needs %i machines", async (stack, count) => {
		expect(machinesOf(await read(stack))).toHaveLength(count);
	});

	it("contains no credential, also if the file has some", async () => {
		const dir = await mkdtemp(join(tmpdir(), "dirsync-rehearse-"));
		const file = join(dir, "Pulumi.x.yaml");
		const declared = await read("rehearsal");
		await writeFile(
			file,
			stringify({
				encryptionsalt: "v1:abc",
				config: {
					"exchange-dirsync:hosts": declared.hosts,
					"exchange-dirsync:credentials": {
						EXCH01: { password: { secure: "v1:SECRET" } },
					},
				},
			}),
		);
		const own = await readStackFile(file, "x");
		expect(JSON.stringify(own)).not.toContain("SECRET");
		expect(own.hosts).toEqual(declared.hosts);
		await rm(dir, { recursive: true });
	});

	it("has every mistake reported as in an update", async () => {
		const dir = await mkdtemp(join(tmpdir(), "dirsync-rehearse-"));
		const file = join(dir, "Pulumi.x.yaml");
		await writeFile(
			file,
			stringify({
				config: {
					"exchange-dirsync:hosts": [{ name: "A", role: "none" }, null],
					"exchange-dirsync:cutover": [],
				},
			}),
		);
		await expect(readStackFile(file, "x")).rejects.toThrow(
			/cutover: is an unknown key[\s\S]*hosts\[0\]\.role: must be one of requestor, server/,
		);
		await rm(dir, { recursive: true });
	});

	it("must exist", async () => {
		await expect(read("none")).rejects.toThrow(
			/stack "none" has no stack file, got none at .*Pulumi\.none\.yaml/,
		);
	});
});

describe("a part of a stack", () => {
	it("has the named hosts, and the cutovers of which it has post offices", async () => {
		const part = partOf(await read("production"), ["EXCH02", "PO-QUAY"]);
		expect(part.hosts.map(({ name }) => name)).toEqual(["EXCH02"]);
		expect(part.cutovers[0]?.postOffices.map(({ name }) => name)).toEqual([
			"PO-QUAY",
		]);
		expect(machinesOf(part)).toHaveLength(3);
		const alone = partOf(await read("production"), ["EXCH02"]);
		expect(alone.cutovers).toEqual([]);
	});

	it("is refused if a name is unknown or a cutover lacks what it needs", async () => {
		const rehearsal = await read("rehearsal");
		expect(() => partOf(rehearsal, ["EXCH09"])).toThrow(
			/names what the stack does not have, got "EXCH09"; it has EXCH01, PO-HARBOR, PO-PIER/,
		);
		expect(() => partOf(rehearsal, ["PO-PIER"])).toThrow(
			/--hosts leaves out what cutover harbor needs, got no EXCH01 and no dirsync server/,
		);
	});
});
