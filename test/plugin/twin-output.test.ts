import { expect, test } from "vitest";
import { Output } from "./twin/output.ts";
import type { Report } from "./twin/report.ts";

// The twin refuses exactly the lines on which the real plugin hangs, in whatever pieces they arrive.
const LONGEST = 65_535;

const PIECES: Record<string, (line: string) => string[]> = {
	"in one piece": (line) => [`${line}\nmore\n`],
	"its end by itself": (line) => [line, "\n", "more\n"],
	"its end with what follows": (line) => [line, "\nmore\n"],
	"its last byte with its end": (line) => [
		line.slice(0, -1),
		`${line.slice(-1)}\n`,
	],
	"as pipes hand it over": (line) =>
		`${line}\n`.match(/.{1,4096}|\n/g) as string[],
	"behind another line": (line) => [`first\n${line}\n`],
	"without an end": (line) => [line],
};

const silent: Report = {
	status: () => {},
	warn: () => {},
	error: () => {},
	flush: async () => {},
};

const finish = (inputs: object, pieces: string[]) => {
	const output = new Output({ ...inputs }, silent);
	for (const piece of pieces) output.take("stdout", Buffer.from(piece));
	return output.finish("command");
};

test.each(Object.entries(PIECES))(
	"the length limit does not depend on how a line arrives: %s",
	async (_, cut) => {
		const longest = cut("x".repeat(LONGEST));
		const longer = cut("x".repeat(LONGEST + 1));
		const text = (pieces: string[]) => pieces.join("").replace(/\n$/, "");
		expect((await finish({}, longest)).stdout).toBe(text(longest));
		await expect(finish({}, longer)).rejects.toThrow(
			"must be shorter than 65536 bytes",
		);
		const { stdout } = await finish({ logging: "none" }, longer);
		expect(stdout).toBe(text(longer));
	},
);
