import { userInfo } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

export type Language = "en" | "de";

/** Wine's loader itself: Debian's `wine` in front of it prints advice on stderr. */
export const WINE = "/usr/lib/wine/wine64";

const LOCALES: Record<Language, string> = {
	en: "en_US.UTF-8",
	de: "de_DE.UTF-8",
};

/** The name of a locale decides the host's language, code pages (437 or 850) and the texts of Wine's own programs. */
export const localeName = (language: Language): string => LOCALES[language];

/** What a process of one Wine prefix gets as its environment, and nothing else of ours. */
export interface WineEnvironment extends Record<string, string> {
	WINEPREFIX: string;
	WINEDEBUG: string;
	/** Wine links its users' folders to those of HOME: an empty one keeps the real ones out. */
	HOME: string;
	USER: string;
	LC_ALL: string;
	LOCPATH: string;
	PATH: string;
}

/** @param folder holds `prefix` and `home`; @param locales the folder of locales made by template.ts */
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
 * What runs Wine with its memory at fixed addresses: at random ones, a program now and then finds a place taken that
 * Wine needs, and fails to start or hangs. Empty where this machine does not allow it, as some containers do not.
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

/** Runs a Windows program in a prefix, not over SSH; throws where it fails. The answer's characters are bytes. */
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
 * Starts the prefix's server so that it stays without any program running, and Windows' own services.
 *
 * @param log the file for what Wine says of errors meanwhile
 */
export async function startWindows(
	env: WineEnvironment,
	log: string,
): Promise<void> {
	// What starts here stays, with what it inherits: no pipe of ours, or we wait for its end.
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

/** Ends everything that runs in the prefix, the registry written to its files. */
export async function endWindows(env: WineEnvironment): Promise<void> {
	const options = { env, extendEnv: false, stdio: "ignore" } as const;
	await execa("wineserver", ["-k"], { ...options, reject: false });
	await execa("wineserver", ["-w"], options);
}
