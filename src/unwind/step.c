#include "src/unwind/step.h"

#include <string.h>

#include "src/unwind/mask.h"

enum { STACK_POINTER = 32, FRAME_POINTER = 33, LAST_CLOBBERED_SGPR = 29, M0 = 124, OFFSET_BITS = 24 };

/* ------------------------------------------------------------------ values */

static const struct unwind_value unknown;

/* ------------------------------------------------------------------ EXEC */

enum exec_kind { EXEC_UNKNOWN, EXEC_ENTRY, EXEC_PART, EXEC_OUTSIDE, EXEC_ALL };

static enum exec_kind exec_kind(const struct unwind_state *s)
{
	struct unwind_value lo = s->scalars[GFX_CODE_EXEC], hi = s->scalars[GFX_CODE_EXEC + 1], all = unwind_plain(UNWIND_CONST, -1);
	if (lo.kind == UNWIND_EXEC && hi.kind == UNWIND_EXEC)
		return EXEC_ENTRY;
	if (lo.kind == UNWIND_OUTSIDE && hi.kind == UNWIND_OUTSIDE)
		return EXEC_OUTSIDE;
	if (unwind_same(lo, all) && unwind_same(hi, all))
		return EXEC_ALL;
	return unwind_partial(lo) && unwind_partial(hi) ? EXEC_PART : EXEC_UNKNOWN;
}

/* Lanes of `old` that survive a write of unknown values. */
static uint8_t surviving(enum exec_kind exec, uint8_t old)
{
	switch (exec) {
	case EXEC_ENTRY:
	case EXEC_PART:
		return old & UNWIND_OTHER_LANES;
	case EXEC_OUTSIDE:
		return old & UNWIND_ACTIVE_LANES;
	default:
		return UNWIND_NO_LANES;
	}
}

/* Content of a place that gets `from` in active lanes. */
static struct unwind_vector blend(enum exec_kind exec, struct unwind_vector old, struct unwind_vector from)
{
	bool alike = old.lanes && from.lanes && old.origin == from.origin;
	uint8_t kept = surviving(exec, old.lanes), got = UNWIND_NO_LANES;
	if (exec == EXEC_ALL)
		return from;
	if (exec == EXEC_ENTRY)
		got = from.lanes & UNWIND_ACTIVE_LANES;
	else if (exec == EXEC_OUTSIDE)
		got = from.lanes & UNWIND_OTHER_LANES;
	else if (alike) /* some lanes change to what they were, whichever they are */
		got = old.lanes & from.lanes;
	if (alike)
		return (struct unwind_vector){ old.origin, kept | got };
	return kept ? (struct unwind_vector){ old.origin, kept } : (struct unwind_vector){ from.origin, got };
}

/* ------------------------------------------------------------------ places */

static int32_t place_of(enum unwind_kind base, int32_t n)
{
	return UNWIND_SLOT | (base == UNWIND_ALIGNED) << OFFSET_BITS | (n & ((1 << OFFSET_BITS) - 1));
}

int32_t unwind_place_offset(int32_t place, enum unwind_kind *base)
{
	*base = place >> OFFSET_BITS & 1 ? UNWIND_ALIGNED : UNWIND_STACK;
	return (int32_t)((uint32_t)place << (32 - OFFSET_BITS)) >> (32 - OFFSET_BITS);
}

static struct unwind_lane *find_lane(struct unwind_state *s, int32_t place, unsigned lane)
{
	for (unsigned i = 0; i < s->n_lanes; i++)
		if (s->lanes[i].place == place && s->lanes[i].lane == lane)
			return &s->lanes[i];
	return NULL;
}

static void forget_lanes(struct unwind_state *s, int32_t place)
{
	for (unsigned i = s->n_lanes; i-- > 0;)
		if (s->lanes[i].place == place)
			s->lanes[i] = s->lanes[--s->n_lanes];
}

/* Unknown values take no room; when there is none, the rest is not followed. */
static void set_lane(struct unwind_state *s, int32_t place, unsigned lane, struct unwind_value v)
{
	struct unwind_lane *found = find_lane(s, place, lane);
	if (found)
		*found = s->lanes[--s->n_lanes];
	if (v.kind != UNWIND_UNKNOWN && s->n_lanes < UNWIND_MAX_LANES && !s->lost)
		s->lanes[s->n_lanes++] = (struct unwind_lane){ place, (uint8_t)lane, v };
}

