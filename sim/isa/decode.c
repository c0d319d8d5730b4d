/* Words to struct insn: encodings of isa-simulator.md 4, operand codes of 5. */
#include <string.h>

#include "sim/isa/insn.h"

static inline uint32_t bits(uint32_t word, unsigned hi, unsigned lo)
{
	return word >> lo & (0xffffffffu >> (31 - (hi - lo)));
}

static inline int32_t sext(uint32_t value, unsigned width)
{
	uint32_t sign = 1u << (width - 1);
	return (int32_t)((value ^ sign) - sign);
}

/* ------------------------------------------------------------------ operands */

static bool kind_wide(char kind)
{
	return kind == 'q' || kind == 'k' || kind == 'g' || kind == 'p' || kind == 'P';
}

static bool kind_half(char kind)
{
	return kind == 'w' || kind == 's' || kind == 'h';
}

/* 240..248. */
static uint64_t inline_float(unsigned code, char kind, bool scalar)
{
	static const uint32_t f32[] = { 0x3f000000, 0xbf000000, 0x3f800000, 0xbf800000, 0x40000000, 0xc0000000, 0x40800000, 0xc0800000,
		0x3e22f983 };
	static const uint64_t f64[] = { 0x3fe0000000000000, 0xbfe0000000000000, 0x3ff0000000000000, 0xbff0000000000000,
		0x4000000000000000, 0xc000000000000000, 0x4010000000000000, 0xc010000000000000, 0x3fc45f306dc9c882 };
	static const uint16_t f16[] = { 0x3800, 0xb800, 0x3c00, 0xbc00, 0x4000, 0xc000, 0x4400, 0xc400, 0x3118 };
	if (kind_wide(kind))
		return f64[code - 240];
	return kind_half(kind) && !scalar ? f16[code - 240] : f32[code - 240];
}

static uint64_t literal(uint32_t word, char kind)
{
	if (kind == 'g')
		return (uint64_t)word << 32;
	if (kind == 'k' || kind == 'P')
		return (uint64_t)(int64_t)(int32_t)word;
	return word;
}

/* Source j of a row. False: reserved code. */
static bool set_src(struct insn *i, unsigned j, unsigned code, char kind)
{
	bool scalar = kind == 's' && i->cls <= CLS_SMEM;
	if (i->nsrc <= j)
		i->nsrc = j + 1;
	if (kind_wide(kind))
		i->wide |= 1 << j;
	i->src[j] = code;
	if (code >= 256 || (code < 128 && code != 125))
		return !(i->cls <= CLS_SMEM && code >= 256);
	if ((code >= 235 && code <= 238) || (code >= 251 && code <= 253))
		return true;
	i->src[j] = SRC_CONST;
	if (code >= 128 && code <= 192)
		i->k[j] = code - 128;
	else if (code >= 193 && code <= 208)
		i->k[j] = -(uint64_t)(code - 192);
	else if (code >= 240 && code <= 248)
		i->k[j] = inline_float(code, kind, scalar);
	else if (code == 255)
		i->k[j] = literal(i->lit, kind);
	else
		return false;
	return true;
}

static enum decode_status reserved(const char **why)
{
	*why = "reserved operand";
	return DECODE_ILLEGAL;
}

static enum decode_status no_row(const char **why)
{
	*why = "opcode not known";
	return DECODE_ILLEGAL;
}

/* Looks the row up and fills what every class shares. */
static bool set_row(struct insn *i, enum isa_class cls, unsigned op)
{
	i->cls = cls;
	i->op = op;
	i->row = isa_row(cls, op);
	if (i->row)
		i->run = i->row->run;
	return i->row != NULL;
}

/* ------------------------------------------------------------------ scalar */

/* Takes the literal when one of the sources asks for it. */
static enum decode_status take_literal(struct insn *i, const uint32_t *w, size_t n, bool wanted)
{
	if (!wanted)
		return DECODE_OK;
	if (n < 2)
		return DECODE_SHORT;
	i->lit = w[1];
	i->size = 8;
	return DECODE_OK;
}

