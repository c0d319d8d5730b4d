#!/bin/bash
# Injected faults as programs meet them: planned failures of ioctls, exceptions that go to the runtime, a reset, a GPU that is taken out. Prints TAP.
. "$(dirname "$0")/../lib/tap.sh"
run=$(mktemp -d) || exit 1
trap 'rm -rf "$run"' EXIT
export TMPDIR=$run
unset XDG_RUNTIME_DIR

tell() { timeout 60 ./gpusim --tell="$run/control" "$@"; }

# A kernel that never ends by itself, 4 waves, under a simulator that takes commands and outlives the program until it may go.
begin() # OPTIONS...
{
	rm -f "$run/control" "$run/go"
	timeout 120 ./gpusim "$@" --control="$run/control" -- bash -c './wavelaunch testsuite/kernels/spin.O0.co spin --grid=256 --group=64 \
		--arg buf:4 --arg buf:2048; status=$?; until [ -e "$0/go" ]; do sleep 0.02; done; exit $status' "$run" >"$run/out" 2>&1 &
	pid=$!
	until tell status 2>"$run/none" | grep -q 'waves 4'; do
		kill -0 $pid || break
	done
}

finish() # WANTED-STATUS TEXT
{
	: >"$run/go"
	wait $pid
	is $? "$1" "$2"
}

# --- commands

begin
tell help >"$run/help"; is $? 0 'help'
for command in status raise fail faults forget stuck reset reset-done unplug smi; do
	has "$run/help" "^$command[ :]" "help names $command"
done
while IFS='|' read -r command why; do
	tell $command >"$run/answer"; is $? 1 "refused: $command"
	has "$run/answer" "$why" '... with words'
done <<'END'
nonsense|no command "nonsense"
raise|usage: raise
raise nothing|no exception "nothing"
raise wave-trap colour=red|does not know colour
raise wave-trap pid=1|process 1 does not use the GPU
raise wave-trap queue=77|no such queue
raise device-memory-violation kind=soft|neither missing nor read-only
raise device-ras-error gpu=1|gpu=1 is not a number up to 0
fail no-such-ioctl errno=EIO|neither an ioctl
fail get-version|needs errno=
fail get-version errno=EFOO|needs errno=
stuck count=-1|not a number
reset cause=age|neither hang nor ecc
reset-done|not being reset
unplug hide=maybe|neither yes nor no
smi 64 text=a|not an event
END
tell status >"$run/status"
has "$run/status" '^gpu 0: id [0-9]+ node 1 running$' 'status names the GPU'
has "$run/status" '^process [0-9]+: runtime 1 debugged no ' 'the process'
has "$run/status" '^queue 0: process [0-9]+ gpu 0 aql waves 4 ' 'and its queue'

# --- exceptions that no debugger takes

is "$(tell raise device-ras-error)" 'not debugged' 'an exception without a debugger'
is "$(tell raise packet-unsupported)" 'not debugged' 'a packet that is refused'
finish 1 'the runtime hears of it'
has "$run/out" 'packet: unsupported .code 20' 'by its code'

begin
tell raise device-memory-violation addr=0x123456 kind=read-only >"$run/answer"
finish 1 'a memory violation'
has "$run/out" 'memory fault at address 0x123000' 'with its page'

# --- planned failures

tell faults >"$run/answer" 2>&1; is $? 125 'nobody listens any more'
begin --inject='fail get-version errno=EIO skip=1000' --inject='fail destroy_event errno=5 count=all'
is "$(tell faults | cut -d' ' -f1-4)" "$(printf '%s\n' 'GET_VERSION errno=EIO skip=1000 count=1' 'DESTROY_EVENT errno=EIO skip=0 count=all' | sed 's/skip=1000/skip=999/')" 'planned failures are listed, and count'
tell forget; is "$(tell faults)" '' 'and forgotten'
tell raise wave-abort >"$run/answer"
finish 1 'a wave that aborts'
timeout 60 ./gpusim --inject='fail create-queue errno=ENOSPC' -- \
	./wavelaunch testsuite/kernels/vadd.O0.co vadd --grid=64 --group=64 --arg buf:256 --arg buf:256 --arg buf:256 --arg u32:64 >"$run/out" 2>&1
ok $((! $?)) 'a queue that cannot be created'
has "$run/out" 'No space left' 'fails with this error'
timeout 60 ./gpusim --inject='fail create-queue errno=ENOSPC skip=1' -- \
	./wavelaunch testsuite/kernels/vadd.O0.co vadd --grid=64 --group=64 --arg buf:256 --arg buf:256 --arg buf:256 --arg u32:64 >"$run/out" 2>&1
is $? 0 'the first call may be let through'
timeout 60 ./gpusim --inject='fail' -- true 2>"$run/err"; is $? 125 'a command that is refused at the start'
has "$run/err" 'usage: fail' 'is explained'

# --- reset and removal

begin
tell reset; is $? 0 'a reset begins'
tell status >"$run/status"
has "$run/status" '^gpu 0: .* resetting' 'status shows it'
tell reset >"$run/answer"; is $? 1 'one at a time'
tell reset-done; is $? 0 'it ends'
tell status 2>/dev/null | grep -q '^gpu 0: .* running$'
ok $? 'the GPU runs again'
finish 1 'the runtime gives up'
has "$run/out" 'hardware exception .*reset type 0, cause 0, memory lost' 'for that reason'

begin --gpus=2
tell unplug gpu=1; is $? 0 'the other GPU is taken out'
tell status >"$run/status"
has "$run/status" '^gpu 1: .* removed' 'status shows it'
has "$run/status" '^queue 0: .*gpu 0 aql waves 4 status [0-9a-fx]+$' 'the first goes on'
tell unplug gpu=0
tell status >"$run/status"
has "$run/status" '^queue 0: .*waves 0 .*evicted' 'until it is taken out as well'
kill "$(tell status | sed -n 's/^process \([0-9]*\):.*/\1/p')"
finish 143 'a program that waits for it has to be ended'
rm -f "$run/control"
timeout 60 ./gpusim --inject=unplug -- sh -c 'ls /sys/class/kfd/kfd/topology/nodes; cat /sys/class/kfd/kfd/topology/generation_id; ls /dev/dri' >"$run/out"
is "$(tr '\n' ' ' <"$run/out")" '0 3 ' 'no node, a new generation, no render node'
tap_done
