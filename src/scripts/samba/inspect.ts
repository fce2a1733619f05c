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
		looks: true,
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
K='${SERVICE_KEY}'
${STATE}
show() {
	say "$1"
	export_key "$2" && say "$O"
}
there=
show '${sectionHeader("service")}' "$K" && there=1
show '${sectionHeader("record")}' "$R"
say '${sectionHeader("started")}'
say '${sectionHeader("state")}'
# A user who may read the registry may still be denied the state. The state is then unknown, and the run fails: it must
# not report stopped.
if [ -n "$there" ]; then
	state
	accepted=$(printf '%s\\n' "$O" | sed -n 's/^.*Controls Accepted *= *0x\\([0-9a-fA-F]*\\).*$/\\1/p')
	takes=
	if [ -n "$accepted" ]; then
		if [ $((0x$accepted & 2)) -eq 0 ]; then takes=' (NOT_PAUSABLE)'; else takes=' (PAUSABLE)'; fi
	fi
	case $S in
	${Object.entries(STATES)
		.map(([state, told]) => `${state}) say "STATE : ${told}$takes" ;;`)
		.join("\n")}
	*)
		case $O in *WERR_SERVICE_DOES_NOT_EXIST*) say 'FAILED 1060:' ;; *) turned_away ;; esac ;;
	esac
fi
say '${sectionHeader("end")}'
good`;
