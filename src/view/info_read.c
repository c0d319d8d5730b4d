/* First pass over .debug_info: units, entries, functions, which lists of locations there are and what they are of. */
#include "src/view/info.h"

#include <stdlib.h>
#include <string.h>

/* Length field; the unit's end. */
uint64_t view_unit_length(struct view_cur *c, unsigned *offset_bytes)
{
	uint64_t n = view_fixed(c, 4);
	*offset_bytes = 4;
	if (n == 0xffffffff) {
		*offset_bytes = 8;
		n = view_fixed(c, 8);
	}
	if (n > c->end - c->at)
		c->bad = true;
	return n;
}

bool view_read_unit_header(struct view_cur *all, struct view_unit *u)
{
	unsigned addr_bytes;
	*u = (struct view_unit){ .at = all->at };
	uint64_t n = view_unit_length(all, &u->offset_bytes);
	if (all->bad)
		return false;
	struct view_cur c = { all->p, all->at, all->at + n, false };
	view_skip(all, n);
	u->end = all->at;
	u->version = (unsigned)view_fixed(&c, 2);
	if (u->version >= 5) {
		unsigned type = (unsigned)view_fixed(&c, 1);
		addr_bytes = (unsigned)view_fixed(&c, 1);
		u->abbrev_field = c.at;
		u->abbrev = view_fixed(&c, u->offset_bytes);
		if (type == UT_SKELETON || type == UT_SPLIT_COMPILE)
			view_skip(&c, 8);
		if (type == UT_TYPE || type == UT_SPLIT_TYPE) {
			view_skip(&c, 8);
			u->type_field = c.at;
			view_skip(&c, u->offset_bytes);
		}
	} else {
		u->abbrev_field = c.at;
		u->abbrev = view_fixed(&c, u->offset_bytes);
		addr_bytes = (unsigned)view_fixed(&c, 1);
	}
	u->entries = c.at;
	u->loclists_base = u->offset_bytes == 8 ? 20 : 12;
	return !c.bad && (u->version == 4 || u->version == 5) && addr_bytes == 8;
}

bool view_indexed_address(const struct view_dwarf *d, const struct view_unit *u, uint64_t index, uint64_t *out)
{
	if (u->addr_base > d->addr.n || index >= (d->addr.n - u->addr_base) / 8)
		return false;
	struct view_cur c = { d->addr.data, u->addr_base + index * 8, d->addr.n, false };
	*out = view_fixed(&c, 8);
	return !c.bad;
}

static bool is_list_form(const struct view_unit *u, uint64_t form)
{
	return form == FORM_SEC_OFFSET || (u->version >= 5 && form == FORM_LOCLISTX);
}

static bool add_list(struct view_info *s, const struct view_unit *u, const struct view_attribute *a, size_t die)
{
	uint64_t at = a->number;
	if (a->form == FORM_LOCLISTX) {
		const struct view_section *l = &s->d->loclists;
		if (u->loclists_base > l->n || a->number >= (l->n - u->loclists_base) / u->offset_bytes)
			return false;
		struct view_cur c = { l->data, u->loclists_base + a->number * u->offset_bytes, l->n, false };
		at = u->loclists_base + view_fixed(&c, u->offset_bytes);
	}
	struct view_list *grown = view_grow(s, s->lists, &s->n_lists, &s->room_lists, sizeof *grown);
	if (!grown)
		return false;
	s->lists = grown;
	grown[s->n_lists++] = (struct view_list){ .at = at, .unit = u, .die = die, .v5 = u->version >= 5 };
	return true;
}

struct function_facts {
	struct view_attribute low, high;
	bool has_low, has_high;
	int base_sgpr;
};

const struct view_kernel *view_kernel_at(const struct view_dwarf *d, uint64_t entry)
{
	for (size_t i = 0; i < d->n_kernels; i++)
		if (d->kernels[i].entry == entry)
			return &d->kernels[i];
	return NULL;
}

static bool address_of(const struct view_dwarf *d, const struct view_unit *u, const struct view_attribute *a, uint64_t *out)
{
	if (a->is_addrx)
		return view_indexed_address(d, u, a->number, out);
	*out = a->number;
	return a->form == FORM_ADDR;
}

static bool add_function(struct view_info *s, const struct view_unit *u, const struct function_facts *f, struct view_die *die)
{
	struct view_dwarf *d = s->d;
	uint64_t high;
	if (!f->has_low || !f->has_high || !address_of(d, u, &f->low, &die->low))
		return true;
	die->has_low = true;
	if (!address_of(d, u, &f->high, &high))
		high = die->low + f->high.number;
	die->high = high;
	struct view_function *grown = realloc(d->functions, (d->n_functions + 1) * sizeof *grown);
	if (!grown) {
		s->out_of_memory = true;
		return false;
	}
	d->functions = grown;
	grown[d->n_functions++] = (struct view_function){
		.low = die->low,
		.high = high,
		.base_sgpr = f->base_sgpr,
		.kernel = view_kernel_at(d, die->low) != NULL,
		.optimised = die->optimised,
	};
	return true;
}

