#include "src/view/line.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/view/bytes.h"
#include "src/view/line_flow.h"

/* DWARF 5, 7.22 */
enum { LNS_COPY = 1, LNS_ADVANCE_PC, LNS_ADVANCE_LINE, LNS_SET_FILE, LNS_SET_COLUMN, LNS_NEGATE_STMT, LNS_SET_BASIC_BLOCK, LNS_CONST_ADD_PC,
	LNS_FIXED_ADVANCE_PC, LNS_SET_PROLOGUE_END, LNS_SET_EPILOGUE_BEGIN, LNS_SET_ISA, N_STANDARD };
enum { LNE_END_SEQUENCE = 1, LNE_SET_ADDRESS = 2, LNE_SET_DISCRIMINATOR = 4 };
static const uint8_t standard_operands[N_STANDARD] = { 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1 };

struct program {
	uint8_t min_length, line_range, opcode_base, address_bytes;
	int8_t line_base;
	bool default_stmt;
	uint8_t *p; /* the line program itself */
	size_t n;
	struct view_rows rows;
};

static bool add_row(struct program *g, struct view_row *r)
{
	if (!view_rows_add(&g->rows, r))
		return false;
	r->placed = r->block = r->prologue_end = r->epilogue_begin = false;
	r->discriminator = 0;
	return true;
}

static struct view_row first_row(const struct program *g)
{
	return (struct view_row){ .line = 1, .file = 1, .stmt = g->default_stmt };
}

/* ------------------------------------------------------------------ reading */

static bool read_extended(struct program *g, struct view_cur *c, struct view_row *r)
{
	uint64_t n = view_uleb(c);
	size_t next = c->at + n;
	if (c->bad || n < 1 || n > c->end - c->at)
		return false;
	switch (view_fixed(c, 1)) {
	case LNE_END_SEQUENCE:
		r->end = true;
		if (!add_row(g, r))
			return false;
		*r = first_row(g);
		break;
	case LNE_SET_ADDRESS:
		if (n - 1 > 8 || (g->address_bytes && n - 1 != g->address_bytes))
			return false;
		g->address_bytes = (uint8_t)(n - 1);
		r->address = view_fixed(c, n - 1);
		r->placed = true;
		break;
	case LNE_SET_DISCRIMINATOR:
		r->discriminator = view_uleb(c);
		break;
	default:
		return false;
	}
	return !c->bad && c->at == next;
}

static bool read_standard(struct program *g, struct view_cur *c, unsigned op, struct view_row *r)
{
	switch (op) {
	case LNS_COPY:
		return add_row(g, r);
	case LNS_ADVANCE_PC:
		r->address += view_uleb(c) * g->min_length;
		break;
	case LNS_ADVANCE_LINE:
		r->line += (uint64_t)view_sleb(c);
		break;
	case LNS_SET_FILE:
		r->file = view_uleb(c);
		break;
	case LNS_SET_COLUMN:
		r->column = view_uleb(c);
		break;
	case LNS_NEGATE_STMT:
		r->stmt = !r->stmt;
		break;
	case LNS_SET_BASIC_BLOCK:
		r->block = true;
		break;
	case LNS_CONST_ADD_PC:
		r->address += (uint64_t)((255 - g->opcode_base) / g->line_range) * g->min_length;
		break;
	case LNS_FIXED_ADVANCE_PC:
		r->address += view_fixed(c, 2);
		break;
	case LNS_SET_PROLOGUE_END:
		r->prologue_end = true;
		break;
	case LNS_SET_EPILOGUE_BEGIN:
		r->epilogue_begin = true;
		break;
	case LNS_SET_ISA:
		r->isa = view_uleb(c);
		break;
	default:
		return false;
	}
	return true;
}

static bool read_rows(struct program *g)
{
	struct view_cur c = { .p = g->p, .at = 0, .end = g->n };
	struct view_row r = first_row(g);
	bool ok = true;
	while (ok && c.at < c.end) {
		unsigned op = (unsigned)view_fixed(&c, 1);
		if (op >= g->opcode_base) {
			op -= g->opcode_base;
			r.address += (uint64_t)(op / g->line_range) * g->min_length;
			r.line += (uint64_t)(int64_t)(g->line_base + (int)(op % g->line_range));
			ok = add_row(g, &r);
		} else
			ok = op ? read_standard(g, &c, op, &r) : read_extended(g, &c, &r);
		ok = ok && !c.bad;
	}
	return ok && g->rows.n > 0 && g->rows.p[g->rows.n - 1].end;
}

