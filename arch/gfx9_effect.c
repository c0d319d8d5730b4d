/* What instructions of the gfx9-class families do to registers. Tables name the exceptions: results of more than one register. */
#include "arch/gfx9_insn.h"

#include <string.h>

#include "arch/layout.h"

enum { SRC_SDWA = 249, SRC_LITERAL = 255, VGPR_0 = 256, NO_SADDR = 0x7f };

/* Opcode ranges with the number of registers written; the first that fits counts. */
struct width_row {
	uint16_t first, last;
	uint8_t n;
};

static const struct width_row sop1_widths[] = {
	{ 1, 1, 2 }, { 3, 3, 2 }, { 5, 5, 2 }, { 7, 7, 2 }, { 9, 9, 2 }, { 25, 25, 2 }, { 27, 28, 2 }, { 29, 29, 0 }, { 30, 30, 2 }, { 31, 31, 0 },
	{ 32, 39, 2 }, { 41, 41, 2 }, { 46, 46, 0 }, { 50, 50, 0 }, { 51, 55, 2 }, { 0, 255, 1 },
};
static const struct width_row sop2_widths[] = {
	{ 11, 11, 2 }, { 13, 13, 2 }, { 15, 15, 2 }, { 17, 17, 2 }, { 19, 19, 2 }, { 21, 21, 2 }, { 23, 23, 2 }, { 25, 25, 2 }, { 27, 27, 2 },
	{ 29, 29, 2 }, { 31, 31, 2 }, { 33, 33, 2 }, { 35, 35, 2 }, { 39, 40, 2 }, { 41, 41, 0 }, { 43, 43, 0 }, { 0, 127, 1 },
};
static const struct width_row sopk_widths[] = { { 2, 13, 0 }, { 16, 16, 0 }, { 18, 20, 0 }, { 21, 21, 2 }, { 0, 31, 1 } };
static const struct width_row smem_widths[] = {
	{ 0, 0, 1 }, { 1, 1, 2 }, { 2, 2, 4 }, { 3, 3, 8 }, { 4, 4, 16 }, { 5, 5, 1 }, { 6, 6, 2 }, { 7, 7, 4 }, { 8, 8, 1 }, { 9, 9, 2 }, { 10, 10, 4 },
	{ 11, 11, 8 }, { 16, 35, 0 }, { 36, 37, 2 }, { 38, 41, 0 }, { 0, 255, 16 },
};
static const struct width_row vop1_widths[] = {
	{ 0, 0, 0 }, { 4, 4, 2 }, { 16, 16, 2 }, { 22, 26, 2 }, { 37, 38, 2 }, { 40, 40, 2 }, { 49, 50, 2 }, { 53, 53, 0 }, { 56, 56, 2 }, { 1, 82, 1 },
	{ 0, 255, 2 },
};
static const struct width_row vop2_widths[] = { { 4, 4, 2 }, { 0, 63, 1 } };
static const struct width_row vop3_widths[] = { /* from 448 on */
	{ 460, 460, 2 }, { 479, 479, 2 }, { 481, 481, 2 }, { 483, 483, 2 }, { 485, 486, 2 }, { 487, 487, 4 }, { 488, 489, 2 }, { 520, 520, 2 },
	{ 640, 644, 2 }, { 655, 658, 2 }, { 448, 519, 1 }, { 645, 654, 1 }, { 659, 677, 1 }, { 0, 1023, 4 },
};
static const struct width_row vop3p_widths[] = { { 48, 51, 2 }, { 0, 61, 1 }, { 88, 89, 1 }, { 0, 127, 32 } };
static const struct width_row ds_widths[] = {
	{ 46, 47, 2 }, { 55, 56, 2 }, { 32, 63, 1 }, { 86, 91, 1 }, { 110, 111, 4 }, { 119, 120, 4 }, { 96, 127, 2 }, { 182, 184, 1 }, { 189, 190, 1 },
	{ 254, 254, 3 }, { 255, 255, 4 }, { 0, 255, 0 },
};
static const struct width_row memory_widths[] = { /* FLAT family and MUBUF share their numbers */
	{ 16, 20, 1 }, { 21, 21, 2 }, { 22, 22, 3 }, { 23, 23, 4 }, { 32, 37, 1 }, { 24, 31, 0 }, { 38, 63, 0 }, { 64, 78, 1 }, { 79, 81, 2 }, { 82, 95, 1 },
	{ 96, 127, 2 }, { 0, 127, 4 },
};

