import { digest, HOST_RECORD_KEY } from "../../protocol/host-record";
import { message, type OutcomeCode, outcomes } from "../../protocol/outcomes";
import { TOOK } from "../../protocol/step-output";

/*
 * What every script is made of that drives a Windows host by Samba's `net rpc`: POSIX sh, for the machine that has `net`.
 * `net` exits with 0 whatever became of a pause, a stop, a start or a setvalue: so what it says and the host's state
 * decide. What a script reads is never part of its own text, but for arguments and login lines.
 */

/** The service's key, as `net` names it. */
export const SERVICE_KEY =
	"HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";
export const RECORD_KEY = HOST_RECORD_KEY.replace(
	/^HKEY_LOCAL_MACHINE/,
	"HKLM",
);

/** Whoever creates this key has the host until it is deleted. */
export const LOCK_KEY = `${RECORD_KEY}-lock`;

/** How long a run may take until its control is sent, in seconds. */
const TIME_LIMIT = 180;

/** How long one call of `net` may take, in seconds: where a host never answers it gives up by itself after 31. */
const CALL_LIMIT = 45;

/** A lock that has not changed for so many seconds is a dead run's: nobody holds one, or is about to sign it, that long. */
const STALE = { signed: TIME_LIMIT + 3 * CALL_LIMIT, unsigned: 2 * CALL_LIMIT };

/** How often a lock is looked at, in seconds. */
const LOOK = 5;

/** NT 4 knows no other protocol, and no other proof of a password, than those that today's Samba refuses by itself. */
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
	// Samba before 4.11 would take less of its own accord.
	today: [
		"client min protocol=SMB2_02",
		"client ipc min protocol=SMB2_02",
		"client ntlmv2 auth=yes",
	],
};

/** `WERR_` names of the numbers that outcomes have. */
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

/** One script for one host: what travels to it behind the login lines, and the command that runs it there. */
export interface ShellScript {
	stdin: string;
	/** @param args what the body reads from $1 on; of a harmless alphabet or in no need of quotes */
	command: (args: readonly string[]) => string;
}

export interface ShellOptions {
	legacy: boolean;
	/** A change of it is a change of the command, and nothing else. @default none */
	edition?: string;
	/** Whether the host is only looked at: then no lock is taken. @default false */
	looks?: boolean;
	/** Seconds after which a lock that nobody changed is taken over. @default 315, or 90 where nobody's name is on it */
	stale?: typeof STALE;
}

/** The lines before the script: where the host is and how to log in, as `net -A` reads it. */
export const loginLines = (
	user: string,
	password: string,
	address: string,
	port: number,
): string =>
	[`username = ${user}`, `password = ${password}`, address, port, ""].join(
		"\n",
	);

/**
 * Makes a script.
 *
 * @param step for messages, like the host's name
 * @param codes the failures that the body ends with, by `fail <code>`
 * @param body functions, then what is done while the host's lock is held; ends with `good` or `fail`
 */
export function shellScriptOf(
	host: string,
	step: string,
	codes: readonly OutcomeCode[],
	body: string,
	{ legacy, edition, looks = false, stale = STALE }: ShellOptions,
): ShellScript {
	const text = [
		SETTINGS(host, legacy),
		FUNCTIONS,
		looks ? "" : LOCK(stale),
		failures(host, step, [...OWN_CODES, ...codes]),
		"check_net",
		looks ? "" : "begin",
		body,
	]
		.join("\n")
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !line.startsWith("#"))
		.join("\n");
	const end = `# dx-end ${digest([text, edition ?? ""]).slice(0, 6)}`;
	return {
		stdin: `${text}\n${end}\n`,
		command: (args) => loader(end, message(host, step, "incomplete"), args),
	};
}

/**
 * The command that takes login lines and script from stdin and runs the script where it is whole. The code of the one
 * message in here is broken by quotes, because the plugin shows this text with every failure.
 */
function loader(end: string, incomplete: string, args: readonly string[]) {
	const told = incomplete.replace("[incomplete]", '[in""complete]');
	const read = ["u", "p", "a", "o"].map((name) => `IFS= read -r ${name}`);
	const run = `s=$(cat);case $s in *"${end}")eval "$s";;*)echo "${told}";exit 1;;esac`;
	// An environment that marks them for export, or has the shell tell all that it does, would show the password.
	const first = "{ set +ax; } 2>/dev/null;unset u p a o s";
	return `sh -c ${quoted([first, ...read, run].join(";"))} dx ${args.map(quoted).join(" ")}`;
}

/** One word of a shell, whatever is in it. */
const quoted = (text: string): string =>
	/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** Failures of every script: those of a connection among them, which the command plugin tells of on other ways in. */
const OWN_CODES = [
	"no-net",
	"busy",
	"no-log-in",
	"unreachable",
	"access-denied",
	"not-understood",
	"record-not-written",
	"time-limit",
] as const satisfies readonly OutcomeCode[];

