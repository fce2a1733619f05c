import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { privateKeyError } from "../../../src/validation/private-keys.ts";
import { isPublicKey } from "../../../src/validation/ssh-keys.ts";
import {
	ECDSA_KEY,
	HOST_KEY,
	oldEncryptedKey,
	openSshKey,
	pkcs8EncryptedKey,
	realKey,
} from "./ssh-keys.ts";

/** Generates a key pair with ssh-keygen, in the formats that users have. */
function made(...options: string[]): { key: string; publicKey: string } {
	const dir = mkdtempSync(join(tmpdir(), "dirsync-key-"));
	try {
		const file = join(dir, "key");
		execFileSync("ssh-keygen", ["-q", "-f", file, ...options]);
		return {
			key: readFileSync(file, "utf8"),
			publicKey: readFileSync(`${file}.pub`, "utf8"),
		};
	} finally {
		rmSync(dir, { recursive: true });
	}
}

const KINDS = [
	["ed25519", []],
	["ecdsa", []],
	["rsa", ["-b", "1024"]],
	["rsa", ["-b", "1024", "-m", "PEM"]],
	["ecdsa", ["-m", "PEM"]],
] as const;

describe("keys that ssh-keygen makes", () => {
	it.each(KINDS)("%s %j are accepted", (type, more) => {
		const { key, publicKey } = made("-t", type, "-N", "", ...more);
		expect(privateKeyError(key)).toBeUndefined();
		expect(privateKeyError(key.replaceAll("\n", "\r\n"))).toBe(undefined);
		expect(privateKeyError(key.trim())).toBeUndefined();
		expect(isPublicKey(publicKey)).toBe(true);
	});

	it.each(KINDS)(
		"%s %j require the pass phrase if they are encrypted",
		(type, more) => {
			const { key } = made("-t", type, "-N", "secret words", ...more);
			expect(privateKeyError(key)).toContain("privateKeyPassword");
			expect(privateKeyError(key, "secret words")).toBeUndefined();
			expect(privateKeyError(key, "secret word")).toContain(
				"cannot be decrypted",
			);
		},
	);

	it.each(KINDS)("%s %j are refused if cut at any place", (type, more) => {
		const { key, publicKey } = made("-t", type, "-N", "", ...more);
		const [begin = "", ...rest] = key.trim().split("\n");
		const end = rest.pop() as string;
		for (let lines = 0; lines < rest.length; lines++) {
			const cut = [begin, ...rest.slice(0, lines), end].join("\n");
			expect(privateKeyError(cut), `${lines} lines`).toBeDefined();
		}
		const bare = publicKey.split(" ").slice(0, 2).join(" ");
		for (let length = 0; length < bare.length - 4; length++)
			expect(isPublicKey(bare.slice(0, length))).toBe(false);
	});
});

describe("the keys of the test data", () => {
	it("are recognized as valid or as encrypted", () => {
		expect(isPublicKey(HOST_KEY)).toBe(true);
		expect(isPublicKey(ECDSA_KEY)).toBe(true);
		expect(isPublicKey(`${HOST_KEY}\n${ECDSA_KEY}`)).toBe(false);
		for (const key of [openSshKey(), realKey("pkcs1"), realKey("pkcs8")])
			expect(privateKeyError(key)).toBeUndefined();
		for (const key of [openSshKey({ cipher: "aes256-ctr" }), oldEncryptedKey]) {
			expect(privateKeyError(key)).toContain("is encrypted");
			// The pass phrase is known only later.
			expect(privateKeyError(key, Promise.resolve())).toBeUndefined();
		}
	});

	it("are refused if no log-in can use them", () => {
		expect(privateKeyError(pkcs8EncryptedKey, "any")).toContain("PKCS#8");
		expect(privateKeyError(openSshKey({ cut: 3 }))).toContain("cut");
		const oneLine = openSshKey().replaceAll("\n", " ");
		expect(privateKeyError(oneLine)).toContain("has lost its line breaks");
		expect(privateKeyError(HOST_KEY)).toContain("is a public key");
	});
});
