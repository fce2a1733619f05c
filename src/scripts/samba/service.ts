import { classifyFailure } from "./net";

/** The key of the service, with the name that `net` uses. */
export const SERVICE_KEY =
	"HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";
/** `read_state` sets service_state to the state of the service: running, stopped, paused, pending, or empty if it is unknown. */
export const STATE = `
read_state() {
	call_net service status MSExchangeDX
	case $output in
	*' service is running.'*) service_state=running ;;
	*' service is stopped.'*) service_state=stopped ;;
	*' service is paused.'*) service_state=paused ;;
	*' service is '*) service_state=pending ;;
	*) service_state= ;;
	esac
}
`;

/**
 * The shell functions for the service and its key. `stop_and_start` restarts the service if it runs. It also starts the
 * service if an earlier run stopped it and was interrupted (restart_pending). It sets restarted if it restarts or
 * starts the service, and next to the next step on a failure; next is empty on success.
 */
export const SERVICE = (to: {
	denied: string;
	"not-stopped": string;
	"not-started": string;
}) => `
service_key='${SERVICE_KEY}'
# Prints the data of the value $1 of the first key, from a .reg file on stdin.
get_value() {
	awk -v name="\\"$1\\"=" '/^\\[/ { keys++ } keys == 1 && tolower(substr($0, 1, length(name))) == tolower(name) {
		text = substr($0, length(name) + 1)
		while (sub(/\\\\$/, "", text) && (getline rest) > 0) { sub(/^ +/, "", rest); text = text rest }
		print text
	}'
}

# Sets current_value to the data of PauseKicksDX in the service's key, and compliant if it is REG_DWORD 1.
check_value() {
	current_value=
	compliant=
	export_key "$service_key" || return 1
	current_value=$(printf '%s\\n' "$output" | get_value PauseKicksDX)
	if [ "$current_value" = dword:00000001 ]; then compliant=1; fi
}
${STATE}

# Whether the key of the service shows that it would not start again: it is disabled, marked for deletion, or has no
# program.
cannot_start() {
	export_key "$service_key" || return 1
	set -- "$(printf '%s\\n' "$output" | get_value Start)" "$(printf '%s\\n' "$output" | get_value DeleteFlag)" "$(printf '%s\\n' "$output" | get_value ImagePath)"
	case $1,$2,$3 in
	dword:00000004,*|*,dword:00000001,*|*,) ;;
	*) return 1 ;;
	esac
}

stop_and_start() {
	restarted=$restart_pending
	read_state
	if [ "$service_state" != stopped ]; then
		restarted=1
		attempts=0
		while :; do
			call_net service stop MSExchangeDX
			case $output in *WERR_SERVICE_CANNOT_ACCEPT_CTRL*) ;; *) break ;; esac
			attempts=$((attempts + 1))
			if [ $attempts -ge 15 ]; then break; fi
			sleep 2
		done
		wait_for_state stopped
		if [ "$service_state" != stopped ]; then
			${classifyFailure({ "access-denied": to.denied, "stop-failed": to["not-stopped"] })}
			next=\${next:-${to["not-stopped"]}}
			return
		fi
	fi
	next=
	number=
	error_line=
	if [ -z "$restarted" ]; then return; fi
	call_net service start MSExchangeDX
	wait_for_state running
	if [ "$service_state" = running ]; then next=; number=; error_line=; return; fi
	${classifyFailure({ "access-denied": to.denied, "start-failed": to["not-started"] })}
	next=\${next:-${to["not-started"]}}
}
# Waits until the service has the state $1. It keeps the output of the control itself in output and error_line.
wait_for_state() {
	saved_output=$output
	saved_error=$error_line
	attempts=0
	while :; do
		read_state
		if [ "$service_state" = "$1" ] || [ $attempts -ge 30 ]; then break; fi
		case $saved_output in *WERR_OK*) ;; *WERR_*) break ;; esac
		attempts=$((attempts + 1))
		sleep 2
	done
	# The host can no longer be reached, so the state is unknown.
	if [ -z "$service_state" ] && is_unreachable "$output"; then fail_unexpected; fi
	output=$saved_output
	error_line=$saved_error
}
`;
