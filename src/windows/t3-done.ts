import { marker } from "../host-record";
import { endings, scriptOf } from "./batch";
import { type StepCommands, stepCommands } from "./step";

/** Notes on an Exchange host that is a dirsync server that its last T2 has had its T3 on every post office (Q142841). */
export function t3DoneCommands(
	host: string,
	registryTool: string,
): StepCommands {
	const step = "T3 done";
	return stepCommands(
		scriptOf(
			host,
			step,
			`
set A=%4
call :begin [%R%]
>>w.reg echo "T2"="${marker.t2Closed}"
call :import
call :record
find "${marker.t2Closed}" r.txt >nul
if errorlevel 1 goto record-not-written
echo began %A%
echo T3 has been run on every post office
goto good
${endings(host, step, ["record-not-written"])}`,
		),
		[],
		{ registryTool },
	);
}