static const char *text_at(const struct view_section *s, uint64_t at)
{
	return at < s->n && memchr(s->data + at, 0, s->n - at) ? (const char *)s->data + at : NULL;
}

/* The text of an attribute; NULL: it has none, or it is not to be found. */
static const char *text_of(const struct view_dwarf *d, const struct view_unit *u, const struct view_attribute *a)
{
	struct view_cur c = { d->str_offsets.data, u->str_offsets_base, d->str_offsets.n, u->str_offsets_base > d->str_offsets.n };
	switch (a->form) {
	case FORM_STRING:
		return text_at(&d->info, a->number_at);
	case FORM_STRP:
		return text_at(&d->str, a->number);
	case FORM_LINE_STRP:
		return text_at(&d->line_str, a->number);
	case FORM_STRX: case FORM_STRX1: case FORM_STRX2: case FORM_STRX3: case FORM_STRX4:
		if (c.bad || a->number >= (c.end - c.at) / u->offset_bytes)
			return NULL;
		c.at += a->number * u->offset_bytes;
		return text_at(&d->str, view_fixed(&c, u->offset_bytes));
	default:
		return NULL;
	}
}

/* A register that tells a variable everywhere in its function is changed there by a loop. */
static bool loop_changes(const struct view_info *s, const struct view_die *die, const uint8_t *e, size_t n)
{
	const struct view_die *function = die->scope == SIZE_MAX ? NULL : &s->dies[die->scope];
	bool known = function && function->has_low;
	return view_expr_changes(e, n, s->d->loops, known ? function->low : 0, known ? function->high : UINT64_MAX);
}

/* [address][lit2 swap xderef] */
static bool names_lds(const uint8_t *e, size_t n)
{
	return n > 3 && memcmp(e + n - 3, (uint8_t[]){ 0x32, 0x16, 0x18 }, 3) == 0;
}

/* What types and variables have in common. */
static void note_entry_attribute(const struct view_info *s, const struct view_unit *u, const struct view_attribute *a, struct view_die *die)
{
	switch (a->name) {
	case AT_NAME:
		die->name = text_of(s->d, u, a);
		break;
	case AT_TYPE:
		die->type = view_target_of(u, a);
		break;
	case AT_ABSTRACT_ORIGIN: case AT_SPECIFICATION:
		die->origin = view_target_of(u, a);
		break;
	case AT_EXTERNAL:
		die->is_static = true;
		break;
	case AT_CALL_ALL_CALLS: case AT_GNU_ALL_CALL_SITES:
		die->optimised = true; /* this compiler counts calls only then */
		break;
	default:
		break;
	}
}

static void note_type_attribute(const struct view_unit *u, const struct view_attribute *a, struct view_die *die)
{
	enum { CC_PASS_BY_VALUE = 5 };
	switch (a->name) {
	case AT_BYTE_SIZE:
		die->bytes = a->is_block ? 0 : a->number;
		break;
	case AT_COUNT: case AT_UPPER_BOUND:
		die->has_count = !a->is_block && a->form != FORM_SEC_OFFSET && !view_target_of(u, a);
		die->count = a->number + (a->name == AT_UPPER_BOUND);
		break;
	case AT_ADDRESS_CLASS:
		die->space = a->number <= VIEW_SPACE_LOCAL ? (unsigned)a->number : VIEW_SPACE_NONE;
		break;
	case AT_MEMBER_LOCATION:
		die->odd |= a->is_block || a->form == FORM_SEC_OFFSET;
		die->offset = a->number;
		break;
	case AT_ENCODING:
		die->encoding = (uint8_t)a->number;
		break;
	case AT_BIT_SIZE: case AT_BIT_OFFSET: case AT_DATA_BIT_OFFSET:
		die->odd = true;
		break;
	case AT_CONVENTION:
		die->odd |= a->number != CC_PASS_BY_VALUE;
		break;
	case AT_GNU_VECTOR:
		die->vector = true;
		break;
	case AT_ALIGNMENT:
		die->odd = true;
		die->align = a->number <= UINT16_MAX ? (uint32_t)a->number : 0;
		break;
	default:
		break;
	}
}

static bool is_cplus(uint64_t language)
{
	static const uint8_t all[] = { 0x04, 0x1a, 0x21, 0x2b }; /* DW_LANG_C_plus_plus and its later ones */
	return language && language <= UINT8_MAX && memchr(all, (int)language, sizeof all);
}

