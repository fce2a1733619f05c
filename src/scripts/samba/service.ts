import { classifyFailure } from "./net";

/** The service's key, as `net` names it. */
export const SERVICE_KEY =
	"HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";
/** What the service does, in S; empty where that cannot be told. */
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
 * What is asked of the service and of its key. `stop_and_start` restarts the service if it runs, or starts it where an
 * earlier run stopped it and got no further (late); was says whether it did, to where it goes on: empty where all is well.
 */
export const SERVICE = (to: {
	denied: string;
	"not-stopped": string;
	"not-started": string;
}) => `
K='${SERVICE_KEY}'
# The data of the value $1 of the key itself, as a .reg file in stdin has it.
value() {
	awk -v name="\\"$1\\"=" '/^\\[/ { keys++ } keys == 1 && tolower(substr($0, 1, length(name))) == tolower(name) {
		text = substr($0, length(name) + 1)
		while (sub(/\\\\$/, "", text) && (getline rest) > 0) { sub(/^ +/, "", rest); text = text rest }
		print text
	}'
}

# What the service's key has, in V.
compliant() {
	V=
	on=
	export_key "$K" || return 1
	V=$(printf '%s\\n' "$O" | value PauseKicksDX)
	if [ "$V" = dword:00000001 ]; then on=1; fi
}
${STATE}

# Whether the service's key says that the service would not start again: it is disabled, marked for deletion, or names no
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
# Keeps what net said of the control itself in O.
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
	# Nothing is known of a service whose host is gone by now.
	if [ -z "$S" ] && gone "$O"; then turned_away; fi
	O=$said
	E=$word
}
`;
