import { realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { twinDir } from "../plugin/twin.ts";
import { prepareRealPlugin } from "./plugin.ts";
import { type Pulumi, preparePulumi } from "./pulumi.ts";

/** What is prepared for the project, once; ignored by git. */
const FOLDER = join(import.meta.dirname, "../../.toolchain");

/** The engine and the plugin to work with. */
export interface Toolchain {
	/** Path of the CLI. */
	pulumi: string;
	version: string;
	/** Path of the Node language host. */
	languageHost: string;
	/** The twin's `dir` goes into the project file of a test, as `plugins.providers: [{name: command, path: dir}]`. */
	plugin: { kind: "real" } | { kind: "twin"; dir: string };
	/** What a child needs over this process's own environment. */
	env: Record<string, string>;
}

let prepared: Promise<Toolchain> | undefined;

/** Finds the Pulumi CLI, its language host and the command plugin, or prepares them; once for a process. */
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

/** Where the engine finds its parts, and nothing that makes it ask the vendor or the user's SSH agent. */
export function childEnvironment(
	{ program, languageHost }: Pulumi,
	path = "",
): Record<string, string> {
	const known = path.split(delimiter);
	// A folder that is on PATH already stays where it is: in front, /usr/bin would hide the user's own node.
	const added = [program, languageHost]
		.map((file) => dirname(file))
		.filter((folder, i, all) => all.indexOf(folder) === i)
		.filter((folder) => !known.includes(folder));
	const engineFolder = dirname(realpathSync(program));
	return {
		PATH: [...added, path].join(delimiter),
		PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
		PULUMI_SKIP_UPDATE_CHECK: "true",
		// A plugin on PATH would win over the one that was found. But a language host may have no other place.
		...(dirname(languageHost) === engineFolder && {
			PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
		}),
		// A socket without an agent behind it fails every log-in; an agent with keys would take part in it.
		SSH_AUTH_SOCK: "",
	};
}
