/* Decoded instructions and the state of one run; private to sim/isa. */
#ifndef SIM_ISA_INSN_H
#define SIM_ISA_INSN_H

#include "sim/isa/wave.h"

/* Loops over 64 lanes want the vectoriser whatever the build asks for. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#define SIM_LIKELY(x) __builtin_expect(!!(x), 1)
#define SIM_UNLIKELY(x) __builtin_expect(!!(x), 0)

struct exec;
struct insn;

/* What a handler tells the loop. */
enum run_status {
	RUN_NEXT,   /* go on at x->next */
	RUN_STOP,   /* done, PC moves to x->next, stop with x->res */
	RUN_AT,     /* not done, PC stays, stop with x->res */
	RUN_FAULT,  /* memory fault recorded in x->res; no register or memory was changed */
	RUN_EXCEPT, /* done, but a TRAPSTS bit that MODE enables was raised */
	RUN_WATCH,  /* done, but an address watch that MODE enables was hit */
};

typedef enum run_status insn_fn(struct exec *x, const struct insn *i);

/* ------------------------------------------------------------------ opcode rows */

/* Encoding classes of gfx942 (isa-simulator.md 4). FLAT, SCRATCH and GLOBAL share one opcode list but count as three. */
enum isa_class {
	CLS_SOP2, CLS_SOPK, CLS_SOP1, CLS_SOPC, CLS_SOPP, CLS_SMEM, CLS_VOP2, CLS_VOP1, CLS_VOPC, CLS_VOP3, CLS_VOP3P, CLS_DS,
	CLS_FLAT, CLS_SCRATCH, CLS_GLOBAL, CLS_MUBUF, N_CLASSES,
};

/* Operand kinds of a row, one letter each:
 *   n none
 *   u i f  32 bits: unsigned, signed, float      q k g  64 bits: unsigned, signed, float
 *   w s h  16 bits: unsigned, signed, float      m      lane mask (one bit a lane)
 * Scalar rows use s for 32, p for 64 and P for 64 bits with sign-extended literals. */

enum {
	KIND_n = 'n', KIND_u = 'u', KIND_i = 'i', KIND_f = 'f', KIND_q = 'q', KIND_k = 'k', KIND_g = 'g', KIND_w = 'w', KIND_s = 's',
	KIND_h = 'h', KIND_m = 'm', KIND_p = 'p', KIND_P = 'P', KIND_x = 'x',
};

/* Flags of vector rows. */
enum {
	RF_ACC = 1 << 0,     /* the third source is the destination register */
	RF_MASK = 1 << 1,    /* writes a lane mask besides D */
	RF_VOP3B = 1 << 2,   /* VOP3 form has sdst instead of abs and op_sel */
	RF_RVCC = 1 << 3,    /* reads VCC whatever the encoding */
	RF_CMP = 1 << 4,     /* result is a lane mask only */
	RF_CMPX = 1 << 5,    /* ... and goes to EXEC as well */
	RF_FMODS = 1 << 6,   /* 32-bit sources take abs and neg as if they were floats */
	RF_FX = 1 << 7,      /* host arithmetic raises the exceptions that MODE may enable */
	RF_SAT_ADD = 1 << 8, /* clamp saturates A+B */
	RF_SAT_SUB = 1 << 9, /* clamp saturates A-B */
	RF_SAT_REV = 1 << 10,/* clamp saturates B-A */
	RF_SAT_MAD = 1 << 11,/* clamp saturates A*B+C */
	RF_LIT_B = 1 << 12,  /* fmamk: literal is source 1 */
	RF_LIT_C = 1 << 13,  /* fmaak: literal is source 2 */
	RF_PLAIN = 1 << 14,  /* no SDWA, DPP or modifiers: wave-level operations */
	RF_IFLAG = 1 << 15,  /* division by zero counts as the integer exception */
	RF_PK = 1 << 16,     /* called for the low and the high half of the operands */
};

struct isa_row {
	const char *name;  /* NULL: no such opcode */
	insn_fn *run;      /* vector rows with lane functions: NULL, the driver of their class */
	char d, a, b, c;
	uint32_t flags;
	uint32_t aux;      /* memory rows: what is moved */
};

