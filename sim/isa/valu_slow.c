/* Vector arithmetic with modifiers, SDWA, DPP, VGPR indexing, or a MODE that asks for rounding, flushing or exceptions. */
#include "sim/isa/valu.h"

#include <fenv.h>
#include <math.h>
#include <string.h>

#include "sim/isa/divide.h"

enum { OPSEL_DST = 1 << 3 };

/* VGPR numbers move by M0[7:0] where M0[15:12] says so (isa-simulator.md 7.17). */
static void index_registers(const struct exec *x, struct insn *i)
{
	uint32_t m0 = x->w->s[SIM_S_M0];
	for (unsigned j = 0; j < 3; j++)
		if (m0 >> (12 + j) & 1 && i->src[j] >= 256 && i->src[j] < 512)
			i->src[j] = 256 + ((i->src[j] - 256 + (m0 & 0xff)) & 0xff);
	if (m0 >> 15 & 1)
		i->dst += m0 & 0xff;
}

/* Denormals of a kind are flushed when its MODE field is not 3; f32 has [5:4], f16 and f64 [7:6]. Bit 0 keeps inputs, bit 1 outputs. */
static bool flushes(uint32_t mode, char kind, unsigned bit)
{
	if (!kind_is_float(kind))
		return false;
	return !(mode >> (kind == 'f' ? 4 : 6) & 1u << bit);
}

static void half_select(union lanes *t, char kind, bool high)
{
	if (high && kind_is_half(kind))
		for (unsigned l = 0; l < SIM_LANES; l++)
			t->u[l] >>= 16;
}

/* Inactive lanes take an active lane's inputs so that they raise no exception of their own. */
static void fill_inactive(union lanes *t, bool wide, uint64_t exec)
{
	unsigned first = (unsigned)__builtin_ctzll(exec);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		if (exec >> l & 1)
			continue;
		if (wide)
			t->q[l] = t->q[first];
		else
			t->u[l] = t->u[first];
	}
}

static bool any_denormal(const union lanes *t, char kind, uint64_t exec)
{
	for (unsigned l = 0; l < SIM_LANES; l++) {
		bool hit = kind == 'f' ? fpclassify(t->f[l]) == FP_SUBNORMAL : kind == 'g' && fpclassify(t->g[l]) == FP_SUBNORMAL;
		if (hit && exec >> l & 1)
			return true;
	}
	return false;
}

static unsigned host_exceptions(const struct isa_row *row)
{
	int f = fetestexcept(FE_ALL_EXCEPT);
	unsigned div0 = row->flags & RF_IFLAG ? EXCP_INT_DIV0 : EXCP_DIV0;
	return (f & FE_INVALID ? EXCP_INVALID : 0u) | (f & FE_DIVBYZERO ? div0 : 0u) | (f & FE_OVERFLOW ? EXCP_OVERFLOW : 0u) |
		(f & FE_UNDERFLOW ? EXCP_UNDERFLOW : 0u) | (f & FE_INEXACT ? EXCP_INEXACT : 0u);
}

/* The division fix-up is where a division reports invalid operands and zero divisors. */
static unsigned fixup_exceptions(const struct valu *v, bool wide)
{
	unsigned e = 0;
	for (unsigned l = 0; l < SIM_LANES; l++) {
		double d = wide ? ((const double *)v->b)[l] : (double)((const float *)v->b)[l];
		double n = wide ? ((const double *)v->c)[l] : (double)((const float *)v->c)[l];
		if (v->exec >> l & 1)
			e |= sim_div_exceptions(d, n);
	}
	return e;
}

static bool is_fixup(const struct insn *i)
{
	return i->cls == CLS_VOP3 && (i->op == 478 || i->op == 479);
}