/* ------------------------------------------------------------------ choosing */

static bool repeats(const struct view_row *kept, const struct view_row *r)
{
	return r->file == kept->file && r->line == kept->line && r->isa == kept->isa && !r->stmt && !r->block && !r->prologue_end &&
		!r->epilogue_begin && !r->end && !r->placed;
}

static bool of_no_line(const struct view_row *r)
{
	return r->line == 0 && !r->end && !r->placed && !r->prologue_end && !r->epilogue_begin;
}

/* The code of no line at the beginning of a block becomes part of the statement behind it. Only what falls through gets from there to
 * the statement. */
static size_t move_statements(struct program *g, const struct view_targets *targets)
{
	size_t dropped = 0;
	for (size_t i = 0; i + 1 < g->rows.n; i++) {
		struct view_row *no_line = &g->rows.p[i], *statement = &g->rows.p[i + 1];
		if (!of_no_line(no_line) || !statement->line || !statement->stmt || statement->end || statement->placed || statement->prologue_end ||
			statement->epilogue_begin || statement->address <= no_line->address ||
			!view_targets_straight(targets, no_line->address, statement->address))
			continue;
		uint64_t address = no_line->address;
		*no_line = *statement;
		no_line->address = address;
		statement->stmt = false; /* it repeats that row now */
		statement->drop = true;
		dropped++;
	}
	return dropped;
}

static size_t choose(struct program *g)
{
	size_t dropped = 0;
	for (size_t i = 0; i < g->rows.n;) {
		const struct view_row *kept = &g->rows.p[i++];
		size_t next = i;
		while (kept->line && !kept->end && next < g->rows.n) {
			while (next < g->rows.n && of_no_line(&g->rows.p[next]))
				next++;
			if (next == g->rows.n || !repeats(kept, &g->rows.p[next]))
				break;
			for (next++; i < next; i++) {
				dropped += !g->rows.p[i].drop;
				g->rows.p[i].drop = true;
			}
		}
	}
	return dropped;
}

/* ------------------------------------------------------------------ writing */

static void put_extended(struct view_bytes *b, uint8_t op, const void *operand, size_t n)
{
	view_put_byte(b, 0);
	view_put_uleb(b, n + 1);
	view_put_byte(b, op);
	view_put(b, operand, n);
}

static void put_flags(struct view_bytes *b, const struct view_row *from, const struct view_row *r)
{
	if (r->file != from->file) {
		view_put_byte(b, LNS_SET_FILE);
		view_put_uleb(b, r->file);
	}
	if (r->column != from->column) {
		view_put_byte(b, LNS_SET_COLUMN);
		view_put_uleb(b, r->column);
	}
	if (r->isa != from->isa) {
		view_put_byte(b, LNS_SET_ISA);
		view_put_uleb(b, r->isa);
	}
	if (r->stmt != from->stmt)
		view_put_byte(b, LNS_NEGATE_STMT);
	if (r->block)
		view_put_byte(b, LNS_SET_BASIC_BLOCK);
	if (r->prologue_end)
		view_put_byte(b, LNS_SET_PROLOGUE_END);
	if (r->epilogue_begin)
		view_put_byte(b, LNS_SET_EPILOGUE_BEGIN);
	if (r->discriminator) {
		struct view_bytes leb = { .p = NULL };
		view_put_uleb(&leb, r->discriminator);
		b->failed |= leb.failed;
		put_extended(b, LNE_SET_DISCRIMINATOR, leb.p, leb.n);
		free(leb.p);
	}
}

/* Advances address and line and makes the row: by one special opcode, by one behind the shortest advance, or step by step. */
static void put_advance(struct view_bytes *b, const struct program *g, uint64_t units, int64_t lines)
{
	unsigned constant = (255u - g->opcode_base) / g->line_range;
	bool by_line = lines < g->line_base || lines >= g->line_base + g->line_range;
	unsigned rest = by_line ? (unsigned)-g->line_base : (unsigned)(lines - g->line_base);
	unsigned most = (255u - g->opcode_base - rest) / g->line_range; /* units that fit into a special opcode */
	if (by_line) {
		view_put_byte(b, LNS_ADVANCE_LINE);
		view_put_sleb(b, lines);
	}
	if (units > most && units - most <= constant && units >= constant) {
		view_put_byte(b, LNS_CONST_ADD_PC);
		units -= constant;
	} else if (units > most) {
		view_put_byte(b, LNS_ADVANCE_PC);
		view_put_uleb(b, units);
		units = 0;
	}
	view_put_byte(b, (uint8_t)(g->opcode_base + rest + units * g->line_range));
}

