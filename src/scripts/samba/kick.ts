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
const RECEIPT = `${marker.receipt("$C")} $N `;
const INTENT = `${marker.intentOpen} $C $N `;

/** Records when the run of the last intent or receipt began. */
const BEGAN = 'put "$R" "Began.$C" dword $((0x$B))';

/** Writes the receipt as the last value. The intent is closed after the receipt has been read back. */
const done = (evidence: string) => `
if [ -n "$noted" ]; then put "$R" T2 sz '${marker.t2Open}'; fi
put "$R" "Receipt.$C" sz "${RECEIPT}$A ${evidence};"`;

/** Sets the next step by whether the record contains the mark. */
const readBack = (to: { kept: string; lost: string }, mark: string) =>
	`
if record && holds "${mark}"; then to=${to.kept}; else to=${to.lost}; fi`;

/** Reads the receipt back, and closes the intent if the receipt was kept. */
const settle = (to: { kept: string; lost: string }) => `
${readBack(to, RECEIPT)}
if [ "$to" = ${to.kept} ] && holds_lock; then close; fi`;

/**
 * Sets the next step from `onUncertain`. W is the text that is added to the evidence; it is empty if nothing is sent.
 */
const asUserSays = (
	to: { accept: string; retry: string; fail: string },
	attempt: string,
) => `
W=', sent although the outcome of ${attempt} is unknown'
case $U in
accept) to=${to.accept} ;;
retry) to=${to.retry} ;;
*) W=; to=${to.fail} ;;
esac`;

