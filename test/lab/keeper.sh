#!/bin/sh
# Ends a lab host as soon as the program that started it closes the pipe on stdin: by stop(), by Ctrl-C, or because it
# died.
# keeper.sh <folder of the host> <keep or remove: what happens to the folder>
trap '' HUP INT TERM
dir=$1
while read -r _; do :; done
WINEPREFIX=
# A start that is interrupted has written none. Without one `.` would end this script.
if [ -f "$dir/environment" ]; then . "$dir/environment"; fi
# A wineserver is found by this folder too, and the host was started without it.
unset TMPDIR

# An SSH client that does not close its connection keeps its sshd process, even after the server has ended. All these
# processes have the log open, and no other process has.
kill $(find /proc/[0-9]*/fd -lname "$dir/ssh/sshd.log" 2>/dev/null | cut -d/ -f3) 2>/dev/null

if [ -n "$WINEPREFIX" ]; then
	export WINEPREFIX
	# A killed process ends after a moment and may write once more. One of an interrupted start may begin only now.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		wineserver -k
		grep -qsF "WINEPREFIX=$WINEPREFIX" /proc/[0-9]*/environ || break
		sleep 0.2
	done
fi
[ "$2" = keep ] || rm -rf "$dir"
