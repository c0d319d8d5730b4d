#include "src/unwind/expr.h"

#include <string.h>

#include "src/model/memory.h"
#include "src/view/bytes.h"

enum {
	OP_DEREF = 0x06, OP_CONST1U = 0x08, OP_CONST1S, OP_CONST2U, OP_CONST2S, OP_CONST4U, OP_CONST4S, OP_CONST8U, OP_CONST8S, OP_CONSTU, OP_CONSTS,
	OP_DUP, OP_DROP, OP_OVER, OP_PICK, OP_SWAP, OP_ROT, OP_AND = 0x1a, OP_MINUS = 0x1c, OP_MUL = 0x1e, OP_NEG, OP_NOT, OP_OR, OP_PLUS, OP_PLUS_UCONST,
	OP_SHL, OP_SHR, OP_SHRA, OP_XOR, OP_LIT0 = 0x30, OP_REG0 = 0x50, OP_BREG0 = 0x70, OP_REGX = 0x90, OP_BREGX = 0x92, OP_PIECE = 0x93,
	OP_DEREF_SIZE = 0x94, OP_NOP = 0x96, OP_CALL_FRAME_CFA = 0x9c, OP_BIT_PIECE = 0x9d, OP_STACK_VALUE = 0x9f,
	OP_LLVM_FIRST = 0xe1, OP_LLVM_LAST = 0xe8, OP_LLVM_USER = 0xe9, OP_LLVM_PIECE_END = 0xea, OP_LLVM_EXTEND, OP_LLVM_SELECT_BIT_PIECE,
};
/* Second bytes behind OP_LLVM_USER; the older encoding has a first byte for each. */
enum { LLVM_FORM_ASPACE_ADDRESS = 2, LLVM_PUSH_LANE, LLVM_OFFSET, LLVM_OFFSET_UCONST, LLVM_BIT_OFFSET, LLVM_CALL_FRAME_ENTRY_REG, LLVM_UNDEFINED,
	LLVM_ASPACE_BREGX, LLVM_PIECE_END, LLVM_EXTEND, LLVM_SELECT_BIT_PIECE };
enum { SPACE_NONE = 0, SPACE_GENERIC = 1, SPACE_LANE = 5, SPACE_WAVE = 6 };
enum { MAX_STACK = 32, MAX_PARTS = 32, MAX_NESTING = 4, MAX_STEPS = 512 };

enum kind { VALUE, UNDEFINED, MEMORY, REGISTER, PIECES, SELECT };

struct place {
	enum kind kind;
	unsigned space, slot;
	uint64_t value; /* VALUE; MEMORY: address; SELECT: mask */
	uint64_t bit;   /* what is meant begins here */
	unsigned first, n; /* PIECES: of the parts; SELECT: first is for clear bits, first + 1 for set ones */
	uint64_t bits;     /* SELECT: of an element */
};

struct part {
	struct place place;
	uint64_t bits;
};

struct machine {
	const struct unwind_asked *q; /* NULL: registers and memory are not there, only places are wanted */
	struct place stack[MAX_STACK];
	unsigned n;
	struct part parts[MAX_PARTS];
	unsigned n_parts, composing; /* of the composite being made */
	unsigned nesting;
	bool bad;
	struct dbg_error *err;
};

static int evaluate(struct machine *m, const uint8_t *e, size_t n, const struct place *first, struct place *out);
static int read_place(struct machine *m, const struct place *p, uint64_t bit, unsigned bytes, uint64_t *out);

/* ------------------------------------------------------------------ reading places */

static int refused(struct machine *m, const char *why)
{
	return dbg_fail(m->err, DBG_REFUSED, "frame information: %s", why);
}

