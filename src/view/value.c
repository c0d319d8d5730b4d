/* Registers hold 32 bits; expressions are computed in 64, here as in the compiler's mind, where most of them were computations of 32 bits. So
 * it is followed how much of each number on the stack can be relied on, and operators that look at more than that are not believed.
 *
 * Compilers tell wrong values in one way often enough to be met in practice (clang 19, about one computed value in fifty): where nobody needs
 * the upper bits of a sum, masks inside are dropped and negative constants become positive ones, and the debug information tells what was left.
 * What is still there proves the opposite for all that is inside of it: a mask, a difference from a constant. Values with nothing of the kind
 * around their sums are not believed. */
#include "src/view/value.h"

#include "arch/arch.h"
#include "src/view/window.h"

enum { MAX_STACK = 32, WIDE = 65 };

struct item {
	bool all;       /* all 64 bits are right, not only the lower 32 */
	unsigned bits;  /* the number is not negative and less than 1 << bits, in 32-bit arithmetic too if bits < 32; WIDE: nothing is known */
	bool constant;
	uint64_t value; /* of a constant */
	enum { DOUBTFUL, PLAIN, SURE, COUNTER } trust; /* PLAIN: a register, nothing done to it; COUNTER: of a loop, computed by the compiler's end */
};

struct machine {
	struct view_bytes *b;
	struct view_guard *guard;
	struct item stack[MAX_STACK];
	size_t n;
};

bool view_register_at(uint64_t dwarf, int64_t *out)
{
	static const int64_t banks[] = { [GFX_DWARF_SCALAR] = VIEW_SGPR_AT, [GFX_DWARF_VECTOR] = VIEW_VGPR_AT, [GFX_DWARF_ACC] = VIEW_ACC_AT };
	enum gfx_dwarf_bank bank;
	unsigned n;
	if (gfx_dwarf_register(dwarf, &bank, &n) != GFX_OK)
		return false;
	*out = banks[bank] + 4 * (int64_t)n;
	return true;
}

void view_put_breg(struct view_bytes *b, unsigned carrier_register, int64_t offset)
{
	view_put_byte(b, (uint8_t)(OP_BREG0 + carrier_register));
	view_put_sleb(b, offset);
}

static unsigned bits_of(uint64_t v)
{
	unsigned n = 0;
	for (; v; v >>= 1)
		n++;
	return n;
}

static bool push(struct machine *m, struct item item)
{
	if (m->n == MAX_STACK)
		return false;
	m->stack[m->n++] = item;
	return true;
}

static bool push_constant(struct machine *m, uint64_t value)
{
	if (value <= 31) {
		view_put_byte(m->b, (uint8_t)(OP_LIT0 + value));
	} else {
		view_put_byte(m->b, OP_CONSTS);
		view_put_sleb(m->b, (int64_t)value);
	}
	return push(m, (struct item){ true, bits_of(value), true, value, SURE });
}

static bool push_register(struct machine *m, uint64_t dwarf, int64_t offset)
{
	int64_t at;
	if (!view_register_at(dwarf, &at) || !view_guard_register(m->guard, at))
		return false;
	view_put_breg(m->b, VIEW_BREG_REGISTERS, at);
	view_put(m->b, (uint8_t[]){ OP_DEREF_SIZE, VIEW_REGISTER_BYTES }, 2);
	if (offset) {
		view_put_byte(m->b, OP_CONSTS);
		view_put_sleb(m->b, offset);
		view_put_byte(m->b, OP_PLUS);
	}
	return push(m, (struct item){ .bits = WIDE, .trust = offset > 0 ? DOUBTFUL : offset ? SURE : PLAIN });
}

