#!/bin/sh
# Checks that no layer includes what it must not know. Prints TAP.
#   check-layers.sh [ROOT]    ROOT is the source tree; default $srcdir or .
# The rules are first tried on small trees that break them, so that a check that sees nothing is noticed.

root=${1:-${srcdir:-.}}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
count=0
failed=0

# What of libc a layer of pure functions may use.
pure='assert|ctype|errno|fcntl|inttypes|limits|math|signal|stdalign|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|strings|time|endian|float'

# sources DIR: the C files below it.
sources() {
	[ -d "$1" ] && find "$1" -name '*.[ch]' -o -name '*.inc' -o -name '*.def' | sort
}

# includes DIR: "file:line: what", what with its quotes or brackets.
includes() {
	sources "$1" | while read -r f; do
		awk '/^[ \t]*#[ \t]*include/ {
			line = $0
			sub(/^[^<"]*/, "", line)
			if (match(line, /^[<"][^>"]*[>"]/))
				print FILENAME ":" FNR ": " substr(line, 1, RLENGTH)
		}' "$f"
	done
}

# outside DIR ALLOWED: include lines of DIR that match none of the extended expression ALLOWED.
outside() {
	includes "$1" | grep -Ev ":[0-9]+: ($2)\$"
}

# without_comments FILE: the code, comments of one line and block comments blanked.
without_comments() {
	awk '{
		line = $0; out = ""
		while (length(line)) {
			if (inside) {
				i = index(line, "*/")
				if (!i) { line = ""; break }
				line = substr(line, i + 2); inside = 0
			} else {
				i = index(line, "/*"); j = index(line, "//")
				if (j && (!i || j < i)) { out = out substr(line, 1, j - 1); line = ""; break }
				if (!i) { out = out line; line = ""; break }
				out = out substr(line, 1, i - 1); line = substr(line, i + 2); inside = 1
			}
		}
		print out
	}' "$1"
}

# ioctls DIR EXCEPT: calls of ioctl in DIR outside the file EXCEPT.
ioctls() {
	sources "$1" | while read -r f; do
		[ "$f" = "$2" ] && continue
		without_comments "$f" | grep -nE '(^|[^A-Za-z0-9_])ioctl[ \t]*\(' | sed "s|^|$f:|"
	done
}

# One rule each: prints what breaks it. $1 is the root.
rule_protocol() { outside "$1/protocol" "\"protocol/[a-z0-9_/]+\\.(h|inc|def)\"|<($pure)\\.h>"; }
rule_arch() { outside "$1/arch" "\"arch/[a-z0-9_/]+\\.(h|inc|def)\"|<($pure)\\.h>"; }
rule_sim() { outside "$1/sim" "\"(sim|arch)/[a-z0-9_/]+\\.(h|inc|def)\"|\"config\\.h\"|<[a-zA-Z0-9_/.+-]+>"; }
rule_src() { outside "$1/src" "\"(src|protocol|arch)/[a-z0-9_/]+\\.(h|inc|def)\"|\"config\\.h\"|<[a-zA-Z0-9_/.+-]+>"; }
rule_ioctl() { ioctls "$1/src" "$1/src/kernel/kif_kfd.c"; }
rule_ioctl_pure() { ioctls "$1/protocol" none; ioctls "$1/arch" none; }

report() {
	count=$((count + 1))
	if [ "$1" = ok ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
	fi
}

# tried RULE FILE TEXT WHAT: the rule must object to a tree with this file, and to nothing without it.
tried() {
	rm -rf "$scratch/t"
	mkdir -p "$scratch/t/protocol" "$scratch/t/arch" "$scratch/t/sim/gpu" "$scratch/t/src/kernel" "$scratch/t/src/model"
	before=$("$1" "$scratch/t")
	printf '%s\n' "$3" > "$scratch/t/$2"
	after=$("$1" "$scratch/t")
	if [ -z "$before" ] && [ -n "$after" ]; then
		report ok "notices $4"
	else
		report bad "does not notice $4"
	fi
}

# accepted RULE FILE TEXT WHAT: the rule must have nothing against it.
accepted() {
	rm -rf "$scratch/t"
	mkdir -p "$scratch/t/protocol" "$scratch/t/arch" "$scratch/t/sim/gpu" "$scratch/t/src/kernel" "$scratch/t/src/model"
	printf '%s\n' "$3" > "$scratch/t/$2"
	if [ -z "$("$1" "$scratch/t")" ]; then
		report ok "accepts $4"
	else
		report bad "objects to $4"
	fi
}

obeyed() {
	broken=$("$1" "$root")
	if [ -z "$broken" ]; then
		report ok "$2"
	else
		report bad "$2"
		printf '%s\n' "$broken" | sed 's/^/# /'
	fi
}

tried rule_protocol protocol/a.c '#include "src/model/model.h"' 'a header of src in protocol'
tried rule_protocol protocol/a.h ' #  include <sys/socket.h> /* no */' 'a socket in protocol'
tried rule_protocol protocol/a.c '#include "buf.h"' 'a header without its folder'
tried rule_arch arch/a.c '#include "protocol/buf.h"' 'a header of protocol in arch'
tried rule_arch arch/a.c '#include <unistd.h>' 'a system call in arch'
tried rule_sim sim/gpu/a.c '#include "src/kernel/kif.h"' 'a header of src in sim'
tried rule_sim sim/gpu/a.c '#include "../src/kernel/kif.h"' 'a way around by ..'
tried rule_src src/a.c '#include "sim/gpu/device.h"' 'a header of sim in src'
tried rule_ioctl src/model/queue.c '	return ioctl(fd, X, &args);' 'an ioctl in src'
tried rule_ioctl_pure arch/a.c '	ioctl (fd, 1);' 'an ioctl in arch'
accepted rule_ioctl src/kernel/kif_kfd.c '	return ioctl(fd, X, &args);' 'an ioctl in the kernel backend'
accepted rule_ioctl src/model/queue.c '/* an ioctl(fd) would do */ int my_ioctl(int fd);' 'the word in a comment'
accepted rule_sim sim/gpu/a.c '#include "arch/arch.h"' 'constants of arch in sim'

for part in protocol arch sim src; do
	if [ -n "$(sources "$root/$part")" ]; then
		report ok "$part has sources"
	else
		report bad "$part has no sources below $root"
	fi
done
obeyed rule_protocol 'protocol includes itself and libc'
obeyed rule_arch 'arch includes itself and libc'
obeyed rule_sim 'sim includes neither src nor protocol'
obeyed rule_src 'src does not include sim'
obeyed rule_ioctl 'only kif_kfd.c of src calls ioctl'
obeyed rule_ioctl_pure 'protocol and arch call no ioctl'
echo "1..$count"
exit $failed
