import { realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { twinDir } from "../plugin/twin.ts";
import { prepareRealPlugin } from "./plugin.ts";
import { type Pulumi, preparePulumi } from "./pulumi.ts";

/** The folder for everything that is prepared once for the project. Git ignores it. */
export const FOLDER = join(import.meta.dirname, "../../.toolchain");

/** The engine and the plugin for tests and the lab. */
export interface Toolchain {
	/** The path of the CLI. */
	pulumi: string;
	version: string;
	/** The path of the Node language host. */
	languageHost: string;
	/** For the twin, the project file of a test contains `plugins.providers: [{name: command, path: dir}]`. */
	plugin: { kind: "real" } | { kind: "twin"; dir: string };
	/** The variables that a child process needs in addition to the environment of this process. */
	env: Record<string, string>;
}

let prepared: Promise<Toolchain> | undefined;

/** Finds or prepares the Pulumi CLI, its language host and the command plugin, once per process. */
export function prepareToolchain(): Promise<Toolchain> {
	prepared ??= prepare();
	return prepared;
}

async function prepare(): Promise<Toolchain> {
	const pulumi = await preparePulumi(FOLDER, process.env);
	const env = childEnvironment(pulumi, process.env.PATH);
	const hasReal = await prepareRealPlugin(pulumi.program, FOLDER, {
		...process.env,
		...env,
	});
	return {
		pulumi: pulumi.program,
		version: pulumi.version,
		languageHost: pulumi.languageHost,
		plugin: hasReal ? { kind: "real" } : { kind: "twin", dir: await twinDir() },
		env,
	};
}

/** Variables with which the engine finds its parts and uses neither the vendor's servers nor the user's SSH agent. */
export function childEnvironment(
	{ program, languageHost }: Pulumi,
	path = "",
): Record<string, string> {
	const known = path.split(delimiter);
	// A folder that is already on PATH is not moved to the front, where for example /usr/bin would hide the user's node.
	const added = [program, languageHost]
		.map((file) => dirname(file))
		.filter((folder, i, all) => all.indexOf(folder) === i)
		.filter((folder) => !known.includes(folder));
	const engineFolder = dirname(realpathSync(program));
	return {
		PATH: [...added, path].join(delimiter),
		PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
		PULUMI_SKIP_UPDATE_CHECK: "true",
		// A plugin on PATH would have priority over the one that was found. The language host may exist only on PATH.
		...(dirname(languageHost) === engineFolder && {
			PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
		}),
		// A socket without an agent fails every login, and the keys of an agent would be used for logins.
		SSH_AUTH_SOCK: "",
	};
}
