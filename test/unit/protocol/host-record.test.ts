import { describe, expect, it } from "vitest";
import {
	digest,
	hostOwner,
	kickToken,
} from "../../../src/protocol/host-record.ts";

describe("digests", () => {
	it("are short and contain only characters that are safe on a command line", () => {
		expect(digest(["anything & worse"])).toMatch(/^[0-9a-f]{16}$/);
	});

	it("differ for lists that differ only in their separators", () => {
		expect(kickToken("cycle", ["a", "b"])).not.toBe(kickToken("cycle", ["ab"]));
		expect(kickToken("cycle", ["a"])).not.toBe(kickToken("cycle", ["a", ""]));
	});

	it("give another host or another transport another owner", () => {
		const owners = [
			hostOwner("h", "ssh"),
			hostOwner("i", "ssh"),
			hostOwner("h", "samba"),
		];
		expect(new Set(owners).size).toBe(owners.length);
	});
});
