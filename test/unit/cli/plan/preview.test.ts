import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runPreview } from "../../../../src/cli/plan/preview.ts";

// pulumi preview --json, from a fake pulumi.
let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-preview-"));
	vi.stubEnv("PATH", [dir, process.env.PATH].join(delimiter));
});
afterEach(async () => {
	vi.unstubAllEnvs();
	await rm(dir, { recursive: true });
});

async function fake(printed: string, exitCode = 0) {
	await writeFile(join(dir, "printed"), printed);
	const file = join(dir, "pulumi");
	await writeFile(file, `#!/bin/sh\ncat ${dir}/printed\nexit ${exitCode}\n`);
	await chmod(file, 0o755);
}

it("has one step for each resource that changes, and for a replacement the one that describes it", async () => {
	const urn = "urn:pulumi:lab::p::command:remote:Command::EXCH01";
	await fake(
		JSON.stringify({
			steps: [
				...["create-replacement", "replace", "delete-replaced"].map((op) => ({
					...{
						op,
						urn,
						newState: { type: "t", parent: "p", inputs: { a: 1 } },
					},
				})),
				{ op: "delete", urn: `${urn}-x`, oldState: { type: "t" } },
			],
		}),
	);
	expect(await runPreview("lab")).toEqual([
		{
			...{ operation: "replace", urn, type: "t", name: "EXCH01", parent: "p" },
			...{ inputs: { a: 1 }, dependencies: [] },
		},
		expect.objectContaining({ operation: "delete", name: "EXCH01-x" }),
	]);
});

it("throws the errors of the preview", async () => {
	const message = "error: Invalid configuration for stack lab (1 error):\n";
	await fake(
		JSON.stringify({ diagnostics: [{ severity: "error", message }] }),
		1,
	);
	await expect(runPreview("lab")).rejects.toThrow(
		"pulumi preview failed:\nInvalid configuration for stack lab (1 error):",
	);
});

it("throws if pulumi fails without JSON", async () => {
	await fake("", 1);
	await expect(runPreview("lab")).rejects.toThrow(
		/^pulumi preview --json --show-sames failed: exit code 1/,
	);
});
