#!/bin/bash
# gpusim as a launcher: exit statuses, signals, environment, what is left behind, and ordinary programs under it. Prints TAP.
. "$(dirname "$0")/../lib/tap.sh"
run=$(mktemp -d) || exit 1
trap 'rm -rf "$run"' EXIT
export TMPDIR=$run
unset XDG_RUNTIME_DIR

sim() { timeout 60 ./gpusim "$@"; }

sim -- true; is $? 0 'exit status 0'
sim -- sh -c 'exit 7'; is $? 7 'exit status of the command'
sim sh -c 'exit 8'; is $? 8 'the command needs no --'
sim -- sh -c 'kill -TERM $$'; is $? 143 '128 plus the signal that ended the command'
sim -- /no/such/program 2>/dev/null; is $? 127 'a command that is not there'
sim -- / 2>/dev/null; is $? 126 'a command that cannot be run'
sim --gpu=gfx1 -- true 2>"$run/err"; is $? 64 'an unknown model'
grep -q 'no model "gfx1"' "$run/err"; ok $? 'is named'
sim --vram=12Q -- true 2>"$run/err"; is $? 64 'a bad size'
grep -q '12Q' "$run/err"; ok $? 'is named'
sim --xccs=2 --cus=3 -- true 2>"$run/err"; is $? 64 'units that cannot be shared'
sim 2>/dev/null; is $? 64 'no command'
sim --version | grep -q '^gpusim'; ok $? '--version'
sim --help | grep -q -- --vram; ok $? '--help'
is "$(echo hello | sim -- cat)" hello 'standard input and output are the command'\''s'
is "$(sim -- sh -c 'echo "$1"' sh 'a  b')" 'a  b' 'arguments arrive unchanged'

# The end of it, by signals to the launcher.
begun() { until [ -e "$run/begun" ] || ! kill -0 $pid; do sleep 0.02; done; rm -f "$run/begun"; }
for signal in TERM INT HUP; do
	./gpusim -- sh -c ': >"$0"; exec sleep 30' "$run/begun" & pid=$!
	begun
	kill -$signal $pid
	if [ $signal = INT ]; then # a background job of a script ignores it: so must gpusim's command
		kill -TERM $pid
	fi
	wait $pid
	status=$?
	[ $status -gt 128 ]; ok $? "SIG$signal is passed on (status $status)"
done
./gpusim -- sh -c 'trap "exit 9" TERM; : >"$0"; while :; do sleep 0.05; done' "$run/begun" & pid=$!
begun
kill -TERM $pid; wait $pid; is $? 9 'a command that handles the signal ends as it likes'
for i in 1 2 3 4 5 6 7 8; do # at any moment of its start
	./gpusim -- sleep 30 & pid=$!
	sleep 0.0$i
	kill -TERM $pid
	wait $pid
done
is "$(find "$run" -name 'gpusim.*' | wc -l)" 0 'no run directory is left'

# Shape of the device.
property() { awk -v name="$1" '$1 == name { print $2 }'; }
p=/sys/class/kfd/kfd/topology/nodes
is "$(sim --cus=8 -- cat $p/1/properties | property simd_count)" 32 '--cus'
is "$(sim --xccs=2 -- cat $p/1/properties | property num_xcc)" 2 '--xccs'
is "$(sim --vram=3G -- cat $p/1/mem_banks/0/properties | property size_in_bytes)" $((3 << 30)) '--vram'
is "$(sim --gpus=3 -- sh -c "cat $p/[123]/gpu_id | sort -u | wc -l")" 3 '--gpus: different ids'
is "$(sim --gpus=2 -- ls /dev/dri | tr '\n' ' ')" 'renderD128 renderD129 ' '--gpus: a render node each'