static void copy_lanes(struct unwind_state *s, int32_t to, int32_t from)
{
	unsigned n = s->n_lanes;
	struct unwind_lane old[UNWIND_MAX_LANES];
	memcpy(old, s->lanes, n * sizeof *old);
	forget_lanes(s, to);
	for (unsigned i = 0; i < n; i++)
		if (old[i].place == from)
			set_lane(s, to, old[i].lane, old[i].value);
}

static struct unwind_slot *find_slot(struct unwind_state *s, int32_t place)
{
	for (unsigned i = 0; i < s->n_slots; i++)
		if (s->slots[i].place == place)
			return &s->slots[i];
	return NULL;
}

static struct unwind_vector content_of(struct unwind_state *s, int32_t place)
{
	static const struct unwind_vector none;
	if (place < UNWIND_VECTORS)
		return s->vectors[place];
	const struct unwind_slot *slot = find_slot(s, place);
	return slot ? slot->content : none;
}

static void set_content(struct unwind_state *s, int32_t place, struct unwind_vector v)
{
	if (s->lost)
		v.lanes = UNWIND_NO_LANES;
	if (place < UNWIND_VECTORS) {
		s->vectors[place] = v;
		return;
	}
	struct unwind_slot *slot = find_slot(s, place);
	if (slot && !v.lanes)
		*slot = s->slots[--s->n_slots];
	else if (slot)
		slot->content = v;
	else if (v.lanes && s->n_slots < UNWIND_MAX_SLOTS)
		s->slots[s->n_slots++] = (struct unwind_slot){ place, v };
}

/* Registers that a called function gives back as they were (isa 8.5); of accumulation registers those from a32 on. */
static bool preserved(unsigned vector)
{
	return vector < GFX_ACC ? vector >= 40 && (vector - 40) % 16 < 8 : vector >= GFX_ACC + 32;
}

static void clobber(struct unwind_state *s, unsigned vector)
{
	if (vector >= UNWIND_VECTORS)
		return;
	struct unwind_vector v = s->vectors[vector];
	v.lanes = surviving(exec_kind(s), v.lanes);
	s->vectors[vector] = v;
	forget_lanes(s, (int32_t)vector);
}

/* Place `to` gets place `from` in active lanes. */
static void transfer(struct unwind_state *s, int32_t to, int32_t from)
{
	enum exec_kind exec = exec_kind(s);
	struct unwind_vector v = content_of(s, from);
	/* What a program stores in active lanes may be a variable, which changes later by stores that are not followed. Only what it has to give
	 * back is stored for that purpose. */
	if (to >= UNWIND_SLOT && exec != EXEC_ALL && exec != EXEC_OUTSIDE && v.lanes && !preserved(v.origin))
		v.lanes = UNWIND_NO_LANES;
	set_content(s, to, blend(exec, content_of(s, to), v));
	if (exec == EXEC_ALL)
		copy_lanes(s, to, from);
	else
		forget_lanes(s, to);
}

/* ------------------------------------------------------------------ instructions */

static struct unwind_value operand(const struct unwind_state *s, unsigned code)
{
	return code < UNWIND_SCALARS ? s->scalars[code] : unknown;
}

static void set_scalar(struct unwind_state *s, unsigned code, struct unwind_value v)
{
	if (code < UNWIND_SCALARS)
		s->scalars[code] = v;
}

static void forget_scalars(struct unwind_state *s, const struct gfx_effect *e)
{
	for (unsigned slot = 0; slot < 2; slot++)
		for (unsigned i = 0; i < e->scalars[slot].n; i++)
			set_scalar(s, e->scalars[slot].first + i, unknown);
}

/* A compare writes only bits of active lanes. */
static void write_mask(struct unwind_state *s, const struct gfx_effect *e, size_t at)
{
	enum exec_kind exec = exec_kind(s);
	uint16_t mask = unwind_new_mask(s, at);
	forget_scalars(s, e);
	if (exec != EXEC_ENTRY && exec != EXEC_PART)
		return;
	for (unsigned i = 0; i < e->scalars[0].n; i++)
		set_scalar(s, e->scalars[0].first + i, unwind_part_of(mask, s->scalars[GFX_CODE_EXEC + (i & 1)], i & 1));
}

