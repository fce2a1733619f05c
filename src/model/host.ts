import type * as pulumi from "@pulumi/pulumi";

/** The part that Exchange plays in directory synchronization, as set in Exchange Administrator. */
export const Role = {
	/** Asks a dirsync server; a kick runs T1 (Q148309). */
	Requestor: "requestor",
	/** Is the dirsync server; a kick runs T2 (Q147464). */
	Server: "server",
} as const;
export type Role = (typeof Role)[keyof typeof Role];

/** The program that reads and writes a Windows host's registry. */
export const RegistryTool = {
	/** `reg` where the host's own answers as Windows XP's does, else `regedit`. */
	Auto: "auto",
	/** reg.exe, in the box since Windows XP. */
	Reg: "reg",
	/** regedit.exe, the one tool in the box of NT 4 and Windows 2000. */
	Regedit: "regedit",
} as const;
export type RegistryTool = (typeof RegistryTool)[keyof typeof RegistryTool];

/** What `pulumi destroy` does with the registry value. */
export const OnDestroy = {
	/** Puts back what was there before: no value, or its earlier type and data. */
	Restore: "restore",
	/** Leaves the value at 1. */
	Keep: "keep",
} as const;
export type OnDestroy = (typeof OnDestroy)[keyof typeof OnDestroy];

/** What a step that sends does when an earlier attempt at it was interrupted and its outcome is unknown. */
export const OnUncertain = {
	/** Fail and ask. */
	Fail: "fail",
	/** Send another control, or run the program again. */
	Retry: "retry",
	/** Count the earlier attempt as done. */
	Accept: "accept",
} as const;
export type OnUncertain = (typeof OnUncertain)[keyof typeof OnUncertain];

/** How to log in to one SSH server. */
export interface SshLoginArgs {
	/** Name or address. */
	host: pulumi.Input<string>;
	/** @default 22 */
	port?: pulumi.Input<number>;
	/** The user to log in as; on a Windows host an administrator. */
	user: pulumi.Input<string>;
	/** The server's public key, `ssh-ed25519 AAAA...`. Required unless `insecureIgnoreHostKey`. */
	hostKey?: pulumi.Input<string>;
	/** Accept any host key, and so any machine that answers. @default false */
	insecureIgnoreHostKey?: boolean;
	/** Kept secret. */
	password?: pulumi.Input<string>;
	/** Contents of a private key file. Kept secret. */
	privateKey?: pulumi.Input<string>;
	/** Pass phrase of `privateKey`. Kept secret. */
	privateKeyPassword?: pulumi.Input<string>;
}

/** A Windows host that is reached by SSH and hands its commands to cmd.exe. */
export interface SshArgs extends SshLoginArgs {
	/** An SSH server to go through (one hop). */
	proxy?: SshLoginArgs;
}

/** A Windows NT host without an SSH server, which Samba's `net rpc` drives by SMB and RPC. */
export interface SambaArgs {
	/** Name or address. */
	host: pulumi.Input<string>;
	/** @default 445; 139 where `legacy` */
	port?: pulumi.Input<number>;
	/** An administrator of the host; `SITE\\Administrator` where that is one of a domain. */
	user: pulumi.Input<string>;
	/** Kept secret. It reaches `net` by a pipe: no argument, environment or file has it. */
	password: pulumi.Input<string>;
	/** The Unix machine that has `net`, logged in to by SSH. @default the machine that runs Pulumi */
	gateway?: SshArgs;
	/**
	 * For NT 4: SMB1 and NTLM without signing are allowed, and the component's name is the host's NetBIOS name. Whoever
	 * listens on the network between `net` and the host can then find out the password. @default false, SMB2 and NTLMv2
	 */
	legacy?: boolean;
}

/** Where the host listens: NT 4 knows SMB by NetBIOS only. */
export const defaultPort = ({ legacy }: { legacy?: boolean }): number =>
	legacy ? 139 : 445;

/** When a dirsync cycle is started. */
export interface CycleArgs {
	/** Creating it, or any change in these texts, starts one cycle; nothing else does. At least one. */
	triggers: string[];
	/** @default OnUncertain.Fail */
	onUncertain?: OnUncertain;
}

/** The two cycles that a kick can start. */
export type CycleType = "T1" | "T2";

/** The cycle that a kick starts on a host of that role. */
export function cycleType(role: Role): CycleType {
	return role === Role.Requestor ? "T1" : "T2";
}

/** What a host may be called: its name travels on a command line. */
export const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** As the network has it: whatever its case, and with the dot of the root or without. */
export const normalizeHostName = (host: string): string =>
	host.toLowerCase().replace(/\.$/, "");

/** One host at one port; an address that is known later only is taken for another machine's. */
export function endpointKey({
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
		? `${normalizeHostName(host)}:${port}`
		: name;
}

interface Address {
	host: pulumi.Input<string>;
	port?: pulumi.Input<number>;
}