static unsigned width(const struct width_row *rows, unsigned op)
{
	while (op < rows->first || op > rows->last)
		rows++;
	return rows->n;
}

/* Integer constants of operand codes. */
static bool constant(unsigned code, const uint8_t *word2, int32_t *out)
{
	if (code >= 128 && code <= 192)
		*out = (int32_t)code - 128;
	else if (code >= 193 && code <= 208)
		*out = 192 - (int32_t)code;
	else if (code == SRC_LITERAL)
		*out = (int32_t)gfx_load32(word2);
	else
		return false;
	return true;
}

static void scalars(struct gfx_effect *e, unsigned slot, unsigned first, unsigned n)
{
	e->scalars[slot].first = (uint16_t)first;
	e->scalars[slot].n = (uint16_t)n;
}

static void sop1(const uint8_t *code, uint32_t w, struct gfx_effect *e)
{
	static const struct {
		uint8_t op;
		enum gfx_logic logic;
	} saves[] = {
		{ 32, GFX_LOGIC_AND }, { 33, GFX_LOGIC_OR }, { 34, GFX_LOGIC_XOR }, { 35, GFX_LOGIC_ANDN2 }, { 36, GFX_LOGIC_OTHER }, { 37, GFX_LOGIC_OTHER },
		{ 38, GFX_LOGIC_OTHER }, { 39, GFX_LOGIC_OTHER }, { 51, GFX_LOGIC_OTHER }, { 52, GFX_LOGIC_OTHER },
	};
	unsigned op = w >> 8 & 0xff;
	scalars(e, 0, w >> 16 & 0x7f, width(sop1_widths, op));
	e->a = w & 0xff;
	e->is_constant = constant(e->a, code + 4, &e->value);
	if (op <= 1)
		e->kind = GFX_EFFECT_COPY;
	for (size_t i = 0; i < sizeof saves / sizeof *saves; i++)
		if (saves[i].op == op) {
			e->kind = GFX_EFFECT_SAVE_EXEC;
			e->op = saves[i].logic;
		}
	if (op == 53 || op == 54)
		scalars(e, 1, GFX_CODE_EXEC, 2);
	if (op == 50)
		scalars(e, 0, 124, 1);
	e->any_scalar = op >= 42 && op <= 45;
}

static void sop2(const uint8_t *code, uint32_t w, struct gfx_effect *e)
{
	unsigned op = w >> 23 & 0x7f;
	int32_t k;
	scalars(e, 0, w >> 16 & 0x7f, width(sop2_widths, op));
	e->a = w & 0xff;
	e->b = w >> 8 & 0xff;
	if ((op == 0 || op == 2) && constant(e->a, code + 4, &k)) { /* a sum: the constant is told last */
		e->a = e->b;
		e->b = w & 0xff;
	}
	if (op <= 3 && constant(e->b, code + 4, &k)) {
		e->kind = GFX_EFFECT_ADD;
		e->value = op == 1 || op == 3 ? (int32_t)-(uint32_t)k : k;
	}
	if (op == 4 && constant(e->b, code + 4, &k)) {
		e->kind = GFX_EFFECT_ADD_CARRY;
		e->value = k;
	}
	if (op >= 12 && op <= 19) {
		static const enum gfx_logic logic[] = { GFX_LOGIC_AND, GFX_LOGIC_OR, GFX_LOGIC_XOR, GFX_LOGIC_ANDN2 };
		e->kind = GFX_EFFECT_LOGIC;
		e->op = logic[(op - 12) / 2];
		e->is_constant = constant(e->b, code + 4, &e->value);
	}
}

