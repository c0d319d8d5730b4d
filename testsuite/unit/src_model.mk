# unit tests: model and view
MODEL_TESTS = testsuite/unit/test_model
check_PROGRAMS += $(MODEL_TESTS)
TESTS += $(MODEL_TESTS)

testsuite_unit_test_model_SOURCES = testsuite/unit/test_model.c testsuite/unit/fake_kif.c testsuite/unit/fake_kif.h \
	testsuite/unit/save_fixture.c testsuite/unit/save_fixture.h testsuite/unit/tap.c
testsuite_unit_test_model_CPPFLAGS = $(ARCH_TEST_CPPFLAGS)
testsuite_unit_test_model_LDADD = $(DBG_LIBS) librsp.a libgfx.a $(CHECK_LIBS) $(ZSTD_LIBS)

MODEL_TESTS_VIEW = testsuite/unit/test_view
check_PROGRAMS += $(MODEL_TESTS_VIEW)
TESTS += $(MODEL_TESTS_VIEW)
testsuite_unit_test_view_SOURCES = testsuite/unit/test_view.c testsuite/unit/sample.c testsuite/unit/sample.h testsuite/unit/tap.c
testsuite_unit_test_view_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(ELF_CFLAGS) -DSRCDIR=\"$(srcdir)\" -DGDB_PROGRAM=\"$(GDB)\"
testsuite_unit_test_view_LDADD = $(DBG_LIBS) librsp.a libgfx.a $(CHECK_LIBS)

# Fuzz target of the rewriter of code objects: its corpus is replayed by `make check`; `make fuzz-view` builds it with libFuzzer.
check_PROGRAMS += testsuite/fuzz/replay_view
TESTS += testsuite/fuzz/replay_view
testsuite_fuzz_replay_view_SOURCES = testsuite/fuzz/replay_main.c testsuite/fuzz/fuzz.h testsuite/fuzz/fuzz_view.c
testsuite_fuzz_replay_view_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS=\"view\" -DSRCDIR=\"$(srcdir)\"
testsuite_fuzz_replay_view_LDADD = $(DBG_LIBS) librsp.a libgfx.a
EXTRA_DIST += testsuite/fuzz/make-view-seeds testsuite/fuzz/corpus/view

# The rewriter alone: no process, no client.
view_fuzz_sources = \
	src/base/err.c src/base/grow.c src/base/log.c src/unwind/table.c src/unwind/cfi.c src/unwind/step.c src/unwind/mask.c \
	src/view/absent.c src/view/bytes.c src/view/carrier.c src/view/demand.c src/view/dwarf.c src/view/elf.c src/view/expr.c \
	src/view/guard.c src/view/info_follow.c src/view/info_form.c src/view/info_lists.c src/view/info_read.c \
	src/view/info_result.c src/view/info_small.c src/view/info_type.c src/view/info_write.c src/view/lds.c src/view/line.c \
	src/view/line_flow.c src/view/loops.c src/view/op.c src/view/prologue.c src/view/targets.c src/view/value.c \
	src/view/whole.c $(librsp_a_SOURCES) $(libgfx_a_SOURCES) testsuite/fuzz/fuzz_view.c
CLEANFILES += fuzz-view
fuzz-view: $(view_fuzz_sources)
	$(AM_V_CCLD)for f in $(view_fuzz_sources); do case $$f in *.c) set -- "$$@" $(srcdir)/$$f;; esac; done; \
	$(FUZZ_CC) -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(src_libdbg_a_CPPFLAGS) $(src_libdbg_a_CFLAGS) -w -o $@ "$$@" \
	  $(filter-out %.a,$(DBG_LIBS))

# disassembly; needs the samples that the kernels' fragment builds
check_PROGRAMS += testsuite/unit/test_disasm
TESTS += testsuite/unit/test_disasm
testsuite_unit_test_disasm_SOURCES = testsuite/unit/test_disasm.c testsuite/unit/sample.c testsuite/unit/sample.h testsuite/unit/tap.c
testsuite_unit_test_disasm_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(ELF_CFLAGS) -DHASH_FUNCTION=HASH_SAX -DLLVM_OBJDUMP=\"$(LLVM_OBJDUMP)\"
testsuite_unit_test_disasm_LDADD = $(DBG_LIBS) $(CHECK_LIBS)

# unwinding; needs the samples that the kernels' fragment builds
check_PROGRAMS += testsuite/unit/test_unwind
TESTS += testsuite/unit/test_unwind
testsuite_unit_test_unwind_SOURCES = testsuite/unit/test_unwind.c testsuite/unit/sample.c testsuite/unit/sample.h testsuite/unit/tap.c
testsuite_unit_test_unwind_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_unwind_LDADD = $(DBG_LIBS) librsp.a libgfx.a $(CHECK_LIBS)

# frame information
check_PROGRAMS += testsuite/unit/test_unwind_cfi
TESTS += testsuite/unit/test_unwind_cfi
testsuite_unit_test_unwind_cfi_SOURCES = testsuite/unit/test_unwind_cfi.c testsuite/unit/tap.c
testsuite_unit_test_unwind_cfi_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_unwind_cfi_LDADD = $(DBG_LIBS) librsp.a libgfx.a $(CHECK_LIBS)

# memory of another process, many places at once
check_PROGRAMS += testsuite/unit/test_procmem
TESTS += testsuite/unit/test_procmem
testsuite_unit_test_procmem_SOURCES = testsuite/unit/test_procmem.c testsuite/unit/tap.c
testsuite_unit_test_procmem_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_procmem_LDADD = $(DBG_LIBS) $(CHECK_LIBS)

# exits of ranges
check_PROGRAMS += testsuite/unit/test_range
TESTS += testsuite/unit/test_range
testsuite_unit_test_range_SOURCES = testsuite/unit/test_range.c testsuite/unit/area_builder.c testsuite/unit/tap.c
testsuite_unit_test_range_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_range_LDADD = $(DBG_LIBS) libgfx.a $(CHECK_LIBS)

# line tables; needs the samples that the kernels' fragment builds
check_PROGRAMS += testsuite/unit/test_view_line
TESTS += testsuite/unit/test_view_line
testsuite_unit_test_view_line_SOURCES = testsuite/unit/test_view_line.c testsuite/unit/sample.c testsuite/unit/sample.h testsuite/unit/tap.c
testsuite_unit_test_view_line_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(ELF_CFLAGS)
testsuite_unit_test_view_line_LDADD = $(DBG_LIBS) librsp.a libgfx.a $(CHECK_LIBS)

# watch registers
check_PROGRAMS += testsuite/unit/test_watch
TESTS += testsuite/unit/test_watch
testsuite_unit_test_watch_SOURCES = testsuite/unit/test_watch.c testsuite/unit/tap.c
testsuite_unit_test_watch_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -DHASH_FUNCTION=HASH_SAX
testsuite_unit_test_watch_LDADD = $(DBG_LIBS) $(CHECK_LIBS)
