# unit tests: protocol. Each links librsp.a alone, so that a stray call into another layer does not link.
rsp_tests = \
	testsuite/unit/test_rsp_bytes \
	testsuite/unit/test_rsp_frame \
	testsuite/unit/test_rsp_args \
	testsuite/unit/test_rsp_session \
	testsuite/unit/test_rsp_state \
	testsuite/unit/test_rsp_objects \
	testsuite/unit/test_rsp_nonstop \
	testsuite/unit/test_agent \
	testsuite/unit/test_rsp_run
check_PROGRAMS += $(rsp_tests)
TESTS += $(rsp_tests)

rsp_test_sources = \
	testsuite/unit/conversation.c testsuite/unit/conversation.h \
	testsuite/unit/mock_target.c testsuite/unit/mock_target.h \
	testsuite/unit/tap.c
rsp_test_libs = librsp.a $(CHECK_LIBS)
testsuite_unit_test_rsp_bytes_SOURCES = testsuite/unit/test_rsp_bytes.c testsuite/unit/tap.c
testsuite_unit_test_rsp_bytes_LDADD = $(rsp_test_libs)
testsuite_unit_test_rsp_frame_SOURCES = testsuite/unit/test_rsp_frame.c $(rsp_test_sources)
testsuite_unit_test_rsp_frame_LDADD = $(rsp_test_libs)
testsuite_unit_test_rsp_args_SOURCES = testsuite/unit/test_rsp_args.c $(rsp_test_sources)
testsuite_unit_test_rsp_args_LDADD = $(rsp_test_libs)
testsuite_unit_test_rsp_session_SOURCES = testsuite/unit/test_rsp_session.c $(rsp_test_sources)
testsuite_unit_test_rsp_session_LDADD = $(rsp_test_libs)
testsuite_unit_test_rsp_state_SOURCES = testsuite/unit/test_rsp_state.c $(rsp_test_sources)
testsuite_unit_test_rsp_state_LDADD = $(rsp_test_libs)
testsuite_unit_test_rsp_objects_SOURCES = testsuite/unit/test_rsp_objects.c $(rsp_test_sources)
testsuite_unit_test_rsp_objects_LDADD = $(rsp_test_libs)
testsuite_unit_test_rsp_nonstop_SOURCES = testsuite/unit/test_rsp_nonstop.c $(rsp_test_sources)
testsuite_unit_test_rsp_nonstop_LDADD = $(rsp_test_libs)
testsuite_unit_test_agent_SOURCES = testsuite/unit/test_agent.c testsuite/unit/tap.c
testsuite_unit_test_agent_LDADD = $(rsp_test_libs)
testsuite_unit_test_rsp_run_SOURCES = testsuite/unit/test_rsp_run.c $(rsp_test_sources)
testsuite_unit_test_rsp_run_LDADD = $(rsp_test_libs)

# Fuzz target of a whole session: its corpus is replayed by `make check`; `make fuzz-packet` builds it with libFuzzer.
rsp_fuzz_sources = testsuite/fuzz/fuzz_packet.c testsuite/unit/mock_target.c testsuite/unit/mock_target.h
check_PROGRAMS += testsuite/fuzz/replay_packet
TESTS += testsuite/fuzz/replay_packet
testsuite_fuzz_replay_packet_SOURCES = testsuite/fuzz/replay_main.c testsuite/fuzz/fuzz.h $(rsp_fuzz_sources)
testsuite_fuzz_replay_packet_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS=\"packet\" -DSRCDIR=\"$(srcdir)\"
testsuite_fuzz_replay_packet_LDADD = librsp.a
EXTRA_DIST += testsuite/fuzz/corpus/packet

FUZZ_CC = clang-19
CLEANFILES += fuzz-packet
fuzz-packet: $(librsp_a_SOURCES) $(rsp_fuzz_sources)
	$(AM_V_CCLD)for f in $(librsp_a_SOURCES) $(rsp_fuzz_sources); do \
	  case $$f in *.c) set -- "$$@" $(srcdir)/$$f;; esac; done; \
	$(FUZZ_CC) -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -I$(top_srcdir) -o $@ "$$@"

# Another one, of agent expressions.
check_PROGRAMS += testsuite/fuzz/replay_agent
TESTS += testsuite/fuzz/replay_agent
testsuite_fuzz_replay_agent_SOURCES = testsuite/fuzz/replay_main.c testsuite/fuzz/fuzz.h testsuite/fuzz/fuzz_agent.c
testsuite_fuzz_replay_agent_CPPFLAGS = $(AM_CPPFLAGS) -DCORPUS=\"agent\" -DSRCDIR=\"$(srcdir)\"
testsuite_fuzz_replay_agent_LDADD = librsp.a
EXTRA_DIST += testsuite/fuzz/corpus/agent
CLEANFILES += fuzz-agent
fuzz-agent: $(librsp_a_SOURCES) testsuite/fuzz/fuzz_agent.c
	$(AM_V_CCLD)for f in $(librsp_a_SOURCES) testsuite/fuzz/fuzz_agent.c; do \
	  case $$f in *.c) set -- "$$@" $(srcdir)/$$f;; esac; done; \
	$(FUZZ_CC) -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -I$(top_srcdir) -o $@ "$$@"

# The layers of the tree, what no makefile names, and the packet table's printed form.
TESTS += build-aux/check-layers.sh build-aux/check-listed.sh testsuite/unit/packets_doc.sh
EXTRA_DIST += build-aux/check-layers.sh build-aux/check-listed.sh testsuite/unit/packets_doc.sh
