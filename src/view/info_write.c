/* Second pass: .debug_info and .debug_abbrev written anew. */
#include "src/view/info.h"

#include <stdlib.h>
#include <string.h>

/* What a register is asked about. */
struct question {
	struct view_info *s;
	const struct unwind_function *f;
	uint64_t low, high;
	bool part; /* a number of which optimisers may leave a part */
};

static bool holds(void *arg, uint64_t dwarf)
{
	struct question *q = arg;
	if (!view_settled(q->s->d->loops, &q->s->first_writes, q->f, q->low, dwarf))
		return false;
	return !q->part || (q->f && view_whole(q->s->d->loops, &q->s->first_writes, q->f, q->low, q->high, dwarf));
}

/* Whether the registers of a location do not hold what it says. */
static bool doubted(struct view_info *s, const struct view_die *die, const uint8_t *e, size_t n, uint64_t low, uint64_t high)
{
	struct question q = { s, low == UINT64_MAX ? NULL : unwind_table_at(s->d->table, s->d->n_table, low), low, high,
		view_type_in_part(s, view_type_of(s, die)) };
	return !view_expr_registers(e, n, holds, &q) || (q.part && view_expr_computed_constant(e, n));
}

bool view_put_expression(struct view_info *s, const struct view_unit *u, const struct view_die *die, const uint8_t *e, size_t n, uint64_t low,
	uint64_t high, struct view_bytes *text)
{
	struct view_unit_context c;
	struct view_expr_context x;
	text->n = 0;
	view_describe(s, u, die, &c, &x);
	if (!doubted(s, die, e, n, low, high) && !(view_constant_doubted(s, die) && view_expr_constant(e, n)))
		view_expr_location(e, n, &x, text);
	return !text->failed;
}

static bool is_call(uint64_t tag)
{
	return tag == TAG_CALL_SITE || tag == TAG_CALL_PARAMETER || tag == TAG_GNU_CALL_SITE || tag == TAG_GNU_CALL_PARAMETER;
}

/* An attribute whose value is an expression. */
static bool put_block(struct view_info *s, const struct view_unit *u, const struct view_die *die, const struct view_attribute *a, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	const uint8_t *e = s->d->info.data + a->block_at;
	text->n = 0;
	if (a->name == AT_FRAME_BASE)
		view_put(text, (uint8_t[]){ OP_BREG6, 0 }, 2);
	else if (is_call(die->tag))
		; /* arguments at the caller's side are not followed */
	else if (a->name == AT_LOCATION) {
		const struct view_die *function = die->scope == SIZE_MAX ? NULL : &s->dies[die->scope];
		if (!view_put_expression(s, u, die, e, a->block_n, function && function->has_low ? function->low : UINT64_MAX, 0, text))
			return false;
	} else if (view_expr_keeps(e, a->block_n)) {
		view_put(text, e, a->block_n);
	}
	if (text->failed)
		return false;
	view_put(out, s->d->info.data + a->at, a->number_at - a->at); /* an indirect form's name */
	view_put_uleb(out, text->n);
	view_put(out, text->p, text->n);
	return !out->failed;
}

/* The type of a part that holds a pointer of four bytes: its own would be read as eight. Variables are turned into generic pointers, and arrays
 * that are variables into arrays of them. */
static void stand_in(const struct view_info *s, const struct view_die *die, const struct view_attribute *a, size_t target, struct view_fixup *f)
{
	if (a->name != AT_TYPE)
		return;
	switch (die->tag) {
	case TAG_VARIABLE: case TAG_PARAMETER:
		f->small = view_small_array(s, target);
		f->as = VIEW_AS_ROW;
		return;
	case TAG_TYPEDEF: case TAG_CONST: case TAG_VOLATILE: case TAG_RESTRICT: case TAG_ATOMIC:
		return;
	default:
		if (view_small_space(s, target))
			f->small = view_plain_type(s, target);
		f->as = die->tag == TAG_MEMBER ? VIEW_AS_PART : VIEW_AS_IT_IS;
	}
}

static bool put_reference(struct view_info *s, const struct view_unit *u, const struct view_die *die, const struct view_attribute *a, size_t target)
{
	struct view_bytes *out = &s->d->new_info;
	struct view_fixup f = { .target = target, .base = a->form == FORM_REF_ADDR ? 0 : u->new_at, .uleb = a->form == FORM_REF_UDATA };
	f.bytes = f.uleb ? 5 : (uint8_t)(a->end - a->number_at);
	stand_in(s, die, a, target, &f);
	/* a reference that cannot leave its unit to a pointer of another one */
	if (f.base && f.small && (f.small->at < u->at || f.small->at >= u->end))
		f.any_small = u;
	view_put(out, s->d->info.data + a->at, a->number_at - a->at);
	f.at = out->n;
	view_put(out, (uint8_t[8]){ 0 }, f.bytes);
	return view_add_fixup(s, &s->infos, &s->n_infos, &s->room_infos, f);
}

