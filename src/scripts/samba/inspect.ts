import {
	CHECK_STEP,
	type InspectCommands,
	sectionHeader,
} from "../../protocol/inspection";
import { SERVICE_KEY, STATE } from "./service";
import { createShellScript } from "./shell";

/** The inspection of a host over Samba. It takes no lock, writes nothing and sends no control. */
export function sambaInspectCommands(
	host: string,
	legacy: boolean,
): InspectCommands {
	const { stdin, command } = createShellScript(host, CHECK_STEP, [], BODY, {
		legacy,
		inspectsOnly: true,
	});
	return { stdin, command: command([]) };
}

/** The states in the format of sc.exe, which `parseInspection` reads. Bit 2 of the accepted controls is the pause. */
const STATES = {
	running: "4 RUNNING",
	stopped: "1 STOPPED",
	paused: "7 PAUSED",
	pending: "3 STOP_PENDING",
};

const BODY = `
service_key='${SERVICE_KEY}'
${STATE}
print_section() {
	add_line "$1"
	export_key "$2" && add_line "$output"
}
exists=
print_section '${sectionHeader("service")}' "$service_key" && exists=1
print_section '${sectionHeader("record")}' "$record_key"
add_line '${sectionHeader("started")}'
add_line '${sectionHeader("state")}'
# A user who may read the registry may still be denied the state. The state is then unknown, and the run fails: it must
# not report stopped.
if [ -n "$exists" ]; then
	read_state
	accepted=$(printf '%s\\n' "$output" | sed -n 's/^.*Controls Accepted *= *0x\\([0-9a-fA-F]*\\).*$/\\1/p')
	takes=
	if [ -n "$accepted" ]; then
		if [ $((0x$accepted & 2)) -eq 0 ]; then takes=' (NOT_PAUSABLE)'; else takes=' (PAUSABLE)'; fi
	fi
	case $service_state in
	${Object.entries(STATES)
		.map(([state, line]) => `${state}) add_line "STATE : ${line}$takes" ;;`)
		.join("\n")}
	*)
		case $output in *WERR_SERVICE_DOES_NOT_EXIST*) add_line 'FAILED 1060:' ;; *) fail_unexpected ;; esac ;;
	esac
fi
add_line '${sectionHeader("end")}'
succeed`;
