# unit tests: protocol. Each links librsp.a alone, so that a stray call into another layer does not link.
rsp_tests = \
	testsuite/unit/test_rsp_bytes \
	testsuite/unit/test_rsp_frame \
	testsuite/unit/test_rsp_args \
	testsuite/unit/test_rsp_session \
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
testsuite_unit_test_rsp_run_SOURCES = testsuite/unit/test_rsp_run.c $(rsp_test_sources)
testsuite_unit_test_rsp_run_LDADD = $(rsp_test_libs)
