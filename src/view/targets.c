#include "src/view/targets.h"

#include <stdlib.h>

#include "src/base/grow.h"
#include "src/unwind/code.h"
#include "src/unwind/step.h"

enum { WORD = 4, RETURN_ADDRESS = 30 /* s[30:31], isa 8.5 */ };
enum view_target_bit { TARGET = 1 /* a branch leads here */, CUT_OFF = 2 /* the instruction in front does not go on to here */ };
enum { BITS = 2, PER_BYTE = 8 / BITS };

static void mark(struct view_target_function *f, uint64_t word, enum view_target_bit bit)
{
	if (word < f->n_words)
		f->bits[word / PER_BYTE] |= (uint8_t)(bit << word % PER_BYTE * BITS);
}

static bool has_bit(const struct view_target_function *f, uint64_t addr, enum view_target_bit bit)
{
	uint64_t word = (addr - f->low) / WORD;
	return f->bits[word / PER_BYTE] >> word % PER_BYTE * BITS & bit;
}

static bool is_target(const struct view_target_function *f, uint64_t addr)
{
	return has_bit(f, addr, TARGET);
}

static bool add_branch(struct view_target_function *f, uint64_t from, uint64_t to)
{
	mark(f, to, TARGET);
	struct view_branch *branches = dbg_grow(f->branches, f->n_branches, &f->max_branches, sizeof *branches);
	if (!branches)
		return false;
	f->branches = branches;
	branches[f->n_branches++] = (struct view_branch){ .from = f->low + from * WORD, .to = f->low + to * WORD };
	return true;
}

static int by_target(const void *a, const void *b)
{
	uint64_t x = ((const struct view_branch *)a)->to, y = ((const struct view_branch *)b)->to;
	return x < y ? -1 : x > y;
}

/* False: something leads to a place that the code does not name. */
static bool scan(struct view_target_function *f, const struct gfx_family *family)
{
	struct gfx_insn insn;
	mark(f, 0, TARGET);
	for (size_t word = 0; word < f->n_words; word += insn.length / WORD) {
		if (gfx_insn_decode(family, f->code + word * WORD, (f->n_words - word) * WORD, &insn) < 0)
			return false;
		uint64_t next = word + insn.length / WORD;
		switch (insn.class) {
		case GFX_INSN_BRANCH:
		case GFX_INSN_COND_BRANCH:
		case GFX_INSN_CALL:
			if (!add_branch(f, word, next + (uint64_t)(int64_t)insn.simm16))
				return false;
			if (insn.class == GFX_INSN_BRANCH)
				mark(f, next, CUT_OFF);
			break;
		case GFX_INSN_SETPC:
			if (insn.ssrc0 != RETURN_ADDRESS)
				return false; /* a long branch */
			mark(f, next, CUT_OFF);
			break;
		case GFX_INSN_ENDPGM:
			mark(f, next, CUT_OFF);
			break;
		case GFX_INSN_FORK:
		case GFX_INSN_UNKNOWN:
			return false;
		default:
			break;
		}
	}
	return true;
}

void view_targets_add(struct view_targets *t, uint64_t low, const uint8_t *code, size_t n)
{
	struct view_target_function f = { .low = low, .n_words = n / WORD, .code = code };
	struct view_target_function *functions = dbg_grow(t->functions, t->n, &t->capacity, sizeof *functions);
	if (!functions)
		return;
	t->functions = functions;
	f.bits = calloc(f.n_words / PER_BYTE + 1, 1);
	if (f.bits && scan(&f, t->family)) {
		if (f.n_branches)
			qsort(f.branches, f.n_branches, sizeof *f.branches, by_target);
		t->functions[t->n++] = f;
		return;
	}
	free(f.bits);
	free(f.branches);
}

static const struct view_target_function *function_at(const struct view_targets *t, uint64_t addr)
{
	size_t low = 0, high = t->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct view_target_function *f = &t->functions[middle];
		if (addr < f->low)
			high = middle;
		else if (addr - f->low >= f->n_words * WORD)
			low = middle + 1;
		else
			return f;
	}
	return NULL;
}

