/* Length, validity and class of gfx9-class instructions. */
#include "arch/gfx9_insn.h"

#include "arch/layout.h"

enum {
	SRC_SDWA = 249,
	SRC_DPP = 250,
	SRC_LITERAL = 255,
	SOPK_SETREG_IMM32 = 20,
	/* VOP2 opcodes that always carry a constant: madmk, madak and their half precision forms */
	VOP2_MADMK_F32 = 23,
	VOP2_MADAK_F32 = 24,
	VOP2_MADMK_F16 = 36,
	VOP2_MADAK_F16 = 37,
};

/* What the first dword says. */
struct shape {
	uint8_t length;
	const uint32_t *opcodes; /* set of the encoding, NULL: there is no such encoding */
	unsigned op;
	const struct gfx_flow_row *flow;
};

static bool has_opcode(const struct shape *s)
{
	return s->opcodes && s->opcodes[s->op / 32] >> s->op % 32 & 1;
}

static bool literal(uint32_t src)
{
	return (src & 0xFF) == SRC_LITERAL;
}

static struct shape scalar_shape(const struct gfx_layout *l, const struct gfx9_opcodes *set, uint32_t w)
{
	switch (w >> 23) {
	case 0x17D:
		return (struct shape){ literal(w) ? 8 : 4, set->sop1, w >> 8 & 0xFF, l->sop1 };
	case 0x17E:
		return (struct shape){ literal(w) || literal(w >> 8) ? 8 : 4, set->sopc, w >> 16 & 0x7F, NULL };
	case 0x17F:
		return (struct shape){ 4, set->sopp, w >> 16 & 0x7F, l->sopp };
	}
	if (w >> 28 == 0xB) {
		unsigned op = w >> 23 & 0x1F;
		return (struct shape){ op == SOPK_SETREG_IMM32 ? 8 : 4, set->sopk, op, l->sopk };
	}
	return (struct shape){ literal(w) || literal(w >> 8) ? 8 : 4, set->sop2, w >> 23 & 0x7F, l->sop2 };
}

static struct shape vector_shape(const struct gfx9_opcodes *set, uint32_t w)
{
	uint32_t src0 = w & 0x1FF;
	uint8_t length = src0 == SRC_LITERAL || src0 == SRC_SDWA || src0 == SRC_DPP ? 8 : 4;
	unsigned op = w >> 25 & 0x3F;
	if (op == 0x3F)
		return (struct shape){ length, set->vop1, w >> 9 & 0xFF, NULL };
	if (op == 0x3E)
		return (struct shape){ length, set->vopc, w >> 17 & 0xFF, NULL };
	if (op == VOP2_MADMK_F32 || op == VOP2_MADAK_F32 || op == VOP2_MADMK_F16 || op == VOP2_MADAK_F16)
		length = 8;
	return (struct shape){ length, set->vop2, op, NULL };
}

/* Encodings of two dwords. */
static struct shape long_shape(const struct gfx9_opcodes *set, uint32_t w)
{
	const uint32_t *flat[4] = { set->flat, set->scratch, set->global, NULL };
	switch (w >> 26) {
	case 0x30:
		return (struct shape){ 8, set->smem, w >> 18 & 0xFF, NULL };
	case 0x31:
		return (struct shape){ 8, set->exp, 0, NULL };
	case 0x34:
		if (w >> 23 == 0x1A7)
			return (struct shape){ 8, set->vop3p, w >> 16 & 0x7F, NULL };
		return (struct shape){ 8, set->vop3, w >> 16 & 0x3FF, NULL };
	case 0x36:
		return (struct shape){ 8, set->ds, w >> 17 & 0xFF, NULL };
	case 0x37:
		return (struct shape){ 8, flat[w >> 14 & 3], w >> 18 & 0x7F, NULL };
	case 0x38:
		return (struct shape){ 8, set->mubuf, w >> 18 & 0x7F, NULL };
	case 0x3A:
		return (struct shape){ 8, set->mtbuf, w >> 15 & 0xF, NULL };
	case 0x3C:
		return (struct shape){ 8, set->mimg, w >> 18 & 0x7F, NULL };
	case 0x35: /* no family of ours has it; where it is, it is short */
		return (struct shape){ set->vintrp[0] ? 4 : 8, set->vintrp, w >> 16 & 3, NULL };
	}
	return (struct shape){ 8, NULL, 0, NULL };
}

static enum gfx_insn_class flow_class(const struct shape *s)
{
	if (!has_opcode(s))
		return GFX_INSN_UNKNOWN;
	for (const struct gfx_flow_row *r = s->flow; r && r->class != GFX_INSN_SEQUENTIAL; r++)
		if (r->op == s->op)
			return r->class;
	return GFX_INSN_SEQUENTIAL;
}

int gfx9_insn_decode(const struct gfx_family *family, const uint8_t *code, size_t n, struct gfx_insn *out)
{
	const struct gfx_layout *l = family->layout;
	const struct gfx9_opcodes *set = l->opcodes;
	if (n < 4)
		return GFX_RANGE;
	uint32_t w = gfx_load32(code);
	struct shape s = w >> 31 == 0 ? vector_shape(set, w) : w >> 30 == 2 ? scalar_shape(l, set, w) : long_shape(set, w);
	if (n < s.length)
		return GFX_RANGE;

	struct gfx_insn insn = { .length = s.length, .class = flow_class(&s), .word = w };
	if (w >> 23 == 0x17F || (w >> 28 == 0xB && w >> 23 < 0x17D))
		insn.simm16 = (int16_t)w;
	if (s.flow && w >> 23 != 0x17F) {
		insn.sdst = w >> 16 & 0x7F;
		if (s.flow != l->sopk)
			insn.ssrc0 = w & 0xFF;
	}
	*out = insn;
	return GFX_OK;
}
