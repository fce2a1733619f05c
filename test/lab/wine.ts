import { userInfo } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

export type Language = "en" | "de";

/** Wine's loader. Debian's `wine` wrapper prints advice on stderr. */
export const WINE = "/usr/lib/wine/wine64";

const LOCALES: Record<Language, string> = {
	en: "en_US.UTF-8",
	de: "de_DE.UTF-8",
};

/** The name of the locale decides the host's language, code pages (437 or 850) and the texts of Wine's own programs. */
export const localeName = (language: Language): string => LOCALES[language];

/** The complete environment of a process in a Wine prefix. */
export interface WineEnvironment extends Record<string, string> {
	WINEPREFIX: string;
	WINEDEBUG: string;
	/** Wine links its users' folders to those of HOME. With an empty HOME the real ones stay unused. */
	HOME: string;
	USER: string;
	LC_ALL: string;
	LOCPATH: string;
	PATH: string;
}

/**
 * @param folder contains `prefix` and `home`
 * @param locales the folder of locales made by template.ts
 */
export function wineEnvironment(
	folder: string,
	locales: string,
	language: Language,
): WineEnvironment {
	return {
		WINEPREFIX: join(folder, "prefix"),
		WINEDEBUG: "-all",
		HOME: join(folder, "home"),
		USER: userInfo().username,
		LC_ALL: localeName(language),
		LOCPATH: locales,
		PATH: "/usr/local/bin:/usr/bin:/bin",
	};
}

let fixed: Promise<string[]> | undefined;

/**
 * A command that runs Wine with its memory at fixed addresses. With random ones, an address that Wine needs is
 * sometimes in use, and the program fails to start or hangs. Empty if this machine does not allow it, as in some
 * containers.
 */
export function fixedAddresses(): Promise<string[]> {
	fixed ??= execa("setarch", ["-R", "true"], { reject: false }).then(
		({ exitCode }) => (exitCode === 0 ? ["setarch", "-R"] : []),
	);
	return fixed;
}

async function commandLine(...args: string[]) {
	const [program = WINE, ...rest] = [
		...(await fixedAddresses()),
		WINE,
		...args,
	];
	return [program, rest] as const;
}

/** Runs a Windows program in a prefix, without SSH. Throws if it fails. The characters of the result are bytes. */
export async function wine(
	env: WineEnvironment,
	...programAndArgs: [program: string, ...args: string[]]
): Promise<string> {
	const [program, args] = await commandLine(...programAndArgs);
	const { stdout } = await execa(program, args, {
		env,
		extendEnv: false,
		cwd: env.HOME,
		stdin: "ignore",
		encoding: "latin1",
		timeout: 120_000,
	});
	return stdout;
}

/**
 * Starts the prefix's server, so that it stays without any running program, and Windows' own services.
 *
 * @param log the file for Wine's error messages meanwhile
 */
export async function startWindows(
	env: WineEnvironment,
	log: string,
): Promise<void> {
	// These processes stay and keep what they inherit. With a pipe of this process, it would wait for their end.
	const options = { env, extendEnv: false, stdio: "ignore" } as const;
	await execa("wineserver", ["-p"], options);
	const [program, args] = await commandLine("cmd.exe", "/c", "ver");
	const logged = ['exec >>"$0" 2>&1 "$@"', log, program, ...args];
	await execa("sh", ["-c", ...logged], {
		...options,
		cwd: env.HOME,
		env: { ...env, WINEDEBUG: "fixme-all" },
	});
}

/** Ends every process in the prefix. Wine writes the registry to its files. */
export async function endWindows(env: WineEnvironment): Promise<void> {
	const options = { env, extendEnv: false, stdio: "ignore" } as const;
	await execa("wineserver", ["-k"], { ...options, reject: false });
	await execa("wineserver", ["-w"], options);
}
