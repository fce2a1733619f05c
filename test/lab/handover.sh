#!/bin/sh
# sshd runs this script for every session of a lab host. It passes $SSH_ORIGINAL_COMMAND unchanged to cmd.exe
# (windows/launcher.c).
# handover.sh <folder of the host> <who: product or lab>
dir=$1
who=$2
run=$dir:$$
. "$dir/environment"
cd "$WINEPREFIX/drive_c/users/$USER" || exit 255

if [ $who = product ]; then
	entry=$dir/commands/$(date +%s.%N)-$$
	printf %s "$SSH_ORIGINAL_COMMAND" >"$dir/commands.$$" && mv "$dir/commands.$$" "$entry"
fi

# On a full disk no file can grow (accidents.ts sets and removes the limit for running programs). The signal SIGXFSZ
# would end a process that does not ignore it. All programs that are started from here inherit that it is ignored.
trap '' XFSZ
# If the programs of the product are counted, Wine writes a line for each that is started to descriptor 2.
debug=-all
trace=/dev/null
if [ -d "$dir/programs" ] && [ $who = product ]; then
	debug=-all,trace+process
	trace=$dir/programs/$(date +%s.%N)-$$
fi
windows() (
	[ ! -e "$dir/full" ] || [ $who != product ] || ulimit -S -f 0
	exec $FIXED env -i WINEPREFIX="$WINEPREFIX" WINEDEBUG=$debug LC_ALL="$LC_ALL" LOCPATH="$LOCPATH" HOME="$HOME" USER="$USER" \
		PATH="$PATH" LAB_SESSION=$who LAB_RUN=$run "$@"
)

# A user at a terminal gets a cmd.exe on that terminal.
if [ -t 0 ]; then
	windows TERM="$TERM" "$WINE" cmd.exe
	exit
fi

# Wine passes descriptor 2 to every process, including one that is left behind, and sshd ends no session while the
# channel is open. So descriptor 2 is /dev/null or a file, and the Windows handle STDERR is a separate pipe that is copied to the
# channel. The pipe is read to its end even if the channel is closed, because a program that writes to it must not be
# stopped.
trap '' PIPE
errors=stderr.$$
mkfifo "$dir/lab/$errors" || exit 255
exec 8<>"$dir/lab/$errors" 7<"$dir/lab/$errors"
{ cat >&2 || cat >/dev/null; } <&7 7<&- 8>&- &
exec 7<&-
windows LAB_COMMAND="$SSH_ORIGINAL_COMMAND" LAB_STDERR="L:\\$errors" "$WINE" 'L:\launcher.exe' 2>>"$trace" 8>&-
code=$?
# If sessions are kept open, a program that was left behind keeps this one open: on Windows it may inherit its handles.
if [ -e "$dir/held" ]; then while grep -qsaF "LAB_RUN=$run" /proc/[0-9]*/environ; do sleep 0.2; done; fi
exec 8>&-
wait
rm -f "$dir/lab/$errors"
exit $code