/* Spilled registers come back with all lanes active for a moment; where ways join, more lanes are active from there on. */
static bool keeps_lanes(const struct gfx_family *family, const uint8_t *code, size_t n)
{
	struct unwind_state *s = malloc(sizeof *s);
	struct gfx_insn insn;
	size_t at = 0;
	if (!s)
		return false;
	unwind_enter(s);
	for (; at < n && gfx_insn_decode(family, code + at, n - at, &insn) == GFX_OK; at += insn.length)
		unwind_step(family, code, n, at, &insn, false, NULL, s);
	bool same = at == n;
	for (unsigned half = 0; half < 2; half++)
		same &= s->scalars[GFX_CODE_EXEC + half].kind == UNWIND_EXEC && s->scalars[GFX_CODE_EXEC + half].n == (int32_t)half;
	free(s);
	return same;
}

bool view_targets_straight(const struct view_targets *t, uint64_t from, uint64_t to)
{
	const struct view_target_function *f = function_at(t, from);
	if (!f || from % WORD || to % WORD || to < from || to - f->low >= f->n_words * WORD || !is_target(f, from))
		return false;
	for (uint64_t at = from + WORD; at <= to; at += WORD)
		if (is_target(f, at))
			return false;
	return keeps_lanes(t->family, f->code + (from - f->low), to - from);
}

bool view_targets_block(const struct view_targets *t, uint64_t addr)
{
	const struct view_target_function *f = function_at(t, addr);
	return f && addr % WORD == 0 && is_target(f, addr) && has_bit(f, addr, CUT_OFF);
}

bool view_targets_last(const struct view_targets *t, uint64_t from, uint64_t end, uint64_t *addr)
{
	const struct view_target_function *f = function_at(t, from);
	if (!f || from % WORD || end % WORD || end <= from || end - f->low > f->n_words * WORD)
		return false;
	for (uint64_t at = end; at > from; at -= WORD)
		if (is_target(f, at - WORD)) {
			*addr = at - WORD;
			return true;
		}
	return false;
}

bool view_idle(const struct gfx_family *family, const uint8_t *p)
{
	uint32_t word = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	for (const struct gfx_pattern *i = family->idle; i && i->mask; i++)
		if ((word & i->mask) == i->value)
			return true;
	return false;
}

/* Masks of lanes, two dwords, are moved and combined; vector registers that hold spilled masks come and go with all lanes active. */
static bool keeps_up(const struct gfx_effect *e, bool *all_lanes)
{
	bool pair = e->scalars[0].n == 2;
	bool exec = e->scalars[0].first == GFX_CODE_EXEC;
	switch (e->kind) {
	case GFX_EFFECT_READ_LANE:
	case GFX_EFFECT_WRITE_LANE:
		return true;
	case GFX_EFFECT_SAVE_EXEC:
		*all_lanes = e->op == GFX_LOGIC_OR && e->is_constant && e->value == -1;
		return true;
	case GFX_EFFECT_COPY:
	case GFX_EFFECT_LOGIC:
		*all_lanes &= !exec;
		return pair;
	case GFX_EFFECT_LOAD:
	case GFX_EFFECT_STORE:
	case GFX_EFFECT_MOVE: /* to accumulation registers and back */
		return *all_lanes;
	default:
		return false;
	}
}

bool view_targets_upkeep(const struct view_targets *t, uint64_t from, uint64_t end)
{
	const struct view_target_function *f = function_at(t, from);
	bool all_lanes = false;
	struct gfx_insn insn;
	struct gfx_effect e;
	if (!f || from % WORD || end % WORD || end <= from || end - f->low > f->n_words * WORD)
		return false;
	for (uint64_t at = from; at < end; at += insn.length) {
		const uint8_t *p = f->code + (at - f->low);
		if (gfx_insn_decode(t->family, p, end - at, &insn) < 0)
			return false;
		if (insn.class == GFX_INSN_BRANCH || insn.class == GFX_INSN_COND_BRANCH || (insn.length == WORD && view_idle(t->family, p)))
			continue;
		if (insn.class != GFX_INSN_SEQUENTIAL || gfx_insn_effect(t->family, p, end - at, &e) < 0 || !keeps_up(&e, &all_lanes))
			return false;
	}
	return true;
}

const struct view_branch *view_targets_sources(const struct view_targets *t, uint64_t addr, size_t *n)
{
	const struct view_target_function *f = function_at(t, addr);
	size_t low = 0, high = f ? f->n_branches : 0;
	*n = 0;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (f->branches[middle].to < addr)
			low = middle + 1;
		else
			high = middle;
	}
	while (f && low + *n < f->n_branches && f->branches[low + *n].to == addr)
		++*n;
	return *n ? &f->branches[low] : NULL;
}

void view_targets_free(struct view_targets *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->functions[i].bits);
		free(t->functions[i].branches);
	}
	free(t->functions);
}
