#!/bin/sh
# Watches over one server, so that it never outlives its users.
#
# usage: guard.sh LEASE LINGER GRACE PROGRAM [ARGUMENT...]
#
# File descriptor 4 is the reading end of the pipe LEASE, whose writing end
# every user holds open: end of file means that the last user is gone, however
# it went. LINGER seconds later the server gets SIGTERM, and GRACE seconds after
# that SIGKILL. File descriptor 3 is a locked file; this shell and the server
# keep it open, so the lock is free only when both have ended.

lease=$1 linger=$2 grace=$3
shift 3

"$@" </dev/null 4<&- &
server=$!

# Returns when no user is left and none can come any more.
await_last_user() {
	idle=0
	while :; do
		# A line is the greeting of a new user.
		while read -r _; do idle=0; done
		if [ "$idle" -lt "$linger" ]; then
			sleep 1 </dev/null 3>&-
			idle=$((idle + 1))
			continue
		fi
		# Shut the door first and look again: whoever slipped in stays welcome.
		mv "$lease" "$lease.closed"
		read -r _ || return
		mv "$lease.closed" "$lease"
		idle=0
	done
}

(
	exec <&4 4<&-
	await_last_user
	kill -TERM "$server"
	while [ "$grace" -gt 0 ]; do
		sleep 1 </dev/null 3>&-
		grace=$((grace - 1))
	done
	kill -KILL "$server"
) &
watcher=$!
exec 4<&-

trap 'kill -TERM "$server"' TERM INT HUP
while kill -0 "$server" 2>/dev/null; do wait "$server"; done
kill "$watcher" 2>/dev/null
rm -f "$lease" "$lease.closed"
