#include "src/view_dwarf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	AT_LOCATION = 0x02, AT_BYTE_SIZE = 0x0b, AT_LOW_PC = 0x11, AT_HIGH_PC = 0x12, AT_UPPER_BOUND = 0x2f, AT_ADDRESS_CLASS = 0x33, AT_COUNT = 0x37,
	AT_FRAME_BASE = 0x40, AT_ABSTRACT_ORIGIN = 0x31, AT_SPECIFICATION = 0x47, AT_TYPE = 0x49, AT_ADDR_BASE = 0x73, AT_LOCLISTS_BASE = 0x8c,
	TAG_ARRAY = 0x01, TAG_CLASS = 0x02, TAG_ENUM = 0x04, TAG_PARAMETER = 0x05, TAG_POINTER = 0x0f, TAG_REFERENCE = 0x10, TAG_STRUCTURE = 0x13,
	TAG_TYPEDEF = 0x16, TAG_UNION = 0x17, TAG_SUBRANGE = 0x21, TAG_BASE = 0x24, TAG_CONST = 0x26, TAG_SUBPROGRAM = 0x2e, TAG_VARIABLE = 0x34,
	TAG_VOLATILE = 0x35, TAG_RESTRICT = 0x37, TAG_RVALUE_REFERENCE = 0x42, TAG_ATOMIC = 0x47, TAG_CALL_SITE = 0x48,
	TAG_CALL_PARAMETER = 0x49, TAG_GNU_CALL_SITE = 0x4109, TAG_GNU_CALL_PARAMETER = 0x410a,
	POINTER_BYTES = 8, SMALL_POINTER_BYTES = 4, OP_BREG6 = 0x76,
	FORM_ADDR = 0x01, FORM_BLOCK2 = 0x03, FORM_BLOCK4 = 0x04, FORM_DATA2 = 0x05, FORM_DATA4 = 0x06, FORM_DATA8 = 0x07, FORM_STRING = 0x08,
	FORM_BLOCK = 0x09, FORM_BLOCK1 = 0x0a, FORM_DATA1 = 0x0b, FORM_FLAG = 0x0c, FORM_SDATA = 0x0d, FORM_STRP = 0x0e, FORM_UDATA = 0x0f,
	FORM_REF_ADDR = 0x10, FORM_REF1 = 0x11, FORM_REF2 = 0x12, FORM_REF4 = 0x13, FORM_REF8 = 0x14, FORM_REF_UDATA = 0x15, FORM_INDIRECT = 0x16,
	FORM_SEC_OFFSET = 0x17, FORM_EXPRLOC = 0x18, FORM_FLAG_PRESENT = 0x19, FORM_STRX = 0x1a, FORM_ADDRX = 0x1b, FORM_REF_SUP4 = 0x1c,
	FORM_STRP_SUP = 0x1d, FORM_DATA16 = 0x1e, FORM_LINE_STRP = 0x1f, FORM_REF_SIG8 = 0x20, FORM_IMPLICIT_CONST = 0x21, FORM_LOCLISTX = 0x22,
	FORM_RNGLISTX = 0x23, FORM_REF_SUP8 = 0x24, FORM_STRX1 = 0x25, FORM_STRX2 = 0x26, FORM_STRX3 = 0x27, FORM_STRX4 = 0x28, FORM_ADDRX1 = 0x29,
	FORM_ADDRX2 = 0x2a, FORM_ADDRX3 = 0x2b, FORM_ADDRX4 = 0x2c,
	UT_TYPE = 0x02, UT_SKELETON = 0x04, UT_SPLIT_COMPILE = 0x05, UT_SPLIT_TYPE = 0x06,
};

/* A bounded cursor; `bad` sticks. */
struct cur {
	uint8_t *p;
	size_t at, end;
	bool bad;
};

static uint64_t fixed(struct cur *c, size_t n)
{
	uint64_t v = 0;
	if (c->bad || n > c->end - c->at) {
		c->bad = true;
		return 0;
	}
	for (size_t i = 0; i < n && i < 8; i++)
		v |= (uint64_t)c->p[c->at + i] << 8 * i;
	c->at += n;
	return v;
}

static uint64_t uleb(struct cur *c)
{
	uint64_t v = 0;
	for (unsigned shift = 0; !c->bad; shift += 7) {
		uint8_t b = (uint8_t)fixed(c, 1);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			break;
	}
	return v;
}

static void skip(struct cur *c, uint64_t n)
{
	if (c->bad || n > c->end - c->at)
		c->bad = true;
	else
		c->at += n;
}

static void skip_string(struct cur *c)
{
	const uint8_t *nul = c->bad ? NULL : memchr(c->p + c->at, 0, c->end - c->at);
	if (nul)
		c->at = (size_t)(nul - c->p) + 1;
	else
		c->bad = true;
}

/* ------------------------------------------------------------------ what is known of a file */

struct abbrev {
	uint64_t code, tag;
	size_t list; /* position of its attributes */
	bool children;
};

struct unit {
	size_t at, end;     /* from its length on */
	size_t new_at;
	size_t entries;     /* position of the first */
	unsigned version, offset_bytes;
	size_t abbrev_field, type_field; /* positions in its header; type_field 0: none */
	uint64_t abbrev;    /* offset of its table */
	size_t abbrev_end;  /* position of the table's last zero */
	uint64_t addr_base, loclists_base;
	struct abbrev *abbrevs;
	size_t n_abbrevs;
	uint64_t small_code; /* abbreviation of the small pointer added to the table */
	size_t small_at;     /* position of that entry in the output */
};

struct die {
	size_t at, new_at;
	uint64_t tag;      /* 0: end of a list */
	size_t type;       /* position of its type's entry; 0 none */
	size_t origin;     /* entry that it is an instance or a part of; 0 none */
	uint64_t bytes, count;
	unsigned space;    /* of a pointer */
	size_t scope;      /* index of the function around it; SIZE_MAX none */
	bool has_count, names_lds, lds_known;
	uint64_t low;      /* of a function */
	bool has_low, has_location;
};

