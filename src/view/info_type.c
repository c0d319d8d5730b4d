/* Types of variables, as far as their locations depend on them. */
#include "src/view/info.h"

#include <stdlib.h>
#include <string.h>

static int by_position(const void *key, const void *element)
{
	size_t at = *(const size_t *)key;
	const struct view_die *d = element;
	return at < d->at ? -1 : at > d->at;
}

struct view_die *view_die_at(const struct view_info *s, size_t at)
{
	return s->n_dies ? bsearch(&at, s->dies, s->n_dies, sizeof *s->dies, by_position) : NULL;
}

struct view_die *view_plain_type(const struct view_info *s, size_t at)
{
	for (unsigned i = 0; at && i < 64; i++) {
		struct view_die *t = view_die_at(s, at);
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

unsigned view_small_space(const struct view_info *s, size_t type)
{
	const struct view_die *t = type ? view_plain_type(s, type) : NULL;
	bool pointer = t && (t->tag == TAG_POINTER || t->tag == TAG_REFERENCE || t->tag == TAG_RVALUE_REFERENCE);
	return pointer && !t->bytes ? t->space : VIEW_SPACE_NONE;
}

const struct view_die *view_small_array(const struct view_info *s, size_t type)
{
	const struct view_die *t = type ? view_plain_type(s, type) : NULL;
	return t && t->tag == TAG_ARRAY && !t->vector && view_small_space(s, t->type) ? t : NULL;
}

/* Bytes of a type; 0 unknown. */
static uint64_t type_bytes(const struct view_info *s, size_t type, unsigned depth)
{
	const struct view_die *t = type ? view_plain_type(s, type) : NULL;
	if (!t || depth > 16)
		return 0;
	if (t->bytes)
		return t->bytes;
	if (t->tag == TAG_POINTER || t->tag == TAG_REFERENCE || t->tag == TAG_RVALUE_REFERENCE)
		return t->space ? SMALL_POINTER_BYTES : POINTER_BYTES;
	if (t->tag != TAG_ARRAY)
		return 0;
	uint64_t n = type_bytes(s, t->type, depth + 1);
	for (const struct view_die *c = t + 1; c < s->dies + s->n_dies && c->tag == TAG_SUBRANGE; c++) {
		if (!c->has_count || (n && c->count > UINT32_MAX / n))
			return 0;
		n *= c->count;
	}
	return n;
}

uint64_t view_type_bytes(const struct view_info *s, size_t type)
{
	return type_bytes(s, type, 0);
}

size_t view_type_of(const struct view_info *s, const struct view_die *die)
{
	for (unsigned i = 0; die && i < 8; i++) {
		if (die->type)
			return die->type;
		die = die->origin ? view_die_at(s, die->origin) : NULL;
	}
	return 0;
}

static bool is_scalar(const struct view_die *t)
{
	return t && (t->tag == TAG_BASE || t->tag == TAG_ENUM || t->tag == TAG_POINTER || t->tag == TAG_REFERENCE || t->tag == TAG_RVALUE_REFERENCE);
}

bool view_type_in_part(const struct view_info *s, size_t type)
{
	enum { ATE_FLOAT = 4 };
	const struct view_die *t = type ? view_plain_type(s, type) : NULL;
	if (t && t->tag == TAG_ARRAY && t->vector)
		t = view_plain_type(s, t->type);
	bool pointer = t && (t->tag == TAG_POINTER || t->tag == TAG_REFERENCE || t->tag == TAG_RVALUE_REFERENCE);
	return !pointer && !(t && t->tag == TAG_BASE && t->encoding == ATE_FLOAT);
}

/* Types of widths that no language has are named by the compiler after what they are: DW_ATE_unsigned_1. */
static unsigned bits_of_name(const char *name)
{
	static const char *const prefixes[] = { "DW_ATE_unsigned_", "DW_ATE_signed_" };
	for (size_t i = 0; name && i < sizeof prefixes / sizeof *prefixes; i++) {
		size_t n = strlen(prefixes[i]);
		unsigned long bits = strncmp(name, prefixes[i], n) == 0 ? strtoul(name + n, NULL, 10) : 0;
		if (bits)
			return bits <= 64 ? (unsigned)bits : 0;
	}
	return 0;
}

static struct view_base_type base_type(void *arg, uint64_t offset)
{
	enum { ATE_BOOLEAN = 2, ATE_SIGNED = 5, ATE_SIGNED_CHAR = 6, ATE_UNSIGNED = 7, ATE_UNSIGNED_CHAR = 8 };
	const struct view_unit_context *c = arg;
	const struct view_die *t = offset < c->u->end - c->u->at ? view_die_at(c->s, c->u->at + offset) : NULL;
	if (!t || t->tag != TAG_BASE || !t->bytes || t->bytes > 8)
		return (struct view_base_type){ 0 };
	unsigned named = bits_of_name(t->name), bits = named ? named : 8 * (unsigned)t->bytes;
	switch (t->encoding) {
	case ATE_SIGNED: case ATE_SIGNED_CHAR:
		return (struct view_base_type){ bits, true };
	case ATE_BOOLEAN: case ATE_UNSIGNED: case ATE_UNSIGNED_CHAR:
		return (struct view_base_type){ bits, false };
	default:
		return (struct view_base_type){ 0 };
	}
}

void view_describe(const struct view_info *s, const struct view_unit *u, const struct view_die *die, struct view_unit_context *c, struct view_expr_context *x)
{
	size_t type = die ? view_type_of(s, die) : 0;
	const struct view_die *row = view_small_array(s, type);
	*c = (struct view_unit_context){ s, u };
	*x = (struct view_expr_context){
		.bytes = type_bytes(s, type, 0),
		.aggregate = !is_scalar(type ? view_plain_type(s, type) : NULL),
		.global = die && (die->scope == SIZE_MAX || die->is_static),
		.pointer = view_small_space(s, type),
		.row = row ? view_small_space(s, row->type) : VIEW_SPACE_NONE,
		.in_loop = die && die->in_loop,
		.lds_known = die && die->lds_known,
		.lds_at = die ? die->lds_at : 0,
		.addr = s->d->addr.data,
		.addr_n = s->d->addr.n,
		.addr_base = u->addr_base,
		.absent = u->absent_at,
		.base_type = base_type,
		.arg = c,
	};
}
