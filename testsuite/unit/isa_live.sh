#!/bin/sh
# The stored opcode list against the installed llvm-mc: its words give its text, its text gives its words. A missing tool fails.
srcdir=${srcdir:-.}
llvm_mc=${LLVM_MC:-llvm-mc-19}
list=$srcdir/testsuite/unit/data/isa_table.txt
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# deadbeef,01234567 to 0xef,0xbe,0xad,0xde,0x67,0x45,0x23,0x01
bytes() {
	sed 's/\([0-9a-f][0-9a-f]\)\([0-9a-f][0-9a-f]\)\([0-9a-f][0-9a-f]\)\([0-9a-f][0-9a-f]\)/0x\4,0x\3,0x\2,0x\1/g'
}
grep -v '^#' "$list" | cut -d' ' -f3 | bytes > "$tmp/words"
grep -v '^#' "$list" | cut -d' ' -f4- > "$tmp/texts"

echo 1..3
"$llvm_mc" -arch=amdgcn -mcpu=gfx942 -disassemble "$tmp/words" 2>"$tmp/errors" | sed -e 's/[;].*//' -e 's,//.*,,' -e 's/^[ 	]*//' \
	-e 's/[ 	]*$//' -e '/^$/d' -e '/^[.]/d' > "$tmp/disassembled"
if [ -s "$tmp/disassembled" ] && cmp -s "$tmp/texts" "$tmp/disassembled"; then
	echo "ok 1 - the stored words disassemble to the stored text"
else
	echo "not ok 1 - the stored words disassemble to the stored text"
	{ cat "$tmp/errors"; diff "$tmp/texts" "$tmp/disassembled"; } | head -20 | sed 's/^/# /'
fi
"$llvm_mc" -arch=amdgcn -mcpu=gfx942 -show-encoding "$tmp/texts" 2>"$tmp/errors" | sed -n 's/.*encoding: \[\([0-9a-fx,]*\)\].*/\1/p' > "$tmp/assembled"
if [ -s "$tmp/assembled" ] && cmp -s "$tmp/words" "$tmp/assembled"; then
	echo "ok 2 - the stored text assembles to the stored words"
else
	echo "not ok 2 - the stored text assembles to the stored words"
	{ cat "$tmp/errors"; diff "$tmp/words" "$tmp/assembled"; } | head -20 | sed 's/^/# /'
fi

# ASM("text", words) of the unit tests.
sed -n 's/ASM("/\n&/gp' "$srcdir"/testsuite/unit/test_isa_*.c | sed -n 's/^ASM("\([^"]*\)", \(0x[0-9a-f]*\(, 0x[0-9a-f]*\)*\)).*/\1@\2/p' > "$tmp/asm"
cut -d@ -f1 "$tmp/asm" > "$tmp/texts"
cut -d@ -f2 "$tmp/asm" | sed 's/0x//g; s/ //g' | bytes > "$tmp/words"
"$llvm_mc" -arch=amdgcn -mcpu=gfx942 -show-encoding "$tmp/texts" 2>"$tmp/errors" | sed -n 's/.*encoding: \[\([0-9a-fx,]*\)\].*/\1/p' > "$tmp/assembled"
if [ "$(wc -l < "$tmp/words")" -gt 100 ] && cmp -s "$tmp/words" "$tmp/assembled"; then
	echo "ok 3 - the words beside the unit tests' instructions are theirs"
else
	echo "not ok 3 - the words beside the unit tests' instructions are theirs"
	{ cat "$tmp/errors"; diff "$tmp/words" "$tmp/assembled"; } | head -20 | sed 's/^/# /'
fi
