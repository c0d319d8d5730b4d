#include "src/unwind/unwind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/model/breakpoint.h"
#include "src/model/codeobj.h"
#include "src/model/memory.h"
#include "src/model/wave.h"
#include "src/unwind/expr.h"
#include "src/unwind/mask.h"

enum { STACK_POINTER = 32, RETURN_LOW = 30, MAX_FUNCTION = 1 << 20, MAX_STATES = 512 };

/* ------------------------------------------------------------------ states, kept */

struct entry {
	struct {
		uint64_t pc;
		uint64_t after_call;
	} key;
	struct unwind_state *state; /* NULL: known not to be known */
	struct unwind_row *row;     /* NULL: frame information says nothing */
	struct dbg_error why;
	UT_hash_handle hh;
};

/* What a function and all that it calls may write. */
struct callee {
	uint64_t low;
	bool known;
	struct unwind_clobbers clobbers;
	UT_hash_handle hh;
};

/* The functions looked at last. */
enum { MAX_OPEN = 4 };
struct open_function {
	uint64_t low, high;
	struct unwind_code *code; /* NULL: none here */
	uint64_t used;
};

struct unwind_cache {
	struct entry *entries;
	struct callee *callees;
	struct open_function open[MAX_OPEN];
	uint64_t uses;
};

struct unwind_cache *unwind_cache_new(void)
{
	return calloc(1, sizeof(struct unwind_cache));
}

void unwind_cache_clear(struct unwind_cache *c)
{
	struct entry *e, *next;
	HASH_ITER (hh, c->entries, e, next) {
		HASH_DEL(c->entries, e);
		free(e->state);
		free(e->row);
		free(e);
	}
	struct callee *f, *other;
	HASH_ITER (hh, c->callees, f, other) {
		HASH_DEL(c->callees, f);
		free(f);
	}
	for (size_t i = 0; i < MAX_OPEN; i++)
		unwind_code_close(c->open[i].code);
	memset(c->open, 0, sizeof c->open);
}

void unwind_cache_free(struct unwind_cache *c)
{
	if (c)
		unwind_cache_clear(c);
	free(c);
}

/* A function's code, malloc'ed. */
static int read_function(struct dbg_process *p, uint64_t low, uint64_t high, uint8_t **out, struct dbg_error *err)
{
	size_t got = 0, n = (size_t)(high - low);
	if (high - low > MAX_FUNCTION)
		return dbg_fail(err, DBG_REFUSED, "the function at 0x%llx is too long", (unsigned long long)low);
	*out = malloc(n);
	if (!*out)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a function's code");
	int status = break_read_code(p, low, *out, n, &got, err);
	if (status == 0 && got != n)
		status = dbg_fail(err, DBG_REFUSED, "the function at 0x%llx cannot be read", (unsigned long long)low);
	if (status < 0)
		free(*out);
	return status;
}

/* ------------------------------------------------------------------ what called functions write */

struct maker {
	struct unwind_cache *cache;
	const struct unwind_source *source;
	struct dbg_process *p;
	const struct gfx_family *family;
	uint64_t low; /* of the function that is looked at */
};

struct visit {
	uint64_t lows[UNWIND_MAX_CALLEES];
	size_t n;
};

