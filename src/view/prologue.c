#include "src/view/prologue.h"

enum {
	LNS_COPY = 1, LNS_ADVANCE_PC, LNS_ADVANCE_LINE, LNS_SET_FILE, LNS_SET_COLUMN, LNS_NEGATE_STMT, LNS_SET_BASIC_BLOCK, LNS_CONST_ADD_PC,
	LNS_FIXED_ADVANCE_PC, LNS_SET_PROLOGUE_END,
	LNE_END_SEQUENCE = 1, LNE_SET_ADDRESS, MAX_OPCODES = 256,
};

struct program {
	unsigned unit_bytes; /* of an instruction */
	unsigned line_range, opcode_base;
	uint8_t operands[MAX_OPCODES];
	uint64_t addr;
	bool ends; /* the next row is behind a prologue */
	struct view_function *functions;
	size_t n_functions;
};

/* Header of a unit's table (DWARF 6.2.4) up to its program. */
static bool read_header(struct view_cur *c, struct program *m)
{
	uint64_t n = view_fixed(c, 4);
	size_t offset_bytes = 4;
	if (n == 0xffffffff) {
		offset_bytes = 8;
		n = view_fixed(c, 8);
	}
	if (c->bad || n > c->end - c->at)
		return false;
	c->end = c->at + n;
	unsigned version = (unsigned)view_fixed(c, 2);
	if (version < 2 || version > 5)
		return false;
	if (version >= 5)
		view_skip(c, 2); /* sizes of addresses and segments */
	uint64_t rest = view_fixed(c, offset_bytes);
	if (c->bad || rest > c->end - c->at)
		return false;
	size_t code = c->at + rest;
	m->unit_bytes = (unsigned)view_fixed(c, 1);
	view_skip(c, version >= 4 ? 3 : 2); /* operations of an instruction, default is_stmt, line base */
	m->line_range = (unsigned)view_fixed(c, 1);
	m->opcode_base = (unsigned)view_fixed(c, 1);
	for (unsigned i = 1; i < m->opcode_base; i++)
		m->operands[i] = (uint8_t)view_fixed(c, 1);
	if (c->bad || !m->line_range || !m->opcode_base || c->at > code)
		return false;
	c->at = code;
	return true;
}

static void row(struct program *m)
{
	if (!m->ends)
		return;
	m->ends = false;
	for (size_t i = 0; i < m->n_functions && m->functions[i].low <= m->addr; i++)
		if (m->addr < m->functions[i].high && m->addr > m->functions[i].low && !m->functions[i].body)
			m->functions[i].body = m->addr;
}

static void advance(struct program *m, uint64_t operations)
{
	m->addr += operations * m->unit_bytes;
}

static void extended(struct view_cur *c, struct program *m)
{
	uint64_t n = view_uleb(c);
	if (c->bad || !n || n > c->end - c->at) {
		c->bad = true;
		return;
	}
	struct view_cur inner = { c->p, c->at, c->at + n, false };
	view_skip(c, n);
	switch (view_fixed(&inner, 1)) {
	case LNE_END_SEQUENCE:
		m->addr = 0;
		m->ends = false;
		break;
	case LNE_SET_ADDRESS:
		m->addr = view_fixed(&inner, n - 1);
		break;
	default:
		break;
	}
}

static void standard(struct view_cur *c, struct program *m, unsigned opcode)
{
	switch (opcode) {
	case LNS_COPY:
		row(m);
		break;
	case LNS_ADVANCE_PC:
		advance(m, view_uleb(c));
		break;
	case LNS_CONST_ADD_PC:
		advance(m, (255 - m->opcode_base) / m->line_range);
		break;
	case LNS_FIXED_ADVANCE_PC:
		m->addr += view_fixed(c, 2);
		break;
	case LNS_SET_PROLOGUE_END:
		m->ends = true;
		break;
	default:
		for (unsigned i = 0; i < m->operands[opcode]; i++)
			view_uleb(c);
	}
}

static void run(struct view_cur *c, struct program *m)
{
	while (!c->bad && c->at < c->end) {
		unsigned opcode = (unsigned)view_fixed(c, 1);
		if (opcode >= m->opcode_base) {
			advance(m, (opcode - m->opcode_base) / m->line_range);
			row(m);
		} else if (opcode) {
			standard(c, m, opcode);
		} else {
			extended(c, m);
		}
	}
}

void view_prologue_ends(uint8_t *line, size_t n, struct view_function *functions, size_t n_functions)
{
	for (size_t at = 0; at < n;) {
		struct view_cur c = { line, at, n, false };
		struct program m = { .functions = functions, .n_functions = n_functions };
		if (!read_header(&c, &m))
			return;
		at = c.end;
		run(&c, &m);
	}
}
