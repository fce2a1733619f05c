import type * as pulumi from "@pulumi/pulumi";
import { networkName } from "../config/same-machine";
import {
	defaultPort,
	type RegistryTool,
	type Role,
	type SambaArgs,
	type SshArgs,
} from "./host";

/** The Exchange host of a cutover: what its own `PauseKicksDX` was given. */
export interface ExchangeArgs {
	/** The host's name: that of its `PauseKicksDX`. */
	name: string;
	/** Decides the order of the steps: a requestor's kick is T1, a dirsync server's T2. */
	role: Role;
	/** One of `ssh` and `samba`. */
	ssh?: SshArgs;
	samba?: SambaArgs;
	/** @default RegistryTool.Auto */
	registryTool?: RegistryTool;
}

/** One MS Mail post office, and the Windows host that runs the MS Mail programs on it. */
export interface PostOfficeArgs {
	/** Names it in messages, resources and outputs: letters, digits, `.`, `_` and `-`, 63 at most. */
	name: string;
	/** Its part in directory synchronization. Where Exchange is a requestor exactly one is the dirsync server, else none. */
	role: Role;
	ssh: SshArgs;
	/** The drive on which that host has the post office: a letter, `X`. */
	drive: string;
	/** Where REQMAIN, SRVMAIN, IMPORT and REBUILD are, `C:\MAILEXE`: they run from there and from nowhere else (Q132731). */
	directory: string;
	/** What stands before each program on the command line: `forcedos` on Windows NT (Q148309). @default none */
	launcher?: string;
	/** The post office administrator, whom IMPORT asks for. */
	admin: string;
	/** The administrator's password. Kept secret; printable ASCII without space, `"` and `%`. */
	adminPassword?: pulumi.Input<string>;
}

/** What has to happen between two steps: a fixed time, or a text in the output of a command. */
export interface WaitArgs {
	/** Waits so many seconds, and asks nobody. */
	seconds?: number;
	/** The post office, or the Exchange host, on which the command runs. */
	host?: string;
	/** One line for cmd.exe, as in a batch file: a percent sign is written twice. */
	command?: string;
	/** The text in the command's output that ends the wait; capitals count. */
	contains?: string;
	/** Seconds between two looks. @default 10 */
	every?: number;
	/** Seconds after which the wait has failed. @default 900 */
	timeout?: number;
}

/** The waits of a cutover: MS Mail and Exchange pass their messages on by mail, which takes its time. */
export interface WaitsArgs {
	/** Until the requests of T1 have arrived where T2 runs. */
	t1Delivered: WaitArgs;
	/** Until the answers of T2 have arrived at the requestors. */
	t2Delivered: WaitArgs;
}

/** Guards against known losses. */
export interface GuardsArgs {
	/** Refuse a T2 while an earlier one has no T3 yet: it can lose a full import for good (Q142841). @default true */
	t3BeforeT2?: boolean;
	/**
	 * Refuse a kick so many minutes before and after the full hour by the Exchange host's clock (over Samba by that of the
	 * machine that has `net`), when scheduled cycles start (Q180297). @default 0, at any time
	 */
	minutesAroundHour?: number;
	/** Refuse to begin while a post office is locked, or its address list is open (91, 203). @default true */
	freePostOffices?: boolean;
}

/** The programs of MS Mail, as they are called. */
export type Program = "reqmain" | "srvmain" | "import" | "rebuild";

/** One step of a cutover: a program on a post office, the kick, or a wait. */
export type Step = { after: string[] } & (
	| {
			kind: "program";
			/** Unique within the cutover: resources are named after it. */
			name: string;
			postOffice: string;
			program: Program;
			/** `t`: it sends, `r`: it receives. */
			flag?: "t" | "r";
	  }
	| { kind: "kick"; name: string }
	/** Notes that T3 has been run everywhere: a dirsync server may run its next T2. */
	| { kind: "t3-done"; name: string }
	| { kind: "wait"; name: string; wait: keyof WaitsArgs }
);