static unsigned most(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* How large the result of an operator can be that depends on the lower bits of its operands only. */
static unsigned bits_after(uint8_t code, const struct item *x, const struct item *y)
{
	unsigned n = WIDE;
	switch (code) {
	case OP_AND:
		return x->bits < y->bits ? x->bits : y->bits;
	case OP_OR: case OP_XOR:
		return most(x->bits, y->bits);
	case OP_PLUS:
		n = most(x->bits, y->bits) + 1;
		break;
	case OP_MUL:
		n = x->bits + y->bits;
		break;
	case OP_SHL:
		n = x->bits + (unsigned)y->value;
		break;
	default:
		break;
	}
	return n < 32 ? n : WIDE;
}

static int trust_after(uint8_t code, const struct item *x, const struct item *y)
{
	if (code == OP_AND && (x->constant || y->constant))
		return SURE;
	if (!y->constant || x->constant)
		return x->trust >= SURE && y->trust >= SURE ? SURE : DOUBTFUL;
	if (code == OP_MINUS)
		return x->trust == COUNTER ? COUNTER : SURE;
	if (code == OP_PLUS && x->trust == COUNTER)
		return COUNTER;
	return (code == OP_SHL || code == OP_MUL) && x->trust >= SURE ? SURE : DOUBTFUL;
}

/* Two operands, lower bits of the result from lower bits. */
static bool low_operator(struct machine *m, uint8_t code)
{
	if (m->n < 2)
		return false;
	struct item *x = &m->stack[m->n - 2], *y = &m->stack[m->n - 1];
	if (code == OP_SHL && !(y->constant && y->value < 64))
		return false;
	struct item result = { .bits = bits_after(code, x, y), .trust = trust_after(code, x, y) };
	/* A mask without upper bits leaves none that could be wrong. */
	result.all = (x->all && y->all) || (code == OP_AND && result.bits <= 32);
	view_put_byte(m->b, code);
	m->n--;
	m->stack[m->n - 1] = result;
	return true;
}

/* Shifts to the right, quotients, comparisons: both operands have to be known whole, and not negative in any width. */
static bool whole_operator(struct machine *m, uint8_t code)
{
	if (m->n < 2)
		return false;
	struct item *x = &m->stack[m->n - 2], *y = &m->stack[m->n - 1];
	bool shift = code == OP_SHR || code == OP_SHRA, quotient = code == OP_DIV || code == OP_MOD;
	if (code == OP_DIV && y->constant && (y->value == UINT64_MAX || y->value == 1)) {
		/* A quotient by -1 or 1 needs no more than the lower bits. */
		view_put_byte(m->b, OP_DROP);
		if (y->value != 1)
			view_put_byte(m->b, OP_NEG);
		m->n--;
		*x = (struct item){ .all = x->all, .bits = y->value == 1 ? x->bits : WIDE, .trust = COUNTER };
		return true;
	}
	if (!x->all || !y->all || x->bits > 31 || y->bits > 31 || (shift && !(y->constant && y->value < 32)) || (quotient && !(y->constant && y->value)))
		return false;
	unsigned bits = shift ? (x->bits > y->value ? x->bits - (unsigned)y->value : 0) : quotient ? x->bits : 1;
	view_put_byte(m->b, code);
	m->n--;
	*x = (struct item){ .all = true, .bits = bits, .trust = x->trust >= SURE && y->trust >= SURE ? SURE : DOUBTFUL };
	return true;
}

static bool one_operand(struct machine *m, uint8_t code)
{
	if (!m->n)
		return false;
	struct item *x = &m->stack[m->n - 1];
	view_put_byte(m->b, code);
	*x = (struct item){ .all = x->all, .bits = WIDE, .trust = x->trust >= SURE ? SURE : DOUBTFUL };
	return true;
}

static bool convert(struct machine *m, struct view_base_type t)
{
	if (!m->n || !t.bits || t.bits > 64)
		return false;
	struct item *x = &m->stack[m->n - 1];
	if (t.bits > 32 && !x->all)
		return false;
	if (t.bits == 64) {
		x->constant = false;
		return true;
	}
	if (t.is_signed) {
		for (unsigned i = 0; i < 2; i++) {
			view_put(m->b, (uint8_t[]){ OP_CONST1U, (uint8_t)(64 - t.bits), i ? OP_SHRA : OP_SHL }, 3);
		}
		*x = (struct item){ .all = true, .bits = x->bits < t.bits ? x->bits : WIDE, .trust = x->trust };
		return true;
	}
	view_put_byte(m->b, OP_CONSTU);
	view_put_uleb(m->b, (UINT64_C(1) << t.bits) - 1);
	view_put_byte(m->b, OP_AND);
	*x = (struct item){ .all = true, .bits = x->bits < t.bits ? x->bits : t.bits, .trust = x->trust };
	return true;
}

/* Operators that only move what is there. */
static bool shuffle(struct machine *m, const struct view_op *op)
{
	size_t depth = op->code == OP_DUP ? 0 : op->code == OP_OVER ? 1 : op->a;
	struct item top;
	switch (op->code) {
	case OP_DUP: case OP_OVER: case OP_PICK:
		if (depth >= m->n)
			return false;
		view_put(m->b, (uint8_t[]){ OP_PICK, (uint8_t)depth }, 2);
		return push(m, m->stack[m->n - 1 - depth]);
	case OP_DROP:
		if (!m->n)
			return false;
		m->n--;
		break;
	case OP_SWAP:
		if (m->n < 2)
			return false;
		top = m->stack[m->n - 1];
		m->stack[m->n - 1] = m->stack[m->n - 2];
		m->stack[m->n - 2] = top;
		break;
	case OP_ROT: /* the first goes below the second and third */
		if (m->n < 3)
			return false;
		top = m->stack[m->n - 1];
		m->stack[m->n - 1] = m->stack[m->n - 2];
		m->stack[m->n - 2] = m->stack[m->n - 3];
		m->stack[m->n - 3] = top;
		break;
	default:
		break; /* nothing at all */
	}
	view_put_byte(m->b, op->code);
	return true;
}

static bool step(struct machine *m, const struct view_op *op, struct view_base_type (*base_type)(void *, uint64_t), void *arg)
{
	uint64_t value;
	if (view_op_constant(op, &value))
		return push_constant(m, value);
	switch (op->code) {
	case OP_BREGX:
		return push_register(m, op->a, op->b);
	case OP_PLUS_UCONST:
		return push_constant(m, op->a) && low_operator(m, OP_PLUS);
	case OP_AND: case OP_MINUS: case OP_MUL: case OP_OR: case OP_PLUS: case OP_XOR: case OP_SHL:
		return low_operator(m, op->code);
	case OP_SHR: case OP_SHRA: case OP_DIV: case OP_MOD: case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
		return whole_operator(m, op->code);
	case OP_NEG: case OP_NOT:
		return one_operand(m, op->code);
	case OP_CONVERT:
		return base_type && op->a ? convert(m, base_type(arg, op->a)) : m->n > 0; /* 0: back to what has no type */
	case OP_DUP: case OP_OVER: case OP_PICK: case OP_DROP: case OP_SWAP: case OP_ROT: case OP_NOP:
		return shuffle(m, op);
	default:
		return false;
	}
}

enum view_exact view_value_put(struct view_bytes *b, struct view_guard *guard, const struct view_op *ops, size_t n, bool in_loop,
	struct view_base_type (*base_type)(void *arg, uint64_t type), void *arg)
{
	struct machine m = { .b = b, .guard = guard };
	for (size_t i = 0; i < n; i++)
		if (!step(&m, &ops[i], base_type, arg))
			return VIEW_NOTHING_EXACT;
	if (!m.n)
		return VIEW_NOTHING_EXACT;
	const struct item *result = &m.stack[m.n - 1];
	if (!result->constant && (result->trust == DOUBTFUL || (in_loop && result->trust != COUNTER)))
		return VIEW_NOTHING_EXACT;
	return result->all ? VIEW_ALL_EXACT : VIEW_LOW_EXACT;
}