static bool visit_one(const struct maker *m, uint64_t low, struct visit *v, struct unwind_clobbers *all)
{
	const struct dbg_codeobj *o = codeobj_at(m->p, low);
	const struct unwind_function *f = o ? m->source->function(m->source->arg, o, low - o->load_bias) : NULL;
	struct unwind_clobbers own;
	int64_t callees[UNWIND_MAX_CALLEES];
	size_t n;
	uint8_t *code;
	if (!f || f->low + o->load_bias != low || read_function(m->p, low, f->high + o->load_bias, &code, NULL) < 0)
		return false;
	bool known = unwind_code_writes(m->family, code, (size_t)(f->high - f->low), &own, callees, &n);
	free(code);
	for (size_t i = 0; i < UNWIND_SCALARS / 64; i++)
		all->scalars[i] |= own.scalars[i];
	for (size_t i = 0; i < UNWIND_VECTORS / 64; i++)
		all->vectors[i] |= own.vectors[i];
	for (size_t i = 0; known && i < n; i++) {
		uint64_t callee = low + (uint64_t)callees[i];
		size_t k = 0;
		while (k < v->n && v->lows[k] != callee)
			k++;
		if (k == v->n && v->n == UNWIND_MAX_CALLEES)
			return false;
		if (k == v->n)
			v->lows[v->n++] = callee;
	}
	return known;
}

/* Of the function at an offset from the one that is looked at: its own writes and those of everything that it may call. */
static const struct unwind_clobbers *find_callee(void *arg, int64_t offset)
{
	const struct maker *m = arg;
	uint64_t low = m->low + (uint64_t)offset;
	struct callee *f;
	HASH_FIND(hh, m->cache->callees, &low, sizeof low, f);
	if (!f) {
		struct visit v = { { low }, 1 };
		f = calloc(1, sizeof *f);
		if (!f)
			return NULL;
		f->low = low;
		f->known = true;
		for (size_t i = 0; f->known && i < v.n; i++)
			f->known = visit_one(m, v.lows[i], &v, &f->clobbers);
		HASH_ADD(hh, m->cache->callees, low, sizeof f->low, f);
	}
	return f->known ? &f->clobbers : NULL;
}

/* A function's code with its states, kept for a while; in the place of the one not used for longest. */
static int open_function(struct maker *m, uint64_t low, uint64_t high, const struct unwind_callees *callees,
	struct unwind_code **out, struct dbg_error *err)
{
	struct open_function *place = &m->cache->open[0], *found = NULL;
	uint8_t *bytes;
	for (struct open_function *f = m->cache->open; f < m->cache->open + MAX_OPEN; f++) {
		if (f->code && f->low == low && f->high == high)
			found = f;
		if (f->used < place->used)
			place = f;
	}
	if (!found) {
		int status = read_function(m->p, low, high, &bytes, err);
		if (status < 0)
			return status;
		unwind_code_close(place->code);
		*place = (struct open_function){ .low = low, .high = high };
		status = unwind_code_open(m->family, bytes, (size_t)(high - low), callees, &place->code, err);
		free(bytes);
		if (status < 0)
			return status;
		found = place;
	}
	found->used = ++m->cache->uses;
	*out = found->code;
	return 0;
}

static int analyse(struct maker *m, uint64_t low, uint64_t high, uint64_t pc, bool after_call, struct unwind_state *out, struct dbg_error *err)
{
	struct unwind_callees callees = { find_callee, m };
	struct unwind_code *code;
	m->low = low;
	int status = open_function(m, low, high, &callees, &code, err);
	return status < 0 ? status : unwind_code_state(code, (size_t)(pc - low), after_call, &callees, out, err);
}

/* ------------------------------------------------------------------ states at addresses */

/* A function at a PC: loaded addresses; low == high: no symbol covers it. */
struct site {
	uint64_t low, high, pc, bias;
	bool after_call;
	const struct unwind_cfi *cfi; /* NULL none */
};

/* The code's own account goes by the convention for the return address. Where frame information says that a function does otherwise, only that is
 * believed. */
static bool by_convention(const struct site *at, uint64_t inside, struct unwind_row *room)
{
	uint64_t low;
	return unwind_cfi_start(at->cfi, inside, &low) && unwind_cfi_row(at->cfi, low, room, NULL) == 0 && unwind_expr_returns_by(room, RETURN_LOW);
}

