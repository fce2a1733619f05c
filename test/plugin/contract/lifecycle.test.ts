// @module-tag full
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sorted, useContract } from "../contract.ts";
import { PASSPHRASE } from "../sshd.ts";

const contract = useContract();

// Prints the type of the key that was used for the login.
const KEY = "$(cut -d' ' -f2 $SSH_USER_AUTH)";
const OLD_KEY = "ssh-ed25519";
const NEW_KEY = "ssh-rsa";
const rotated = () => ({
	privateKey: contract.sshd.encryptedKey,
	privateKeyPassword: PASSPHRASE,
});

describe("when a command runs", () => {
	test("preview runs nothing, up runs create once, and an unchanged up or refresh opens no connection", async () => {
		const stack = await contract.bench.stack();
		const { note, notes } = bound("once");
		const a = contract.remote("a", { create: note("create") });

		await stack.preview([a]);
		expect(contract.logins()).toBe(0);

		expect((await stack.up([a])).ops).toEqual(["create a"]);
		expect(notes()).toEqual(["create"]);
		const before = { logins: contract.logins(), state: stack.state() };

		expect((await stack.up([a])).ops).toEqual([]);
		await stack.refresh();
		await stack.preview([
			contract.remote("a", { create: note("create again") }),
		]);
		expect(contract.logins()).toBe(before.logins);
		expect(stack.state().a?.outputs).toEqual(before.state.a?.outputs);
	});

	test("a change of any input except triggers runs update, or create if no update is declared", async () => {
		const stack = await contract.bench.stack();
		const { note, notes, forget } = bound("inputs");
		const changes: Record<string, object> = {
			create: { create: note("create anew") },
			update: { update: note("update update anew") },
			delete: { delete: "true" },
			stdin: { stdin: "x" },
			environment: { environment: { GIVEN: "x" } },
			logging: { logging: "none" },
			addPreviousOutputInEnv: { addPreviousOutputInEnv: false },
			connection: { connection: { perDialTimeout: 7 } },
		};
		const declare = (changed: boolean) => [
			...Object.entries(changes).map(([name, change]) =>
				contract.remote(name, {
					create: note(`create ${name}`),
					update: note(`update ${name}`),
					...(changed && change),
				}),
			),
			contract.remote("bare", {
				create: note("create bare"),
				...(changed && { stdin: "x" }),
			}),
		];
		await stack.up(declare(false));
		forget();

		const { ops } = await stack.up(declare(true));
		const names = [...Object.keys(changes), "bare"];
		expect(sorted(ops)).toEqual(sorted(names.map((n) => `update ${n}`)));
		expect(sorted(notes())).toEqual(
			sorted([
				...Object.keys(changes)
					.filter((name) => name !== "update")
					.map((name) => `update ${name}`),
				"update update anew",
				"create bare",
			]),
		);
	});

	test("a resource without create opens no connection, gets an id, and keeps its outputs", async () => {
		const stack = await contract.bench.stack();
		const declare = (stdin: string, create?: string) => [
			contract.remote("idle", { stdin }),
			contract.remote("former", { stdin, create }),
		];
		await stack.up(declare("a", "echo out"));
		const before = contract.logins();
		expect(before).toBeGreaterThan(0);
		const { ops } = await stack.up(declare("b"));
		expect(sorted(ops)).toEqual(["update former", "update idle"]);
		const { idle, former } = stack.state();
		expect(idle?.id).toMatch(/^idle[0-9a-f]{8}$/);
		const empty = { stdin: "b", stdout: "", stderr: "" };
		expect(idle?.outputs).toMatchObject(empty);
		expect(former?.outputs).toMatchObject({ ...empty, stdout: "out" });
		await stack.destroy();
		expect(contract.logins()).toBe(before);
	});
});

