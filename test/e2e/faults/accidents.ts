import { setTimeout as pause } from "node:timers/promises";
import type { AnyHost } from "../../lab/any-host.ts";
import type { Gate } from "../../lab/gate.ts";
import { LabHost } from "../../lab/lab-host.ts";
import { descendants, end, type Process } from "../../lab/processes.ts";
import type { Run, Stack } from "../../stack.ts";
import { gatewayOf } from "../fixture.ts";
import type { Point } from "./points.ts";

/** A host and the point at which a run on it is interrupted. */
export interface Place {
	host: AnyHost;
	point: Point;
}

/** An update that is blocked at its gates. */
export interface Held {
	stack: Stack;
	hosts: readonly AnyHost[];
	gates: readonly Gate[];
	update: ReturnType<Stack["start"]>;
}

/** Something that interrupts an update. Afterwards the gates are open and the update has ended. */
export interface Accident {
	name: string;
	/** Whether the engine leaves a lock or pending operations, which require the steps in docs/troubleshooting.md. */
	engineDies: boolean;
	/** The names of the points at which it is not applicable. */
	notAt?: readonly string[];
	/** @returns the result of a second update, if one was started while the interrupted one was still running */
	happen: (held: Held) => Promise<Run | undefined>;
}

/** Points at which the script's cmd.exe has not started yet or has ended. */
const NO_SCRIPT = ["connected", "answer given"];

const open = (held: Held) => Promise.all(held.gates.map((gate) => gate.open()));
/** Cuts the connections between Pulumi and the machine that it is connected to. */
const cut = async (held: Held) => {
	for (const host of held.hosts)
		await (gatewayOf(host) ?? host).cutConnections();
};
const windows = (held: Held) => held.hosts as readonly LabHost[];
const over = async (held: Held) => {
	await open(held);
	await held.update;
	return undefined;
};

/** Accidents of Pulumi itself. They are possible with every transport. */
const OF_PULUMI: readonly Accident[] = [
	{
		name: "plugin killed",
		engineDies: false,
		happen: async (held) => {
			end(
				descendants(held.update.pid).filter(({ command }) =>
					command.includes("pulumi-resource-command"),
				),
			);
			return over(held);
		},
	},
	{
		name: "engine killed",
		engineDies: true,
		happen: async (held) => {
			// The plugins would run a little longer. They are killed too, as in a failure of the machine.
			const plugins = descendants(held.update.pid);
			held.update.kill("SIGKILL");
			end(plugins);
			return over(held);
		},
	},
	{
		name: "Ctrl-C",
		engineDies: false,
		happen: async (held) => {
			held.update.kill("SIGINT");
			// Else a host that is released may end its step before the engine has received the signal.
			await said(held, "press ^C again");
			return over(held);
		},
	},
	{
		name: "Ctrl-C twice",
		engineDies: true,
		happen: async (held) => {
			held.update.kill("SIGINT");
			await said(held, "press ^C again");
			held.update.kill("SIGINT");
			return over(held);
		},
	},
];

const isNet = ({ command }: Process) => command.startsWith("net\0");
/** Whether a process is a script that controls a host over Samba, or the `net` that such a script waits for. */
export const drives = (process: Process) =>
	isNet(process) || process.command.includes("# dx-end");

/**
 * Kills the package's scripts that work on a host, with `children` also the programs that they started.
 *
 * @param started the processes that the update started on this machine
 */
export function killScript(
	host: AnyHost,
	started: readonly Process[],
	{ children = false } = {},
): void {
	if (host instanceof LabHost) {
		host.killScript({ children });
		return;
	}
	const here = gatewayOf(host)?.programs() ?? started;
	end(here.filter((one) => drives(one) && (children || !isNet(one))));
}
const killScripts = (
	{ hosts, update }: Held,
	options?: { children: boolean },
) => {
	const started = descendants(update.pid);
	for (const host of hosts) killScript(host, started, options);
};

