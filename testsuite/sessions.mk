# Sessions: one DejaGnu file is one Automake test; every check in it is counted.
TEST_EXTENSIONS += .exp
EXP_LOG_DRIVER = $(LOG_DRIVER)
EXP_LOG_COMPILER = env abs_srcdir_top='$(abs_top_srcdir)' abs_builddir_top='$(abs_top_builddir)' GDB='$(GDB)' $(BASH) $(srcdir)/testsuite/run-exp

session_tests = \
	testsuite/stub.gdb/robust.exp \
	testsuite/stub.cli/events.exp \
	testsuite/stub.gdb/exceptions.exp \
	testsuite/stub.cli/options.exp \
	testsuite/stub.gdb/attach.exp testsuite/stub.gdb/frames.exp testsuite/stub.gdb/results.exp \
	testsuite/stub.gdb/cfi.exp testsuite/stub.gdb/walks.exp testsuite/stub.gdb/inlined.exp testsuite/stub.gdb/absent.exp \
	testsuite/stub.gdb/in-part.exp testsuite/stub.gdb/moved.exp \
	testsuite/stub.gdb/faults.exp testsuite/stub.gdb/arithmetic.exp \
	testsuite/stub.gdb/extended.exp \
	testsuite/stub.gdb/transports.exp \
	testsuite/stub.gdb/codeobjects.exp \
	testsuite/stub.gdb/vanish.exp \
	testsuite/stub.gdb/variables.exp testsuite/stub.gdb/pointers.exp \
	testsuite/stub.gdb/killed.exp \
	testsuite/stub.gdb/first-light.exp \
	testsuite/stub.gdb/carriers.exp testsuite/stub.gdb/mi.exp testsuite/stub.gdb/walk.exp testsuite/stub.gdb/tui.exp testsuite/stub.gdb/dap.exp \
	testsuite/stub.gdb/lanes.exp testsuite/stub.gdb/companion.exp testsuite/stub.gdb/disassembly.exp \
	testsuite/stub.gdb/barrier.exp \
	testsuite/stub.gdb/barrier-waits.exp testsuite/stub.gdb/watch-writers.exp testsuite/stub.gdb/trap-rows.exp \
	testsuite/stub.gdb/many-waves.exp testsuite/stub.gdb/watch.exp testsuite/stub.gdb/launch.exp testsuite/stub.gdb/control.exp testsuite/stub.gdb/precise.exp testsuite/stub.gdb/watch-devices.exp \
	testsuite/stub.gdb/stepi.exp testsuite/stub.gdb/next.exp testsuite/stub.gdb/lines.exp testsuite/stub.gdb/nonstop.exp testsuite/stub.gdb/nonstop-registers.exp testsuite/stub.gdb/signals.exp \
	testsuite/stub.gdb/write.exp testsuite/stub.gdb/assign.exp \
	testsuite/stub.gdb/classes.exp testsuite/stub.rsp/stress.exp testsuite/stub.gdb/locking.exp \
	testsuite/stub.gdb/conditions.exp testsuite/stub.gdb/condition-places.exp testsuite/stub.gdb/breakpoint-kinds.exp testsuite/stub.gdb/padding.exp \
	testsuite/stub.rsp/garbage.exp testsuite/stub.rsp/exec.exp \
	testsuite/stub.rsp/packets.exp
TESTS += $(session_tests)
EXTRA_DIST += $(session_tests) testsuite/run-exp testsuite/check-all testsuite/demo/run testsuite/lib/stub.exp testsuite/lib/varkernel.tcl testsuite/lib/programs.exp \
	testsuite/lib/gdbclient.exp testsuite/lib/gdbnonstop.exp testsuite/lib/rsp.exp testsuite/lib/mi.exp testsuite/lib/dap_session.py testsuite/lib/events.exp packages.txt quickstart .ci/run
EXTRA_DIST += testsuite/lib/walk.py

.PHONY: demo-files
demo-files: wavestub gpusim gpusim-client.so wavelaunch testsuite/kernels/vadd.O0.co

clean-local:
	-rm -rf testsuite/run
