import { HOST_RECORD_KEY } from "../../protocol/host-record";
import { type OutcomeCode, outcomes } from "../../protocol/outcomes";
import { DURATION_PREFIX } from "../../protocol/step-output";

/** The key of the host record, with the name that `net` uses. */
export const RECORD_KEY = HOST_RECORD_KEY.replace(
	/^HKEY_LOCAL_MACHINE/,
	"HKLM",
);

/** Seconds that a run may take until it sends its control. */
export const TIME_LIMIT_SECONDS = 180;

/** Seconds that one call of `net` may take. If a host never answers, `net` gives up after 31 by itself. */
export const CALL_LIMIT_SECONDS = 45;

/** The protocol options. NT 4 supports only a protocol and a login method that current Samba refuses by default. */
const DIALECT = {
	legacy: [
		"client min protocol=NT1",
		"client max protocol=NT1",
		"client ipc min protocol=NT1",
		"client ipc max protocol=NT1",
		"client ntlmv2 auth=no",
		"client use spnego=no",
		"client ipc signing=auto",
	],
	// Samba before 4.11 would also accept older protocols by default.
	today: [
		"client min protocol=SMB2_02",
		"client ipc min protocol=SMB2_02",
		"client ntlmv2 auth=yes",
	],
};

/** The numbers in the outcomes, by their `WERR_` names. */
const WERR: Record<string, number> = {
	WERR_ACCESS_DENIED: 5,
	WERR_DEPENDENT_SERVICES_RUNNING: 1051,
	WERR_INVALID_SERVICE_CONTROL: 1052,
	WERR_SERVICE_REQUEST_TIMEOUT: 1053,
	WERR_SERVICE_DOES_NOT_EXIST: 1060,
	WERR_SERVICE_CANNOT_ACCEPT_CTRL: 1061,
	WERR_SERVICE_NOT_ACTIVE: 1062,
	WERR_SERVICE_DISABLED: 1058,
	WERR_SERVICE_DEPENDENCY_FAIL: 1068,
	WERR_SERVICE_LOGON_FAILED: 1069,
	WERR_SERVICE_MARKED_FOR_DELETE: 1072,
	WERR_SERVICE_DEPENDENCY_DELETED: 1075,
};

/** Quotes a text as one word of a shell. */
export const quoteWord = (text: string): string =>
	/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The beginning of every script: environment, traps, and `net_`, which calls `net` with its options. */
export const SETTINGS = (host: string, legacy: boolean) => `
LC_ALL=C
export LC_ALL
# A run continues when its connection is cut.
trap '' HUP INT PIPE
started=$(date +%s)
net_() {
	net -s /dev/null -A /dev/stdin ${DIALECT[legacy ? "legacy" : "today"].map((option) => `--option=${quoteWord(option)}`).join(" ")} ${legacy ? `-S ${quoteWord(host)} -I "$address"` : '-S "$address"'} -p "$port" rpc "$@"
}
record_key='${RECORD_KEY}'
`;

/** The shell functions of every script. */
export const FUNCTIONS = `
number=
error_line=
has_lock=
# When the lock was taken; empty while there is no time limit.
locked_at=
printed=
# Calls net: output, exit_code, and in error_line the line for the error message. The login lines go to its stdin. printf
# is a builtin of the shell, so no process list shows them.
call_net() {
	if [ -n "$locked_at" ] && [ $(($(date +%s) - locked_at)) -gt ${TIME_LIMIT_SECONDS} ]; then locked_at=; error_line=; fail time-limit; fi
	output=$(printf '%s\\n%s\\n' "$user" "$password" | net_ "$@" 2>&1)
	exit_code=$?
	error_line=
	if [ $exit_code -ne 0 ]; then find_error 'WERR_|NT_STATUS_|server'; fi
}
# Sets error_line to the last line of output that matches $1, in printable ASCII.
find_error() { error_line=$(printf '%s\\n' "$output" | tr -cd '\\012\\040-\\176' | grep -E "$1" | tail -n 1); }

# Ends the run: the host was not reached, or net printed something unexpected.
fail_unexpected() {
	case $output in
	*NT_STATUS_LOGON_*|*NT_STATUS_ACCOUNT_*|*NT_STATUS_PASSWORD_*|*NT_STATUS_WRONG_PASSWORD*) fail no-log-in ;;
	*NT_STATUS_NO_SUCH_USER*|*NT_STATUS_NO_LOGON_SERVERS*|*NT_STATUS_INVALID_WORKSTATION*|*NT_STATUS_INVALID_LOGON_HOURS*) fail no-log-in ;;
	*_ACCESS_DENIED*) number=', Windows 5'; fail access-denied ;;
	esac
	if is_unreachable "$output"; then fail unreachable; fi
	fail not-understood
}
# Whether the output $1 of net means that the host cannot be reached.
is_unreachable() {
	case $1 in *"Could not connect"*|*"Connection failed"*|*"Unable to find"*) ;; *) return 1 ;; esac
}

# Writes the value $2 of the key $1: $3 is dword or sz, $4 is a decimal number or a string. Callers read the result
# back. (Importing a .reg file with net writes through a handle that it opened for reading: smbd allows that for root,
# Windows for no user.)
set_value() { call_net registry setvalue "$1" "$2" "$3" "$4"; }

# Exports the key $1 as a .reg file to output. It fails if the key does not exist, and also for any other error if the caller
# has set ignore_failure. Otherwise another error ends the run. A partial export counts as an error: a value that is not found
# leads to a kick.
ignore_failure=
export_key() {
	call_net registry export "$1" /dev/stdout
	case $exit_code-$output in
	0-*"[$1]"*) return 0 ;;
	*'registry_openkey failed: '*NT_STATUS_NO_SUCH_DEVICE*|*'registry_openkey failed: '*NOT_FOUND*) error_line=; return 1 ;;
	esac
	[ -z "$ignore_failure" ] || return 1
	fail_unexpected
}

# Exports the host record to host_record.
read_record() {
	host_record=
	export_key "$record_key" || return 1
	host_record=$output
}
record_has() { case $host_record in *"$1"*) return 0 ;; esac; return 1; }

check_net() {
	type net awk grep sed tail tr >/dev/null 2>&1 || fail no-net
	[ "$(command -v printf)" = printf ] || fail no-net
}

add_line() { printed="$printed$1
"; }
succeed() {
	echo "${DURATION_PREFIX}$(($(date +%s) - started)) s"
	printf '%s' "$printed"
	finish 0
}
finish() {
	if [ -n "$has_lock" ] && ! is_unreachable "$error_line"; then release_lock; fi
	exit "$1"
}
`;

/**
 * Builds the shell code that sets next, by the `WERR_` name in output, to the label of an outcome. If no name matches,
 * next is empty. It also sets number for the message.
 */
export function classifyFailure(
	labels: Partial<Record<OutcomeCode, string>>,
): string {
	const cases = Object.entries(labels).flatMap(([code, label]) =>
		Object.entries(WERR)
			.filter(([, number]) =>
				(outcomes[code as OutcomeCode].numbers as readonly number[]).includes(
					number,
				),
			)
			.map(
				([name, number]) =>
					`*${name}*) next=${label} error_number=${number} ;;`,
			),
	);
	return `
next=
error_number=
case $output in
${cases.join("\n")}
*NT_STATUS_ACCESS_DENIED*) next=${labels["access-denied"] ?? ""} error_number=5 ;;
esac
if [ -n "$error_number" ]; then number=", Windows $error_number"; fi`;
}
