/* One location list for all of a file, which variables call when what they name is not there (guard.h). It covers the addresses at which
 * that is so whatever the lane: callers, which clients look up one byte before the address that a call comes back to, and unoptimised
 * functions before their frame is set up and after it is given up. There it is an operator that makes a location "optimized out" to
 * clients, the value at the entry of a register that nobody passes. It does not compile to what the stub evaluates, but no breakpoint
 * lies inside an instruction. */
#include "src/view/info.h"

#include "src/view/op.h"

enum { LIST_START_LENGTH = 8 };

static const uint8_t nowhere[] = { OP_ENTRY_VALUE, 1, OP_REG0 + 5 };

struct list {
	struct view_bytes *out;
	bool v5;
};

static void put_range(const struct list *l, uint64_t low, uint64_t high)
{
	if (low >= high)
		return;
	if (l->v5) {
		view_put_byte(l->out, LIST_START_LENGTH);
		view_put_fixed(l->out, low, 8);
		view_put_uleb(l->out, high - low);
		view_put_uleb(l->out, sizeof nowhere);
	} else {
		view_put_fixed(l->out, low, 8);
		view_put_fixed(l->out, high, 8);
		view_put_fixed(l->out, sizeof nowhere, 2);
	}
	view_put(l->out, nowhere, sizeof nowhere);
}

static void put_ranges(const struct view_dwarf *d, const struct list *l)
{
	const struct view_loops *code = d->loops;
	for (size_t i = 0; code && i < code->n_returns; i++)
		put_range(l, code->returns[i] - 1, code->returns[i]);
	for (size_t i = 0, k = 0; i < d->n_functions; i++) {
		const struct view_function *f = &d->functions[i];
		if (f->optimised || !f->body)
			continue;
		put_range(l, f->low, f->body);
		while (code && k < code->n_ends && code->ends[k].low < f->body)
			k++;
		for (; code && k < code->n_ends && code->ends[k].high <= f->high; k++)
			put_range(l, code->ends[k].low, code->ends[k].high);
	}
}

/* Appends the list; *at is where it begins in its section. */
static bool put_list(const struct view_dwarf *d, bool v5, struct view_bytes *out, size_t *at)
{
	const struct list l = { out, v5 };
	size_t start = out->n;
	if (v5) {
		view_put_fixed(out, 0, 4); /* length, below */
		view_put(out, (uint8_t[]){ 5, 0, 8, 0, 0, 0, 0, 0 }, 8); /* version, bytes of addresses and segments, offsets */
	}
	*at = out->n;
	if (!v5) {
		view_put_fixed(out, UINT64_MAX, 8); /* what follows counts from 0 */
		view_put_fixed(out, 0, 8);
	}
	put_ranges(d, &l);
	for (size_t i = 0; i < (v5 ? 1 : 16); i++)
		view_put_byte(out, 0);
	if (!out->failed && v5)
		view_patch(out->p + start, out->n - start - 4, 4);
	return !out->failed;
}

bool view_put_absent(struct view_info *s)
{
	size_t at[2];
	bool made[2] = { false, false };
	for (size_t i = 0; i < s->n_units; i++) {
		const struct view_unit *u = &s->units[i];
		unsigned v5 = u->version >= 5;
		if (!u->absent_at)
			continue;
		if (!made[v5] && !put_list(s->d, v5, v5 ? &s->d->new_loclists : &s->d->new_loc, &at[v5]))
			return false;
		made[v5] = true;
		view_patch(s->d->new_info.p + u->absent_ref, at[v5], u->offset_bytes);
	}
	return true;
}