/* Clients look for results where the carrier has them, unless a function is said to follow no convention that they know. Then they do not call
 * it either. */
static uint8_t convention(const struct view_info *s, const struct view_die *die)
{
	enum { CC_NORMAL = 1, CC_NOCALL = 3 };
	return die->tag == TAG_SUBPROGRAM && die->has_low && view_result_known(s, die) ? CC_NORMAL : CC_NOCALL;
}

/* Clients cannot turn expressions of OpenCL C into conditions that a target evaluates, and their own ask one lane alone. To them it is C. */
static void put_language(uint8_t *value, size_t n, uint64_t language)
{
	enum { LANG_C99 = 0x0c, LANG_OPENCL = 0x15 };
	if (language == LANG_OPENCL)
		view_patch(value, LANG_C99, n);
}

static bool put_attribute(struct view_info *s, const struct view_unit *u, const struct view_die *die, const struct view_attribute *a, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	size_t target = view_target_of(u, a);
	if (a->is_block)
		return put_block(s, u, die, a, text);
	if (target)
		return put_reference(s, u, die, a, target);
	bool list = (view_is_list_attribute(a->name) || a->name == AT_LOCLISTS_BASE) && a->form == FORM_SEC_OFFSET;
	size_t at = out->n;
	view_put(out, s->d->info.data + a->at, a->end - a->at);
	if (a->name == AT_CONVENTION && die->tag == TAG_SUBPROGRAM && a->end > a->number_at && !out->failed)
		out->p[at + (a->number_at - a->at)] = convention(s, die);
	if (a->name == AT_LANGUAGE && a->end > a->number_at && !out->failed)
		put_language(out->p + at + (a->number_at - a->at), a->end - a->number_at, a->number);
	if (!list)
		return true;
	struct view_fixup f = { .at = at + (a->number_at - a->at), .target = a->number, .bytes = (uint8_t)u->offset_bytes,
		.v5 = u->version >= 5 };
	return view_add_fixup(s, &s->list_refs, &s->n_list_refs, &s->room_list_refs, f);
}

/* Behind the first entry, as its child, so that all that refers to it comes later. */
static void put_absent_entry(struct view_info *s, struct view_unit *u)
{
	struct view_bytes *out = &s->d->new_info;
	u->absent_at = (uint32_t)(out->n - u->new_at);
	view_put_uleb(out, u->small_code + VIEW_SMALL_CODES);
	u->absent_ref = out->n;
	view_put_fixed(out, 0, u->offset_bytes);
}

/* An entry at the cursor, without what is added to some. */
static bool put_entry(struct view_info *s, const struct view_unit *u, const struct view_die *die, const struct view_decl *ab, struct view_cur *c,
	struct view_bytes *text)
{
	struct view_cur list = { s->d->abbrev.data, ab->list, s->d->abbrev.n, false };
	struct view_attribute a;
	while (view_next_attribute(c, &list, u, &a))
		if (!put_attribute(s, u, die, &a, text))
			return false;
	return true;
}

bool view_put_copy(struct view_info *s, const struct view_unit *u, const struct view_die *die, struct view_bytes *text)
{
	struct view_cur c = { s->d->info.data, die->at, u->end, false };
	uint64_t code = view_uleb(&c);
	const struct view_decl *ab = view_decl_of(u, code);
	view_put_uleb(&s->d->new_info, code);
	return !ab || put_entry(s, u, die, ab, &c, text);
}

static bool put_entries(struct view_info *s, struct view_unit *u, size_t *index, struct view_bytes *text)
{
	struct view_cur c = { s->d->info.data, u->entries, u->end, false };
	struct view_bytes *out = &s->d->new_info;
	size_t depth = 0, first = *index;
	for (; c.at < c.end && *index < s->n_dies; ++*index) {
		struct view_die *die = &s->dies[*index];
		size_t start = c.at;
		uint64_t code = view_uleb(&c);
		if (!code && depth == 1 && !view_put_small_pointers(s, u, first, *index, text))
			return false;
		die->new_at = out->n;
		view_put(out, c.p + start, c.at - start);
		if (!code) {
			depth -= depth != 0;
			continue;
		}
		const struct view_decl *ab = view_decl_of(u, code);
		depth += ab->children;
		if (!put_entry(s, u, die, ab, &c, text))
			return false;
		if (view_takes_convention(ab->tag) && !ab->convention)
			view_put_byte(out, convention(s, die));
		if (start == u->entries && ab->children)
			put_absent_entry(s, u);
	}
	return !out->failed;
}

