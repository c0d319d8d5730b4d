#include "src/view/line_flow.h"

#include <stdlib.h>

#include "src/base/grow.h"

bool view_rows_add(struct view_rows *rows, const struct view_row *row)
{
	struct view_row *p = dbg_grow(rows->p, rows->n, &rows->max, sizeof *p);
	if (!p)
		return false;
	rows->p = p;
	p[rows->n++] = *row;
	return true;
}

/* Rows of one sequence: addresses ascend. */
struct sequence {
	const struct view_row *rows;
	size_t n; /* without the end */
	const struct view_targets *targets;
};

/* The line of an address; 0: none. */
static const struct view_row *row_of(const struct sequence *s, uint64_t address)
{
	size_t low = 0, high = s->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (s->rows[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &s->rows[low - 1] : NULL;
}

static bool same_line(const struct view_row *a, const struct view_row *b)
{
	return a->line == b->line && a->file == b->file;
}

/* What leads to a place. */
struct origins {
	bool unknown; /* code of no line */
	bool of_line; /* of the line asked for */
	bool of_next; /* of the other one */
	bool other;
};

static struct origins origins_of(const struct sequence *s, uint64_t address, const struct view_row *line, const struct view_row *next)
{
	struct origins o = { .unknown = false };
	size_t n;
	const struct view_branch *b = view_targets_sources(s->targets, address, &n);
	for (size_t i = 0; i < n; i++) {
		const struct view_row *from = row_of(s, b[i].from);
		if (!from || !from->line)
			o.unknown = true;
		else if (same_line(from, line))
			o.of_line = true;
		else if (next && same_line(from, next))
			o.of_next = true;
		else
			o.other = true;
	}
	return o;
}

/* A piece of a line that other lines lead to, and nothing falls into. */
static bool begins_statement(const struct sequence *s, const struct view_row *r)
{
	if (r->stmt || !r->line || !view_targets_block(s->targets, r->address))
		return false;
	struct origins o = origins_of(s, r->address, r, NULL);
	return o.other && !o.unknown && !o.of_line;
}

static bool is_plain(const struct view_row *r)
{
	return !r->end && !r->placed && !r->prologue_end && !r->epilogue_begin;
}

/* The block in this row, at its beginning only when the row is of no line, that leads to the next row and nowhere else: a row for it. */
static bool leads_on(const struct sequence *s, const struct view_row *r, const struct view_row *next, struct view_row *made)
{
	uint64_t from = r->line ? r->address + 4 : r->address, at, none;
	if (!is_plain(next) || !next->line || same_line(r, next) || next->address <= from ||
		!view_targets_last(s->targets, from, next->address, &at) || !view_targets_block(s->targets, at) ||
		view_targets_last(s->targets, next->address, next->address + 4, &none) || (at == r->address && !is_plain(r)))
		return false;
	struct origins o = origins_of(s, at, r, next);
	if (o.unknown || o.of_line || (o.other && !view_targets_straight(s->targets, at, next->address)))
		return false;
	*made = *next;
	made->address = at;
	made->stmt = next->stmt && o.other;
	return true;
}

/* A statement that is nothing but upkeep, of a line that has another one not far in front. */
static bool is_upkeep(const struct sequence *s, size_t i)
{
	enum { NEAR = 64 };
	const struct view_row *r = &s->rows[i];
	if (!r->stmt || !r->line || !is_plain(r) || i + 1 == s->n || !view_targets_upkeep(s->targets, r->address, r[1].address))
		return false;
	for (size_t back = 1; back <= i && back <= NEAR; back++)
		if (same_line(&r[-(ptrdiff_t)back], r) && r[-(ptrdiff_t)back].stmt)
			return true;
	return false;
}

static bool follow_sequence(const struct sequence *s, struct view_rows *out, size_t *changed)
{
	bool merged = false; /* the row before leads on into this one */
	for (size_t i = 0; i < s->n; i++) {
		struct view_row r = s->rows[i], made;
		if (merged || is_upkeep(s, i)) {
			r.stmt = false;
			++*changed;
		} else if (begins_statement(s, &r)) {
			r.stmt = true;
			++*changed;
		}
		merged = i + 1 < s->n && leads_on(s, &s->rows[i], &s->rows[i + 1], &made);
		*changed += merged;
		if ((!merged || made.address != r.address) && !view_rows_add(out, &r))
			return false;
		if (merged && !view_rows_add(out, &made))
			return false;
	}
	return true;
}

bool view_rows_follow(struct view_rows *rows, const struct view_targets *targets, size_t *changed)
{
	struct view_rows out = { .p = NULL };
	bool ok = true;
	*changed = 0;
	for (size_t i = 0, start = 0; ok && i < rows->n; i++) {
		if (i > start && rows->p[i].address < rows->p[i - 1].address)
			break; /* not a table that this can be asked of */
		if (!rows->p[i].end)
			continue;
		struct sequence s = { .rows = rows->p + start, .n = i - start, .targets = targets };
		ok = follow_sequence(&s, &out, changed) && view_rows_add(&out, &rows->p[i]);
		start = i + 1;
		if (start == rows->n && ok) {
			free(rows->p);
			*rows = out;
			return true;
		}
	}
	*changed = 0;
	free(out.p);
	return ok;
}
