/* One location expression, re-encoded for the carrier. It is cut into its pieces; each piece is understood as a whole (memory of a space, a
 * register, a value) and written anew. What is not understood becomes "optimized out", never something else. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/view_expr.h"
#include "src/view_window.h"

enum {
	OP_ADDR = 0x03, OP_CONST8U = 0x0e, OP_SWAP = 0x16, OP_XDEREF = 0x18, OP_PLUS = 0x22, OP_LIT0 = 0x30, OP_LIT31 = 0x4f, OP_REG0 = 0x50,
	OP_REG31 = 0x6f, OP_BREG0 = 0x70, OP_BREG31 = 0x8f, OP_REGX = 0x90, OP_FBREG = 0x91, OP_BREGX = 0x92, OP_PIECE = 0x93, OP_NOP = 0x96,
	OP_STACK_VALUE = 0x9f, OP_ADDRX = 0xa1, OP_CONSTX = 0xa2, OP_GNU_CONST_INDEX = 0xfc,
	OP_CONST1U = 0x08, OP_CONSTS = 0x11, OP_DUP = 0x12, OP_OVER = 0x14, OP_AND = 0x1a, OP_MINUS = 0x1c, OP_MUL = 0x1e, OP_NEG = 0x1f, OP_NOT = 0x20,
	OP_OR = 0x21, OP_PLUS_UCONST = 0x23, OP_SHL = 0x24, OP_SHR = 0x25, OP_XOR = 0x27, OP_DEREF_SIZE = 0x94, OP_BIT_PIECE = 0x9d,
	OP_IMPLICIT_VALUE = 0x9e, OP_CONVERT = 0xa8,
	BREG_RBP = OP_BREG0 + 6, BREG_R13 = OP_BREG0 + 13, BREG_R14 = OP_BREG0 + 14, BREG_R15 = OP_BREG0 + 15,
	MAX_OPS = 128, REGISTER_BYTES = 4,
	MAX_PIECE = 0xffff,
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

/* ------------------------------------------------------------------ writing */

static void put_breg(struct view_bytes *b, uint8_t breg, int64_t offset)
{
	view_put_byte(b, breg);
	view_put_sleb(b, offset);
}

static void put_piece(struct view_bytes *b, uint64_t n)
{
	view_put_byte(b, OP_PIECE);
	view_put_uleb(b, n);
}

/* The upper half of a generic pointer into a space of 32 bits; apertures are 4 GiB, and so aligned. */
static void put_aperture(struct view_bytes *b, unsigned space)
{
	put_breg(b, space == VIEW_SPACE_LOCAL ? BREG_R15 : BREG_R13, 0);
	view_put(b, (uint8_t[]){ OP_CONST1U, 32, OP_SHR, OP_STACK_VALUE, OP_PIECE, 4 }, 6);
}

/* ------------------------------------------------------------------ one piece */

/* What a piece of an expression says. */
enum place {
	PLACE_NONE,     /* nothing that is understood */
	PLACE_MEMORY,   /* an address of the client's memory is on the stack */
	PLACE_REGISTER, /* the same, and only four bytes are there */
	PLACE_LOW,      /* a value, of which only four bytes are known */
	PLACE_VALUE,
	PLACE_BYTES,    /* the bytes of the value itself */
};

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

static enum place put_register(struct view_bytes *b, uint64_t dwarf)
{
	int64_t offset;
	if (!window_offset(dwarf, &offset))
		return PLACE_NONE;
	put_breg(b, BREG_R14, offset);
	return PLACE_REGISTER;
}

/* Address that addr or addrx names, plus what follows it; 0 is the address of what the linker did not place. */
static bool linked_address(const struct op *op, const struct view_expr_context *c, uint64_t *out)
{
	*out = op->a;
	if (op->code == OP_ADDR)
		return true;
	if (op->code != OP_ADDRX || !c->addr || c->addr_base > c->addr_n || op->a >= (c->addr_n - c->addr_base) / 8)
		return false;
	*out = 0;
	for (unsigned i = 0; i < 8; i++)
		*out |= (uint64_t)c->addr[c->addr_base + 8 * op->a + i] << 8 * i;
	return true;
}

/* Operators whose low half depends on nothing but the low halves of their operands. Debug information is careless about the upper one. */
static bool low_keeps_low(uint8_t code)
{
	switch (code) {
	case OP_DUP: case OP_OVER: case OP_AND: case OP_MINUS: case OP_MUL: case OP_NEG: case OP_NOT: case OP_OR: case OP_PLUS: case OP_XOR:
	case OP_SHL: case OP_PLUS_UCONST: case OP_NOP:
		return true;
	default:
		return false;
	}
}

static bool is_constant(uint8_t code)
{
	return (code >= OP_CONST1U && code <= OP_CONSTS) || (code >= OP_LIT0 && code <= OP_LIT31);
}

