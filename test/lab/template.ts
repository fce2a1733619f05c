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

/** What every host is a copy of. */
export interface Template {
	/** Of the compiled stand-ins. */
	programs: string;
	/** Has `locales`, `en/prefix`, `de/prefix`. */
	folder: string;
}

let prepared: Promise<Template> | undefined;

/** Makes what every host is a copy of: half a minute, once for this machine. */
export function prepareLab(): Promise<Template> {
	prepared ??= prepare();
	return prepared;
}

async function prepare(): Promise<Template> {
	const { stdout: version } = await execa(WINE, ["--version"]);
	const registries = languages.map(templateRegistry);
	const parts = [version, userInfo().username, ...registries];
	// Both to their end, whichever fails: nothing goes on in a folder that is being removed.
	const [programs, folder] = await Promise.allSettled([
		compileStandIns(),
		madeOnce("windows", parts, makePrefixes),
	]);
	if (programs.status === "rejected") throw programs.reason;
	if (folder.status === "rejected") throw folder.reason;
	return { programs: programs.value, folder: folder.value };
}

/** Wine builds the first one; the others are its copies with their own registry. */
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
			// Wine's first start asks for its own Mono and Gecko; nothing here needs them.
			const dlls = "mscoree,mshtml,winemenubuilder.exe=";
			await wine({ ...env, WINEDLLOVERRIDES: dlls }, "wineboot.exe", "-i");
			await wine(env, "regedit.exe", "/s", registry);
		} finally {
			await endWindows(env);
		}
		await makeUserFolders(join(env.WINEPREFIX, "drive_c/users", env.USER));
	}
}

/** Wine looks only at a locale's name, so the one locale every Linux has can bear the names of those it lacks. */
async function makeLocales(folder: string): Promise<void> {
	await mkdir(folder);
	for (const language of languages)
		await symlink("/usr/lib/locale/C.utf8", join(folder, localeName(language)));
}

/** Wine makes Documents and its like links to the Unix user's own: a host has folders. */
async function makeUserFolders(profile: string): Promise<void> {
	for (const entry of await readdir(profile, { withFileTypes: true })) {
		if (!entry.isSymbolicLink()) continue;
		await rm(join(profile, entry.name));
		await mkdir(join(profile, entry.name));
	}
}