static int read_memory(struct machine *m, unsigned space, uint64_t addr, unsigned bytes, uint64_t *out)
{
	const struct unwind_chain *c = m->q->c;
	unsigned lanes = c->w->g.rec.lanes, lane = m->q->lane;
	uint64_t offset = addr;
	*out = 0;
	if (space == SPACE_NONE || space == SPACE_GENERIC)
		return memory_get(c->p, addr, out, bytes, m->err);
	if (space == SPACE_WAVE) { /* dwords of the lanes lie side by side */
		if (addr % 4 + bytes > 4 && bytes > 4) {
			uint64_t lo, hi;
			int status = read_memory(m, space, addr, 4, &lo);
			if (status == 0)
				status = read_memory(m, space, addr + 4, bytes - 4, &hi);
			if (status == 0)
				*out = hi << 32 | lo;
			return status;
		}
		lane = (unsigned)(addr / 4 % lanes);
		offset = addr / 4 / lanes * 4 + addr % 4;
	} else if (space != SPACE_LANE) {
		return refused(m, "an address space that is not known");
	}
	return memory_private(c->p, c->w, lane, offset, out, bytes, false, m->err);
}

static int read_register(struct machine *m, unsigned slot, uint64_t bit, unsigned bytes, uint64_t *out)
{
	const struct unwind_asked *q = m->q;
	uint32_t dword[2] = { 0, 0 };
	unsigned first = (unsigned)(bit / 32), n = (unsigned)((bit % 32 + 8u * bytes + 31) / 32);
	if (n > 2 || slot == UNWIND_SLOT_PC)
		return refused(m, "a register that is not followed");
	for (unsigned i = 0; i < n; i++) {
		int status = slot >= UNWIND_SLOT_VECTOR ? unwind_vector(q->c, q->frame, slot - UNWIND_SLOT_VECTOR, first + i, &dword[i], m->err) :
			unwind_scalar(q->c, q->frame, slot + first + i, &dword[i], m->err);
		if (status < 0)
			return status;
	}
	*out = ((uint64_t)dword[1] << 32 | dword[0]) >> bit % 32;
	return 0;
}

static int read_pieces(struct machine *m, const struct place *p, uint64_t bit, unsigned bytes, uint64_t *out)
{
	uint64_t value = 0;
	for (unsigned done = 0; done < bytes;) {
		uint64_t at = bit + 8u * done, byte;
		unsigned i = p->first;
		while (i < p->first + p->n && at >= m->parts[i].bits)
			at -= m->parts[i++].bits;
		if (i == p->first + p->n)
			return refused(m, "fewer pieces than the register has bits");
		unsigned some = (unsigned)((m->parts[i].bits - at) / 8);
		if (some > bytes - done)
			some = bytes - done;
		if (!some)
			return refused(m, "pieces that are not of bytes");
		int status = read_place(m, &m->parts[i].place, at, some, &byte);
		if (status < 0)
			return status;
		value |= byte << 8u * done;
		done += some;
	}
	*out = value;
	return 0;
}

/* The low `bytes` from a bit of a place on; other bits of *out are 0. */
static int read_place(struct machine *m, const struct place *p, uint64_t bit, unsigned bytes, uint64_t *out)
{
	int status;
	uint64_t at = p->bit + bit;
	if (!m->q)
		return refused(m, "a place that depends on memory");
	if (m->nesting == MAX_NESTING || bytes > 8 || at % 8)
		return refused(m, "a place that is not followed");
	m->nesting++;
	switch (p->kind) {
	case VALUE:
		*out = at < 64 ? p->value >> at : 0;
		status = 0;
		break;
	case MEMORY:
		status = read_memory(m, p->space, p->value + at / 8, bytes, out);
		break;
	case REGISTER:
		status = read_register(m, p->slot, at, bytes, out);
		break;
	case PIECES:
		status = read_pieces(m, p, at, bytes, out);
		break;
	case SELECT:
		status = at / p->bits >= 64 ? refused(m, "more elements than a mask has") :
			read_place(m, &m->parts[p->first + (p->value >> at / p->bits & 1)].place, at, bytes, out);
		break;
	default:
		status = refused(m, "the register's value is lost");
	}
	m->nesting--;
	if (status == 0 && bytes < 8)
		*out &= (UINT64_C(1) << 8u * bytes) - 1;
	return status;
}

