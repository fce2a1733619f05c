import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

/** The folders of `src` from which each folder may import, in addition to itself. "." is `src`. Types count too. */
const MAY_IMPORT: Record<string, readonly string[]> = {
	model: [],
	protocol: ["model"],
	validation: ["model"],
	scripts: ["protocol", "model"],
	access: ["scripts", "protocol", "validation", "model"],
	components: ["access", "scripts", "protocol", "validation", "model"],
	config: ["components", "validation", "model"],
	cli: ["config", "access", "scripts", "protocol", "validation", "model"],
	provider: ["components", "config", "model"],
	".": ["components", "config", "protocol", "validation", "model"],
};

const SRC = join(import.meta.dirname, "../../src");

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
	(file) => file.endsWith(".ts"),
);

const folderOf = (file: string) => file.split("/").slice(0, -1)[0] ?? ".";

/** The files of `src` that a file imports. */
function importsOf(file: string): string[] {
	const text = readFileSync(join(SRC, file), "utf8");
	return ts
		.preProcessFile(text)
		.importedFiles.map(({ fileName }) => fileName)
		.filter((name) => name.startsWith("."))
		.map((name) => `${relative(SRC, join(SRC, dirname(file), name))}.ts`);
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

it("every import between files of src leads to an existing file", () => {
	expect(files.length).toBeGreaterThan(50);
	for (const [file, imported] of imports)
		for (const one of imported) expect(files, file).toContain(one);
});

it("a folder imports only from the folders that it may import from", () => {
	const strange = [...imports].flatMap(([file, imported]) =>
		imported
			.filter((one) => folderOf(one) !== folderOf(file))
			.filter((one) => !MAY_IMPORT[folderOf(file)]?.includes(folderOf(one)))
			.map((one) => `${file} -> ${one}`),
	);
	expect(strange).toEqual([]);
});

it("no file imports itself through other files", () => {
	const reached = (from: string, seen = new Set<string>()): Set<string> => {
		for (const next of imports.get(from) ?? [])
			if (!seen.has(next)) {
				seen.add(next);
				reached(next, seen);
			}
		return seen;
	};
	expect(files.filter((file) => reached(file).has(file))).toEqual([]);
});

it("scripts and protocol do not depend on Pulumi", () => {
	const withPulumi = files.filter((file) =>
		/from "@pulumi\//.test(readFileSync(join(SRC, file), "utf8")),
	);
	expect(
		withPulumi.filter((file) => /^(scripts|protocol)\//.test(file)),
	).toEqual([]);
});