/* A location list and what it is the location of. */
struct list {
	size_t at, new_at;
	const struct unit *unit; /* NULL: the base of a table, or a place that another record describes */
	size_t die;
	bool shared; /* by several variables: nothing may be assumed */
	bool v5;     /* in .debug_loclists, not .debug_loc */
	bool placed;
};

struct fixup {
	size_t at;         /* position in the output */
	uint64_t target;   /* position in the old section */
	uint64_t base;     /* position in the new one that the reference counts from */
	uint8_t bytes;
	bool uleb;
	bool v5;
	const struct unit *small; /* the target is this unit's small pointer */
};

struct state {
	struct view_dwarf *d;
	struct unit *units;
	size_t n_units;
	struct die *dies;
	size_t n_dies, room_dies;
	struct list *lists;
	size_t n_lists, room_lists;
	struct fixup *infos, *locs; /* references to entries: from .debug_info, from location lists */
	size_t n_infos, room_infos, n_locs, room_locs;
	struct fixup *list_refs;    /* references from .debug_info to lists */
	size_t n_list_refs, room_list_refs;
	bool out_of_memory;
};

static void *grow(struct state *s, void *array, size_t *n, size_t *room, size_t each)
{
	if (*n == *room) {
		size_t more = *room * 2 + 64;
		void *grown = realloc(array, more * each);
		if (!grown) {
			s->out_of_memory = true;
			return NULL;
		}
		*room = more;
		return grown;
	}
	return array;
}

static bool add_fixup(struct state *s, struct fixup **array, size_t *n, size_t *room, struct fixup f)
{
	struct fixup *grown = grow(s, *array, n, room, sizeof f);
	if (!grown)
		return false;
	*array = grown;
	grown[(*n)++] = f;
	return true;
}

/* ------------------------------------------------------------------ attributes */

struct attribute {
	uint64_t name, form;
	size_t at, end;    /* bytes of the value, with an indirect form */
	size_t number_at;  /* bytes of the value proper */
	uint64_t number;
	size_t block_at, block_n;
	bool is_addrx, is_block;
};

static bool read_fixed(struct cur *c, uint64_t form, uint64_t *out)
{
	static const struct {
		uint8_t form, bytes; /* fixed sizes that do not depend on the unit */
	} sizes[] = {
		{ FORM_DATA1, 1 }, { FORM_FLAG, 1 }, { FORM_REF1, 1 }, { FORM_STRX1, 1 }, { FORM_ADDRX1, 1 }, { FORM_DATA2, 2 }, { FORM_REF2, 2 },
		{ FORM_STRX2, 2 }, { FORM_ADDRX2, 2 }, { FORM_STRX3, 3 }, { FORM_ADDRX3, 3 }, { FORM_DATA4, 4 }, { FORM_REF4, 4 }, { FORM_STRX4, 4 },
		{ FORM_ADDRX4, 4 }, { FORM_REF_SUP4, 4 }, { FORM_DATA8, 8 }, { FORM_REF8, 8 }, { FORM_REF_SIG8, 8 }, { FORM_REF_SUP8, 8 },
		{ FORM_DATA16, 16 }, { FORM_ADDR, 8 },
	};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (sizes[i].form == form) {
			*out = fixed(c, sizes[i].bytes);
			return true;
		}
	return false;
}

static void read_form(struct cur *c, const struct unit *u, uint64_t form, struct attribute *v)
{
	v->is_addrx = form == FORM_ADDRX || (form >= FORM_ADDRX1 && form <= FORM_ADDRX4);
	v->number_at = c->at;
	if (read_fixed(c, form, &v->number))
		return;
	switch (form) {
	case FORM_STRP: case FORM_SEC_OFFSET: case FORM_LINE_STRP: case FORM_STRP_SUP: case FORM_REF_ADDR:
		v->number = fixed(c, u->offset_bytes);
		break;
	case FORM_UDATA: case FORM_SDATA: case FORM_REF_UDATA: case FORM_STRX: case FORM_ADDRX: case FORM_LOCLISTX: case FORM_RNGLISTX:
		v->number = uleb(c);
		break;
	case FORM_STRING:
		skip_string(c);
		break;
	case FORM_FLAG_PRESENT: case FORM_IMPLICIT_CONST:
		break;
	case FORM_BLOCK1: case FORM_BLOCK2: case FORM_BLOCK4: case FORM_BLOCK: case FORM_EXPRLOC:
		v->block_n = form == FORM_BLOCK1 ? fixed(c, 1) : form == FORM_BLOCK2 ? fixed(c, 2) : form == FORM_BLOCK4 ? fixed(c, 4) : uleb(c);
		v->block_at = c->at;
		v->is_block = form == FORM_EXPRLOC; /* the others are constants */
		skip(c, v->block_n);
		break;
	default:
		c->bad = true;
	}
}

/* Reads the next attribute; false at the end of the list or when it is damaged (list->bad, c->bad). */
static bool next_attribute(struct cur *c, struct cur *list, const struct unit *u, struct attribute *a)
{
	uint64_t constant = 0;
	*a = (struct attribute){ .name = uleb(list), .form = uleb(list) };
	if (a->form == FORM_IMPLICIT_CONST)
		constant = uleb(list);
	if (list->bad || (!a->name && !a->form))
		return false;
	a->at = c->at;
	if (a->form == FORM_INDIRECT)
		a->form = uleb(c);
	read_form(c, u, a->form, a);
	if (a->form == FORM_IMPLICIT_CONST)
		a->number = constant;
	a->end = c->at;
	return !c->bad;
}

/* ------------------------------------------------------------------ abbreviations */

