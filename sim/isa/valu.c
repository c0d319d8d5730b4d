/* Vector arithmetic, the fast path: no modifiers, MODE as compilers leave it. */
#include "sim/isa/valu.h"

#include <string.h>

static void broadcast32(union lanes *t, uint32_t value)
{
	for (unsigned l = 0; l < SIM_LANES; l++)
		t->u[l] = value;
}

static void broadcast64(union lanes *t, uint64_t value)
{
	for (unsigned l = 0; l < SIM_LANES; l++)
		t->q[l] = value;
}

static void join(union lanes *t, const uint32_t *lo, const uint32_t *hi)
{
	for (unsigned l = 0; l < SIM_LANES; l++)
		t->q[l] = lo[l] | (uint64_t)hi[l] << 32;
}

const void *valu_source(const struct exec *x, const struct insn *i, unsigned j, union lanes *t)
{
	unsigned code = i->src[j];
	if (i->wide >> j & 1) {
		if (code >= 256 && code < 512)
			join(t, vgpr(x, code - 256), vgpr(x, code - 255));
		else
			broadcast64(t, src64(x, i, j));
		return t;
	}
	if (code >= 256 && code < 512)
		return vgpr(x, code - 256);
	broadcast32(t, src32(x, i, j));
	return t;
}

void valu_store(struct exec *x, unsigned n, const union lanes *t, bool wide, uint64_t mask)
{
	uint32_t *lo = vgpr_out(x, n);
	if (!wide) {
		if (mask == ~0ull)
			memcpy(lo, t->u, sizeof t->u);
		else
			lanes_blend(lo, t->u, exec_lane_mask(x, mask));
		return;
	}
	uint32_t *hi = vgpr_out(x, n + 1);
	if (mask == ~0ull) {
		for (unsigned l = 0; l < SIM_LANES; l++)
			lo[l] = (uint32_t)t->q[l];
		for (unsigned l = 0; l < SIM_LANES; l++)
			hi[l] = (uint32_t)(t->q[l] >> 32);
		return;
	}
	const uint32_t *m = exec_lane_mask(x, mask);
	for (unsigned l = 0; l < SIM_LANES; l++)
		lo[l] = ((uint32_t)t->q[l] & m[l]) | (lo[l] & ~m[l]);
	for (unsigned l = 0; l < SIM_LANES; l++)
		hi[l] = ((uint32_t)(t->q[l] >> 32) & m[l]) | (hi[l] & ~m[l]);
}

void valu_store_mask(struct exec *x, const struct insn *i, uint64_t bits, uint64_t active)
{
	sgpr_set64(x, i->sdst, bits & active);
	if (i->row->flags & RF_CMPX)
		pair_set(&x->w->s[SIM_S_EXEC], bits & active);
}

void valu_mask_source(const struct exec *x, const struct insn *i, struct valu *v, union lanes *t)
{
	if (i->row->flags & RF_RVCC)
		v->cin = sgpr_get64(x, i->smask);
	if (i->row->c != 'm')
		return;
	uint64_t mask = sgpr_get64(x, i->smask);
	if (mask == x->lane_mask_exec) {
		v->c = x->lane_mask;
		return;
	}
	lanes_expand(t->u, mask);
	v->c = t;
}

enum run_status run_valu(struct exec *x, const struct insn *i)
{
	const struct isa_row *row = i->row;
	uint64_t exec = exec_mask(x);
	if (SIM_UNLIKELY(x->slow))
		return run_valu_slow(x, i);
	if (!exec) {
		if (row->flags & (RF_MASK | RF_CMP))
			valu_store_mask(x, i, 0, 0);
		return RUN_NEXT;
	}
	union lanes a, b, c, d;
	struct valu v;
	v.mode = x->w->mode;
	v.exec = exec;
	v.cin = 0;
	v.a = valu_source(x, i, 0, &a);
	v.b = i->nsrc > 1 ? valu_source(x, i, 1, &b) : NULL;
	v.c = i->nsrc > 2 ? valu_source(x, i, 2, &c) : NULL;
	valu_mask_source(x, i, &v, &c);
	/* Written in place when every lane is active: a lane reads its sources before it writes. */
	bool wide = i->wide >> 3 & 1, direct = exec == ~0ull && !wide && !(row->flags & RF_CMP);
	v.d = direct ? vgpr_out(x, i->dst) : d.u;
	i->lanes(&v);
	if (!direct && !(row->flags & RF_CMP))
		valu_store(x, i->dst, &d, wide, exec);
	if (row->flags & (RF_MASK | RF_CMP))
		valu_store_mask(x, i, v.out, exec);
	return RUN_NEXT;
}
