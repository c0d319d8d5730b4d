/* A register's value is followed from instruction to instruction, forwards and backwards, over jumps: the set of instructions before which it is there is
 * a web. What becomes of it (copies, sums) and what it came from have webs of their own, a few of which are looked at. */
#include "src/view/demand.h"

#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"

enum { WORD = 4, VECTORS = 256, NOWHERE = UINT16_MAX };
enum { MOST_INSTRUCTIONS = 1 << 15, MOST_WEBS = 24, MAX_DEPTH = 4 };

enum demand {
	DEMAND_WHOLE = 1,
	DEMAND_PART = 2,
	DEMAND_UNKNOWN = 4, /* of a function that is called or returned to */
};

struct view_demand_insn {
	uint64_t written[VIEW_LOOP_REGISTERS / 64];
	struct gfx_use use;
	size_t jumps_to; /* an instruction's number, SIZE_MAX: none */
	size_t jumped_from, jumped_also; /* a list: the first instruction that jumps here, the next one that jumps to where this one does */
	uint32_t at;     /* from the function's entry */
	uint16_t copy_to, copy_from; /* registers */
	bool falls, calls, returns;
};

/* A search for one variable: sets of instructions before which a register holds one value, or what becomes of it. */
struct search {
	const struct view_demand *d;
	unsigned webs;
	bool lost;
};

static unsigned demanded(struct search *s, size_t at, size_t reg, size_t came_from, bool origins, unsigned depth);

static size_t register_of(unsigned code)
{
	return code < VECTORS ? code : (size_t)code - VECTORS + VIEW_LOOP_SCALARS;
}

static unsigned code_of(size_t reg)
{
	return (unsigned)(reg < VIEW_LOOP_SCALARS ? reg : reg - VIEW_LOOP_SCALARS + VECTORS);
}

static bool has(const uint16_t *list, unsigned n, unsigned code)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == code)
			return true;
	return false;
}

/* ------------------------------------------------------------------ reading a function */