/* ------------------------------------------------------------------ rules */

static int cfa_place(struct machine *m, struct place *out)
{
	const struct unwind_rule *cfa = &m->q->row->cfa;
	uint64_t base;
	if (cfa->kind == UNWIND_RULE_EXPRESSION)
		return evaluate(m, cfa->e, cfa->n, NULL, out);
	if (cfa->kind != UNWIND_RULE_PLUS)
		return refused(m, "the CFA is not said");
	int status = read_register(m, cfa->slot, 0, 4, &base);
	*out = (struct place){ .kind = MEMORY, .space = cfa->space, .value = base + (uint64_t)cfa->offset };
	return status;
}

/* Where the caller's register is. */
static int rule_place(struct machine *m, unsigned slot, struct place *out)
{
	const struct unwind_rule *r = &m->q->row->rules[slot];
	struct place cfa;
	int status;
	switch (r->kind) {
	case UNWIND_RULE_SAME:
		*out = (struct place){ .kind = REGISTER, .slot = slot };
		return 0;
	case UNWIND_RULE_REGISTER:
		*out = (struct place){ .kind = REGISTER, .slot = r->slot };
		return 0;
	case UNWIND_RULE_OFFSET:
	case UNWIND_RULE_VALUE:
		status = cfa_place(m, out);
		if (status < 0 || out->kind != MEMORY)
			return status < 0 ? status : refused(m, "the CFA is no address");
		out->value += (uint64_t)r->offset;
		if (r->kind == UNWIND_RULE_VALUE)
			*out = (struct place){ .kind = VALUE, .value = out->value };
		return 0;
	case UNWIND_RULE_EXPRESSION:
	case UNWIND_RULE_VALUE_EXPRESSION:
		status = cfa_place(m, &cfa);
		if (status == 0)
			status = evaluate(m, r->e, r->n, &cfa, out);
		if (status == 0 && r->kind == UNWIND_RULE_EXPRESSION && out->kind == VALUE)
			*out = (struct place){ .kind = MEMORY, .space = SPACE_GENERIC, .value = out->value };
		return status;
	default:
		*out = (struct place){ .kind = UNDEFINED };
		return 0;
	}
}

/* ------------------------------------------------------------------ operators */

static void push(struct machine *m, struct place p)
{
	if (m->n == MAX_STACK)
		m->bad = true;
	else
		m->stack[m->n++] = p;
}

static void push_value(struct machine *m, uint64_t v)
{
	push(m, (struct place){ .kind = VALUE, .value = v });
}

static struct place pop(struct machine *m)
{
	if (m->n)
		return m->stack[--m->n];
	m->bad = true;
	return (struct place){ .kind = UNDEFINED };
}

/* A number: generic addresses are as good. */
static uint64_t pop_value(struct machine *m)
{
	struct place p = pop(m);
	m->bad |= p.kind != VALUE && !(p.kind == MEMORY && (p.space == SPACE_NONE || p.space == SPACE_GENERIC));
	return p.value + (p.kind == MEMORY ? p.bit / 8 : 0);
}

/* What is read through a number is memory there. */
static struct place pop_location(struct machine *m)
{
	struct place p = pop(m);
	if (p.kind == VALUE)
		return (struct place){ .kind = MEMORY, .space = SPACE_GENERIC, .value = p.value };
	return p;
}

static void add_part(struct machine *m, struct place p, uint64_t bits)
{
	if (m->n_parts == MAX_PARTS)
		m->bad = true;
	else
		m->parts[m->n_parts++] = (struct part){ p, bits };
}

static void piece(struct machine *m, uint64_t bits, uint64_t offset)
{
	struct place p = m->n ? pop_location(m) : (struct place){ .kind = UNDEFINED };
	p.bit += offset;
	add_part(m, p, bits);
}