static enum decode_status decode_sop(struct insn *i, const uint32_t *w, size_t n, const char **why)
{
	unsigned top = w[0] >> 23, s0 = bits(w[0], 7, 0), s1 = bits(w[0], 15, 8);
	bool known, one = false;
	i->dst = bits(w[0], 22, 16);
	if (top == 0x17d) {
		known = set_row(i, CLS_SOP1, s1);
		one = true;
	} else if (top == 0x17e) {
		known = set_row(i, CLS_SOPC, bits(w[0], 22, 16));
	} else {
		known = set_row(i, CLS_SOP2, bits(w[0], 29, 23));
	}
	if (!known)
		return no_row(why);
	bool raw = i->row->b == 'x'; /* the second field is a number, not an operand */
	i->offset = (int32_t)s1;
	if (take_literal(i, w, n, s0 == 255 || (!one && !raw && s1 == 255)) != DECODE_OK)
		return DECODE_SHORT;
	if (i->row->a != 'n' && !set_src(i, 0, s0, i->row->a))
		return reserved(why);
	if (!one && !raw && !set_src(i, 1, s1, i->row->b))
		return reserved(why);
	return DECODE_OK;
}

static enum decode_status decode_sopk(struct insn *i, const uint32_t *w, size_t n, const char **why)
{
	i->dst = bits(w[0], 22, 16);
	i->offset = (int16_t)w[0];
	if (!set_row(i, CLS_SOPK, bits(w[0], 27, 23)))
		return no_row(why);
	return take_literal(i, w, n, i->op == 20);
}

static enum decode_status decode_sopp(struct insn *i, const uint32_t *w, const char **why)
{
	i->offset = (int16_t)w[0];
	return set_row(i, CLS_SOPP, bits(w[0], 22, 16)) ? DECODE_OK : no_row(why);
}

static enum decode_status decode_smem(struct insn *i, const uint32_t *w, size_t n, const char **why)
{
	if (!set_row(i, CLS_SMEM, bits(w[0], 25, 18)))
		return no_row(why);
	i->size = 8;
	if (n < 2)
		return DECODE_SHORT;
	i->addr = bits(w[0], 5, 0) * 2;
	i->dst = bits(w[0], 12, 6);
	i->mem = (bits(w[0], 14, 14) ? MEM_SOFF : 0) | (bits(w[0], 17, 17) ? MEM_IMM : 0);
	i->offset = sext(bits(w[1], 20, 0), 21);
	i->saddr = i->mem & MEM_SOFF ? bits(w[1], 31, 25) : bits(w[1], 6, 0);
	return DECODE_OK;
}

/* ------------------------------------------------------------------ vector */

static valu_fn *lanes_of(const struct lane_tables *t, enum isa_class cls, unsigned op)
{
	switch (cls) {
	case CLS_VOP2: return t->vop2[op];
	case CLS_VOP1: return t->vop1[op];
	case CLS_VOPC: return t->vopc[op];
	case CLS_VOP3P: return t->vop3p[op];
	default: return op < 256 ? t->vopc[op] : op < 320 ? t->vop2[op - 256] : op < 448 ? t->vop1[op - 320] : t->vop3[op];
	}
}

extern insn_fn run_valu, run_valu_slow, run_vop3p;

static void set_vector(struct insn *i, const struct lane_tables *lanes)
{
	const struct isa_row *row = i->row;
	if (kind_wide(row->d))
		i->wide |= 1 << 3;
	i->lanes = lanes_of(lanes, i->cls, i->op);
	if (row->flags & RF_RVCC)
		i->smask = SIM_S_VCC;
	if (!i->run)
		i->run = i->cls == CLS_VOP3P ? run_vop3p : i->slow ? run_valu_slow : run_valu;
}

/* SDWA or DPP word of a short encoding (isa-simulator.md 4.1). */
static bool set_ext(struct insn *i, unsigned code, uint32_t word, const char **why)
{
	const struct isa_row *row = i->row;
	*why = "encoding not available for this opcode";
	if (row->flags & (RF_PLAIN | RF_LIT_B | RF_LIT_C))
		return false;
	if (code == 249 && (kind_wide(row->a) || kind_wide(row->b) || kind_wide(row->d)))
		return false;
	if (code == 250 && i->cls == CLS_VOPC)
		return false;
	i->ext = word;
	i->ext_kind = code == 249 ? EXT_SDWA : EXT_DPP;
	i->slow = true;
	if (code == 249) {
		i->neg = bits(word, 20, 20) | bits(word, 28, 28) << 1;
		i->abs = bits(word, 21, 21) | bits(word, 29, 29) << 1;
		if (i->cls == CLS_VOPC) {
			if (word >> 15 & 1)
				i->sdst = bits(word, 14, 8);
		} else {
			i->clamp = bits(word, 13, 13);
			i->omod = bits(word, 15, 14);
		}
	} else {
		i->neg = bits(word, 20, 20) | bits(word, 22, 22) << 1;
		i->abs = bits(word, 21, 21) | bits(word, 23, 23) << 1;
	}
	return true;
}