static void add_row(struct entry *e, const struct site *at)
{
	uint64_t inside = at->pc - (at->after_call ? 4 : 0) - at->bias;
	struct unwind_row *rows = at->cfi ? malloc(2 * sizeof *rows) : NULL;
	struct dbg_error why;
	uint64_t low;
	if (!rows)
		return;
	int status = unwind_cfi_row(at->cfi, inside, &rows[0], &why);
	if (status < 0 && unwind_cfi_start(at->cfi, inside, &low))
		log_warning("at 0x%llx: %s", (unsigned long long)at->pc, why.text);
	if (status < 0 || rows[0].rules[UNWIND_SLOT_PC].kind == UNWIND_RULE_SAME) {
		free(rows);
		return;
	}
	if (!by_convention(at, inside, &rows[1])) {
		free(e->state);
		e->state = NULL;
	}
	e->row = realloc(rows, sizeof *rows); /* the other was room to work in */
	if (!e->row)
		e->row = rows;
}

static const struct entry *entry_of(struct maker *m, const struct site *at, struct dbg_error *err)
{
	struct entry *e, key = { .key = { at->pc, at->after_call } };
	HASH_FIND(hh, m->cache->entries, &key.key, sizeof key.key, e);
	if (e)
		return e;
	e = calloc(1, sizeof *e);
	if (e)
		e->state = malloc(sizeof *e->state);
	if (!e || !e->state) {
		free(e);
		dbg_fail(err, DBG_INTERNAL, "out of memory for a function's code");
		return NULL;
	}
	e->key = key.key;
	int status = at->low == at->high ? dbg_fail(&e->why, DBG_REFUSED, "no function is known at 0x%llx", (unsigned long long)at->pc) :
		analyse(m, at->low, at->high, at->pc, at->after_call, e->state, &e->why);
	if (status < 0) {
		free(e->state);
		e->state = NULL;
	}
	add_row(e, at);
	HASH_ADD(hh, m->cache->entries, key, sizeof e->key, e);
	return e;
}

/* ------------------------------------------------------------------ registers of the wave itself */

static int read_row(const struct dbg_wave *w, const char *name, void *buf, size_t capacity, struct dbg_error *err)
{
	int row = gfx_reg_by_name(w->g.family, name);
	if (row < 0 || w->g.family->regs[row].bytes > capacity || gfx_reg_read(&w->g, (size_t)row, buf, NULL) < 0)
		return dbg_fail(err, DBG_REFUSED, "%s is not there", name);
	return 0;
}

static int own_scalar(const struct dbg_wave *w, unsigned code, uint32_t *out, struct dbg_error *err)
{
	uint32_t pair[2];
	char name[8];
	if (code == GFX_CODE_VCC || code == GFX_CODE_VCC + 1 || code == GFX_CODE_EXEC || code == GFX_CODE_EXEC + 1) {
		int status = read_row(w, code >= GFX_CODE_EXEC ? "exec" : "vcc", pair, sizeof pair, err);
		*out = pair[code & 1];
		return status;
	}
	snprintf(name, sizeof name, "s%u", code);
	return read_row(w, name, out, sizeof *out, err);
}

static int own_vector(const struct dbg_wave *w, unsigned vector, unsigned lane, uint32_t *out, struct dbg_error *err)
{
	uint32_t lanes[64];
	char name[8];
	snprintf(name, sizeof name, "%c%u", vector >= GFX_ACC ? 'a' : 'v', vector % GFX_ACC);
	int status = read_row(w, name, lanes, sizeof lanes, err);
	if (status == 0 && lane >= w->g.rec.lanes)
		status = dbg_fail(err, DBG_REFUSED, "the wave has no lane %u", lane);
	if (status == 0)
		*out = lanes[lane];
	return status;
}

/* ------------------------------------------------------------------ registers of outer frames */