/* Tables by opcode. Encoded VOP3 numbers below 448 are rows of VOPC, VOP2 and VOP1. */
enum { N_SOP2 = 128, N_SOPK = 32, N_SOP1 = 256, N_SOPC = 128, N_SOPP = 128, N_SMEM = 256, N_VOP2 = 64, N_VOP1 = 256, N_VOPC = 256,
	N_VOP3 = 1024, N_VOP3P = 128, N_DS = 256, N_FLAT = 128, N_MUBUF = 128 };

extern const struct isa_row sim_rows_sop2[N_SOP2], sim_rows_sopk[N_SOPK], sim_rows_sop1[N_SOP1], sim_rows_sopc[N_SOPC],
	sim_rows_sopp[N_SOPP], sim_rows_smem[N_SMEM], sim_rows_vop2[N_VOP2], sim_rows_vop1[N_VOP1], sim_rows_vopc[N_VOPC],
	sim_rows_vop3[N_VOP3], sim_rows_vop3p[N_VOP3P], sim_rows_ds[N_DS], sim_rows_flat[N_FLAT], sim_rows_scratch[N_FLAT],
	sim_rows_global[N_FLAT], sim_rows_mubuf[N_MUBUF];

/* Row of an opcode in a class, NULL when there is none. */
const struct isa_row *isa_row(enum isa_class cls, unsigned op);

/* ------------------------------------------------------------------ lane functions */

/* Operands of a lane function: arrays of 64 in the storage type of their kind (16-bit kinds are stored in 32 bits). d may be the
 * same array as a source. */
struct valu {
	void *d;
	const void *a, *b, *c;
	uint64_t cin;  /* VCC for rows that read it whatever their encoding; a mask operand proper is c, expanded */
	uint64_t out;  /* mask result; bits of inactive lanes are garbage */
	uint64_t exec;
	uint32_t mode;
};

typedef void valu_fn(struct valu *v);

/* The lane functions exist twice: for any x86-64 and for machines with AVX2 and FMA. */
struct lane_tables {
	valu_fn *const *vop2, *const *vop1, *const *vopc, *const *vop3, *const *vop3p;
};
extern const struct lane_tables sim_lanes_base;
extern const struct lane_tables sim_lanes_v3;
/* The best set this machine can run. */
const struct lane_tables *sim_lanes_select(void);

/* ------------------------------------------------------------------ decoded instruction */

enum {
	SRC_CONST = 512, /* value in k[] */
	SRC_NONE = 513,
};

enum { EXT_NONE, EXT_SDWA, EXT_DPP };

struct insn {
	insn_fn *run;              /* NULL: not decoded */
	const struct isa_row *row;
	valu_fn *lanes;
	uint64_t k[3];             /* constants, sized for their operand */
	uint16_t src[3];           /* operand codes of section 5, or SRC_ */
	uint16_t op;
	uint8_t cls, size;
	uint8_t dst;               /* vector or scalar destination number */
	uint8_t sdst;              /* scalar pair that takes a mask result */
	uint8_t smask;             /* scalar pair that is the mask operand */
	uint8_t wide;              /* bit j: source j has 64 bits; bit 3: destination */
	uint8_t nsrc;
	bool slow;                 /* modifiers, SDWA or DPP present */
	uint8_t neg, abs, op_sel, op_sel_hi, omod, ext_kind;
	bool clamp;
	uint8_t addr, data, data1, saddr, mem; /* memory classes; MEM_ bits */
	int32_t offset;            /* memory offset, immediate, branch displacement */
	uint32_t lit;              /* literal */
	uint32_t ext;              /* SDWA or DPP word */
};

enum { MEM_ACC = 1, MEM_GLC = 2, MEM_SVE = 4, MEM_SOFF = 8, MEM_IMM = 16, MEM_OFFEN = 32, MEM_IDXEN = 64, MEM_LDS = 128 };

enum decode_status { DECODE_OK, DECODE_SHORT, DECODE_ILLEGAL };

