#include "src/unwind/code.h"

#include <stdlib.h>
#include <string.h>

#include "src/unwind/step.h"

/* Every path is followed until nothing changes: states of the starts of blocks, joined where paths meet. What two paths disagree about is
 * unknown from there on. */
enum { MAX_BLOCKS = 4096, NO_BLOCK = -1 };

struct block {
	size_t at;
	bool pending;
	struct unwind_state state;
};

struct unwind_code {
	const struct gfx_family *family;
	uint8_t *code;
	size_t n;
	const struct unwind_callees *callees;
	int32_t *index; /* block that starts at a word, or NO_BLOCK */
	bool *leader;   /* a block starts at this word, if anything gets there */
	struct block **blocks;
	size_t n_blocks;
	struct dbg_error *err;
};

static int add_block(struct unwind_code *a, size_t at, struct block **out)
{
	if (a->n_blocks == MAX_BLOCKS)
		return dbg_fail(a->err, DBG_REFUSED, "the function has more than %d branches", MAX_BLOCKS);
	struct block *b = calloc(1, sizeof *b);
	if (!b)
		return dbg_fail(a->err, DBG_INTERNAL, "out of memory for a function's code");
	b->at = at;
	a->index[at / 4] = (int32_t)a->n_blocks;
	a->blocks[a->n_blocks++] = b;
	*out = b;
	return 0;
}

/* A path arrives at an instruction with a state. Paths that leave the function are not followed. */
static int arrive(struct unwind_code *a, int64_t at, const struct unwind_state *s)
{
	struct block *b;
	if (at < 0 || (uint64_t)at >= a->n || at % 4)
		return 0;
	if (!a->leader[at / 4])
		return dbg_fail(a->err, DBG_REFUSED, "a branch leads into the middle of an instruction");
	if (a->index[at / 4] != NO_BLOCK) {
		b = a->blocks[a->index[at / 4]];
		if (unwind_join(&b->state, s))
			b->pending = true;
		return 0;
	}
	int status = add_block(a, (size_t)at, &b);
	if (status == 0) {
		b->state = *s;
		b->pending = true;
	}
	return status;
}

/* Goes on from the start of a block to its end, or to `stop`; *found then. */
static int walk(struct unwind_code *a, const struct block *b, size_t stop, struct unwind_state *s, bool *found)
{
	size_t at = b->at;
	*s = b->state;
	*found = false;
	while (at < a->n) {
		struct gfx_insn insn;
		if (at == stop) {
			*found = true;
			return 0;
		}
		if (at != b->at && a->leader[at / 4])
			return stop == SIZE_MAX ? arrive(a, (int64_t)at, s) : 0;
		if (gfx_insn_decode(a->family, a->code + at, a->n - at, &insn) < 0)
			return 0;
		unwind_step(a->family, a->code, a->n, at, &insn, false, a->callees, s);
		int64_t next = (int64_t)at + insn.length;
		if (insn.class == GFX_INSN_BRANCH || insn.class == GFX_INSN_COND_BRANCH) {
			int status = stop == SIZE_MAX ? arrive(a, next + 4 * (int64_t)insn.simm16, s) : 0;
			/* A conditional branch starts a block behind it, so that a later visit need not come through here. */
			if (status == 0 && stop == SIZE_MAX && insn.class == GFX_INSN_COND_BRANCH)
				status = arrive(a, next, s);
			return status;
		}
		if (insn.class == GFX_INSN_FORK)
			return dbg_fail(a->err, DBG_REFUSED, "the function forks its control flow");
		if (insn.class == GFX_INSN_SETPC || insn.class == GFX_INSN_ENDPGM)
			return 0;
		at = (size_t)next;
	}
	return 0;
}

/* Blocks begin where branches lead to and behind them. Compiled functions have no data between their instructions. */
static void find_leaders(struct unwind_code *a)
{
	struct gfx_insn insn;
	for (size_t at = 0; at < a->n && gfx_insn_decode(a->family, a->code + at, a->n - at, &insn) == GFX_OK; at += insn.length) {
		int64_t next = (int64_t)at + insn.length, target = next + 4 * (int64_t)insn.simm16;
		if (insn.class != GFX_INSN_BRANCH && insn.class != GFX_INSN_COND_BRANCH)
			continue;
		if (target >= 0 && (uint64_t)target < a->n)
			a->leader[target / 4] = true;
		if ((uint64_t)next < a->n)
			a->leader[next / 4] = true;
	}
}

static int settle(struct unwind_code *a, struct unwind_state *s)
{
	bool again = true, found;
	while (again) {
		again = false;
		for (size_t i = 0; i < a->n_blocks; i++) {
			if (!a->blocks[i]->pending)
				continue;
			a->blocks[i]->pending = false;
			again = true;
			int status = walk(a, a->blocks[i], SIZE_MAX, s, &found);
			if (status < 0)
				return status;
		}
	}
	return 0;
}

/* The state at an instruction that some path reaches. */
static int state_at(struct unwind_code *a, size_t at, struct unwind_state *out)
{
	const struct block *last = NULL;
	bool found = false;
	/* Where a block begins, every path to it counts, not only the one that falls into it. */
	if (at < a->n && a->index[at / 4] != NO_BLOCK) {
		*out = a->blocks[a->index[at / 4]]->state;
		return 0;
	}
	for (size_t word = at / 4; word-- > 0 && !last;)
		if (a->index[word] != NO_BLOCK)
			last = a->blocks[a->index[word]];
	int status = last ? walk(a, last, at, out, &found) : 0;
	if (status < 0 || found)
		return status;
	return dbg_fail(a->err, DBG_REFUSED, "no path leads from the function's entry to this instruction");
}