/** The script of each step. `to` is its row of the table: the next step for each result. */
const steps: { [S in KickStep]: (to: KickSteps[S]) => string } = {
	look: (to) => `
began=
if ! record; then
	# The record was deleted by hand: only the current triggers decide.
	call registry createkey "$R"
fi
if [ -z "$T" ] && ! record; then to=${to.unreadable}
elif [ "$V" = update ]; then to=print
elif holds "${RECEIPT}"; then to=${to.done}
else
	began=$(printf '%s\\n' "$T" | value "Began.$C")
	if [ -n "$began" ] && [ $((0x$B)) -lt $((0x\${began#dword:})) ]; then to=${to.later}
	elif holds "${INTENT}"; then to=${to.own}
	elif holds '${marker.intentOpen}'; then to=${to.foreign}
	else to=${to.none}
	fi
fi`,

	uncertain: (to) => asUserSays(to, "an earlier attempt"),

	unsettled: (to) => asUserSays(to, "an earlier attempt with other triggers"),

	// RPC does not report the time of the host, so the script checks the clock of the machine that has net.
	hour: (to) => `
to=${to.none}
minute=$(date +%M)
minute=\${minute#0}
if [ "$G" -gt 0 ]; then
	if [ "$minute" -lt "$G" ] || [ "$minute" -gt $((60 - G)) ]; then to=${to.near}; fi
fi`,

	t3: (to) => `
to=${to.none}
if [ -n "$H" ]; then
	if [ -n "$W" ] || holds '${marker.t2Open}'; then to=${to.missing}; fi
fi`,

	ready: (to) => `
if holds '${marker.restartOwed}'; then to=${to.owed}; else to=${to.none}; fi`,

	// A run that was delayed until its lock was taken over sends nothing more. Normally it also leaves the record
	// unchanged.
	// 1. The state of the service is queried first, while no intent is open, so that an unreachable service leaves none.
	// 2. The lock is checked, the intent is written and read back.
	// 3. The lock is checked again. This check decides: from here on another run finds the intent.
	intend: (to) => `
state
case $S-$O in -*WERR_*) ;; -*) turned_away ;; esac
asked=$O
to=${to.taken}
if holds_lock; then
	put "$R" Restart sz '${marker.restartDone}'
	put "$R" Intent sz "${INTENT}$A;"
	${BEGAN}
	${readBack(to, `${INTENT}$A;`)}
	if ! holds_lock; then to=${to.taken}; fi
fi`,

	control: (to) => `
O=$asked
case $S in
running) to= ;;
stopped) to=${to["not-running"]} ;;
paused|pending) to=${to["takes-no-control"]} ;;
*)
	${classifyFailure({ "not-installed": to["not-installed"], "access-denied": to["access-denied"] })}
	to=\${to:-${to.unknown}} ;;
esac
if [ -z "$to" ]; then
	since=
	call service pause MSExchangeDX
	case $rc-$O in
	0-*' service is running.') to=${to.kicked}
		lost=1
		if holds_lock; then ${done("net rpc service pause was taken and the service runs, as a kick does$W")}
		fi ;;
	0-*' service is paused.') to=${to.paused} ;;
	0-*' service is pause pending.')
		tries=0
		while state && [ "$S" = pending ] && [ $tries -lt 15 ]; do
			tries=$((tries + 1))
			sleep 2
		done
		if [ "$S" = paused ]; then to=${to.paused}; else to=${to.unknown}; fi ;;
	0-*' service is stop'*) to=${to.died}
		call service start MSExchangeDX ;;
	*)
		${classifyFailure({
			"not-recognised": to.refused,
			"not-running": to["not-running"],
			"not-installed": to["not-installed"],
			"takes-no-control": to["takes-no-control"],
			"access-denied": to["access-denied"],
			unknown: to.unknown,
		})}
		to=\${to:-${to.unknown}}
		if [ -z "$E" ]; then heard .; fi ;;
	esac
fi`,

	settle,

	refused: (to) => `
compliant
if [ -z "$on" ]; then to=${to.missing}
elif [ -n "$again" ]; then to=${to.again}
else to=${to.first}
fi`,

	owe: (to) => `
again=1
Q=
E=
if holds_lock; then
	sign
	if [ -z "$W" ]; then close; fi
	put "$R" Restart sz '${marker.restartOwed}'
fi
${readBack(to, marker.restartOwed)}`,

	restart: (to) => `
late=1
if stuck; then to=${to.stuck}
else
	stop_and_start
	to=\${to:-${to.running}}
fi`,

	resume: (to) => `
call service resume MSExchangeDX
case $O in *' service is running.') to=${to.runs} ;; *) to=${to.stuck} ;; esac`,

	accept: (to) => `
if holds_lock; then ${done("accepted as done, the outcome of an earlier attempt is unknown")}
	${BEGAN}
fi
${settle(to)}`,
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
receipt() { say "$(printf '%s\\n' "$T" | grep -F "${marker.receipt("$C")} ")"; }
close() { put "$R" Intent sz '${marker.intentClosed}'; }
# Closes the intent and fails. If an earlier attempt was uncertain (W), the intent stays open until a receipt closes it.
# It also stays open if the lock is lost, since it may then be another run's intent.
fail_closed() {
	said=$E
	lost=1
	if [ -z "$W" ] && holds_lock; then close; fi
	E=$said
	fail "$1"
}
V=$1
A=$2
B=$3
C=${cycle}
N=${token}
U=${onUncertain}
P=${type}
G=${minutesAroundHour}
H=${t3BeforeT2 ? 1 : ""}
W=
again=
noted=${awaitsT3 ? 1 : ""}
to=look
while :; do
	case $to in
	${(Object.keys(kickSteps) as KickStep[]).map((step) => `${step})${compile(step)} ;;`).join("\n")}
	started)
		receipt
		say "$P started: net rpc service pause was taken as it should, the service runs$W"
		good ;;
	already)
		# A run that was interrupted after its receipt left the intent open.
		if holds "${INTENT}" && holds_lock; then close; fi
		receipt
		say "$P ${alreadyKicked(cycle)}"
		good ;;
	accepted)
		receipt
		say "$P ${KICK_ACCEPTED}"
		good ;;
	print)
		receipt
		good ;;
	${INTENT_CLOSING_OUTCOMES.join("|")}) fail_closed "$to" ;;
	*) fail "$to" ;;
	esac
done`;

/** Builds the script of one step from its row. */
function compile<S extends KickStep>(step: S): string {
	return steps[step](kickSteps[step]);
}