# Ordinary programs.
is "$(sim -- ls -l /dev/kfd | cut -c1-10)" crw-rw-rw- 'ls shows a character device'
is "$(sim -- ls -l /dev/kfd /dev/dri 2>&1 >/dev/null)" '' 'without complaint'
is "$(sim -- stat -c %F /dev/dri/renderD128)" 'character special file' 'stat'
is "$(sim -- find /dev/dri -type c)" /dev/dri/renderD128 'find'
is "$(sim -- sh -c "cd $p && cat 1/gpu_id && ls" | wc -l)" 3 'a shell changes directory'
is "$(sim -- readlink -f /sys/class/kfd/kfd)" /sys/devices/virtual/kfd/kfd 'readlink -f'
is "$(sim -- sh -c 'env -i sh -c "test -e /dev/kfd || echo hidden"')" "$(test -e /dev/kfd || echo hidden)" 'a cleared environment leaves the simulation'
ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=libc.so.6 sim -- sh -c 'case $LD_PRELOAD in *gpusim-client.so:libc.so.6) exit 0;; esac; exit 1'; ok $? 'another preloaded object is kept'
is "$(sim -- sh -c 'env | cut -d= -f1 | grep -E "^(HSA|HIP|ROCR|GPUSIM)" | tr "\n" " "')" 'GPUSIM_SOCKET ' 'nothing in the environment changes a runtime'
start=$SECONDS
sim -- sh -c '(sleep 20) & exit 3' >/dev/null; is $? 3 'the command may leave a background job'
[ $((SECONDS - start)) -lt 10 ]; ok $? 'which is not waited for when it has nothing to do with the GPU'
sim --log="$run/log" -- ./sim_probe > "$run/probe" 2>&1
grep -q 'GET_VERSION = 0' "$run/log"; ok $? '--log names the ioctls'
grep -q 'is gone' "$run/log"; ok $? 'and the end of processes'

# A process that uses the GPU keeps the simulator after the command's end.
cat > "$run/keeper.sh" <<END
exec 3<>/dev/kfd
echo started > $run/started
sleep 0.5
test -d /sys/class/kfd/kfd/topology && echo served > $run/served
END
sim -- sh -c "bash $run/keeper.sh & while [ ! -e $run/started ]; do sleep 0.02; done; exit 5"; is $? 5 'the status is the command'\''s, others may go on'
is "$(cat "$run/served" 2>/dev/null)" served 'a process with the device open is served to its end'

# Programs built with sanitizers, and a debugger.
cat > "$run/a.c" <<'END'
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
int main(void)
{
	unsigned *version = malloc(8);
	int fd = open("/dev/kfd", O_RDWR);
	if (fd < 0 || ioctl(fd, _IOR('K', 1, unsigned[2]), version))
		return 1;
	printf("%u.%u\n", version[0], version[1]);
	free(version);
	return 0;
}
END
for compiler in 'gcc -static-libasan' gcc 'clang-19' 'clang-19 -shared-libasan'; do
	$compiler -fsanitize=address "$run/a.c" -o "$run/a" 2>"$run/errors"
	ok $? "AddressSanitizer is there: $compiler"
	sed "s/^/# /" "$run/errors"
	runtime=$([ "$compiler" = 'clang-19 -shared-libasan' ] && dirname "$(clang-19 -print-file-name=libclang_rt.asan-x86_64.so)")
	is "$(sim -- env LD_LIBRARY_PATH="$runtime" "$run/a" 2>&1)" 1.17 "AddressSanitizer: $compiler"
done
gcc -g "$run/a.c" -o "$run/a"
is "$(sim -- "$run/a")" 1.17 'and none'
sim -- gdb -nx -batch -ex run -ex 'info proc' "$run/a" > "$run/gdb" 2>&1
grep -q '^1.17' "$run/gdb"; ok $? 'gdb starts a program that uses the device'
sim -- gdb -nx -batch -ex 'break ioctl' -ex run -ex bt -ex continue "$run/a" > "$run/gdb" 2>&1
grep -q 'main ()' "$run/gdb" && grep -q '^1.17' "$run/gdb"; ok $? 'and stops it in the ioctl'
sim -- strace -f -o "$run/strace" "$run/a" > "$run/out" 2>&1
is "$(cat "$run/out")" 1.17 'strace'
tap_done
