#include "src/view/whole.h"

#include "arch/arch.h"
#include "src/view/targets.h"

enum { WORD = 4, MOST_INSTRUCTIONS = 160, MAX_DEPTH = 4 };
enum { VECTORS = 256 }; /* operand codes: vector registers from here on */

/* A search: instructions that may still be looked at, all in all. */
struct search {
	const struct view_loops *l;
	const struct view_code *code;
	unsigned left;
};

static unsigned operand_code(size_t reg)
{
	return (unsigned)(reg < VIEW_LOOP_SCALARS ? reg : reg - VIEW_LOOP_SCALARS + VECTORS);
}

static bool bit(const uint8_t *bits, size_t at)
{
	return bits[at / WORD / 8] >> at / WORD % 8 & 1;
}

static bool writes(const struct search *s, size_t at, size_t n, size_t reg)
{
	uint64_t written[VIEW_LOOP_REGISTERS / 64] = { 0 };
	view_loops_writes(s->l->family, s->code->p + at, n, written);
	return written[reg / 64] >> reg % 64 & 1;
}

static bool one_of(const uint16_t *list, unsigned n, unsigned code)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == code)
			return true;
	return false;
}

static bool ends_path(const struct gfx_insn *insn)
{
	return insn->class == GFX_INSN_BRANCH || insn->class == GFX_INSN_SETPC || insn->class == GFX_INSN_ENDPGM;
}

static bool calls(const struct gfx_insn *insn)
{
	return insn->class == GFX_INSN_CALL || insn->class == GFX_INSN_SWAPPC;
}

/* Whether what the register holds at an offset is used with all of its bits before it is written again. Of numbers that meet where paths
 * join, too: all bits of each are wanted then. */
static bool used_whole(struct search *s, size_t at, size_t reg, unsigned depth)
{
	unsigned code = operand_code(reg);
	struct gfx_insn insn;
	struct gfx_use use;
	for (; at + WORD <= s->code->n && s->left; at += insn.length, s->left--) {
		const uint8_t *p = s->code->p + at;
		size_t rest = s->code->n - at;
		if (gfx_insn_decode(s->l->family, p, rest, &insn) < 0 || !insn.length || gfx_insn_use(s->l->family, p, rest, &use) < 0)
			return false;
		if (one_of(use.whole, use.n_whole, code))
			return true;
		if (depth < MAX_DEPTH && one_of(use.through, use.n_through, code)) {
			size_t to = use.to < VECTORS ? use.to : (size_t)use.to - VECTORS + VIEW_LOOP_SCALARS;
			if (to < VIEW_LOOP_REGISTERS && used_whole(s, at + insn.length, to, depth + 1))
				return true;
		}
		if (ends_path(&insn) || writes(s, at, insn.length, reg))
			return false;
		if (calls(&insn) && reg < VIEW_LOOP_SCALARS + GFX_ACC)
			return false; /* a call keeps some, but that is not followed */
	}
	return false;
}

static void note_first(struct view_first_writes *f, uint64_t addr, const uint64_t *written, uint64_t *seen)
{
	for (size_t i = 0; i < VIEW_LOOP_REGISTERS / 64; i++) {
		uint64_t fresh = written[i] & ~seen[i];
		seen[i] |= fresh;
		for (; fresh; fresh &= fresh - 1)
			f->at[i * 64 + (size_t)__builtin_ctzll(fresh)] = addr;
	}
}

static void read_function(const struct view_loops *l, struct view_first_writes *f, const struct view_code *c, uint64_t entry, uint64_t end)
{
	uint64_t seen[VIEW_LOOP_REGISTERS / 64] = { 0 };
	struct gfx_insn insn;
	f->known = true;
	f->entry = entry;
	f->end = end;
	for (size_t i = 0; i < VIEW_LOOP_REGISTERS; i++)
		f->at[i] = UINT64_MAX;
	for (size_t at = entry - c->addr; at + WORD <= end - c->addr; at += insn.length) {
		uint64_t written[VIEW_LOOP_REGISTERS / 64] = { 0 };
		if (gfx_insn_decode(l->family, c->p + at, c->n - at, &insn) < 0 || !insn.length)
			insn.length = WORD;
		view_loops_writes(l->family, c->p + at, insn.length, written);
		note_first(f, c->addr + at, written, seen);
	}
}

/* The register that an instruction only copies into `reg`; `reg` itself when it does something else. */
static size_t copied(const struct search *s, size_t at, size_t reg)
{
	struct gfx_effect e;
	if (gfx_insn_effect(s->l->family, s->code->p + at, s->code->n - at, &e) < 0)
		return reg;
	if (e.kind == GFX_EFFECT_MOVE && !e.swaps)
		return VIEW_LOOP_SCALARS + (size_t)e.from;
	if (e.kind == GFX_EFFECT_COPY && !e.is_constant && e.scalars[0].n == 1 && e.a < VIEW_LOOP_SCALARS)
		return e.a;
	return reg;
}

/* What is in the register came from memory, out of a conversion, as the result of a call, or as the number of a work-item, which is in
 * v0 until that is written. */