static void end_pieces(struct machine *m)
{
	if (m->n_parts > m->composing)
		push(m, (struct place){ .kind = PIECES, .first = m->composing, .n = m->n_parts - m->composing });
	m->composing = m->n_parts;
}

static void push_register(struct machine *m, uint64_t dwarf)
{
	int slot = unwind_cfi_slot(dwarf);
	m->bad |= slot < 0;
	push(m, (struct place){ .kind = REGISTER, .slot = slot < 0 ? 0 : (unsigned)slot });
}

/* Register plus offset, as memory of a space. */
static void push_breg(struct machine *m, uint64_t dwarf, int64_t offset, unsigned space)
{
	int slot = unwind_cfi_slot(dwarf);
	struct place p = { .kind = REGISTER, .slot = slot < 0 ? 0 : (unsigned)slot };
	uint64_t base = 0;
	m->bad |= slot < 0 || slot >= UNWIND_SLOT_PC || read_place(m, &p, 0, slot >= GFX_CODE_VCC ? 8 : 4, &base) < 0;
	push(m, (struct place){ .kind = MEMORY, .space = space, .value = base + (uint64_t)offset });
}

static void dereference(struct machine *m, unsigned bytes)
{
	struct place p = pop_location(m);
	uint64_t v = 0;
	m->bad |= m->bad || bytes > 8 || read_place(m, &p, 0, bytes, &v) < 0;
	push_value(m, v);
}

static void offset_by(struct machine *m, uint64_t bits)
{
	struct place p = pop(m);
	m->bad |= p.kind == UNDEFINED;
	p.bit += bits;
	push(m, p);
}

static void select_piece(struct machine *m, uint64_t bits)
{
	uint64_t mask = pop_value(m);
	struct place one = pop_location(m), zero = pop_location(m);
	unsigned first = m->n_parts;
	m->bad |= !bits || m->composing != m->n_parts;
	add_part(m, zero, 0);
	add_part(m, one, 0);
	m->composing = m->n_parts;
	push(m, (struct place){ .kind = SELECT, .first = first, .n = 2, .value = mask, .bits = bits ? bits : 1 });
}

static void entry_register(struct machine *m, uint64_t dwarf)
{
	int slot = unwind_cfi_slot(dwarf);
	struct place p = { .kind = UNDEFINED };
	if (slot < 0 || !m->q || m->nesting == MAX_NESTING) {
		m->bad = true;
		return;
	}
	m->nesting++;
	m->bad |= rule_place(m, (unsigned)slot, &p) < 0;
	m->nesting--;
	push(m, p);
}

static void extension(struct machine *m, struct view_cur *c, unsigned op)
{
	uint64_t a, b;
	switch (op) {
	case LLVM_FORM_ASPACE_ADDRESS:
		a = pop_value(m);
		b = pop_value(m);
		m->bad |= a > SPACE_WAVE;
		push(m, (struct place){ .kind = MEMORY, .space = (unsigned)a, .value = b });
		break;
	case LLVM_PUSH_LANE:
		push_value(m, m->q ? m->q->lane : 0);
		break;
	case LLVM_OFFSET:
		a = pop_value(m);
		offset_by(m, 8 * a);
		break;
	case LLVM_OFFSET_UCONST:
		offset_by(m, 8 * view_uleb(c));
		break;
	case LLVM_BIT_OFFSET:
		a = pop_value(m);
		offset_by(m, a);
		break;
	case LLVM_CALL_FRAME_ENTRY_REG:
		entry_register(m, view_uleb(c));
		break;
	case LLVM_UNDEFINED:
		push(m, (struct place){ .kind = UNDEFINED });
		break;
	case LLVM_ASPACE_BREGX:
		a = view_uleb(c);
		b = view_uleb(c);
		push_breg(m, a, (int64_t)b, (unsigned)pop_value(m));
		break;
	case LLVM_PIECE_END:
		end_pieces(m);
		break;
	case LLVM_SELECT_BIT_PIECE:
		a = view_uleb(c);
		view_uleb(c);
		select_piece(m, a);
		break;
	default:
		m->bad = true;
	}
}

