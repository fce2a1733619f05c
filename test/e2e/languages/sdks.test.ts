// @module-tag full
import {
	cp,
	mkdtemp,
	readdir,
	readFile,
	rm,
	symlink,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateSdks, ROOT } from "./language.ts";

// The SDKs that Pulumi generates from schema.json, compiled as far as their compilers are here, and the examples of
// these languages with them. The SDK for .NET is generated only, and the generator for Java cannot be had as a module.
const EXAMPLES = ["one-host", "fleet", "cutover"];
const MODULE = "github.com/exchange-dirsync/exchange-dirsync/sdk/go";

let dir: string;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-sdks-"));
	await generateSdks(dir, "dotnet", "go", "nodejs", "python");
}, 900_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

const textOf = async (language: string) => {
	const root = join(dir, language);
	const entries = await readdir(root, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile());
	const texts = files.map(({ parentPath, name }) =>
		readFile(join(parentPath, name), "utf8"),
	);
	return (await Promise.all(texts)).join("\n");
};

const go = (cwd: string, ...args: string[]) =>
	execa("go", args, {
		cwd,
		all: true,
		reject: false,
		env: { GOFLAGS: "-mod=mod", GOWORK: "off", CGO_ENABLED: "0" },
	});

const tsc = (cwd: string, ...args: string[]) =>
	execa(join(ROOT, "node_modules/.bin/tsc"), args, {
		...{ cwd, all: true, reject: false },
	});

/** What the SDK of each language contains, as docs/languages.md lists it. */
const NAMES: Record<string, string[]> = {
	dotnet: [
		"class PauseKicksDX ",
		"class SshArgs ",
		"HostKey",
		"Role Requestor",
	],
	go: ["type PauseKicksDX struct", "type SshArgs struct", "RoleRequestor "],
	nodejs: ["class PauseKicksDX ", "interface SshArgs ", "Requestor: "],
	python: ["class PauseKicksDX(", "class SshArgs:", "host_key", "REQUESTOR ="],
};

describe("the SDK of each language", () => {
	it.each(Object.entries(NAMES))(
		"has natural names in %s",
		async (language, names) => {
			const text = await textOf(language);
			expect(text).not.toMatch(/ArgsArgs/);
			for (const name of names) expect(text).toContain(name);
		},
	);

	it("for TypeScript compiles", async () => {
		const sdk = join(dir, "nodejs");
		await symlink(join(ROOT, "node_modules"), join(sdk, "node_modules"));
		const { exitCode, all } = await tsc(
			sdk,
			...["--ignoreConfig", "--noEmit", "--strict", "--skipLibCheck"],
			...["--types", "node", "--module", "node16", "--target", "es2022"],
			"index.ts",
		);
		expect(exitCode, all).toBe(0);
	});

	it("for Go compiles", async () => {
		const sdk = join(dir, "go");
		await writeFile(
			join(sdk, "go.mod"),
			`module ${MODULE}\n\ngo 1.24\n\nrequire github.com/pulumi/pulumi/sdk/v3 v3.276.0\n`,
		);
		const { exitCode, all } = await go(sdk, "build", "./...");
		expect(exitCode, all).toBe(0);
	}, 600_000);

	it("for .NET is a package of that name and version", async () => {
		const { version } = JSON.parse(
			await readFile(join(ROOT, "package.json"), "utf8"),
		);
		const project = await readFile(
			join(dir, "dotnet/Pulumi.ExchangeDirsync.csproj"),
			"utf8",
		);
		expect(project).toContain(`<Version>${version}</Version>`);
	});
});

describe.each(EXAMPLES)("the example %s", (example) => {
	it("compiles in Go", async () => {
		const cwd = join(dir, "examples", example);
		await cp(join(ROOT, "examples", example, "go"), cwd, { recursive: true });
		const replace = `-replace=${MODULE}=${join(dir, "go")}`;
		await go(cwd, "mod", "edit", replace);
		const { exitCode, all } = await go(
			cwd,
			...["build", "-o", "/dev/null", "."],
		);
		expect(exitCode, all).toBe(0);
		const vet = await execa("gofmt", ["-l", cwd]);
		expect(vet.stdout).toBe("");
	}, 600_000);

	it("compiles in TypeScript", async () => {
		const cwd = join(dir, "typescript", example);
		await cp(join(ROOT, "examples", example, "typescript"), cwd, {
			recursive: true,
		});
		const paths = { "exchange-dirsync": [join(ROOT, "dist/index.d.ts")] };
		await writeFile(
			join(cwd, "own.json"),
			JSON.stringify({
				extends: "./tsconfig.json",
				compilerOptions: { paths, types: ["node"], skipLibCheck: true },
			}),
		);
		await symlink(join(ROOT, "node_modules"), join(cwd, "node_modules"));
		const { exitCode, all } = await tsc(cwd, "-p", "own.json");
		expect(exitCode, all).toBe(0);
	});
});
