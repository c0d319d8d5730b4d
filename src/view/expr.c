/* One location expression, re-encoded for the carrier. It is cut into its pieces; each piece is understood as a whole (memory of a space, a
 * register, a value) and written anew. What is not understood becomes "optimized out", never something else. */
#include "src/view/expr.h"

#include <stdbool.h>

#include "src/view/op.h"
#include "src/view/value.h"
#include "src/view/window.h"

enum { MAX_PIECE = 0xffff };

static void put_piece(struct view_bytes *b, uint64_t n)
{
	view_put_byte(b, OP_PIECE);
	view_put_uleb(b, n);
}

static void put_aperture_base(struct view_bytes *b, unsigned space)
{
	view_put_breg(b, space == VIEW_SPACE_LOCAL ? VIEW_BREG_LDS : VIEW_BREG_PRIVATE, 0);
}

/* The upper half of a generic pointer into a space of 32 bits; apertures are 4 GiB, and so aligned. */
static void put_aperture(struct view_bytes *b, unsigned space)
{
	put_aperture_base(b, space);
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

static enum place put_register(struct view_bytes *b, struct view_guard *g, uint64_t dwarf)
{
	int64_t offset;
	if (!view_register_at(dwarf, &offset) || !view_guard_register(g, offset))
		return PLACE_NONE;
	view_put_breg(b, VIEW_BREG_REGISTERS, offset);
	return PLACE_REGISTER;
}

/* Address that addr or addrx names, plus what follows it; 0 is the address of what the linker did not place. */
static bool linked_address(const struct view_op *op, const struct view_expr_context *c, uint64_t *out)
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

/* A computed value, or the address of what the linker placed. */
static enum place put_value(struct view_bytes *b, struct view_guard *g, const uint8_t *e, const struct view_op *ops, size_t n, struct view_expr_context *c)
{
	uint64_t addr;
	if (n == 1 && linked_address(&ops[0], c, &addr)) {
		view_put(b, e + ops[0].at, ops[0].n);
		return addr ? PLACE_VALUE : PLACE_NONE;
	}
	switch (view_value_put(b, g, ops, n, c->in_loop, c->base_type, c->arg)) {
	case VIEW_ALL_EXACT:
		return PLACE_VALUE;
	case VIEW_LOW_EXACT:
		return PLACE_LOW;
	default:
		return PLACE_NONE;
	}
}

/* [base + constant], [base, dereferenced]: an address in the frame window, in LDS, or of the loaded code object. */
static enum place put_address(struct view_bytes *b, struct view_guard *g, const uint8_t *e, const struct view_op *ops, size_t n, unsigned space,
	const struct view_expr_context *c)
{
	int64_t more = 0;
	uint64_t addr;
	bool follow = n == 2 && ops[1].code == OP_DEREF; /* the argument is somewhere in private memory, a pointer to it here */
	if (follow && (ops[0].code != OP_FBREG || space == VIEW_SPACE_LOCAL))
		return PLACE_NONE;
	if (n == 2 && ops[1].code == OP_PLUS_UCONST && ops[1].a < INT32_MAX)
		more = (int64_t)ops[1].a;
	else if (n != 1 && !follow)
		return PLACE_NONE;
	if (ops[0].code == OP_FBREG && space != VIEW_SPACE_LOCAL) {
		/* Nothing of a frame lies below its base. */
		if (ops[0].b < 0 || ops[0].b > INT32_MAX)
			return PLACE_NONE;
		g->frame = true;
		view_put_byte(b, OP_PLUS_UCONST);
		view_put_uleb(b, (uint64_t)(ops[0].b + more));
		if (follow) {
			/* The pointer's lower half is the same whether it is generic or not. */
			view_put(b, (uint8_t[]){ OP_DEREF_SIZE, VIEW_REGISTER_BYTES }, 2);
			put_aperture_base(b, VIEW_SPACE_PRIVATE);
			view_put_byte(b, OP_PLUS);
		}
		return PLACE_MEMORY;
	}
	if (space == VIEW_SPACE_PRIVATE || !linked_address(&ops[0], c, &addr))
		return PLACE_NONE;
	if (space == VIEW_SPACE_LOCAL) {
		if (!c->lds_known || addr)
			return PLACE_NONE;
		view_put_breg(b, VIEW_BREG_LDS, c->lds_at + more);
		return PLACE_MEMORY;
	}
	if (!addr)
		return PLACE_NONE;
	view_put(b, e, ops[n - 1].at + ops[n - 1].n - ops[0].at);
	return PLACE_MEMORY;
}

static bool space_of_tail(const struct view_op *ops, size_t n, unsigned *space)
{
	if (n < 3 || ops[n - 1].code != OP_XDEREF || ops[n - 2].code != OP_SWAP)
		return false;
	*space = ops[n - 3].code >= OP_LIT0 && ops[n - 3].code <= OP_LIT31 ? ops[n - 3].code - (unsigned)OP_LIT0 :
		ops[n - 3].code == OP_CONSTU ? (unsigned)ops[n - 3].a : UINT16_MAX;
	return true;
}

/* [body][address space][stack_value]: isa 11.2. */
static enum place place_of(struct view_bytes *b, struct view_guard *g, const uint8_t *e, const struct view_op *ops, size_t n, struct view_expr_context *c)
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
		return space == VIEW_SPACE_LOCAL ? PLACE_NONE : put_value(b, g, e, ops, n, c);
	if (n == 1 && ops[0].code == OP_REGX && space == VIEW_SPACE_NONE)
		return c->in_loop ? PLACE_NONE : put_register(b, g, ops[0].a);
	/* Promoted variables are marked as memory at the address in the register, which holds the value. Of an array it could be an address. */
	if (n == 1 && ops[0].code == OP_BREGX && !ops[0].b && space == VIEW_SPACE_PRIVATE)
		return c->aggregate || c->in_loop ? PLACE_NONE : put_register(b, g, ops[0].a);
	return put_address(b, g, e + ops[0].at, ops, n, space, c);
}

