import { utils } from "ssh2";
import { describe, expect, it } from "vitest";
import { readableKey } from "../../../src/cli/check/private-key.ts";
import { parseConfig } from "../../../src/config/load-config.ts";
import { normalizeKeyText } from "../../../src/validation/private-keys.ts";
import { handedOver } from "../config/bad-stacks.ts";
import { host, throughProxy } from "../config/good-stack.ts";
import { type KeyRow, PASS_PHRASE, privateKeys } from "./private-keys.ts";

/*
 * Two columns of the table: the configuration, and what a check logs in with. The third, an update by the command
 * plugin: test/plugin/private-keys.test.ts.
 */

const { rows } = privateKeys();
const named = rows.map((row) => [row.what, row] as const);
const accepted = named.filter(([, { says }]) => says === undefined);
const refused = named.filter(([, { says }]) => says !== undefined);

const login = ({ text, passPhrase }: KeyRow) => ({
	privateKey: text,
	...(passPhrase !== undefined && { privateKeyPassword: passPhrase }),
});

/** What is said of a key as the host's own and as its proxy's. */
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

describe("the configuration refuses and says why", () => {
	it.each(refused)("%s", (_, row) => {
		const message = said(row);
		expect(message).toContain(`credentials.EXCH01.privateKey: ${row.says}`);
		expect(message).toContain(
			`credentials.EXCH01.proxy.privateKey: ${row.says}`,
		);
		expect(message.split("\n")).toHaveLength(3);
		expect(message).toMatch(/^[ -~\n]+$/);
		// No piece of the key, and no pass phrase.
		expect(message).not.toContain("hunter2");
		for (const piece of row.text.match(/[A-Za-z0-9+/]{20,}/g) ?? [])
			expect(message).not.toContain(piece.slice(0, 20));
	});
});

describe("a check logs in with", () => {
	it.each(accepted)("%s", (_, { text, passPhrase }) => {
		const key = readableKey(normalizeKeyText(text), passPhrase);
		const read = utils.parseKey(key, passPhrase);
		if (read instanceof Error) throw read;
		expect(read.isPrivateKey()).toBe(true);
		expect(read.sign("anything")).toBeInstanceOf(Buffer);
	});
});

describe("the text of a key", () => {
	it.each(accepted)("is the same when it is made again: %s", (_, { text }) => {
		expect(normalizeKeyText(normalizeKeyText(text))).toBe(
			normalizeKeyText(text),
		);
	});

	it.each(
		accepted.filter(([what]) =>
			/^(RSA|ECDSA|DSA|Ed25519)[\w ]*, (OpenSSH|PKCS|SEC|its own)/.test(what),
		),
	)("is its file as ssh-keygen or openssl wrote it: %s", (_, { text }) => {
		expect(normalizeKeyText(text)).toBe(text);
	});

	it("of no key is its lines", () => {
		expect(normalizeKeyText(`${PASS_PHRASE} \r\nx\r`)).toBe(
			`${PASS_PHRASE}\nx\n`,
		);
	});
});

it("a pass phrase is tried once for all hosts", () => {
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
	// One try takes a hundredth of a second at the least, with the one round that this key has.
	expect(performance.now() - begin).toBeLessThan(2000);
});
