/* Which registers an instruction of the gfx9-class families uses with all of their bits, as numbers (isa 6). What is not in the tables
 * is not known. */
#include "arch/gfx9_insn.h"

#include <string.h>

#include "arch/layout.h"

enum { SRC_SDWA = 249, SRC_DPP = 250, VGPR_0 = 256, LAST_SGPR = 101 };

static bool is_register(unsigned code)
{
	return code <= LAST_SGPR || code >= VGPR_0;
}

static void whole(struct gfx_use *u, unsigned code, unsigned n)
{
	for (unsigned i = 0; i < n && is_register(code) && u->n_whole < GFX_MAX_USE; i++)
		u->whole[u->n_whole++] = (uint16_t)(code + i);
}

static void through(struct gfx_use *u, unsigned code)
{
	if (is_register(code) && u->n_through < GFX_MAX_USE)
		u->through[u->n_through++] = (uint16_t)code;
}

/* Comparisons of integers: of 32 bits from 192 on, of 64 bits from 224 on; eight conditions, signed ones first. */
static void compare(struct gfx_use *u, unsigned op, unsigned a, unsigned b)
{
	unsigned condition = op & 7, n = op >= 224 ? 2 : 1;
	bool equality = condition == 2 || condition == 5;
	/* against a constant the order may be one of signs alone */
	if (op < 192 || (!equality && !(is_register(a) && is_register(b))))
		return;
	whole(u, a, n);
	whole(u, b, n);
}

static void vop1(struct gfx_use *u, unsigned op, unsigned src, unsigned dst)
{
	enum { MOV = 1, READ_FIRST_LANE = 2, F64_I32 = 4, F32_I32 = 5, F32_U32 = 6, F64_U32 = 22 };
	u->to = (uint16_t)(op == READ_FIRST_LANE ? dst : VGPR_0 + dst);
	if (op == MOV || op == READ_FIRST_LANE) {
		through(u, src);
		u->copy = u->n_through;
	}
	if (op == F64_I32 || op == F32_I32 || op == F32_U32 || op == F64_U32)
		whole(u, src, 1);
	/* numbers made of floating ones */
	u->exact = op == 3 || op == 7 || op == 8 || op == 21;
}

static void vop2(struct gfx_use *u, unsigned op, unsigned a, unsigned b, unsigned dst)
{
	u->to = (uint16_t)(VGPR_0 + dst);
	if (op >= 12 && op <= 15) { /* the smaller, the larger */
		whole(u, a, 1);
		whole(u, b, 1);
	}
	if (op == 0 || op == 21 || (op >= 25 && op <= 27) || (op >= 52 && op <= 54)) { /* a choice, an exclusive or, sums, differences */
		through(u, a);
		through(u, b);
	}
}

static void vop3(struct gfx_use *u, uint32_t w, uint32_t w2)
{
	enum { XAD = 499, LSHL_ADD = 509, ADD3 = 511, MUL_LO = 645, MUL_HI_U = 646, MUL_HI_I = 647 };
	unsigned op = w >> 16 & 0x3ff, a = w2 & 0x1ff, b = w2 >> 9 & 0x1ff, c = w2 >> 18 & 0x1ff, dst = w & 0xff;
	if (op < 256) {
		compare(u, op, a, b);
	} else if (op < 320) {
		vop2(u, op - 256, a, b, dst);
	} else if (op < 448) {
		vop1(u, op - 320, a, dst);
	} else if (op == MUL_HI_U || op == MUL_HI_I) {
		whole(u, a, 1);
		whole(u, b, 1);
	} else {
		u->to = (uint16_t)(VGPR_0 + dst);
		if (op == XAD || op == ADD3 || op == MUL_LO) {
			through(u, a);
			through(u, b);
		}
		if (op == XAD || op == ADD3 || op == LSHL_ADD)
			through(u, c);
	}
}

