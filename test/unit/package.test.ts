import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, it } from "vitest";

// What package.json's commands print if the program is not compiled, as after `npm ci --ignore-scripts`.
const dir = mkdtempSync(join(tmpdir(), "dirsync-package-"));
copyFileSync(
	join(import.meta.dirname, "../../package.json"),
	join(dir, "package.json"),
);
afterAll(() => rmSync(dir, { recursive: true }));

const npm = (command: string) =>
	execa("npm", ["run", "--silent", command], {
		...{ cwd: dir, reject: false, all: true },
	});

describe.each(["check", "report"])("npm run %s", (command) => {
	it("prints how to compile the program if it is not compiled", async () => {
		const { exitCode, stdout, stderr } = await npm(command);
		expect(exitCode).toBe(1);
		expect(stdout).toBe("");
		expect(stderr).toMatch(/^The folder dist is missing: npm run build/);
	});
});

it("npm run check does not print how to compile a compiled program", async () => {
	mkdirSync(join(dir, "dist/cli/check"), { recursive: true });
	const { all } = await npm("check");
	expect(all).not.toContain("npm run build");
});