/* Reads what a lane of a place holds in a frame. */
static int read_place(const struct unwind_chain *c, size_t frame, int32_t place, unsigned lane, uint32_t *out, struct dbg_error *err)
{
	enum unwind_kind kind;
	const struct unwind_state *s = c->frames[frame].state;
	if (place < UNWIND_VECTORS)
		return unwind_vector(c, frame, (unsigned)place, lane, out, err);
	int32_t offset = unwind_place_offset(place, &kind);
	for (unsigned code = 0; code < UNWIND_SCALARS; code++) {
		uint32_t base;
		if (s->scalars[code].kind != kind || unwind_scalar(c, frame, code, &base, NULL) < 0)
			continue;
		uint32_t at = base - (uint32_t)s->scalars[code].n + (uint32_t)offset;
		return memory_private(c->p, c->w, lane, at, out, sizeof *out, false, err);
	}
	return dbg_fail(err, DBG_REFUSED, "the place of a frame on the stack is not known");
}

static bool wanted(struct unwind_value v, unsigned code)
{
	if (code == STACK_POINTER)
		return v.kind == UNWIND_STACK;
	if (code == GFX_CODE_EXEC || code == GFX_CODE_EXEC + 1)
		return v.kind == UNWIND_EXEC && v.n == (int32_t)(code & 1);
	return v.kind == UNWIND_ENTRY && v.n == (int32_t)code;
}

/* ------------------------------------------------------------------ masks of lanes */

/* Every value of a frame's function that some scalar register or lane holds: `i` counts them. */
static const struct unwind_value *value_at(const struct unwind_state *s, unsigned i)
{
	if (i < UNWIND_SCALARS)
		return &s->scalars[i];
	return i - UNWIND_SCALARS < s->n_lanes ? &s->lanes[i - UNWIND_SCALARS].value : NULL;
}

static int read_value(const struct unwind_chain *c, size_t frame, unsigned i, uint32_t *out)
{
	if (i < UNWIND_SCALARS)
		return unwind_scalar(c, frame, i, out, NULL);
	const struct unwind_lane *l = &c->frames[frame].state->lanes[i - UNWIND_SCALARS];
	return read_place(c, frame, l->place, l->lane, out, NULL);
}

/* Half of a mask by its code: a register that holds it, or its two parts. */
static int read_mask(const struct unwind_chain *c, size_t frame, uint16_t mask, unsigned half, unsigned depth, uint32_t *out)
{
	enum { MAX_DEPTH = 6 };
	const struct unwind_state *s = c->frames[frame].state;
	const struct unwind_value *v;
	uint32_t part, rest;
	for (unsigned i = 0; (v = value_at(s, i)); i++)
		if (v->n == (int32_t)half && unwind_mask_code(*v) == mask && read_value(c, frame, i, out) == 0)
			return 0;
	for (unsigned i = 0; depth < MAX_DEPTH && (v = value_at(s, i)); i++)
		if (v->kind == UNWIND_PART && v->n == (int32_t)half && v->mask != UNWIND_NO_MASK && v->parent == mask &&
			read_mask(c, frame, v->mask, half, depth + 1, &part) == 0 && read_mask(c, frame, v->mask ^ UNWIND_REST, half, depth + 1, &rest) == 0) {
			*out = part | rest;
			return 0;
		}
	return -1;
}

/* Lanes of the entry's EXEC that some register names, when the whole is not known. */
static uint64_t parts(const struct unwind_chain *c, size_t frame)
{
	const struct unwind_value *v;
	uint64_t lanes = 0;
	uint32_t part;
	for (unsigned i = 0; (v = value_at(c->frames[frame].state, i)); i++)
		if ((v->kind == UNWIND_PART || v->kind == UNWIND_EXEC) && read_value(c, frame, i, &part) == 0)
			lanes |= (uint64_t)part << (v->n ? 32 : 0);
	return lanes;
}

/* ------------------------------------------------------------------ registers */

/* The rules of the callee; NULL: none. */
static const struct unwind_row *row_of(const struct unwind_chain *c, size_t frame)
{
	return frame && frame <= c->n ? c->frames[frame - 1].row : NULL;
}