/* A reference to a base type, written with room for any. */
static bool put_type(struct view_bytes *b, struct view_expr_context *c, uint64_t type)
{
	if (c->n_types >= sizeof c->types / sizeof *c->types)
		return false;
	c->types[c->n_types].at = b->n;
	c->types[c->n_types++].offset = type;
	view_put(b, (uint8_t[]){ 0x80, 0x80, 0x80, 0 }, VIEW_TYPE_BYTES);
	return true;
}

/* A computed value. */
static enum place put_value(struct view_bytes *b, const uint8_t *e, const struct op *ops, size_t n, struct view_expr_context *c)
{
	bool low = false, typed = false;
	for (size_t i = 0; i < n; i++) {
		const struct op *op = &ops[i];
		uint64_t addr;
		if (op->code == OP_BREGX) {
			/* Of sums of several registers, not all may still hold what they held: compilers were seen to tell wrong ones. */
			if (low || typed || put_register(b, op->a) == PLACE_NONE)
				return PLACE_NONE;
			view_put(b, (uint8_t[]){ OP_DEREF_SIZE, REGISTER_BYTES }, 2);
			if (op->b) {
				view_put_byte(b, OP_CONSTS);
				view_put_sleb(b, op->b);
				view_put_byte(b, OP_PLUS);
			}
			low = true;
		} else if (op->code == OP_CONVERT) {
			/* The first conversion takes what is known; later ones start from a type. */
			unsigned bytes = op->a && c->type_bytes ? c->type_bytes(c->arg, op->a) : 0;
			if (!bytes || (low && !typed && bytes > REGISTER_BYTES))
				return PLACE_NONE;
			view_put_byte(b, OP_CONVERT);
			if (!put_type(b, c, op->a))
				return PLACE_NONE;
			typed = true;
		} else if (op->code == OP_ADDR || op->code == OP_ADDRX) {
			if (n != 1 || !linked_address(op, c, &addr) || !addr)
				return PLACE_NONE;
			view_put(b, e + op->at, op->n);
		} else if (is_constant(op->code) || low_keeps_low(op->code)) {
			if (typed)
				return PLACE_NONE; /* types do not mix with what has none */
			view_put(b, e + op->at, op->n);
		} else {
			return PLACE_NONE;
		}
	}
	return low && !typed ? PLACE_LOW : PLACE_VALUE;
}

/* [base + constant]: an address in the frame window, in LDS, or of the loaded code object. */
static enum place put_address(struct view_bytes *b, const uint8_t *e, const struct op *ops, size_t n, unsigned space, const struct view_expr_context *c)
{
	int64_t more = 0;
	uint64_t addr;
	if (n == 2 && ops[1].code == OP_PLUS_UCONST && ops[1].a < INT32_MAX)
		more = (int64_t)ops[1].a;
	else if (n != 1)
		return PLACE_NONE;
	if (ops[0].code == OP_FBREG && space != VIEW_SPACE_LOCAL) {
		/* Nothing of a frame lies below its base. */
		if (ops[0].b < 0 || ops[0].b > INT32_MAX)
			return PLACE_NONE;
		put_breg(b, BREG_RBP, ops[0].b + more);
		return PLACE_MEMORY;
	}
	if (space == VIEW_SPACE_PRIVATE || !linked_address(&ops[0], c, &addr))
		return PLACE_NONE;
	if (space == VIEW_SPACE_LOCAL) {
		if (!c->lds_known || addr)
			return PLACE_NONE;
		put_breg(b, BREG_R15, c->lds_at + more);
		return PLACE_MEMORY;
	}
	if (!addr)
		return PLACE_NONE;
	view_put(b, e, ops[n - 1].at + ops[n - 1].n - ops[0].at);
	return PLACE_MEMORY;
}

static bool space_of_tail(const struct op *ops, size_t n, unsigned *space)
{
	if (n < 3 || ops[n - 1].code != OP_XDEREF || ops[n - 2].code != OP_SWAP)
		return false;
	*space = ops[n - 3].code >= OP_LIT0 && ops[n - 3].code <= OP_LIT31 ? ops[n - 3].code - (unsigned)OP_LIT0 :
		ops[n - 3].code == 0x10 ? (unsigned)ops[n - 3].a : UINT16_MAX;
	return true;
}

/* [body][address space][stack_value]: isa 11.2. */
static enum place put_place(struct view_bytes *b, const uint8_t *e, const struct op *ops, size_t n, struct view_expr_context *c)
{
	unsigned space = VIEW_SPACE_NONE;
	bool value = n && ops[n - 1].code == OP_STACK_VALUE;
	n -= value;
	if (space_of_tail(ops, n, &space)) {
		n -= 3;
		if (space != VIEW_SPACE_PRIVATE && space != VIEW_SPACE_LOCAL)
			return PLACE_NONE;
	}
	if (!n)
		return PLACE_NONE;
	if (n == 1 && ops[0].code == OP_IMPLICIT_VALUE && space != VIEW_SPACE_LOCAL) {
		view_put(b, e + ops[0].at, ops[0].n);
		return PLACE_BYTES;
	}
	if (value)
		return space == VIEW_SPACE_LOCAL ? PLACE_NONE : put_value(b, e, ops, n, c);
	if (n == 1 && ops[0].code == OP_REGX && space == VIEW_SPACE_NONE)
		return put_register(b, ops[0].a);
	/* Promoted variables are marked as memory at the address in the register, which holds the value. Of an array it could be an address. */
	if (n == 1 && ops[0].code == OP_BREGX && !ops[0].b && space == VIEW_SPACE_PRIVATE)
		return c->aggregate ? PLACE_NONE : put_register(b, ops[0].a);
	return put_address(b, e + ops[0].at, ops, n, space, c);
}