/** How half of the messages end; the state holds each script twice, so what they share stands in it once. */
const AGAIN = " run pulumi up again.";

/** `fail <code>` says it, with the number in Q and what `net` said, and ends the run. */
function failures(host: string, step: string, codes: readonly OutcomeCode[]) {
	const shared = `${host}, ${step}: `;
	const cases = [...new Set(codes)].map((code) => {
		const [before = "", after = ""] = message(host, step, code, "%Q%")
			.slice(shared.length)
			.split("%Q%");
		const end = after.endsWith(AGAIN)
			? `${quoted(after.slice(0, -AGAIN.length))} "$again_"`
			: quoted(after);
		return `${code}) tell ${quoted(before)} ${end} ;;`;
	});
	return `
again_='${AGAIN}'
tell() { printf '%s%s%s%s%s\\n' ${quoted(shared)} "$1" "$Q" "$2" "$3"; }
fail() {
	case $1 in
	${cases.join("\n")}
	esac
	printf '%s' "$answer"
	if [ -n "$E" ]; then printf 'net said: %s\\n' "$E"; fi
	finish 1
}`;
}

const SETTINGS = (host: string, legacy: boolean) => `
LC_ALL=C
export LC_ALL
# A connection that is cut does not end what it began.
trap '' HUP INT PIPE
started=$(date +%s)
net_() {
	net -s /dev/null -A /dev/stdin ${DIALECT[legacy ? "legacy" : "today"].map((option) => `--option=${quoted(option)}`).join(" ")} ${legacy ? `-S ${quoted(host)} -I "$a"` : '-S "$a"'} -p "$o" rpc "$@"
}
R='${RECORD_KEY}'
`;

const FUNCTIONS = `
Q=
E=
mine=
# When the lock was taken; empty where the time limit is none.
since=
answer=
# A call of net, its answer in O and its exit code in rc. The login lines come by its stdin; printf is the shell's own, so
# no process list shows them.
call() {
	if [ -n "$since" ] && [ $(($(date +%s) - since)) -gt ${TIME_LIMIT} ]; then since=; E=; fail time-limit; fi
	O=$(printf '%s\\n%s\\n' "$u" "$p" | net_ "$@" 2>&1)
	rc=$?
	E=
	if [ $rc -ne 0 ]; then heard 'WERR_|NT_STATUS_|server'; fi
}
# What net said, as far as it can be shown, in E.
heard() { E=$(printf '%s\\n' "$O" | tr -cd '\\012\\040-\\176' | grep -E "$1" | tail -n 1); }

# Ends the run where the host was not reached, or gave an answer that nobody expects here.
turned_away() {
	case $O in
	*NT_STATUS_LOGON_*|*NT_STATUS_ACCOUNT_*|*NT_STATUS_PASSWORD_*|*NT_STATUS_WRONG_PASSWORD*) fail no-log-in ;;
	*NT_STATUS_NO_SUCH_USER*|*NT_STATUS_NO_LOGON_SERVERS*|*NT_STATUS_INVALID_WORKSTATION*|*NT_STATUS_INVALID_LOGON_HOURS*) fail no-log-in ;;
	*_ACCESS_DENIED*) Q=', Windows 5'; fail access-denied ;;
	esac
	if gone "$O"; then fail unreachable; fi
	fail not-understood
}
# Whether net said in $1 that nobody is there.
gone() {
	case $1 in *"Could not connect"*|*"Connection failed"*|*"Unable to find"*) ;; *) return 1 ;; esac
}

# Writes the value $2 of the key $1: $3 is dword or sz, $4 a decimal number or a text. What became of it is read back.
# (net's import of a .reg file writes by a handle that it opened for reading: smbd lets root do so, Windows nobody.)
put() { call registry setvalue "$1" "$2" "$3" "$4"; }

# The key $1 as a .reg file in O; fails where there is none, and where the caller has said what a failure means (lost). One
# that was read in part counts for nothing: what is not found there leads to a kick.
lost=
export_key() {
	call registry export "$1" /dev/stdout
	case $rc-$O in
	0-*"[$1]"*) return 0 ;;
	*'registry_openkey failed: '*NT_STATUS_NO_SUCH_DEVICE*|*'registry_openkey failed: '*NOT_FOUND*) E=; return 1 ;;
	esac
	[ -z "$lost" ] || return 1
	turned_away
}

# The record in T.
record() {
	T=
	export_key "$R" || return 1
	T=$O
}
holds() { case $T in *"$1"*) return 0 ;; esac; return 1; }

check_net() {
	type net awk grep sed tail tr >/dev/null 2>&1 || fail no-net
	[ "$(command -v printf)" = printf ] || fail no-net
}

say() { answer="$answer$1
"; }
good() {
	echo "${TOOK}$(($(date +%s) - started)) s"
	printf '%s' "$answer"
	finish 0
}
finish() {
	if [ -n "$mine" ] && ! gone "$E"; then release; fi
	exit "$1"
}
`;

