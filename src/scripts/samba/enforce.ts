import {
	type EnforceCommands,
	type EnforceOptions,
	underEachVerb,
} from "../../protocol/commands";
import { HOST_CYCLE, marker } from "../../protocol/host-record";
import { RESTART_FAILURES } from "../../protocol/outcomes";
import {
	ABSENT,
	PREVIOUS_PREFIX,
	REGISTRY_STEP,
	RESTARTED_PREFIX,
} from "../../protocol/step-output";
import { SERVICE } from "./service";
import { createShellScript, type ShellOptions } from "./shell";

/** The commands of the enforcement resource over Samba: one script with the verbs create, update and delete. */
export function sambaEnforceCommands(
	options: EnforceOptions,
	shell: ShellOptions,
): EnforceCommands {
	const { stdin, command } = createShellScript(
		options.host,
		REGISTRY_STEP,
		[
			"another-stack",
			"not-installed",
			"cannot-preserve",
			"cannot-restart",
			"value-not-written",
			"stop-failed",
			"start-failed",
			"not-restored",
		],
		body(options),
		{ ...shell, edition: options.verify },
	);
	return underEachVerb(stdin, command);
}

/**
 * Does what the script for hosts with an SSH server does. `create` and `update`: test, set and verify the value, and
 * restart the service only if the value changed while it ran. `delete`: restore the value. Everything that a later run
 * needs is written to the host record and read back before the value is first changed.
 */
const body = ({ stack, owner, hasCycle, onDestroy }: EnforceOptions) => `
${SERVICE(RESTART_FAILURES)}
# Accepts only data that net can write and that may be printed: numbers and plain words.
is_preservable() {
	case $1 in
	''|dword:*) return 0 ;;
	\\"*\\") ;;
	*) return 1 ;;
	esac
	plain=\${1#\\"}
	plain=\${plain%\\"}
	case $plain in *[!A-Za-z0-9._\\ -]*) return 1 ;; esac
}
# Writes the data $2, in the format of a .reg file, to PauseKicksDX of the key $1.
write_value() {
	case $2 in
	dword:*) set_value "$1" PauseKicksDX dword $((0x\${2#dword:})) ;;
	\\"*\\") plain=\${2#\\"}; set_value "$1" PauseKicksDX sz "\${plain%\\"}" ;;
	esac
}
# Fails. If this is the first run on the host, the record is deleted first: an unchanged host keeps nothing of this
# package.
fail_unchanged() {
	saved_error=$error_line
	if [ -n "$first_run" ]; then call_net registry deletekey "$record_key"; fi
	error_line=$saved_error
	fail "$1"
}
# Writes the record and reads it back. The previous value is recorded once, from the first run's own reading, and never
# written again. The owner is written last: without it the key does not count as a record.
write_record() {
	if [ -n "$first_run" ]; then write_value "$record_key" "$current_value"; fi
	if [ -n "$restart_needed" ]; then restart='${marker.restartPending}'; else restart='${marker.restartDone}'; fi
	set_value "$record_key" Restart sz "$restart"
	if [ -z "$has_cycle" ]; then set_value "$record_key" "Receipt.${HOST_CYCLE}" sz ''; fi
	set_value "$record_key" Stack sz "$stack"
	set_value "$record_key" Owner sz "$owner"
	if ! read_record || ! record_has "$owner" || ! record_has "$restart"; then fail_unchanged record-not-written; fi
	before=$(printf '%s\\n' "$host_record" | get_value PauseKicksDX)
	if [ -n "$first_run" ] && [ "$before" != "$current_value" ]; then fail_unchanged cannot-preserve; fi
}
delete_record() {
	call_net registry deletekey "$record_key"
	if export_key "$record_key"; then fail not-restored; fi
	succeed
}

verb=$1
stack='${marker.stack(stack)}'
owner='${marker.owner(owner)}'
has_cycle=${hasCycle ? 1 : ""}
on_destroy=${onDestroy}
first_run=
call_net registry createkey "$record_key"
case $output in
*'createkey created'*) first_run=1 ;;
*'createkey opened existing'*) ;;
*_ACCESS_DENIED*) fail record-not-written ;;
*) fail_unexpected ;;
esac
read_record || fail record-not-written
before=$(printf '%s\\n' "$host_record" | get_value PauseKicksDX)
exists=
if check_value; then exists=1; fi
# Decide whose record it is: of this stack (same_stack), under this name (same_owner). An update may find that its stack was
# renamed.
record_has '${marker.anyOwner}' || first_run=1
same_owner=
if record_has "$owner"; then same_owner=1; fi
same_stack=$first_run
if record_has "$stack"; then same_stack=1; fi
if [ "$verb" = update ] && [ -n "$same_owner" ]; then same_stack=1; fi

if [ "$verb" = delete ]; then
	if [ -n "$first_run" ]; then
		add_line 'this host has no record, PauseKicksDX was not changed'
		delete_record
	fi
	if [ -z "$same_owner" ] || [ -z "$same_stack" ]; then
		add_line 'this host now has another owner, PauseKicksDX was not changed'
		succeed
	fi
	if record_has '${marker.intentOpen}'; then
		add_line 'the record of a kick with an unknown outcome was deleted: check whether its cycle ran'
	fi
	if [ "$on_destroy" = keep ] || [ -z "$exists" ]; then delete_record; fi
	if [ -n "$before" ]; then write_value "$service_key" "$before"
	elif [ -n "$current_value" ]; then call_net registry deletevalue "$service_key" PauseKicksDX
	fi
	check_value
	if [ "$current_value" != "$before" ]; then fail not-restored; fi
	error_line=
	delete_record
fi

if [ -z "$same_stack" ]; then
	error_line=
	add_line "$(printf '%s\\n' "$host_record" | grep -F '${marker.anyStack}')"
	fail another-stack
fi
[ -n "$exists" ] || fail_unchanged not-installed
if [ -n "$first_run" ]; then is_preservable "$current_value" || fail_unchanged cannot-preserve; fi

# A restart may be pending from an interrupted run (restart_pending) or become necessary in this run
# (restart_needed).
restart_pending=
if record_has '${marker.restartPending}'; then restart_pending=1; fi
restart_needed=$restart_pending
must_record=$first_run
if [ -z "$same_owner" ]; then must_record=1; fi
record_has "$stack" || must_record=1
if [ -z "$has_cycle" ] && record_has '${marker.receipt(HOST_CYCLE)}'; then must_record=1; fi
if [ -z "$compliant" ]; then
	if [ -z "$restart_needed" ]; then must_record=1; fi
	restart_needed=1
fi
if [ -n "$restart_needed" ] && cannot_start; then fail_unchanged cannot-restart; fi
if [ -n "$must_record" ]; then write_record; fi
if [ -z "$compliant" ]; then
	write_value "$service_key" dword:00000001
	check_value
	[ -n "$compliant" ] || fail value-not-written
fi
restarted=
if [ -n "$restart_needed" ]; then
	stop_and_start
	if [ -n "$next" ]; then fail "$next"; fi
	set_value "$record_key" Restart sz '${marker.restartDone}'
fi
add_line "${PREVIOUS_PREFIX}\${before:-${ABSENT}}"
if [ -n "$restarted" ]; then add_line '${RESTARTED_PREFIX}yes'
else add_line '${RESTARTED_PREFIX}no'
fi
succeed`;