static enum decode_status decode_short(struct insn *i, const uint32_t *w, size_t n, const struct lane_tables *lanes, const char **why)
{
	unsigned s0 = bits(w[0], 8, 0), s1 = 256 + bits(w[0], 16, 9);
	bool known;
	i->dst = bits(w[0], 24, 17);
	if (w[0] >> 25 == 0x3f)
		known = set_row(i, CLS_VOP1, bits(w[0], 16, 9));
	else if (w[0] >> 25 == 0x3e)
		known = set_row(i, CLS_VOPC, bits(w[0], 24, 17));
	else
		known = set_row(i, CLS_VOP2, bits(w[0], 30, 25));
	if (!known)
		return no_row(why);
	const struct isa_row *row = i->row;
	bool fixed = row->flags & (RF_LIT_B | RF_LIT_C);
	bool ext = (s0 == 249 || s0 == 250) && row->a != 'n';
	i->sdst = i->smask = SIM_S_VCC;
	if (take_literal(i, w, n, fixed || ext || (s0 == 255 && row->a != 'n')) != DECODE_OK)
		return DECODE_SHORT;
	if (ext) {
		if (!set_ext(i, s0, i->lit, why))
			return DECODE_ILLEGAL;
		s0 = bits(i->ext, 7, 0) + (i->ext_kind == EXT_SDWA && i->ext >> 23 & 1 ? 0 : 256);
		if (i->ext_kind == EXT_SDWA && i->ext >> 31)
			s1 -= 256;
	}
	unsigned b = row->flags & RF_LIT_B ? 255 : s1, c = row->flags & RF_LIT_B ? s1 : row->flags & RF_LIT_C ? 255 : 256u + i->dst;
	if (row->a != 'n' && !set_src(i, 0, s0, row->a))
		return reserved(why);
	if (row->b != 'n' && !set_src(i, 1, b, row->b))
		return reserved(why);
	if (row->c != 'n' && row->c != 'm' && !set_src(i, 2, c, row->c))
		return reserved(why);
	set_vector(i, lanes);
	return DECODE_OK;
}

static enum decode_status decode_vop3(struct insn *i, const uint32_t *w, size_t n, const struct lane_tables *lanes, const char **why)
{
	if (!set_row(i, CLS_VOP3, bits(w[0], 25, 16)))
		return no_row(why);
	i->size = 8;
	if (n < 2)
		return DECODE_SHORT;
	const struct isa_row *row = i->row;
	unsigned src[3] = { bits(w[1], 8, 0), bits(w[1], 17, 9), bits(w[1], 26, 18) };
	const char kind[3] = { row->a, row->b, row->c };
	i->dst = i->sdst = bits(w[0], 7, 0);
	if (row->flags & RF_VOP3B) {
		i->sdst = bits(w[0], 14, 8);
	} else {
		i->abs = bits(w[0], 10, 8);
		i->op_sel = bits(w[0], 14, 11);
	}
	i->clamp = bits(w[0], 15, 15);
	i->omod = bits(w[1], 28, 27);
	i->neg = bits(w[1], 31, 29);
	i->slow = i->abs | i->op_sel | i->clamp | i->omod | i->neg;
	for (unsigned j = 0; j < 3; j++) {
		if (kind[j] == 'n')
			continue;
		if (kind[j] == 'm') {
			if (src[j] >= 127)
				return reserved(why);
			i->smask = src[j];
			continue;
		}
		if (src[j] == 255 || !set_src(i, j, row->flags & RF_ACC && j == 2 ? 256u + i->dst : src[j], kind[j]))
			return reserved(why);
	}
	set_vector(i, lanes);
	return DECODE_OK;
}

static enum decode_status decode_vop3p(struct insn *i, const uint32_t *w, size_t n, const struct lane_tables *lanes, const char **why)
{
	if (!set_row(i, CLS_VOP3P, bits(w[0], 22, 16))) {
		no_row(why);
		if (bits(w[0], 22, 16) >= 62)
			*why = "matrix instructions are not simulated";
		return DECODE_ILLEGAL;
	}
	i->size = 8;
	if (n < 2)
		return DECODE_SHORT;
	const struct isa_row *row = i->row;
	unsigned src[3] = { bits(w[1], 8, 0), bits(w[1], 17, 9), bits(w[1], 26, 18) };
	const char kind[3] = { row->a, row->b, row->c };
	i->dst = bits(w[0], 7, 0);
	i->abs = bits(w[0], 10, 8); /* neg_hi */
	i->op_sel = bits(w[0], 13, 11);
	i->op_sel_hi = bits(w[1], 28, 27) | bits(w[0], 14, 14) << 2;
	i->clamp = bits(w[0], 15, 15);
	i->neg = bits(w[1], 31, 29);
	for (unsigned j = 0; j < 3; j++)
		if (kind[j] != 'n' && (src[j] == 255 || !set_src(i, j, src[j], kind[j])))
			return reserved(why);
	set_vector(i, lanes);
	return DECODE_OK;
}

