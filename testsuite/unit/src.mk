# unit tests: src
include testsuite/unit/src_model.mk

check_PROGRAMS += testsuite/unit/test_host testsuite/unit/host_child
TESTS += testsuite/unit/test_host

testsuite_unit_host_child_SOURCES = testsuite/unit/host_child.c testsuite/unit/host_child.h
testsuite_unit_host_child_LDADD = -lpthread
testsuite_unit_test_host_SOURCES = testsuite/unit/test_host.c testsuite/unit/host_child.h testsuite/unit/tap.c
testsuite_unit_test_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_host_LDADD = $(DBG_LIBS) $(CHECK_LIBS)

check_PROGRAMS += testsuite/unit/test_kif
TESTS += testsuite/unit/test_kif
testsuite_unit_test_kif_SOURCES = testsuite/unit/test_kif.c testsuite/unit/tap.c
testsuite_unit_test_kif_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_kif_LDADD = $(DBG_LIBS) $(CHECK_LIBS)
