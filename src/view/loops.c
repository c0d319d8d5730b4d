#include "src/view/loops.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "src/base/grow.h"

enum { WORD = 4 };

static bool add(struct view_loops *l, size_t *room, struct view_loop loop)
{
	struct view_loop *loops = dbg_grow(l->loops, l->n, room, sizeof *loops);
	if (!loops)
		return false;
	l->loops = loops;
	loops[l->n++] = loop;
	return true;
}

static bool add_return(struct view_loops *l, size_t *room, uint64_t addr)
{
	uint64_t *returns = dbg_grow(l->returns, l->n_returns, room, sizeof *returns);
	if (!returns)
		return false;
	l->returns = returns;
	returns[l->n_returns++] = addr;
	return true;
}

static struct view_code *add_code(struct view_loops *l, uint64_t addr, const uint8_t *p, size_t n)
{
	struct view_code *grown = realloc(l->codes, (l->n_codes + 1) * sizeof *grown);
	if (!grown)
		return NULL;
	l->codes = grown;
	struct view_code *c = &grown[l->n_codes];
	*c = (struct view_code){ .addr = addr, .p = p, .n = n, .starts = calloc(n / WORD / 8 + 1, 1), .targets = calloc(n / WORD / 8 + 1, 1) };
	l->n_codes++;
	if (!c->starts || !c->targets)
		return NULL;
	return c;
}

static bool add_end(struct view_loops *l, size_t *room, struct view_end end)
{
	struct view_end *ends = dbg_grow(l->ends, l->n_ends, room, sizeof *ends);
	if (!ends)
		return false;
	l->ends = ends;
	ends[l->n_ends++] = end;
	return true;
}

static void mark(uint64_t *written, size_t first, size_t n)
{
	for (size_t i = first; i < first + n && i < VIEW_LOOP_REGISTERS; i++)
		written[i / 64] |= UINT64_C(1) << i % 64;
}

/* Every instruction counts as executed, whatever lies between. */
void view_loops_writes(const struct gfx_family *family, const uint8_t *code, size_t n, uint64_t written[VIEW_LOOP_REGISTERS / 64])
{
	struct gfx_insn insn;
	for (size_t at = 0; at + WORD <= n; at += insn.length) {
		struct gfx_effect e;
		if (gfx_insn_decode(family, code + at, n - at, &insn) < 0 || !insn.length || gfx_insn_effect(family, code + at, n - at, &e) < 0) {
			mark(written, 0, VIEW_LOOP_REGISTERS);
			return;
		}
		for (size_t i = 0; i < sizeof e.scalars / sizeof *e.scalars; i++)
			mark(written, e.scalars[i].first, e.scalars[i].n);
		if (e.kind != GFX_EFFECT_STORE)
			mark(written, VIEW_LOOP_SCALARS + e.vector, e.n_vectors);
		if (e.kind == GFX_EFFECT_MOVE && e.swaps)
			mark(written, VIEW_LOOP_SCALARS + (size_t)e.from, 1);
		if (e.any_scalar)
			mark(written, 0, VIEW_LOOP_SCALARS);
		if (e.any_vector)
			mark(written, VIEW_LOOP_SCALARS, VIEW_LOOP_REGISTERS - VIEW_LOOP_SCALARS);
	}
}

/* What grows while code is read. */
struct rooms {
	size_t loops, returns, ends;
};

static bool writes_frame_pointer(const struct gfx_family *family, const uint8_t *code, size_t n)
{
	enum { FRAME_POINTER = 33 };
	struct gfx_effect e;
	bool found = false;
	if (gfx_insn_effect(family, code, n, &e) < 0)
		return false;
	for (size_t i = 0; i < sizeof e.scalars / sizeof *e.scalars; i++)
		found |= FRAME_POINTER - e.scalars[i].first < e.scalars[i].n && e.scalars[i].first <= FRAME_POINTER;
	return found;
}