static void sopk(uint32_t w, struct gfx_effect *e)
{
	unsigned op = w >> 23 & 0x1f;
	scalars(e, 0, w >> 16 & 0x7f, width(sopk_widths, op));
	e->value = (int16_t)w;
	if (op == 0) {
		e->kind = GFX_EFFECT_COPY;
		e->is_constant = true;
	}
	if (op == 14) {
		e->kind = GFX_EFFECT_ADD;
		e->a = w >> 16 & 0x7f;
	}
}

static void scalar_effect(const uint8_t *code, uint32_t w, struct gfx_effect *e)
{
	switch (w >> 23) {
	case 0x17D:
		sop1(code, w, e);
		return;
	case 0x17E: /* from here on vector instructions may count their result register from M0 */
		e->any_vector = (w >> 16 & 0x7f) == 17 && (w >> 8 & 8);
		return;
	case 0x17F:
		e->any_vector = (w >> 16 & 0x7f) == 29 && (w & 8);
		return;
	}
	if (w >> 28 == 0xB)
		sopk(w, e);
	else
		sop2(code, w, e);
}

/* cmpx forms write EXEC too. */
static void compare(unsigned op, struct gfx_effect *e)
{
	e->compares = true;
	e->narrows = op < 32 ? op & 1 : op & 16;
}

static void vop1(unsigned op, unsigned src0, unsigned vdst, struct gfx_effect *e)
{
	if (op == 2) {
		scalars(e, 0, vdst, 1);
		return;
	}
	e->vector = (uint16_t)vdst;
	e->n_vectors = (uint16_t)width(vop1_widths, op);
	if (op == 82)
		e->vector += GFX_ACC;
	if (src0 >= VGPR_0 && (op == 1 || op == 81 || op == 82)) {
		e->kind = GFX_EFFECT_MOVE;
		e->from = (uint16_t)(src0 - VGPR_0 + (op == 82 ? GFX_ACC : 0));
		e->swaps = op == 81;
	}
}

static void vop2(unsigned op, unsigned vdst, unsigned mask, struct gfx_effect *e)
{
	e->vector = (uint16_t)vdst;
	e->n_vectors = (uint16_t)width(vop2_widths, op);
	if (op >= 25 && op <= 30)
		scalars(e, 0, mask, 2);
}

static void vop3p(uint32_t w, uint32_t w2, struct gfx_effect *e)
{
	unsigned op = w >> 16 & 0x7f, src0 = w2 & 0x1ff;
	bool acc = op == 89 || (op >= 62 && op != 88 && w >> 15 & 1);
	e->vector = (uint16_t)((w & 0xff) + (acc ? GFX_ACC : 0));
	e->n_vectors = (uint16_t)width(vop3p_widths, op);
	if ((op == 88 || op == 89) && src0 >= VGPR_0) {
		e->kind = GFX_EFFECT_MOVE;
		e->from = (uint16_t)(src0 - VGPR_0 + (op == 88 ? GFX_ACC : 0));
	}
}

/* A lane number that is a constant; others are not followed. */
static void lane_access(bool write, uint32_t w, uint32_t w2, struct gfx_effect *e)
{
	static const uint8_t none[4];
	int32_t lane;
	unsigned src0 = w2 & 0x1ff;
	bool known = constant(w2 >> 9 & 0x1ff, none, &lane);
	if (!write)
		scalars(e, 0, w & 0xff, 1);
	e->vector = (uint16_t)(write ? w & 0xff : (src0 - VGPR_0) & 0xff);
	if (known && (write || src0 >= VGPR_0)) {
		e->kind = write ? GFX_EFFECT_WRITE_LANE : GFX_EFFECT_READ_LANE;
		e->value = lane & 63;
		e->a = (uint16_t)src0;
	} else if (write) {
		e->n_vectors = 1;
	}
}

