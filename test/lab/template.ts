import { createHash } from "node:crypto";
import {
	cp,
	mkdir,
	readdir,
	readFile,
	rename,
	rm,
	symlink,
	writeFile,
} from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { templateRegistry } from "./service-key.ts";
import {
	endWindows,
	type Language,
	localeName,
	WINE,
	wine,
	wineEnvironment,
} from "./wine.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = join(here, "../../.toolchain/lab");
const languages: Language[] = ["en", "de"];

/** The stand-ins and the C files each is made of. */
const programs: Record<string, string[]> = {
	"launcher.exe": ["launcher.c"],
	"dxa.exe": ["dxa.c"],
	"net.exe": ["net.c", "net-text.c"],
	"find.exe": ["find.c"],
	"regedit.exe": ["-mwindows", "regedit.c", "reg-export.c"],
};

let prepared: Promise<string> | undefined;

/**
 * Makes what every host is a copy of, once: the stand-ins compiled, and a Wine prefix for each language.
 * @returns the folder: `bin` (stand-ins), `locales`, `en/prefix`, `de/prefix`
 */
export function prepareLab(): Promise<string> {
	prepared ??= findOrMake();
	return prepared;
}

async function findOrMake(): Promise<string> {
	const folder = join(cache, await fingerprint());
	if (await exists(folder)) return folder;
	// Made aside and renamed: a build broken off is never used, and of two at once the first one counts.
	const draft = `${folder}.${process.pid}`;
	await mkdir(join(draft, "bin"), { recursive: true });
	try {
		await makeLocales(join(draft, "locales"));
		await compile(join(draft, "bin"));
		const prefixes = languages.map((language) => makePrefix(draft, language));
		// Both to their end before the folder goes, whichever fails.
		await Promise.allSettled(prefixes);
		await Promise.all(prefixes);
		await rename(draft, folder);
	} catch (error) {
		if (!(await exists(folder))) throw error;
	} finally {
		await rm(draft, { recursive: true, force: true });
	}
	return folder;
}

const exists = (path: string): Promise<boolean> =>
	readdir(path).then(
		() => true,
		() => false,
	);

async function fingerprint(): Promise<string> {
	const hash = createHash("sha256");
	const sources = (await readdir(join(here, "windows"))).sort();
	for (const file of [
		...sources.map((name) => `windows/${name}`),
		"template.ts",
	])
		hash.update(await readFile(join(here, file)));
	for (const language of languages) hash.update(templateRegistry(language));
	const { stdout } = await execa(WINE, ["--version"]);
	return hash
		.update(stdout + userInfo().username)
		.digest("hex")
		.slice(0, 16);
}

/** Wine looks only at a locale's name, so the one locale every Linux has can bear the names of those it lacks. */
async function makeLocales(folder: string): Promise<void> {
	await mkdir(folder);
	for (const language of languages)
		await symlink("/usr/lib/locale/C.utf8", join(folder, localeName(language)));
}

async function compile(folder: string): Promise<void> {
	const flags = ["-municode", "-O1", "-s", "-Wall", "-Werror"];
	for (const [program, sources] of Object.entries(programs))
		await execa(
			"x86_64-w64-mingw32-gcc",
			[...flags, "-o", join(folder, program), ...sources, "lab.c"],
			{ cwd: join(here, "windows") },
		);
}

async function makePrefix(draft: string, language: Language): Promise<void> {
	const folder = join(draft, language);
	const env = wineEnvironment(folder, join(draft, "locales"), language);
	const windows = join(env.WINEPREFIX, "drive_c/windows");
	const registry = join(folder, "template.reg");
	await mkdir(env.HOME, { recursive: true });
	await writeFile(registry, `\ufeff${templateRegistry(language)}`, "utf16le");
	try {
		// Wine's first start asks for its own Mono and Gecko; nothing here needs them.
		await wine(
			{ ...env, WINEDLLOVERRIDES: "mscoree,mshtml,winemenubuilder.exe=" },
			"wineboot.exe",
			"-i",
		);
		await wine(env, "regedit.exe", "/s", registry);
	} finally {
		await endWindows(env);
	}
	await makeUserFolders(join(env.WINEPREFIX, "drive_c/users", env.USER));
	await cp(join(windows, "regedit.exe"), join(draft, "bin/wine-regedit.exe"));
	await cp(join(windows, "system32/sc.exe"), join(draft, "bin/wine-sc.exe"));
	for (const program of ["net.exe", "find.exe"])
		await cp(join(draft, "bin", program), join(windows, "system32", program));
	const exchange = join(env.WINEPREFIX, "drive_c/exchsrvr");
	await mkdir(join(exchange, "dxadata"), { recursive: true });
	await cp(join(draft, "bin/dxa.exe"), join(exchange, "bin/dxa.exe"));
	await rm(join(env.WINEPREFIX, "wineserver"), { force: true });
}

/** Wine makes Documents and its like links to the Unix user's own: a host has folders. */
async function makeUserFolders(profile: string): Promise<void> {
	for (const entry of await readdir(profile, { withFileTypes: true })) {
		if (!entry.isSymbolicLink()) continue;
		await rm(join(profile, entry.name));
		await mkdir(join(profile, entry.name));
	}
}
