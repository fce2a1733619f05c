import { realpath, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { buildLanguageHost, buildPulumi } from "./build.ts";
import { installOfficial } from "./official.ts";
import { findProgram, isExecutable, run, versionAtLeast } from "./programs.ts";
import { removeAbandoned } from "./staging.ts";

/** The oldest version of the CLI that the package and its tests support. */
export const MINIMUM_VERSION = "3.245.0";
const HOST = "pulumi-language-nodejs";

/** The Pulumi CLI and its language host. */
export interface Pulumi {
	program: string;
	version: string;
	languageHost: string;
}

/** Returns the CLI on PATH, else the one in `folder`, else a new one there, and a language host for it. */
export async function preparePulumi(
	folder: string,
	env: NodeJS.ProcessEnv,
): Promise<Pulumi> {
	await removeAbandoned(folder);
	const found = (await pulumiOnPath(env)) ?? (await ownPulumi(folder, env));
	return { ...found, languageHost: await languageHost(found, folder, env) };
}

type Cli = Omit<Pulumi, "languageHost">;

/** Returns the CLI on PATH. Fails if it is too old, because its user would not expect that another one is used. */
async function pulumiOnPath(env: NodeJS.ProcessEnv): Promise<Cli | undefined> {
	const program = await findProgram("pulumi", env.PATH);
	if (!program) return undefined;
	const version = await versionOf(program, env);
	if (!versionAtLeast(version, MINIMUM_VERSION)) {
		throw new Error(
			`pulumi: the CLI on PATH is too old, got ${version} (${program}); update it to ${MINIMUM_VERSION} or later, or take it off PATH to have one prepared in .toolchain`,
		);
	}
	return { program, version };
}

async function ownPulumi(folder: string, env: NodeJS.ProcessEnv): Promise<Cli> {
	const bin = join(folder, "bin");
	const program = join(bin, "pulumi");
	if (await isExecutable(program)) {
		const version = await versionOf(program, env);
		if (versionAtLeast(version, MINIMUM_VERSION)) return { program, version };
		await rm(bin, { recursive: true });
	}
	if (!(await installOfficial(bin, env))) await buildPulumi(bin, env);
	return { program, version: await versionOf(program, env) };
}

async function versionOf(
	program: string,
	env: NodeJS.ProcessEnv,
): Promise<string> {
	const version = await run([program, "version"], {
		what: `pulumi: ${program} version`,
		// The update check would connect to the vendor.
		env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
		limitSeconds: 30,
		advice: "repair it, or remove it to have one prepared in .toolchain",
	});
	return version.trim();
}

/** The engine searches its own folder, then PATH. A CLI without a language host gets one that is built here. */
async function languageHost(
	{ program }: Cli,
	folder: string,
	env: NodeJS.ProcessEnv,
): Promise<string> {
	const own = join(folder, "language-host");
	const path = [dirname(await realpath(program)), env.PATH, own];
	const found = await findProgram(HOST, path.join(delimiter));
	if (found) return found;
	await buildLanguageHost(own, env);
	return join(own, HOST);
}
