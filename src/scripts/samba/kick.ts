import {
	type KickOptions,
	NO_GUARDS,
	type StepCommands,
} from "../../protocol/commands";
import { marker, toHexSeconds } from "../../protocol/host-record";
import {
	INTENT_CLOSING_OUTCOMES,
	INTENT_KEEPING_OUTCOMES,
	type KickStep,
	type KickSteps,
	kickSteps,
} from "../../protocol/kick-table";
import {
	alreadyKicked,
	KICK_ACCEPTED,
	KICK_STEP,
} from "../../protocol/step-output";
import { classifyFailure } from "./net";
import { SERVICE } from "./service";
import { createShellScript, type ShellOptions } from "./shell";

/**
 * The commands of the trigger resource over Samba. There is no `delete`. `update` should never run and sends no
 * control.
 */
export function sambaKickCommands(
	options: KickOptions,
	shell: ShellOptions,
): StepCommands {
	const { stdin, command } = createShellScript(
		options.host,
		KICK_STEP,
		[...INTENT_CLOSING_OUTCOMES, ...INTENT_KEEPING_OUTCOMES],
		body(options),
		shell,
	);
	return {
		stdin,
		create: (at) => command(["create", at, toHexSeconds(at)]),
		update: command(["update"]),
	};
}

/** The beginning of the receipt, and of the intent, for these triggers. */
const RECEIPT = `${marker.receipt("$cycle")} $token `;
const INTENT = `${marker.intentOpen} $cycle $token `;

/** Records when the run of the last intent or receipt began. */
const BEGAN =
	'set_value "$record_key" "Began.$cycle" dword $((0x$started_hex))';

/** Writes the receipt as the last value. The intent is closed after the receipt has been read back. */
const done = (evidence: string) => `
if [ -n "$awaits_t3" ]; then set_value "$record_key" T2 sz '${marker.t2Open}'; fi
set_value "$record_key" "Receipt.$cycle" sz "${RECEIPT}$started_at ${evidence};"`;

/** Sets the next step by whether the record contains the mark. */
const readBack = (to: { kept: string; lost: string }, mark: string) =>
	`
if read_record && record_has "${mark}"; then next=${to.kept}; else next=${to.lost}; fi`;

/** Reads the receipt back, and closes the intent if the receipt was kept. */
const confirm = (to: { kept: string; lost: string }) => `
${readBack(to, RECEIPT)}
if [ "$next" = ${to.kept} ] && holds_lock; then close_intent; fi`;

/**
 * Sets the next step from `onUncertain`. `uncertain` is the text that is added to the evidence; it is empty if nothing is
 * sent.
 */
const byOnUncertain = (
	to: { accept: string; retry: string; fail: string },
	attempt: string,
) => `
uncertain=', sent although the outcome of ${attempt} is unknown'
case $on_uncertain in
accept) next=${to.accept} ;;
retry) next=${to.retry} ;;
*) uncertain=; next=${to.fail} ;;
esac`;