/* Decodes the instruction at words (n of them are there; two always suffice). DECODE_SHORT: the second word is needed. On
 * DECODE_ILLEGAL *why names the reason (static). */
enum decode_status isa_decode(struct insn *out, const uint32_t *words, size_t n, const struct lane_tables *lanes, const char **why);

/* ------------------------------------------------------------------ one run */

/* Results of vector operations land here when they must not reach a register. */
struct lane_scrap {
	uint32_t v[SIM_LANES];
};

struct exec {
	struct sim_wave *w;
	struct sim_env *env;
	struct icache_page *page;
	uint64_t page_no;
	uint64_t next;                 /* address of the following instruction, or branch target */
	unsigned slow;                 /* MODE asks for more than the fast path gives */
	bool watching;
	uint64_t lane_mask_exec;       /* value lane_mask was made for */
	struct sim_result res;
	struct mem_cache *mem;
	uint32_t lane_mask[SIM_LANES] __attribute__((aligned(64)));
	struct lane_scrap scrap __attribute__((aligned(64)));
	struct lane_scrap zero __attribute__((aligned(64)));
};

/* MODE, STATUS and TRAPSTS bits (isa-simulator.md 10.2). */
enum {
	MODE_DX10_CLAMP = 1 << 8, MODE_IEEE = 1 << 9, MODE_DEBUG_EN = 1 << 11, MODE_EXCP_SHIFT = 12, MODE_EXCP_MASK = 0x7f << 12,
	MODE_EXCP_WATCH = 1 << 19, MODE_FP16_OVFL = 1 << 23, MODE_GPR_IDX_EN = 1 << 27,
	STATUS_SCC = 1 << 0, STATUS_PRIV = 1 << 5, STATUS_EXECZ = 1 << 9, STATUS_VCCZ = 1 << 10, STATUS_HALT = 1 << 13,
	STATUS_COND_DBG_USER = 1 << 20, STATUS_COND_DBG_SYS = 1 << 21,
	TRAPSTS_EXCP = 0x7f, TRAPSTS_WATCH0 = 1 << 7, TRAPSTS_MEM_VIOL = 1 << 8, TRAPSTS_ILLEGAL = 1 << 11, TRAPSTS_WATCH1 = 1 << 12,
	TRAPSTS_WATCHES = 1 << 7 | 7 << 12, TRAPSTS_AFTER_INST = 1 << 25, TRAPSTS_XNACK_ERROR = 1 << 28,
	EXCP_INVALID = 1, EXCP_DENORM = 2, EXCP_DIV0 = 4, EXCP_OVERFLOW = 8, EXCP_UNDERFLOW = 16, EXCP_INEXACT = 32, EXCP_INT_DIV0 = 64,
};

/* Recomputes x->slow after MODE changed. */
void exec_mode_changed(struct exec *x);
/* Stops at the instruction with TRAPSTS.ILLEGAL_INST; names it to env->unknown. */
enum run_status exec_illegal(struct exec *x, uint32_t word0, uint32_t word1, unsigned n, const char *why);
insn_fn run_undecodable;

/* ------------------------------------------------------------------ registers */

static inline uint64_t pair_get(const uint32_t *s)
{
	return s[0] | (uint64_t)s[1] << 32;
}

static inline void pair_set(uint32_t *s, uint64_t value)
{
	s[0] = (uint32_t)value;
	s[1] = (uint32_t)(value >> 32);
}

static inline uint64_t exec_mask(const struct exec *x)
{
	return pair_get(&x->w->s[SIM_S_EXEC]);
}

/* A VGPR to read: v0 when it is not allocated (wave-state.md 1.9). */
static inline const uint32_t *vgpr(const struct exec *x, unsigned n)
{
	if (SIM_LIKELY(n < x->w->n_vgprs))
		return x->w->v[n];
	return x->w->n_vgprs ? x->w->v[0] : x->zero.v;
}

/* A VGPR to write: dropped when it is not allocated. */
static inline uint32_t *vgpr_out(struct exec *x, unsigned n)
{
	return SIM_LIKELY(n < x->w->n_vgprs) ? x->w->v[n] : x->scrap.v;
}