static void narrow_exec(struct unwind_state *s, size_t at)
{
	uint16_t mask = unwind_new_mask(s, at);
	for (unsigned i = 0; i < 2; i++) {
		struct unwind_value *v = &s->scalars[GFX_CODE_EXEC + i];
		*v = unwind_partial(*v) ? unwind_part_of(mask, *v, i) : unknown;
	}
}

static struct unwind_value constant(const struct gfx_effect *e, unsigned i)
{
	bool literal = e->a == 255;
	return unwind_plain(UNWIND_CONST, i == 0 ? e->value : e->value < 0 && !literal ? -1 : 0);
}

static void copy(struct unwind_state *s, const struct gfx_effect *e)
{
	struct unwind_value v[2] = { unknown, unknown };
	for (unsigned i = 0; i < e->scalars[0].n && i < 2; i++)
		v[i] = e->is_constant ? constant(e, i) : operand(s, e->a + i);
	for (unsigned i = 0; i < e->scalars[0].n && i < 2; i++)
		set_scalar(s, e->scalars[0].first + i, v[i]);
}

static void add(struct unwind_state *s, const struct gfx_effect *e)
{
	struct unwind_value v = operand(s, e->a);
	if (v.kind == UNWIND_STACK || v.kind == UNWIND_ALIGNED || v.kind == UNWIND_CODE)
		v.n = (int32_t)((uint32_t)v.n + (uint32_t)e->value);
	else
		v = unknown;
	set_scalar(s, e->scalars[0].first, v);
}

static void logic_step(struct unwind_state *s, const struct gfx_effect *e, size_t at)
{
	uint16_t mask = unwind_new_mask(s, at);
	struct unwind_value v[2] = { unknown, unknown };
	unsigned n = e->scalars[0].n;
	if (n == 1 && e->op == GFX_LOGIC_AND && e->is_constant && e->scalars[0].first == FRAME_POINTER && operand(s, e->a).kind == UNWIND_STACK)
		v[0] = unwind_plain(UNWIND_ALIGNED, 0); /* s33 = (s32 + alignment - 1) & -alignment */
	for (unsigned i = 0; n == 2 && i < 2; i++) {
		struct unwind_value b = operand(s, e->b + i);
		if (e->is_constant)
			b = unwind_plain(UNWIND_CONST, i == 0 ? e->value : e->value < 0 && e->b != 255 ? -1 : 0);
		v[i] = unwind_logic(s, e->op, operand(s, e->a + i), b, i, mask);
	}
	for (unsigned i = 0; i < n && i < 2; i++)
		set_scalar(s, e->scalars[0].first + i, v[i]);
}

static void save_exec(struct unwind_state *s, const struct gfx_effect *e, size_t at)
{
	uint16_t mask = unwind_new_mask(s, at);
	struct unwind_value before[2], after[2];
	for (unsigned i = 0; i < 2; i++) {
		struct unwind_value a = e->is_constant ? constant(e, i) : operand(s, e->a + i);
		before[i] = s->scalars[GFX_CODE_EXEC + i];
		after[i] = unwind_logic(s, e->op, a, before[i], i, mask);
	}
	for (unsigned i = 0; i < 2; i++) {
		set_scalar(s, e->scalars[0].first + i, before[i]);
		s->scalars[GFX_CODE_EXEC + i] = after[i];
	}
}

static void write_lane(struct unwind_state *s, const struct gfx_effect *e)
{
	static const struct unwind_vector none;
	set_content(s, e->vector, none);
	set_lane(s, e->vector, (unsigned)e->value, operand(s, e->a));
}

static void read_lane(struct unwind_state *s, const struct gfx_effect *e)
{
	const struct unwind_lane *l = find_lane(s, e->vector, (unsigned)e->value);
	set_scalar(s, e->scalars[0].first, l ? l->value : unknown);
}

static void private_access(struct unwind_state *s, const struct gfx_effect *e, bool store)
{
	struct unwind_value base = operand(s, e->a);
	bool known = base.kind == UNWIND_STACK || base.kind == UNWIND_ALIGNED;
	for (unsigned i = 0; i < e->n_vectors; i++) {
		int32_t vector = e->vector + (int32_t)i;
		int32_t place = place_of(base.kind, base.n + e->value + 4 * (int32_t)i);
		if (!known && !store)
			clobber(s, (unsigned)vector);
		if (!known || vector >= UNWIND_VECTORS)
			continue;
		transfer(s, store ? place : vector, store ? vector : place);
	}
}