/* What frame information says of a register. */
static int told_scalar(const struct unwind_chain *c, size_t frame, unsigned code, uint32_t *out, struct dbg_error *err)
{
	const struct unwind_row *row = row_of(c, frame);
	struct unwind_asked q = { c, frame - 1, row, 0 };
	bool high = code == GFX_CODE_VCC + 1 || code == GFX_CODE_EXEC + 1;
	uint64_t value;
	if (!row)
		return dbg_fail(err, DBG_REFUSED, "what register %u held in this frame is not known", code);
	if (code != STACK_POINTER || row->rules[code].kind != UNWIND_RULE_SAME) {
		int status = unwind_expr_read(&q, code - high, high ? 4 : 0, 4, &value, err);
		*out = (uint32_t)value;
		return status;
	}
	/* The CFA is where the stack pointer was at the entry; it counts bytes of the wave. */
	int status = unwind_expr_cfa(&q, &value, err);
	*out = (uint32_t)(c->w->g.family->architected_scratch ? value / c->w->g.rec.lanes : value);
	return status;
}

static int told_vector(const struct unwind_chain *c, size_t frame, unsigned vector, unsigned lane, uint32_t *out, struct dbg_error *err)
{
	const struct unwind_row *row = row_of(c, frame);
	struct unwind_asked q = { c, frame - 1, row, lane };
	uint64_t value;
	if (!row)
		return dbg_fail(err, DBG_REFUSED, "what a vector register held in this frame is not known");
	int status = unwind_expr_read(&q, UNWIND_SLOT_VECTOR + vector, 4 * lane, 4, &value, err);
	*out = (uint32_t)value;
	return status;
}

/* What the code of the callee says of a register; -1: not known. */
static int coded_scalar(const struct unwind_chain *c, size_t frame, unsigned code, uint32_t *out)
{
	const struct unwind_state *s = frame <= c->n ? c->frames[frame - 1].state : NULL;
	if (!s)
		return -1;
	for (unsigned i = 0; i < UNWIND_SCALARS; i++) {
		unsigned at = (code + i) % UNWIND_SCALARS; /* best where it was */
		if (!wanted(s->scalars[at], code) || unwind_scalar(c, frame - 1, at, out, NULL) < 0)
			continue;
		if (code == STACK_POINTER)
			*out -= (uint32_t)s->scalars[at].n;
		return 0;
	}
	for (unsigned i = 0; i < s->n_lanes; i++) {
		if (!wanted(s->lanes[i].value, code) || read_place(c, frame - 1, s->lanes[i].place, s->lanes[i].lane, out, NULL) < 0)
			continue;
		if (code == STACK_POINTER)
			*out -= (uint32_t)s->lanes[i].value.n;
		return 0;
	}
	if (code == GFX_CODE_EXEC || code == GFX_CODE_EXEC + 1)
		return read_mask(c, frame - 1, UNWIND_ENTRY_MASK, code & 1, 0, out);
	return -1;
}

int unwind_scalar(const struct unwind_chain *c, size_t frame, unsigned code, uint32_t *out, struct dbg_error *err)
{
	if (code >= UNWIND_SCALARS)
		return dbg_fail(err, DBG_REFUSED, "no such scalar register");
	if (frame == 0)
		return own_scalar(c->w, code, out, err);
	return coded_scalar(c, frame, code, out) == 0 ? 0 : told_scalar(c, frame, code, out, err);
}

