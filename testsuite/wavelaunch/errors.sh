#!/bin/bash
# What wavelaunch says and how it ends when it cannot do what it was asked: status 2 for a wrong command line, 1 for anything else.
set -u
build=${abs_builddir_top:-$PWD}
source=${srcdir:-$(dirname "$0")/../..}
wavelaunch=$build/wavelaunch
kernels=$build/testsuite/kernels
work=$build/testsuite/run/errors.$$
shape="--grid=64 --group=64"
. "$(dirname "$0")/../lib/tap.sh"

mkdir -p "$work" || exit 1
trap 'rm -rf "$work"' EXIT

# expect STATUS TEXT NAME COMMAND...: the command ends with STATUS and says TEXT.
expect() {
	local wanted=$1 text=$2 name=$3 said status
	shift 3
	said=$(timeout 60 "$@" 2>&1 </dev/null)
	status=$?
	if [ "$status" = "$wanted" ] && [[ $said == *"$text"* ]]; then
		ok 0 "$name"
	else
		ok 1 "$name" "expected status $wanted and: $text" "status $status: $said"
	fi
}

vadd=$kernels/vadd.O0.co
args="--arg buf:256 --arg buf:256 --arg buf:256 --arg u32:64"

expect 2 "a code object and the name of a kernel are needed" "no arguments" "$wavelaunch"
expect 2 "--grid and --group are needed" "no shape" "$wavelaunch" "$vadd" vadd
expect 2 "--grid and --group are needed" "no group" "$wavelaunch" "$vadd" vadd --grid=64
expect 2 "unrecognized option" "unknown option" "$wavelaunch" "$vadd" vadd $shape --frobnicate
expect 2 "only a code object and a kernel" "a third argument" "$wavelaunch" "$vadd" vadd more $shape
expect 2 "not of the form X[,Y,Z]" "malformed grid" "$wavelaunch" "$vadd" vadd --grid=6x4 --group=64
expect 2 "sizes go from 1" "empty grid" "$wavelaunch" "$vadd" vadd --grid=0 --group=64
expect 2 "more than a group can have" "group too large" "$wavelaunch" "$vadd" vadd --grid=64 --group=64,64
expect 2 "at most 256 work-items" "group too large for the kernel" "$wavelaunch" "$vadd" vadd --grid=1024 --group=512 $args
expect 2 "has 4 arguments, 0 given" "no arguments for the kernel" "$wavelaunch" "$vadd" vadd $shape
expect 2 "has 4 arguments, 5 given" "too many arguments for the kernel" "$wavelaunch" "$vadd" vadd $shape $args --arg u32:1
expect 2 "argument 3" "argument of the wrong size" "$wavelaunch" "$vadd" vadd $shape --arg buf:256 --arg buf:256 --arg buf:256 --arg u64:64
expect 2 "argument 0" "value instead of a buffer" "$wavelaunch" "$vadd" vadd $shape --arg u32:1 --arg buf:256 --arg buf:256 --arg u32:64
expect 2 "unknown type" "unknown argument type" "$wavelaunch" "$vadd" vadd $shape --arg u33:1
expect 2 "is not a value of type f32" "malformed number" "$wavelaunch" "$vadd" vadd $shape --arg f32:one
expect 2 "there is no argument 4" "dump of an argument that is not there" "$wavelaunch" "$vadd" vadd $shape $args --dump 4=x
expect 2 "is not a buffer" "dump of a value" "$wavelaunch" "$vadd" vadd $shape $args --dump 3=x
expect 2 "not of the form ARGNO=FILE" "malformed dump" "$wavelaunch" "$vadd" vadd $shape $args --dump x
expect 2 "is not a power of two" "odd queue size" "$wavelaunch" "$vadd" vadd $shape $args --queue-size=100
expect 2 "is not between 1 and" "no repetitions" "$wavelaunch" "$vadd" vadd $shape $args --repeat=0
expect 2 "is not a number of seconds" "negative timeout" "$wavelaunch" "$vadd" vadd $shape $args --timeout=-1
expect 2 "neither file nor memory" "unknown kind of name" "$wavelaunch" "$vadd" vadd $shape $args --uri=http
expect 0 "Exit status: 0 the kernel finished" "--help" "$wavelaunch" --help
expect 0 "wavelaunch (wavestub)" "--version" "$wavelaunch" --version

expect 1 "No such file or directory" "missing file" "$wavelaunch" "$work/none.co" vadd $shape
expect 1 "not a regular file" "directory" "$wavelaunch" "$work" vadd $shape
expect 1 "not an ELF file" "text file" "$wavelaunch" "$source/testsuite/kernels/vadd.cl" vadd $shape
: >"$work/empty.co"
expect 1 "not an ELF file" "empty file" "$wavelaunch" "$work/empty.co" vadd $shape
head -c 1500 "$vadd" >"$work/short.co"
expect 1 "truncated" "truncated file" "$wavelaunch" "$work/short.co" vadd $shape
expect 1 "not for AMD GPUs" "program of the host" "$wavelaunch" "$(command -v env)" vadd $shape
expect 1 "it has: vadd" "unknown kernel" "$wavelaunch" "$vadd" vsub $shape
if [ "$(id -u)" = 0 ]; then
	# nothing is unreadable for root: the access is tried as nobody
	as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