static void move(struct unwind_state *s, const struct gfx_effect *e)
{
	if (e->swaps) {
		clobber(s, e->vector);
		clobber(s, e->from);
	} else {
		transfer(s, e->vector, e->from);
	}
}

static bool clobbered_scalar(unsigned code)
{
	return code <= LAST_CLOBBERED_SGPR || code == GFX_CODE_VCC || code == GFX_CODE_VCC + 1 || code == M0;
}

/* What a function owes to its caller at its end. */
static bool owed(struct unwind_value v)
{
	return (v.kind == UNWIND_ENTRY && v.n > LAST_CLOBBERED_SGPR && v.n < GFX_CODE_VCC) || v.kind == UNWIND_STACK;
}

/* A place that is safe from calls has the value, too. */
static bool safe_elsewhere(const struct unwind_state *s, struct unwind_value v)
{
	for (unsigned i = 0; i < UNWIND_SCALARS; i++)
		if (!clobbered_scalar(i) && s->scalars[i].kind == v.kind && (v.kind == UNWIND_STACK || s->scalars[i].n == v.n))
			return true;
	for (unsigned i = 0; i < s->n_lanes; i++)
		if ((s->lanes[i].place >= UNWIND_VECTORS || preserved((unsigned)s->lanes[i].place)) && unwind_same(s->lanes[i].value, v))
			return true;
	return false;
}

/* Compilers that know the callee keep values in registers that a call may change by the convention. What the function owes to its caller and has
 * nowhere else is kept so: it could not return otherwise. */
static void called(struct unwind_state *s, const struct unwind_clobbers *c)
{
	struct unwind_lane lanes[UNWIND_MAX_LANES];
	unsigned n = 0;
	for (unsigned i = 0; i < UNWIND_SCALARS; i++)
		if (clobbered_scalar(i) && (c ? unwind_writes(c->scalars, i) : !owed(s->scalars[i]) || safe_elsewhere(s, s->scalars[i])))
			s->scalars[i] = unknown;
	for (unsigned i = 0; i < s->n_lanes; i++) {
		const struct unwind_lane *l = &s->lanes[i];
		if (!c && l->place < UNWIND_VECTORS && !preserved((unsigned)l->place) && owed(l->value) && !safe_elsewhere(s, l->value))
			lanes[n++] = *l;
	}
	for (unsigned i = 0; i < UNWIND_VECTORS; i++)
		if (!preserved(i) && (!c || unwind_writes(c->vectors, i)))
			clobber(s, i);
	for (unsigned i = 0; i < n; i++)
		set_lane(s, lanes[i].place, lanes[i].lane, lanes[i].value);
}

static void lose_vectors(struct unwind_state *s)
{
	s->lost = true;
	memset(s->vectors, 0, sizeof s->vectors);
	s->n_lanes = s->n_slots = 0;
}

static void lose_scalars(struct unwind_state *s)
{
	memset(s->scalars, 0, sizeof s->scalars);
}

static void other(struct unwind_state *s, const struct gfx_effect *e, size_t at)
{
	if (e->compares)
		write_mask(s, e, at);
	else
		forget_scalars(s, e);
	for (unsigned i = 0; i < e->n_vectors; i++)
		clobber(s, e->vector + i);
	if (e->narrows)
		narrow_exec(s, at);
}

bool unwind_target(const struct unwind_state *s, const struct gfx_insn *insn, size_t at, int64_t *target)
{
	if (insn->class == GFX_INSN_CALL) {
		*target = (int64_t)at + insn->length + 4 * (int64_t)insn->simm16;
		return true;
	}
	struct unwind_value low = operand(s, insn->ssrc0), high = operand(s, insn->ssrc0 + 1u);
	*target = low.n;
	return low.kind == UNWIND_CODE && high.kind == UNWIND_CODE_HIGH;
}