/** One host at one port; an address that is known later only is taken for another machine's. */
export function machineOf({
	name,
	ssh,
	samba,
}: {
	name: string;
	ssh?: Address;
	samba?: Address & { legacy?: boolean };
}): string {
	const { host, port = ssh ? 22 : defaultPort(samba ?? {}) } =
		ssh ?? samba ?? {};
	return typeof host === "string" && typeof port === "number"
		? `${networkName(host)}:${port}`
		: name;
}

interface Address {
	host: pulumi.Input<string>;
	port?: pulumi.Input<number>;
}

/**
 * Who takes part in a cutover: others, or with other roles, are another one, from the first step on. In what order the
 * post offices are listed is nobody's business.
 */
export const partsOf = (
	exchange: Plan["exchange"],
	postOffices: readonly Plan["exchange"][],
): string[] => [
	partOf(exchange),
	...postOffices.map((office) => partOf(office)).sort(),
];

const partOf = ({ name, role }: Plan["exchange"]) => `${name} ${role}`;

/** Whether a kick is a T2 that waits for its T3; where that is somebody else's affair, nobody would say that it is done. */
export const awaitsT3 = ({
	exchange,
	applyOnPostOffices,
}: Pick<Plan, "exchange" | "applyOnPostOffices">): boolean =>
	exchange.role === "server" && applyOnPostOffices;

/** What decides which steps there are. */
export interface Plan {
	exchange: { name: string; role: string };
	postOffices: readonly {
		name: string;
		role: string;
		/** The machine it is on: steps on the same one follow each other. */
		machine: string;
	}[];
	applyOnPostOffices: boolean;
}

/**
 * The manual directory synchronization, each step with those that must have ended well before it: Exchange as requestor
 * (Q148309) or as dirsync server (Q147464). Post offices go side by side, the steps of one and those on one machine in
 * order.
 */
export function stepsOf(plan: Plan): Step[] {
	const { exchange, postOffices, applyOnPostOffices } = plan;
	const steps: Step[] = [];
	/** What the next step waits for. */
	let barrier: string[] = [];
	const next = (step: Step) => {
		steps.push(step);
		barrier = [step.name];
	};
	const wait = (name: keyof WaitsArgs) =>
		next({
			kind: "wait",
			name: name === "t1Delivered" ? "t1-delivered" : "t2-delivered",
			wait: name,
			after: barrier,
		});
	const kick = () =>
		next({ kind: "kick", name: `${exchange.name}-kick`, after: barrier });
	/** The same programs on each of these post offices. */
	const onEach = (
		offices: Plan["postOffices"],
		programs: readonly [Program, ("t" | "r")?][],
	) => {
		const ends = new Map<string, string>();
		const last = offices.map(({ name: postOffice, machine }) => {
			let before = ends.get(machine);
			for (const [program, flag] of programs) {
				const name = [postOffice, program, flag].filter(Boolean).join("-");
				const after = before === undefined ? barrier : [before];
				steps.push({ kind: "program", name, postOffice, program, flag, after });
				before = name;
			}
			ends.set(machine, before as string);
			return before as string;
		});
		barrier = last;
	};

	onEach(postOffices, [["reqmain", "t"]]);
	if (exchange.role === "requestor") {
		kick();
		wait("t1Delivered");
		// Without the first the second would answer requests that it has not read (Q127752).
		onEach(
			postOffices.filter(({ role }) => role === "server"),
			[
				["srvmain", "r"],
				["srvmain", "t"],
			],
		);
	} else {
		wait("t1Delivered");
		kick();
	}
	wait("t2Delivered");
	// Exchange as a requestor applies T3 by itself (Q149451).
	if (applyOnPostOffices)
		onEach(postOffices, [["reqmain", "r"], ["import"], ["rebuild"]]);
	if (awaitsT3(plan))
		next({
			kind: "t3-done",
			name: `${exchange.name}-t3-done`,
			after: barrier,
		});
	return steps;
}