static bool read_abbrevs(struct state *s, struct unit *u)
{
	struct cur c = { s->d->abbrev.data, u->abbrev, s->d->abbrev.n, u->abbrev > s->d->abbrev.n };
	size_t room = 0;
	while (!c.bad) {
		struct abbrev a = { .code = 0 };
		u->abbrev_end = c.at;
		a.code = uleb(&c);
		if (!a.code)
			break;
		a.tag = uleb(&c);
		a.children = fixed(&c, 1);
		a.list = c.at;
		for (;;) {
			uint64_t at = uleb(&c), form = uleb(&c);
			if (form == FORM_IMPLICIT_CONST)
				uleb(&c);
			if (c.bad || (!at && !form))
				break;
		}
		struct abbrev *grown = grow(s, u->abbrevs, &u->n_abbrevs, &room, sizeof a);
		if (!grown)
			return false;
		u->abbrevs = grown;
		grown[u->n_abbrevs++] = a;
		if (a.code >= u->small_code)
			u->small_code = a.code + 1;
	}
	if (!u->small_code)
		u->small_code = 1;
	return !c.bad;
}

static const struct abbrev *abbrev_of(const struct unit *u, uint64_t code)
{
	if (code <= u->n_abbrevs && u->abbrevs[code - 1].code == code)
		return &u->abbrevs[code - 1];
	for (size_t i = 0; i < u->n_abbrevs; i++)
		if (u->abbrevs[i].code == code)
			return &u->abbrevs[i];
	return NULL;
}

/* ------------------------------------------------------------------ first pass: units, entries, lists */

/* Length field; the unit's end. */
static uint64_t unit_length(struct cur *c, unsigned *offset_bytes)
{
	uint64_t n = fixed(c, 4);
	*offset_bytes = 4;
	if (n == 0xffffffff) {
		*offset_bytes = 8;
		n = fixed(c, 8);
	}
	if (n > c->end - c->at)
		c->bad = true;
	return n;
}

static bool read_unit_header(struct cur *all, struct unit *u)
{
	unsigned addr_bytes;
	*u = (struct unit){ .at = all->at };
	uint64_t n = unit_length(all, &u->offset_bytes);
	if (all->bad)
		return false;
	struct cur c = { all->p, all->at, all->at + n, false };
	skip(all, n);
	u->end = all->at;
	u->version = (unsigned)fixed(&c, 2);
	if (u->version >= 5) {
		unsigned type = (unsigned)fixed(&c, 1);
		addr_bytes = (unsigned)fixed(&c, 1);
		u->abbrev_field = c.at;
		u->abbrev = fixed(&c, u->offset_bytes);
		if (type == UT_SKELETON || type == UT_SPLIT_COMPILE)
			skip(&c, 8);
		if (type == UT_TYPE || type == UT_SPLIT_TYPE) {
			skip(&c, 8);
			u->type_field = c.at;
			skip(&c, u->offset_bytes);
		}
	} else {
		u->abbrev_field = c.at;
		u->abbrev = fixed(&c, u->offset_bytes);
		addr_bytes = (unsigned)fixed(&c, 1);
	}
	u->entries = c.at;
	u->loclists_base = u->offset_bytes == 8 ? 20 : 12;
	return !c.bad && (u->version == 4 || u->version == 5) && addr_bytes == 8;
}

/* Position of the entry that a reference names; 0: in another unit's language (signatures, supplementary files). */
static size_t target_of(const struct unit *u, const struct attribute *a)
{
	switch (a->form) {
	case FORM_REF1: case FORM_REF2: case FORM_REF4: case FORM_REF8: case FORM_REF_UDATA:
		return a->number < u->end - u->at ? u->at + a->number : SIZE_MAX;
	case FORM_REF_ADDR:
		return a->number;
	default:
		return 0;
	}
}

static bool indexed_address(const struct view_dwarf *d, const struct unit *u, uint64_t index, uint64_t *out)
{
	if (u->addr_base > d->addr.n || index >= (d->addr.n - u->addr_base) / 8)
		return false;
	struct cur c = { d->addr.data, u->addr_base + index * 8, d->addr.n, false };
	*out = fixed(&c, 8);
	return !c.bad;
}

/* Attributes that may hold a location list. */
static bool is_list_attribute(uint64_t name)
{
	static const uint8_t names[] = { AT_LOCATION, 0x19, 0x2a, 0x38, AT_FRAME_BASE, 0x46, 0x48, 0x4a, 0x4d };
	for (size_t i = 0; i < sizeof names; i++)
		if (names[i] == name)
			return true;
	return false;
}

static bool is_list_form(const struct unit *u, uint64_t form)
{
	return form == FORM_SEC_OFFSET || (u->version >= 5 && form == FORM_LOCLISTX);
}

static bool add_list(struct state *s, const struct unit *u, const struct attribute *a, size_t die)
{
	uint64_t at = a->number;
	if (a->form == FORM_LOCLISTX) {
		const struct view_section *l = &s->d->loclists;
		if (u->loclists_base > l->n || a->number >= (l->n - u->loclists_base) / u->offset_bytes)
			return false;
		struct cur c = { l->data, u->loclists_base + a->number * u->offset_bytes, l->n, false };
		at = u->loclists_base + fixed(&c, u->offset_bytes);
	}
	struct list *grown = grow(s, s->lists, &s->n_lists, &s->room_lists, sizeof *grown);
	if (!grown)
		return false;
	s->lists = grown;
	grown[s->n_lists++] = (struct list){ .at = at, .unit = u, .die = die, .v5 = u->version >= 5 };
	return true;
}

struct function_facts {
	struct attribute low, high;
	bool has_low, has_high;
	int base_sgpr;
};

static const struct view_kernel *kernel_at(const struct view_dwarf *d, uint64_t entry)
{
	for (size_t i = 0; i < d->n_kernels; i++)
		if (d->kernels[i].entry == entry)
			return &d->kernels[i];
	return NULL;
}

static bool address_of(const struct view_dwarf *d, const struct unit *u, const struct attribute *a, uint64_t *out)
{
	if (a->is_addrx)
		return indexed_address(d, u, a->number, out);
	*out = a->number;
	return a->form == FORM_ADDR;
}

