import { classifyFailure } from "./net";

/** The key of the service, with the name that `net` uses. */
export const SERVICE_KEY =
	"HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";
/** `state` sets S to the state of the service: running, stopped, paused, pending, or empty if it is unknown. */
export const STATE = `
state() {
	call service status MSExchangeDX
	case $O in
	*' service is running.'*) S=running ;;
	*' service is stopped.'*) S=stopped ;;
	*' service is paused.'*) S=paused ;;
	*' service is '*) S=pending ;;
	*) S= ;;
	esac
}
`;

/**
 * The shell functions for the service and its key. `stop_and_start` restarts the service if it runs. It also starts the
 * service if an earlier run stopped it and was interrupted (late). It sets was if it restarts or starts the service,
 * and to the next step on a failure; to is empty on success.
 */
export const SERVICE = (to: {
	denied: string;
	"not-stopped": string;
	"not-started": string;
}) => `
K='${SERVICE_KEY}'
# Prints the data of the value $1 of the first key, from a .reg file on stdin.
value() {
	awk -v name="\\"$1\\"=" '/^\\[/ { keys++ } keys == 1 && tolower(substr($0, 1, length(name))) == tolower(name) {
		text = substr($0, length(name) + 1)
		while (sub(/\\\\$/, "", text) && (getline rest) > 0) { sub(/^ +/, "", rest); text = text rest }
		print text
	}'
}

# Sets V to the data of PauseKicksDX in the service's key, and on if it is REG_DWORD 1.
compliant() {
	V=
	on=
	export_key "$K" || return 1
	V=$(printf '%s\\n' "$O" | value PauseKicksDX)
	if [ "$V" = dword:00000001 ]; then on=1; fi
}
${STATE}

# Whether the key of the service shows that it would not start again: it is disabled, marked for deletion, or has no
# program.
stuck() {
	export_key "$K" || return 1
	set -- "$(printf '%s\\n' "$O" | value Start)" "$(printf '%s\\n' "$O" | value DeleteFlag)" "$(printf '%s\\n' "$O" | value ImagePath)"
	case $1,$2,$3 in
	dword:00000004,*|*,dword:00000001,*|*,) ;;
	*) return 1 ;;
	esac
}

stop_and_start() {
	was=$late
	state
	if [ "$S" != stopped ]; then
		was=1
		tries=0
		while :; do
			call service stop MSExchangeDX
			case $O in *WERR_SERVICE_CANNOT_ACCEPT_CTRL*) ;; *) break ;; esac
			tries=$((tries + 1))
			if [ $tries -ge 15 ]; then break; fi
			sleep 2
		done
		until_state stopped
		if [ "$S" != stopped ]; then
			${classifyFailure({ "access-denied": to.denied, "stop-failed": to["not-stopped"] })}
			to=\${to:-${to["not-stopped"]}}
			return
		fi
	fi
	to=
	Q=
	E=
	if [ -z "$was" ]; then return; fi
	call service start MSExchangeDX
	until_state running
	if [ "$S" = running ]; then to=; Q=; E=; return; fi
	${classifyFailure({ "access-denied": to.denied, "start-failed": to["not-started"] })}
	to=\${to:-${to["not-started"]}}
}
# Waits until the service has the state $1. It keeps the output of the control itself in O and E.
until_state() {
	said=$O
	word=$E
	tries=0
	while :; do
		state
		if [ "$S" = "$1" ] || [ $tries -ge 30 ]; then break; fi
		case $said in *WERR_OK*) ;; *WERR_*) break ;; esac
		tries=$((tries + 1))
		sleep 2
	done
	# The host can no longer be reached, so the state is unknown.
	if [ -z "$S" ] && gone "$O"; then turned_away; fi
	O=$said
	E=$word
}
`;
