import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { freePort } from "../free-port.ts";
import { Keeper } from "./keeper.ts";
import { LabHost } from "./lab-host.ts";
import { type Make, makeDrives } from "./make.ts";
import { processes } from "./processes.ts";
import { SERVICE_KEY } from "./service-key.ts";
import {
	changeSettings,
	DEFAULT_SETTINGS,
	type HostSettings,
} from "./settings.ts";
import { SshServer } from "./ssh-server.ts";
import { prepareLab, type Template } from "./template.ts";
import {
	fixedAddresses,
	type Language,
	startWindows,
	WINE,
	type WineEnvironment,
	wine,
	wineEnvironment,
} from "./wine.ts";

export type { LabHost };

/** The kind of host to start. */
export interface HostOptions {
	/** @default "reg" */
	make?: Make;
	/** The language of its programs' texts, code pages and display names. @default "en" */
	language?: Language;
	/** @default "requestor" */
	role?: HostSettings["role"];
	/** The folder of the host's state, which is resumed if it exists. @default a new temporary folder, deleted at stop */
	dir?: string;
	/** @default a free port, or the resumed host's */
	port?: number;
	/** PauseKicksDX at the start, as the right-hand side of a .reg line: `dword:00000000`, `"1"`. @default absent */
	pauseKicksDX?: string;
	/** Whether the service runs. @default true */
	running?: boolean;
	/** Whether the service is installed. @default true */
	installed?: boolean;
	/** The time limit of a start, in seconds: it takes 1 on an idle machine, 5 if six hosts start at once. @default 40 */
	startLimit?: number;
}

/** The options that cannot change when a host is resumed. */
interface Identity {
	make: Make;
	language: Language;
	port: number;
}

/**
 * Starts a Windows host behind an SSH server on loopback. It ends with stop(), or with this process. A start that takes
 * too long is reported and tried once more.
 */
export async function startHost(options: HostOptions = {}): Promise<LabHost> {
	const template = await prepareLab();
	try {
		return await startOnce(template, options);
	} catch (error) {
		if (!(error instanceof StartTooLong)) throw error;
		console.warn(`${error.message}\nlab: the host is started once more`);
		return startOnce(template, options);
	}
}

/** Runs one part of a start. Its name is reported if the part does not end. */
type Part = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/** A host did not start within the time limit. */
class StartTooLong extends Error {}

async function startOnce(
	template: Template,
	options: HostOptions,
): Promise<LabHost> {
	const keeper = options.dir
		? new Keeper(resolve(options.dir), false)
		: Keeper.ofTemporary("dirsync-host-");
	const { dir } = keeper;
	const { startLimit = 40 } = options;
	const limit = AbortSignal.timeout(startLimit * 1000);
	let current = "";
	const part: Part = (what, work) => {
		// An abandoned start must not continue next to the second one.
		limit.throwIfAborted();
		current = what;
		return work();
	};
	try {
		return await Promise.race([
			start(template, dir, keeper, options, part),
			once(limit, "abort").then(async () => {
				throw new StartTooLong(
					`lab: a host did not start within ${startLimit} s, got as far as: ${current}\n${await whatThereIs(dir)}`,
				);
			}),
		]);
	} catch (error) {
		await keeper.end();
		throw error;
	}
}

/** Shows why a start does not end. */
async function whatThereIs(dir: string): Promise<string> {
	const own = processes()
		.filter(({ environment }) => environment.includes(`WINEPREFIX=${dir}/`))
		.map(({ pid, command }) => `${pid} ${command.replaceAll("\0", " ")}`);
	const log = await readFile(join(dir, START_LOG), "utf8").catch(() => "");
	return `its processes:\n${own.join("\n")}\nWine's log:\n${log}`;
}

const START_LOG = "start.log";

async function start(
	template: Template,
	dir: string,
	keeper: Keeper,
	options: HostOptions,
	part: Part,
): Promise<LabHost> {
	const resumed = await part("reading what an earlier run left", () =>
		readIdentity(dir, options),
	);
	const identity = resumed ?? (await newIdentity(options));
	const locales = join(template.folder, "locales");
	const env = wineEnvironment(dir, locales, identity.language);
	await part("copying the drives", async () => {
		await mkdir(join(dir, "commands"), { recursive: true });
		// Remains of an accident or a gate of an earlier run.
		await rm(join(dir, "full"), { force: true });
		await rm(join(dir, "lab/gates"), { recursive: true, force: true });
		await writeFile(join(dir, "environment"), await shellVariables(env));
		if (resumed) return;
		await makeDrives(template, dir, identity.make, identity.language);
		await changeSettings(join(dir, "lab/settings"), DEFAULT_SETTINGS);
		await writeFile(join(dir, "host.json"), JSON.stringify(identity));
	});
	const ssh = new SshServer(dir, identity.port);
	const host = new LabHost(dir, env, ssh, keeper);
	await part("starting Windows", () => startWindows(env, join(dir, START_LOG)));
	await part("setting up the service", () =>
		applyOptions(host, env, options, !resumed),
	);
	// The server starts last, so that every client that logs in finds a complete host.
	await part("starting the SSH server", () => ssh.start());
	return host;
}

async function newIdentity(options: HostOptions): Promise<Identity> {
	return {
		make: options.make ?? "reg",
		language: options.language ?? "en",
		port: options.port ?? (await freePort()),
	};
}

async function readIdentity(
	dir: string,
	options: HostOptions,
): Promise<Identity | undefined> {
	const text = await readFile(join(dir, "host.json"), "utf8").catch(() => "");
	if (!text) return undefined;
	const identity = JSON.parse(text) as Identity;
	for (const name of ["make", "language", "port"] as const)
		if (options[name] !== undefined && options[name] !== identity[name])
			throw new Error(
				`lab: ${dir} holds a host of ${name} ${identity[name]}, got ${options[name]}; name another folder or remove this one`,
			);
	return identity;
}

/** Variables for handover.sh and keeper.sh, which read them as shell text. */
async function shellVariables(env: WineEnvironment): Promise<string> {
	const FIXED = (await fixedAddresses()).join(" ");
	return Object.entries({ ...env, WINE, FIXED })
		.map(([name, value]) => `${name}='${value}'\n`)
		.join("");
}

async function applyOptions(
	host: LabHost,
	env: WineEnvironment,
	options: HostOptions,
	fresh: boolean,
): Promise<void> {
	const { role, pauseKicksDX, installed = true, running = true } = options;
	if (role) await host.set({ role });
	if (pauseKicksDX !== undefined)
		await host.setRegistry(SERVICE_KEY, "PauseKicksDX", pauseKicksDX);
	if (installed && running) await host.startService();
	else if (!installed && fresh)
		await wine(env, "L:\\wine-sc.exe", "delete", "MSExchangeDX");
}
