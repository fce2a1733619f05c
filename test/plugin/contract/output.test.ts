// @module-tag full
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Args, local, sorted, useContract } from "../contract.ts";

const contract = useContract();

// Both resources handle input and output in the same way.
const kinds = {
	remote: (name: string, args: Args) => contract.remote(name, args),
	local: (name: string, args: Args) => local(name, args),
};

describe.each(Object.entries(kinds))("%s", (kind, declare) => {
	test("stdout and stderr are separate outputs, unchanged except for one trailing newline", async () => {
		const stack = await contract.bench.stack();
		await stack.up([
			declare("apart", { create: "echo out; echo err >&2" }),
			declare("bytes", { create: "printf ' a\\r\\nb\\n\\r\\n\\n'" }),
			declare("bare", { create: "printf a; printf '\\n\\n' >&2" }),
			declare("unicode", { create: "printf '\\357\\273\\277\\303\\251'" }),
			declare("empty", { create: "" }),
			declare("big", {
				create: "yes 1234567 | head -c 1000000",
				// Showing a line is a call to the engine, which takes time.
				logging: "none",
			}),
		]);
		const output = (name: string) => {
			const { stdout, stderr } = stack.state()[name]?.outputs ?? {};
			return [stdout, stderr];
		};
		expect(output("apart")).toEqual(["out", "err"]);
		expect(output("bytes")).toEqual([" a\r\nb\n\r\n", ""]);
		expect(output("bare")).toEqual(["a", "\n"]);
		expect(output("unicode")).toEqual(["\ufeffé", ""]);
		expect(output("empty")).toEqual(["", ""]);
		expect(output("big")[0]).toBe("1234567\n".repeat(125_000).slice(0, -1));
	});

	test("stdin arrives unchanged", async () => {
		const stack = await contract.bench.stack();
		const inputs = {
			dos: "a\r\nb\r\n",
			"no newline": "a\nb",
			unicode: "é€\u{1f600}\t\u0001\ufeff",
			"8 KB": `${randomBytes(4096).toString("hex")}\r`,
			"1 MB": "1234567\r\n".repeat(116_509),
		};
		const path = (name: string) => contract.file(`stdin ${kind} ${name}`);
		await stack.up([
			...Object.entries(inputs).map(([name, stdin]) =>
				declare(name, { create: `cat > '${path(name)}'`, stdin }),
			),
			declare("empty", { create: "wc -c", stdin: "" }),
			declare("none", { create: "wc -c" }),
			declare("unread", { create: "true", stdin: "unread" }),
		]);
		for (const [name, stdin] of Object.entries(inputs))
			expect(readFileSync(path(name), "utf8"), name).toBe(stdin);
		expect(stack.state().empty?.outputs.stdout).toBe("0");
		expect(stack.state().none?.outputs.stdout).toBe("0");
	});

	test("logging selects the lines that are shown while the command runs; an unknown value shows none", async () => {
		const stack = await contract.bench.stack();
		const create = "printf 'a\\r\\n\\nb'; sleep 0.2; echo c >&2";
		const words = ["stdout", "stderr", "stdoutAndStderr", "none", "other"];
		const run = await stack.up([
			declare("default", { create }),
			...words.map((logging) => declare(logging, { create, logging })),
		]);
		expect(run.status("default")).toEqual(["a", "", "bc"]);
		expect(run.status("stdoutAndStderr")).toEqual(["a", "", "bc"]);
		expect(run.status("stdout")).toEqual(["a", "", "b"]);
		expect(run.status("stderr")).toEqual(["c"]);
		expect(run.status("none")).toEqual([]);
		expect(run.status("other")).toEqual([]);
		expect(stack.state().none?.outputs.stdout).toBe("a\r\n\nb");
	});
});

describe("environment", () => {
	test("variables that the server accepts reach the command", async () => {
		const stack = await contract.bench.stack();
		const environment = { GIVEN: "a b\n'\"é" };
		await stack.up([
			contract.remote("a", { create: 'printf "%s" "$GIVEN"', environment }),
			local("b", { create: 'printf "%s" "$GIVEN"', environment }),
		]);
		expect(stack.state().a?.outputs.stdout).toBe(environment.GIVEN);
		expect(stack.state().b?.outputs.stdout).toBe(environment.GIVEN);
	});

	test("the previous output reaches update and delete unless disabled; its refusal is only a warning", async () => {
		const stack = await contract.bench.stack();
		const say = 'echo "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR"';
		const file = contract.file("previous");
		const args = {
			create: "echo out; echo err >&2",
			delete: `${say} >> ${file}`,
		};
		const declare = (update?: string) => [
			contract.remote("far", { ...args, update }),
			contract.remote("off", {
				...args,
				update,
				addPreviousOutputInEnv: false,
			}),
			local("near", { ...args, update }),
		];
		await stack.up(declare());
		const run = await stack.up(declare(say));
		const stdout = (name: string) => stack.state()[name]?.outputs.stdout;
		expect(stdout("near")).toBe("out/err");
		expect(stdout("off")).toBe("/");
		expect(stdout("far")).toBe("out/");
		expect(run.warnings("far")).toEqual([
			expect.stringMatching(/^Unable to set 'PULUMI_COMMAND_STDERR'\. /),
		]);
		expect(run.warnings("off")).toEqual([]);

		await stack.destroy();
		// The update printed nothing on stderr, and the plugin sets no variable for an empty output.
		const lines = readFileSync(file, "utf8").trim().split("\n");
		expect(sorted(lines)).toEqual(["/", "out//", "out/err/"]);
	});
});