static inline const uint32_t *agpr(const struct exec *x, unsigned n)
{
	if (SIM_LIKELY(n < x->w->n_agprs && x->w->a))
		return x->w->a[n];
	return x->w->n_agprs && x->w->a ? x->w->a[0] : x->zero.v;
}

static inline uint32_t *agpr_out(struct exec *x, unsigned n)
{
	return SIM_LIKELY(n < x->w->n_agprs && x->w->a) ? x->w->a[n] : x->scrap.v;
}

/* Data registers of memory instructions are VGPRs or AGPRs. */
static inline const uint32_t *data_reg(const struct exec *x, const struct insn *i, unsigned n)
{
	return i->mem & MEM_ACC ? agpr(x, n) : vgpr(x, n);
}

static inline uint32_t *data_reg_out(struct exec *x, const struct insn *i, unsigned n)
{
	return i->mem & MEM_ACC ? agpr_out(x, n) : vgpr_out(x, n);
}

/* Scalar file by operand code below 128. Trap temporaries exist for trap code only. */
static inline uint32_t sgpr_get(const struct exec *x, unsigned code)
{
	const struct sim_wave *w = x->w;
	if (SIM_LIKELY(code < SIM_S_FLAT_SCRATCH))
		return w->s[code < w->n_sgprs ? code : 0];
	if (code >= SIM_S_TTMP0 && code < SIM_S_M0 && !(w->status & STATUS_PRIV))
		return 0;
	return code < SIM_N_SCALARS ? w->s[code] : 0;
}

static inline void sgpr_set(struct exec *x, unsigned code, uint32_t value)
{
	struct sim_wave *w = x->w;
	if (code < SIM_S_FLAT_SCRATCH ? code >= w->n_sgprs : code >= SIM_S_TTMP0 && code < SIM_S_M0 && !(w->status & STATUS_PRIV))
		return;
	if (code < SIM_N_SCALARS)
		w->s[code] = value;
}

static inline uint64_t sgpr_get64(const struct exec *x, unsigned code)
{
	return sgpr_get(x, code) | (uint64_t)sgpr_get(x, code + 1) << 32;
}

static inline void sgpr_set64(struct exec *x, unsigned code, uint64_t value)
{
	sgpr_set(x, code, (uint32_t)value);
	sgpr_set(x, code + 1, (uint32_t)(value >> 32));
}

/* Sources 235..238 and 251..253. */
uint64_t exec_special(const struct exec *x, unsigned code);

/* Scalar value of source j. */
static inline uint32_t src32(const struct exec *x, const struct insn *i, unsigned j)
{
	unsigned code = i->src[j];
	if (code < SIM_N_SCALARS)
		return sgpr_get(x, code);
	return code == SRC_CONST ? (uint32_t)i->k[j] : (uint32_t)exec_special(x, code);
}

static inline uint64_t src64(const struct exec *x, const struct insn *i, unsigned j)
{
	unsigned code = i->src[j];
	if (code < SIM_N_SCALARS)
		return sgpr_get64(x, code);
	return code == SRC_CONST ? i->k[j] : exec_special(x, code);
}

/* All-ones dword per active lane. */
const uint32_t *exec_lane_mask(struct exec *x, uint64_t mask);

/* Bits to all-ones dwords. */
static inline void lanes_expand(uint32_t *out, uint64_t mask)
{
	uint32_t lo = (uint32_t)mask, hi = (uint32_t)(mask >> 32);
	for (unsigned l = 0; l < 32; l++) {
		uint32_t bit = 1u << l;
		out[l] = -(uint32_t)((lo & bit) == bit);
		out[32 + l] = -(uint32_t)((hi & bit) == bit);
	}
}

/* dst = mask ? src : dst, 64 lanes. */
static inline void lanes_blend(uint32_t *dst, const uint32_t *src, const uint32_t *mask)
{
	for (unsigned l = 0; l < SIM_LANES; l++)
		dst[l] = (src[l] & mask[l]) | (dst[l] & ~mask[l]);
}

#endif