const SCRIPT_KILLED: Accident = {
	name: "script killed, its program lives on",
	engineDies: false,
	happen: async (held) => {
		killScripts(held);
		return over(held);
	},
};
const ALL_KILLED: Accident = {
	name: "script and programs killed",
	engineDies: false,
	happen: async (held) => {
		killScripts(held, { children: true });
		return over(held);
	},
};

export const ACCIDENTS: readonly Accident[] = [
	{
		name: "connection cut",
		engineDies: false,
		happen: async (held) => {
			await cut(held);
			return over(held);
		},
	},
	{
		name: "connection cut, next update at once",
		engineDies: false,
		notAt: ["answer given"],
		happen: async (held) => {
			await cut(held);
			await held.update;
			// Else the first host that is busy can end the update before it has come to the last one.
			const next = await held.stack.up("--continue-on-error");
			await open(held);
			return next;
		},
	},
	{ ...SCRIPT_KILLED, notAt: NO_SCRIPT },
	{ ...ALL_KILLED, notAt: ["answer given"] },
	{
		name: "disk full from here on",
		engineDies: false,
		notAt: ["answer given"],
		happen: async (held) => {
			await Promise.all(windows(held).map((host) => host.fillDisk()));
			await over(held);
			await Promise.all(windows(held).map((host) => host.freeDisk()));
			return undefined;
		},
	},
	...OF_PULUMI,
];

/**
 * Accidents over Samba. None starts a second update at once: `net` waits 10 s for an answer, so the gates must be open
 * by then.
 */
export const SAMBA_ACCIDENTS: readonly Accident[] = [
	{
		name: "network to the host cut",
		engineDies: false,
		happen: async (held) => {
			for (const host of held.hosts) await host.cutConnections();
			return over(held);
		},
	},
	SCRIPT_KILLED,
	ALL_KILLED,
	...OF_PULUMI,
];

/** Accidents over a gateway. */
export const GATEWAY_ACCIDENTS: readonly Accident[] = [
	...ACCIDENTS.slice(0, 1),
	...SAMBA_ACCIDENTS,
];

/**
 * Starts an update, blocks it at its point on every host, causes the accident, and waits until all its processes have
 * ended. If the engine died, then runs the steps in docs/troubleshooting.md.
 *
 * @returns the results of the interrupted update and of an update that was started meanwhile
 */
export async function breakOff(
	stack: Stack,
	places: readonly Place[],
	accident: Accident,
): Promise<{ broken: Run; during: Run | undefined }> {
	const hosts = places.map(({ host }) => host);
	const gates = await Promise.all(
		places.map(({ host, point }) => host.gate(point.gate)),
	);
	const update = stack.start(["up", "--yes", "--skip-preview"]);
	const held: Held = { stack, hosts, gates, update };
	try {
		await Promise.race([
			Promise.all(gates.map((gate) => gate.reached())),
			update.then(({ all }) => {
				throw new Error(`the update ended before its gates:\n${all}`);
			}),
		]);
		const during = await accident.happen(held);
		const { exitCode, all } = await update;
		return { broken: { exitCode, output: all }, during };
	} finally {
		// Also if a gate was not reached: the next test needs an update that has ended.
		await over(held);
		await Promise.all(hosts.map(atRest));
		if (accident.engineDies) await stack.wayBack();
	}
}

/** Over Samba a host is also at rest between two calls of a script, so this waits until no new connection appears. */
async function atRest(host: AnyHost): Promise<void> {
	await host.atRest();
	if (host instanceof LabHost) return;
	for (let before = -1, now = 0; now !== before; ) {
		before = now;
		await pause(2000);
		await host.atRest();
		now = await host.connections();
	}
}

/** Waits until the update has printed the text. */
function said({ update }: Held, text: string): Promise<void> {
	return new Promise((resolve, reject) => {
		let output = "";
		update.all.on("data", (part: Buffer) => {
			output += part;
			if (output.includes(text)) resolve();
		});
		update.all.on("end", () =>
			reject(new Error(`"${text}" was expected, got:\n${output}`)),
		);
	});
}
