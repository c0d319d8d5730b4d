#include "src/unwind/mask.h"

static const struct unwind_value unknown;

struct unwind_value unwind_plain(enum unwind_kind kind, int32_t n)
{
	struct unwind_value v = { .kind = (uint8_t)kind, .mask = UNWIND_NO_MASK, .parent = UNWIND_NO_MASK, .n = n };
	if (kind == UNWIND_EXEC)
		v.mask = UNWIND_ENTRY_MASK;
	if (kind == UNWIND_UNKNOWN)
		return unknown;
	return v;
}

bool unwind_same(struct unwind_value a, struct unwind_value b)
{
	return a.kind == b.kind && a.n == b.n && (a.kind != UNWIND_PART || (a.mask == b.mask && a.parent == b.parent));
}

bool unwind_partial(struct unwind_value v)
{
	return v.kind == UNWIND_EXEC || v.kind == UNWIND_PART || (v.kind == UNWIND_CONST && v.n == 0);
}

static int32_t half_of(struct unwind_value a, struct unwind_value b)
{
	return a.kind == UNWIND_CONST ? b.n : a.n;
}

struct unwind_value unwind_join_values(struct unwind_value a, struct unwind_value b)
{
	if (unwind_same(a, b))
		return a;
	if (!unwind_partial(a) || !unwind_partial(b))
		return unknown;
	struct unwind_value v = unwind_plain(UNWIND_PART, half_of(a, b));
	if (a.kind == UNWIND_PART && b.kind == UNWIND_PART && a.mask == b.mask)
		v.mask = a.mask; /* they only disagree about what it is a part of */
	return v;
}

uint16_t unwind_mask_code(struct unwind_value v)
{
	return v.kind == UNWIND_EXEC || v.kind == UNWIND_PART ? v.mask : UNWIND_NO_MASK;
}

static bool is_part_of(struct unwind_value a, struct unwind_value b)
{
	return a.kind == UNWIND_PART && a.mask != UNWIND_NO_MASK && a.parent != UNWIND_NO_MASK && a.parent == unwind_mask_code(b);
}

static bool complete_each_other(struct unwind_value a, struct unwind_value b)
{
	return a.kind == UNWIND_PART && b.kind == UNWIND_PART && a.mask != UNWIND_NO_MASK && a.mask == (b.mask ^ UNWIND_REST) &&
		a.parent != UNWIND_NO_MASK && a.parent == b.parent;
}

static struct unwind_value rest(struct unwind_value part)
{
	part.mask ^= UNWIND_REST;
	return part;
}

static void forget(struct unwind_value *v, uint16_t mask)
{
	if (v->kind != UNWIND_PART)
		return;
	if ((v->mask & ~UNWIND_REST) == mask)
		v->mask = UNWIND_NO_MASK;
	if ((v->parent & ~UNWIND_REST) == mask)
		v->parent = UNWIND_NO_MASK;
}

uint16_t unwind_new_mask(struct unwind_state *s, size_t at)
{
	if (at / 4 + 1 >= UNWIND_NO_MASK)
		return UNWIND_NO_MASK;
	uint16_t mask = (uint16_t)(at / 4 + 1);
	for (unsigned i = 0; i < UNWIND_SCALARS; i++)
		forget(&s->scalars[i], mask);
	for (unsigned i = 0; i < s->n_lanes; i++)
		forget(&s->lanes[i].value, mask);
	return mask;
}

struct unwind_value unwind_part_of(uint16_t mask, struct unwind_value of, unsigned half)
{
	struct unwind_value v = unwind_plain(UNWIND_PART, (int32_t)half);
	v.mask = mask;
	v.parent = unwind_mask_code(of);
	return v;
}