static void note_writes(const struct gfx_effect *e, struct unwind_clobbers *out)
{
	for (unsigned slot = 0; slot < 2; slot++)
		for (unsigned i = e->scalars[slot].first; i < e->scalars[slot].first + e->scalars[slot].n && i < UNWIND_SCALARS; i++)
			out->scalars[i / 64] |= UINT64_C(1) << i % 64;
	if (e->kind == GFX_EFFECT_STORE)
		return; /* reads them */
	unsigned n = e->kind == GFX_EFFECT_WRITE_LANE ? 1 : e->n_vectors;
	for (unsigned i = e->kind == GFX_EFFECT_READ_LANE ? e->vector + n : e->vector; i < e->vector + n && i < UNWIND_VECTORS; i++)
		out->vectors[i / 64] |= UINT64_C(1) << i % 64;
	if (e->swaps)
		out->vectors[e->from / 64 % (UNWIND_VECTORS / 64)] |= UINT64_C(1) << e->from % 64;
}

static bool writes(struct unwind_code *a, struct unwind_state *s, struct unwind_clobbers *out, int64_t *callees, size_t *n_callees)
{
	struct gfx_insn insn;
	struct gfx_effect e;
	find_leaders(a);
	unwind_enter(s);
	for (size_t at = 0; at < a->n; at += insn.length) {
		if (gfx_insn_decode(a->family, a->code + at, a->n - at, &insn) < 0 || gfx_insn_effect(a->family, a->code + at, a->n - at, &e) < 0)
			return false;
		if (e.any_scalar || e.any_vector || insn.class == GFX_INSN_FORK)
			return false;
		if (a->leader[at / 4])
			unwind_enter(s); /* addresses of code are put together and used in straight code */
		if (insn.class == GFX_INSN_SWAPPC || insn.class == GFX_INSN_CALL) {
			if (*n_callees == UNWIND_MAX_CALLEES || !unwind_target(s, &insn, at, &callees[*n_callees]))
				return false;
			++*n_callees;
		}
		note_writes(&e, out);
		unwind_step(a->family, a->code, a->n, at, &insn, false, NULL, s);
	}
	return true;
}

bool unwind_code_writes(const struct gfx_family *family, const uint8_t *code, size_t n, struct unwind_clobbers *out,
	int64_t callees[UNWIND_MAX_CALLEES], size_t *n_callees)
{
	struct unwind_code a = { .family = family, .code = (uint8_t *)code, .n = n / 4 * 4 }; /* only read */
	struct unwind_state *s = malloc(sizeof *s);
	a.leader = calloc(n / 4 + 1, sizeof *a.leader);
	*out = (struct unwind_clobbers){ { 0 }, { 0 } };
	*n_callees = 0;
	bool known = s && a.leader && writes(&a, s, out, callees, n_callees);
	free(a.leader);
	free(s);
	return known;
}

static int follow(struct unwind_code *u)
{
	struct unwind_state *s = malloc(sizeof *s); /* work space */
	struct block *first;
	int status = s ? add_block(u, 0, &first) : dbg_fail(u->err, DBG_INTERNAL, "out of memory for a function's code");
	if (status == 0) {
		find_leaders(u);
		unwind_enter(&first->state);
		first->pending = true;
		status = settle(u, s);
	}
	free(s);
	return status;
}

int unwind_code_open(const struct gfx_family *family, const uint8_t *code, size_t n, const struct unwind_callees *callees, struct unwind_code **out,
	struct dbg_error *err)
{
	struct unwind_code *u = calloc(1, sizeof *u);
	if (n < 4 || !u) {
		free(u);
		return n < 4 ? dbg_fail(err, DBG_REFUSED, "the function has no instructions") : dbg_fail(err, DBG_INTERNAL, "out of memory for a function's code");
	}
	*u = (struct unwind_code){ .family = family, .n = n / 4 * 4, .callees = callees, .err = err };
	u->code = malloc(n);
	u->index = malloc(n / 4 * sizeof *u->index);
	u->leader = calloc(n / 4, sizeof *u->leader);
	u->blocks = calloc(MAX_BLOCKS, sizeof *u->blocks);
	int status = u->code && u->index && u->leader && u->blocks ? 0 : dbg_fail(err, DBG_INTERNAL, "out of memory for a function's code");
	if (status == 0) {
		memcpy(u->code, code, n);
		memset(u->index, 0xff, n / 4 * sizeof *u->index);
		status = follow(u);
	}
	if (status < 0)
		unwind_code_close(u);
	else
		*out = u;
	return status;
}

void unwind_code_close(struct unwind_code *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < u->n_blocks; i++)
		free(u->blocks[i]);
	free(u->blocks);
	free(u->leader);
	free(u->index);
	free(u->code);
	free(u);
}

int unwind_code_state(struct unwind_code *u, size_t at, bool after_call, const struct unwind_callees *callees,
	struct unwind_state *out, struct dbg_error *err)
{
	enum { CALL_BYTES = 4 };
	struct gfx_insn insn;
	u->err = err;
	u->callees = callees;
	if (at % 4 || at > u->n)
		return dbg_fail(err, DBG_REFUSED, "the PC is not at an instruction of the function");
	if (!after_call)
		return state_at(u, at, out);
	if (at < CALL_BYTES || gfx_insn_decode(u->family, u->code + at - CALL_BYTES, CALL_BYTES, &insn) < 0 ||
		(insn.class != GFX_INSN_SWAPPC && insn.class != GFX_INSN_CALL) || insn.length != CALL_BYTES)
		return dbg_fail(err, DBG_REFUSED, "no call precedes the return address");
	int status = state_at(u, at - CALL_BYTES, out);
	if (status == 0)
		unwind_step(u->family, u->code, u->n, at - CALL_BYTES, &insn, true, NULL, out);
	return status;
}
