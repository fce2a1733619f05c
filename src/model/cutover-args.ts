import type * as pulumi from "@pulumi/pulumi";
import type { OnUncertain, RegistryTool, Role, Samba, Ssh } from "./host";

/** Inputs of `PostOfficeCutover`. */
export interface PostOfficeCutoverArgs {
	/**
	 * Any string. Changing it, even back to an earlier value, repeats the whole cutover.
	 *
	 * @example "rehearsal-1"
	 */
	run: pulumi.Input<string>;
	/** The Exchange host. Name its `PauseKicksDX` component in the option `dependsOn`. */
	exchange: Exchange;
	/**
	 * Every post office that takes part: at least one. Where Exchange is a requestor, exactly one of them is the dirsync
	 * server; where Exchange is the dirsync server, none. Adding or removing one repeats the whole cutover.
	 */
	postOffices: PostOffice[];
	/** The waits between the steps. */
	waits: Waits;
	/** Whether to run T3 on the post offices too: REQMAIN -R, IMPORT and REBUILD. @default true */
	applyOnPostOffices?: boolean;
	/**
	 * What a step that sends (the kick, `reqmain -t`, `srvmain -t`) does when an earlier attempt at it was interrupted and its
	 * outcome is unknown: fail, retry, or accept it as done.
	 *
	 * @default OnUncertain.Fail
	 */
	onUncertain?: OnUncertain;
	/** Checks that refuse a step which could lose data. */
	guards?: Guards;
}

/**
 * The Exchange host of a cutover, with the values that its own `PauseKicksDX` has.
 *
 * @example { name: "EXCH01", role: "requestor", ssh: { host: "exch01.corp.example", user: "Administrator", hostKey, privateKey } }
 */
export interface Exchange {
	/** The name of its `PauseKicksDX` component. */
	name: string;
	/** Decides the order of the steps: a requestor's kick is T1, a dirsync server's is T2. */
	role: Role;
	/** How to reach the host by SSH. Exactly one of `ssh` and `samba`. */
	ssh?: Ssh;
	/** How to reach a host without an SSH server. Exactly one of `ssh` and `samba`. */
	samba?: Samba;
	/** Which program reads and writes the registry; with `ssh` only. @default `auto`, with `ssh` */
	registryTool?: RegistryTool;
}

/**
 * One MS Mail post office, and the Windows host that runs the MS Mail programs on it.
 *
 * @example
 * {
 *   name: "PO-HARBOR", role: "server", ssh: { host: "10.0.0.7", user: "Administrator", hostKey, privateKey },
 *   drive: "X", directory: "C:\\MAILEXE", launcher: "forcedos", admin: "admin", adminPassword: config.requireSecret("admin"),
 * }
 */
export interface PostOffice {
	/** Names it in messages, resources and outputs: 1 to 63 letters, digits, `.`, `_` and `-`. */
	name: string;
	/** Its part in directory synchronization. */
	role: Role;
	/** How to reach the host that runs the MS Mail programs. */
	ssh: Ssh;
	/** The letter of the drive on which that host has the post office. @example "X" */
	drive: string;
	/**
	 * The folder of REQMAIN, SRVMAIN, IMPORT and REBUILD, 200 characters at most. They run from there only (Q132731).
	 *
	 * @example "C:\\MAILEXE"
	 */
	directory: string;
	/**
	 * The program that starts the MS Mail programs, `forcedos` on Windows NT (Q148309): a name or a path without arguments,
	 * 1 to 100 characters.
	 *
	 * @default none
	 */
	launcher?: string;
	/** The mailbox of the post office administrator, for IMPORT: 1 to 63 letters, digits, `.`, `_` and `-`. */
	admin: string;
	/**
	 * The administrator's password: 1 to 64 printable ASCII characters without space, `"` and `%`. It is kept secret.
	 * Required unless `applyOnPostOffices` is false.
	 */
	adminPassword?: pulumi.Input<string>;
}

/**
 * What must happen between two steps: either a fixed time, `seconds`, or a string in the output of a command, `host`,
 * `command` and `contains` together.
 *
 * @example { seconds: 120 }
 * @example { host: "PO-HARBOR", command: "type X:\\LOG\\RECV.LOG", contains: "SYSTEM1", every: 10, timeout: 900 }
 */
export interface Wait {
	/** Waits this long, without a connection: 0 to 86,400 seconds. */
	seconds?: number;
	/** The post office or Exchange host on which the command runs, by its name. */
	host?: string;
	/** One line for cmd.exe, as in a batch file, so `%` is written twice: 1 to 800 printable ASCII characters. */
	command?: string;
	/** The string in the command's output that ends the wait, case-sensitive: 1 to 200 printable ASCII characters without `"`. */
	contains?: string;
	/** Seconds between two runs of the command: 1 to 86,400. @default 10, with `command` */
	every?: number;
	/** Seconds after which the wait fails: 0 to 86,400. @default 900, with `command` */
	timeout?: number;
}

/**
 * The waits of a cutover: MS Mail and Exchange exchange their messages by mail, which takes time.
 *
 * @example { t1Delivered: { seconds: 600 }, t2Delivered: { seconds: 600 } }
 */
export interface Waits {
	/** Until the requests of T1 have arrived where T2 runs. */
	t1Delivered: Wait;
	/** Until the answers of T2 have arrived at the requestors. */
	t2Delivered: Wait;
}

/**
 * Checks that refuse a step which could lose data.
 *
 * @example { minutesAroundHour: 5 }
 */
export interface Guards {
	/** Refuse a T2 while an earlier one has no T3 yet: it can lose a full import for good (Q142841). @default true */
	t3BeforeT2?: boolean;
	/**
	 * Refuse a kick this many minutes before and after the full hour, when scheduled cycles start (Q180297): 0 to 29. The
	 * clock is the Exchange host's; with `samba` it is that of the machine that has `net`. @default 0, at any time
	 */
	minutesAroundHour?: number;
	/** Refuse to begin while a post office is locked (91) or its address list is open (203, Q99117). @default true */
	freePostOffices?: boolean;
}