/* Whether a lane was active when the callee of `frame` was entered: 1, 0, or -1 not known. */
static int active_at_call(const struct unwind_chain *c, size_t frame, unsigned lane)
{
	uint32_t mask;
	if (frame == 0)
		return (int)(gfx_wave_exec(&c->w->g) >> lane & 1);
	if (unwind_scalar(c, frame, GFX_CODE_EXEC + lane / 32, &mask, NULL) == 0)
		return (int)(mask >> lane % 32 & 1);
	/* The callee's mask was a part of it. */
	if (frame > c->n || !c->frames[frame - 1].state)
		return -1;
	const struct unwind_value *exec = c->frames[frame - 1].state->scalars + GFX_CODE_EXEC;
	bool part = exec[lane / 32].kind == UNWIND_PART || exec[lane / 32].kind == UNWIND_EXEC;
	return part && active_at_call(c, frame - 1, lane) == 1 ? 1 : -1;
}

static void find_lanes(const struct unwind_chain *c, size_t frame)
{
	struct unwind_frame *f = &c->frames[frame];
	uint32_t lo, hi;
	f->lanes_known = true;
	f->lanes = f->told = 0;
	if (!f->state && !f->row)
		return;
	if (unwind_scalar(c, frame + 1, GFX_CODE_EXEC, &lo, NULL) == 0 && unwind_scalar(c, frame + 1, GFX_CODE_EXEC + 1, &hi, NULL) == 0) {
		f->lanes = (uint64_t)hi << 32 | lo;
		f->told = UINT64_MAX;
		return;
	}
	/* whoever takes part in what was called takes part here */
	for (unsigned lane = 0; frame && lane < 64; lane++)
		if (unwind_lane_entered(c, frame - 1, lane) == 1)
			f->lanes |= UINT64_C(1) << lane;
	if (f->state)
		f->lanes |= parts(c, frame);
	f->told = f->lanes;
}

int unwind_lane_entered(const struct unwind_chain *c, size_t frame, unsigned lane)
{
	const struct unwind_frame *f = &c->frames[frame];
	if (!f->lanes_known)
		find_lanes(c, frame);
	return f->told >> lane & 1 ? (int)(f->lanes >> lane & 1) : -1;
}

static bool covers(const struct unwind_chain *c, size_t frame, unsigned lanes, unsigned lane)
{
	if (lanes == UNWIND_ALL_LANES)
		return true;
	if (lanes == UNWIND_NO_LANES)
		return false;
	return active_at_call(c, frame, lane) == (lanes == UNWIND_ACTIVE_LANES);
}

int unwind_vector(const struct unwind_chain *c, size_t frame, unsigned vector, unsigned lane, uint32_t *out, struct dbg_error *err)
{
	if (vector >= UNWIND_VECTORS)
		return dbg_fail(err, DBG_REFUSED, "no such vector register");
	if (frame == 0)
		return own_vector(c->w, vector, lane, out, err);
	const struct unwind_state *s = frame <= c->n ? c->frames[frame - 1].state : NULL;
	if (!s)
		return told_vector(c, frame, vector, lane, out, err);
	/* Saved ones first: the register itself may be changed by a callee that a compiler knows. */
	for (unsigned i = 0; i < s->n_slots; i++) {
		const struct unwind_vector *v = &s->slots[i].content;
		if (v->origin == vector && covers(c, frame, v->lanes, lane) && read_place(c, frame - 1, s->slots[i].place, lane, out, NULL) == 0)
			return 0;
	}
	for (unsigned i = 0; i < UNWIND_VECTORS; i++) {
		unsigned at = (vector + i) % UNWIND_VECTORS;
		const struct unwind_vector *v = &s->vectors[at];
		if (v->lanes && v->origin == vector && covers(c, frame, v->lanes, lane) && unwind_vector(c, frame - 1, at, lane, out, NULL) == 0)
			return 0;
	}
	return told_vector(c, frame, vector, lane, out, err);
}

/* ------------------------------------------------------------------ the chain */

static bool follows_call(const struct unwind_chain *c, uint64_t pc)
{
	enum { CALL_BYTES = 4 };
	uint8_t code[CALL_BYTES];
	struct gfx_insn insn;
	size_t got = 0;
	return break_read_code(c->p, pc - CALL_BYTES, code, sizeof code, &got, NULL) == 0 && got == sizeof code &&
		gfx_insn_decode(c->w->g.family, code, sizeof code, &insn) == GFX_OK && (insn.class == GFX_INSN_SWAPPC || insn.class == GFX_INSN_CALL);
}

