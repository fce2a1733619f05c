import { execa } from "execa";
import ssh2 from "ssh2";
import { describe, expect, it } from "vitest";
import { Canaries } from "./canaries.ts";
import { ProcessWatch, searchProcesses } from "./process-watch.ts";

// The search for secrets finds them. Otherwise the tests that find none would prove nothing.
const canaries = new Canaries();
const secret = canaries.phrase("password");
const { private: pem } = ssh2.utils.generateKeyPairSync("ed25519");
const key = canaries.key("key", pem);

const names = (text: string | Buffer) => [
	...new Set(canaries.find("here", text).map((find) => find.secret)),
];

describe("the search for secrets", () => {
	const base64 = (text: string) => Buffer.from(text).toString("base64");
	const wide = Buffer.from(`x${secret}`, "utf16le");
	it.each<[string, string | Buffer]>([
		["as typed", `-p${secret} -q`],
		["in JSON in JSON", JSON.stringify(JSON.stringify({ secret }))],
		["in a URL", `https://x:${encodeURIComponent(secret)}@y`],
		["in base64", base64(secret)],
		["in base64 behind one byte", base64(`:${secret}`)],
		["in base64 behind two bytes", base64(`::${secret}!`)],
		["in base64 on several lines", base64(secret).replace(/.{20}/g, "$&\r\n")],
		["in hex", Buffer.from(secret).toString("hex").toUpperCase()],
		["in UTF-16", wide],
		["in PowerShell's base64", wide.toString("base64")],
		[
			"in a registry file",
			`hex(1):${wide.toString("hex").replace(/../g, "$&,").replace(/.{45}/g, "$&\\\n  ")}00`,
		],
	])("finds a password %s", (_, text) => {
		expect(names(text)).toEqual(["password"]);
	});

	it("finds a complete key in several encodings, and each of its lines but the one that all keys share", () => {
		const lines = key.trim().split("\n").slice(2, -1);
		const long = lines.filter(({ length }) => length > 30);
		expect(long.length).toBeGreaterThan(1);
		const body = lines.join("");
		for (const text of [...long, key, JSON.stringify(key), body, base64(key)])
			expect(names(text)).toEqual(["key"]);
	});

	it("finds nothing in a text without the known secrets", () => {
		const other = new Canaries();
		const { private: another } = ssh2.utils.generateKeyPairSync("ed25519");
		expect(names(JSON.stringify([other.phrase("another"), another]))).toEqual(
			[],
		);
	});
});

describe("the watch of the process list", () => {
	it("finds a secret in arguments and in an environment", async () => {
		const watch = new ProcessWatch();
		const waits = "read _";
		const told = execa("sh", ["-c", waits, secret]);
		const given = execa("sh", ["-c", waits], { env: { GIVEN: secret } });
		await watch.sampled();
		for (const child of [told, given]) child.stdin.end("\n");
		await Promise.all([told, given]);
		const finds = searchProcesses(canaries, (await watch.end()).seen);
		expect(finds.map(({ where }) => where).sort()).toEqual([
			"arguments",
			"variable GIVEN",
		]);
	});
});
