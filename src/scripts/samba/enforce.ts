import {
	type EnforceCommands,
	type EnforceOptions,
	underEachVerb,
} from "../../protocol/commands";
import { HOST_CYCLE, marker } from "../../protocol/host-record";
import { RESTART_FAILURES } from "../../protocol/outcomes";
import { REGISTRY_STEP } from "../../protocol/step-output";
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
			"cannot-carry",
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
carried() {
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
give() {
	case $2 in
	dword:*) put "$1" PauseKicksDX dword $((0x\${2#dword:})) ;;
	\\"*\\") plain=\${2#\\"}; put "$1" PauseKicksDX sz "\${plain%\\"}" ;;
	esac
}
# Fails. If this is the first run on the host, the record is deleted first: an unchanged host keeps nothing of this
# package.
give_up() {
	said=$E
	if [ -n "$first" ]; then call registry deletekey "$R"; fi
	E=$said
	fail "$1"
}
# Writes the record and reads it back. The previous value is recorded once, from the first run's own reading, and never
# written again. The owner is written last: without it the key does not count as a record.
remember() {
	if [ -n "$first" ]; then give "$R" "$V"; fi
	if [ -n "$owed" ]; then restart='${marker.restartOwed}'; else restart='${marker.restartDone}'; fi
	put "$R" Restart sz "$restart"
	if [ "$C" = none ]; then put "$R" "Receipt.${HOST_CYCLE}" sz ''; fi
	put "$R" Stack sz "$stack"
	put "$R" Owner sz "$owner"
	if ! record || ! holds "$owner" || ! holds "$restart"; then give_up record-not-written; fi
	before=$(printf '%s\\n' "$T" | value PauseKicksDX)
	if [ -n "$first" ] && [ "$before" != "$V" ]; then give_up cannot-carry; fi
}
clear_record() {
	call registry deletekey "$R"
	if export_key "$R"; then fail not-restored; fi
	good
}

verb=$1
stack='${marker.stack(stack)}'
owner='${marker.owner(owner)}'
C=${hasCycle ? "cycle" : "none"}
D=${onDestroy}
first=
call registry createkey "$R"
case $O in
*'createkey created'*) first=1 ;;
*'createkey opened existing'*) ;;
*_ACCESS_DENIED*) fail record-not-written ;;
*) turned_away ;;
esac
record || fail record-not-written
before=$(printf '%s\\n' "$T" | value PauseKicksDX)
there=
if compliant; then there=1; fi
# Decide whose record it is: of this stack (ours), under this name (same). An update may find that its stack was
# renamed.
holds '${marker.anyOwner}' || first=1
same=
if holds "$owner"; then same=1; fi
ours=$first
if holds "$stack"; then ours=1; fi
if [ "$verb" = update ] && [ -n "$same" ]; then ours=1; fi

if [ "$verb" = delete ]; then
	if [ -n "$first" ]; then
		say 'nothing is remembered on this host, PauseKicksDX is left as it is'
		clear_record
	fi
	if [ -z "$same" ] || [ -z "$ours" ]; then
		say 'this host has another owner by now, PauseKicksDX is left as it is'
		good
	fi
	if holds '${marker.intentOpen}'; then
		say 'a kick whose outcome is unknown is forgotten with this host: look whether its cycle ran'
	fi
	if [ "$D" = keep ] || [ -z "$there" ]; then clear_record; fi
	if [ -n "$before" ]; then give "$K" "$before"
	elif [ -n "$V" ]; then call registry deletevalue "$K" PauseKicksDX
	fi
	compliant
	if [ "$V" != "$before" ]; then fail not-restored; fi
	E=
	clear_record
fi

if [ -z "$ours" ]; then
	E=
	say "$(printf '%s\\n' "$T" | grep -F '${marker.anyStack}')"
	fail another-stack
fi
[ -n "$there" ] || give_up not-installed
if [ -n "$first" ]; then carried "$V" || give_up cannot-carry; fi

# A restart may be pending from an interrupted run (late) or become necessary in this run (owed).
late=
if holds '${marker.restartOwed}'; then late=1; fi
owed=$late
changes=$first
if [ -z "$same" ]; then changes=1; fi
holds "$stack" || changes=1
if [ "$C" = none ] && holds '${marker.receipt(HOST_CYCLE)}'; then changes=1; fi
if [ -z "$on" ]; then
	if [ -z "$owed" ]; then changes=1; fi
	owed=1
fi
if [ -n "$owed" ] && stuck; then give_up cannot-restart; fi
if [ -n "$changes" ]; then remember; fi
if [ -z "$on" ]; then
	give "$K" dword:00000001
	compliant
	[ -n "$on" ] || fail value-not-written
fi
was=
if [ -n "$owed" ]; then
	stop_and_start
	if [ -n "$to" ]; then fail "$to"; fi
	put "$R" Restart sz '${marker.restartDone}'
fi
say "before: \${before:-absent}"
if [ -n "$was" ]; then say 'PauseKicksDX is 1, service restarted: yes'
else say 'PauseKicksDX is 1, service restarted: no'
fi
good`;
