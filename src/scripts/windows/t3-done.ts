import type { RegistryTool } from "../../model/host";
import type { StepCommands } from "../../protocol/commands";
import { marker } from "../../protocol/host-record";
import {
	STARTED_PREFIX,
	T3_DONE,
	T3_DONE_STEP,
} from "../../protocol/step-output";
import { createScript } from "./batch";
import { stepCommands } from "./step";
import { requireValue } from "./subroutines";

/**
 * The commands of a cutover's last step on a dirsync server. It records that the last T2 has had its T3 on every post
 * office (Q142841).
 */
export function t3DoneCommands(
	host: string,
	registryTool?: RegistryTool,
): StepCommands {
	return stepCommands(
		createScript(
			host,
			T3_DONE_STEP,
			`
set startedAt=%3
call :begin-reg [%recordKey%]
>>write.reg echo "T2"="${marker.t2Closed}"
call :import-reg
${requireValue("T2", marker.t2Closed, "call :end record-not-written")}
echo ${STARTED_PREFIX}%startedAt%
echo ${T3_DONE}
goto succeed`,
			{ registryTool },
		),
	);
}