/* The same, with the question before it whether it is there. */
static enum place put_place(struct view_bytes *b, const uint8_t *e, const struct view_op *ops, size_t n, struct view_expr_context *c)
{
	struct view_guard g = { .absent = c->absent };
	size_t start = b->n;
	enum place place = place_of(b, &g, e, ops, n, c);
	if (place == PLACE_NONE)
		return place;
	/* A constant is the variable's value on the way that led here. */
	if ((place == PLACE_VALUE || place == PLACE_BYTES) && !g.n && !c->global)
		view_guard_register(&g, VIEW_NO_REGISTER);
	view_guard_put(b, start, &g);
	return place;
}

/* ------------------------------------------------------------------ whole expressions */

/* Ends the encoding of one piece of `bytes`. A value or register says nothing beyond its own bytes. */
static void end_piece(struct view_bytes *b, size_t start, enum place place, uint64_t bytes)
{
	bool four = place == PLACE_REGISTER || place == PLACE_LOW;
	if (place == PLACE_NONE || (four && bytes > VIEW_REGISTER_BYTES))
		b->n = start;
	else if (place == PLACE_LOW || place == PLACE_VALUE)
		view_put_byte(b, OP_STACK_VALUE);
	put_piece(b, bytes);
}

/* A part of an aggregate that is said to be a constant. Compilers were seen to go on telling what the whole was first filled with when
 * they had dropped the store that changed a part. */
static bool constant_part(const struct view_op *ops, size_t n, bool aggregate)
{
	for (size_t i = 0; i < n; i++)
		if (ops[i].code == OP_REGX || ops[i].code == OP_BREGX || ops[i].code == OP_FBREG)
			return false;
	return aggregate;
}

/* A variable in registers that lie side by side, in the file and in the register window, is in one place. gdb 13 ends in an internal
 * error when it is to compute with one in pieces, and what gdb compiles of pieces of memory for the stub to evaluate is wrong. */
static bool in_a_row(struct view_bytes *b, const uint8_t *e, const struct view_op *ops, size_t n, struct view_expr_context *c)
{
	struct view_guard all = { .absent = c->absent };
	size_t start = b->n;
	uint64_t total = 0;
	for (size_t from = 0, i = 0; i < n; i++) {
		if (ops[i].code != OP_PIECE)
			continue;
		struct view_guard g = { .absent = c->absent };
		bool is = i > from && ops[i].a == VIEW_REGISTER_BYTES && place_of(b, &g, e, ops + from, i - from, c) == PLACE_REGISTER;
		b->n = start;
		if (!is || (all.n && g.registers[0] != all.registers[all.n - 1] + VIEW_REGISTER_BYTES) || !view_guard_register(&all, g.registers[0]))
			return false;
		total += ops[i].a;
		from = i + 1;
	}
	if (!all.n || total != c->bytes)
		return false;
	view_put_breg(b, VIEW_BREG_REGISTERS, all.registers[0]);
	view_guard_put(b, start, &all);
	return true;
}

