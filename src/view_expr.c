/* One location expression, re-encoded in its own bytes. What cannot be said in them becomes "optimized out", never something else. */
#include <stdbool.h>
#include <string.h>

#include "src/view_dwarf.h"
#include "src/view_window.h"

enum {
	OP_ADDR = 0x03, OP_CONST8U = 0x0e, OP_SWAP = 0x16, OP_XDEREF = 0x18, OP_PLUS = 0x22, OP_LIT0 = 0x30, OP_LIT31 = 0x4f, OP_REG0 = 0x50,
	OP_REG31 = 0x6f, OP_BREG0 = 0x70, OP_BREG31 = 0x8f, OP_REGX = 0x90, OP_FBREG = 0x91, OP_BREGX = 0x92, OP_PIECE = 0x93, OP_NOP = 0x96,
	OP_STACK_VALUE = 0x9f, OP_ADDRX = 0xa1, OP_CONSTX = 0xa2, OP_ENTRY_VALUE = 0xa3, OP_GNU_CONST_INDEX = 0xfc,
	BREG_RBP = OP_BREG0 + 6, BREG_R14 = OP_BREG0 + 14, BREG_R15 = OP_BREG0 + 15,
	MAX_OPS = 64,
	SPACE_PRIVATE = 1, SPACE_LOCAL = 2, /* address spaces as clang numbers them for DWARF */
};

struct op {
	uint8_t code;
	size_t at, n;      /* bytes of the expression */
	uint64_t a;        /* unsigned operand, register number */
	int64_t b;         /* signed operand */
};

static bool uleb(const uint8_t *p, size_t n, size_t *at, uint64_t *out)
{
	uint64_t v = 0;
	for (unsigned shift = 0; *at < n && shift < 63; shift += 7) {
		uint8_t byte = p[(*at)++];
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*out = v;
			return true;
		}
	}
	return false;
}

static bool sleb(const uint8_t *p, size_t n, size_t *at, int64_t *out)
{
	uint64_t v = 0;
	for (unsigned shift = 0; *at < n && shift < 63;) {
		uint8_t byte = p[(*at)++];
		v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (!(byte & 0x80)) {
			if (byte & 0x40)
				v |= ~UINT64_C(0) << shift;
			*out = (int64_t)v;
			return true;
		}
	}
	return false;
}

/* Operand kinds per operator: 1,2,4,8 fixed bytes; u, s LEB128; b: block with LEB128 length. "-" : not known to us. */
static const char *operands(uint8_t code)
{
	if ((code >= OP_LIT0 && code <= OP_LIT31) || (code >= OP_REG0 && code <= OP_REG31))
		return "";
	if (code >= OP_BREG0 && code <= OP_BREG31)
		return "s";
	switch (code) {
	case 0x03: case 0x0e: case 0x0f: /* addr, const8u, const8s */
		return "8";
	case 0x08: case 0x09: case 0x15: case 0x94: case 0x95: /* const1, pick, deref_size, xderef_size */
		return "1";
	case 0x0a: case 0x0b: case 0x28: case 0x2f: /* const2, bra, skip */
		return "2";
	case 0x0c: case 0x0d: /* const4 */
		return "4";
	case 0x10: case 0x23: case OP_REGX: case OP_PIECE: case OP_ADDRX: case OP_CONSTX: /* constu, plus_uconst */
		return "u";
	case 0x11: case OP_FBREG: /* consts */
		return "s";
	case OP_BREGX:
		return "us";
	case 0x9d: /* bit_piece */
		return "uu";
	case 0x9e: case 0xa3: /* implicit_value, entry_value */
		return "b";
	case 0xa8: case 0xa9: /* convert, reinterpret */
		return "u";
	case 0xa5: /* regval_type */
		return "uu";
	case 0xa6: /* deref_type */
		return "1u";
	case 0x06: case 0x12: case 0x13: case 0x14: case OP_SWAP: case 0x17: case OP_XDEREF: case 0x19: case 0x1a: case 0x1b: case 0x1c: case 0x1d:
	case 0x1e: case 0x1f: case 0x20: case 0x21: case OP_PLUS: case 0x24: case 0x25: case 0x26: case 0x27: case 0x29: case 0x2a: case 0x2b:
	case 0x2c: case 0x2d: case 0x2e: case OP_NOP: case 0x97: case 0x9c: case OP_STACK_VALUE:
		return "";
	default:
		return "-";
	}
}

