# unit tests: src
include testsuite/unit/src_model.mk

HOST_TESTS = testsuite/unit/test_host testsuite/unit/test_host_run testsuite/unit/test_host_attach
KIF_TESTS = testsuite/unit/test_kif testsuite/unit/test_kif_lists
SRC_TESTS = $(HOST_TESTS) $(KIF_TESTS) testsuite/unit/test_options testsuite/unit/test_server
check_PROGRAMS += $(SRC_TESTS) testsuite/unit/host_child
TESTS += $(SRC_TESTS)

testsuite_unit_host_child_SOURCES = testsuite/unit/host_child.c testsuite/unit/host_child.h
testsuite_unit_host_child_LDADD = -lpthread

HOST_TEST_RIG = testsuite/unit/host_rig.c testsuite/unit/host_rig.h testsuite/unit/host_child.h testsuite/unit/tap.c
testsuite_unit_test_host_SOURCES = testsuite/unit/test_host.c $(HOST_TEST_RIG)
testsuite_unit_test_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_host_LDADD = $(DBG_LIBS) $(CHECK_LIBS)

testsuite_unit_test_host_run_SOURCES = testsuite/unit/test_host_run.c $(HOST_TEST_RIG)
testsuite_unit_test_host_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_host_run_LDADD = $(DBG_LIBS) $(CHECK_LIBS)

testsuite_unit_test_host_attach_SOURCES = testsuite/unit/test_host_attach.c $(HOST_TEST_RIG)
testsuite_unit_test_host_attach_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_host_attach_LDADD = $(DBG_LIBS) $(CHECK_LIBS)

KIF_TEST_RIG = testsuite/unit/fake_kfd.c testsuite/unit/fake_kfd.h testsuite/unit/tap.c
testsuite_unit_test_kif_SOURCES = testsuite/unit/test_kif.c $(KIF_TEST_RIG)
testsuite_unit_test_kif_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_kif_LDADD = $(DBG_LIBS) $(CHECK_LIBS)

testsuite_unit_test_kif_lists_SOURCES = testsuite/unit/test_kif_lists.c $(KIF_TEST_RIG)
testsuite_unit_test_kif_lists_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_kif_lists_LDADD = $(DBG_LIBS) $(CHECK_LIBS)

# command line, log, topology
testsuite_unit_test_options_SOURCES = testsuite/unit/test_options.c testsuite/unit/tap.c
testsuite_unit_test_options_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_options_LDADD = $(DBG_LIBS) $(CHECK_LIBS)

# loop, sockets, connections, sessions
testsuite_unit_test_server_SOURCES = testsuite/unit/test_server.c testsuite/unit/tap.c
testsuite_unit_test_server_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_server_LDADD = $(DBG_LIBS) $(CHECK_LIBS)