/* A piece of a number as a value on the stack, without a sign. */
static bool put_digits(struct view_bytes *b, struct view_guard *g, const uint8_t *e, const struct view_op *ops, size_t n, unsigned bytes, struct view_expr_context *c)
{
	enum place place = n && bytes && bytes <= VIEW_REGISTER_BYTES ? place_of(b, g, e, ops, n, c) : PLACE_NONE;
	if (place == PLACE_REGISTER)
		view_put(b, (uint8_t[]){ OP_DEREF_SIZE, VIEW_REGISTER_BYTES }, 2);
	else if (place != PLACE_LOW && place != PLACE_VALUE)
		return false;
	view_put_byte(b, OP_CONSTU);
	view_put_uleb(b, (UINT64_C(1) << 8 * bytes) - 1);
	view_put_byte(b, OP_AND);
	return true;
}

/* A number in pieces of registers and values is put together. */
static bool composed(struct view_bytes *b, const uint8_t *e, const struct view_op *ops, size_t n, struct view_expr_context *c)
{
	struct view_guard all = { .absent = c->absent };
	size_t start = b->n;
	uint64_t total = 0;
	for (size_t from = 0, i = 0; i < n; i++) {
		if (ops[i].code != OP_PIECE)
			continue;
		if (total >= sizeof(uint64_t) || !put_digits(b, &all, e, ops + from, i - from, (unsigned)ops[i].a, c))
			return false;
		if (total)
			view_put(b, (uint8_t[]){ OP_CONST1U, (uint8_t)(8 * total), OP_SHL, OP_OR }, 4);
		total += ops[i].a;
		from = i + 1;
	}
	if (total != c->bytes || !total)
		return false;
	view_put_byte(b, OP_STACK_VALUE);
	if (!all.n && !c->global)
		view_guard_register(&all, VIEW_NO_REGISTER);
	view_guard_put(b, start, &all);
	return true;
}

/* Of a number that is not there whole nothing is told. */
static bool has_gap(const struct view_op *ops, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ops[i].code == OP_PIECE && (!i || ops[i - 1].code == OP_PIECE))
			return true;
	return false;
}

static bool in_pieces(struct view_bytes *b, const uint8_t *e, const struct view_op *ops, size_t n, struct view_expr_context *c)
{
	uint64_t total = 0;
	bool aggregate = c->aggregate;
	size_t start = b->n;
	c->aggregate = false; /* what is in pieces is in registers */
	if (!c->pointer && in_a_row(b, e, ops, n, c))
		return true;
	b->n = start;
	if (!c->pointer && !aggregate && has_gap(ops, n))
		return false;
	if (!c->pointer && !aggregate && composed(b, e, ops, n, c))
		return true;
	b->n = start;
	for (size_t from = 0, i = 0; i < n; i++) {
		if (ops[i].code != OP_PIECE)
			continue;
		bool told = i > from && !constant_part(ops + from, i - from, aggregate);
		size_t at = b->n;
		enum place place = told ? put_place(b, e, ops + from, i - from, c) : PLACE_NONE;
		if (ops[i].a > MAX_PIECE)
			return false;
		end_piece(b, at, place, ops[i].a);
		total += ops[i].a;
		from = i + 1;
	}
	/* Clients want exactly the variable's size, and take what is not described for zeros. */
	if (c->pointer)
		return total == VIEW_REGISTER_BYTES;
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
		put_piece(b, VIEW_REGISTER_BYTES);
		put_aperture(b, c->pointer);
		return true;
	}
	return place == PLACE_MEMORY || place == PLACE_VALUE || place == PLACE_BYTES || (c->bytes && c->bytes <= VIEW_REGISTER_BYTES);
}

/* An array of pointers of four bytes is shown as one of generic pointers, at an address of its own (view/window.h). */
static bool end_row(struct view_bytes *b, enum place place, unsigned space)
{
	uint64_t rows = view_rows(space == VIEW_SPACE_PRIVATE);
	if (place != PLACE_MEMORY)
		return false;
	view_put(b, (uint8_t[]){ OP_LIT0 + 1, OP_SHL, OP_CONST8U }, 3);
	view_put_fixed(b, rows, sizeof rows);
	view_put_byte(b, OP_PLUS);
	return true;
}

