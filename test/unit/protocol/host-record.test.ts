import { describe, expect, it } from "vitest";
import {
	digest,
	hostOwner,
	kickToken,
} from "../../../src/protocol/host-record.ts";

describe("digests", () => {
	it("are short and of an alphabet that is safe on a command line", () => {
		expect(digest(["anything & worse"])).toMatch(/^[0-9a-f]{16}$/);
	});

	it("tell apart what only a separator tells apart", () => {
		expect(kickToken("cycle", ["a", "b"])).not.toBe(kickToken("cycle", ["ab"]));
		expect(kickToken("cycle", ["a"])).not.toBe(kickToken("cycle", ["a", ""]));
	});

	it("make another owner of another host or way in", () => {
		const owners = [
			hostOwner("h", "ssh"),
			hostOwner("i", "ssh"),
			hostOwner("h", "samba"),
		];
		expect(new Set(owners).size).toBe(owners.length);
	});
});
