import { T3_DONE, T3_DONE_STEP } from "../answers";
import type { StepCommands } from "../commands";
import { marker } from "../host-record";
import { type ShellOptions, shellScriptOf } from "./shell";

/** As `t3DoneCommands` of a host with an SSH server. */
export function sambaT3DoneCommands(
	host: string,
	options: ShellOptions,
): StepCommands {
	const { stdin, command } = shellScriptOf(
		host,
		T3_DONE_STEP,
		[],
		`
write "$R" '"T2"="${marker.t2Closed}"'
if ! record || ! holds '${marker.t2Closed}'; then fail record-not-written; fi
say "began $1"
say '${T3_DONE}'
good`,
		options,
	);
	return { stdin, create: (at) => command([at]), update: "exit 0" };
}