static bool put_row(struct view_bytes *b, const struct program *g, const struct view_row *from, const struct view_row *r)
{
	uint64_t bytes = r->address - from->address;
	uint8_t address[8];
	if (r->placed) {
		view_patch(address, r->address, sizeof address);
		put_extended(b, LNE_SET_ADDRESS, address, g->address_bytes);
		bytes = 0;
	}
	if (bytes % g->min_length)
		return false;
	put_flags(b, from, r);
	if (!r->end) {
		put_advance(b, g, bytes / g->min_length, (int64_t)(r->line - from->line));
		return true;
	}
	if (bytes) {
		view_put_byte(b, LNS_ADVANCE_PC);
		view_put_uleb(b, bytes / g->min_length);
	}
	put_extended(b, LNE_END_SEQUENCE, NULL, 0);
	return true;
}

/* The end row's line and flags tell nothing: only its address is written. */
static bool put_rows(struct view_bytes *b, const struct program *g)
{
	struct view_row from = first_row(g);
	for (size_t i = 0; i < g->rows.n; i++) {
		struct view_row r = g->rows.p[i];
		if (r.drop)
			continue;
		if (r.end) {
			r.file = from.file;
			r.column = from.column;
			r.isa = from.isa;
			r.stmt = from.stmt;
		}
		if (!put_row(b, g, &from, &r))
			return false;
		from = r.end ? first_row(g) : r;
	}
	return !b->failed;
}

/* ------------------------------------------------------------------ programs */

static size_t thin(struct program *g, const struct view_targets *targets)
{
	struct view_bytes b = { .p = NULL };
	size_t dropped = 0, changed = 0;
	if (read_rows(g) && view_rows_follow(&g->rows, targets, &changed)) {
		dropped = move_statements(g, targets);
		dropped += choose(g);
	}
	if (dropped + changed && put_rows(&b, g) && b.n <= g->n) {
		/* What was won goes to the front, where it says no more than that the first row begins a block: behind the last row readers
		 * expect another. */
		memset(g->p, LNS_SET_BASIC_BLOCK, g->n - b.n);
		memcpy(g->p + (g->n - b.n), b.p, b.n);
	} else
		dropped = 0;
	free(b.p);
	free(g->rows.p);
	return dropped;
}

/* One unit from its version on. */
static size_t thin_unit(struct view_cur c, size_t offset_bytes, const struct view_targets *targets)
{
	struct program g = { .p = NULL };
	uint64_t version = view_fixed(&c, 2);
	if (version < 2 || version > 5)
		return 0;
	if (version == 5) {
		g.address_bytes = (uint8_t)view_fixed(&c, 1);
		view_skip(&c, 1);
	}
	uint64_t header = view_fixed(&c, offset_bytes);
	size_t program = c.at + header;
	if (c.bad || header > c.end - c.at)
		return 0;
	g.min_length = (uint8_t)view_fixed(&c, 1);
	bool plain = version < 4 || view_fixed(&c, 1) == 1; /* one operation an instruction */
	g.default_stmt = view_fixed(&c, 1) != 0;
	g.line_base = (int8_t)view_fixed(&c, 1);
	g.line_range = (uint8_t)view_fixed(&c, 1);
	g.opcode_base = (uint8_t)view_fixed(&c, 1);
	if (c.bad || !plain || !g.min_length || !g.line_range || g.opcode_base != N_STANDARD || g.line_base > 0 || g.line_base + g.line_range <= 0)
		return 0;
	for (unsigned op = 1; op < g.opcode_base; op++)
		if (view_fixed(&c, 1) != standard_operands[op])
			return 0;
	if (c.bad)
		return 0;
	g.p = c.p + program;
	g.n = c.end - program;
	return thin(&g, targets);
}

size_t view_line_thin(uint8_t *section, size_t n, const struct view_targets *targets)
{
	struct view_cur c = { .p = section, .at = 0, .end = n };
	size_t dropped = 0;
	while (c.at < c.end) {
		size_t offset_bytes = 4;
		uint64_t length = view_fixed(&c, 4);
		if (length == 0xffffffff) {
			offset_bytes = 8;
			length = view_fixed(&c, 8);
		}
		if (c.bad || length > c.end - c.at)
			break;
		dropped += thin_unit((struct view_cur){ .p = section, .at = c.at, .end = c.at + length }, offset_bytes, targets);
		c.at += length;
	}
	return dropped;
}
