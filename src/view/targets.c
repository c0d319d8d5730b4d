#include "src/view/targets.h"

#include <stdlib.h>

#include "src/unwind/code.h"
#include "src/unwind/step.h"

enum { WORD = 4, RETURN_ADDRESS = 30 /* s[30:31], isa 8.5 */ };

static void mark(struct view_target_function *f, uint64_t word)
{
	if (word < f->n_words)
		f->bits[word / 8] |= (uint8_t)(1u << word % 8);
}

/* False: something leads to a place that the code does not name. */
static bool scan(struct view_target_function *f, const struct gfx_family *family)
{
	struct gfx_insn insn;
	mark(f, 0);
	for (size_t word = 0; word < f->n_words; word += insn.length / WORD) {
		if (gfx_insn_decode(family, f->code + word * WORD, (f->n_words - word) * WORD, &insn) < 0)
			return false;
		uint64_t next = word + insn.length / WORD;
		switch (insn.class) {
		case GFX_INSN_BRANCH:
		case GFX_INSN_COND_BRANCH:
		case GFX_INSN_CALL:
			mark(f, next + (uint64_t)(int64_t)insn.simm16);
			break;
		case GFX_INSN_SETPC:
			if (insn.ssrc0 != RETURN_ADDRESS)
				return false; /* a long branch */
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
	if (t->n == t->capacity) {
		size_t capacity = t->capacity ? 2 * t->capacity : 16;
		struct view_target_function *grown = realloc(t->functions, capacity * sizeof *grown);
		if (!grown)
			return;
		t->functions = grown;
		t->capacity = capacity;
	}
	f.bits = calloc(f.n_words / 8 + 1, 1);
	if (f.bits && scan(&f, t->family))
		t->functions[t->n++] = f;
	else
		free(f.bits);
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

static bool is_target(const struct view_target_function *f, uint64_t addr)
{
	uint64_t word = (addr - f->low) / WORD;
	return f->bits[word / 8] >> word % 8 & 1;
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

void view_targets_free(struct view_targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->functions[i].bits);
	free(t->functions);
}
