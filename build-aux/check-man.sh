#!/bin/sh
# The manual pages are well-formed, and name every long option that --help names. TAP on standard output.
top=${srcdir:-$(dirname "$0")/..}
n=0
failed=0
report() { # STATUS TEXT
	n=$((n + 1))
	if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; failed=1; fi
}
for program in wavestub gpusim wavelaunch; do
	page=$top/doc/$program.1
	faults=$(mandoc -T lint -W warning "$page" 2>&1)
	status=$?
	[ -z "$faults" ] || echo "$faults" | sed 's/^/# /'
	report "$status" "$program.1 is well-formed"
	options=$("./$program" --help | grep -oE -- '(^| |,)--[a-z-]+' | grep -oE '[a-z][a-z-]+' | sort -u)
	report "$([ -n "$options" ] && echo 0 || echo 1)" "$program --help names options"
	for option in $options; do
		case $option in usage | help | version) continue ;; esac
		grep -q "Fl .*-$option\\b" "$page"
		report $? "$program.1 has --$option"
	done
done
echo "1..$n"
exit "$failed"