enum run_status valu_call(struct exec *x, const struct insn *i, struct valu *v, bool wide)
{
	static const int host_round[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
	unsigned round = v->mode >> (wide ? 2 : 0) & 3, enabled = v->mode >> MODE_EXCP_SHIFT & 0x7f, e = 0;
	int before = fegetround();
	if (round)
		fesetround(host_round[round]);
	if (enabled)
		feclearexcept(FE_ALL_EXCEPT);
	i->lanes(v);
	if (enabled && v->exec) {
		if (i->row->flags & RF_FX)
			e = host_exceptions(i->row);
		else if (is_fixup(i))
			e = fixup_exceptions(v, wide);
		if (i->row->flags & RF_FX && (any_denormal(v->a, i->row->a, v->exec) || (v->b && any_denormal(v->b, i->row->b, v->exec)) ||
				(v->c && any_denormal(v->c, i->row->c, v->exec))))
			e |= EXCP_DENORM;
	}
	if (round)
		fesetround(before);
	x->w->trapsts |= e;
	return e & enabled ? RUN_EXCEPT : RUN_NEXT;
}

/* Fetches source j into t and applies what precedes the operation; *active loses the lanes that DPP leaves alone. */
static void fetch(struct exec *x, const struct insn *i, unsigned j, union lanes *t, uint64_t exec, uint64_t *active)
{
	const char kinds[3] = { i->row->a, i->row->b, i->row->c };
	char kind = kinds[j];
	bool wide = i->wide >> j & 1;
	const void *src = valu_source(x, i, j, t);
	if (src != t)
		memcpy(t, src, sizeof t->u);
	if (i->ext_kind == EXT_DPP && j == 0)
		*active = mods_dpp(t, wide, i->ext, exec);
	if (i->ext_kind == EXT_SDWA && j < 2)
		mods_sdwa_source(t, i->ext >> (j ? 24 : 16) & 7, i->ext >> (j ? 27 : 19) & 1);
	/* The accumulator of a high-half result is the high half. */
	half_select(t, kind, j == 2 && i->row->flags & RF_ACC ? i->op_sel & OPSEL_DST : i->op_sel >> j & 1);
	if (kind_is_float(kind) || i->row->flags & RF_FMODS)
		mods_abs_neg(t, i->row->flags & RF_FMODS ? 'f' : kind, i->abs >> j & 1, i->neg >> j & 1);
	if (!(i->row->flags & RF_FMODS) && flushes(x->w->mode, kind, 0))
		mods_flush(t, kind);
	if (x->w->mode & MODE_EXCP_MASK && exec)
		fill_inactive(t, wide, exec);
}

static void merge_half(union lanes *d, const uint32_t *old)
{
	for (unsigned l = 0; l < SIM_LANES; l++)
		d->u[l] = d->u[l] << 16 | (old[l] & 0xffff);
}

/* Carry rows with clamp: a carry saturates, a borrow gives zero. */
static void clamp_carry(const struct isa_row *row, union lanes *d, uint64_t carry)
{
	bool add = row->flags & RF_SAT_ADD || strncmp(row->name, "v_addc", 6) == 0;
	for (unsigned l = 0; l < SIM_LANES; l++)
		if (carry >> l & 1)
			d->u[l] = add ? ~0u : 0;
}

static void finish(struct exec *x, const struct insn *i, union lanes *s, union lanes *d, const struct valu *v, uint64_t active)
{
	const struct isa_row *row = i->row;
	bool wide = i->wide >> 3 & 1;
	if (kind_is_float(row->d) && (i->omod || i->clamp))
		mods_omod_clamp(d, row->d, i->omod, i->clamp, v->mode);
	else if (i->clamp && row->flags & RF_MASK)
		clamp_carry(row, d, v->out);
	else if (i->clamp)
		mods_saturate(row, d, &s[0], &s[1], &s[2]);
	if (flushes(v->mode, row->d, 1))
		mods_flush(d, row->d);
	if (i->ext_kind == EXT_SDWA)
		mods_sdwa_result(d, vgpr_out(x, i->dst), i->ext >> 8 & 7, i->ext >> 11 & 3);
	else if (i->op_sel & OPSEL_DST && kind_is_half(row->d))
		merge_half(d, vgpr_out(x, i->dst));
	valu_store(x, i->dst, d, wide, active);
}

enum run_status run_valu_slow(struct exec *x, const struct insn *given)
{
	struct insn copy = *given;
	const struct insn *i = &copy;
	const struct isa_row *row = i->row;
	uint64_t exec = exec_mask(x), active = exec;
	union lanes s[3], d;
	struct valu v = { .d = d.u, .mode = x->w->mode, .exec = exec };
	if (x->w->mode & MODE_GPR_IDX_EN)
		index_registers(x, &copy);
	memset(s, 0, sizeof s);
	for (unsigned j = 0; j < i->nsrc; j++)
		fetch(x, i, j, &s[j], exec, &active);
	v.a = &s[0];
	v.b = &s[1];
	v.c = &s[2];
	valu_mask_source(x, i, &v, &s[2]);
	bool wide = row->d == 'g' || row->d == 'h'; /* the result's format names the rounding field */
	enum run_status status = valu_call(x, i, &v, wide);
	if (!(row->flags & RF_CMP))
		finish(x, i, s, &d, &v, active);
	if (row->flags & (RF_MASK | RF_CMP))
		valu_store_mask(x, i, v.out, active);
	return status;
}
