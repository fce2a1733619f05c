import type { StepCommands } from "../../protocol/commands";
import { marker } from "../../protocol/host-record";
import {
	STARTED_PREFIX,
	T3_DONE,
	T3_DONE_STEP,
} from "../../protocol/step-output";
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
if ! read_record; then call_net registry createkey "$record_key"; fi
set_value "$record_key" T2 sz '${marker.t2Closed}'
if ! read_record || ! record_has '${marker.t2Closed}'; then fail record-not-written; fi
add_line "${STARTED_PREFIX}$1"
add_line '${T3_DONE}'
succeed`,
		options,
	);
	return { stdin, create: (at) => command([at]), update: "exit 0" };
}