void view_expr_location(const uint8_t *e, size_t n, struct view_expr_context *c, struct view_bytes *b)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops, start = b->n;
	bool pieces = false, good = view_ops(e, n, ops, &n_ops) && n_ops;
	for (size_t i = 0; good && i < n_ops; i++) {
		pieces |= ops[i].code == OP_PIECE;
		good = ops[i].code != OP_BIT_PIECE;
	}
	if (good && c->row) {
		good = end_row(b, put_place(b, e, ops, n_ops, c), c->row);
	} else if (good && pieces) {
		good = ops[n_ops - 1].code == OP_PIECE && in_pieces(b, e, ops, n_ops, c);
		if (good && c->pointer)
			put_aperture(b, c->pointer);
	} else if (good) {
		enum place place = put_place(b, e, ops, n_ops, c);
		good = place != PLACE_NONE && end_whole(b, place, c);
	}
	if (!good)
		b->n = start;
}

bool view_expr_changes(const uint8_t *e, size_t n, const struct view_loops *loops, uint64_t low, uint64_t high)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops;
	if (!view_ops(e, n, ops, &n_ops))
		return true;
	for (size_t i = 0; i < n_ops; i++)
		if ((ops[i].code == OP_REGX || ops[i].code == OP_BREGX) && view_loop_changes(loops, low, high, ops[i].a))
			return true;
	return false;
}

bool view_expr_register(const uint8_t *e, size_t n, uint64_t *dwarf)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops;
	if (!view_ops(e, n, ops, &n_ops) || !n_ops || (ops[0].code != OP_REGX && ops[0].code != OP_BREGX))
		return false;
	*dwarf = ops[0].a;
	return true;
}

bool view_expr_registers(const uint8_t *e, size_t n, bool (*ask)(void *arg, uint64_t dwarf), void *arg)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops;
	if (!view_ops(e, n, ops, &n_ops))
		return false;
	for (size_t i = 0; i < n_ops; i++)
		if ((ops[i].code == OP_REGX || ops[i].code == OP_BREGX) && !ask(arg, ops[i].a))
			return false;
	return true;
}

bool view_expr_constant(const uint8_t *e, size_t n)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops;
	if (!view_ops(e, n, ops, &n_ops) || !n_ops)
		return false;
	for (size_t i = 0; i < n_ops; i++) {
		unsigned code = ops[i].code;
		if (code == OP_ADDR || code == OP_ADDRX || (code >= OP_REG0 && code <= OP_BREGX) || code == OP_CALL_FRAME_CFA || code == OP_ENTRY_VALUE)
			return false;
	}
	return true;
}

bool view_expr_computed_constant(const uint8_t *e, size_t n)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops;
	if (!view_expr_constant(e, n) || !view_ops(e, n, ops, &n_ops))
		return false;
	for (size_t i = 0; i < n_ops; i++)
		if (ops[i].code >= OP_ABS && ops[i].code <= OP_NE && ops[i].code != OP_BRA)
			return true;
	return false;
}

bool view_expr_lost_by_calls(const uint8_t *e, size_t n)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops;
	if (!view_ops(e, n, ops, &n_ops))
		return false;
	for (size_t i = 0; i < n_ops; i++)
		if ((ops[i].code == OP_REGX || ops[i].code == OP_BREGX) && !view_loops_kept(ops[i].a))
			return true;
	return false;
}

bool view_expr_keeps(const uint8_t *e, size_t n)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops;
	if (!view_ops(e, n, ops, &n_ops))
		return false;
	for (size_t i = 0; i < n_ops; i++) {
		uint64_t value;
		bool computes = (ops[i].code >= OP_DUP && ops[i].code <= OP_ROT) || (ops[i].code >= OP_ABS && ops[i].code <= OP_XOR);
		if (!computes && !view_op_constant(&ops[i], &value) && ops[i].code != OP_DEREF && ops[i].code != OP_PUSH_OBJECT_ADDRESS)
			return false;
	}
	return true;
}

int view_expr_frame_base(const uint8_t *e, size_t n)
{
	struct view_op ops[VIEW_MAX_OPS];
	size_t n_ops;
	if (!view_ops(e, n, ops, &n_ops) || n_ops != 1 || ops[0].code != OP_REGX || ops[0].a < 32 || ops[0].a > 95)
		return -1;
	return (int)ops[0].a - 32;
}
