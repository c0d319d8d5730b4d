# the driver: handlers in process, and programs run under gpusim
check_PROGRAMS += sim_probe
sim_probe_SOURCES = testsuite/sim/probe.h testsuite/sim/probe.c testsuite/sim/main.c testsuite/sim/dispatch.c testsuite/sim/memory.c \
	testsuite/sim/events.c testsuite/sim/files.c testsuite/sim/processes.c testsuite/sim/drm.c
sim_probe_CPPFLAGS = $(AM_CPPFLAGS) $(DRM_CFLAGS)
sim_probe_LDADD = $(DRM_LIBS) -lpthread

sim_tests = testsuite/sim/inject.sh testsuite/sim/probe.sh testsuite/sim/launcher.sh
TESTS += $(sim_tests)
EXTRA_DIST += $(sim_tests)

check_PROGRAMS += test_sim_driver
TESTS += test_sim_driver
test_sim_driver_SOURCES = testsuite/unit/test_sim_driver.c testsuite/unit/tap.c
test_sim_driver_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_sim_driver_LDADD = $(gpusim_LDADD) $(CHECK_LIBS)