static void note_unit_attribute(struct view_unit *u, const struct view_attribute *a)
{
	switch (a->name) {
	case AT_LANGUAGE:
		u->cplus = is_cplus(a->number);
		break;
	case AT_STR_OFFSETS_BASE:
		u->str_offsets_base = a->number;
		break;
	case AT_ADDR_BASE:
		u->addr_base = a->number;
		break;
	case AT_LOCLISTS_BASE:
		u->loclists_base = a->number;
		break;
	default:
		break;
	}
}

/* Where something is. */
static bool note_place_attribute(struct view_info *s, const struct view_unit *u, const struct view_attribute *a, struct view_die *die,
	struct function_facts *f)
{
	const uint8_t *e = s->d->info.data + a->block_at;
	switch (a->name) {
	case AT_LOW_PC:
		f->low = *a;
		f->has_low = true;
		break;
	case AT_HIGH_PC:
		f->high = *a;
		f->has_high = true;
		break;
	case AT_FRAME_BASE:
		if (a->is_block)
			f->base_sgpr = view_expr_frame_base(e, a->block_n);
		break;
	case AT_LOCATION:
		die->has_location = true;
		if (a->is_block) {
			die->names_lds = names_lds(e, a->block_n);
			die->in_loop = loop_changes(s, die, e, a->block_n);
		}
		break;
	default:
		break;
	}
	if (view_is_list_attribute(a->name) && is_list_form(u, a->form))
		return add_list(s, u, a, s->n_dies);
	return true;
}

/* Of a function's own parameters: where an optimiser found the argument to be of no use, what the parameter was set to later, as far as it is a
 * constant, is said of the whole function. */
bool view_constant_doubted(const struct view_info *s, const struct view_die *die)
{
	if ((die->tag != TAG_VARIABLE && die->tag != TAG_PARAMETER) || die->scope == SIZE_MAX || die->names_lds || die->is_static)
		return false;
	const struct view_die *function = &s->dies[die->scope];
	return function->counts || (die->tag == TAG_PARAMETER && !die->inlined && function->optimised);
}

/* One entry, or the end of a list of them. *children: entries below follow. */
static bool note_entry(struct view_info *s, struct view_unit *u, struct view_cur *c, size_t scope, bool inlined, bool *children)
{
	struct view_die die = { .at = c->at, .scope = scope, .inlined = inlined };
	struct function_facts f = { .base_sgpr = -1 };
	struct view_attribute a;
	uint64_t code = view_uleb(c);
	*children = false;
	if (code) {
		const struct view_decl *ab = view_decl_of(u, code);
		if (c->bad || !ab)
			return false;
		struct view_cur list = { s->d->abbrev.data, ab->list, s->d->abbrev.n, false };
		die.tag = ab->tag;
		*children = die.children = ab->children;
		while (view_next_attribute(c, &list, u, &a)) {
			note_entry_attribute(s, u, &a, &die);
			note_type_attribute(u, &a, &die);
			if (die.tag == TAG_COMPILE_UNIT)
				note_unit_attribute(u, &a);
			if (!note_place_attribute(s, u, &a, &die, &f))
				return false;
		}
		if (list.bad || c->bad)
			return false;
		if (die.tag == TAG_COMPILE_UNIT && f.has_low && !address_of(s->d, u, &f.low, &u->low))
			return false;
		if (die.tag == TAG_SUBPROGRAM && !add_function(s, u, &f, &die))
			return false;
		die.counts = die.tag == TAG_SUBPROGRAM && die.has_low && view_loops_counts(s->d->loops, die.low, die.high);
		u->abbrevs[ab - u->abbrevs].doubted |= ab->constant && view_constant_doubted(s, &die);
	}
	struct view_die *grown = view_grow(s, s->dies, &s->n_dies, &s->room_dies, sizeof die);
	if (!grown)
		return false;
	s->dies = grown;
	grown[s->n_dies++] = die;
	return !c->bad;
}

/* Nesting is followed as far as the function around an entry needs it. */
enum { MAX_DEPTH = 256 };

bool view_note_unit(struct view_info *s, struct view_unit *u)
{
	struct view_cur c = { s->d->info.data, u->entries, u->end, false };
	size_t scopes[MAX_DEPTH] = { SIZE_MAX }, depth = 0;
	bool inlined[MAX_DEPTH] = { false };
	if (!view_read_decls(s, u))
		return false;
	while (c.at < c.end) {
		bool children;
		size_t index = s->n_dies;
		if (!note_entry(s, u, &c, scopes[depth], inlined[depth], &children))
			return false;
		if (!s->dies[index].tag && depth)
			depth--;
		if (!children)
			continue;
		if (++depth == MAX_DEPTH)
			return false;
		uint64_t tag = s->dies[index].tag;
		scopes[depth] = tag == TAG_SUBPROGRAM ? index : scopes[depth - 1];
		inlined[depth] = tag == TAG_INLINED || (tag != TAG_SUBPROGRAM && inlined[depth - 1]);
	}
	return true;
}