/** The script of each step. `to` is its row of the table: the next step for each result. */
const steps: { [S in KickStep]: (to: KickSteps[S]) => string } = {
	inspect: (to) => `
began=
if ! read_record; then
	# The record was deleted by hand: only the current triggers decide.
	call_net registry createkey "$record_key"
fi
if [ -z "$host_record" ] && ! read_record; then next=${to.unreadable}
elif [ "$verb" = update ]; then next=print
elif record_has "${RECEIPT}"; then next=${to.done}
else
	began=$(printf '%s\\n' "$host_record" | get_value "Began.$cycle")
	if [ -n "$began" ] && [ $((0x$started_hex)) -lt $((0x\${began#dword:})) ]; then next=${to.later}
	elif record_has "${INTENT}"; then next=${to.own}
	elif record_has '${marker.intentOpen}'; then next=${to.foreign}
	else next=${to.none}
	fi
fi`,

	uncertain: (to) => byOnUncertain(to, "an earlier attempt"),

	unsettled: (to) =>
		byOnUncertain(to, "an earlier attempt with other triggers"),

	// RPC does not report the time of the host, so the script checks the clock of the machine that has net.
	"check-hour": (to) => `
next=${to.none}
minute=$(date +%M)
minute=\${minute#0}
if [ "$guard_minutes" -gt 0 ]; then
	if [ "$minute" -lt "$guard_minutes" ] || [ "$minute" -gt $((60 - guard_minutes)) ]; then next=${to.near}; fi
fi`,

	"check-t3": (to) => `
next=${to.none}
if [ -n "$t3_guard" ]; then
	if [ -n "$uncertain" ] || record_has '${marker.t2Open}'; then next=${to.missing}; fi
fi`,

	"check-restart": (to) => `
if record_has '${marker.restartPending}'; then next=${to.pending}; else next=${to.none}; fi`,

	// A run that was delayed until its lock was taken over sends nothing more. Normally it also leaves the record
	// unchanged.
	// 1. The state of the service is queried first, while no intent is open, so that an unreachable service leaves none.
	// 2. The lock is checked, the intent is written and read back.
	// 3. The lock is checked again. This check decides: from here on another run finds the intent.
	"open-intent": (to) => `
read_state
case $service_state-$output in -*WERR_*) ;; -*) fail_unexpected ;; esac
state_output=$output
next=${to.taken}
if holds_lock; then
	set_value "$record_key" Restart sz '${marker.restartDone}'
	set_value "$record_key" Intent sz "${INTENT}$started_at;"
	${BEGAN}
	${readBack(to, `${INTENT}$started_at;`)}
	if ! holds_lock; then next=${to.taken}; fi
fi`,

	control: (to) => `
output=$state_output
case $service_state in
running) next= ;;
stopped) next=${to["not-running"]} ;;
paused|pending) next=${to["takes-no-control"]} ;;
*)
	${classifyFailure({ "not-installed": to["not-installed"], "access-denied": to["access-denied"] })}
	next=\${next:-${to.unknown}} ;;
esac
if [ -z "$next" ]; then
	locked_at=
	call_net service pause MSExchangeDX
	case $exit_code-$output in
	0-*' service is running.') next=${to.kicked}
		ignore_failure=1
		if holds_lock; then ${done("net rpc service pause was accepted and the service runs, as expected for a kick$uncertain")}
		fi ;;
	0-*' service is paused.') next=${to.paused} ;;
	0-*' service is pause pending.')
		attempts=0
		while read_state && [ "$service_state" = pending ] && [ $attempts -lt 15 ]; do
			attempts=$((attempts + 1))
			sleep 2
		done
		if [ "$service_state" = paused ]; then next=${to.paused}; else next=${to.unknown}; fi ;;
	0-*' service is stop'*) next=${to.stopped}
		call_net service start MSExchangeDX ;;
	*)
		${classifyFailure({
			"not-recognised": to.refused,
			"not-running": to["not-running"],
			"not-installed": to["not-installed"],
			"takes-no-control": to["takes-no-control"],
			"access-denied": to["access-denied"],
			unknown: to.unknown,
		})}
		next=\${next:-${to.unknown}}
		if [ -z "$error_line" ]; then find_error .; fi ;;
	esac
fi`,

	confirm,

	refused: (to) => `
check_value
if [ -z "$compliant" ]; then next=${to.missing}
elif [ -n "$restarted_once" ]; then next=${to.again}
else next=${to.first}
fi`,

	"plan-restart": (to) => `
restarted_once=1
number=
error_line=
if holds_lock; then
	sign_lock
	if [ -z "$uncertain" ]; then close_intent; fi
	set_value "$record_key" Restart sz '${marker.restartPending}'
fi
${readBack(to, marker.restartPending)}`,

	restart: (to) => `
restart_pending=1
if cannot_start; then next=${to.stuck}
else
	stop_and_start
	next=\${next:-${to.running}}
fi`,

	resume: (to) => `
call_net service resume MSExchangeDX
case $output in *' service is running.') next=${to.runs} ;; *) next=${to.stuck} ;; esac`,

	accept: (to) => `
if holds_lock; then ${done("accepted as done, the outcome of an earlier attempt is unknown")}
	${BEGAN}
fi
${confirm(to)}`,
};

/** The whole script: the steps of the table, then the endings. */
const body = ({
	cycle,
	token,
	onUncertain,
	type,
	awaitsT3,
	guards: { minutesAroundHour, t3BeforeT2 } = NO_GUARDS,
}: KickOptions) => `
${SERVICE(kickSteps.restart)}
print_receipt() { add_line "$(printf '%s\\n' "$host_record" | grep -F "${marker.receipt("$cycle")} ")"; }
close_intent() { set_value "$record_key" Intent sz '${marker.intentClosed}'; }
# Closes the intent and fails. If an earlier attempt was uncertain, the intent stays open until a receipt closes it.
# It also stays open if the lock is lost, since it may then be another run's intent.
fail_closed() {
	saved_error=$error_line
	ignore_failure=1
	if [ -z "$uncertain" ] && holds_lock; then close_intent; fi
	error_line=$saved_error
	fail "$1"
}
verb=$1
started_at=$2
started_hex=$3
cycle=${cycle}
token=${token}
on_uncertain=${onUncertain}
cycle_type=${type}
guard_minutes=${minutesAroundHour}
t3_guard=${t3BeforeT2 ? 1 : ""}
uncertain=
restarted_once=
awaits_t3=${awaitsT3 ? 1 : ""}
next=inspect
while :; do
	case $next in
	${(Object.keys(kickSteps) as KickStep[]).map((step) => `${step})${compile(step)} ;;`).join("\n")}
	started)
		print_receipt
		add_line "$cycle_type started: net rpc service pause was accepted as expected, the service runs$uncertain"
		succeed ;;
	already)
		# A run that was interrupted after its receipt left the intent open.
		if record_has "${INTENT}" && holds_lock; then close_intent; fi
		print_receipt
		add_line "$cycle_type ${alreadyKicked(cycle)}"
		succeed ;;
	accepted)
		print_receipt
		add_line "$cycle_type ${KICK_ACCEPTED}"
		succeed ;;
	print)
		print_receipt
		succeed ;;
	${INTENT_CLOSING_OUTCOMES.join("|")}) fail_closed "$next" ;;
	*) fail "$next" ;;
	esac
done`;

/** Builds the script of one step from its row. */
function compile<S extends KickStep>(step: S): string {
	return steps[step](kickSteps[step]);
}
