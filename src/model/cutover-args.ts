import type * as pulumi from "@pulumi/pulumi";
import type {
	OnUncertain,
	RegistryTool,
	Role,
	SambaArgs,
	SshArgs,
} from "./host";

/** Inputs of `PostOfficeCutover`. */
export interface PostOfficeCutoverArgs {
	/** Any text; a change, to an earlier one too, repeats the whole cutover. */
	run: pulumi.Input<string>;
	/** The Exchange host, as its own `PauseKicksDX` has it; name that one in the option `dependsOn`. */
	exchange: ExchangeArgs;
	/** Every post office that takes part; adding or removing one repeats the whole cutover. */
	postOffices: PostOfficeArgs[];
	waits: WaitsArgs;
	/** Whether to run T3 on the post offices too. @default true */
	applyOnPostOffices?: boolean;
	/**
	 * What a step that sends does when an earlier attempt at it broke off: the kick, `reqmain -t`, `srvmain -t`.
	 *
	 * @default OnUncertain.Fail
	 */
	onUncertain?: OnUncertain;
	guards?: GuardsArgs;
}

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