static bool add_function(struct state *s, const struct unit *u, const struct function_facts *f, struct die *die)
{
	struct view_dwarf *d = s->d;
	uint64_t high;
	if (!f->has_low || !f->has_high || !address_of(d, u, &f->low, &die->low))
		return true;
	die->has_low = true;
	if (!address_of(d, u, &f->high, &high))
		high = die->low + f->high.number;
	struct view_function *grown = realloc(d->functions, (d->n_functions + 1) * sizeof *grown);
	if (!grown) {
		s->out_of_memory = true;
		return false;
	}
	d->functions = grown;
	grown[d->n_functions++] = (struct view_function){ die->low, high, f->base_sgpr, kernel_at(d, die->low) != NULL };
	return true;
}

/* [address][lit2 swap xderef] */
static bool names_lds(const uint8_t *e, size_t n)
{
	return n > 3 && memcmp(e + n - 3, (uint8_t[]){ 0x32, 0x16, 0x18 }, 3) == 0;
}

static bool note_attribute(struct state *s, struct unit *u, const struct attribute *a, struct die *die, struct function_facts *f)
{
	const uint8_t *info = s->d->info.data;
	switch (a->name) {
	case AT_TYPE:
		die->type = target_of(u, a);
		break;
	case AT_ABSTRACT_ORIGIN: case AT_SPECIFICATION:
		die->origin = target_of(u, a);
		break;
	case AT_BYTE_SIZE:
		die->bytes = a->is_block ? 0 : a->number;
		break;
	case AT_COUNT: case AT_UPPER_BOUND:
		die->has_count = !a->is_block && a->form != FORM_SEC_OFFSET && !target_of(u, a);
		die->count = a->number + (a->name == AT_UPPER_BOUND);
		break;
	case AT_ADDRESS_CLASS:
		die->space = a->number <= VIEW_SPACE_LOCAL ? (unsigned)a->number : VIEW_SPACE_NONE;
		break;
	case AT_LOW_PC:
		f->low = *a;
		f->has_low = true;
		break;
	case AT_HIGH_PC:
		f->high = *a;
		f->has_high = true;
		break;
	case AT_ADDR_BASE:
		u->addr_base = a->number;
		break;
	case AT_LOCLISTS_BASE:
		u->loclists_base = a->number;
		break;
	case AT_FRAME_BASE:
		if (a->is_block)
			f->base_sgpr = view_expr_frame_base(info + a->block_at, a->block_n);
		break;
	case AT_LOCATION:
		die->has_location = true;
		if (a->is_block)
			die->names_lds = names_lds(info + a->block_at, a->block_n);
		break;
	default:
		break;
	}
	if (is_list_attribute(a->name) && is_list_form(u, a->form))
		return add_list(s, u, a, s->n_dies);
	return true;
}

/* One entry, or the end of a list of them. *children: entries below follow. */
static bool note_entry(struct state *s, struct unit *u, struct cur *c, size_t scope, bool *children)
{
	struct die die = { .at = c->at, .scope = scope };
	struct function_facts f = { .base_sgpr = -1 };
	struct attribute a;
	uint64_t code = uleb(c);
	*children = false;
	if (code) {
		const struct abbrev *ab = abbrev_of(u, code);
		if (c->bad || !ab)
			return false;
		struct cur list = { s->d->abbrev.data, ab->list, s->d->abbrev.n, false };
		die.tag = ab->tag;
		*children = ab->children;
		while (next_attribute(c, &list, u, &a))
			if (!note_attribute(s, u, &a, &die, &f))
				return false;
		if (list.bad || c->bad)
			return false;
		if (die.tag == TAG_SUBPROGRAM && !add_function(s, u, &f, &die))
			return false;
	}
	struct die *grown = grow(s, s->dies, &s->n_dies, &s->room_dies, sizeof die);
	if (!grown)
		return false;
	s->dies = grown;
	grown[s->n_dies++] = die;
	return !c->bad;
}

/* Nesting is followed as far as the function around an entry needs it. */
enum { MAX_DEPTH = 256 };

static bool note_unit(struct state *s, struct unit *u)
{
	struct cur c = { s->d->info.data, u->entries, u->end, false };
	size_t scopes[MAX_DEPTH] = { SIZE_MAX }, depth = 0;
	if (!read_abbrevs(s, u))
		return false;
	while (c.at < c.end) {
		bool children;
		size_t index = s->n_dies;
		if (!note_entry(s, u, &c, scopes[depth], &children))
			return false;
		if (!s->dies[index].tag && depth)
			depth--;
		if (!children)
			continue;
		if (++depth == MAX_DEPTH)
			return false;
		scopes[depth] = s->dies[index].tag == TAG_SUBPROGRAM ? index : scopes[depth - 1];
	}
	return true;
}

/* ------------------------------------------------------------------ types */

static int by_position(const void *key, const void *element)
{
	size_t at = *(const size_t *)key;
	const struct die *d = element;
	return at < d->at ? -1 : at > d->at;
}

static struct die *die_at(const struct state *s, size_t at)
{
	return s->n_dies ? bsearch(&at, s->dies, s->n_dies, sizeof *s->dies, by_position) : NULL;
}

/* The type behind names and qualifiers; NULL unknown. */
static struct die *plain_type(const struct state *s, size_t at)
{
	for (unsigned i = 0; at && i < 64; i++) {
		struct die *t = die_at(s, at);
		if (!t)
			return NULL;
		switch (t->tag) {
		case TAG_TYPEDEF: case TAG_CONST: case TAG_VOLATILE: case TAG_RESTRICT: case TAG_ATOMIC:
			at = t->type;
			break;
		default:
			return t;
		}
	}
	return NULL;
}

/* Address space of a pointer type that is stored in four bytes. */
static unsigned small_space(const struct state *s, size_t type)
{
	const struct die *t = type ? plain_type(s, type) : NULL;
	bool pointer = t && (t->tag == TAG_POINTER || t->tag == TAG_REFERENCE || t->tag == TAG_RVALUE_REFERENCE);
	return pointer && !t->bytes ? t->space : VIEW_SPACE_NONE;
}

