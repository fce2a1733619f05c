import { CHECK_STEP, type LookCommands, part } from "../look";
import { SERVICE_KEY, STATE, shellScriptOf } from "./shell";

/** A look at a host over Samba: it takes no lock, writes nothing and sends no control. */
export function sambaLookCommands(host: string, legacy: boolean): LookCommands {
	const { stdin, command } = shellScriptOf(host, CHECK_STEP, [], BODY, {
		legacy,
		looks: true,
	});
	return { stdin, command: command([]) };
}

/** The state in the words of sc.exe, which the reader knows. */
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
	if export_key "$2"; then say "$O"; fi
}
show '${part("service")}' "$K"
show '${part("record")}' "$R"
say '${part("started")}'
say '${part("state")}'
state
case $S in
${Object.entries(STATES)
	.map(([state, told]) => `${state}) say 'STATE : ${told}' ;;`)
	.join("\n")}
esac
say '${part("end")}'
good`;
