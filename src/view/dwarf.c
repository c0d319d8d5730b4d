#include "src/view/info.h"
#include "src/view/prologue.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/grow.h"

void *view_grow(struct view_info *s, void *array, size_t *n, size_t *room, size_t each)
{
	void *grown = dbg_grow(array, *n, room, each);
	if (!grown)
		s->out_of_memory = true;
	return grown;
}

bool view_add_fixup(struct view_info *s, struct view_fixup **array, size_t *n, size_t *room, struct view_fixup f)
{
	struct view_fixup *grown = view_grow(s, *array, n, room, sizeof f);
	if (!grown)
		return false;
	*array = grown;
	grown[(*n)++] = f;
	return true;
}

/* ------------------------------------------------------------------ the producer */

/* A client knows by the first word that line tables of this compiler mark the end of a prologue. Distributions put their name before it. */
static void rewrite_producer(struct view_section *s)
{
	static const char word[] = "clang version ";
	for (size_t at = 0; at < s->n;) {
		uint8_t *text = s->data + at, *nul = memchr(text, 0, s->n - at);
		if (!nul)
			return;
		size_t n = (size_t)(nul - text);
		uint8_t *found = memmem(text, n, word, sizeof word - 1);
		if (found && found != text) {
			size_t rest = n - (size_t)(found - text);
			memmove(text, found, rest);
			memset(text + rest, 0, n - rest);
		}
		at += n + 1;
	}
}

static int by_low(const void *a, const void *b)
{
	const struct view_function *x = a, *y = b;
	return x->low < y->low ? -1 : x->low > y->low;
}

static void order_functions(struct view_dwarf *d)
{
	if (d->functions)
		qsort(d->functions, d->n_functions, sizeof *d->functions, by_low);
	view_prologue_ends(d->line.data, d->line.n, d->functions, d->n_functions);
}

/* ------------------------------------------------------------------ all of it */

static bool note_units(struct view_info *s)
{
	struct view_cur all = { s->d->info.data, 0, s->d->info.n, false };
	size_t room = 0;
	while (all.at < all.end) {
		struct view_unit *grown = view_grow(s, s->units, &s->n_units, &room, sizeof *grown);
		if (!grown)
			return false;
		s->units = grown;
		if (!view_read_unit_header(&all, &grown[s->n_units]))
			return false;
		s->n_units++;
	}
	for (size_t i = 0; i < s->n_units; i++)
		if (!view_note_unit(s, &s->units[i]))
			return false;
	return view_lds_place(s);
}

static bool put_units(struct view_info *s, struct view_bytes *text)
{
	size_t index = 0;
	uint64_t abbrevs = 0;
	for (size_t i = 0; i < s->n_units; i++)
		if (!view_put_unit(s, &s->units[i], i ? &s->units[i - 1] : NULL, &abbrevs, &index, text))
			return false;
	for (size_t i = 0; i < s->n_infos; i++)
		if (!view_settle(s, s->d->new_info.p, &s->infos[i]))
			return false;
	return true;
}

/* Bases of tables are lists too as far as their places go. */
static bool note_bases(struct view_info *s)
{
	for (size_t i = 0; i < s->n_list_refs; i++) {
		struct view_list *grown = view_grow(s, s->lists, &s->n_lists, &s->room_lists, sizeof *grown);
		if (!grown)
			return false;
		s->lists = grown;
		grown[s->n_lists++] = (struct view_list){ .at = s->list_refs[i].target, .v5 = s->list_refs[i].v5 };
	}
	return true;
}

static bool put_all_lists(struct view_info *s, struct view_bytes *text)
{
	struct view_dwarf *d = s->d;
	view_sort_lists(s);
	if (!view_put_loc(s, text) || !view_put_loclists(s, text) || !view_put_absent(s))
		return false;
	for (size_t i = 0; i < s->n_lists; i++)
		if (!s->lists[i].placed)
			return false; /* a reference into the middle of nothing */
	for (size_t i = 0; i < s->n_list_refs; i++) {
		const struct view_list *l = view_find_list(s, s->list_refs[i].target, s->list_refs[i].v5);
		if (!l)
			return false;
		view_patch(d->new_info.p + s->list_refs[i].at, l->new_at, s->list_refs[i].bytes);
	}
	return true;
}

static void free_state(struct view_info *s)
{
	for (size_t i = 0; i < s->n_units; i++)
		free(s->units[i].abbrevs);
	free(s->units);
	free(s->dies);
	free(s->lists);
	free(s->infos);
	free(s->list_refs);
	view_demand_free(&s->first_writes.demand);
}

int view_dwarf_rewrite(struct view_dwarf *d, struct dbg_error *err)
{
	struct view_info s = { .d = d };
	struct view_bytes text = { .p = NULL };
	int status = 0;
	if (!note_units(&s) || !put_units(&s, &text))
		status = dbg_fail(err, DBG_REFUSED, "debug information is damaged or of an unknown kind");
	else if (order_functions(d), !note_bases(&s) || !put_all_lists(&s, &text))
		status = dbg_fail(err, DBG_REFUSED, "location lists are damaged");
	if (s.out_of_memory || text.failed)
		status = dbg_fail(err, DBG_INTERNAL, "out of memory for debug information");
	free(text.p);
	free_state(&s);
	if (status < 0)
		return status;
	rewrite_producer(&d->str);
	rewrite_producer(&d->line_str);
	return 0;
}