static bool made_whole(const struct search *s, const struct view_first_writes *first, size_t at)
{
	const uint8_t *p = s->code->p + at;
	struct gfx_insn insn;
	struct gfx_use use;
	if (gfx_insn_decode(s->l->family, p, s->code->n - at, &insn) < 0 || gfx_insn_use(s->l->family, p, s->code->n - at, &use) < 0)
		return false;
	return use.exact || calls(&insn) || (use.item && first->at[VIEW_LOOP_SCALARS] >= s->code->addr + at);
}

/* Whether it was last written, on the only way to the offset, by what does not compute; or not at all since the function began. */
static bool comes_whole(struct search *s, const struct view_first_writes *first, size_t at, size_t reg)
{
	uint64_t base = s->code->addr;
	for (size_t end = at; s->left; s->left--) {
		size_t from = end - WORD;
		if (first->at[reg] >= base + end)
			return true;
		if (base + end <= first->entry || bit(s->code->targets, end))
			return false;
		while (base + from > first->entry && !bit(s->code->starts, from))
			from -= WORD;
		if (writes(s, from, end - from, reg)) {
			size_t source = copied(s, from, reg);
			if (source == reg || source >= VIEW_LOOP_REGISTERS)
				return made_whole(s, first, from);
			reg = source;
		}
		end = from;
	}
	return false;
}

/* ------------------------------------------------------------------ what the scheduler has moved */

/* A register that may hold something when a function begins: arguments, and of kernels what the dispatch puts there. */
static bool is_incoming(size_t reg, bool kernel)
{
	enum { ARGUMENTS = 32, DISPATCH = 24, ITEM = 1, STACK_POINTER = 32, BASE_POINTER = 34 };
	if (reg < VIEW_LOOP_SCALARS)
		return reg < (kernel ? DISPATCH : ARGUMENTS) || (reg >= STACK_POINTER && reg <= BASE_POINTER);
	return reg - VIEW_LOOP_SCALARS < (kernel ? ITEM : ARGUMENTS);
}

static bool reads(const struct search *s, size_t at, size_t reg)
{
	struct gfx_use use;
	unsigned code = operand_code(reg);
	return gfx_insn_use(s->l->family, s->code->p + at, s->code->n - at, &use) == 0 &&
		(one_of(use.whole, use.n_whole, code) || one_of(use.through, use.n_through, code) || one_of(use.part, use.n_part, code));
}

/* The instruction that ends at an offset. */
static size_t before(const struct search *s, const struct view_first_writes *first, size_t end)
{
	size_t from = end - WORD;
	while (s->code->addr + from > first->entry && !bit(s->code->starts, from))
		from -= WORD;
	return from;
}

bool view_settled(const struct view_loops *l, struct view_first_writes *first, const struct unwind_function *f, uint64_t low, uint64_t dwarf)
{
	size_t reg;
	if (!l || l->unknown || !f || low < f->low || low >= f->high || f->low % WORD || low % WORD || !view_loops_register(dwarf, &reg))
		return true;
	struct search s = { l, view_loops_code(l, f->low, f->high), 0 };
	if (!s.code || (f->low - s.code->addr) % WORD)
		return true;
	if (!first->known || first->entry != f->low || first->end != f->high)
		read_function(l, first, s.code, f->low, f->high);
	bool incoming = is_incoming(reg, f->kernel), directly = true;
	if (first->at[reg] >= low)
		return incoming;
	for (size_t end = low - s.code->addr, from; s.code->addr + end > f->low && !bit(s.code->targets, end); end = from) {
		from = before(&s, first, end);
		if (view_idle(l->family, s.code->p + from))
			continue;
		if (writes(&s, from, end - from, reg))
			return directly || (!incoming && first->at[reg] == s.code->addr + from);
		if (directly && reads(&s, from, reg))
			return true;
		directly = false;
	}
	return true;
}

/* ------------------------------------------------------------------ all of a number */

static bool whole_at(const struct view_loops *l, struct view_first_writes *first, const struct view_code *code, const struct unwind_function *f,
	uint64_t low, size_t reg)
{
	struct search s = { l, code, MOST_INSTRUCTIONS };
	bool whole = used_whole(&s, low - code->addr, reg, 0);
	if (!first->known || first->entry != f->low || first->end != f->high)
		read_function(l, first, code, f->low, f->high);
	s.left = MOST_INSTRUCTIONS;
	whole = whole || comes_whole(&s, first, low - code->addr, reg);
	return whole && !view_demand_in_part(&first->demand, l, code, f->low, f->high, low, reg);
}

bool view_whole(const struct view_loops *l, struct view_first_writes *first, const struct unwind_function *f, uint64_t low, uint64_t high, uint64_t dwarf)
{
	size_t reg;
	if (!l || l->unknown || low < f->low || low >= f->high || f->low % WORD || low % WORD || !view_loops_register(dwarf, &reg))
		return false;
	const struct view_code *code = view_loops_code(l, f->low, f->high);
	if (!code || (f->low - code->addr) % WORD)
		return false;
	do
		if (!whole_at(l, first, code, f, low, reg))
			return false;
	while (view_demand_written(&first->demand, low, high, reg, &low));
	return true;
}