/* Bytes of a type; 0 unknown. */
static uint64_t type_bytes(const struct state *s, size_t type, unsigned depth)
{
	const struct die *t = type ? plain_type(s, type) : NULL;
	if (!t || depth > 16)
		return 0;
	if (t->bytes)
		return t->bytes;
	if (t->tag == TAG_POINTER || t->tag == TAG_REFERENCE || t->tag == TAG_RVALUE_REFERENCE)
		return t->space ? SMALL_POINTER_BYTES : POINTER_BYTES;
	if (t->tag != TAG_ARRAY)
		return 0;
	uint64_t n = type_bytes(s, t->type, depth + 1);
	for (const struct die *c = t + 1; c < s->dies + s->n_dies && c->tag == TAG_SUBRANGE; c++) {
		if (!c->has_count || (n && c->count > UINT32_MAX / n))
			return 0;
		n *= c->count;
	}
	return n;
}

static size_t type_of_variable(const struct state *s, const struct die *die)
{
	for (unsigned i = 0; die && i < 8; i++) {
		if (die->type)
			return die->type;
		die = die->origin ? die_at(s, die->origin) : NULL;
	}
	return 0;
}

static bool is_scalar(const struct die *t)
{
	return t && (t->tag == TAG_BASE || t->tag == TAG_ENUM || t->tag == TAG_POINTER || t->tag == TAG_REFERENCE || t->tag == TAG_RVALUE_REFERENCE);
}

/* All LDS variables come linked to address 0 (isa 11.2). That is true of one that has a kernel's LDS to itself: no other is known to be
 * there, and the kernel was given just as much as the variable needs. */
static bool lds_address_is_known(const struct state *s, const struct die *die)
{
	const struct die *function = die->scope == SIZE_MAX ? NULL : &s->dies[die->scope];
	const struct view_kernel *k = function && function->has_low ? kernel_at(s->d, function->low) : NULL;
	uint64_t bytes = type_bytes(s, type_of_variable(s, die), 0);
	if (!bytes)
		return false;
	for (size_t i = 0; i < s->n_dies; i++) {
		const struct die *other = &s->dies[i];
		if (other == die || !other->names_lds)
			continue;
		const struct die *where = other->scope == SIZE_MAX ? NULL : &s->dies[other->scope];
		bool of_other_kernel = k && where && where->has_low && where != function && kernel_at(s->d, where->low);
		if (!of_other_kernel)
			return false;
	}
	if (k)
		return k->lds_bytes == bytes;
	for (size_t i = 0; i < s->d->n_kernels; i++)
		if (s->d->kernels[i].lds_bytes && s->d->kernels[i].lds_bytes != bytes)
			return false;
	return s->d->n_kernels > 0;
}

struct context {
	const struct state *s;
	const struct unit *u;
};

static unsigned base_type_bytes(void *arg, uint64_t offset)
{
	const struct context *c = arg;
	const struct die *t = offset < c->u->end - c->u->at ? die_at(c->s, c->u->at + offset) : NULL;
	return t && t->tag == TAG_BASE && t->bytes <= 16 ? (unsigned)t->bytes : 0;
}

static void describe(const struct state *s, const struct unit *u, const struct die *die, struct context *c, struct view_expr_context *x)
{
	size_t type = die ? type_of_variable(s, die) : 0;
	*c = (struct context){ s, u };
	*x = (struct view_expr_context){
		.bytes = type_bytes(s, type, 0),
		.aggregate = !is_scalar(type ? plain_type(s, type) : NULL),
		.pointer = small_space(s, type),
		.lds_known = die && die->lds_known,
		.addr = s->d->addr.data,
		.addr_n = s->d->addr.n,
		.addr_base = u->addr_base,
		.type_bytes = base_type_bytes,
		.arg = c,
	};
}

/* ------------------------------------------------------------------ second pass: writing */

static bool put_expression(struct state *s, const struct unit *u, const struct die *die, const uint8_t *e, size_t n, struct view_bytes *text,
	struct view_expr_context *x)
{
	struct context c;
	text->n = 0;
	describe(s, u, die, &c, x);
	view_expr_location(e, n, x, text);
	return !text->failed;
}

static bool add_type_fixups(struct state *s, const struct unit *u, const struct view_expr_context *x, size_t start, bool in_info)
{
	for (size_t i = 0; i < x->n_types; i++) {
		struct fixup f = { .at = start + x->types[i].at, .target = u->at + x->types[i].offset, .base = u->new_at,
			.bytes = VIEW_TYPE_BYTES, .uleb = true, .v5 = u->version >= 5 };
		bool ok = in_info ? add_fixup(s, &s->infos, &s->n_infos, &s->room_infos, f) : add_fixup(s, &s->locs, &s->n_locs, &s->room_locs, f);
		if (!ok)
			return false;
	}
	return true;
}

static bool is_call(uint64_t tag)
{
	return tag == TAG_CALL_SITE || tag == TAG_CALL_PARAMETER || tag == TAG_GNU_CALL_SITE || tag == TAG_GNU_CALL_PARAMETER;
}

/* An attribute whose value is an expression. */
static bool put_block(struct state *s, const struct unit *u, const struct die *die, const struct attribute *a, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	const uint8_t *e = s->d->info.data + a->block_at;
	struct view_expr_context x = { .n_types = 0 };
	text->n = 0;
	if (a->name == AT_FRAME_BASE)
		view_put(text, (uint8_t[]){ OP_BREG6, 0 }, 2);
	else if (is_call(die->tag))
		; /* arguments at the caller's side are not followed */
	else if (a->name == AT_LOCATION) {
		if (!put_expression(s, u, die, e, a->block_n, text, &x))
			return false;
	} else if (view_expr_keeps(e, a->block_n)) {
		view_put(text, e, a->block_n);
	}
	if (text->failed)
		return false;
	view_put(out, s->d->info.data + a->at, a->number_at - a->at); /* an indirect form's name */
	view_put_uleb(out, text->n);
	size_t start = out->n;
	view_put(out, text->p, text->n);
	return add_type_fixups(s, u, &x, start, true);
}