static size_t number_at(const struct view_demand *d, uint64_t at)
{
	size_t low = 0, high = d->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (d->insns[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < d->n && d->insns[low].at == at ? low : SIZE_MAX;
}

static void read_copy(const struct gfx_family *family, const uint8_t *p, size_t n, struct view_demand_insn *i)
{
	struct gfx_effect e;
	i->copy_to = i->copy_from = NOWHERE;
	if (i->use.copy) {
		i->copy_to = (uint16_t)register_of(i->use.to);
		i->copy_from = (uint16_t)register_of(i->use.through[0]);
	} else if (gfx_insn_effect(family, p, n, &e) == 0 && e.kind == GFX_EFFECT_MOVE && !e.swaps && e.n_vectors == 1) {
		/* to accumulation registers and back */
		i->copy_to = (uint16_t)(VIEW_LOOP_SCALARS + e.vector);
		i->copy_from = (uint16_t)(VIEW_LOOP_SCALARS + e.from);
	}
}

/* False: not an instruction. */
static bool read_insn(const struct view_loops *l, const uint8_t *p, size_t n, struct view_demand_insn *i, struct gfx_insn *insn)
{
	memset(i, 0, sizeof *i);
	if (gfx_insn_decode(l->family, p, n, insn) < 0 || !insn->length || gfx_insn_use(l->family, p, n, &i->use) < 0)
		return false;
	i->calls = insn->class == GFX_INSN_CALL || insn->class == GFX_INSN_SWAPPC;
	i->returns = insn->class == GFX_INSN_SETPC || insn->class == GFX_INSN_ENDPGM;
	i->falls = !i->returns && insn->class != GFX_INSN_BRANCH;
	if (!i->calls)
		view_loops_writes(l->family, p, insn->length, i->written);
	read_copy(l->family, p, n, i);
	return true;
}

static void note_jumps(struct view_demand *d)
{
	for (size_t i = 0; i < d->n; i++)
		d->insns[i].jumped_from = d->insns[i].jumped_also = SIZE_MAX;
	for (size_t i = 0; i < d->n; i++) {
		struct view_demand_insn *insn = &d->insns[i];
		if (insn->jumps_to == SIZE_MAX)
			continue;
		insn->jumps_to = number_at(d, insn->jumps_to);
		if (insn->jumps_to != SIZE_MAX) {
			insn->jumped_also = d->insns[insn->jumps_to].jumped_from;
			d->insns[insn->jumps_to].jumped_from = i;
		}
	}
}

static bool read_function(struct view_demand *d, const struct view_loops *l, const struct view_code *code, uint64_t entry, uint64_t end)
{
	const uint8_t *p = code->p + (entry - code->addr);
	size_t n = end - entry, at = 0;
	struct gfx_insn insn;
	view_demand_free(d);
	d->entry = entry;
	d->end = end;
	if (n / WORD > MOST_INSTRUCTIONS || !(d->insns = calloc(n / WORD + 1, sizeof *d->insns)))
		return false;
	for (; at + WORD <= n; at += insn.length) {
		struct view_demand_insn *i = &d->insns[d->n];
		if (!read_insn(l, p + at, n - at, i, &insn)) {
			d->n = 0;
			return false;
		}
		i->at = (uint32_t)at;
		bool branches = insn.class == GFX_INSN_BRANCH || insn.class == GFX_INSN_COND_BRANCH;
		i->jumps_to = branches ? (size_t)((int64_t)at + WORD + (int64_t)insn.simm16 * WORD) : SIZE_MAX; /* an address, below a number */
		d->n++;
	}
	note_jumps(d);
	return d->n;
}

/* ------------------------------------------------------------------ where a register holds the same value */

static bool writes(const struct view_demand_insn *i, size_t reg)
{
	return i->calls ? !view_loops_keeps(reg) : i->written[reg / 64] >> reg % 64 & 1;
}

/* The instructions before which the value is there. */
struct web {
	uint8_t *in;      /* one an instruction */
	uint32_t *member; /* their numbers, n of them */
	size_t n;
};

static void add(struct web *w, size_t i)
{
	if (w->in[i])
		return;
	w->in[i] = 1;
	w->member[w->n++] = (uint32_t)i;
}

static bool web_open(struct web *w, const struct view_demand *d, size_t reg, size_t at)
{
	w->n = 0;
	w->in = calloc(d->n, 1);
	w->member = malloc(d->n * sizeof *w->member);
	if (!w->in || !w->member)
		return false;
	add(w, at);
	for (size_t k = 0; k < w->n; k++) {
		size_t i = w->member[k];
		const struct view_demand_insn *insn = &d->insns[i];
		if (!writes(insn, reg)) {
			if (insn->falls && i + 1 < d->n)
				add(w, i + 1);
			if (insn->jumps_to != SIZE_MAX)
				add(w, insn->jumps_to);
		}
		if (i > 0 && d->insns[i - 1].falls && !writes(&d->insns[i - 1], reg))
			add(w, i - 1);
		for (size_t from = insn->jumped_from; from != SIZE_MAX; from = d->insns[from].jumped_also)
			if (!writes(&d->insns[from], reg))
				add(w, from);
	}
	return true;
}

static void web_close(struct web *w)
{
	free(w->in);
	free(w->member);
}

/* ------------------------------------------------------------------ what is asked for */

/* By what is computed: of that, all bits are wanted as soon as one use wants them. */
static unsigned passed_on(struct search *s, size_t i, unsigned depth)
{
	size_t to = register_of(s->d->insns[i].use.to);
	unsigned found = to < VIEW_LOOP_REGISTERS ? demanded(s, i + 1, to, i, false, depth + 1) : DEMAND_UNKNOWN;
	return found & DEMAND_WHOLE ? DEMAND_WHOLE : found & DEMAND_UNKNOWN ? DEMAND_UNKNOWN : found;
}

static unsigned used_by(struct search *s, size_t i, size_t reg, size_t came_from, bool origins, unsigned depth)
{
	const struct view_demand_insn *insn = &s->d->insns[i];
	unsigned code = code_of(reg), found = 0;
	if (has(insn->use.part, insn->use.n_part, code))
		return DEMAND_PART;
	if (has(insn->use.whole, insn->use.n_whole, code))
		found |= DEMAND_WHOLE;
	if (insn->copy_from == reg && i != came_from)
		found |= insn->copy_to < VIEW_LOOP_REGISTERS ? demanded(s, i + 1, insn->copy_to, i, origins, depth + 1) : DEMAND_UNKNOWN;
	else if (insn->copy_from != reg && has(insn->use.through, insn->use.n_through, code) && i != came_from)
		found |= passed_on(s, i, depth);
	if (insn->returns || (insn->calls && writes(insn, reg)))
		found |= DEMAND_UNKNOWN;
	return found;
}

/* Where the value here came from: the copies that it came by, loads of less than a register, and the register itself, of which a part was taken: it may
 * have been the variable before that. */
static unsigned origins_of(struct search *s, size_t reg, const struct web *w, size_t came_from, unsigned depth)
{
	unsigned found = 0;
	for (size_t k = 0; k < w->n; k++) {
		size_t i = (size_t)w->member[k] - 1;
		if (!w->member[k] || i == came_from)
			continue;
		const struct view_demand_insn *insn = &s->d->insns[i];
		if (writes(insn, reg) && (insn->use.narrow || has(insn->use.part, insn->use.n_part, code_of(reg))))
			found |= DEMAND_PART;
		if (insn->falls && insn->copy_to == reg && insn->copy_from < VIEW_LOOP_REGISTERS)
			found |= demanded(s, i, insn->copy_from, i, true, depth + 1);
	}
	return found;
}

/* What is asked for of the value that reg holds before instruction `at`. origins: of what it is a copy of, too. */
static unsigned demanded(struct search *s, size_t at, size_t reg, size_t came_from, bool origins, unsigned depth)
{
	struct web w;
	unsigned found = 0;
	if (at >= s->d->n)
		return 0;
	if (depth > MAX_DEPTH || ++s->webs > MOST_WEBS)
		return DEMAND_UNKNOWN;
	if (web_open(&w, s->d, reg, at)) {
		for (size_t k = 0; k < w.n && !(origins && found & DEMAND_PART); k++)
			found |= used_by(s, w.member[k], reg, came_from, origins, depth);
		if (origins && !(found & DEMAND_PART))
			found |= origins_of(s, reg, &w, came_from, depth);
	} else {
		s->lost = true;
	}
	web_close(&w);
	return found;
}

bool view_demand_in_part(struct view_demand *d, const struct view_loops *l, const struct view_code *code, uint64_t entry, uint64_t end, uint64_t low,
	size_t reg)
{
	if ((d->entry != entry || d->end != end) && !read_function(d, l, code, entry, end))
		return true;
	size_t at = d->n ? number_at(d, low - entry) : SIZE_MAX;
	struct search s = { .d = d };
	return at == SIZE_MAX || demanded(&s, at, reg, SIZE_MAX, true, 0) & DEMAND_PART || s.lost;
}

bool view_demand_written(const struct view_demand *d, uint64_t from, uint64_t high, size_t reg, uint64_t *end)
{
	for (size_t i = d->n && from >= d->entry ? number_at(d, from - d->entry) : SIZE_MAX; i != SIZE_MAX && i + 1 < d->n; i++) {
		*end = d->entry + d->insns[i + 1].at;
		if (*end >= high)
			return false;
		if (d->insns[i].written[reg / 64] >> reg % 64 & 1)
			return true;
	}
	return false;
}

void view_demand_free(struct view_demand *d)
{
	free(d->insns);
	*d = (struct view_demand){ .insns = NULL };
}
