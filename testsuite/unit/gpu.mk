# unit tests: gpu
check_PROGRAMS += test_gpu
TESTS += test_gpu
gpu_test_libs = libsimgpu.a libsimisa.a -lm $(CHECK_LIBS)
test_gpu_SOURCES = testsuite/unit/test_gpu.c testsuite/unit/gpu_fake.c testsuite/unit/gpu_fake.h testsuite/unit/gpu_kernels.h \
	testsuite/unit/tap.c
test_gpu_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
test_gpu_LDADD = libgfx.a $(gpu_test_libs)
