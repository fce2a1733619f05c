import { WAITING_PREFIX } from "../../protocol/step-output";
import { CALL_LIMIT_SECONDS, RECORD_KEY, TIME_LIMIT_SECONDS } from "./net";

/** The lock of a host: the run that creates this key holds the host until the key is deleted. */
export const LOCK_KEY = `${RECORD_KEY}-lock`;

/**
 * A lock that has not changed for this many seconds belongs to a dead run: no live run holds it longer (`signed`), or
 * takes longer to sign it (`unsigned`).
 */
export const STALE_SECONDS = {
	signed: TIME_LIMIT_SECONDS + 3 * CALL_LIMIT_SECONDS,
	unsigned: 2 * CALL_LIMIT_SECONDS,
};

/** Seconds between two checks of the lock. */
const POLL_SECONDS = 5;

/** The shell functions for the lock: `take_lock` takes it, `release_lock` releases it. */
export const LOCK = (stale: typeof STALE_SECONDS) => `
lock_key='${LOCK_KEY}'
random_hex() { od -An -N8 -tx1 /dev/urandom | tr -d ' \\n'; }

# The lock of the host is a registry key: the run that creates it holds the host. The key outlives a dead run, so it
# names its holder and this machine. On this machine the holder also locks a file. The system releases that file when
# the holder and all its children have ended. A lock of this machine whose file is free therefore belongs to a dead run.
# A dead run on another machine can only be detected by waiting longer than any run takes.
take_lock() {
	machine=
	if command -v flock >/dev/null; then
		folder=\${XDG_CACHE_HOME:-$HOME/.cache}/exchange-dirsync
		file=$folder/$(printf '%s' "$address $port" | tr -c 'A-Za-z0-9.-' '_').lock
		if (umask 077; mkdir -p "$folder" && true >>"$file") 2>/dev/null; then
			exec 9>>"$file"
			flock -n 9
			case $? in
			0)
				if [ ! -s "$file" ]; then random_hex >&9; fi
				# A copy of the file on another machine must give another name.
				machine="$(cat "$file")-$(uname -n)-$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ;;
			1) fail busy ;;
			esac
		fi
	fi
	seen_lock=
	seconds_left=${stale.signed}
	until try_lock; do sleep ${POLL_SECONDS}; done
	sign_lock
	if ! holds_lock; then
		# This run was delayed so long that it seemed dead: the present lock is another run's.
		case $output in *'"Holder"='*|*NO_SUCH_DEVICE*|*NOT_FOUND*) fail busy ;; esac
		call_net registry deletekey "$lock_key"
		fail record-not-written
	fi
	has_lock=1
}
# Signs the lock with a new name. A run that waits for the lock then starts its wait again.
sign_lock() {
	run_name="$machine-$(random_hex)"
	set_value "$lock_key" Holder sz "$run_name"
	locked_at=$(date +%s)
}
try_lock() {
	call_net registry createkey "$lock_key"
	case $output in
	*'createkey created'*) return 0 ;;
	*'createkey opened existing'*) ;;
	*) fail_unexpected ;;
	esac
	export_key "$lock_key" || return 1
	if [ -n "$machine" ]; then
		case $output in *"\\"Holder\\"=\\"$machine-"*) break_lock && return 0; fail busy ;; esac
	fi
	if [ -z "$seen_lock" ]; then
		if [ -z "$(lock_holder)" ]; then seconds_left=${stale.unsigned}; fi
		echo "${WAITING_PREFIX}waiting up to $seconds_left s for its end"
	elif [ "$seen_lock" != "$output" ]; then
		fail busy
	fi
	seen_lock=$output
	seconds_left=$((seconds_left - ${POLL_SECONDS}))
	if [ $seconds_left -gt 0 ]; then return 1; fi
	break_lock || fail busy
}
lock_holder() { printf '%s\\n' "$output" | grep '^"Holder"='; }
# Takes over the lock of a dead run. Of several runs that find it dead, one creates the next of these keys. That key is
# valid as long as the dead run's name is in the lock: a run that was delayed before it created the key may find another
# run's lock. A lock without a name has ${POLL_SECONDS} s to get one.
break_lock() {
	dead_holder=$(lock_holder)
	keys=$(printf '%s\\n' "$output" | grep -c '^\\[')
	call_net registry createkey "$lock_key\\\\broken-$keys"
	case $output in *'createkey created'*) ;; *) return 1 ;; esac
	export_key "$lock_key" || return 1
	if [ -z "$(lock_holder)" ]; then sleep ${POLL_SECONDS}; export_key "$lock_key" || return 1; fi
	case $(lock_holder) in ''|"$dead_holder") return 0 ;; esac
	return 1
}
holds_lock() {
	export_key "$lock_key" || return 1
	case $output in *"\\"Holder\\"=\\"$run_name\\""*) return 0 ;; esac
	return 1
}
# Releases the lock. If that fails, this run still succeeds: the next run detects the lock as dead.
release_lock() {
	locked_at=
	has_lock=
	ignore_failure=1
	holds_lock || return 0
	for key in $(printf '%s\\n' "$output" | sed -n 's/^\\[.*\\\\\\(broken-[0-9]*\\)\\]$/\\1/p'); do
		call_net registry deletekey "$lock_key\\\\$key"
	done
	call_net registry deletekey "$lock_key"
}
`;
