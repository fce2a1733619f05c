import type * as pulumi from "@pulumi/pulumi";

/** The role of Exchange in directory synchronization, as set in Exchange Administrator. */
export const Role = {
	/** Sends its changes to a dirsync server; a kick runs T1 (Q148309). */
	Requestor: "requestor",
	/** Is the dirsync server; a kick runs T2 (Q147464). */
	Server: "server",
} as const;
export type Role = (typeof Role)[keyof typeof Role];

/** The program that reads and writes a Windows host's registry. */
export const RegistryTool = {
	/** `reg` if the host has it with the syntax of Windows XP, else `regedit`. */
	Auto: "auto",
	/** reg.exe, part of Windows since XP. */
	Reg: "reg",
	/** regedit.exe, the only tool that is part of NT 4 and Windows 2000. */
	Regedit: "regedit",
} as const;
export type RegistryTool = (typeof RegistryTool)[keyof typeof RegistryTool];

/** What `pulumi destroy` does with the registry value. */
export const OnDestroy = {
	/** Restores the earlier state: no value, or its earlier type and data. */
	Restore: "restore",
	/** Leaves the value at 1. */
	Keep: "keep",
} as const;
export type OnDestroy = (typeof OnDestroy)[keyof typeof OnDestroy];

/** What a step that sends does when an earlier attempt at it was interrupted and its outcome is unknown. */
export const OnUncertain = {
	/** Fail, so that the user decides. */
	Fail: "fail",
	/** Send another control, or run the program again. */
	Retry: "retry",
	/** Treat the earlier attempt as done. */
	Accept: "accept",
} as const;
export type OnUncertain = (typeof OnUncertain)[keyof typeof OnUncertain];

/**
 * How to log in to one SSH server. At least one of `password` and `privateKey` is required.
 *
 * @example { host: "jump.corp.example", user: "ops", hostKey: "ssh-ed25519 AAAA...", privateKey: config.requireSecret("key") }
 */
export interface SshLogin {
	/** Host name or IP address, 253 characters at most. */
	host: pulumi.Input<string>;
	/** 1 to 65535. @default 22 */
	port?: pulumi.Input<number>;
	/** The user to log in as. On a Windows host it must be an administrator. */
	user: pulumi.Input<string>;
	/** The server's public key, `ssh-ed25519 AAAA...`. Required unless `insecureIgnoreHostKey` is true. */
	hostKey?: pulumi.Input<string>;
	/** Accept any host key, and so any machine that answers. @default false */
	insecureIgnoreHostKey?: boolean;
	/** It is kept secret. */
	password?: pulumi.Input<string>;
	/** The contents of a private key file: RSA, ECDSA or Ed25519, in OpenSSH's form or PEM. It is kept secret. */
	privateKey?: pulumi.Input<string>;
	/** The pass phrase of `privateKey`, if it has one. It is kept secret. */
	privateKeyPassword?: pulumi.Input<string>;
}

/**
 * A Windows host with an SSH server that passes commands to cmd.exe.
 *
 * @example { host: "exch01.corp.example", user: "Administrator", hostKey: "ssh-ed25519 AAAA...", privateKey: config.requireSecret("key") }
 */
export interface Ssh extends SshLogin {
	/** An SSH server to connect through (one hop). */
	proxy?: SshLogin;
}

/**
 * A Windows NT host without an SSH server. Samba's `net rpc` controls it by SMB and RPC.
 *
 * @example { host: "10.0.0.9", user: "SITE\\Administrator", password: config.requireSecret("password"), legacy: true }
 */
export interface Samba {
	/** Host name or IP address, 253 characters at most. */
	host: pulumi.Input<string>;
	/** 1 to 65535. @default 445; 139 where `legacy` is true */
	port?: pulumi.Input<number>;
	/** An administrator of the host; `SITE\\Administrator` if the user belongs to a domain. */
	user: pulumi.Input<string>;
	/** It is kept secret. It reaches `net` by a pipe: no argument, environment variable or file contains it. */
	password: pulumi.Input<string>;
	/** The Unix machine that has `net`, reached by SSH. @default the machine that runs Pulumi */
	gateway?: Ssh;
	/**
	 * For NT 4: allows SMB1 and NTLM without signing, and takes the component's name as the host's NetBIOS name. An
	 * eavesdropper between `net` and the host can then find out the password. @default false: SMB2 and NTLMv2
	 */
	legacy?: boolean;
}

/** The SMB port of a host: NT 4 offers SMB over NetBIOS only. */
export const defaultPort = ({ legacy }: { legacy?: boolean }): number =>
	legacy ? 139 : 445;

/**
 * When a dirsync cycle starts.
 *
 * @example { triggers: ["initial-import"] }
 */
export interface Cycle {
	/**
	 * Creating the cycle, or any change in this list, starts one cycle; nothing else does. At least one string, each of one
	 * line without control characters.
	 */
	triggers: string[];
	/** What to do when an earlier attempt was interrupted and its outcome is unknown. @default OnUncertain.Fail */
	onUncertain?: OnUncertain;
}

/** The two cycles that a kick can start. */
export const CycleType = {
	/** Requestors send their changes to the dirsync server. */
	T1: "T1",
	/** The dirsync server merges the changes and answers. */
	T2: "T2",
} as const;
export type CycleType = (typeof CycleType)[keyof typeof CycleType];

/** The cycle that a kick starts on a host of that role. */
export function cycleType(role: Role): CycleType {
	return role === Role.Requestor ? CycleType.T1 : CycleType.T2;
}

/** The names that a host may have. They become part of scripts and of registry keys. */
export const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Host names are compared without case and without the final dot of a fully qualified name. */
export const normalizeHostName = (host: string): string =>
	host.toLowerCase().replace(/\.$/, "");

/** Identifies a host's endpoint, `host:port`. An address that is an unknown Output cannot be compared: its name is used. */
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
