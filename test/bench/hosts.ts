import type { Work } from "./protocol-host.ts";

/** Fleets listen side by side, a range of ports each, below those that Linux gives to outgoing connections. */
export const PORTS = { first: 20_000, each: 1_000 };

/** Where one host is and how to get in. */
export interface Door {
	name: string;
	host: string;
	port: number;
	user: string;
	hostKey: string;
}

/** What was seen at one host's door, and behind it, since counting began. */
export interface Counts extends Work {
	logins: number;
}

/** The hosts that a side looks after, and what was seen there. */
export interface Hosts {
	readonly doors: readonly Door[];
	/** Lets in to every host; its file too. */
	readonly privateKey: string;
	readonly keyFile: string;
	/** By host, in the order of the doors. */
	counts(): Promise<Counts[]>;
	/** Counting begins anew; the hosts keep what they have. */
	reset(): Promise<void>;
	/** Seconds of processor that they took so far; NaN where nobody knows. */
	processorTime(): number;
	stop(): Promise<void>;
}

/** Of the plain ssh client: neither the user's settings nor his keys. */
export function sshOptions(keyFile: string, knownHosts: string): string[] {
	const options = ["IdentitiesOnly=yes", "BatchMode=yes", "LogLevel=ERROR"];
	options.push(`UserKnownHostsFile=${knownHosts}`);
	return [
		...["-F", "none", "-i", keyFile],
		...options.flatMap((option) => ["-o", option]),
	];
}