/** `begin` takes the host's lock, `release` lets go of it. */
const LOCK = (stale: typeof STALE) => `
L='${LOCK_KEY}'
random() { od -An -N8 -tx1 /dev/urandom | tr -d ' \\n'; }

# The host's lock is a key: whoever creates it has the host. It outlives its holder; so it also names him, and this
# machine, where he also holds a file that the system lets go of with him and all that he started. A lock of this machine
# whose file is free is a dead run's. For one of another machine that can only be seen by waiting: nobody's run takes so
# long.
begin() {
	here=
	if command -v flock >/dev/null; then
		folder=\${XDG_CACHE_HOME:-$HOME/.cache}/exchange-dirsync
		file=$folder/$(printf '%s' "$a $o" | tr -c 'A-Za-z0-9.-' '_').lock
		if (umask 077; mkdir -p "$folder" && true >>"$file") 2>/dev/null; then
			exec 9>>"$file"
			flock -n 9
			case $? in
			0)
				if [ ! -s "$file" ]; then random >&9; fi
				# A copy of the file on another machine is another one.
				here="$(cat "$file")-$(uname -n)-$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ;;
			1) fail busy ;;
			esac
		fi
	fi
	seen=
	left=${stale.signed}
	until try_lock; do sleep ${LOOK}; done
	sign
	if ! holds_lock; then
		# Held up so long meanwhile that it was taken for dead: what is there is another one's.
		case $O in *'"Holder"='*|*NO_SUCH_DEVICE*|*NOT_FOUND*) fail busy ;; esac
		call registry deletekey "$L"
		fail record-not-written
	fi
	mine=1
}
# Whoever waits for the lock then waits anew.
sign() {
	me="$here-$(random)"
	put "$L" Holder sz "$me"
	since=$(date +%s)
}
try_lock() {
	call registry createkey "$L"
	case $O in
	*'createkey created'*) return 0 ;;
	*'createkey opened existing'*) ;;
	*) turned_away ;;
	esac
	export_key "$L" || return 1
	if [ -n "$here" ]; then
		case $O in *"\\"Holder\\"=\\"$here-"*) break_lock && return 0; fail busy ;; esac
	fi
	if [ -z "$seen" ]; then
		if [ -z "$(holder)" ]; then left=${stale.unsigned}; fi
		echo "another run holds this host: waiting up to $left s for its end"
	elif [ "$seen" != "$O" ]; then
		fail busy
	fi
	seen=$O
	left=$((left - ${LOOK}))
	if [ $left -gt 0 ]; then return 1; fi
	break_lock || fail busy
}
holder() { printf '%s\\n' "$O" | grep '^"Holder"='; }
# Of several who find it dead, one creates the next of these keys. It counts as long as the dead one's name stands there: he
# who was held up before he created it may come upon another one's lock. One without a name has ${LOOK} s to be given it.
break_lock() {
	was=$(holder)
	keys=$(printf '%s\\n' "$O" | grep -c '^\\[')
	call registry createkey "$L\\\\broken-$keys"
	case $O in *'createkey created'*) ;; *) return 1 ;; esac
	export_key "$L" || return 1
	if [ -z "$(holder)" ]; then sleep ${LOOK}; export_key "$L" || return 1; fi
	case $(holder) in ''|"$was") return 0 ;; esac
	return 1
}
holds_lock() {
	export_key "$L" || return 1
	case $O in *"\\"Holder\\"=\\"$me\\""*) return 0 ;; esac
	return 1
}
# A lock that cannot be let go of is found dead by the next run: what this one did stands.
release() {
	since=
	mine=
	lost=1
	holds_lock || return 0
	for key in $(printf '%s\\n' "$O" | sed -n 's/^\\[.*\\\\\\(broken-[0-9]*\\)\\]$/\\1/p'); do
		call registry deletekey "$L\\\\$key"
	done
	call registry deletekey "$L"
}
`;

/** `to=<label>` by what the number is of which `net` says the name; to is empty where it says none of these. */
export function byNumber(labels: Partial<Record<OutcomeCode, string>>): string {
	const cases = Object.entries(labels).flatMap(([code, label]) =>
		Object.entries(WERR)
			.filter(([, number]) =>
				(outcomes[code as OutcomeCode].numbers as readonly number[]).includes(
					number,
				),
			)
			.map(([name, number]) => `*${name}*) to=${label} n=${number} ;;`),
	);
	return `
to=
n=
case $O in
${cases.join("\n")}
*NT_STATUS_ACCESS_DENIED*) to=${labels["access-denied"] ?? ""} n=5 ;;
esac
if [ -n "$n" ]; then Q=", Windows $n"; fi`;
}

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
			${byNumber({ "access-denied": to.denied, "stop-failed": to["not-stopped"] })}
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
	${byNumber({ "access-denied": to.denied, "start-failed": to["not-started"] })}
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
