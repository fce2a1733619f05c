import { describe, expect, it } from "vitest";
import { digest, kickToken, ownerOf } from "../../src/host-record.ts";

describe("digests", () => {
	it("are short and of an alphabet that is safe on a command line", () => {
		expect(digest(["anything & worse"])).toMatch(/^[0-9a-f]{16}$/);
	});

	it("tell apart what only a separator tells apart", () => {
		expect(kickToken("o/p/s", "cycle", ["a", "b"])).not.toBe(
			kickToken("o/p/s", "cycle", ["ab"]),
		);
		expect(kickToken("o/p/s", "cycle", ["a"])).not.toBe(
			kickToken("o/p/s", "cycle", ["a", ""]),
		);
	});

	it("make another owner of another stack, host or way in", () => {
		const owners = [
			ownerOf("s", "h", "ssh"),
			ownerOf("t", "h", "ssh"),
			ownerOf("s", "i", "ssh"),
			ownerOf("s", "h", "samba"),
		];
		expect(new Set(owners).size).toBe(owners.length);
	});
});
