#!/bin/bash
# A foreign debugger (dbg_session.c) on the simulator: every kernel level, several XCCs, many waves; attaching; dying with queues suspended.
set -u
build=${abs_builddir_top:-$PWD}
session=$build/testsuite/sim/dbg_session
kernels=$build/testsuite/kernels
. "$(dirname "$0")/../lib/tap.sh"

# Passes the checks of one session on under a common count; what it printed otherwise becomes comment.
count() { # LABEL
	local line seen=0
	while IFS= read -r line; do
		case $line in
		"ok "*) n=$((n + 1)); seen=1; echo "ok $n - $1: ${line#*- }" ;;
		"not ok "*) n=$((n + 1)); seen=1; failed=1; echo "not ok $n - $1: ${line#*- }" ;;
		1..*) ;;
		*) echo "# $line" ;;
		esac
	done
	[ $seen = 1 ] || { n=$((n + 1)); failed=1; echo "not ok $n - $1: no check was printed"; }
}

run() { # LABEL WAVES LEVEL GRID SIMULATOR-OPTIONS...
	local label=$1 waves=$2 object=$kernels/spin.$3.co grid=$4
	shift 4
	count "$label" < <(timeout --kill-after=5 100 "$build/gpusim" "$@" -- "$session" "$waves" "$build/wavelaunch" "$object" spin \
		--grid="$grid" --group=128 --arg buf:4 --arg buf:$((grid * 8)) 2>&1 </dev/null)
}

# One program, two debuggers: the first dies with the queue suspended, the second finds the waves running.
succession() {
	timeout --kill-after=5 100 "$build/gpusim" -- bash -c '
		"$0" "$1" spin --grid=256 --group=128 --arg buf:4 --arg buf:2048 &
		target=$!
		sleep 0.3
		"$2" 4 --abandon $target
		[ $? = 137 ] && echo "ok 1 - the first debugger is killed" || echo "not ok 1 - the first debugger is killed"
		"$2" 4 --attach $target
		wait $target && echo "ok 1 - the program ends well" || echo "not ok 1 - the program ends well"
	' "$build/wavelaunch" "$kernels/spin.O0.co" "$session" 2>&1 </dev/null
}

run "four waves, -O0" 4 O0 256
run "four waves, -O2" 4 O2 256
run "four XCCs" 16 O2 1024 --xccs=4 --cus=16
run "512 waves" 512 O2 32768 --cus=38
count "two debuggers" < <(succession)
tap_done
