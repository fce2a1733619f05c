#!/bin/sh
# What sshd runs for every session of a lab host: hands $SSH_ORIGINAL_COMMAND to cmd.exe as it came (windows/launcher.c).
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

# A full disk: no file grows (accidents.ts sets and lifts that for what runs already). The signal that comes with it ends a
# process that does not ignore it; ignored here, it is in all that is started from here.
trap '' XFSZ
windows() (
	[ ! -e "$dir/full" ] || [ $who != product ] || ulimit -S -f 0
	exec $FIXED env -i WINEPREFIX="$WINEPREFIX" WINEDEBUG=-all LC_ALL="$LC_ALL" LOCPATH="$LOCPATH" HOME="$HOME" USER="$USER" \
		PATH="$PATH" LAB_SESSION=$who LAB_RUN=$run "$@"
)

# Somebody at a terminal gets a cmd.exe on that terminal.
if [ -t 0 ]; then
	windows TERM="$TERM" "$WINE" cmd.exe
	exit
fi

# Wine passes descriptor 2 on to every process, one left behind included, and sshd ends no session while the channel is
# open. So descriptor 2 is nothing, and the Windows handle STDERR is a pipe of its own that is copied to the channel. It
# is read to its end even where the channel is gone: a program that writes to it must not be stopped by that.
trap '' PIPE
errors=stderr.$$
mkfifo "$dir/lab/$errors" || exit 255
exec 8<>"$dir/lab/$errors" 7<"$dir/lab/$errors"
{ cat >&2 || cat >/dev/null; } <&7 7<&- 8>&- &
exec 7<&-
windows LAB_COMMAND="$SSH_ORIGINAL_COMMAND" LAB_STDERR="L:\\$errors" "$WINE" 'L:\launcher.exe' 2>/dev/null 8>&-
code=$?
# Where sessions are held, what a program left behind keeps this one open: on Windows it may have inherited its handles.
if [ -e "$dir/held" ]; then while grep -qsaF "LAB_RUN=$run" /proc/[0-9]*/environ; do sleep 0.2; done; fi
exec 8>&-
wait
rm -f "$dir/lab/$errors"
exit $code