static void constant(struct machine *m, struct view_cur *c, unsigned op)
{
	unsigned bytes = 1u << ((op - OP_CONST1U) / 2);
	uint64_t v = view_fixed(c, bytes);
	bool is_signed = (op - OP_CONST1U) & 1;
	if (is_signed && bytes < 8 && v >> (8 * bytes - 1) & 1)
		v |= ~UINT64_C(0) << 8 * bytes;
	push_value(m, v);
}

static bool arithmetic(struct machine *m, unsigned op)
{
	uint64_t b, a;
	if (op == OP_NEG || op == OP_NOT) {
		a = pop_value(m);
		push_value(m, op == OP_NEG ? -a : ~a);
		return true;
	}
	if (op != OP_AND && op != OP_MINUS && op != OP_MUL && op != OP_OR && op != OP_PLUS && op != OP_SHL && op != OP_SHR && op != OP_SHRA && op != OP_XOR)
		return false;
	b = pop_value(m);
	a = pop_value(m);
	bool far = b > 63;
	switch (op) {
	case OP_AND:
		a &= b;
		break;
	case OP_MINUS:
		a -= b;
		break;
	case OP_MUL:
		a *= b;
		break;
	case OP_OR:
		a |= b;
		break;
	case OP_PLUS:
		a += b;
		break;
	case OP_SHL:
		a = far ? 0 : a << b;
		break;
	case OP_SHR:
		a = far ? 0 : a >> b;
		break;
	case OP_SHRA:
		a = (uint64_t)((int64_t)a >> (far ? 63 : b));
		break;
	default:
		a ^= b;
	}
	push_value(m, a);
	return true;
}

static bool on_stack(struct machine *m, struct view_cur *c, unsigned op)
{
	struct place a, b, d;
	unsigned i;
	switch (op) {
	case OP_DUP:
		a = pop(m);
		push(m, a);
		push(m, a);
		return true;
	case OP_DROP:
		pop(m);
		return true;
	case OP_OVER:
	case OP_PICK:
		i = op == OP_OVER ? 1 : (unsigned)view_fixed(c, 1);
		if (i < m->n)
			push(m, m->stack[m->n - 1 - i]);
		else
			m->bad = true;
		return true;
	case OP_SWAP:
		a = pop(m);
		b = pop(m);
		push(m, a);
		push(m, b);
		return true;
	case OP_ROT:
		a = pop(m);
		b = pop(m);
		d = pop(m);
		push(m, a);
		push(m, d);
		push(m, b);
		return true;
	default:
		return false;
	}
}

static void operate(struct machine *m, struct view_cur *c, unsigned op)
{
	struct place cfa = { .kind = UNDEFINED };
	uint64_t a;
	if (op >= OP_LIT0 && op < OP_REG0) {
		push_value(m, op - OP_LIT0);
	} else if (op >= OP_REG0 && op < OP_BREG0) {
		push_register(m, op - OP_REG0);
	} else if (op >= OP_BREG0 && op < OP_REGX) {
		push_breg(m, op - OP_BREG0, view_sleb(c), SPACE_GENERIC);
	} else if (op >= OP_CONST1U && op <= OP_CONST8S) {
		constant(m, c, op);
	} else if (op >= OP_LLVM_FIRST && op <= OP_LLVM_LAST) {
		extension(m, c, op - OP_LLVM_FIRST + LLVM_FORM_ASPACE_ADDRESS);
	} else if (op >= OP_LLVM_PIECE_END && op <= OP_LLVM_SELECT_BIT_PIECE) {
		extension(m, c, op - OP_LLVM_PIECE_END + LLVM_PIECE_END);
	} else if (!on_stack(m, c, op) && !arithmetic(m, op)) {
		switch (op) {
		case OP_CONSTU:
			push_value(m, view_uleb(c));
			break;
		case OP_CONSTS:
			push_value(m, (uint64_t)view_sleb(c));
			break;
		case OP_DEREF:
			dereference(m, 8);
			break;
		case OP_DEREF_SIZE:
			dereference(m, (unsigned)view_fixed(c, 1));
			break;
		case OP_PLUS_UCONST:
			a = pop_value(m);
			push_value(m, a + view_uleb(c));
			break;
		case OP_REGX:
			push_register(m, view_uleb(c));
			break;
		case OP_BREGX:
			a = view_uleb(c);
			push_breg(m, a, view_sleb(c), SPACE_GENERIC);
			break;
		case OP_PIECE:
			piece(m, 8 * view_uleb(c), 0);
			break;
		case OP_BIT_PIECE:
			a = view_uleb(c);
			piece(m, a, view_uleb(c));
			break;
		case OP_CALL_FRAME_CFA:
			m->bad |= !m->q || m->nesting == MAX_NESTING || cfa_place(m, &cfa) < 0;
			push(m, cfa);
			break;
		case OP_LLVM_USER:
			extension(m, c, (unsigned)view_uleb(c));
			break;
		case OP_NOP:
		case OP_STACK_VALUE:
			break;
		default:
			m->bad = true;
		}
	}
}

