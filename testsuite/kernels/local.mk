# Sample kernels: compiled for the GPU at three levels, run on the simulator, compared with the host's own computation.
kernel_sources = \
	testsuite/kernels/vadd.cl testsuite/kernels/matmul.cl testsuite/kernels/reduce.cl testsuite/kernels/diverge.cl \
	testsuite/kernels/recurse.cl testsuite/kernels/atomics.cl testsuite/kernels/doubles.cl testsuite/kernels/scratch.cl \
	testsuite/kernels/spin.cl testsuite/kernels/histogram.cl testsuite/kernels/grid3d.cl testsuite/kernels/fault.cl \
	testsuite/kernels/debugtrap.cl testsuite/kernels/structs.cl testsuite/kernels/switches.cl testsuite/kernels/dynlds.cl \
	testsuite/kernels/vectors.cl testsuite/kernels/bits.cl testsuite/kernels/globals.cl testsuite/kernels/scan.cl \
	testsuite/kernels/floats.cl testsuite/kernels/wave.cl \
	testsuite/kernels/pressure.cl testsuite/kernels/control.cl testsuite/kernels/ldsmix.cl

kernel_objects = $(kernel_sources:.cl=.O0.co) $(kernel_sources:.cl=.O1.co) $(kernel_sources:.cl=.O2.co)

# Not check_DATA alone: the demo and a person trying things out want them after a plain `make`.
noinst_DATA += $(kernel_objects)
CLEANFILES += $(kernel_objects)
EXTRA_DIST += $(kernel_sources) testsuite/kernels/opencl_ids.h testsuite/kernels/varkernel.h testsuite/kernels/samples.sh

# The source is named by its absolute path, so that a debugger finds it from anywhere. A missing compiler fails here.
GPU_CFLAGS = -x cl -cl-std=CL2.0 -target amdgcn-amd-amdhsa -mcpu=gfx942 -nogpulib -g
kernel_compile = $(AM_V_GEN)$(MKDIR_P) testsuite/kernels && $(GPU_CC) $(GPU_CFLAGS) -I$(abs_top_srcdir)/testsuite/kernels

SUFFIXES = .cl .O0.co .O1.co .O2.co
.cl.O0.co:
	$(kernel_compile) -O0 -o $@ $$(cd $$(dirname $<) && pwd)/$$(basename $<)
.cl.O1.co:
	$(kernel_compile) -O1 -o $@ $$(cd $$(dirname $<) && pwd)/$$(basename $<)
.cl.O2.co:
	$(kernel_compile) -O2 -o $@ $$(cd $$(dirname $<) && pwd)/$$(basename $<)
$(kernel_objects): testsuite/kernels/opencl_ids.h

# The same computations on the host, and the table of how each kernel is launched.
check_PROGRAMS += testsuite/kernels/host_reference
testsuite_kernels_host_reference_SOURCES = testsuite/kernels/host_reference.c testsuite/kernels/host_reference.h \
	testsuite/kernels/host_samples.c testsuite/kernels/host_samples_language.c
# As written: the host must not fuse what the kernel does not.
testsuite_kernels_host_reference_CFLAGS = $(AM_CFLAGS) -ffp-contract=off
testsuite_kernels_host_reference_LDADD = -lm

TESTS += testsuite/kernels/samples.sh
