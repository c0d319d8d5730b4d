/* Scalar arithmetic: SOP1, SOP2, SOPC, SOPK. */
#include "sim/isa/scalar.h"

/* ------------------------------------------------------------------ helpers */

static inline uint64_t field_u(uint64_t value, unsigned offset, unsigned width)
{
	uint64_t v = value >> offset;
	return width >= 64 ? v : v & ((1ull << width) - 1);
}

/* Sign-extended field; a field that reaches beyond the register is the shifted register. */
static inline int64_t field_i(uint64_t value, unsigned offset, unsigned width, unsigned size)
{
	if (width == 0)
		return 0;
	if (offset + width >= size)
		return (int64_t)value >> offset;
	unsigned up = 64 - width;
	return (int64_t)(value >> offset << up) >> up;
}

static inline uint64_t reverse64(uint64_t v)
{
	v = (v >> 1 & 0x5555555555555555ull) | (v & 0x5555555555555555ull) << 1;
	v = (v >> 2 & 0x3333333333333333ull) | (v & 0x3333333333333333ull) << 2;
	v = (v >> 4 & 0x0f0f0f0f0f0f0f0full) | (v & 0x0f0f0f0f0f0f0f0full) << 4;
	return __builtin_bswap64(v);
}

/* Leading bits equal to the sign bit of a value of `size` bits (given sign-extended), all ones when every bit is. */
static inline uint32_t sign_bits64(uint64_t v, unsigned size)
{
	uint64_t flipped = (int64_t)v < 0 ? ~v : v;
	return flipped ? (uint32_t)__builtin_clzll(flipped) - (64 - size) : ~0u;
}

static inline uint64_t quad_any(uint64_t v)
{
	v |= v >> 1;
	v |= v >> 2;
	return v & 0x1111111111111111ull;
}

static inline uint64_t whole_quads(uint64_t v)
{
	return quad_any(v) * 15;
}

static inline uint64_t quad_mask(uint64_t v)
{
	uint64_t q = quad_any(v), out = 0;
	for (unsigned n = 0; n < 16; n++)
		out |= (q >> 4 * n & 1) << n;
	return out;
}

static inline uint64_t replicate(uint32_t v)
{
	uint64_t out = 0;
	for (unsigned n = 0; n < 32; n++)
		out |= (uint64_t)(v >> n & 1) * 3 << 2 * n;
	return out;
}

/* ------------------------------------------------------------------ rows */

#define SCC x->w->scc
#define EXEC exec_mask(x)
#define M0 x->w->s[SIM_S_M0]
#define OLD sgpr_get(x, i->dst)
#define OLD64 sgpr_get64(x, i->dst)
#define SAVEEXEC(value) do { \
		uint64_t new_exec = (value); \
		pair_set(&x->w->s[SIM_S_EXEC], new_exec); \
		SCC = new_exec != 0; \
	} while (0)

#define S2(OP, NAME, KD, KA, KB, ...) \
	static enum run_status NAME(struct exec *x, const struct insn *i) \
	{ \
		SVT_##KA A = SGET_##KA(x, i, 0); \
		SVT_##KB B = SGET_##KB(x, i, 1); \
		SVT_##KD D; \
		__VA_ARGS__; \
		SPUT_##KD(x, i, D); \
		return RUN_NEXT; \
	}
#include "sim/isa/sop2.def"
#undef S2

#define S1(OP, NAME, KD, KA, ...) \
	static enum run_status NAME(struct exec *x, const struct insn *i) \
	{ \
		SVT_##KA A = SGET_##KA(x, i, 0); \
		SVT_##KD D; \
		(void)A; \
		__VA_ARGS__; \
		SPUT_##KD(x, i, D); \
		return RUN_NEXT; \
	}
#define S1X(OP, NAME, KD, KA, RUN)
#include "sim/isa/sop1.def"
#undef S1
#undef S1X

#define SC(OP, NAME, KA, KB, COND) \
	static enum run_status NAME(struct exec *x, const struct insn *i) \
	{ \
		SVT_##KA A = SGET_##KA(x, i, 0); \
		SVT_##KB B = SGET_##KB(x, i, 1); \
		SCC = (COND) ? 1 : 0; \
		return RUN_NEXT; \
	}
#define SCX(OP, NAME, KA, KB, RUN)
#include "sim/isa/sopc.def"
#undef SC
#undef SCX

#define SK(OP, NAME, ...) \
	static enum run_status NAME(struct exec *x, const struct insn *i) \
	{ \
		const uint32_t K = (uint32_t)i->offset; \
		const uint32_t BEFORE = sgpr_get(x, i->dst); \
		uint32_t D = BEFORE; \
		__VA_ARGS__; \
		if (D != BEFORE) \
			sgpr_set(x, i->dst, D); \
		return RUN_NEXT; \
	}
#define SKX(OP, NAME, RUN)
#include "sim/isa/sopk.def"
#undef SK
#undef SKX

static enum run_status run_rfe(struct exec *x, const struct insn *i)
{
	if (!(x->w->status & STATUS_PRIV))
		return exec_illegal(x, 0xbe801f00u | (i->src[0] & 0x7f), 0, 1, "s_rfe_b64 outside trap code");
	x->w->status &= ~(uint32_t)STATUS_PRIV;
	x->next = src64(x, i, 0) & ~3ull;
	return RUN_NEXT;
}

