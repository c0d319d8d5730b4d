#!/bin/bash
# Every session and every test program is in the suite, and every source file in some program: a file that no makefile names is never run, and
# nobody misses it. Prints TAP.
top=${srcdir:-$(dirname "$0")/..}
. "$top/testsuite/lib/tap.sh"
listed=$(cat "$top/Makefile.am" "$top"/*/*.mk "$top"/*/*/*.mk)

every() # WHAT FILE... (below the top): each is named in a makefile
{
	local what=$1 file seen=0 missing=()
	shift
	for file; do
		[ -e "$top/$file" ] || continue
		seen=1
		[[ $listed == *"$file"* ]] || missing+=("$file")
	done
	[ "$seen" = 1 ] || missing=("there are none")
	ok ${#missing[@]} "every $what is in a makefile" "${missing[@]}"
}

cd "$top" || exit 1
top=.
every session testsuite/stub.*/*.exp
every 'unit test' testsuite/unit/*.c testsuite/unit/*.sh
every 'source of the stub' src/*.c src/*/*.c protocol/*.c arch/*.c
every 'source of the simulator' sim/*.c sim/*/*.c
tap_done
