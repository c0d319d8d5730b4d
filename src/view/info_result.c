/* Which functions give a result that the carrier's convention finds. A GPU function returns its result in v0 and those that follow: numbers as they
 * are, small structures packed, others member by member, each from a register of its own on. The carrier puts up to 16 bytes into two general or
 * two vector registers, by the kinds of what lies in each eight of them; its registers show v0, v1 and v2, v3 (view/result.c). Both agree about
 * all that is said here, and about nothing else: larger results go through memory there. Facts: isa 8.5; what compilers do with aggregates
 * was read off their code. */
#include "src/view/info.h"

enum { EIGHT = 8, MOST = 2 * EIGHT, PACKED = 8, MAX_DEPTH = 8 };
enum { ATE_BOOLEAN = 2, ATE_FLOAT = 4, ATE_SIGNED = 5, ATE_SIGNED_CHAR = 6, ATE_UNSIGNED = 7, ATE_UNSIGNED_CHAR = 8, ATE_UTF = 0x10 };
enum { KIND_NONE, KIND_FLOAT, KIND_INT };

struct result {
	uint64_t bytes;         /* of all of it */
	uint64_t next;          /* what lies below is told */
	unsigned kinds[2];      /* by eight bytes */
};

/* A number at an offset. */
static bool add_number(struct result *r, uint64_t at, uint64_t bytes, bool is_float)
{
	if (!bytes || bytes > MOST || at > MOST - bytes || at % (bytes > EIGHT ? EIGHT : bytes))
		return false;
	/* in a result that is not packed each number begins a register */
	if (r->bytes > PACKED && (bytes < 4 || at != r->next))
		return false;
	for (uint64_t i = at / EIGHT; i <= (at + bytes - 1) / EIGHT; i++)
		if (r->kinds[i] != KIND_INT)
			r->kinds[i] = is_float ? KIND_FLOAT : KIND_INT;
	r->next = at + bytes;
	return true;
}

static bool add_base(struct result *r, const struct view_die *t, uint64_t at)
{
	switch (t->encoding) {
	case ATE_FLOAT:
		return (t->bytes == 2 || t->bytes == 4 || t->bytes == 8) && add_number(r, at, t->bytes, true);
	case ATE_BOOLEAN: case ATE_SIGNED: case ATE_SIGNED_CHAR: case ATE_UNSIGNED: case ATE_UNSIGNED_CHAR: case ATE_UTF:
		/* clients differ about integers of 16 bytes */
		return t->bytes <= EIGHT && (t->bytes & (t->bytes - 1)) == 0 && add_number(r, at, t->bytes, false);
	default:
		return false;
	}
}

static bool add_type(const struct view_info *s, struct result *r, size_t type, uint64_t at, unsigned depth);

static bool add_elements(const struct view_info *s, struct result *r, const struct view_die *t, uint64_t at, unsigned depth)
{
	const struct view_die *range = t + 1, *element = t->type ? view_plain_type(s, t->type) : NULL;
	uint64_t bytes = t->type ? view_type_bytes(s, t->type) : 0;
	bool one_range = range + 1 < s->dies + s->n_dies && range->tag == TAG_SUBRANGE && range->has_count && range[1].tag != TAG_SUBRANGE;
	if (!one_range || !bytes || !element || range->count > MOST / bytes)
		return false;
	/* compilers differ about vectors of bytes; short ones are packed by twos */
	if (t->vector && (element->tag != TAG_BASE || bytes < 2 || (bytes < 4 && (r->bytes > PACKED || at))))
		return false;
	for (uint64_t i = 0; i < range->count; i++)
		if (!add_type(s, r, t->type, at + i * bytes, depth))
			return false;
	return true;
}

static bool add_members(const struct view_info *s, struct result *r, const struct view_die *t, uint64_t at, unsigned depth)
{
	const struct view_die *end = s->dies + s->n_dies;
	unsigned inside = 0;
	if (t->odd || !t->children)
		return false;
	for (const struct view_die *m = t + 1; m < end; m++) {
		if (!m->tag && inside-- == 0)
			return true;
		if (!inside && m->tag == TAG_INHERITANCE)
			return false;
		if (!inside && m->tag == TAG_MEMBER && (m->odd || !m->type || !add_type(s, r, m->type, at + m->offset, depth)))
			return false;
		inside += m->tag && m->children;
	}
	return false;
}

static bool add_type(const struct view_info *s, struct result *r, size_t type, uint64_t at, unsigned depth)
{
	const struct view_die *t = view_plain_type(s, type);
	if (!t || t->odd || depth == MAX_DEPTH)
		return false;
	switch (t->tag) {
	case TAG_BASE:
		return add_base(r, t, at);
	case TAG_ENUM:
		return add_number(r, at, t->bytes, false);
	case TAG_POINTER: case TAG_REFERENCE: case TAG_RVALUE_REFERENCE:
		return add_number(r, at, view_type_bytes(s, type), false);
	case TAG_ARRAY:
		return (t->vector || depth) && add_elements(s, r, t, at, depth + 1);
	case TAG_STRUCTURE: case TAG_CLASS:
		return add_members(s, r, t, at, depth + 1);
	default:
		return false;
	}
}

static bool fits(const struct view_info *s, size_t type)
{
	struct result r = { .bytes = view_type_bytes(s, type) };
	if (!r.bytes || r.bytes > MOST || !add_type(s, &r, type, 0, 0) || !r.next)
		return false;
	/* both eights go to registers of one kind, so that the second is the second of its kind */
	return r.bytes <= EIGHT || !r.kinds[1] || r.kinds[0] == r.kinds[1];
}

bool view_takes_convention(uint64_t tag)
{
	return tag == TAG_SUBPROGRAM || tag == TAG_SUBROUTINE_TYPE;
}

/* An optimiser takes away results that nobody uses, of functions that nobody else can know. */
bool view_result_known(const struct view_info *s, const struct view_die *function)
{
	const struct unwind_function *f = unwind_table_at(s->d->table, s->d->n_table, function->low);
	size_t type = view_type_of(s, function);
	if (!type)
		return true;
	return s->d->results && f && f->low == function->low && (f->convention || !function->optimised) && fits(s, type);
}