describe("replacement", () => {
	test("a change of triggers runs create with the new inputs, then delete with the old inputs", async () => {
		const stack = await contract.bench.stack();
		const { note, notes, forget } = bound("triggers");
		const declare = (version: string, change: object, opts = {}) =>
			contract.remote(
				"a",
				{
					create: note(`create ${version} ${KEY}`),
					update: note("update"),
					delete: note(`delete ${version} ${KEY}`),
					...change,
				},
				opts,
			);
		await stack.up([declare("one", { triggers: ["x"] })]);
		const { id } = stack.state().a ?? {};
		forget();
		const { ops } = await stack.up([
			declare("two", { triggers: ["y"], connection: rotated() }),
		]);
		expect(ops).toEqual([
			"create-replacement a",
			"replace a",
			"delete-replaced a",
		]);
		expect(notes()).toEqual([`create two ${NEW_KEY}`, `delete one ${OLD_KEY}`]);
		expect(stack.state().a?.id).not.toBe(id);

		forget();
		const opts = { deleteBeforeReplace: true };
		await stack.up([declare("three", { triggers: ["z"] }, opts)]);
		expect(notes()).toEqual([
			`delete two ${NEW_KEY}`,
			`create three ${OLD_KEY}`,
		]);
	});

	test("adding or removing a trigger, or the complete list, replaces the resource too", async () => {
		const stack = await contract.bench.stack();
		const lists: Record<string, [unknown, unknown]> = {
			"element comes": [["x"], ["x", "y"]],
			"element goes": [["x", "y"], ["x"]],
			"list comes": [undefined, ["x"]],
			"list goes": [["x"], undefined],
			"no text": [
				[1, { a: ["b"] }],
				[1, { a: ["c"] }],
			],
		};
		const declare = (when: 0 | 1) =>
			Object.entries(lists).map(([name, triggers]) =>
				contract.remote(name, { triggers: triggers[when] }),
			);
		await stack.up(declare(0));
		const { ops } = await stack.up(declare(1));
		const created = ops.filter((op) => op.startsWith("create-replacement"));
		expect(sorted(created)).toEqual(
			sorted(Object.keys(lists).map((name) => `create-replacement ${name}`)),
		);
	});

	test("with ignoreChanges a new key and script cause no update, and a replacement still uses them", async () => {
		const stack = await contract.bench.stack();
		const { note, notes, forget } = bound("ignore");
		const inputs = ["connection", "create", "update", "stdin", "environment"];
		const ignoreChanges = [...inputs, "logging", "delete"];
		const declare = (version: string, args: object) =>
			contract.remote(
				"kick",
				{ create: note(`create ${version} ${KEY}`), ...args },
				{ ignoreChanges },
			);
		await stack.up([declare("one", { triggers: ["x"] })]);
		forget();
		const changed = { connection: rotated(), stdin: "x", logging: "none" };
		const { ops } = await stack.up([
			declare("two", { triggers: ["x"], ...changed }),
		]);
		expect(ops).toEqual([]);
		expect(notes()).toEqual([]);

		await stack.up([declare("three", { triggers: ["y"], ...changed })]);
		expect(notes()).toEqual([`create three ${NEW_KEY}`]);
	});
});

describe("a failed command", () => {
	test("create leaves no state, and update keeps the old inputs and outputs and runs again", async () => {
		const stack = await contract.bench.stack();
		const { note, notes, forget } = bound("failed");
		const fail = "; exit 5";
		await stack.up(
			[
				contract.remote("born", { create: note("create born") + fail }),
				contract.remote("grown", {
					create: `${note("create grown")}; echo created`,
				}),
			],
			{ fails: true, flags: ["--continue-on-error"] },
		);
		expect(sorted(notes())).toEqual(["create born", "create grown"]);
		expect(stack.state().born).toBeUndefined();

		const grown = (update: string) =>
			contract.remote("grown", {
				create: `${note("create grown")}; echo created`,
				update,
				delete: note("delete grown"),
			});
		const stored = stack.state().grown;
		const broken = grown(note("update grown") + fail);
		for (const _ of ["first", "again"]) {
			forget();
			const { ops } = await stack.up([broken], { fails: true });
			expect(ops).toEqual(["update grown"]);
			expect(notes()).toEqual(["update grown"]);
			expect(stack.state().grown?.inputs).toEqual(stored?.inputs);
			expect(stack.state().grown?.outputs).toEqual(stored?.outputs);
		}
		forget();
		await stack.destroy();
		// The delete command was declared with the failed update, so it is not in the state.
		expect(notes()).toEqual([]);
	});

	test("delete keeps the resource, and the next destroy runs it again", async () => {
		const stack = await contract.bench.stack();
		const { note, notes } = bound("delete");
		const allowed = contract.file("allowed");
		const a = contract.remote("a", {
			create: "true",
			delete: `${note("delete")}; test -e ${allowed}`,
		});
		await stack.up([a]);
		const run = await stack.destroy({ fails: true });
		expect(run.error("a")).toContain(
			`Process exited with status 1: running "${a.args.delete}"`.replace(
				'echo "delete"',
				'echo \\"delete\\"',
			),
		);
		expect(stack.state().a).toBeDefined();

		writeFileSync(allowed, "");
		await stack.destroy();
		expect(stack.state().a).toBeUndefined();
		expect(notes()).toEqual(["delete", "delete"]);
	});
});

/** The journal functions of the contract for one journal. */
function bound(journal: string) {
	return {
		note: (line: string) => contract.note(line, journal),
		notes: () => contract.notes(journal),
		forget: () => contract.forget(journal),
	};
}