void unwind_step(const struct gfx_family *family, const uint8_t *code, size_t n, size_t at, const struct gfx_insn *insn, bool in_call,
	const struct unwind_callees *callees, struct unwind_state *s)
{
	struct gfx_effect e;
	int64_t target = 0;
	bool calls = insn->class == GFX_INSN_SWAPPC || insn->class == GFX_INSN_CALL, known = calls && callees && unwind_target(s, insn, at, &target);
	if (gfx_insn_effect(family, code + at, n - at, &e) < 0) {
		lose_scalars(s);
		lose_vectors(s);
		return;
	}
	if (e.any_scalar)
		lose_scalars(s);
	if (e.any_vector)
		lose_vectors(s);
	switch (e.kind) {
	case GFX_EFFECT_COPY:
		copy(s, &e);
		break;
	case GFX_EFFECT_ADD:
		add(s, &e);
		break;
	case GFX_EFFECT_ADD_CARRY:
		set_scalar(s, e.scalars[0].first, operand(s, e.a).kind == UNWIND_CODE_HIGH ? operand(s, e.a) : unknown);
		break;
	case GFX_EFFECT_LOGIC:
		logic_step(s, &e, at);
		break;
	case GFX_EFFECT_SAVE_EXEC:
		save_exec(s, &e, at);
		break;
	case GFX_EFFECT_WRITE_LANE:
		write_lane(s, &e);
		break;
	case GFX_EFFECT_READ_LANE:
		read_lane(s, &e);
		break;
	case GFX_EFFECT_STORE:
		private_access(s, &e, true);
		break;
	case GFX_EFFECT_LOAD:
		private_access(s, &e, false);
		break;
	case GFX_EFFECT_MOVE:
		move(s, &e);
		break;
	case GFX_EFFECT_OTHER:
		other(s, &e, at);
		break;
	}
	if (insn->class == GFX_INSN_GETPC) {
		set_scalar(s, insn->sdst, unwind_plain(UNWIND_CODE, (int32_t)(at + insn->length)));
		set_scalar(s, insn->sdst + 1u, unwind_plain(UNWIND_CODE_HIGH, 0));
	}
	if (calls && !in_call)
		called(s, known ? callees->find(callees->arg, target) : NULL);
}

/* ------------------------------------------------------------------ whole states */

void unwind_enter(struct unwind_state *s)
{
	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < UNWIND_SCALARS; i++)
		s->scalars[i] = unwind_plain(UNWIND_ENTRY, (int32_t)i);
	s->scalars[STACK_POINTER] = unwind_plain(UNWIND_STACK, 0);
	s->scalars[GFX_CODE_EXEC] = unwind_plain(UNWIND_EXEC, 0);
	s->scalars[GFX_CODE_EXEC + 1] = unwind_plain(UNWIND_EXEC, 1);
	for (unsigned i = 0; i < UNWIND_VECTORS; i++)
		s->vectors[i] = (struct unwind_vector){ (uint16_t)i, UNWIND_ALL_LANES };
}

static bool join_vector(struct unwind_vector *v, struct unwind_vector other)
{
	uint8_t lanes = v->origin == other.origin ? v->lanes & other.lanes : UNWIND_NO_LANES;
	if (lanes == v->lanes)
		return false;
	v->lanes = lanes;
	return true;
}

bool unwind_join(struct unwind_state *s, const struct unwind_state *other)
{
	bool changed = false;
	struct unwind_state *o = (struct unwind_state *)other; /* only read */
	if (o->lost && !s->lost) {
		lose_vectors(s);
		changed = true;
	}
	for (unsigned i = 0; i < UNWIND_SCALARS; i++) {
		struct unwind_value v = unwind_join_values(s->scalars[i], o->scalars[i]);
		changed |= !unwind_same(v, s->scalars[i]);
		s->scalars[i] = v;
	}
	for (unsigned i = 0; i < UNWIND_VECTORS; i++)
		changed |= join_vector(&s->vectors[i], o->vectors[i]);
	for (unsigned i = s->n_lanes; i-- > 0;) {
		const struct unwind_lane *l = find_lane(o, s->lanes[i].place, s->lanes[i].lane);
		struct unwind_value v = l ? unwind_join_values(s->lanes[i].value, l->value) : unknown;
		changed |= !unwind_same(v, s->lanes[i].value);
		s->lanes[i].value = v;
		if (v.kind == UNWIND_UNKNOWN)
			s->lanes[i] = s->lanes[--s->n_lanes];
	}
	for (unsigned i = s->n_slots; i-- > 0;) {
		changed |= join_vector(&s->slots[i].content, content_of(o, s->slots[i].place));
		if (!s->slots[i].content.lanes)
			s->slots[i] = s->slots[--s->n_slots];
	}
	return changed;
}