/* Pieces that begin here belong to this expression; an expression inside another has its own stack. */
static int evaluate(struct machine *m, const uint8_t *e, size_t n, const struct place *first, struct place *out)
{
	struct view_cur c = { (uint8_t *)e, 0, n, false }; /* only read */
	unsigned outer_n = m->n, outer_composing = m->composing;
	if (m->nesting == MAX_NESTING)
		return refused(m, "expressions inside each other");
	m->nesting++;
	m->composing = m->n_parts;
	if (first)
		push(m, *first);
	for (unsigned steps = 0; !m->bad && !c.bad && c.at < c.end; steps++) {
		operate(m, &c, (unsigned)view_fixed(&c, 1));
		m->bad |= steps == MAX_STEPS || m->n < outer_n;
	}
	end_pieces(m);
	struct place result = m->n > outer_n ? m->stack[m->n - 1] : (struct place){ .kind = UNDEFINED };
	bool good = !m->bad && !c.bad;
	m->n = outer_n;
	m->composing = outer_composing < m->n_parts ? m->n_parts : outer_composing;
	m->nesting--;
	*out = result;
	return good ? 0 : refused(m, "an expression that is not understood or needs what is not known");
}

/* ------------------------------------------------------------------ what is asked */

int unwind_expr_read(const struct unwind_asked *q, unsigned slot, unsigned at, unsigned bytes, uint64_t *out, struct dbg_error *err)
{
	struct machine m = { .q = q, .err = err };
	struct place p;
	int status = rule_place(&m, slot, &p);
	return status < 0 ? status : read_place(&m, &p, 8 * at, bytes, out);
}

int unwind_expr_cfa(const struct unwind_asked *q, uint64_t *out, struct dbg_error *err)
{
	struct machine m = { .q = q, .err = err };
	struct place p;
	int status = cfa_place(&m, &p);
	if (status == 0 && (p.kind != MEMORY || p.space != SPACE_WAVE || p.bit % 8))
		return refused(&m, "the CFA is not in the wave's private memory");
	*out = p.value + p.bit / 8;
	return status;
}

bool unwind_expr_returns_by(const struct unwind_row *row, unsigned scalar)
{
	const struct unwind_rule *r = &row->rules[UNWIND_SLOT_PC];
	struct machine m = { .q = NULL };
	struct place p;
	if (r->kind == UNWIND_RULE_REGISTER)
		return r->slot == scalar;
	if (r->kind != UNWIND_RULE_EXPRESSION || evaluate(&m, r->e, r->n, NULL, &p) < 0 || p.kind != PIECES || p.n != 2)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		const struct part *part = &m.parts[p.first + i];
		if (part->bits != 32 || part->place.kind != REGISTER || part->place.slot != scalar + i || part->place.bit)
			return false;
	}
	return true;
}