static bool parse_op(const uint8_t *e, size_t n, size_t *at, struct op *op)
{
	*op = (struct op){ .code = e[*at], .at = *at };
	++*at;
	bool first = true;
	for (const char *k = operands(op->code); *k; k++, first = false) {
		uint64_t v = 0;
		switch (*k) {
		case 'u':
			if (!uleb(e, n, at, &v))
				return false;
			break;
		case 's':
			if (!sleb(e, n, at, &op->b))
				return false;
			continue;
		case 'b':
			if (!uleb(e, n, at, &v) || v > n - *at)
				return false;
			*at += v;
			break;
		case '-':
			return false;
		default: {
			size_t bytes = (size_t)(*k - '0');
			if (bytes > n - *at)
				return false;
			for (size_t i = 0; i < bytes; i++)
				v |= (uint64_t)e[*at + i] << 8 * i;
			*at += bytes;
		}
		}
		if (first)
			op->a = v;
	}
	op->n = *at - op->at;
	return true;
}

/* The value that some register had when the function was entered, in one byte of operators: no compiler tells it for this machine, and then
 * clients of every size of variable say "optimized out". (A piece without a location would have to be of exactly the variable's size.) */
void view_expr_hide(uint8_t *e, size_t n)
{
	memset(e, OP_NOP, n);
	if (n >= 3)
		memcpy(e, (uint8_t[]){ OP_ENTRY_VALUE, 1, OP_REG0 }, 3);
	/* Fewer bytes leave nothing on the stack: an error to the client, not a value. */
}

/* Offset in the register window of a GPU register by its DWARF number (wave-state 7.4). */
static bool window_offset(uint64_t dwarf, int64_t *out)
{
	if (dwarf >= 32 && dwarf <= 95)
		*out = VIEW_SGPR_AT + 4 * (int64_t)(dwarf - 32);
	else if (dwarf >= 1088 && dwarf <= 1129)
		*out = VIEW_SGPR_AT + 4 * (int64_t)(dwarf - 1088 + 64);
	else if (dwarf >= 2560 && dwarf <= 2815)
		*out = VIEW_VGPR_AT + 4 * (int64_t)(dwarf - 2560);
	else if (dwarf >= 3072 && dwarf <= 3327)
		*out = VIEW_ACC_AT + 4 * (int64_t)(dwarf - 3072);
	else
		return false;
	return true;
}

/* Fills n bytes with the address of a register in the register window; false when they are too few. */
static bool put_register(uint8_t *e, size_t n, uint64_t dwarf)
{
	int64_t off;
	uint8_t bytes[4];
	size_t k = 0;
	if (!window_offset(dwarf, &off))
		return false;
	bytes[k++] = BREG_R14;
	if (off >= -64 && off < 64) {
		bytes[k++] = (uint8_t)(off & 0x7f);
	} else {
		bytes[k++] = (uint8_t)((off & 0x7f) | 0x80);
		bytes[k++] = (uint8_t)(off >> 7 & 0x7f);
	}
	if (k > n)
		return false;
	memset(e, OP_NOP, n);
	memcpy(e, bytes, k);
	return true;
}

/* [LDS address][lit2 swap xderef]: the address as an unrelocated constant, plus where LDS begins for generic pointers. */
static bool local(uint8_t *e, const struct op *ops, size_t n_ops)
{
	if (n_ops != 4 || (ops[0].code != OP_ADDR && ops[0].code != OP_ADDRX))
		return false;
	e[ops[0].at] = ops[0].code == OP_ADDR ? OP_CONST8U : OP_GNU_CONST_INDEX; /* constx, by the name gdb 13 knows */
	memcpy(e + ops[1].at, (uint8_t[]){ BREG_R15, 0, OP_PLUS }, 3);
	return true;
}

