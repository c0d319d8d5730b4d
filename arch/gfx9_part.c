/* Which registers an instruction of the gfx9-class families uses with some of their bits only (isa 6): masks, shifts, halves, bytes, tests of a
 * sign. Floating-point instructions and addresses are left out, and comparisons of order with a constant but 0 and -1, of which optimisers could
 * spare no more than its zeros at the end. */
#include "arch/gfx9_insn.h"

#include "arch/layout.h"

enum { SRC_SDWA = 249, SRC_DPP = 250, VGPR_0 = 256, LAST_SGPR = 101, ZERO = 128, SMALL_SHIFT = 3, MINUS_ONE = 193 };

static void part(struct gfx_use *u, unsigned code, unsigned n)
{
	for (unsigned i = 0; i < n && (code <= LAST_SGPR || code >= VGPR_0) && u->n_part < GFX_MAX_USE; i++)
		u->part[u->n_part++] = (uint16_t)(code + i);
}

/* Left shifts by a little make addresses of indices. */
static bool is_small(unsigned amount)
{
	return amount >= ZERO && amount <= ZERO + SMALL_SHIFT;
}

static void shift(struct gfx_use *u, unsigned amount, unsigned value, unsigned n, bool left)
{
	part(u, amount, 1);
	if (!left || !is_small(amount))
		part(u, value, n);
}

/* Comparisons that ask for the sign alone: with 0 and with -1 on either side. */
static bool asks_sign(unsigned a, unsigned b, bool less, bool less_equal, bool greater, bool greater_equal)
{
	return (b == ZERO && (less || greater_equal)) || (b == MINUS_ONE && (greater || less_equal)) || (a == ZERO && (greater || less_equal)) ||
		(a == MINUS_ONE && (less || greater_equal));
}

static void compare(struct gfx_use *u, unsigned op, unsigned a, unsigned b)
{
	enum { I16 = 160, I32 = 192, I64 = 224, UNSIGNED = 8 };
	bool lt = (op & 7) == 1, le = (op & 7) == 3, gt = (op & 7) == 4, ge = (op & 7) == 6;
	unsigned n = op >= I64 ? 2 : 1;
	bool halves = op >= I16 && op < I32, sign = op >= I32 && !(op & UNSIGNED) && asks_sign(a, b, lt, le, gt, ge);
	if (halves || sign) {
		part(u, a, n);
		part(u, b, n);
	}
}

static void vop1(struct gfx_use *u, unsigned op, unsigned src)
{
	enum { F32_I4 = 14, UBYTE0 = 17, UBYTE3 = 20, F16_U16 = 57, F16_I16 = 58 };
	if (op == F32_I4 || (op >= UBYTE0 && op <= UBYTE3) || op == F16_U16 || op == F16_I16)
		part(u, src, 1);
}

static void vop2(struct gfx_use *u, unsigned op, unsigned a, unsigned b, unsigned dst)
{
	enum { MUL_I24 = 6, MUL_HI_U24 = 9, LSHR = 16, ASHR, LSHL, AND, OR, ADD_U16 = 38, ASHR_I16 = 44, MAX_U16 = 47, MIN_I16 = 50, SIGN = ZERO + 31 };
	if (op == LSHR || op == LSHL || op == ASHR) {
		/* the upper half of a number of 64 bits, beside the lower one */
		if (op != ASHR || a != SIGN || dst != b + 1)
			shift(u, a, b, 1, op == LSHL);
	} else if ((op >= MUL_I24 && op <= MUL_HI_U24) || op == AND || op == OR || (op >= ADD_U16 && op <= ASHR_I16) || (op >= MAX_U16 && op <= MIN_I16)) {
		part(u, a, 1);
		part(u, b, 1);
	}
}

static void vop3(struct gfx_use *u, uint32_t w, uint32_t w2)
{
	enum { MAD_I24 = 450, MAD_U24 = 451, BFE_U = 456, BFI = 458, LERP = 461, ALIGN_BYTE = 463, SAD = 473, SAD_U16 = 475, PERM = 493, LSHL_ADD = 509,
		ADD_LSHL = 510, LSHL_OR = 512, OR3 = 514, MAD_U16 = 516, MAD_I16 = 517, LSHL_64 = 655, LSHR_64 = 656, ASHR_64 = 657 };
	unsigned op = w >> 16 & 0x3ff, a = w2 & 0x1ff, b = w2 >> 9 & 0x1ff, c = w2 >> 18 & 0x1ff;
	bool small = is_small(op == ADD_LSHL ? c : b);
	if (op < 256) {
		compare(u, op, a, b);
	} else if (op < 320) {
		vop2(u, op - 256, a, b, VGPR_0 + (w & 0xff));
	} else if (op < 448) {
		vop1(u, op - 320, a);
	} else if (op >= LSHL_64 && op <= ASHR_64) {
		shift(u, a, b, 2, op == LSHL_64);
	} else if ((op >= BFE_U && op <= BFI) || (op >= LERP && op <= ALIGN_BYTE) || (op >= SAD && op <= SAD_U16) || op == PERM ||
		(op >= LSHL_OR && op <= OR3) || op == MAD_U16 || op == MAD_I16) {
		part(u, a, 1);
		part(u, b, 1);
		part(u, c, 1);
	} else if (op == MAD_I24 || op == MAD_U24 || (op == ADD_LSHL && !small)) {
		part(u, a, 1);
		part(u, b, 1);
	} else if (op == LSHL_ADD && !small) {
		part(u, a, 1);
		part(u, b, 1);
	}
}

