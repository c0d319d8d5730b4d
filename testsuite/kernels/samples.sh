#!/bin/bash
# Runs every sample at every level on the simulator and compares with the host. One TAP line per sample and level; for each sample one more
# that shows that the comparison notices a wrong byte. Arguments: names of samples to run (default: all). WAVESTUB_GPUSIM_OPTIONS asks for
# another simulated GPU.
set -u
build=${abs_builddir_top:-$PWD}
kernels=$build/testsuite/kernels
reference=$kernels/host_reference
work=$build/testsuite/run/samples.$$
limit=${WAVESTUB_SAMPLE_TIMEOUT:-120}
. "$(dirname "$0")/../lib/tap.sh"

# Sets `status` and `said`.
run_sample() { # NAME OBJECT KERNEL
	local -a options
	mapfile -t options < <("$reference" prepare "$1" "$work")
	if [ ${#options[@]} = 0 ]; then
		status=99 said="no options"
		return
	fi
	said=$(timeout --kill-after=5 "$limit" "$build/gpusim" ${WAVESTUB_GPUSIM_OPTIONS-} -- "$build/wavelaunch" "$2" "$3" "${options[@]}" 2>&1 </dev/null)
	status=$?
}

check_finishing() { # NAME LABEL
	if [ "$status" != 0 ]; then
		ok 1 "$2" "status $status" "$said"
		return 1
	fi
	local difference
	if difference=$("$reference" check "$1" "$work" 2>&1); then
		ok 0 "$2"
	else
		ok 1 "$2" "$difference" "$said"
		return 1
	fi
}

check_failing() { # NAME LABEL
	local wanted
	wanted=$("$reference" failure "$1")
	if [ "$status" = 1 ] && [ -n "$wanted" ] && [[ $said == *"$wanted"* ]]; then
		ok 0 "$2 fails: $wanted"
	else
		ok 1 "$2 fails: $wanted" "status $status" "$said"
	fi
}

# A byte in the middle of each result is changed in turn; the comparison must fail each time.
check_comparison() { # NAME
	local f size middle byte missed=""
	for f in "$work"/out.*; do
		cp "$f" "$work/saved"
		size=$(stat -c %s "$f")
		middle=$((size / 2))
		byte=$(od -An -tu1 -j "$middle" -N 1 "$f")
		printf "\\x$(printf %02x $((byte ^ 255)))" | dd of="$f" bs=1 seek="$middle" conv=notrunc status=none
		if "$reference" check "$1" "$work" >/dev/null 2>&1; then
			missed="$missed ${f##*/}"
		fi
		cp "$work/saved" "$f"
	done
	if [ -z "$missed" ] && [ -n "${f:-}" ] && [ -e "$f" ]; then
		ok 0 "$1: a wrong byte is noticed"
	else
		ok 1 "$1: a wrong byte is noticed" "missed in:${missed:- no results at all}"
	fi
}

wanted() {
	[ $# = 1 ] && return 0
	local name=$1
	shift
	[[ " $* " == *" $name "* ]]
}

mkdir -p "$work" || exit 1
trap 'rm -rf "$work"' EXIT
compared=""
for level in O0 O1 O2; do
	while read -r name source kernel outcome; do
		wanted "$name" "$@" || continue
		rm -f "$work"/*
		run_sample "$name" "$kernels/$source.$level.co" "$kernel"
		if [ "$outcome" = fails ]; then
			check_failing "$name" "$name -$level"
		elif check_finishing "$name" "$name -$level" && [[ " $compared " != *" $name "* ]]; then
			compared="$compared $name"
			check_comparison "$name"
		fi
	done < <("$reference" list)
done
tap_done
