# unit tests: isa
isa_libs = libsimisa.a $(CHECK_LIBS) -lm
isa_support = testsuite/unit/isa_machine.c testsuite/unit/isa_machine.h testsuite/unit/tap.c

# The differential test: one source for GPU and host. Contraction is off on both sides, so the kernels' results are exact.
isa_kernel_sources = \
	testsuite/unit/isa_kernels/basic.c testsuite/unit/isa_kernels/lds.c testsuite/unit/isa_kernels/atomics.c \
	testsuite/unit/isa_kernels/control.c testsuite/unit/isa_kernels/memory.c testsuite/unit/isa_kernels/integer.c \
	testsuite/unit/isa_kernels/float.c testsuite/unit/isa_kernels/generic.c
isa_kernel_objects = $(isa_kernel_sources:.c=.O0.co) $(isa_kernel_sources:.c=.O1.co) $(isa_kernel_sources:.c=.O2.co)
isa_kernel_host = testsuite/unit/isa_kernels/host.o
check_DATA += $(isa_kernel_objects) $(isa_kernel_host)
CLEANFILES += $(isa_kernel_objects) $(isa_kernel_host)
EXTRA_DIST += $(isa_kernel_sources) testsuite/unit/isa_kernels/dialect.h testsuite/unit/isa_kernels/list.h testsuite/unit/isa_kernels/host.c

# generic.c is plain C on both sides, the others are OpenCL C on the GPU.
isa_gpu_cc = $(AM_V_GEN)$(MKDIR_P) $(@D) && case $< in */generic.c) l="-x c" ;; \
	*) l="-x cl -cl-std=CL2.0 -cl-fp32-correctly-rounded-divide-sqrt" ;; esac && \
	$(GPU_CC) $$l -target amdgcn-amd-amdhsa -mcpu=gfx942 -nogpulib -ffp-contract=off -w $< -o $@
.c.O0.co:
	$(isa_gpu_cc) -O0
.c.O1.co:
	$(isa_gpu_cc) -O1
.c.O2.co:
	$(isa_gpu_cc) -O2
$(isa_kernel_objects): testsuite/unit/isa_kernels/dialect.h
$(isa_kernel_host): testsuite/unit/isa_kernels/host.c testsuite/unit/isa_kernels/dialect.h $(isa_kernel_sources)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(GPU_CC) -x c -O1 -fPIC -ffp-contract=off -Xclang -ffloat16-excess-precision=none -fno-vectorize \
		-fno-slp-vectorize -w -c $(srcdir)/testsuite/unit/isa_kernels/host.c -o $@

check_PROGRAMS += testsuite/unit/test_isa_kernels
TESTS += testsuite/unit/test_isa_kernels
testsuite_unit_test_isa_kernels_SOURCES = testsuite/unit/test_isa_kernels.c testsuite/unit/isa_hostrun.c testsuite/unit/isa_hostrun.h \
	$(isa_support)
testsuite_unit_test_isa_kernels_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -DISA_KERNEL_DIR=\"testsuite/unit/isa_kernels\"
testsuite_unit_test_isa_kernels_LDADD = $(isa_kernel_host) $(isa_libs)
testsuite_unit_test_isa_kernels_DEPENDENCIES = $(isa_kernel_host) $(isa_kernel_objects) libsimisa.a

# make testsuite/bench/bench_isa && testsuite/bench/bench_isa
EXTRA_PROGRAMS = testsuite/bench/bench_isa
testsuite_bench_bench_isa_SOURCES = testsuite/bench/bench_isa.c testsuite/unit/isa_machine.c testsuite/unit/isa_machine.h
testsuite_bench_bench_isa_LDADD = libsimisa.a -lm
testsuite_bench_bench_isa_DEPENDENCIES = $(isa_kernel_objects) libsimisa.a

# The decoder against LLVM's list, stored and (isa_live.sh) asked again.
check_PROGRAMS += testsuite/unit/test_isa_table
TESTS += testsuite/unit/test_isa_table testsuite/unit/isa_live.sh
EXTRA_DIST += testsuite/unit/isa_table.py testsuite/unit/data/isa_table.txt testsuite/unit/isa_live.sh
testsuite_unit_test_isa_table_SOURCES = testsuite/unit/test_isa_table.c testsuite/unit/tap.c
testsuite_unit_test_isa_table_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -DSRCDIR=\"$(srcdir)\"
testsuite_unit_test_isa_table_LDADD = $(isa_libs)

# Instructions one by one; the words stand beside their text in the source (isa_fill_asm.py puts them there, isa_live.sh checks them).
isa_snippet = testsuite/unit/isa_snippet.c testsuite/unit/isa_snippet.h $(isa_support)
check_PROGRAMS += testsuite/unit/test_isa_insn
TESTS += testsuite/unit/test_isa_insn
EXTRA_DIST += testsuite/unit/isa_fill_asm.py
testsuite_unit_test_isa_insn_SOURCES = testsuite/unit/test_isa_insn.c $(isa_snippet)
testsuite_unit_test_isa_insn_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_isa_insn_LDADD = $(isa_libs)
check_PROGRAMS += testsuite/unit/test_isa_lanes
TESTS += testsuite/unit/test_isa_lanes
testsuite_unit_test_isa_lanes_SOURCES = testsuite/unit/test_isa_lanes.c $(isa_snippet)
testsuite_unit_test_isa_lanes_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_isa_lanes_LDADD = $(isa_libs)
check_PROGRAMS += testsuite/unit/test_isa_wave
TESTS += testsuite/unit/test_isa_wave
testsuite_unit_test_isa_wave_SOURCES = testsuite/unit/test_isa_wave.c $(isa_snippet)
testsuite_unit_test_isa_wave_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
testsuite_unit_test_isa_wave_LDADD = $(isa_libs)
check_PROGRAMS += testsuite/unit/test_isa_divide
TESTS += testsuite/unit/test_isa_divide
testsuite_unit_test_isa_divide_SOURCES = testsuite/unit/test_isa_divide.c $(isa_snippet)
testsuite_unit_test_isa_divide_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -DISA_KERNEL_DIR=\"testsuite/unit/isa_kernels\"
testsuite_unit_test_isa_divide_CFLAGS = $(AM_CFLAGS) -std=gnu11
testsuite_unit_test_isa_divide_LDADD = $(isa_libs)
testsuite_unit_test_isa_divide_DEPENDENCIES = $(isa_kernel_objects) libsimisa.a