/* What a part was cut from. What that in turn is a part of is told by whatever else is a piece of it. */
static struct unwind_value whole_of(const struct unwind_state *s, struct unwind_value part, unsigned half)
{
	if (part.parent == UNWIND_ENTRY_MASK)
		return unwind_plain(UNWIND_EXEC, (int32_t)half);
	struct unwind_value v = unwind_plain(UNWIND_PART, (int32_t)half);
	v.mask = part.parent;
	for (size_t i = 0; i < (size_t)UNWIND_SCALARS + s->n_lanes; i++) {
		struct unwind_value at = i < UNWIND_SCALARS ? s->scalars[i] : s->lanes[i - UNWIND_SCALARS].value;
		if (at.kind == UNWIND_PART && (at.mask | UNWIND_REST) == (v.mask | UNWIND_REST) && at.parent != UNWIND_NO_MASK) {
			v.parent = at.parent;
			break;
		}
	}
	return v;
}

static struct unwind_value both(const struct unwind_state *s, struct unwind_value a, struct unwind_value b, unsigned half, uint16_t mask)
{
	struct unwind_value all = unwind_plain(UNWIND_CONST, -1);
	if (unwind_same(a, b) || unwind_same(b, all))
		return a;
	if (unwind_same(a, all))
		return b;
	if (is_part_of(a, b) || (b.kind == UNWIND_EXEC && unwind_partial(a)))
		return a;
	if (is_part_of(b, a) || (a.kind == UNWIND_EXEC && unwind_partial(b)))
		return b;
	if (!unwind_partial(a) && !unwind_partial(b))
		return unknown;
	/* a part of either: best of the lanes that are active now */
	bool second = !unwind_partial(a) || (unwind_partial(b) && unwind_same(b, s->scalars[GFX_CODE_EXEC + half]));
	return unwind_part_of(mask, second ? b : a, half);
}

static struct unwind_value without(struct unwind_value a, struct unwind_value b, unsigned half, uint16_t mask)
{
	if (is_part_of(b, a))
		return rest(b);
	return unwind_partial(a) ? unwind_part_of(mask, a, half) : unknown;
}

static struct unwind_value either(const struct unwind_state *s, struct unwind_value a, struct unwind_value b, unsigned half)
{
	struct unwind_value all = unwind_plain(UNWIND_CONST, -1);
	if (unwind_same(a, all) || unwind_same(b, all))
		return all;
	if (!unwind_partial(a) || !unwind_partial(b))
		return unknown;
	if (a.kind == UNWIND_EXEC || is_part_of(b, a) || unwind_same(a, b) || (b.kind == UNWIND_CONST && b.n == 0))
		return a;
	if (b.kind == UNWIND_EXEC || is_part_of(a, b) || (a.kind == UNWIND_CONST && a.n == 0))
		return b;
	return complete_each_other(a, b) ? whole_of(s, a, half) : unwind_plain(UNWIND_PART, (int32_t)half);
}

static struct unwind_value one_of(const struct unwind_state *s, struct unwind_value a, struct unwind_value b, unsigned half)
{
	struct unwind_value all = unwind_plain(UNWIND_CONST, -1);
	if (a.kind == UNWIND_EXEC && unwind_same(b, all))
		return unwind_plain(UNWIND_OUTSIDE, a.n);
	if (b.kind == UNWIND_EXEC && unwind_same(a, all))
		return unwind_plain(UNWIND_OUTSIDE, b.n);
	if (!unwind_partial(a) || !unwind_partial(b))
		return unknown;
	if (is_part_of(a, b))
		return rest(a);
	if (is_part_of(b, a))
		return rest(b);
	return complete_each_other(a, b) ? whole_of(s, a, half) : unwind_plain(UNWIND_PART, (int32_t)half);
}

struct unwind_value unwind_logic(const struct unwind_state *s, enum gfx_logic op, struct unwind_value a, struct unwind_value b,
	unsigned half, uint16_t mask)
{
	switch (op) {
	case GFX_LOGIC_AND:
		return both(s, a, b, half, mask);
	case GFX_LOGIC_ANDN2:
		return without(a, b, half, mask);
	case GFX_LOGIC_OR:
		return either(s, a, b, half);
	case GFX_LOGIC_XOR:
		return one_of(s, a, b, half);
	default:
		return unknown;
	}
}
