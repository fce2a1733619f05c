import type { StepCommands } from "../../protocol/commands";
import { marker } from "../../protocol/host-record";
import { T3_DONE, T3_DONE_STEP } from "../../protocol/step-output";
import { createShellScript, type ShellOptions } from "./shell";

/** Does what `t3DoneCommands` does for a host with an SSH server. */
export function sambaT3DoneCommands(
	host: string,
	options: ShellOptions,
): StepCommands {
	const { stdin, command } = createShellScript(
		host,
		T3_DONE_STEP,
		[],
		`
if ! record; then call registry createkey "$R"; fi
put "$R" T2 sz '${marker.t2Closed}'
if ! record || ! holds '${marker.t2Closed}'; then fail record-not-written; fi
say "began $1"
say '${T3_DONE}'
good`,
		options,
	);
	return { stdin, create: (at) => command([at]), update: "exit 0" };
}
