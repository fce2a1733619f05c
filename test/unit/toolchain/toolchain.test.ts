import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { childEnvironment } from "../../toolchain/toolchain.ts";
import { machine } from "./machine.ts";

const version = "v3.245.0";

it("puts the folder of the prepared CLI first on PATH", async () => {
	const { dir, program } = await machine();
	const pulumi = await program("pulumi", "", "own/bin");
	const languageHost = join(dir, "own/bin/pulumi-language-nodejs");
	const env = childEnvironment(
		{ program: pulumi, version, languageHost },
		"/usr/bin:/bin",
	);
	expect(env).toEqual({
		PATH: `${join(dir, "own/bin")}:/usr/bin:/bin`,
		PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
		PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
		PULUMI_SKIP_UPDATE_CHECK: "true",
		SSH_AUTH_SOCK: "",
	});
});

it("does not change PATH if the CLI is on it", async () => {
	const { dir, program } = await machine();
	const pulumi = await program("pulumi", "");
	const languageHost = join(dir, "bin/pulumi-language-nodejs");
	const path = `/node/bin:${join(dir, "bin")}`;
	const { PATH } = childEnvironment(
		{ program: pulumi, version, languageHost },
		path,
	);
	expect(PATH).toBe(path);
});

it("lets the engine search PATH for a language host that is not next to the CLI", async () => {
	const { dir, program } = await machine();
	const real = await program("pulumi", "", "opt");
	await symlink(real, join(dir, "bin/pulumi"));
	const beside = (languageHost: string) =>
		childEnvironment(
			{ program: join(dir, "bin/pulumi"), version, languageHost },
			join(dir, "bin"),
		).PULUMI_IGNORE_AMBIENT_PLUGINS;
	expect(beside(join(dir, "own/pulumi-language-nodejs"))).toBeUndefined();
	expect(beside(join(dir, "opt/pulumi-language-nodejs"))).toBe("true");
});