/* Adds a frame; *more: it may have a caller. */
static int add_frame(struct maker *m, struct unwind_chain *c, uint64_t pc, bool *more)
{
	bool outer = c->n > 0;
	uint64_t inside = outer ? pc - 4 : pc; /* a call may be the last instruction of its function */
	*more = false;
	const struct dbg_codeobj *o = codeobj_at(c->p, inside);
	struct site at = { .pc = pc, .after_call = outer, .bias = o ? o->load_bias : 0 };
	const struct unwind_function *f = o ? m->source->function(m->source->arg, o, inside - o->load_bias) : NULL;
	struct unwind_frame frame = { .pc = pc };
	at.cfi = o ? m->source->cfi(m->source->arg, o) : NULL;
	if (f) {
		frame.low = at.low = o->load_bias + f->low;
		at.high = o->load_bias + f->high;
		frame.kernel = f->kernel;
	}
	const struct entry *e = entry_of(m, &at, &c->why);
	if (!e)
		return -1;
	frame.state = e->state;
	frame.row = e->row;
	if (!e->state)
		c->why = e->why;
	/* a return address must follow a call that the code makes */
	if (outer && !e->state && (!e->row || !follows_call(c, pc)))
		return -1;
	c->frames[c->n++] = frame;
	c->complete = frame.kernel || (e->row && e->row->rules[UNWIND_SLOT_PC].kind == UNWIND_RULE_UNDEFINED);
	*more = !c->complete && (e->state || e->row);
	return 0;
}

static int return_address(const struct unwind_chain *c, uint64_t *out, struct dbg_error *err)
{
	const struct unwind_frame *last = &c->frames[c->n - 1];
	struct unwind_asked q = { c, c->n - 1, last->row, 0 };
	uint32_t lo, hi;
	if (coded_scalar(c, c->n, RETURN_LOW, &lo) == 0 && coded_scalar(c, c->n, RETURN_LOW + 1, &hi) == 0)
		*out = (uint64_t)hi << 32 | lo;
	else if (!last->row)
		return dbg_fail(err, DBG_REFUSED, "where the return address is kept at this instruction is not known");
	else if (unwind_expr_read(&q, UNWIND_SLOT_PC, 0, 8, out, err) < 0)
		return -DBG_REFUSED;
	return *out >= 4 && *out % 4 == 0 ? 0 : dbg_fail(err, DBG_REFUSED, "0x%llx is no return address", (unsigned long long)*out);
}

int unwind_chain_make(struct unwind_cache *cache, struct dbg_process *p, struct dbg_wave *w,
	const struct unwind_source *source, struct unwind_chain *out, struct dbg_error *err)
{
	struct maker m = { cache, source, p, w->g.family, 0 };
	uint64_t pc = wave_pc(w); /* registers are as they were there */
	bool more;
	*out = (struct unwind_chain){ .p = p, .w = w };
	if (HASH_COUNT(cache->entries) > MAX_STATES)
		unwind_cache_clear(cache);
	out->frames = calloc(UNWIND_MAX_FRAMES, sizeof *out->frames);
	if (!out->frames)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a chain of calls");
	add_frame(&m, out, pc, &more);
	while (more) {
		if (out->n == UNWIND_MAX_FRAMES) {
			dbg_fail(&out->why, DBG_REFUSED, "only %d calls are followed", UNWIND_MAX_FRAMES);
			break;
		}
		if (return_address(out, &pc, &out->why) < 0 || add_frame(&m, out, pc, &more) < 0)
			break;
	}
	return 0;
}

void unwind_chain_free(struct unwind_chain *c)
{
	free(c->frames);
	memset(c, 0, sizeof *c);
}
