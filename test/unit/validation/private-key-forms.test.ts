import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { privateKeyError } from "../../../src/validation/private-keys.ts";

// Forms of private keys that the table of keys does not have.
let dir: string;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-keys-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function generate(type: string, ...args: string[]): Promise<string> {
	const file = join(dir, `${type}-${args.join("")}`);
	await execa("ssh-keygen", ["-q", "-t", type, ...args, "-N", "", "-f", file]);
	return readFile(file, "utf8");
}

describe("a private key is refused", () => {
	it("in a PEM form of another name", () => {
		const key =
			"-----BEGIN ANY PRIVATE KEY-----\nAAAA\n-----END ANY PRIVATE KEY-----\n";
		expect(privateKeyError(key, undefined)).toMatch(
			/^is in a form that cannot be read here: ssh-keygen -p/,
		);
	});

	it("in OpenSSH's format with a type that cannot be used", async () => {
		const key = await generate("ed25519");
		const [first = "", ...rest] = key.trim().split("\n");
		const blob = Buffer.from(rest.slice(0, -1).join(""), "base64");
		const other = Buffer.from(
			blob.toString("latin1").replaceAll("ssh-ed25519", "ssh-unknown"),
			"latin1",
		);
		const text = [first, other.toString("base64"), rest.at(-1), ""].join("\n");
		expect(privateKeyError(text, undefined)).toContain(
			"is a key of the type ssh-unknown, which cannot be used here",
		);
	});
});