/* [body][lit1 swap xderef]. A frame offset is an address in the frame window as it stands. A vector register without offset is no address at
 * all: clang marks promoted variables so although the register holds the value. */
static bool private(uint8_t *e, size_t n, const struct op *ops, size_t n_ops)
{
	if (n_ops != 4)
		return false;
	if (ops[0].code == OP_FBREG) {
		memset(e + ops[1].at, OP_NOP, n - ops[1].at);
		return true;
	}
	return ops[0].code == OP_BREGX && ops[0].b == 0 && put_register(e, n, ops[0].a);
}

static bool plain_op(uint8_t code)
{
	return code == OP_ADDR || (code >= 0x08 && code <= 0x17 && code != OP_SWAP) || (code >= 0x19 && code <= 0x2e && code != 0x28) ||
		(code >= OP_LIT0 && code <= OP_LIT31) || code == OP_NOP || code == 0x9e || code == OP_STACK_VALUE || code == OP_ADDRX ||
		code == OP_CONSTX || code == OP_PIECE || code == OP_SWAP || code == OP_FBREG;
}

static bool rewrite(uint8_t *e, size_t n, const struct op *ops, size_t n_ops)
{
	if (n_ops >= 3 && ops[n_ops - 1].code == OP_XDEREF && ops[n_ops - 2].code == OP_SWAP) {
		if (ops[n_ops - 3].code == OP_LIT0 + SPACE_PRIVATE)
			return private(e, n, ops, n_ops);
		if (ops[n_ops - 3].code == OP_LIT0 + SPACE_LOCAL)
			return local(e, ops, n_ops);
		return false;
	}
	/* [register + 0][stack_value]: the register's memory has the value */
	if (n_ops == 2 && ops[0].code == OP_BREGX && ops[0].b == 0 && ops[1].code == OP_STACK_VALUE)
		return put_register(e, n, ops[0].a);
	for (size_t i = 0; i < n_ops; i++)
		if (ops[i].code != OP_REGX && !plain_op(ops[i].code))
			return false;
	for (size_t i = 0; i < n_ops; i++) {
		if (ops[i].code != OP_REGX)
			continue;
		bool alone = i + 1 == n_ops || ops[i + 1].code == OP_PIECE;
		if (!alone || !put_register(e + ops[i].at, ops[i].n, ops[i].a))
			return false;
	}
	return true;
}

/* The one form a compiler gives it: a scalar register. Its value is taken where the frame window is read; rbp is that window. */
static int rewrite_frame_base(uint8_t *e, size_t n, const struct op *ops, size_t n_ops)
{
	int sgpr = -1;
	if (n_ops == 1 && ops[0].code == OP_REGX && ops[0].a >= 32 && ops[0].a <= 95)
		sgpr = (int)ops[0].a - 32;
	memset(e, OP_NOP, n);
	if (sgpr >= 0 && n >= 2) {
		e[0] = BREG_RBP;
		e[1] = 0;
	}
	return sgpr;
}

void view_expr_rewrite(uint8_t *expr, size_t n, int frame_base, int *base_sgpr)
{
	struct op ops[MAX_OPS];
	size_t at = 0, n_ops = 0;
	bool known = true;
	if (base_sgpr)
		*base_sgpr = -1;
	while (known && at < n) {
		known = n_ops < MAX_OPS && parse_op(expr, n, &at, &ops[n_ops]);
		n_ops++;
	}
	if (n == 0)
		return;
	if (frame_base) {
		int sgpr = rewrite_frame_base(expr, n, ops, known ? n_ops : 0);
		if (base_sgpr)
			*base_sgpr = sgpr;
		return;
	}
	if (!known || !rewrite(expr, n, ops, n_ops))
		view_expr_hide(expr, n);
}

bool view_expr_is_local(const uint8_t *expr, size_t n)
{
	static const uint8_t tail[] = { OP_LIT0 + SPACE_LOCAL, OP_SWAP, OP_XDEREF };
	return n > sizeof tail && (expr[0] == OP_ADDR || expr[0] == OP_ADDRX) && memcmp(expr + n - sizeof tail, tail, sizeof tail) == 0;
}