/* ------------------------------------------------------------------ memory */

static enum decode_status decode_ds(struct insn *i, const uint32_t *w, size_t n, const char **why)
{
	if (!set_row(i, CLS_DS, bits(w[0], 24, 17)))
		return no_row(why);
	if (bits(w[0], 16, 16)) {
		*why = "global data share is not simulated";
		return DECODE_ILLEGAL;
	}
	i->size = 8;
	if (n < 2)
		return DECODE_SHORT;
	i->offset = (int32_t)bits(w[0], 15, 0);
	i->mem = bits(w[0], 25, 25) ? MEM_ACC : 0;
	i->addr = bits(w[1], 7, 0);
	i->data = bits(w[1], 15, 8);
	i->data1 = bits(w[1], 23, 16);
	i->dst = bits(w[1], 31, 24);
	return DECODE_OK;
}

static enum decode_status decode_flat(struct insn *i, const uint32_t *w, size_t n, const char **why)
{
	static const enum isa_class cls[] = { CLS_FLAT, CLS_SCRATCH, CLS_GLOBAL };
	unsigned seg = bits(w[0], 15, 14);
	if (seg == 3 || !set_row(i, cls[seg], bits(w[0], 24, 18)))
		return no_row(why);
	i->size = 8;
	if (n < 2)
		return DECODE_SHORT;
	i->offset = seg ? sext(bits(w[0], 12, 0), 13) : (int32_t)bits(w[0], 11, 0);
	i->mem = (bits(w[0], 13, 13) ? MEM_SVE : 0) | (bits(w[0], 16, 16) ? MEM_GLC : 0) | (bits(w[1], 23, 23) ? MEM_ACC : 0);
	i->addr = bits(w[1], 7, 0);
	i->data = bits(w[1], 15, 8);
	i->saddr = bits(w[1], 22, 16);
	i->dst = bits(w[1], 31, 24);
	return DECODE_OK;
}

static enum decode_status decode_mubuf(struct insn *i, const uint32_t *w, size_t n, const char **why)
{
	if (!set_row(i, CLS_MUBUF, bits(w[0], 24, 18)))
		return no_row(why);
	i->size = 8;
	if (n < 2)
		return DECODE_SHORT;
	i->offset = (int32_t)bits(w[0], 11, 0);
	i->mem = (bits(w[0], 12, 12) ? MEM_OFFEN : 0) | (bits(w[0], 13, 13) ? MEM_IDXEN : 0) | (bits(w[0], 16, 16) ? MEM_LDS : 0) |
		(bits(w[1], 23, 23) ? MEM_ACC : 0);
	i->addr = bits(w[1], 7, 0);
	i->dst = i->data = bits(w[1], 15, 8);
	i->saddr = bits(w[1], 20, 16) * 4;
	return set_src(i, 0, bits(w[1], 31, 24), 'u') && bits(w[1], 31, 24) != 255 ? DECODE_OK : reserved(why);
}

enum decode_status isa_decode(struct insn *out, const uint32_t *w, size_t n, const struct lane_tables *lanes, const char **why)
{
	memset(out, 0, sizeof *out);
	out->size = 4;
	if (w[0] >> 31 == 0)
		return decode_short(out, w, n, lanes, why);
	if (w[0] >> 30 == 2) {
		unsigned top = w[0] >> 23;
		if (top == 0x17f)
			return decode_sopp(out, w, why);
		if (top != 0x17d && top != 0x17e && w[0] >> 28 == 0xb)
			return decode_sopk(out, w, n, why);
		return decode_sop(out, w, n, why);
	}
	if (w[0] >> 23 == 0x1a7)
		return decode_vop3p(out, w, n, lanes, why);
	switch (w[0] >> 26) {
	case 0x34: return decode_vop3(out, w, n, lanes, why);
	case 0x30: return decode_smem(out, w, n, why);
	case 0x36: return decode_ds(out, w, n, why);
	case 0x37: return decode_flat(out, w, n, why);
	case 0x38: return decode_mubuf(out, w, n, why);
	default: break;
	}
	*why = "encoding class is not for compute";
	return DECODE_ILLEGAL;
}
