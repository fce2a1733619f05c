import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { parse } from "yaml";
import { OLDEST_PULUMI } from "../../../src/config/oldest-pulumi.ts";
import { buildPulumi } from "../../toolchain/build.ts";
import { isExecutable } from "../../toolchain/programs.ts";
import { MINIMUM_VERSION, preparePulumi } from "../../toolchain/pulumi.ts";
import { machine } from "./machine.ts";

const official = vi.hoisted(() => vi.fn());
vi.mock("../../toolchain/official.ts", () => ({ installOfficial: official }));

it("the package, its project file and its tests require the same oldest CLI", async () => {
	const file = join(import.meta.dirname, "../../../Pulumi.yaml");
	const project = parse(await readFile(file, "utf8"));
	expect(project.requiredPulumiVersion).toBe(`>=${OLDEST_PULUMI}`);
	expect(MINIMUM_VERSION).toBe(OLDEST_PULUMI);
});

it("uses a CLI on PATH from 3.245.0 on, with the language host next to it", async () => {
	const { dir, env, program } = await machine();
	const pulumi = await program("pulumi", "echo v3.245.0");
	const languageHost = await program("pulumi-language-nodejs", "");
	expect(await preparePulumi(join(dir, "own"), env)).toEqual({
		program: pulumi,
		version: "v3.245.0",
		languageHost,
	});
});

it("refuses an older CLI on PATH, even if a newer one is prepared", async () => {
	const { dir, env, program } = await machine();
	const pulumi = await program("pulumi", "echo v3.244.9");
	await program("pulumi", "echo v3.245.0", "own/bin");
	await expect(preparePulumi(join(dir, "own"), env)).rejects.toThrow(
		`pulumi: the CLI on PATH is too old, got v3.244.9 (${pulumi}); update it to 3.245.0 or later, or take it off PATH`,
	);
});

it("reports a CLI on PATH that does not run", async () => {
	const { dir, env, program } = await machine();
	const pulumi = await program("pulumi", "echo no such library; exit 127");
	await expect(preparePulumi(join(dir, "own"), env)).rejects.toThrow(
		`pulumi: ${pulumi} version: failed with exit code 127, got \nno such library\n; repair it`,
	);
});

it("disables the CLI's check for a newer version", async () => {
	const { dir, env, program } = await machine();
	await program("pulumi", 'echo "v3.245.0-skip-$PULUMI_SKIP_UPDATE_CHECK"');
	await program("pulumi-language-nodejs", "");
	const { version } = await preparePulumi(join(dir, "own"), env);
	expect(version).toBe("v3.245.0-skip-true");
});

it("uses the prepared CLI if none is on PATH", async () => {
	const { dir, env, program } = await machine();
	const pulumi = await program("pulumi", "echo v3.248.0", "own/bin");
	const host = await program("pulumi-language-nodejs", "", "own/bin");
	const found = await preparePulumi(join(dir, "own"), env);
	expect(found).toMatchObject({ program: pulumi, languageHost: host });
	expect(official).not.toHaveBeenCalled();
});

it("replaces a prepared CLI that has become too old", async () => {
	const { dir, env, program } = await machine();
	await program("pulumi", "echo v3.200.0", "own/bin");
	official.mockImplementationOnce(async () => {
		await program("pulumi", "echo v3.248.0", "own/bin");
		await program("pulumi-language-nodejs", "", "own/bin");
		return true;
	});
	const { version } = await preparePulumi(join(dir, "own"), env);
	expect(version).toBe("v3.248.0");
});

it("builds a language host for a CLI that has none", async () => {
	const { dir, env, program } = await machine();
	await program("pulumi", "echo v3.245.0");
	await program("go", GO);
	const { languageHost } = await preparePulumi(join(dir, "own"), env);
	expect(languageHost).toBe(
		join(dir, "own/language-host/pulumi-language-nodejs"),
	);
	expect(await isExecutable(languageHost)).toBe(true);
});

it("builds with a Go that an old Go downloaded as a module", async () => {
	const { dir, env, program } = await machine();
	await program("fetched", GO, ".");
	await program("go", OLD_GO);
	await buildPulumi(join(dir, "own/bin"), env);
	expect((await readdir(join(dir, "own/bin"))).sort()).toEqual([
		"pulumi",
		"pulumi-language-nodejs",
	]);
	expect(await readFile(join(dir, "asked"), "utf8")).toMatch(
		/^golang\.org\/toolchain@v0\.0\.1-go1\.26\.6\.linux-\w+ \S+\/own\/scratch-[\w-]+\/modules -buildvcs=false -modcacherw\n$/,
	);
});

it("a failed build causes one error and leaves no files", async () => {
	const { dir, env, program } = await machine();
	await program("go", `${GO_QUESTIONS}\necho "no space left"; exit 1`);
	const build = buildPulumi(join(dir, "own/bin"), env);
	await expect(build).rejects.toThrow(
		/^go build \S+pulumi-language-nodejs: failed with exit code 1, got \nno space left\n; see what/,
	);
	expect(await readdir(join(dir, "own"))).toEqual([]);
});

it("two concurrent builds both succeed", async () => {
	const { dir, env, program } = await machine();
	await program("go", GO);
	const target = join(dir, "own/bin");
	await Promise.all([buildPulumi(target, env), buildPulumi(target, env)]);
	expect(await readdir(join(dir, "own"))).toEqual(["bin"]);
	expect((await readdir(target)).sort()).toEqual([
		"pulumi",
		"pulumi-language-nodejs",
	]);
});

const GO_QUESTIONS = `
case "$1" in
version) echo go version go1.26.0 linux/amd64; exit ;;
env) echo /nowhere; exit ;;
esac`;

/** A `go` whose builds are empty programs. */
const GO = `${GO_QUESTIONS}
while [ "$1" != -o ]; do shift; done
mkdir -p "$(dirname "$2")"
echo '#!/bin/sh' >"$2"
chmod +x "$2"`;

/** A fake of Debian 12's `go`: it downloads modules, whose files are not executable, but cannot build Pulumi. */
const OLD_GO = `
case "$1" in
version) echo go version go1.19.8 linux/amd64; exit ;;
env) echo /nowhere; exit ;;
mod)
	echo "$4 $GOMODCACHE $GOFLAGS" >>"$HOME/asked"
	mkdir -p "$GOMODCACHE/go/bin" "$GOMODCACHE/go/src"
	while read -r line; do echo "$line"; done <"$HOME/fetched" >"$GOMODCACHE/go/bin/go"
	echo module std >"$GOMODCACHE/go/src/_go.mod"
	echo "{\\"Dir\\": \\"$GOMODCACHE/go\\"}"
	exit ;;
esac
echo the old Go builds; exit 1`;
