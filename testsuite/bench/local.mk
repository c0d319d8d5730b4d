# make bench: figures, never asserted.
EXTRA_PROGRAMS += testsuite/bench/bench_stub testsuite/bench/bench_target
testsuite_bench_bench_stub_SOURCES = testsuite/bench/bench_stub.c testsuite/bench/bench_waves.c testsuite/bench/bench_memory.c testsuite/bench/bench_parts.h \
	testsuite/bench/bench_client.c testsuite/bench/bench_client.h testsuite/bench/bench_target.h
testsuite_bench_bench_stub_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
testsuite_bench_bench_stub_LDADD = $(JANSSON_LIBS)
testsuite_bench_bench_target_SOURCES = testsuite/bench/bench_target.c testsuite/bench/bench_target.h
CLEANFILES += testsuite/bench/bench_stub testsuite/bench/bench_target

.PHONY: bench
bench: testsuite/bench/bench_isa testsuite/bench/bench_stub testsuite/bench/bench_target demo-files testsuite/kernels/spin.O2.co
	@echo "instruction engine, one core: instructions times 64 lanes (active or not) per second"
	testsuite/bench/bench_isa
	@echo "the stub on the simulated GPU; the simulator shares the machine"
	testsuite/bench/bench_stub .
	@echo "stepping over a line by stock gdb: suspend and resume cycles, packets from gdb, time"
	@$(EXP_LOG_COMPILER) $(srcdir)/testsuite/stub.bench/next.exp >/dev/null; grep '^figure' testsuite/run/stub.bench.next/stub.log
	@echo "2,048 waves at a breakpoint with a condition that is true for one: time in the stub, packets from gdb"
	@$(EXP_LOG_COMPILER) $(srcdir)/testsuite/stub.bench/conditions.exp >/dev/null; grep '^figure' testsuite/run/stub.bench.conditions/stub.log
EXTRA_DIST += testsuite/stub.bench/next.exp testsuite/stub.bench/conditions.exp