/* The type of a part that holds a pointer of four bytes: its own would be read as eight. Variables are turned into generic pointers. */
static bool wants_small_pointer(const struct state *s, const struct die *die, const struct attribute *a, size_t target)
{
	if (a->name != AT_TYPE || !small_space(s, target))
		return false;
	switch (die->tag) {
	case TAG_VARIABLE: case TAG_PARAMETER: case TAG_TYPEDEF: case TAG_CONST: case TAG_VOLATILE: case TAG_RESTRICT: case TAG_ATOMIC:
		return false;
	default:
		return true;
	}
}

static bool put_reference(struct state *s, const struct unit *u, const struct die *die, const struct attribute *a, size_t target)
{
	struct view_bytes *out = &s->d->new_info;
	struct fixup f = { .target = target, .base = a->form == FORM_REF_ADDR ? 0 : u->new_at, .uleb = a->form == FORM_REF_UDATA };
	f.bytes = f.uleb ? 5 : (uint8_t)(a->end - a->number_at);
	if (wants_small_pointer(s, die, a, target))
		f.small = u;
	view_put(out, s->d->info.data + a->at, a->number_at - a->at);
	f.at = out->n;
	view_put(out, (uint8_t[8]){ 0 }, f.bytes);
	return add_fixup(s, &s->infos, &s->n_infos, &s->room_infos, f);
}

static bool put_attribute(struct state *s, const struct unit *u, const struct die *die, const struct attribute *a, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	size_t target = target_of(u, a);
	if (a->is_block)
		return put_block(s, u, die, a, text);
	if (target)
		return put_reference(s, u, die, a, target);
	bool list = (is_list_attribute(a->name) || a->name == AT_LOCLISTS_BASE) && a->form == FORM_SEC_OFFSET;
	size_t at = out->n;
	view_put(out, s->d->info.data + a->at, a->end - a->at);
	if (!list)
		return true;
	struct fixup f = { .at = at + (a->number_at - a->at), .target = a->number, .bytes = (uint8_t)u->offset_bytes,
		.v5 = u->version >= 5 };
	return add_fixup(s, &s->list_refs, &s->n_list_refs, &s->room_list_refs, f);
}

static void put_small_pointer(struct state *s, struct unit *u)
{
	struct view_bytes *out = &s->d->new_info;
	u->small_at = out->n;
	view_put_uleb(out, u->small_code);
	view_put_byte(out, SMALL_POINTER_BYTES);
}

static bool put_entries(struct state *s, struct unit *u, size_t *index, struct view_bytes *text)
{
	struct cur c = { s->d->info.data, u->entries, u->end, false };
	struct view_bytes *out = &s->d->new_info;
	size_t depth = 0;
	for (; c.at < c.end && *index < s->n_dies; ++*index) {
		struct die *die = &s->dies[*index];
		size_t start = c.at;
		uint64_t code = uleb(&c);
		if (!code && depth == 1)
			put_small_pointer(s, u);
		die->new_at = out->n;
		view_put(out, c.p + start, c.at - start);
		if (!code) {
			depth -= depth != 0;
			continue;
		}
		const struct abbrev *ab = abbrev_of(u, code);
		struct cur list = { s->d->abbrev.data, ab->list, s->d->abbrev.n, false };
		struct attribute a;
		depth += ab->children;
		while (next_attribute(&c, &list, u, &a))
			if (!put_attribute(s, u, die, &a, text))
				return false;
	}
	return !out->failed;
}

static void patch(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = i < 8 ? (uint8_t)(v >> 8 * i) : 0;
}

static bool put_abbrevs(struct state *s, const struct unit *u, uint64_t *offset)
{
	struct view_bytes *out = &s->d->new_abbrev;
	*offset = out->n;
	view_put(out, s->d->abbrev.data + u->abbrev, u->abbrev_end - u->abbrev);
	view_put_uleb(out, u->small_code);
	view_put(out, (uint8_t[]){ TAG_POINTER, 0, AT_BYTE_SIZE, FORM_DATA1, 0, 0, 0 }, 7);
	return !out->failed;
}

static bool put_unit(struct state *s, struct unit *u, const struct unit *before, uint64_t *abbrevs, size_t *index, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	size_t at = out->n, length_bytes = u->offset_bytes == 8 ? 12 : 4;
	u->new_at = at;
	if ((!before || before->abbrev != u->abbrev) && !put_abbrevs(s, u, abbrevs))
		return false;
	view_put(out, s->d->info.data + u->at, u->entries - u->at);
	if (out->failed)
		return false;
	patch(out->p + at + (u->abbrev_field - u->at), *abbrevs, u->offset_bytes);
	if (u->type_field) {
		struct cur c = { s->d->info.data, u->type_field, u->end, false };
		struct fixup f = { .at = at + (u->type_field - u->at), .base = at, .bytes = (uint8_t)u->offset_bytes };
		f.target = u->at + fixed(&c, u->offset_bytes);
		if (!add_fixup(s, &s->infos, &s->n_infos, &s->room_infos, f))
			return false;
	}
	if (!put_entries(s, u, index, text))
		return false;
	if (length_bytes == 4 && out->n - at - 4 >= 0xfffffff0)
		return false;
	patch(out->p + at + length_bytes - (length_bytes == 12 ? 8 : 4), out->n - at - length_bytes, length_bytes == 12 ? 8 : 4);
	return true;
}

/* Writes one reference whose target has its place now. */
static bool settle(const struct state *s, uint8_t *out, const struct fixup *f)
{
	const struct die *target = f->small ? NULL : die_at(s, f->target);
	if (f->small ? !f->small->small_at : !target)
		return false;
	uint64_t value = (f->small ? f->small->small_at : target->new_at) - f->base;
	if (!f->uleb) {
		patch(out + f->at, value, f->bytes);
		return f->bytes >= 8 || value >> 8 * f->bytes == 0;
	}
	for (unsigned i = 0; i < f->bytes; i++)
		out[f->at + i] = (uint8_t)((value >> 7 * i & 0x7f) | (i + 1 < f->bytes ? 0x80 : 0));
	return value >> 7 * f->bytes == 0;
}

