/* Packed operations (isa-simulator.md 7.10). */
#include <math.h>
#include <string.h>

#include "sim/isa/f16.h"
#include "sim/isa/valu.h"

/* Half (16 bits, or dword of a pair when the row works on f32) `high` of source j, sign flipped by neg. */
static void fetch_half(const struct exec *x, const struct insn *i, unsigned j, bool high, bool neg, union lanes *t)
{
	unsigned code = i->src[j];
	bool pair = i->row->a == 'f' || i->row->a == 'u';
	const uint32_t *reg = NULL;
	uint32_t scalar = 0;
	if (code >= 256 && code < 512)
		reg = vgpr(x, code - 256 + (pair && high));
	else if (code < SIM_N_SCALARS)
		scalar = sgpr_get(x, code + (pair && high));
	else
		scalar = src32(x, i, j);
	unsigned shift = !pair && high ? 16 : 0;
	uint32_t flip = neg ? (pair ? 1u << 31 : 1u << 15) : 0;
	for (unsigned l = 0; l < SIM_LANES; l++)
		t->u[l] = (reg ? reg[l] : scalar) >> shift ^ flip;
	if (!pair)
		for (unsigned l = 0; l < SIM_LANES; l++)
			t->u[l] &= 0xffff;
}

/* One half of the result into d. */
static enum run_status one_half(struct exec *x, const struct insn *i, bool high, union lanes *d)
{
	const struct isa_row *row = i->row;
	const char kinds[3] = { row->a, row->b, row->c };
	uint64_t exec = exec_mask(x);
	union lanes s[3];
	struct valu v = { .d = d->u, .a = &s[0], .b = &s[1], .c = &s[2], .mode = x->w->mode, .exec = exec };
	memset(s, 0, sizeof s);
	for (unsigned j = 0; j < i->nsrc; j++) {
		bool neg = kind_is_float(kinds[j]) && (high ? i->abs : i->neg) >> j & 1;
		fetch_half(x, i, j, (high ? i->op_sel_hi : i->op_sel) >> j & 1, neg, &s[j]);
		unsigned field = kinds[j] == 'f' ? 4 : 6;
		if (kind_is_float(kinds[j]) && !(v.mode >> field & 1))
			mods_flush(&s[j], kinds[j]);
	}
	enum run_status status = x->slow ? valu_call(x, i, &v, row->d == 'h') : (i->lanes(&v), RUN_NEXT);
	if (i->clamp) {
		if (kind_is_float(row->d))
			mods_omod_clamp(d, row->d, 0, true, v.mode);
		else
			mods_saturate(row, d, &s[0], &s[1], &s[2]);
	}
	if (kind_is_float(row->d) && !(v.mode >> (row->d == 'f' ? 5 : 7) & 1))
		mods_flush(d, row->d);
	return status;
}

enum run_status run_vop3p(struct exec *x, const struct insn *i)
{
	union lanes lo, hi;
	uint64_t exec = exec_mask(x);
	if (!exec)
		return RUN_NEXT;
	enum run_status s = one_half(x, i, false, &lo), t = one_half(x, i, true, &hi);
	if (i->row->d == 'f') {
		valu_store(x, i->dst, &lo, false, exec);
		valu_store(x, i->dst + 1u, &hi, false, exec);
	} else {
		for (unsigned l = 0; l < SIM_LANES; l++)
			lo.u[l] = (lo.u[l] & 0xffff) | hi.u[l] << 16;
		valu_store(x, i->dst, &lo, false, exec);
	}
	return s != RUN_NEXT ? s : t;
}

enum run_status run_pk_mov(struct exec *x, const struct insn *i)
{
	union lanes lo, hi;
	uint64_t exec = exec_mask(x);
	fetch_half(x, i, 0, i->op_sel & 1, false, &lo);
	fetch_half(x, i, 1, i->op_sel >> 1 & 1, false, &hi);
	valu_store(x, i->dst, &lo, false, exec);
	valu_store(x, i->dst + 1u, &hi, false, exec);
	return RUN_NEXT;
}

/* Source j of a mixed operation: f32, or the selected half as f16; neg_hi is abs here. */
static void fetch_mixed(const struct exec *x, const struct insn *i, unsigned j, union lanes *t)
{
	union lanes raw;
	const uint32_t *u = valu_source(x, i, j, &raw);
	unsigned shift = i->op_sel >> j & 1 ? 16 : 0;
	for (unsigned l = 0; l < SIM_LANES; l++)
		if (i->op_sel_hi >> j & 1)
			t->f[l] = f16_to_f32((uint16_t)(u[l] >> shift));
		else
			t->u[l] = u[l];
	mods_abs_neg(t, 'f', i->abs >> j & 1, i->neg >> j & 1);
}

enum run_status run_fma_mix(struct exec *x, const struct insn *i)
{
	union lanes s[3], d;
	uint64_t exec = exec_mask(x);
	uint32_t mode = x->w->mode;
	for (unsigned j = 0; j < 3; j++)
		fetch_mixed(x, i, j, &s[j]);
	for (unsigned l = 0; l < SIM_LANES; l++)
		d.f[l] = fmaf(s[0].f[l], s[1].f[l], s[2].f[l]);
	if (i->clamp)
		mods_omod_clamp(&d, 'f', 0, true, mode);
	if (i->op != 32) {
		const uint32_t *old = vgpr_out(x, i->dst);
		for (unsigned l = 0; l < SIM_LANES; l++) {
			uint32_t h = f16_from_f64(d.f[l], mode);
			d.u[l] = i->op == 33 ? (old[l] & 0xffff0000) | h : (old[l] & 0xffff) | h << 16;
		}
	}
	valu_store(x, i->dst, &d, false, exec);
	return RUN_NEXT;
}