/* ------------------------------------------------------------------ whole expressions */

static bool parse(const uint8_t *e, size_t n, struct op *ops, size_t *n_ops)
{
	*n_ops = 0;
	for (size_t at = 0; at < n; ++*n_ops)
		if (*n_ops >= MAX_OPS || !parse_op(e, n, &at, &ops[*n_ops]))
			return false;
	return true;
}

/* Ends the encoding of one piece of `bytes`. A value or register says nothing beyond its own bytes. */
static void end_piece(struct view_bytes *b, size_t start, enum place place, uint64_t bytes)
{
	bool four = place == PLACE_REGISTER || place == PLACE_LOW;
	if (place == PLACE_NONE || (four && bytes > REGISTER_BYTES))
		b->n = start;
	else if (place == PLACE_LOW || place == PLACE_VALUE)
		view_put_byte(b, OP_STACK_VALUE);
	put_piece(b, bytes);
}

static bool in_pieces(struct view_bytes *b, const uint8_t *e, const struct op *ops, size_t n, struct view_expr_context *c)
{
	uint64_t total = 0;
	c->aggregate = false; /* what is in pieces is in registers */
	for (size_t from = 0, i = 0; i < n; i++) {
		if (ops[i].code != OP_PIECE)
			continue;
		size_t start = b->n, types = c->n_types;
		enum place place = i > from ? put_place(b, e, ops + from, i - from, c) : PLACE_NONE;
		if (ops[i].a > MAX_PIECE)
			return false;
		if (c->n_types > types) {
			place = PLACE_NONE; /* what a typed value is where the piece is longer is not said */
			c->n_types = types;
		}
		end_piece(b, start, place, ops[i].a);
		total += ops[i].a;
		from = i + 1;
	}
	/* Clients want exactly the variable's size, and take what is not described for zeros. */
	if (c->pointer)
		return total == REGISTER_BYTES;
	if (!c->bytes || total > c->bytes)
		return false;
	if (total < c->bytes)
		put_piece(b, c->bytes - total);
	return true;
}

/* A pointer into a space of 32 bits is stored in four bytes; the client sees the generic pointer that means the same. Of anything else in a
 * register or a sum of registers only four bytes are known. */
static bool end_whole(struct view_bytes *b, enum place place, const struct view_expr_context *c)
{
	if (place == PLACE_LOW || place == PLACE_VALUE)
		view_put_byte(b, OP_STACK_VALUE);
	if (c->pointer) {
		put_piece(b, REGISTER_BYTES);
		put_aperture(b, c->pointer);
		return true;
	}
	return place == PLACE_MEMORY || place == PLACE_VALUE || place == PLACE_BYTES || (c->bytes && c->bytes <= REGISTER_BYTES);
}

void view_expr_location(const uint8_t *e, size_t n, struct view_expr_context *c, struct view_bytes *b)
{
	struct op ops[MAX_OPS];
	size_t n_ops, start = b->n;
	bool pieces = false, good = parse(e, n, ops, &n_ops) && n_ops;
	c->n_types = 0;
	for (size_t i = 0; good && i < n_ops; i++) {
		pieces |= ops[i].code == OP_PIECE;
		good = ops[i].code != OP_BIT_PIECE;
	}
	if (good && pieces) {
		good = ops[n_ops - 1].code == OP_PIECE && in_pieces(b, e, ops, n_ops, c);
		if (good && c->pointer)
			put_aperture(b, c->pointer);
	} else if (good) {
		enum place place = put_place(b, e, ops, n_ops, c);
		good = place != PLACE_NONE && end_whole(b, place, c);
	}
	if (!good) {
		b->n = start;
		c->n_types = 0;
	}
}

bool view_expr_keeps(const uint8_t *e, size_t n)
{
	struct op ops[MAX_OPS];
	size_t n_ops;
	if (!parse(e, n, ops, &n_ops))
		return false;
	for (size_t i = 0; i < n_ops; i++)
		if (!is_constant(ops[i].code) && !low_keeps_low(ops[i].code) && ops[i].code != 0x06 /* deref */ && ops[i].code != 0x97)
			return false;
	return true;
}

int view_expr_frame_base(const uint8_t *e, size_t n)
{
	struct op ops[MAX_OPS];
	size_t n_ops;
	if (!parse(e, n, ops, &n_ops) || n_ops != 1 || ops[0].code != OP_REGX || ops[0].a < 32 || ops[0].a > 95)
		return -1;
	return (int)ops[0].a - 32;
}
