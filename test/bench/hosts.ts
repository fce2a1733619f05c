import type { Work } from "./protocol-host.ts";

/** Fleets listen at the same time, each on a range of ports below those that Linux gives to outgoing connections. */
export const PORTS = { first: 20_000, each: 1_000 };

/** The address of a host and its log-in. */
export interface Door {
	name: string;
	host: string;
	port: number;
	user: string;
	hostKey: string;
}

/** The log-ins at one host and its work, since the last reset. */
export interface Counts extends Work {
	logins: number;
}

/** The hosts of one side, and what they counted. */
export interface Hosts {
	readonly doors: readonly Door[];
	/** The private key for every host, and its file. */
	readonly privateKey: string;
	readonly keyFile: string;
	/** One entry for each host, in the order of the doors. */
	counts(): Promise<Counts[]>;
	/** Sets the counters to zero. The hosts keep their state. */
	reset(): Promise<void>;
	/** The processor time of the hosts so far, in seconds; NaN if it is unknown. */
	processorTime(): number;
	stop(): Promise<void>;
}

/** Options of the plain ssh client, without the user's settings and keys. */
export function sshOptions(keyFile: string, knownHosts: string): string[] {
	const options = ["IdentitiesOnly=yes", "BatchMode=yes", "LogLevel=ERROR"];
	options.push(`UserKnownHostsFile=${knownHosts}`);
	return [
		...["-F", "none", "-i", keyFile],
		...options.flatMap((option) => ["-o", option]),
	];
}
