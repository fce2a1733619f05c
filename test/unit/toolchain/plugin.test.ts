import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { prepareRealPlugin } from "../../toolchain/plugin.ts";
import { type Machine, machine } from "./machine.ts";

const PLUGIN = "home/plugins/resource-command-v1.2.1";

/** A machine whose `pulumi` records its calls and cannot reach the vendor. */
async function offline() {
	const m = await machine();
	const pulumi = await m.program(
		"pulumi",
		`echo "$@" >>${m.dir}/calls; echo no such host; exit 255`,
	);
	return { ...m, pulumi, prepare: () => prepare(m, pulumi) };
}

function prepare({ dir, env }: Machine, pulumi: string) {
	const home = { ...env, PULUMI_HOME: join(dir, "home") };
	return prepareRealPlugin(pulumi, join(dir, "own"), home);
}

it("tries the download once a day if it fails", async () => {
	const { dir, prepare } = await offline();
	expect(await prepare()).toBe(false);
	expect(await prepare()).toBe(false);
	const calls = () => readFile(join(dir, "calls"), "utf8");
	expect(await calls()).toBe("plugin install resource command 1.2.1\n");
	const failed = join(dir, "own/plugin-download-failed");
	expect(await readFile(failed, "utf8")).toContain("no such host");

	const yesterday = Date.now() / 1000 - 25 * 60 * 60;
	await utimes(failed, yesterday, yesterday);
	expect(await prepare()).toBe(false);
	expect((await calls()).split("\n")).toHaveLength(3);
});

it("immediately uses a plugin that was installed after a failed download", async () => {
	const { dir, prepare, program } = await offline();
	expect(await prepare()).toBe(false);
	await program("pulumi-resource-command", "", PLUGIN);
	expect(await prepare()).toBe(true);
	await writeFile(join(dir, `${PLUGIN}.partial`), "");
	expect(await prepare()).toBe(false);
});

it("searches .pulumi in the user's home if PULUMI_HOME is not set", async () => {
	const { dir, env, program, pulumi } = await offline();
	await program(
		"pulumi-resource-command",
		"",
		".pulumi/plugins/resource-command-v1.2.1",
	);
	expect(await prepareRealPlugin(pulumi, join(dir, "own"), env)).toBe(true);
	await expect(stat(join(dir, "calls"))).rejects.toThrow("ENOENT");
});

it("installs the plugin", async () => {
	const m = await machine();
	const pulumi = await m.program(
		"pulumi",
		`mkdir -p $PULUMI_HOME/plugins/resource-command-v1.2.1
		cd $PULUMI_HOME/plugins/resource-command-v1.2.1
		echo >pulumi-resource-command; chmod +x pulumi-resource-command`,
	);
	expect(await prepare(m, pulumi)).toBe(true);
	await rm(join(m.dir, PLUGIN), { recursive: true });
	expect(await prepare(m, pulumi)).toBe(true);
});
