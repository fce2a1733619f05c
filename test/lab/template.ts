import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { madeOnce } from "./cache.ts";
import { clonePrefix } from "./clone.ts";
import { templateRegistry } from "./service-key.ts";
import { compileStandIns } from "./stand-ins.ts";
import {
	endWindows,
	type Language,
	localeName,
	WINE,
	wine,
	wineEnvironment,
} from "./wine.ts";

const languages: Language[] = ["en", "de"];

/** The parts that every host is copied from. */
export interface Template {
	/** The folder of the compiled stand-ins. */
	programs: string;
	/** Contains `locales`, `en/prefix`, `de/prefix`. */
	folder: string;
}

let prepared: Promise<Template> | undefined;

/** Creates the template of all hosts. It takes half a minute, once on this machine. */
export function prepareLab(): Promise<Template> {
	prepared ??= prepare();
	return prepared;
}

async function prepare(): Promise<Template> {
	const { stdout: version } = await execa(WINE, ["--version"]);
	const registries = languages.map(templateRegistry);
	const parts = [version, userInfo().username, ...registries];
	// Waits for both even if one fails, so that neither writes to a folder that is being deleted.
	const [programs, folder] = await Promise.allSettled([
		compileStandIns(),
		madeOnce("windows", parts, makePrefixes),
	]);
	if (programs.status === "rejected") throw programs.reason;
	if (folder.status === "rejected") throw folder.reason;
	return { programs: programs.value, folder: folder.value };
}

/** Wine builds the first prefix. The others are copies with their own registry. */
async function makePrefixes(folder: string): Promise<void> {
	const locales = join(folder, "locales");
	await makeLocales(locales);
	for (const language of languages) {
		const env = wineEnvironment(join(folder, language), locales, language);
		await mkdir(env.HOME, { recursive: true });
		if (language !== "en")
			await clonePrefix(join(folder, "en/prefix"), env.WINEPREFIX);
		const registry = join(folder, language, "template.reg");
		await writeFile(registry, `\ufeff${templateRegistry(language)}`, "utf16le");
		try {
			// Wine's first start installs its own Mono and Gecko, which nothing here needs.
			const dlls = "mscoree,mshtml,winemenubuilder.exe=";
			await wine({ ...env, WINEDLLOVERRIDES: dlls }, "wineboot.exe", "-i");
			await wine(env, "regedit.exe", "/s", registry);
		} finally {
			await endWindows(env);
		}
		await makeUserFolders(join(env.WINEPREFIX, "drive_c/users", env.USER));
	}
}

/** Wine uses only the name of a locale. So the one locale that every Linux has gets the names of the missing ones. */
async function makeLocales(folder: string): Promise<void> {
	await mkdir(folder);
	for (const language of languages)
		await symlink("/usr/lib/locale/C.utf8", join(folder, localeName(language)));
}

/** Wine makes Documents and similar folders links to the Unix user's. A host has its own folders. */
async function makeUserFolders(profile: string): Promise<void> {
	for (const entry of await readdir(profile, { withFileTypes: true })) {
		if (!entry.isSymbolicLink()) continue;
		await rm(join(profile, entry.name));
		await mkdir(join(profile, entry.name));
	}
}