static void sop(struct gfx_use *u, uint32_t w)
{
	unsigned a = w & 0xff, b = w >> 8 & 0xff, op = w >> 23 & 0x7f;
	u->to = w >> 16 & 0x7f;
	if (w >> 23 == 0x17E) { /* comparisons: of 32 bits, two of 64 */
		unsigned compares = w >> 16 & 0x7f;
		bool equality = compares == 0 || compares == 1 || compares == 6 || compares == 7, pair = compares == 18 || compares == 19;
		if (pair || (compares <= 11 && (equality || (is_register(a) && is_register(b))))) {
			whole(u, a, pair ? 2 : 1);
			whole(u, b, pair ? 2 : 1);
		}
	} else if (w >> 23 == 0x17D) {
		if ((w >> 8 & 0xff) == 0) {
			through(u, a);
			u->copy = u->n_through;
		}
	} else if (w >> 28 != 0xB && w >> 23 != 0x17F) {
		if (op >= 6 && op <= 9) {
			whole(u, a, 1);
			whole(u, b, 1);
		}
		if (op <= 3 || op == 10 || op == 16 || op == 36) {
			through(u, a);
			through(u, b);
		}
	}
}

static void memory(struct gfx_use *u, uint32_t w, uint32_t w2)
{
	enum { SMEM = 0x30, DS = 0x36, FLAT = 0x37, MUBUF = 0x38 };
	unsigned encoding = w >> 26, op = w >> 18 & 0x7f, data = VGPR_0 + (w2 >> 8 & 0xff);
	if (encoding == SMEM) {
		u->exact = (w >> 18 & 0xff) <= 12;
	} else if (encoding == DS) {
		op = w >> 17 & 0xff;
		if (w >> 25 & 1)
			data += GFX_ACC;
		bool two = op == 14 || op == 15 || op == 78 || op == 79;
		unsigned n = op == 13 || op == 14 || op == 15 ? 1 : op == 77 || op == 78 || op == 79 ? 2 : op == 222 ? 3 : op == 223 ? 4 : 0;
		whole(u, data, n);
		if (two)
			whole(u, VGPR_0 + (w2 >> 16 & 0xff) + (w >> 25 & 1 ? GFX_ACC : 0), n);
		u->exact = (op >= 54 && op <= 60) || (op >= 118 && op <= 120) || op >= 254;
		u->narrow = op >= 57 && op <= 60;
	} else if (encoding == FLAT || encoding == MUBUF) {
		if (w2 >> 23 & 1)
			data += GFX_ACC;
		static const uint8_t dwords[] = { 1, 2, 3, 4 };
		if (op >= 28 && op <= 31)
			whole(u, data, dwords[op & 3]);
		u->exact = op >= 16 && op <= 23;
		u->narrow = op >= 16 && op <= 19;
	}
}

/* Part of the register that holds a work-item's numbers: the hardware's doing, not an optimiser's. */
static void item_number(struct gfx_use *u, const uint8_t *code, uint32_t w, uint32_t w2)
{
	enum { AND = 19, SRC_LITERAL = 255, BFE = 456, TEN = 138, BITS = 0x3ff };
	if (w >> 25 == AND && (w & 0x1ff) == SRC_LITERAL && gfx_load32(code + 4) == BITS && (w >> 9 & 0xff) == 0)
		u->item = true;
	if (w >> 16 == (0xD000 | BFE) && (w2 & 0x1ff) == VGPR_0 && (w2 >> 18 & 0x1ff) == TEN)
		u->item = true;
}

int gfx9_insn_use(const uint8_t *code, const struct gfx_insn *insn, struct gfx_use *out)
{
	uint32_t w = insn->word, w2 = insn->length > 4 ? gfx_load32(code + 4) : 0;
	unsigned src0 = w & 0x1ff;
	memset(out, 0, sizeof *out);
	gfx9_used_in_part(code, insn, out);
	if (w >> 31 == 0) {
		unsigned op = w >> 25, src1 = VGPR_0 + (w >> 9 & 0xff), dst = w >> 17 & 0xff;
		item_number(out, code, w, w2);
		if (src0 == SRC_SDWA || src0 == SRC_DPP)
			return GFX_OK; /* parts of registers, other lanes' */
		if (op == 0x3f)
			vop1(out, w >> 9 & 0xff, src0, dst);
		else if (op == 0x3e)
			compare(out, w >> 17 & 0xff, src0, src1);
		else
			vop2(out, op, src0, src1, dst);
	} else if (w >> 30 == 2) {
		sop(out, w);
	} else if (w >> 26 == 0x34 && w >> 23 != 0x1A7) {
		item_number(out, code, w, w2);
		vop3(out, w, w2);
	} else {
		memory(out, w, w2);
	}
	return GFX_OK;
}
