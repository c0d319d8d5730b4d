# unit tests: arch
ARCH_TESTS = testsuite/unit/test_save_areas testsuite/unit/test_save_layout testsuite/unit/test_registers \
	testsuite/unit/test_wave_state testsuite/unit/test_addresses testsuite/unit/test_access testsuite/unit/test_insn
check_PROGRAMS += $(ARCH_TESTS) testsuite/unit/insn_oracle
TESTS += $(ARCH_TESTS) testsuite/unit/insn_oracle.sh
ARCH_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(ZSTD_CFLAGS) -DSRCDIR=\"$(abs_top_srcdir)\"
ARCH_TEST_LIBS = libgfx.a $(CHECK_LIBS)

testsuite_unit_test_save_areas_SOURCES = testsuite/unit/test_save_areas.c testsuite/unit/save_fixture.c testsuite/unit/save_fixture.h \
	testsuite/unit/tap.c
testsuite_unit_test_save_areas_CPPFLAGS = $(ARCH_TEST_CPPFLAGS)
testsuite_unit_test_save_areas_LDADD = $(ARCH_TEST_LIBS) $(ZSTD_LIBS)

AREA_BUILDER = testsuite/unit/area_builder.c testsuite/unit/area_builder.h testsuite/unit/tap.c
testsuite_unit_test_save_layout_SOURCES = testsuite/unit/test_save_layout.c $(AREA_BUILDER)
testsuite_unit_test_save_layout_CPPFLAGS = $(ARCH_TEST_CPPFLAGS)
testsuite_unit_test_save_layout_LDADD = $(ARCH_TEST_LIBS)
testsuite_unit_test_registers_SOURCES = testsuite/unit/test_registers.c testsuite/unit/save_fixture.c testsuite/unit/save_fixture.h \
	$(AREA_BUILDER)
testsuite_unit_test_registers_CPPFLAGS = $(ARCH_TEST_CPPFLAGS)
testsuite_unit_test_registers_LDADD = $(ARCH_TEST_LIBS) $(ZSTD_LIBS)
testsuite_unit_test_wave_state_SOURCES = testsuite/unit/test_wave_state.c $(AREA_BUILDER)
testsuite_unit_test_wave_state_CPPFLAGS = $(ARCH_TEST_CPPFLAGS)
testsuite_unit_test_wave_state_LDADD = $(ARCH_TEST_LIBS)
testsuite_unit_test_access_SOURCES = testsuite/unit/test_access.c $(AREA_BUILDER)
testsuite_unit_test_access_CPPFLAGS = $(ARCH_TEST_CPPFLAGS)
testsuite_unit_test_access_LDADD = $(ARCH_TEST_LIBS)

testsuite_unit_test_addresses_SOURCES = testsuite/unit/test_addresses.c $(AREA_BUILDER)
testsuite_unit_test_addresses_CPPFLAGS = $(ARCH_TEST_CPPFLAGS)
testsuite_unit_test_addresses_LDADD = $(ARCH_TEST_LIBS)
testsuite_unit_test_insn_SOURCES = testsuite/unit/test_insn.c $(AREA_BUILDER)
testsuite_unit_test_insn_CPPFLAGS = $(ARCH_TEST_CPPFLAGS)
testsuite_unit_test_insn_LDADD = $(ARCH_TEST_LIBS)
testsuite_unit_insn_oracle_SOURCES = testsuite/unit/insn_oracle.c
testsuite_unit_insn_oracle_LDADD = libgfx.a

EXTRA_DIST += testsuite/unit/insn_oracle.sh testsuite/data/insns/README.md testsuite/data/insns/gfx942.inc
EXTRA_DIST += testsuite/data/registers/README.md testsuite/data/registers/gfx942.tsv
EXTRA_DIST += testsuite/data/save-areas/README.md testsuite/data/save-areas/gfx942/facts.txt.zst \
	testsuite/data/save-areas/gfx942/memory.bin.zst testsuite/data/save-areas/gfx942/memory.tsv

# Fuzz target of a save area: its corpus is replayed by `make check`; `make fuzz-save` builds it with libFuzzer.
check_PROGRAMS += testsuite/fuzz/replay_save
TESTS += testsuite/fuzz/replay_save
testsuite_fuzz_replay_save_SOURCES = testsuite/fuzz/replay_main.c testsuite/fuzz/fuzz.h testsuite/fuzz/fuzz_save.c
testsuite_fuzz_replay_save_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS=\"save\" -DSRCDIR=\"$(srcdir)\"
testsuite_fuzz_replay_save_LDADD = libgfx.a
EXTRA_DIST += testsuite/fuzz/make-save-seeds testsuite/fuzz/corpus/save

CLEANFILES += fuzz-save
fuzz-save: $(libgfx_a_SOURCES) testsuite/fuzz/fuzz_save.c
	$(AM_V_CCLD)for f in $(libgfx_a_SOURCES) testsuite/fuzz/fuzz_save.c; do \
	  case $$f in *.c) set -- "$$@" $(srcdir)/$$f;; esac; done; \
	$(FUZZ_CC) -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -I$(top_srcdir) -o $@ "$$@"