else
	as_nobody=
fi
open=$(mktemp -d /tmp/wavelaunch.XXXXXX) && chmod 755 "$open"
cp "$vadd" "$open/closed.co" && chmod 0 "$open/closed.co"
cp "$wavelaunch" "$open/wavelaunch" && chmod 755 "$open/wavelaunch"
expect 1 "Permission denied" "unreadable file" $as_nobody "$open/wavelaunch" "$open/closed.co" vadd $shape
rm -rf "$open"
if [ -e /dev/kfd ]; then
	n=$((n + 1))
	echo "ok $n # SKIP this machine has a /dev/kfd"
else
	expect 1 "/dev/kfd: No such file or directory" "no device" "$wavelaunch" "$vadd" vadd $shape $args
fi

# With a (simulated) device.
expect_sim() { # STATUS TEXT NAME OPTIONS...
	local wanted=$1 text=$2 name=$3
	shift 3
	expect "$wanted" "$text" "$name" "$build/gpusim" -- "$wavelaunch" "$@"
}
"${GPU_CC:-clang-19}" -x cl -cl-std=CL2.0 -target amdgcn-amd-amdhsa -mcpu=gfx90a -nogpulib -O0 -I"$source/testsuite/kernels" \
	-o "$work/other.co" "$source/testsuite/kernels/vadd.cl" || ok 1 "a kernel is compiled for another GPU"
expect_sim 1 "compiled for gfx90a, but this GPU is a gfx942" "code object for another GPU" "$work/other.co" vadd $shape $args
expect_sim 0 "vadd finished" "the same arguments with a device" "$vadd" vadd $shape $args
expect_sim 0 "" "--quiet" "$vadd" vadd.kd $shape $args --quiet
expect_sim 0 "vadd finished, 100 times" "repeated more often than the queue has packets" "$vadd" vadd $shape $args --repeat=100 --queue-size=16
expect_sim 0 "vadd finished" "code object named by memory" "$vadd" vadd $shape $args --uri=memory
expect_sim 1 "No such file or directory" "missing input" "$vadd" vadd $shape --arg buf:256=@"$work/none" --arg buf:256 --arg buf:256 --arg u32:64
expect_sim 1 "larger than the 256 bytes" "input larger than the buffer" "$vadd" vadd $shape --arg buf:256=@"$vadd" --arg buf:256 --arg buf:256 --arg u32:64
expect_sim 1 "No such file or directory" "dump that cannot be written" "$vadd" vadd $shape $args --dump "2=$work/no/dir"
expect_sim 2 "bytes of LDS" "more LDS than there is" "$kernels/dynlds.O2.co" dynlds $shape --arg buf:256 --arg buf:256 --arg lds:60k --arg lds:8k --arg u32:1
expect_sim 1 "node 0 is no GPU" "node without a GPU" "$vadd" vadd $shape $args --node=0

# 1.0 + 2.0 = 3.0 in each element, and a file that says otherwise.
words() { # HEX-BYTES
	local i
	for ((i = 0; i < 64; i++)); do printf "$1"; done
}
words '\x00\x00\x40\x40' >"$work/three"
words '\x00\x00\x41\x40' >"$work/other"
sum="--arg buf:256=0x3f800000 --arg buf:256=0x40000000 --arg buf:256=0xff --arg u32:64"
expect_sim 0 "argument 2: 256 bytes as expected" "--expect with the right result" "$vadd" vadd $shape $sum --expect "2=$work/three"
expect_sim 1 "differs from" "--expect with a wrong result" "$vadd" vadd $shape $sum --expect "2=$work/other"
head -c 100 "$work/three" >"$work/less"
expect_sim 1 "only 100" "--expect with a short file" "$vadd" vadd $shape $sum --expect "2=$work/less"

# The words of the trap handler are those of its source.
"${GPU_CC:-clang-19}" -target amdgcn-amd-amdhsa -mcpu=gfx942 -c -o "$work/trap.o" "$source/testsuite/wavelaunch/trap_gfx942.s" &&
	objcopy -I elf64-little -O binary -j .text "$work/trap.o" "$work/trap.bin"
from_source=$(od -An -v -tx4 -w4 "$work/trap.bin" 2>/dev/null | tr -d ' ')
from_table=$(grep -o '0x[0-9a-f]\{8\},' "$source/testsuite/wavelaunch/traphandler.c" | tr -d ',' | sed 's/^0x//')
if [ -n "$from_source" ] && [ "$from_source" = "$from_table" ]; then
	ok 0 "the trap handler is the assembled source"
else
	ok 1 "the trap handler is the assembled source" "$(diff <(echo "$from_source") <(echo "$from_table") | head -5)"
fi

tap_done
