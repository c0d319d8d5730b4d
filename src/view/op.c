#include "src/view/op.h"

static bool leb(const uint8_t *p, size_t n, size_t *at, bool is_signed, uint64_t *out)
{
	uint64_t v = 0;
	for (unsigned shift = 0; *at < n && shift < 70; shift += 7) {
		uint8_t byte = p[(*at)++];
		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (is_signed && (byte & 0x40) && shift + 7 < 64)
			v |= ~UINT64_C(0) << (shift + 7);
		*out = v;
		return true;
	}
	return false;
}

/* Operand kinds per operator: 1, 2, 4, 8 fixed bytes; u, s LEB128; b: block with LEB128 length. */
static const struct {
	uint8_t first, last;
	const char *kinds;
} operands[] = {
	{ OP_ADDR, OP_ADDR, "8" }, { OP_DEREF, OP_DEREF, "" }, { OP_CONST1U, OP_CONST1S, "1" }, { OP_CONST2U, OP_CONST2S, "2" },
	{ OP_CONST4U, OP_CONST4S, "4" }, { OP_CONST8U, OP_CONST8S, "8" }, { OP_CONSTU, OP_CONSTU, "u" }, { OP_CONSTS, OP_CONSTS, "s" },
	{ OP_DUP, OP_OVER, "" }, { OP_PICK, OP_PICK, "1" }, { OP_SWAP, OP_PLUS, "" }, { OP_PLUS_UCONST, OP_PLUS_UCONST, "u" },
	{ OP_SHL, OP_XOR, "" }, { OP_BRA, OP_BRA, "2" }, { OP_EQ, OP_NE, "" }, { OP_SKIP, OP_SKIP, "2" }, { OP_LIT0, OP_REG31, "" },
	{ OP_BREG0, OP_BREG31, "s" }, { OP_REGX, OP_REGX, "u" }, { OP_FBREG, OP_FBREG, "s" }, { OP_BREGX, OP_BREGX, "us" },
	{ OP_PIECE, OP_PIECE, "u" }, { OP_DEREF_SIZE, OP_XDEREF_SIZE, "1" }, { OP_NOP, OP_PUSH_OBJECT_ADDRESS, "" },
	{ OP_CALL_FRAME_CFA, OP_CALL_FRAME_CFA, "" }, { OP_BIT_PIECE, OP_BIT_PIECE, "uu" }, { OP_IMPLICIT_VALUE, OP_IMPLICIT_VALUE, "b" },
	{ OP_STACK_VALUE, OP_STACK_VALUE, "" }, { OP_ADDRX, OP_CONSTX, "u" }, { OP_ENTRY_VALUE, OP_ENTRY_VALUE, "b" },
	{ OP_REGVAL_TYPE, OP_REGVAL_TYPE, "uu" }, { OP_DEREF_TYPE, OP_DEREF_TYPE, "1u" }, { OP_CONVERT, OP_REINTERPRET, "u" },
};

static const char *kinds_of(uint8_t code)
{
	for (size_t i = 0; i < sizeof operands / sizeof *operands; i++)
		if (code >= operands[i].first && code <= operands[i].last)
			return operands[i].kinds;
	return NULL;
}

static bool read_fixed(const uint8_t *e, size_t n, size_t *at, size_t bytes, uint64_t *out)
{
	if (bytes > n - *at)
		return false;
	*out = 0;
	for (size_t i = 0; i < bytes; i++)
		*out |= (uint64_t)e[*at + i] << 8 * i;
	*at += bytes;
	return true;
}

static bool read_op(const uint8_t *e, size_t n, size_t *at, struct view_op *op)
{
	*op = (struct view_op){ .code = e[*at], .at = *at };
	++*at;
	const char *kinds = kinds_of(op->code);
	for (const char *k = kinds; k && *k; k++) {
		uint64_t v = 0;
		if (*k == 'u' || *k == 's' || *k == 'b') {
			if (!leb(e, n, at, *k == 's', &v))
				return false;
		} else if (!read_fixed(e, n, at, (size_t)(*k - '0'), &v)) {
			return false;
		}
		if (*k == 'b') {
			if (v > n - *at)
				return false;
			*at += v;
		}
		if (*k == 's')
			op->b = (int64_t)v;
		else if (k == kinds)
			op->a = v;
	}
	op->n = *at - op->at;
	return kinds != NULL;
}

bool view_ops(const uint8_t *e, size_t n, struct view_op *ops, size_t *n_ops)
{
	*n_ops = 0;
	for (size_t at = 0; at < n; ++*n_ops)
		if (*n_ops >= VIEW_MAX_OPS || !read_op(e, n, &at, &ops[*n_ops]))
			return false;
	return true;
}

bool view_op_constant(const struct view_op *op, uint64_t *out)
{
	switch (op->code) {
	case OP_CONST1U: case OP_CONST2U: case OP_CONST4U: case OP_CONST8U: case OP_CONST8S: case OP_CONSTU:
		*out = op->a;
		return true;
	case OP_CONST1S:
		*out = (uint64_t)(int8_t)op->a;
		return true;
	case OP_CONST2S:
		*out = (uint64_t)(int16_t)op->a;
		return true;
	case OP_CONST4S:
		*out = (uint64_t)(int32_t)op->a;
		return true;
	case OP_CONSTS:
		*out = (uint64_t)op->b;
		return true;
	default:
		*out = op->code - (unsigned)OP_LIT0;
		return op->code >= OP_LIT0 && op->code <= OP_LIT31;
	}
}
