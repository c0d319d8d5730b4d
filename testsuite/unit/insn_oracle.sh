#!/bin/sh
# Compares arch/'s instruction decoder with LLVM's disassembler on candidates of every encoding (see insn_oracle.c). The tool is needed: its
# absence is a failure.
#   insn_oracle.sh            test gfx942
#   insn_oracle.sh STEP CPU   STEP tables or list: print what arch/CPU_opcodes.inc, testsuite/data/insns/CPU.inc hold
step=${1:-compare}
cpu=${2:-gfx942}
llvm_mc=${LLVM_MC:-llvm-mc-19}
oracle=./testsuite/unit/insn_oracle

if ! command -v "$llvm_mc" >/dev/null; then
	echo "Bail out! $llvm_mc not found (Debian package llvm-19)"
	exit 1
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
"$oracle" emit "$cpu" >"$dir/in" || exit 1
# It complains about every invalid candidate and succeeds all the same.
if ! "$llvm_mc" --disassemble --triple=amdgcn-amd-amdhsa -mcpu="$cpu" <"$dir/in" >"$dir/out" 2>"$dir/errors"; then
	echo "Bail out! $llvm_mc failed: $(tail -n 1 "$dir/errors")"
	exit 1
fi
"$oracle" "$step" "$cpu" "$dir/out" "$dir/errors"
