import { describe, expect, it } from "vitest";
import { parsePrivateKey } from "../../../src/cli/private-key.ts";
import { parseConfig } from "../../../src/config/load-config.ts";
import { normalizeKeyText } from "../../../src/validation/private-keys.ts";
import { handedOver } from "../config/bad-stacks.ts";
import { host, throughProxy } from "../config/good-stack.ts";
import { type KeyRow, PASS_PHRASE, privateKeys } from "./private-keys.ts";

/*
 * The table of keys with the configuration and with the log-in of a check. test/plugin/private-keys.test.ts tests it
 * with the command plugin.
 */

const { rows } = privateKeys();
const named = rows.map((row) => [row.what, row] as const);
const accepted = named.filter(([, { says }]) => says === undefined);
const refused = named.filter(([, { says }]) => says !== undefined);

const login = ({ text, passPhrase }: KeyRow) => ({
	privateKey: text,
	...(passPhrase !== undefined && { privateKeyPassword: passPhrase }),
});

/** The error for a key of the host and of its proxy, or `accepted`. */
function said(row: KeyRow): string {
	const credentials = { EXCH01: { ...login(row), proxy: login(row) } };
	try {
		const config = { hosts: [throughProxy()], credentials };
		parseConfig(handedOver(config), "lab");
		return "accepted";
	} catch (error) {
		return (error as Error).message;
	}
}

describe("the configuration accepts", () => {
	it.each(accepted)("%s", (_, row) => {
		expect(said(row)).toBe("accepted");
	});
});

describe("the configuration refuses, with the reason,", () => {
	it.each(refused)("%s", (_, row) => {
		const message = said(row);
		expect(message).toContain(`credentials.EXCH01.privateKey: ${row.says}`);
		expect(message).toContain(
			`credentials.EXCH01.proxy.privateKey: ${row.says}`,
		);
		expect(message.split("\n")).toHaveLength(3);
		expect(message).toMatch(/^[ -~\n]+$/);
		// The message contains no part of the key and no pass phrase.
		expect(message).not.toContain("hunter2");
		for (const piece of row.text.match(/[A-Za-z0-9+/]{20,}/g) ?? [])
			expect(message).not.toContain(piece.slice(0, 20));
	});
});

describe("a check can log in with", () => {
	it.each(accepted)("%s", (_, { text, passPhrase }) => {
		const read = parsePrivateKey(normalizeKeyText(text), passPhrase);
		if (read instanceof Error) throw read;
		expect(read.isPrivateKey()).toBe(true);
		expect(read.sign("anything")).toBeInstanceOf(Buffer);
	});
});

it("a check parses a key once for each pass phrase", () => {
	const encrypted = accepted.find(([, row]) => row.passPhrase !== undefined);
	const { text = "", passPhrase } = encrypted?.[1] ?? {};
	const key = parsePrivateKey(text, passPhrase);
	expect(key).not.toBeInstanceOf(Error);
	expect(parsePrivateKey(text, passPhrase)).toBe(key);
	expect(parsePrivateKey(text, `${passPhrase}x`)).toBeInstanceOf(Error);
	expect(parsePrivateKey(text)).toBeInstanceOf(Error);
});

describe("the text of a key", () => {
	it.each(accepted)(
		"is not changed by a second normalization: %s",
		(_, { text }) => {
			expect(normalizeKeyText(normalizeKeyText(text))).toBe(
				normalizeKeyText(text),
			);
		},
	);

	it.each(
		accepted.filter(([what]) =>
			/^(RSA|ECDSA|DSA|Ed25519)[\w ]*, (OpenSSH|PKCS|SEC|its own)/.test(what),
		),
	)("is not changed if ssh-keygen or openssl wrote it: %s", (_, { text }) => {
		expect(normalizeKeyText(text)).toBe(text);
	});

	it("without a key is only trimmed line by line", () => {
		expect(normalizeKeyText(`${PASS_PHRASE} \r\nx\r`)).toBe(
			`${PASS_PHRASE}\nx\n`,
		);
	});
});

it("a key is decrypted once for all hosts that use it", () => {
	const row = rows.find(({ what }) => what === "Ed25519, OpenSSH, encrypted");
	const names = Array.from({ length: 200 }, (_, index) => `EXCH${index}`);
	const config = {
		hosts: names.map((name, index) =>
			host({ name, ssh: { ...host().ssh, port: 1000 + index } }),
		),
		credentials: Object.fromEntries(
			names.map((name) => [name, login(row as KeyRow)]),
		),
	};
	const begin = performance.now();
	parseConfig(handedOver(config), "lab");
	// One decryption takes at least 10 ms, even with the single round of this key.
	expect(performance.now() - begin).toBeLessThan(2000);
});
