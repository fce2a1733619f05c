import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "../free-port.ts";
import { Keeper } from "./keeper.ts";
import { LabHost } from "./lab-host.ts";
import { type Make, makeDrives } from "./make.ts";
import { SERVICE_KEY } from "./service-key.ts";
import {
	changeSettings,
	DEFAULT_SETTINGS,
	type HostSettings,
} from "./settings.ts";
import { SshServer } from "./ssh-server.ts";
import { prepareLab } from "./template.ts";
import {
	type Language,
	startWindows,
	WINE,
	type WineEnvironment,
	wine,
	wineEnvironment,
} from "./wine.ts";

export type { LabHost };

/** What kind of host to start. */
export interface HostOptions {
	/** @default "reg" */
	make?: Make;
	/** Of its programs' texts, code pages and display names. @default "en" */
	language?: Language;
	/** @default "requestor" */
	role?: HostSettings["role"];
	/** Keep the host's state here, and resume what is there. @default a new temporary folder, removed at stop */
	dir?: string;
	/** @default a free one, or the resumed host's */
	port?: number;
	/** The value at the start, as the right-hand side of a .reg line: `dword:00000000`, `"1"`. @default absent */
	pauseKicksDX?: string;
	/** Whether the service runs. @default true */
	running?: boolean;
	/** Whether there is such a service at all. @default true */
	installed?: boolean;
}

/** What stays the same when a host is resumed. */
interface Identity {
	make: Make;
	language: Language;
	port: number;
}

/** Starts a Windows host behind an SSH server on loopback; it ends with stop(), or with this process. */
export async function startHost(options: HostOptions = {}): Promise<LabHost> {
	const template = await prepareLab();
	const dir = options.dir
		? resolve(options.dir)
		: await mkdtemp(join(tmpdir(), "dirsync-host-"));
	const resumed = await readIdentity(dir, options);
	const identity = resumed ?? (await newIdentity(options));
	const locales = join(template.folder, "locales");
	const env = wineEnvironment(dir, locales, identity.language);
	await mkdir(join(dir, "commands"), { recursive: true });
	// What an accident or a gate of an earlier run left.
	await rm(join(dir, "full"), { force: true });
	await rm(join(dir, "lab/gates"), { recursive: true, force: true });
	await writeFile(join(dir, "environment"), shellVariables(env));
	const keeper = new Keeper(dir, options.dir === undefined);
	try {
		if (!resumed) {
			await makeDrives(template, dir, identity.make, identity.language);
			await changeSettings(join(dir, "lab/settings"), DEFAULT_SETTINGS);
			await writeFile(join(dir, "host.json"), JSON.stringify(identity));
		}
		const ssh = new SshServer(dir, identity.port);
		const host = new LabHost(dir, env, ssh, keeper);
		await startWindows(env);
		await applyOptions(host, env, options, !resumed);
		// Last: whoever can log in finds everything in place.
		await ssh.start();
		return host;
	} catch (error) {
		await keeper.end();
		throw error;
	}
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

/** For handover.sh and keeper.sh, which read them as shell text. */
const shellVariables = (env: WineEnvironment): string =>
	Object.entries({ ...env, WINE })
		.map(([name, value]) => `${name}='${value}'\n`)
		.join("");

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
