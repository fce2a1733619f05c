// @module-tag full
import { realpathSync } from "node:fs";
import { expect, test } from "vitest";
import { local, useContract } from "../contract.ts";

const contract = useContract();

test("a resource without create is stored with an id, and is replaced only if its triggers change", async () => {
	const stack = await contract.bench.stack();
	const declare = (run: string, stdin: string) =>
		local("cutover", { triggers: [run], stdin });
	await stack.up([declare("one", "a")]);
	const id = () => stack.state().cutover?.id;
	const first = id();
	expect(first).toMatch(/^cutover[0-9a-f]{8}$/);
	expect(stack.state().cutover?.outputs).toEqual({
		triggers: ["one"],
		stdin: "a",
		stdout: "",
		stderr: "",
	});
	expect((await stack.up([declare("one", "b")])).ops).toEqual([
		"update cutover",
	]);
	expect(id()).toBe(first);
	expect((await stack.up([declare("two", "b")])).ops).toContain(
		"replace cutover",
	);
	expect(id()).not.toBe(first);
});

test("a local command runs create, update and delete like a remote command", async () => {
	const stack = await contract.bench.stack();
	const declare = (stdin: string, trigger: string) =>
		local("a", {
			create: contract.note("create $(cat)"),
			update: contract.note("update $(cat)"),
			delete: contract.note("delete $(cat)"),
			stdin,
			triggers: [trigger],
		});
	await stack.preview([declare("one", "x")]);
	await stack.up([declare("one", "x")]);
	await stack.up([declare("one", "x")]);
	await stack.up([declare("two", "x")]);
	await stack.up([declare("three", "y")]);
	await stack.destroy();
	expect(contract.notes()).toEqual([
		"create one",
		"update two",
		"create three",
		"delete two",
		"delete three",
	]);
});

test("dir, interpreter and environment are used; defaults are the project, sh and the CLI's environment", async () => {
	const stack = await contract.bench.stack();
	const env = { FROM_OUTSIDE: "outside" };
	const say = 'echo "$PWD|$0|$FROM_OUTSIDE|$A"';
	await stack.up(
		[
			local("plain", { create: say }),
			local("told", {
				create: say,
				dir: "/usr",
				interpreter: ["bash", "-e", "-c"],
				environment: { FROM_OUTSIDE: "inside", A: "a" },
			}),
			local("empty", { create: say, interpreter: [] }),
		],
		{ env },
	);
	const stdout = (name: string) => stack.state()[name]?.outputs.stdout;
	const project = realpathSync(contract.bench.dir);
	expect(stdout("plain")).toBe(`${project}|/bin/sh|outside|`);
	expect(stdout("told")).toBe("/usr|bash|inside|a");
	expect(stdout("empty")).toBe(`${project}|/bin/sh|outside|`);
});

test("Ctrl-C kills a local command; its children continue to run, and the update waits for them", async () => {
	const stack = await contract.bench.stack();
	// The parent of the shell is the plugin, and the plugin's parent is the engine.
	const interrupt = "kill -INT $(ps -o ppid= -p $PPID)";
	const create = `(sleep 2; ${contract.note("went on")}) & ${interrupt}; sleep 20 >/dev/null 2>&1; ${contract.note("to its end")}`;
	const before = contract.notes().length;
	const { text } = await stack.up([local("a", { create })], { fails: true });
	expect(text).toContain("signal: killed");
	expect(contract.notes().slice(before)).toEqual(["went on"]);
});