static bool read_ends(const struct gfx_family *family, const uint8_t *code, size_t n, uint64_t addr, struct view_loops *l, size_t *room)
{
	enum { MOST = 64 };
	struct gfx_insn insn;
	size_t behind = 0; /* the last write to the frame pointer */
	for (size_t at = 0; at + WORD <= n; at += insn.length) {
		if (gfx_insn_decode(family, code + at, n - at, &insn) < 0 || !insn.length) {
			insn.length = WORD;
			continue;
		}
		size_t end = at + insn.length;
		if (insn.class == GFX_INSN_SETPC && behind && end - behind <= MOST &&
			!add_end(l, room, (struct view_end){ addr + behind, addr + end }))
			return false;
		if (writes_frame_pointer(family, code + at, n - at))
			behind = end;
	}
	return true;
}

static bool read_code(const struct gfx_family *family, const uint8_t *code, size_t n, uint64_t addr, struct view_loops *l, struct rooms *room)
{
	struct gfx_insn insn;
	struct view_code *text = add_code(l, addr, code, n);
	if (!text)
		return false;
	for (size_t at = 0; at + WORD <= n; at += insn.length) {
		text->starts[at / WORD / 8] |= (uint8_t)(1u << at / WORD % 8);
		if (gfx_insn_decode(family, code + at, n - at, &insn) < 0 || !insn.length) {
			insn.length = WORD;
			continue;
		}
		if ((insn.class == GFX_INSN_CALL || insn.class == GFX_INSN_SWAPPC) && !add_return(l, &room->returns, addr + at + insn.length))
			return false;
		bool branch = insn.class == GFX_INSN_BRANCH || insn.class == GFX_INSN_COND_BRANCH;
		size_t back = (size_t)-insn.simm16 * WORD, end = at + insn.length;
		if (branch && end - back < n)
			text->targets[(end - back) / WORD / 8] |= (uint8_t)(1u << (end - back) / WORD % 8);
		if (!branch || insn.simm16 >= 0 || back > end)
			continue;
		struct view_loop loop = { .head = addr + end - back, .end = addr + end, .code = code + end - back };
		view_loops_writes(family, loop.code, back, loop.written);
		if (!add(l, &room->loops, loop))
			return false;
	}
	return true;
}

static int by_head(const void *a, const void *b)
{
	const struct view_loop *x = a, *y = b;
	return x->head < y->head ? -1 : x->head > y->head;
}

static int by_address(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static bool read_sections(const uint8_t *image, size_t n, struct view_loops *out)
{
	Elf64_Ehdr eh;
	struct rooms room = { 0, 0, 0 };
	if (n < sizeof eh)
		return false;
	memcpy(&eh, image, sizeof eh);
	const struct gfx_family *family = out->family = gfx_family_by_mach(eh.e_flags & 0xff);
	if (!family || eh.e_shentsize != sizeof(Elf64_Shdr) || eh.e_shoff > n || eh.e_shnum > (n - eh.e_shoff) / sizeof(Elf64_Shdr))
		return false;
	for (size_t i = 0; i < eh.e_shnum; i++) {
		Elf64_Shdr s;
		memcpy(&s, image + eh.e_shoff + i * sizeof s, sizeof s);
		if (!(s.sh_flags & SHF_EXECINSTR) || s.sh_type != SHT_PROGBITS)
			continue;
		if (s.sh_offset > n || s.sh_size > n - s.sh_offset || !read_code(family, image + s.sh_offset, s.sh_size, s.sh_addr, out, &room) ||
			!read_ends(family, image + s.sh_offset, s.sh_size, s.sh_addr, out, &room.ends))
			return false;
	}
	return true;
}

static int by_low(const void *a, const void *b)
{
	const struct view_end *x = a, *y = b;
	return x->low < y->low ? -1 : x->low > y->low;
}

void view_loops_read(const uint8_t *image, size_t n, struct view_loops *out)
{
	*out = (struct view_loops){ .n = 0 };
	out->unknown = !read_sections(image, n, out);
	if (out->n)
		qsort(out->loops, out->n, sizeof *out->loops, by_head);
	if (out->n_returns)
		qsort(out->returns, out->n_returns, sizeof *out->returns, by_address);
	if (out->n_ends)
		qsort(out->ends, out->n_ends, sizeof *out->ends, by_low);
	for (size_t i = 0; i < out->n; i++) {
		uint64_t before = i ? out->loops[i - 1].reach : 0, end = out->loops[i].end;
		out->loops[i].reach = end > before ? end : before;
	}
}

void view_loops_free(struct view_loops *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->loops[i].first);
	free(l->loops);
	free(l->returns);
	for (size_t i = 0; i < l->n_codes; i++)
		free(l->codes[i].starts), free(l->codes[i].targets);
	free(l->codes);
	free(l->ends);
	*l = (struct view_loops){ .unknown = true };
}

