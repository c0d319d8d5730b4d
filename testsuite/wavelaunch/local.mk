# The host program: installed, because anybody with a code object can use it.
bin_PROGRAMS += wavelaunch

wavelaunch_parts = \
	testsuite/wavelaunch/codeobj.c testsuite/wavelaunch/codeobj.h \
	testsuite/wavelaunch/contents.c testsuite/wavelaunch/contents.h \
	testsuite/wavelaunch/debuglist.c testsuite/wavelaunch/debuglist.h \
	testsuite/wavelaunch/device.c testsuite/wavelaunch/device.h \
	testsuite/wavelaunch/dispatch.c \
	testsuite/wavelaunch/error.c testsuite/wavelaunch/error.h \
	testsuite/wavelaunch/events.c testsuite/wavelaunch/events.h \
	testsuite/wavelaunch/kernarg.c testsuite/wavelaunch/kernarg.h \
	testsuite/wavelaunch/kfd_abi.h \
	testsuite/wavelaunch/leakcheck.c \
	testsuite/wavelaunch/memory.c testsuite/wavelaunch/memory.h \
	testsuite/wavelaunch/metadata.c \
	testsuite/wavelaunch/options.c testsuite/wavelaunch/options.h \
	testsuite/wavelaunch/queue.c testsuite/wavelaunch/queue.h \
	testsuite/wavelaunch/run.c testsuite/wavelaunch/run.h \
	testsuite/wavelaunch/traphandler.c testsuite/wavelaunch/traphandler.h

wavelaunch_SOURCES = testsuite/wavelaunch/main.c $(wavelaunch_parts)
wavelaunch_CFLAGS = $(AM_CFLAGS) $(ELF_CFLAGS) $(MSGPACK_CFLAGS)
# The debug list is looked up by name, as in a shared library of a run time.
wavelaunch_LDFLAGS = $(AM_LDFLAGS) -rdynamic
wavelaunch_LDADD = $(ELF_LIBS) $(MSGPACK_LIBS)

EXTRA_DIST += testsuite/wavelaunch/trap_gfx942.s

check_PROGRAMS += testsuite/unit/test_wavelaunch
TESTS += testsuite/unit/test_wavelaunch testsuite/wavelaunch/errors.sh
EXTRA_DIST += testsuite/wavelaunch/errors.sh
testsuite_unit_test_wavelaunch_SOURCES = testsuite/unit/test_wavelaunch.c testsuite/unit/tap.c $(wavelaunch_parts)
testsuite_unit_test_wavelaunch_CFLAGS = $(AM_CFLAGS) $(ELF_CFLAGS) $(MSGPACK_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_wavelaunch_LDADD = $(ELF_LIBS) $(MSGPACK_LIBS) $(CHECK_LIBS)