static void vop3(uint32_t w, uint32_t w2, struct gfx_effect *e)
{
	unsigned op = w >> 16 & 0x3ff, vdst = w & 0xff;
	if (op < 256) {
		scalars(e, 0, vdst, 2);
		compare(op, e);
	} else if (op < 320) {
		vop2(op - 256, vdst, w >> 8 & 0x7f, e);
	} else if (op < 448) {
		vop1(op - 320, w2 & 0x1ff, vdst, e);
	} else if (op == 649 || op == 650) {
		lane_access(op == 650, w, w2, e);
	} else {
		e->vector = (uint16_t)vdst;
		e->n_vectors = (uint16_t)width(vop3_widths, op);
		if (op == 480 || op == 481 || op == 488 || op == 489)
			scalars(e, 0, w >> 8 & 0x7f, 2);
	}
}

static void flat(uint32_t w, uint32_t w2, struct gfx_effect *e)
{
	unsigned op = w >> 18 & 0x7f, saddr = w2 >> 16 & 0x7f;
	unsigned acc = w2 >> 23 & 1 ? GFX_ACC : 0;
	bool load = op >= 20 && op <= 23, store = op >= 28 && op <= 31;
	e->vector = (uint16_t)((w2 >> 24) + acc);
	e->n_vectors = (uint16_t)width(memory_widths, op);
	if (op >= 64 && !(w >> 16 & 1))
		e->n_vectors = 0; /* an atomic without result */
	if ((w >> 14 & 3) != 1 || saddr == NO_SADDR || w >> 13 & 1 || !(load || store))
		return;
	static const uint8_t dwords[] = { 1, 2, 3, 4 };
	e->kind = load ? GFX_EFFECT_LOAD : GFX_EFFECT_STORE;
	e->a = (uint16_t)saddr;
	e->value = (int32_t)(w << 19) >> 19;
	e->n_vectors = dwords[op & 3];
	if (store)
		e->vector = (uint16_t)((w2 >> 8 & 0xff) + acc);
}

static void memory_effect(uint32_t w, uint32_t w2, struct gfx_effect *e)
{
	switch (w >> 26) {
	case 0x30:
		scalars(e, 0, w >> 6 & 0x7f, width(smem_widths, w >> 18 & 0xff));
		break;
	case 0x36:
		e->vector = (uint16_t)((w2 >> 24) + (w >> 25 & 1 ? GFX_ACC : 0));
		e->n_vectors = (uint16_t)width(ds_widths, w >> 17 & 0xff);
		break;
	case 0x37:
		flat(w, w2, e);
		break;
	case 0x38: { /* an atomic is taken to have a result */
		unsigned op = w >> 18 & 0x7f;
		e->vector = (uint16_t)((w2 >> 8 & 0xff) + (w2 >> 23 & 1 ? GFX_ACC : 0));
		e->n_vectors = w >> 16 & 1 || op == 40 || op == 41 || op == 62 || op == 63 ? 0 : (uint16_t)width(memory_widths, op);
		break;
	}
	default: /* typed buffers and images */
		e->vector = (uint16_t)(w2 >> 8 & 0xff);
		e->n_vectors = 4;
	}
}

int gfx9_insn_effect(const uint8_t *code, const struct gfx_insn *insn, struct gfx_effect *out)
{
	uint32_t w = insn->word, w2 = insn->length > 4 ? gfx_load32(code + 4) : 0;
	memset(out, 0, sizeof *out);
	if (w >> 31 == 0) {
		unsigned op = w >> 25;
		if (op == 0x3f) {
			vop1(w >> 9 & 0xff, w & 0x1ff, w >> 17 & 0xff, out);
		} else if (op == 0x3e) {
			bool other = (w & 0x1ff) == SRC_SDWA && w2 >> 15 & 1;
			scalars(out, 0, other ? w2 >> 8 & 0x7f : GFX_CODE_VCC, 2);
			compare(w >> 17 & 0xff, out);
		} else {
			vop2(op, w >> 17 & 0xff, GFX_CODE_VCC, out);
		}
	} else if (w >> 30 == 2) {
		scalar_effect(code, w, out);
	} else if (w >> 23 == 0x1A7) {
		vop3p(w, w2, out);
	} else if (w >> 26 == 0x34) {
		vop3(w, w2, out);
	} else {
		memory_effect(w, w2, out);
	}
	return GFX_OK;
}
