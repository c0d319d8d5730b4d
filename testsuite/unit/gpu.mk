# unit tests: gpu
gpu_tests = test_gpu_dispatch test_gpu_save test_gpu_traps test_sim_debug test_sim_debug_calls test_sim_queues
check_PROGRAMS += $(gpu_tests)
TESTS += $(gpu_tests)
gpu_test_libs = libsimgpu.a libsimisa.a -lm $(CHECK_LIBS)
gpu_test_fake = testsuite/unit/gpu_fake.c testsuite/unit/gpu_fake.h testsuite/unit/gpu_kernels.h testsuite/unit/tap.c
gpu_test_rig = testsuite/unit/gpu_rig.c testsuite/unit/gpu_rig.h $(gpu_test_fake)
test_gpu_dispatch_SOURCES = testsuite/unit/test_gpu_dispatch.c $(gpu_test_rig)
test_gpu_dispatch_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_gpu_dispatch_LDADD = libgfx.a $(gpu_test_libs)
test_gpu_save_SOURCES = testsuite/unit/test_gpu_save.c $(gpu_test_rig)
test_gpu_save_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_gpu_save_LDADD = libgfx.a $(gpu_test_libs)
test_gpu_traps_SOURCES = testsuite/unit/test_gpu_traps.c $(gpu_test_rig)
test_gpu_traps_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_gpu_traps_LDADD = libgfx.a $(gpu_test_libs)
debug_test_rig = testsuite/unit/debug_rig.c testsuite/unit/debug_rig.h $(gpu_test_fake)
test_sim_debug_SOURCES = testsuite/unit/test_sim_debug.c $(debug_test_rig)
test_sim_debug_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_sim_debug_LDADD = $(gpu_test_libs)
test_sim_debug_calls_SOURCES = testsuite/unit/test_sim_debug_calls.c $(debug_test_rig)
test_sim_debug_calls_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_sim_debug_calls_LDADD = $(gpu_test_libs)
test_sim_queues_SOURCES = testsuite/unit/test_sim_queues.c $(debug_test_rig)
test_sim_queues_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_sim_queues_LDADD = $(gpu_test_libs)

# A debugger that knows nothing of this project, on the simulator.
check_PROGRAMS += testsuite/sim/dbg_session
testsuite_sim_dbg_session_SOURCES = testsuite/sim/dbg_session.c
TESTS += testsuite/sim/dbg_session.sh
EXTRA_DIST += testsuite/sim/dbg_session.sh
