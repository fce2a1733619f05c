import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgram, run, versionAtLeast } from "../../toolchain/programs.ts";
import { machine } from "./machine.ts";

describe("versionAtLeast", () => {
	it.each([
		["v3.245.0", true],
		["v3.245.1-alpha.4+dirty", true],
		["3.1000.0", true],
		["4.0.0", true],
		["v3.244.99", false],
		["v3.25.0", false],
		["2.999.0", false],
		["v0.0.0", false],
		["no version at all", false],
	])("%s is new enough for 3.245.0: %s", (version, expected) => {
		expect(versionAtLeast(version, "3.245.0")).toBe(expected);
	});

	it("reads the version of Go, with and without a third number", () => {
		expect(versionAtLeast("go version go1.19.8 linux/amd64", "1.21.0")).toBe(
			false,
		);
		expect(versionAtLeast("go version go1.21 linux/amd64", "1.21.0")).toBe(
			true,
		);
	});
});

describe("findProgram", () => {
	it("returns the first executable on PATH, and skips a file that is not executable", async () => {
		const { dir, program } = await machine();
		await chmod(await program("tool", "", "one"), 0o644);
		const two = await program("tool", "", "two");
		await program("tool", "", "three");
		const path = ["one", "two", "three"].map((d) => join(dir, d)).join(":");
		expect(await findProgram("tool", path)).toBe(two);
		expect(await findProgram("other", path)).toBeUndefined();
		expect(await findProgram("tool", "")).toBeUndefined();
	});
});

describe("run", () => {
	const step = { what: "making it", limitSeconds: 20, advice: "look again" };

	it("returns only stdout, and passes on every line of output", async () => {
		const { env, program } = await machine();
		await program("tool", "echo out; echo err >&2");
		const lines: string[] = [];
		const onLine = (line: string) => lines.push(line);
		expect(await run(["tool"], { ...step, env, onLine })).toBe("out");
		expect(lines.sort()).toEqual(["err", "out"]);
	});

	it("fails with the last lines of output and the advice", async () => {
		const { env, program } = await machine();
		await program("tool", "for i in 1 2 3; do echo line $i; done; exit 7");
		await expect(run(["tool"], { ...step, env })).rejects.toThrow(
			"making it: failed with exit code 7, got \nline 1\nline 2\nline 3\n; look again",
		);
	});

	it("ends a command that hangs, and its children", async () => {
		const { dir, env, program } = await machine();
		await program("tool", `(sleep 1; echo alive >${dir}/alive) & sleep 60`);
		await expect(
			run(["tool"], { ...step, env, limitSeconds: 0.3 }),
		).rejects.toThrow("making it: gave up after 0.3 s, got no output");
		await new Promise((resolve) => setTimeout(resolve, 1500));
		expect(await findProgram("alive", dir)).toBeUndefined();
	});

	it("does not pass on the environment of this process", async () => {
		const { env, program } = await machine();
		await program("tool", 'echo "[$VITEST]"');
		expect(process.env.VITEST).toBeTruthy();
		expect(await run(["tool"], { ...step, env })).toBe("[]");
	});
});
