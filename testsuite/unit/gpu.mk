# unit tests: gpu
check_PROGRAMS += test_gpu test_sim_debug
TESTS += test_gpu test_sim_debug
gpu_test_libs = libsimgpu.a libsimisa.a -lm $(CHECK_LIBS)
gpu_test_fake = testsuite/unit/gpu_fake.c testsuite/unit/gpu_fake.h testsuite/unit/gpu_kernels.h testsuite/unit/tap.c
test_gpu_SOURCES = testsuite/unit/test_gpu.c $(gpu_test_fake)
test_gpu_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_gpu_LDADD = libgfx.a $(gpu_test_libs)
test_sim_debug_SOURCES = testsuite/unit/test_sim_debug.c $(gpu_test_fake)
test_sim_debug_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_sim_debug_LDADD = $(gpu_test_libs)

# A debugger that knows nothing of this project, on the simulator.
check_PROGRAMS += testsuite/sim/dbg_session
testsuite_sim_dbg_session_SOURCES = testsuite/sim/dbg_session.c
TESTS += testsuite/sim/dbg_session.sh
EXTRA_DIST += testsuite/sim/dbg_session.sh