bool view_loops_register(uint64_t dwarf, size_t *out)
{
	static const size_t banks[] = { [GFX_DWARF_VECTOR] = VIEW_LOOP_SCALARS, [GFX_DWARF_ACC] = VIEW_LOOP_SCALARS + GFX_ACC };
	enum gfx_dwarf_bank bank;
	unsigned n;
	if (gfx_dwarf_register(dwarf, &bank, &n) != GFX_OK)
		return false;
	*out = banks[bank] + n;
	return true;
}

static bool has(const uint64_t *written, size_t index)
{
	return written[index / 64] >> index % 64 & 1;
}

/* Tells NULL when there is no memory. */
static const uint32_t *first_writes(const struct gfx_family *family, struct view_loop *loop)
{
	size_t n = loop->end - loop->head;
	struct gfx_insn insn;
	if (loop->first || n >= UINT32_MAX)
		return loop->first;
	loop->first = malloc(VIEW_LOOP_REGISTERS * sizeof *loop->first);
	for (size_t i = 0; loop->first && i < VIEW_LOOP_REGISTERS; i++)
		loop->first[i] = UINT32_MAX;
	for (size_t at = 0; loop->first && at + WORD <= n; at += insn.length) {
		uint64_t written[VIEW_LOOP_REGISTERS / 64] = { 0 };
		bool known = gfx_insn_decode(family, loop->code + at, n - at, &insn) >= 0 && insn.length;
		view_loops_writes(family, loop->code + at, known ? insn.length : WORD, written);
		for (size_t i = 0; i < VIEW_LOOP_REGISTERS / 64; i++)
			for (uint64_t w = written[i]; w; w &= w - 1) {
				uint32_t *first = &loop->first[i * 64 + (size_t)__builtin_ctzll(w)];
				if (*first == UINT32_MAX)
					*first = (uint32_t)at;
			}
		if (!known)
			break; /* all of them are written there */
	}
	return loop->first;
}

/* The loop changes the register, and not between its beginning and `low` in the same round. */
static bool carries(const struct view_loops *l, struct view_loop *loop, uint64_t low, size_t index)
{
	enum { LONG = 512 };
	uint64_t before[VIEW_LOOP_REGISTERS / 64] = { 0 };
	if (!has(loop->written, index))
		return false;
	const uint32_t *first = low > loop->head + LONG ? first_writes(l->family, loop) : NULL;
	if (first)
		return first[index] >= low - loop->head;
	if (low > loop->head)
		view_loops_writes(l->family, loop->code, low - loop->head, before);
	return !has(before, index);
}

bool view_loop_changes(const struct view_loops *l, uint64_t low, uint64_t high, uint64_t dwarf)
{
	size_t index, behind = 0;
	if (!l || l->unknown || !view_loops_register(dwarf, &index))
		return true;
	for (size_t rest = l->n; behind < rest;) { /* the first loop that begins at `high` or behind it */
		size_t middle = behind + (rest - behind) / 2;
		if (l->loops[middle].head < high)
			behind = middle + 1;
		else
			rest = middle;
	}
	for (; behind && l->loops[behind - 1].reach > low; behind--)
		if (l->loops[behind - 1].end > low && carries(l, &l->loops[behind - 1], low, index))
			return true;
	return false;
}

