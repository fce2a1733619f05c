import { dirname, join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";

// What the program of a stack changes in Pulumi's runtime, so that an update of 100 hosts takes 5 to 10 % less.
const PROGRAM = join(import.meta.dirname, "../../dist/main.js");

/** Loads the program, evaluates an expression and returns its value. */
async function evaluate(expression: string): Promise<unknown> {
	const { stdout } = await execa(
		process.execPath,
		[
			"--eval",
			`require(${JSON.stringify(PROGRAM)});
			process.stdout.write(JSON.stringify(${expression}));`,
		],
		{ cwd: dirname(PROGRAM) },
	);
	return JSON.parse(stdout);
}

it("loads no compiler and no dependency tree of npm", async () => {
	const loaded = await evaluate("Object.keys(require.cache).join()");
	expect(loaded).toContain("@pulumi/pulumi/index.js");
	expect(loaded).not.toMatch(/node_modules\/(typescript|@npmcli\/arborist)\//);
});

it("formats no stack trace of the runtime's promises", async () => {
	const trace = await evaluate(`(() => {
		const promise = Promise.resolve();
		require("@pulumi/pulumi/runtime/debuggable").debuggablePromise(promise);
		return promise._debugStackTrace;
	})()`);
	expect(trace).toBe("");
});

it.each([
	[
		"thrown",
		`(() => {
			try { null.missing; } catch (error) { return error.stack; }
		})()`,
		"TypeError: Cannot read properties of null (reading 'missing')",
	],
	[
		"captured in another object",
		`(() => {
			const object = { name: "Refused", message: "by the host" };
			Error.captureStackTrace(object);
			return object.stack;
		})()`,
		"Refused: by the host",
	],
])("leaves a trace that is %s in Node's format", async (_, trace, message) => {
	const { stdout } = await execa(process.execPath, [
		"--eval",
		`process.stdout.write(${trace});`,
	]);
	const firstLines = (text: unknown) =>
		String(text).replaceAll(/\d+/g, "N").split("\n").slice(0, 2);
	const lines = firstLines(await evaluate(trace));
	expect(lines).toEqual([message, "    at [eval]:N:N"]);
	expect(lines).toEqual(firstLines(stdout));
});
