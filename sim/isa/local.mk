noinst_LIBRARIES += libsimisa.a libsimlanes.a
libsimisa_a_SOURCES = \
	sim/isa/wave.h sim/isa/insn.h sim/isa/mem.h sim/isa/icache.h sim/isa/coverage.h sim/isa/scalar.h sim/isa/f16.h \
	sim/isa/divide.h sim/isa/float_bits.h sim/isa/lane_math.h sim/isa/vopc_blocks.h sim/isa/lanes.inc sim/isa/valu.h sim/isa/vmem.h \
	sim/isa/sop1.def sim/isa/sop2.def sim/isa/sopc.def sim/isa/sopk.def sim/isa/sopp.def sim/isa/smem.def sim/isa/vop1.def \
	sim/isa/vop2.def sim/isa/vopc.def sim/isa/vop3.def sim/isa/vop3p.def sim/isa/ds.def sim/isa/flat.def sim/isa/mubuf.def \
	sim/isa/engine.c sim/isa/icache.c sim/isa/decode.c sim/isa/mem.c sim/isa/vmem.c sim/isa/atomic.c sim/isa/sop.c sim/isa/sopp.c \
	sim/isa/smem.c sim/isa/valu.c sim/isa/valu_slow.c sim/isa/valu_mods.c sim/isa/vrows.c sim/isa/vop3p.c sim/isa/vlane.c \
	sim/isa/f16.c sim/isa/divide.c sim/isa/ds.c sim/isa/flat.c sim/isa/mubuf.c
# roundeven() needs _GNU_SOURCE.
libsimisa_a_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
# Floating point as written: MODE's rounding is honoured, products and sums are fused only where an instruction says so.
libsimisa_a_CFLAGS = $(AM_CFLAGS) -O3 -fno-math-errno -frounding-math -ffp-contract=off
# The lane functions are part of the engine but compiled on their own: MODE's rounding is set around whole calls of them and they fold no
# constants, so -frounding-math would only keep fma and the rounding functions from being vectorised.
libsimlanes_a_SOURCES = sim/isa/lanes_base.c sim/isa/lanes_v3.c
libsimlanes_a_CPPFLAGS = $(libsimisa_a_CPPFLAGS)
libsimlanes_a_CFLAGS = $(AM_CFLAGS) -O3 -fno-math-errno -ffp-contract=off
libsimisa_a_LIBADD = $(libsimlanes_a_OBJECTS)
libsimisa_a_DEPENDENCIES = $(libsimlanes_a_OBJECTS)
