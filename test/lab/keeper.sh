#!/bin/sh
# Ends a lab host as soon as the program that started it closes the pipe on stdin: by stop(), by Ctrl-C or by dying.
# keeper.sh <folder of the host> <keep or remove: what becomes of the folder>
trap '' HUP INT TERM
dir=$1
while read -r _; do :; done
WINEPREFIX=
. "$dir/environment"

# An SSH client that never hangs up keeps its own sshd process, even where the server has ended: all of them have the log
# open, and nothing else has.
kill $(find /proc/[0-9]*/fd -lname "$dir/ssh/sshd.log" 2>/dev/null | cut -d/ -f3) 2>/dev/null

if [ -n "$WINEPREFIX" ]; then
	export WINEPREFIX
	wineserver -k
	# Killed is not yet gone, and what is going may write once more.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		grep -qsF "WINEPREFIX=$WINEPREFIX" /proc/[0-9]*/environ || break
		sleep 0.2
	done
fi
[ "$2" = keep ] || rm -rf "$dir"
