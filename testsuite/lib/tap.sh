# TAP for test programs in bash: sourced; at the end `tap_done`.
n=0 failed=0

ok() # STATUS TEXT [DETAIL...]
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
		return
	fi
	echo "not ok $n - $2"
	failed=1
	shift 2
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

is() # GOT WANTED TEXT
{
	[ "$1" = "$2" ]
	ok $? "$3" "got \"$1\", wanted \"$2\""
}

has() # FILE PATTERN TEXT
{
	grep -qE -- "$2" "$1"
	ok $? "$3" "no \"$2\" in:" "$(cat "$1")"
}

tap_done() # exits
{
	echo "1..$n"
	[ "$n" -gt 0 ] && [ "$failed" = 0 ]
	exit
}