/* ------------------------------------------------------------------ location lists */

static int list_order(const void *a, const void *b)
{
	const struct list *x = a, *y = b;
	if (x->v5 != y->v5)
		return x->v5 - y->v5;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* One entry per list, ordered. A list of several variables is that of the first, if all agree about what it may be taken for. */
static void sort_lists(struct state *s)
{
	size_t n = 0;
	if (s->n_lists)
		qsort(s->lists, s->n_lists, sizeof *s->lists, list_order);
	for (size_t i = 0; i < s->n_lists; i++) {
		struct list *last = n ? &s->lists[n - 1] : NULL;
		if (!last || list_order(last, &s->lists[i]) != 0)
			s->lists[n++] = s->lists[i];
		else if (!last->unit)
			*last = s->lists[i];
		else
			last->shared |= s->lists[i].unit != NULL;
	}
	s->n_lists = n;
}

static struct list *find_list(const struct state *s, size_t at, bool v5)
{
	struct list key = { .at = at, .v5 = v5 };
	return s->n_lists ? bsearch(&key, s->lists, s->n_lists, sizeof key, list_order) : NULL;
}

/* The list that begins at a position of the old section; notes where the new one does. */
static struct list *list_at(const struct state *s, size_t at, bool v5, size_t new_at)
{
	struct list *l = find_list(s, at, v5);
	if (l) {
		l->new_at = new_at;
		l->placed = true;
	}
	return l;
}

/* Re-encodes an expression of a list; its length field, of 2 bytes or ULEB128, goes before it. */
static bool put_list_expression(struct state *s, const struct list *l, struct cur *c, uint64_t n, bool short_length, struct view_bytes *out,
	struct view_bytes *text)
{
	struct view_expr_context x = { .n_types = 0 };
	size_t at = c->at;
	skip(c, n);
	if (c->bad)
		return false;
	text->n = 0;
	if (l && l->unit && !l->shared && !put_expression(s, l->unit, &s->dies[l->die], c->p + at, n, text, &x))
		return false;
	if (short_length && text->n > UINT16_MAX)
		return false;
	if (short_length)
		view_put(out, (uint8_t[]){ (uint8_t)text->n, (uint8_t)(text->n >> 8) }, 2);
	else
		view_put_uleb(out, text->n);
	size_t start = out->n;
	view_put(out, text->p, text->n);
	return !out->failed && (!x.n_types || add_type_fixups(s, l->unit, &x, start, false));
}

/* .debug_loc: every list one after another. */
static bool put_loc(struct state *s, struct view_bytes *text)
{
	struct cur c = { s->d->loc.data, 0, s->d->loc.n, false };
	struct view_bytes *out = &s->d->new_loc;
	struct list *l = NULL;
	bool begins = true;
	while (c.at < c.end) {
		size_t at = c.at;
		if (begins)
			l = list_at(s, at, false, out->n);
		uint64_t low = fixed(&c, 8), high = fixed(&c, 8);
		if (c.bad)
			return false;
		view_put(out, c.p + at, c.at - at);
		begins = !low && !high;
		if (begins || low == UINT64_MAX)
			continue;
		if (!put_list_expression(s, l, &c, fixed(&c, 2), true, out, text))
			return false;
	}
	return !out->failed;
}

/* Skips the addresses of an entry of kind `kind`; *location: an expression follows. False: unknown kind. */
static bool skip_addresses(struct cur *c, unsigned kind, bool *location)
{
	enum { LLE_END, LLE_BASE_ADDRESSX, LLE_STARTX_ENDX, LLE_STARTX_LENGTH, LLE_OFFSET_PAIR, LLE_DEFAULT, LLE_BASE_ADDRESS, LLE_START_END,
		LLE_START_LENGTH };
	*location = kind != LLE_END && kind != LLE_BASE_ADDRESSX && kind != LLE_BASE_ADDRESS;
	switch (kind) {
	case LLE_END:
	case LLE_DEFAULT:
		return true;
	case LLE_BASE_ADDRESSX:
		uleb(c);
		return true;
	case LLE_BASE_ADDRESS:
		skip(c, 8);
		return true;
	case LLE_STARTX_ENDX:
	case LLE_STARTX_LENGTH:
	case LLE_OFFSET_PAIR:
		uleb(c);
		uleb(c);
		return true;
	case LLE_START_END:
		skip(c, 16);
		return true;
	case LLE_START_LENGTH:
		skip(c, 8);
		uleb(c);
		return true;
	default:
		return false;
	}
}

/* One list after another. Where each begins is noted in `begins`, by old offset from the table. */
static bool put_lists(struct state *s, struct cur *c, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_loclists;
	struct list *l = NULL;
	bool first = true;
	while (!c->bad && c->at < c->end) {
		size_t at = c->at;
		bool location;
		if (first)
			l = list_at(s, at, true, out->n);
		unsigned kind = (unsigned)fixed(c, 1);
		first = kind == 0;
		if (!skip_addresses(c, kind, &location) || c->bad)
			return false;
		view_put(out, c->p + at, c->at - at);
		if (location && !put_list_expression(s, l, c, uleb(c), false, out, text))
			return false;
	}
	return !c->bad && !out->failed;
}

/* One table of .debug_loclists (DWARF 5, 7.29): offsets, then lists. Offsets of lists that nothing refers to lead to the table's own start. */
static bool put_table(struct state *s, struct cur *c, size_t at, unsigned offset_bytes, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_loclists;
	size_t new_at = out->n;
	unsigned version = (unsigned)fixed(c, 2), addr_bytes = (unsigned)fixed(c, 1);
	fixed(c, 1);
	uint64_t offsets = fixed(c, 4);
	size_t base = c->at;
	if (c->bad || version != 5 || addr_bytes != 8 || offsets > (c->end - c->at) / offset_bytes)
		return false;
	skip(c, offsets * offset_bytes);
	view_put(out, c->p + at, c->at - at);
	size_t new_base = new_at + (base - at);
	list_at(s, base, true, new_base); /* the base itself is referred to; with no offsets it is the first list */
	if (!put_lists(s, c, text))
		return false;
	for (uint64_t i = 0; i < offsets; i++) {
		struct cur o = { c->p, base + i * offset_bytes, c->end, false };
		const struct list *l = find_list(s, base + fixed(&o, offset_bytes), true);
		patch(out->p + new_base + i * offset_bytes, l && l->new_at > new_base ? l->new_at - new_base : 0, offset_bytes);
	}
	size_t length = out->n - new_at - (offset_bytes == 8 ? 12 : 4);
	patch(out->p + new_at + (offset_bytes == 8 ? 4 : 0), length, offset_bytes);
	return true;
}

static bool put_loclists(struct state *s, struct view_bytes *text)
{
	struct cur all = { s->d->loclists.data, 0, s->d->loclists.n, false };
	while (all.at < all.end) {
		unsigned offset_bytes;
		size_t at = all.at;
		uint64_t n = unit_length(&all, &offset_bytes);
		if (all.bad)
			return false;
		struct cur c = { all.p, all.at, all.at + n, false };
		skip(&all, n);
		if (!put_table(s, &c, at, offset_bytes, text))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ the producer */

/* A client knows by the first word that line tables of this compiler mark the end of a prologue. Distributions put their name before it. */
static void rewrite_producer(struct view_section *s)
{
	static const char word[] = "clang version ";
	for (size_t at = 0; at < s->n;) {
		uint8_t *text = s->data + at, *nul = memchr(text, 0, s->n - at);
		if (!nul)
			return;
		size_t n = (size_t)(nul - text);
		uint8_t *found = memmem(text, n, word, sizeof word - 1);
		if (found && found != text) {
			size_t rest = n - (size_t)(found - text);
			memmove(text, found, rest);
			memset(text + rest, 0, n - rest);
		}
		at += n + 1;
	}
}

static int by_low(const void *a, const void *b)
{
	const struct view_function *x = a, *y = b;
	return x->low < y->low ? -1 : x->low > y->low;
}

/* ------------------------------------------------------------------ all of it */

static bool note_units(struct state *s)
{
	struct cur all = { s->d->info.data, 0, s->d->info.n, false };
	size_t room = 0;
	while (all.at < all.end) {
		struct unit *grown = grow(s, s->units, &s->n_units, &room, sizeof *grown);
		if (!grown)
			return false;
		s->units = grown;
		if (!read_unit_header(&all, &grown[s->n_units]))
			return false;
		s->n_units++;
	}
	for (size_t i = 0; i < s->n_units; i++)
		if (!note_unit(s, &s->units[i]))
			return false;
	for (size_t i = 0; i < s->n_dies; i++)
		if (s->dies[i].names_lds)
			s->dies[i].lds_known = lds_address_is_known(s, &s->dies[i]);
	return true;
}

static bool put_units(struct state *s, struct view_bytes *text)
{
	size_t index = 0;
	uint64_t abbrevs = 0;
	for (size_t i = 0; i < s->n_units; i++)
		if (!put_unit(s, &s->units[i], i ? &s->units[i - 1] : NULL, &abbrevs, &index, text))
			return false;
	for (size_t i = 0; i < s->n_infos; i++)
		if (!settle(s, s->d->new_info.p, &s->infos[i]))
			return false;
	return true;
}

/* Bases of tables are lists too as far as their places go. */
static bool note_bases(struct state *s)
{
	for (size_t i = 0; i < s->n_list_refs; i++) {
		struct list *grown = grow(s, s->lists, &s->n_lists, &s->room_lists, sizeof *grown);
		if (!grown)
			return false;
		s->lists = grown;
		grown[s->n_lists++] = (struct list){ .at = s->list_refs[i].target, .v5 = s->list_refs[i].v5 };
	}
	return true;
}

static bool put_all_lists(struct state *s, struct view_bytes *text)
{
	struct view_dwarf *d = s->d;
	sort_lists(s);
	if (!put_loc(s, text) || !put_loclists(s, text))
		return false;
	for (size_t i = 0; i < s->n_lists; i++)
		if (!s->lists[i].placed)
			return false; /* a reference into the middle of nothing */
	for (size_t i = 0; i < s->n_locs; i++) {
		if (!settle(s, s->locs[i].v5 ? d->new_loclists.p : d->new_loc.p, &s->locs[i]))
			return false;
	}
	for (size_t i = 0; i < s->n_list_refs; i++) {
		const struct list *l = find_list(s, s->list_refs[i].target, s->list_refs[i].v5);
		if (!l)
			return false;
		patch(d->new_info.p + s->list_refs[i].at, l->new_at, s->list_refs[i].bytes);
	}
	return true;
}

static void free_state(struct state *s)
{
	for (size_t i = 0; i < s->n_units; i++)
		free(s->units[i].abbrevs);
	free(s->units);
	free(s->dies);
	free(s->lists);
	free(s->infos);
	free(s->locs);
	free(s->list_refs);
}

int view_dwarf_rewrite(struct view_dwarf *d, struct dbg_error *err)
{
	struct state s = { .d = d };
	struct view_bytes text = { .p = NULL };
	int status = 0;
	if (!note_units(&s) || !put_units(&s, &text))
		status = dbg_fail(err, DBG_REFUSED, "debug information is damaged or of an unknown kind");
	else if (!note_bases(&s) || !put_all_lists(&s, &text))
		status = dbg_fail(err, DBG_REFUSED, "location lists are damaged");
	if (s.out_of_memory || text.failed)
		status = dbg_fail(err, DBG_INTERNAL, "out of memory for debug information");
	free(text.p);
	free_state(&s);
	if (status < 0)
		return status;
	rewrite_producer(&d->str);
	rewrite_producer(&d->line_str);
	if (d->functions)
		qsort(d->functions, d->n_functions, sizeof *d->functions, by_low);
	return 0;
}