/* Units may share a table. */
static bool is_doubted(const struct view_info *s, const struct view_unit *u, size_t index)
{
	for (const struct view_unit *sharer = u; sharer < s->units + s->n_units; sharer++)
		if (sharer->abbrev == u->abbrev && index < sharer->n_abbrevs && sharer->abbrevs[index].doubted)
			return true;
	return false;
}

static bool put_abbrevs(struct view_info *s, const struct view_unit *u, uint64_t *offset)
{
	struct view_bytes *out = &s->d->new_abbrev;
	*offset = out->n;
	size_t from = u->abbrev;
	for (size_t i = 0; i < u->n_abbrevs; i++) {
		const struct view_decl *a = &u->abbrevs[i];
		if (is_doubted(s, u, i)) {
			view_put(out, s->d->abbrev.data + from, a->constant - from);
			view_put_byte(out, AT_NOTHING);
			from = a->constant + 1;
		}
		if (!view_takes_convention(a->tag) || a->convention)
			continue;
		view_put(out, s->d->abbrev.data + from, a->tail - from);
		view_put(out, (uint8_t[]){ AT_CONVENTION, FORM_DATA1 }, 2);
		from = a->tail;
	}
	view_put(out, s->d->abbrev.data + from, u->abbrev_end - from);
	view_put_small_abbrevs(u, out);
	view_put_uleb(out, u->small_code + VIEW_SMALL_CODES);
	view_put(out, (uint8_t[]){ TAG_DWARF_PROCEDURE, 0, AT_LOCATION, FORM_SEC_OFFSET, 0, 0, 0 }, 7);
	return !out->failed;
}

bool view_put_unit(struct view_info *s, struct view_unit *u, const struct view_unit *before, uint64_t *abbrevs, size_t *index, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	size_t at = out->n, length_bytes = u->offset_bytes == 8 ? 12 : 4;
	u->new_at = at;
	if ((!before || before->abbrev != u->abbrev) && !put_abbrevs(s, u, abbrevs))
		return false;
	view_put(out, s->d->info.data + u->at, u->entries - u->at);
	if (out->failed)
		return false;
	view_patch(out->p + at + (u->abbrev_field - u->at), *abbrevs, u->offset_bytes);
	if (u->type_field) {
		struct view_cur c = { s->d->info.data, u->type_field, u->end, false };
		struct view_fixup f = { .at = at + (u->type_field - u->at), .base = at, .bytes = (uint8_t)u->offset_bytes };
		f.target = u->at + view_fixed(&c, u->offset_bytes);
		if (!view_add_fixup(s, &s->infos, &s->n_infos, &s->room_infos, f))
			return false;
	}
	if (!put_entries(s, u, index, text))
		return false;
	if (length_bytes == 4 && out->n - at - 4 >= 0xfffffff0)
		return false;
	view_patch(out->p + at + length_bytes - (length_bytes == 12 ? 8 : 4), out->n - at - length_bytes, length_bytes == 12 ? 8 : 4);
	return true;
}

static size_t stand_in_at(const struct view_fixup *f)
{
	const struct view_die *d = f->small;
	return f->as == VIEW_AS_ROW ? d->row_at : f->as == VIEW_AS_PART && d->follow_at ? d->follow_at : d->small_at;
}

bool view_settle(const struct view_info *s, uint8_t *out, const struct view_fixup *f)
{
	const struct view_die *target = f->small ? f->small : view_die_at(s, f->target);
	size_t to = f->any_small ? f->any_small->small_at : f->small ? stand_in_at(f) : target ? target->new_at : 0;
	uint64_t value = to - f->base;
	if (!to)
		return false;
	if (!f->uleb) {
		view_patch(out + f->at, value, f->bytes);
		return f->bytes >= 8 || value >> 8 * f->bytes == 0;
	}
	for (unsigned i = 0; i < f->bytes; i++)
		out[f->at + i] = (uint8_t)((value >> 7 * i & 0x7f) | (i + 1 < f->bytes ? 0x80 : 0));
	return value >> 7 * f->bytes == 0;
}
