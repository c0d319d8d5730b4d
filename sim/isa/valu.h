/* Shared by the files that drive lane functions. */
#ifndef SIM_ISA_VALU_H
#define SIM_ISA_VALU_H

#include "sim/isa/insn.h"

/* 64 values of one operand. */
union lanes {
	uint32_t u[SIM_LANES];
	float f[SIM_LANES];
	uint64_t q[SIM_LANES];
	double g[SIM_LANES];
} __attribute__((aligned(64)));

static inline bool kind_is_wide(char kind)
{
	return kind == 'q' || kind == 'k' || kind == 'g';
}

static inline bool kind_is_half(char kind)
{
	return kind == 'w' || kind == 's' || kind == 'h';
}

static inline bool kind_is_float(char kind)
{
	return kind == 'f' || kind == 'g' || kind == 'h';
}

/* Source j as an array: the register itself where possible, else made in t. */
const void *valu_source(const struct exec *x, const struct insn *i, unsigned j, union lanes *t);
/* The mask operand: expanded to v->c (in t), or VCC as bits in v->cin. */
void valu_mask_source(const struct exec *x, const struct insn *i, struct valu *v, union lanes *t);
/* Stores 64 results to VGPR n (a pair when wide) under a lane mask. */
void valu_store(struct exec *x, unsigned n, const union lanes *t, bool wide, uint64_t mask);
/* Mask results: VCC or the named pair, EXEC too for v_cmpx. Inactive lanes read 0. */
void valu_store_mask(struct exec *x, const struct insn *i, uint64_t bits, uint64_t active);

/* Modifiers in place on 64 values. */
void mods_sdwa_source(union lanes *t, unsigned sel, bool sign);
void mods_sdwa_result(union lanes *t, const uint32_t *old, unsigned sel, unsigned unused);
/* t permuted by a DPP word; answers the lanes that are written. */
uint64_t mods_dpp(union lanes *t, bool wide, uint32_t word, uint64_t exec);
void mods_abs_neg(union lanes *t, char kind, bool abs, bool neg);
void mods_flush(union lanes *t, char kind);
void mods_omod_clamp(union lanes *t, char kind, unsigned omod, bool clamp, uint32_t mode);
/* Integer clamp of rows with RF_SAT_ flags: recomputes from the sources. */
void mods_saturate(const struct isa_row *row, union lanes *d, const union lanes *a, const union lanes *b, const union lanes *c);

/* Runs v under MODE's rounding with exceptions watched; raises TRAPSTS bits. wide: the f16/f64 rounding field applies. */
enum run_status valu_call(struct exec *x, const struct insn *i, struct valu *v, bool wide);

insn_fn run_valu, run_valu_slow, run_vop3p, run_vnop, run_readfirstlane, run_readlane, run_writelane, run_clrexcp, run_swap,
	run_accvgpr_mov, run_accvgpr_read, run_accvgpr_write, run_fma_mix, run_pk_mov;

#endif
