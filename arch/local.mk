# libgfx.a: GPU families. One line per family below.
noinst_LIBRARIES += libgfx.a
libgfx_a_SOURCES = \
	arch/arch.c arch/arch.h arch/dwarf.c arch/families.h arch/layout.h arch/rows.h \
	arch/identity.c arch/insn.c arch/insn_simulate.c arch/regs.c arch/save.c arch/scratch.c arch/state.c arch/vmfault.c arch/watch.c \
	arch/gfx9_bits.h arch/gfx9_insn.c arch/gfx9_effect.c arch/gfx9_use.c arch/gfx9_part.c arch/gfx9_access.c arch/gfx9_buffer.c arch/gfx9_insn.h \
	arch/gfx942.c arch/gfx942_opcodes.inc

EXTRA_DIST += doc/ADDING-A-GPU-FAMILY.md
