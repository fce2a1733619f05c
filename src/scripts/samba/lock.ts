import { CALL_LIMIT_SECONDS, RECORD_KEY, TIME_LIMIT_SECONDS } from "./net";

/** Whoever creates this key has the host until it is deleted. */
export const LOCK_KEY = `${RECORD_KEY}-lock`;

/** A lock that has not changed for so many seconds is a dead run's: nobody holds one, or is about to sign it, that long. */
export const STALE_SECONDS = {
	signed: TIME_LIMIT_SECONDS + 3 * CALL_LIMIT_SECONDS,
	unsigned: 2 * CALL_LIMIT_SECONDS,
};

/** How often a lock is looked at, in seconds. */
const POLL_SECONDS = 5;

/** `begin` takes the host's lock, `release` lets go of it. */
export const LOCK = (stale: typeof STALE_SECONDS) => `
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
	until try_lock; do sleep ${POLL_SECONDS}; done
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
	left=$((left - ${POLL_SECONDS}))
	if [ $left -gt 0 ]; then return 1; fi
	break_lock || fail busy
}
holder() { printf '%s\\n' "$O" | grep '^"Holder"='; }
# Of several who find it dead, one creates the next of these keys. It counts as long as the dead one's name stands there: he
# who was held up before he created it may come upon another one's lock. One without a name has ${POLL_SECONDS} s to be given it.
break_lock() {
	was=$(holder)
	keys=$(printf '%s\\n' "$O" | grep -c '^\\[')
	call registry createkey "$L\\\\broken-$keys"
	case $O in *'createkey created'*) ;; *) return 1 ;; esac
	export_key "$L" || return 1
	if [ -z "$(holder)" ]; then sleep ${POLL_SECONDS}; export_key "$L" || return 1; fi
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
