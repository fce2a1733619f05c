import { execa } from "execa";
import type {
	KickOptions,
	StepCommands,
} from "../../../src/protocol/commands.ts";
import { HOST_CYCLE, kickToken } from "../../../src/protocol/host-record.ts";
import { sambaKickCommands } from "../../../src/scripts/samba/kick.ts";
import {
	loginLines,
	type ShellOptions,
} from "../../../src/scripts/samba/shell.ts";
import type { NtHost } from "../../lab/nt/nt-host.ts";

/** The commands of a kick as the package creates them for EXCH01. */
export const kickOf = (
	{ samba: { legacy } }: NtHost,
	trigger: string,
	{
		onUncertain = "fail",
		awaitsT3,
		guards,
		...shell
	}: Partial<Pick<KickOptions, "onUncertain" | "awaitsT3" | "guards">> &
		Pick<ShellOptions, "stale"> = {},
): StepCommands =>
	sambaKickCommands(
		{
			host: "EXCH01",
			cycle: HOST_CYCLE,
			token: kickToken(HOST_CYCLE, [trigger]),
			type: "T1",
			...{ onUncertain, awaitsT3, guards },
		},
		{ legacy, ...shell },
	);

/** Runs a command of the package for a host, as the command plugin does on this machine. */
export function byHand(
	{ samba, password }: NtHost,
	command: string,
	stdin: string,
	env: NodeJS.ProcessEnv = {},
) {
	const { user, host, port } = samba;
	return execa("/bin/sh", ["-c", command], {
		input: loginLines(user, password, host, port) + stdin,
		env,
		all: true,
		reject: false,
	});
}
