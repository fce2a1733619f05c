// @module-tag full
import { afterAll, beforeAll, expect, test } from "vitest";
import { Bench, type Declared } from "./bench.ts";
import { local, sorted } from "./contract.ts";

// The twin differs from the real plugin only where it fails with a clear message.
let bench: Bench;
beforeAll(async () => {
	bench = await Bench.create({ twin: true });
});
afterAll(() => bench?.remove());

const raw = (kind: Declared["kind"]): Declared => ({
	kind,
	name: "a",
	args: {},
});
const refused: [string, Declared][] = [
	["assetPaths", local("a", { assetPaths: ["*"] })],
	["archivePaths", local("a", { archivePaths: ["*"] })],
	["command:remote:CopyToRemote", raw("command:remote:CopyToRemote")],
	["command:local:run", raw("command:local:run")],
];

test.each(refused)("%s is refused by name", async (what, resource) => {
	const stack = await bench.stack();
	const run = await stack.preview([resource], { fails: true });
	expect(run.text).toContain(
		`the command plugin's twin: ${what} is not implemented; use the real plugin`,
	);
});

test("a line on which the real plugin would hang is refused", async () => {
	const stack = await bench.stack();
	const line = (bytes: number) =>
		`head -c ${bytes} /dev/zero | tr '\\0' x; echo; echo more`;
	const run = await stack.up(
		[
			local("longest", { create: line(65_535) }),
			local("quiet", { create: line(65_536), logging: "none" }),
			local("longer", { create: line(65_536) }),
		],
		{ fails: true, flags: ["--continue-on-error"] },
	);
	expect(run.error("longer")).toContain("must be shorter than 65536 bytes");
	expect(sorted(Object.keys(stack.state()))).toEqual(["longest", "quiet"]);
});