static void sop2(struct gfx_use *u, unsigned op, unsigned a, unsigned b)
{
	enum { AND = 12, ORN2_64 = 21, LSHL = 28, ASHR_64 = 33, BFM = 34, BFE = 37, BFE_64 = 40, PACK = 50, PACK_HH = 52 };
	unsigned n = op & 1 ? 2 : 1;
	if (op >= AND && op <= ORN2_64 && op / 2 != 8) { /* an exclusive or, op 16 and 17, wants what is wanted of it */
		part(u, a, n);
		part(u, b, n);
	} else if (op >= LSHL && op <= ASHR_64) {
		shift(u, b, a, n, op < LSHL + 2);
	} else if (op == BFM || op == BFM + 1 || (op >= BFE && op <= BFE_64) || (op >= PACK && op <= PACK_HH)) {
		part(u, a, op >= BFE_64 - 1 && op <= BFE_64 ? 2 : 1);
		part(u, b, 1);
	}
}

static void sopc(struct gfx_use *u, unsigned op, unsigned a, unsigned b)
{
	enum { GT = 2, GE, LT, LE, BIT = 12, BIT_64 = 14, LAST_BIT = 15 };
	if ((op >= BIT && op <= LAST_BIT) || asks_sign(a, b, op == LT, op == LE, op == GT, op == GE)) {
		part(u, a, op >= BIT_64 ? 2 : 1);
		part(u, b, 1);
	}
}

static void memory(struct gfx_use *u, uint32_t w, uint32_t w2)
{
	enum { DS = 0x36, FLAT = 0x37, MUBUF = 0x38, DS_BYTE = 30, DS_SHORT = 31, DS_HIGH = 84, FIRST = 24, LAST = 27 };
	unsigned encoding = w >> 26, op = encoding == DS ? w >> 17 & 0xff : w >> 18 & 0x7f;
	unsigned acc = (encoding == DS ? w >> 25 : w2 >> 23) & 1 ? GFX_ACC : 0;
	bool narrow = encoding == DS ? op == DS_BYTE || op == DS_SHORT || op == DS_HIGH || op == DS_HIGH + 1 : op >= FIRST && op <= LAST;
	if ((encoding == DS || encoding == FLAT || encoding == MUBUF) && narrow)
		part(u, VGPR_0 + acc + (w2 >> 8 & 0xff), 1);
}

/* Bytes and halves of registers; what lies between two of these is asked for whole. */
static void sdwa(struct gfx_use *u, uint32_t w, uint32_t extra)
{
	enum { WHOLE = 6, IS_VOP1 = 0x3f };
	if ((extra >> 16 & 7) != WHOLE)
		part(u, (extra >> 23 & 1 ? 0 : VGPR_0) + (extra & 0xff), 1);
	if (w >> 25 != IS_VOP1 && (extra >> 24 & 7) != WHOLE)
		part(u, (extra >> 31 ? 0 : VGPR_0) + (w >> 9 & 0xff), 1);
}

void gfx9_used_in_part(const uint8_t *code, const struct gfx_insn *insn, struct gfx_use *out)
{
	enum { VOP1 = 0x3f, VOPC = 0x3e, VOP3 = 0x34, VOP3P = 0x1A7, SOP1 = 0x17D, SOPC = 0x17E, SOPP = 0x17F, PACKED_16 = 18 };
	uint32_t w = insn->word, w2 = insn->length > 4 ? gfx_load32(code + 4) : 0;
	unsigned src0 = w & 0x1ff, src1 = VGPR_0 + (w >> 9 & 0xff), op = w >> 25;
	if (w >> 31 == 0) {
		if (src0 == SRC_SDWA)
			sdwa(out, w, w2);
		if (src0 == SRC_SDWA || src0 == SRC_DPP)
			return;
		if (op == VOP1)
			vop1(out, w >> 9 & 0xff, src0);
		else if (op == VOPC)
			compare(out, w >> 17 & 0xff, src0, src1);
		else
			vop2(out, op, src0, src1, VGPR_0 + (w >> 17 & 0xff));
	} else if (w >> 23 == SOPC) {
		sopc(out, w >> 16 & 0x7f, w & 0xff, w >> 8 & 0xff);
	} else if (w >> 30 == 2 && w >> 28 != 0xB && w >> 23 != SOP1 && w >> 23 != SOPP) {
		sop2(out, w >> 23 & 0x7f, w & 0xff, w >> 8 & 0xff);
	} else if (w >> 23 == VOP3P) {
		if ((w >> 16 & 0x7f) <= PACKED_16)
			for (unsigned i = 0; i < 3; i++)
				part(out, w2 >> i * 9 & 0x1ff, 1);
	} else if (w >> 26 == VOP3) {
		vop3(out, w, w2);
	} else {
		memory(out, w, w2);
	}
}
