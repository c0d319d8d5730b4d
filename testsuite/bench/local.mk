# make bench: figures, never asserted.
EXTRA_PROGRAMS += testsuite/bench/bench_stub testsuite/bench/bench_target
testsuite_bench_bench_stub_SOURCES = testsuite/bench/bench_stub.c testsuite/bench/bench_waves.c testsuite/bench/bench_memory.c testsuite/bench/bench_parts.h \
	testsuite/bench/bench_client.c testsuite/bench/bench_client.h testsuite/bench/bench_target.h
testsuite_bench_bench_stub_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
testsuite_bench_bench_stub_LDADD = $(JANSSON_LIBS)
testsuite_bench_bench_target_SOURCES = testsuite/bench/bench_target.c testsuite/bench/bench_target.h
CLEANFILES += testsuite/bench/bench_stub testsuite/bench/bench_target

.PHONY: bench
bench: all testsuite/bench/bench_isa testsuite/bench/bench_stub testsuite/bench/bench_target demo-files testsuite/kernels/spin.O2.co
	@$(BASH) $(srcdir)/testsuite/bench/run '$(srcdir)' $(EXP_LOG_COMPILER)
EXTRA_DIST += testsuite/bench/run testsuite/stub.bench/next.exp testsuite/stub.bench/conditions.exp
CLEANFILES += testsuite/bench/next.tap testsuite/bench/conditions.tap
