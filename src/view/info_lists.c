/* Location lists of both versions written anew. */
#include "src/view/info.h"

#include <stdlib.h>
#include <string.h>

static int list_order(const void *a, const void *b)
{
	const struct view_list *x = a, *y = b;
	if (x->v5 != y->v5)
		return x->v5 - y->v5;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* One entry per list, ordered. A list of several variables is that of the first, if all agree about what it may be taken for. */
void view_sort_lists(struct view_info *s)
{
	size_t n = 0;
	if (s->n_lists)
		qsort(s->lists, s->n_lists, sizeof *s->lists, list_order);
	for (size_t i = 0; i < s->n_lists; i++) {
		struct view_list *last = n ? &s->lists[n - 1] : NULL;
		if (!last || list_order(last, &s->lists[i]) != 0)
			s->lists[n++] = s->lists[i];
		else if (!last->unit)
			*last = s->lists[i];
		else
			last->shared |= s->lists[i].unit != NULL;
	}
	s->n_lists = n;
}

struct view_list *view_find_list(const struct view_info *s, size_t at, bool v5)
{
	struct view_list key = { .at = at, .v5 = v5 };
	return s->n_lists ? bsearch(&key, s->lists, s->n_lists, sizeof key, list_order) : NULL;
}

/* The list that begins at a position of the old section; notes where the new one does. */
static struct view_list *list_at(const struct view_info *s, size_t at, bool v5, size_t new_at)
{
	struct view_list *l = view_find_list(s, at, v5);
	if (l) {
		l->new_at = new_at;
		l->placed = true;
	}
	return l;
}

/* ------------------------------------------------------------------ addresses */

/* Where an entry of a list is valid. */
struct place {
	uint64_t base, low, high;
	bool base_unknown;
	bool known;    /* low and high are */
	bool location; /* an expression follows */
};

static void set(struct place *p, bool known, uint64_t low, uint64_t high)
{
	p->known = known;
	p->low = low;
	p->high = high;
}

static uint64_t indexed(const struct view_info *s, const struct view_unit *u, uint64_t index, bool *known)
{
	uint64_t addr = 0;
	*known = u && view_indexed_address(s->d, u, index, &addr);
	return *known ? addr : 0;
}

/* Clients look variables of a caller up one byte before the address that the call comes back to. An entry that ends there says that the register
 * does not outlive the call, and in the middle of the call it holds something else already: such an entry gives that byte up. */
static bool ends_in_call(const struct view_info *s, struct view_cur c, uint64_t n, const struct place *p)
{
	size_t at = c.at;
	view_skip(&c, n);
	return !c.bad && p->known && p->low + 1 < p->high && view_loops_returns(s->d->loops, p->high) && view_expr_lost_by_calls(c.p + at, n);
}

/* The register that the entries so far have told of a variable, and from where on. */
struct kept {
	bool known;
	uint64_t low, dwarf;
};

/* Whether the entry at the cursor, of n bytes, tells a register that the variable was in before it went to the one told last. */
static bool is_stale(const struct view_info *s, struct view_cur c, uint64_t n, const struct place *p, struct kept *kept)
{
	uint64_t dwarf;
	size_t at = c.at;
	view_skip(&c, n);
	if (c.bad || !p->known || !view_expr_register(c.p + at, n, &dwarf) || (kept->known && kept->dwarf == dwarf))
		return false;
	if (kept->known && view_loops_stale(s->d->loops, kept->low, kept->dwarf, p->low, dwarf))
		return true;
	*kept = (struct kept){ .known = true, .low = p->low, .dwarf = dwarf };
	return false;
}

/* Kinds of entries of .debug_loclists (DWARF 5, 7.7.3) */
enum { LLE_END, LLE_BASE_ADDRESSX, LLE_STARTX_ENDX, LLE_STARTX_LENGTH, LLE_OFFSET_PAIR, LLE_DEFAULT, LLE_BASE_ADDRESS, LLE_START_END, LLE_START_LENGTH };

/* Addresses of an entry of .debug_loclists (DWARF 5, 7.7.3). u NULL: of an unknown unit. False: unknown kind. */
static bool read_addresses(const struct view_info *s, const struct view_unit *u, struct view_cur *c, unsigned kind, struct place *p)
{
	uint64_t low, high;
	bool known, too;
	p->location = kind != LLE_END && kind != LLE_BASE_ADDRESSX && kind != LLE_BASE_ADDRESS;
	switch (kind) {
	case LLE_END:
		return true;
	case LLE_DEFAULT:
		set(p, false, 0, 0);
		return true;
	case LLE_BASE_ADDRESSX:
		p->base = indexed(s, u, view_uleb(c), &known);
		p->base_unknown = !known;
		return true;
	case LLE_BASE_ADDRESS:
		p->base = view_fixed(c, 8);
		p->base_unknown = false;
		return true;
	case LLE_STARTX_ENDX:
		low = indexed(s, u, view_uleb(c), &known);
		high = indexed(s, u, view_uleb(c), &too);
		set(p, known && too, low, high);
		return true;
	case LLE_STARTX_LENGTH:
		low = indexed(s, u, view_uleb(c), &known);
		set(p, known, low, low + view_uleb(c));
		return true;
	case LLE_OFFSET_PAIR:
		low = p->base + view_uleb(c);
		set(p, !p->base_unknown, low, p->base + view_uleb(c));
		return true;
	case LLE_START_END:
		low = view_fixed(c, 8);
		set(p, true, low, view_fixed(c, 8));
		return true;
	case LLE_START_LENGTH:
		low = view_fixed(c, 8);
		set(p, true, low, low + view_uleb(c));
		return true;
	default:
		return false;
	}
}

/* Whether a loop changes what the expression at the cursor tells, of n bytes. Leaves the cursor behind it. */
static bool entry_changes(const struct view_info *s, struct view_cur *c, uint64_t n, const struct place *p)
{
	size_t at = c->at;
	view_skip(c, n);
	return c->bad || view_expr_changes(c->p + at, n, s->d->loops, p->known ? p->low : 0, p->known ? p->high : UINT64_MAX);
}

/* Whether a loop carries what the list that follows tells of a variable. What cannot be read does; whoever writes the list finds out. */
static bool list_meets_loop(const struct view_info *s, const struct view_unit *u, struct view_cur c)
{
	struct place p = { .base = u->low };
	while (c.at < c.end) {
		unsigned kind = (unsigned)view_fixed(&c, 1);
		if (!kind)
			return false;
		if (!read_addresses(s, u, &c, kind, &p) || c.bad)
			break;
		if (p.location && entry_changes(s, &c, view_uleb(&c), &p))
			return true;
	}
	return true;
}

static bool loc_meets_loop(const struct view_info *s, const struct view_unit *u, struct view_cur c)
{
	struct place p = { .base = u->low };
	while (c.at < c.end) {
		uint64_t low = view_fixed(&c, 8), high = view_fixed(&c, 8);
		if (c.bad || (!low && !high))
			return c.bad;
		if (low == UINT64_MAX) {
			p.base = high;
			continue;
		}
		set(&p, true, p.base + low, p.base + high);
		if (entry_changes(s, &c, view_fixed(&c, 2), &p))
			return true;
	}
	return true;
}

/* ------------------------------------------------------------------ writing */

/* Re-encodes an expression of a list; its length field, of 2 bytes or ULEB128, goes before it. What is not to be told (l NULL, or of no unit, or
 * shared by variables that differ) is empty. */
static bool put_list_expression(struct view_info *s, const struct view_list *l, const struct place *p, struct view_cur *c, uint64_t n, bool short_length,
	struct view_bytes *out, struct view_bytes *text)
{
	size_t at = c->at;
	view_skip(c, n);
	if (c->bad)
		return false;
	text->n = 0;
	if (l && l->unit && !l->shared &&
		!view_put_expression(s, l->unit, &s->dies[l->die], c->p + at, n, p->known ? p->low : UINT64_MAX, p->high, text))
		return false;
	if (short_length && text->n > UINT16_MAX)
		return false;
	if (short_length)
		view_put(out, (uint8_t[]){ (uint8_t)text->n, (uint8_t)(text->n >> 8) }, 2);
	else
		view_put_uleb(out, text->n);
	view_put(out, text->p, text->n);
	return !out->failed;
}

/* What a list's entries are relative to before they say it themselves. */
static struct place list_base(const struct view_list *l)
{
	bool known = l && l->unit;
	return (struct place){ .base = known ? l->unit->low : 0, .base_unknown = !known };
}

/* .debug_loc: every list one after another. */
bool view_put_loc(struct view_info *s, struct view_bytes *text)
{
	struct view_cur c = { s->d->loc.data, 0, s->d->loc.n, false };
	struct view_bytes *out = &s->d->new_loc;
	struct view_list *l = NULL;
	struct place p = { .base = 0 };
	struct kept kept = { .known = false };
	bool begins = true;
	while (c.at < c.end) {
		if (begins) {
			l = list_at(s, c.at, false, out->n);
			p = list_base(l);
			kept.known = false;
		}
		if (begins && l && l->unit)
			s->dies[l->die].in_loop = loc_meets_loop(s, l->unit, c);
		uint64_t low = view_fixed(&c, 8), high = view_fixed(&c, 8), n = 0;
		bool stale = false;
		begins = !low && !high;
		bool location = !begins && low != UINT64_MAX;
		if (low == UINT64_MAX)
			p = (struct place){ .base = high };
		if (location) {
			n = view_fixed(&c, 2);
			set(&p, !p.base_unknown, p.base + low, p.base + high);
			high -= ends_in_call(s, c, n, &p);
			stale = is_stale(s, c, n, &p, &kept);
		}
		if (c.bad)
			return false;
		view_put_fixed(out, low, 8);
		view_put_fixed(out, high, 8);
		if (location && !put_list_expression(s, stale ? NULL : l, &p, &c, n, true, out, text))
			return false;
	}
	return !out->failed;
}

/* The addresses of an entry as they were, but for its last byte. False: they are not told in a way that could say that. */
static bool put_shorter(struct view_bytes *out, const struct view_cur *entry, unsigned kind)
{
	struct view_cur c = *entry;
	view_skip(&c, 1);
	bool fixed = kind == LLE_START_END || kind == LLE_START_LENGTH;
	if (kind == LLE_STARTX_ENDX || kind == LLE_DEFAULT)
		return false;
	uint64_t low = fixed ? view_fixed(&c, 8) : view_uleb(&c);
	uint64_t high = kind == LLE_START_END ? view_fixed(&c, 8) : view_uleb(&c);
	view_put_byte(out, (uint8_t)kind);
	if (fixed)
		view_put_fixed(out, low, 8);
	else
		view_put_uleb(out, low);
	if (kind == LLE_START_END)
		view_put_fixed(out, high - 1, 8);
	else
		view_put_uleb(out, high - 1);
	return true;
}

/* One list after another. Where each begins is noted in `begins`, by old offset from the table. */
static bool put_lists(struct view_info *s, struct view_cur *c, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_loclists;
	struct view_list *l = NULL;
	struct place p = { .base = 0 };
	struct kept kept = { .known = false };
	bool first = true;
	while (!c->bad && c->at < c->end) {
		struct view_cur entry = *c;
		uint64_t n = 0;
		if (first) {
			l = list_at(s, c->at, true, out->n);
			p = list_base(l);
			kept.known = false;
		}
		if (first && l && l->unit)
			s->dies[l->die].in_loop = list_meets_loop(s, l->unit, *c);
		unsigned kind = (unsigned)view_fixed(c, 1);
		first = kind == LLE_END;
		if (!read_addresses(s, l ? l->unit : NULL, c, kind, &p) || c->bad)
			return false;
		size_t length = c->at - entry.at;
		if (p.location)
			n = view_uleb(c);
		bool stale = p.location && is_stale(s, *c, n, &p, &kept);
		if (!p.location || !ends_in_call(s, *c, n, &p) || !put_shorter(out, &entry, kind))
			view_put(out, entry.p + entry.at, length);
		if (p.location && !put_list_expression(s, stale ? NULL : l, &p, c, n, false, out, text))
			return false;
	}
	return !c->bad && !out->failed;
}

/* One table of .debug_loclists (DWARF 5, 7.29): offsets, then lists. Offsets of lists that nothing refers to lead to the table's own start. */
static bool put_table(struct view_info *s, struct view_cur *c, size_t at, unsigned offset_bytes, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_loclists;
	size_t new_at = out->n;
	unsigned version = (unsigned)view_fixed(c, 2), addr_bytes = (unsigned)view_fixed(c, 1);
	view_fixed(c, 1);
	uint64_t offsets = view_fixed(c, 4);
	size_t base = c->at;
	if (c->bad || version != 5 || addr_bytes != 8 || offsets > (c->end - c->at) / offset_bytes)
		return false;
	view_skip(c, offsets * offset_bytes);
	view_put(out, c->p + at, c->at - at);
	size_t new_base = new_at + (base - at);
	list_at(s, base, true, new_base); /* the base itself is referred to; with no offsets it is the first list */
	if (!put_lists(s, c, text))
		return false;
	for (uint64_t i = 0; i < offsets; i++) {
		struct view_cur o = { c->p, base + i * offset_bytes, c->end, false };
		const struct view_list *l = view_find_list(s, base + view_fixed(&o, offset_bytes), true);
		view_patch(out->p + new_base + i * offset_bytes, l && l->new_at > new_base ? l->new_at - new_base : 0, offset_bytes);
	}
	size_t length = out->n - new_at - (offset_bytes == 8 ? 12 : 4);
	view_patch(out->p + new_at + (offset_bytes == 8 ? 4 : 0), length, offset_bytes);
	return true;
}

bool view_put_loclists(struct view_info *s, struct view_bytes *text)
{
	struct view_cur all = { s->d->loclists.data, 0, s->d->loclists.n, false };
	while (all.at < all.end) {
		unsigned offset_bytes;
		size_t at = all.at;
		uint64_t n = view_unit_length(&all, &offset_bytes);
		if (all.bad)
			return false;
		struct view_cur c = { all.p, all.at, all.at + n, false };
		view_skip(&all, n);
		if (!put_table(s, &c, at, offset_bytes, text))
			return false;
	}
	return true;
}