bool view_loops_returns(const struct view_loops *l, uint64_t addr)
{
	return l && l->n_returns && bsearch(&addr, l->returns, l->n_returns, sizeof addr, by_address);
}

const struct view_code *view_loops_code(const struct view_loops *l, uint64_t low, uint64_t high)
{
	for (size_t i = 0; i < l->n_codes; i++)
		if (low >= l->codes[i].addr && low <= high && high - l->codes[i].addr <= l->codes[i].n)
			return &l->codes[i];
	return NULL;
}

static bool counts(const struct gfx_family *family, const uint8_t *p)
{
	uint32_t word = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	for (const struct gfx_pattern *i = family->counts; i && i->mask; i++)
		if ((word & i->mask) == i->value)
			return true;
	return false;
}

bool view_loops_counts(const struct view_loops *l, uint64_t low, uint64_t high)
{
	const struct view_code *c = l && !l->unknown ? view_loops_code(l, low, high) : NULL;
	for (uint64_t at = c ? low - c->addr : 0; c && at + WORD <= high - c->addr; at += WORD)
		if ((c->starts[at / WORD / 8] >> at / WORD % 8 & 1) && counts(l->family, c->p + at))
			return true;
	return false;
}

/* Is the instruction at this offset a copy of one register to the other? Indexes of registers. */
static bool copies(const struct gfx_family *family, const struct view_code *c, size_t at, size_t to, size_t from)
{
	struct gfx_effect e;
	if (gfx_insn_effect(family, c->p + at, c->n - at, &e) < 0)
		return false;
	if (e.kind == GFX_EFFECT_MOVE)
		return VIEW_LOOP_SCALARS + (size_t)e.vector == to && VIEW_LOOP_SCALARS + (size_t)e.from == from;
	size_t dwords = e.scalars[0].n;
	return e.kind == GFX_EFFECT_COPY && !e.is_constant && to >= e.scalars[0].first && to - e.scalars[0].first < dwords &&
		from == e.a + (to - e.scalars[0].first);
}

/* The offset behind the copy among the last instructions in front of `end`; 0: there is none. */
static size_t behind_copy(const struct gfx_family *family, const struct view_code *c, size_t end, size_t to, size_t from)
{
	enum { NEAR = 8 };
	size_t next = end;
	for (unsigned seen = 0; seen < NEAR && next >= WORD; seen++) {
		size_t at = next - WORD;
		while (at && !(c->starts[at / WORD / 8] >> at / WORD % 8 & 1))
			at -= WORD;
		if (copies(family, c, at, to, from))
			return next;
		next = at;
	}
	return 0;
}

bool view_loops_stale(const struct view_loops *l, uint64_t since, uint64_t kept, uint64_t low, uint64_t claimed)
{
	size_t to, from;
	uint64_t written[VIEW_LOOP_REGISTERS / 64] = { 0 };
	if (!l || l->unknown || since > low || since % WORD || low % WORD || !view_loops_register(kept, &to) || !view_loops_register(claimed, &from))
		return false;
	const struct view_code *c = view_loops_code(l, since, low);
	size_t begin = c ? behind_copy(l->family, c, since - c->addr, to, from) : 0;
	if (!begin)
		return false;
	view_loops_writes(l->family, c->p + begin, low - c->addr - begin, written);
	return has(written, from);
}

bool view_loops_keeps(size_t reg)
{
	enum { FIRST_SCALAR = 30, FIRST_VECTOR = 40, RUN = 8 }; /* eight vector registers are kept, the next eight are not */
	if (reg >= VIEW_LOOP_SCALARS + GFX_ACC)
		return false;
	if (reg < VIEW_LOOP_SCALARS)
		return reg >= FIRST_SCALAR;
	reg -= VIEW_LOOP_SCALARS;
	return reg >= FIRST_VECTOR && (reg - FIRST_VECTOR) / RUN % 2 == 0;
}

bool view_loops_kept(uint64_t dwarf)
{
	size_t reg;
	return view_loops_register(dwarf, &reg) && view_loops_keeps(reg);
}
