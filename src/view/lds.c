/* Where variables in LDS are. Debug information does not say it: every one of them is linked to address 0 (isa 11.2). The compiler lays the
 * variables that a kernel reaches out in one structure at the beginning of its LDS, by a rule that needs only their sizes, alignments and names.
 * The rule is followed here, and believed where the kernel was given exactly as many bytes as come out of it. */
#include "src/view/info.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_VARIABLES = 256, MAX_DEPTH = 16 };

struct variable {
	size_t die;
	uint64_t bytes, natural, align, at; /* natural: what its type asks for */
	const char *symbol; /* NULL: not known */
	bool placed;
};

struct layout {
	struct variable v[MOST_VARIABLES];
	size_t n;
	uint64_t bytes;
};

static uint64_t round_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) / align * align;
}

/* ------------------------------------------------------------------ alignment */

static uint64_t natural_align(const struct view_info *s, size_t type, unsigned depth);

/* Entries of a structure's parts lie between it and the end of the list of its children. */
static uint64_t align_of_parts(const struct view_info *s, const struct view_die *t, unsigned depth)
{
	uint64_t most = 1;
	size_t nested = 0;
	for (const struct view_die *c = t + 1; t->children && c < s->dies + s->n_dies; c++) {
		if (!c->tag && nested-- == 0)
			break;
		if ((c->tag == TAG_MEMBER || c->tag == TAG_INHERITANCE) && nested == 0 && !c->is_static) {
			uint64_t align = c->align ? c->align : natural_align(s, c->type, depth + 1);
			if (!align)
				return 0;
			most = align > most ? align : most;
		}
		nested += c->children;
	}
	return most;
}

/* 0: not known. */
static uint64_t natural_align(const struct view_info *s, size_t type, unsigned depth)
{
	const struct view_die *t = type ? view_plain_type(s, type) : NULL;
	if (!t || depth > MAX_DEPTH)
		return 0;
	if (t->align)
		return t->align;
	switch (t->tag) {
	case TAG_ARRAY:
		if (!t->vector)
			return natural_align(s, t->type, depth + 1);
		/* a vector is aligned like the next power of two */
		for (uint64_t n = 1, bytes = view_type_bytes(s, type); bytes && n <= 1024; n *= 2)
			if (n >= bytes)
				return n;
		return 0;
	case TAG_STRUCTURE:
	case TAG_CLASS:
	case TAG_UNION:
		return align_of_parts(s, t, depth);
	default:
		return view_type_bytes(s, type);
	}
}

/* LDS variables get more than their types ask for, so that wide accesses may be used. */
static uint64_t lds_align(uint64_t bytes, uint64_t align)
{
	uint64_t wide = bytes > 8 ? 16 : bytes > 4 ? 8 : bytes > 2 ? 4 : bytes;
	return align > wide ? align : wide;
}

/* ------------------------------------------------------------------ names */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether a symbol is that of a variable: the name itself, or behind a dot, or with its length before it as C++ mangles. */
static bool names(const char *symbol, const char *name)
{
	size_t n = strlen(symbol), k = strlen(name), length = 0, unit = 1, at = n - k;
	if (k > n || strcmp(symbol + at, name) != 0)
		return false;
	if (!at || symbol[at - 1] == '.')
		return true;
	for (; at && digit(symbol[at - 1]) && unit < 100000; at--, unit *= 10)
		length += unit * (size_t)(symbol[at - 1] - '0');
	return length == k;
}

static const char *symbol_of(const struct view_info *s, const struct view_die *die)
{
	const char *found = NULL;
	for (size_t i = 0; die->name && i < s->d->n_undefined; i++) {
		if (!names(s->d->undefined[i], die->name))
			continue;
		if (found && strcmp(found, s->d->undefined[i]) != 0)
			return NULL; /* which of them? */
		found = s->d->undefined[i];
	}
	return found;
}

/* ------------------------------------------------------------------ the layout */

/* Of two variables that need the same padding the more aligned comes first, then the larger one, then by name. Unknown names: *tie. */
static bool before(const struct variable *a, const struct variable *b, bool *tie)
{
	if (a->align != b->align)
		return a->align > b->align;
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes;
	int order = a->symbol && b->symbol ? strcmp(a->symbol, b->symbol) : 0;
	*tie |= !order;
	return order < 0;
}

static bool lay_out(struct layout *l)
{
	uint64_t end = 0, most = 1;
	bool tie = false;
	for (size_t done = 0; done < l->n; done++) {
		struct variable *best = NULL;
		for (size_t i = 0; i < l->n; i++) {
			struct variable *v = &l->v[i];
			if (v->placed)
				continue;
			uint64_t pad = round_up(end, v->align) - end, least = best ? round_up(end, best->align) - end : 0;
			if (!best || pad < least || (pad == least && before(v, best, &tie)))
				best = v;
		}
		best->at = round_up(end, best->align);
		best->placed = true;
		end = best->at + best->bytes;
		most = best->natural > most ? best->natural : most;
	}
	l->bytes = round_up(end, most);
	return !tie;
}

static const struct view_kernel *kernel_around(const struct view_info *s, const struct view_die *die)
{
	const struct view_die *function = die->scope == SIZE_MAX ? NULL : &s->dies[die->scope];
	return function && function->has_low ? view_kernel_at(s->d, function->low) : NULL;
}

/* The variables that a kernel reaches: its own, and, when it is the only kernel, those of no kernel. */
static bool gather(const struct view_info *s, const struct view_kernel *k, struct layout *l)
{
	*l = (struct layout){ .n = 0 };
	for (size_t i = 0; i < s->n_dies; i++) {
		const struct view_die *die = &s->dies[i];
		const struct view_kernel *of = die->names_lds ? kernel_around(s, die) : NULL;
		if (!die->names_lds || (of ? of != k : s->d->n_kernels != 1))
			continue;
		size_t type = view_type_of(s, die);
		uint64_t bytes = view_type_bytes(s, type), natural = natural_align(s, type, 0);
		if (!bytes || !natural || l->n == MOST_VARIABLES)
			return false;
		uint64_t align = lds_align(bytes, die->align > natural ? die->align : natural);
		l->v[l->n++] = (struct variable){ .die = i, .bytes = bytes, .natural = natural, .align = align, .symbol = symbol_of(s, die) };
	}
	return l->n > 0;
}

bool view_lds_place(struct view_info *s)
{
	bool any = false;
	for (size_t i = 0; i < s->n_dies && !any; i++)
		any = s->dies[i].names_lds;
	struct layout *l = any ? malloc(sizeof *l) : NULL;
	if (any && !l) {
		s->out_of_memory = true;
		return false;
	}
	for (size_t i = 0; any && i < s->d->n_kernels; i++) {
		const struct view_kernel *k = &s->d->kernels[i];
		if (!gather(s, k, l) || !lay_out(l) || l->bytes != k->lds_bytes)
			continue;
		for (size_t v = 0; v < l->n; v++) {
			s->dies[l->v[v].die].lds_known = true;
			s->dies[l->v[v].die].lds_at = (uint32_t)l->v[v].at;
		}
	}
	free(l);
	return true;
}