static enum run_status run_set_gpr_idx_on(struct exec *x, const struct insn *i)
{
	M0 = (M0 & ~0xf0ffu) | (src32(x, i, 0) & 0xff) | ((uint32_t)i->offset & 0xf) << 12;
	x->w->mode |= MODE_GPR_IDX_EN;
	exec_mode_changed(x);
	return RUN_NEXT;
}

static enum run_status run_call(struct exec *x, const struct insn *i)
{
	uint64_t back = x->next;
	x->next += (uint64_t)(int64_t)i->offset * 4;
	sgpr_set64(x, i->dst, back);
	return RUN_NEXT;
}

/* Hardware registers by id (isa-simulator.md 7.18; field layouts of GPR_ALLOC and LDS_ALLOC: wave-state.md 3.4). */
static uint32_t hwreg_get(const struct exec *x, unsigned id)
{
	const struct sim_wave *w = x->w;
	uint32_t vgprs = w->n_vgprs + (w->n_agprs ? (uint32_t)w->n_agprs : 0);
	switch (id) {
	case 1: return w->mode;
	case 2: return sim_wave_status(w);
	case 3: return w->trapsts;
	case 4: return x->env->hw_id;
	case 5:
		return (vgprs ? vgprs / 8 - (vgprs >= 8) : 0) << 6 | (w->n_vgprs >= 4 ? w->n_vgprs / 4u - 1 : 0) << 12 |
			(w->n_sgprs >= 16 ? w->n_sgprs / 16u - 1 : 0) << 24;
	case 6: return (w->group ? (w->group->lds_bytes + 255) / 256 : 0) << 12;
	case 15: return (uint32_t)(x->env->private_base >> 48 & 0xffff) | (uint32_t)(x->env->shared_base >> 48 & 0xffff) << 16;
	case 20: return x->env->xcc_id;
	default: return 0;
	}
}

static void hwreg_set(struct exec *x, unsigned id, uint32_t value)
{
	struct sim_wave *w = x->w;
	bool priv = w->status & STATUS_PRIV;
	/* Rounding, denormals, clamp, IEEE, exception enables, FP16_OVFL, GPR_IDX_EN; the debug bit belongs to trap code. */
	uint32_t writable = priv ? ~0u : 0x003ffu | 0x1ffu << MODE_EXCP_SHIFT | MODE_FP16_OVFL | MODE_GPR_IDX_EN;
	if (id == 1) {
		w->mode = (w->mode & ~writable) | (value & writable);
		exec_mode_changed(x);
	} else if (id == 2 && priv) {
		sim_wave_set_status(w, value);
	} else if (id == 3 && priv) {
		w->trapsts = value;
	}
}

static enum run_status run_getreg(struct exec *x, const struct insn *i)
{
	unsigned id = (unsigned)i->offset & 63, first = (unsigned)i->offset >> 6 & 31, width = ((unsigned)i->offset >> 11 & 31) + 1;
	sgpr_set(x, i->dst, (uint32_t)field_u(hwreg_get(x, id), first, width));
	return RUN_NEXT;
}

static enum run_status run_setreg(struct exec *x, const struct insn *i)
{
	unsigned id = (unsigned)i->offset & 63, first = (unsigned)i->offset >> 6 & 31, width = ((unsigned)i->offset >> 11 & 31) + 1;
	uint32_t value = i->op == 20 ? i->lit : sgpr_get(x, i->dst);
	uint32_t mask = (uint32_t)(((1ull << width) - 1) << first);
	hwreg_set(x, id, (hwreg_get(x, id) & ~mask) | (value << first & mask));
	return RUN_NEXT;
}

/* ------------------------------------------------------------------ tables */

#define ROW(NAME, RUN, KD, KA, KB) { .name = #NAME, .run = RUN, .d = KIND_##KD, .a = KIND_##KA, .b = KIND_##KB, .c = 'n' }

const struct isa_row sim_rows_sop2[N_SOP2] = {
#define S2(OP, NAME, KD, KA, KB, ...) [OP] = ROW(NAME, NAME, KD, KA, KB),
#include "sim/isa/sop2.def"
};

const struct isa_row sim_rows_sop1[N_SOP1] = {
#define S1(OP, NAME, KD, KA, ...) [OP] = ROW(NAME, NAME, KD, KA, n),
#define S1X(OP, NAME, KD, KA, RUN) [OP] = ROW(NAME, RUN, KD, KA, n),
#include "sim/isa/sop1.def"
};

const struct isa_row sim_rows_sopc[N_SOPC] = {
#define SC(OP, NAME, KA, KB, COND) [OP] = ROW(NAME, NAME, n, KA, KB),
#define SCX(OP, NAME, KA, KB, RUN) [OP] = ROW(NAME, RUN, n, KA, KB),
#include "sim/isa/sopc.def"
};

const struct isa_row sim_rows_sopk[N_SOPK] = {
#define SK(OP, NAME, ...) [OP] = ROW(NAME, NAME, s, n, n),
#define SKX(OP, NAME, RUN) [OP] = ROW(NAME, RUN, s, n, n),
#include "sim/isa/sopk.def"
};
