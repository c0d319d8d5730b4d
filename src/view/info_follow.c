/* Pointers of four bytes that clients can follow although their values say nothing of the space: parts of structures. Debug information may say
 * where the data of a type lie when it differs from where an object of it is (DW_AT_data_location), and say it by naming an entry that is as good
 * as a part of the type, whose value is read at the object's address plus the part's offset. The offset leads into a window of addresses where
 * reading gives the generic address that a pointer means (view/window.h), so the space is in the offset, and the lane is the selected one.
 *
 *	pointer, 4 bytes -> typedef "local int", data are where the place says -> a copy of int
 *	                                                                            \- place: at 0x58... in it, 8 bytes
 *
 * Only as parts of structures: from gdb 14 on, a pointer that comes out of an array or from behind a pointer finds the place of what it leads to at
 * once, and every element counted from it is taken for the one there. */
#include "src/view/info.h"

#include <string.h>

#include "src/view/op.h"
#include "src/view/window.h"

/* ------------------------------------------------------------------ what is pointed to */

/* The parts of an entry are those at depth 0 between it and the end of its children. */
static const struct view_die *next_part(const struct view_info *s, const struct view_die *part)
{
	size_t nested = part->children;
	for (part++; nested && part < s->dies + s->n_dies; part++)
		nested += part->tag ? part->children : (size_t)-1;
	return part < s->dies + s->n_dies && part->tag ? part : NULL;
}

static const struct view_die *first_part(const struct view_info *s, const struct view_die *t)
{
	return t->children && t + 1 < s->dies + s->n_dies && t[1].tag ? t + 1 : NULL;
}

/* Whether a structure may be copied part by part: clients take the end of the last part for its size. */
static bool ends_with_a_part(const struct view_info *s, const struct view_die *t)
{
	uint64_t end = 0;
	for (const struct view_die *m = first_part(s, t); m; m = next_part(s, m)) {
		uint64_t bytes = m->tag == TAG_MEMBER ? view_type_bytes(s, m->type) : 0;
		if (m->tag == TAG_INHERITANCE || m->tag == TAG_VARIABLE || (m->tag == TAG_MEMBER && (m->odd || m->is_static || m->children || !m->name || !bytes)))
			return false;
		end = m->offset + bytes > end ? m->offset + bytes : end;
	}
	return end == t->bytes;
}

/* ------------------------------------------------------------------ entries */

static bool put_parts(struct view_info *s, const struct view_unit *u, const struct view_die *t, uint64_t tag, struct view_bytes *text)
{
	for (const struct view_die *m = first_part(s, t); m; m = next_part(s, m))
		if (m->tag == tag && !view_put_copy(s, u, m, text))
			return false;
	return true;
}

static void put_head(struct view_bytes *out, const struct view_unit *u, enum view_small_code code)
{
	view_put_small_code(u, out, code);
	view_put(out, (uint8_t[]){ 1, OP_LIT0 + 1 }, 2); /* DW_AT_allocated: yes */
}

/* Clients take types of one name for the same, and one for the other: the original's place is not where it says. */
static void put_named(struct view_bytes *out, const struct view_unit *u, enum view_small_code code, const struct view_die *pointer,
	const struct view_die *t)
{
	const char *name = t->name ? t->name : "", *space = pointer->space == VIEW_SPACE_LOCAL ? "local " : "private ";
	put_head(out, u, code);
	if (*name)
		view_put(out, space, strlen(space));
	view_put(out, name, strlen(name) + 1);
	view_put_uleb(out, t->bytes);
}

/* The place of what the pointer leads to, as the last part of its copy, which began at `copy`. */
static void put_place(struct view_bytes *out, const struct view_unit *u, const struct view_die *pointer, struct view_die *t, size_t copy)
{
	t->copies[pointer->space - 1].at = (uint32_t)(copy - u->new_at);
	t->copies[pointer->space - 1].place_at = (uint32_t)(out->n - u->new_at);
	view_put_small_code(u, out, SMALL_PLACE);
	view_put_fixed(out, u->word_at - u->new_at, 4);
	view_put_uleb(out, view_places(pointer->space == VIEW_SPACE_PRIVATE));
	view_put_byte(out, 0);
}

void view_put_word(struct view_unit *u, struct view_bytes *out)
{
	enum { ATE_UNSIGNED = 7 };
	static const char name[] = "generic address";
	u->word_at = out->n;
	view_put_small_code(u, out, SMALL_BYTES);
	view_put(out, name, sizeof name);
	view_put(out, (uint8_t[]){ VIEW_PLACE_BYTES, ATE_UNSIGNED }, 2);
}

/* A structure that ends in padding, or has parts of other kinds, is put into another one as its only part, without a name. */
static bool put_whole(struct view_info *s, const struct view_unit *u, const struct view_die *t)
{
	struct view_bytes *out = &s->d->new_info;
	view_put_small_code(u, out, SMALL_PART);
	bool put = view_put_small_type(s, u, t->at);
	view_put_byte(out, 0);
	return put;
}

static struct view_die *target_of(const struct view_info *s, const struct view_unit *u, const struct view_die *pointer)
{
	struct view_die *t = pointer->type ? view_plain_type(s, pointer->type) : NULL;
	bool known = t && t->at >= u->at && t->at < u->end && view_type_bytes(s, t->at);
	return known ? t : NULL;
}

/* Clients read the parts of a structure only where they look for names. So the copy gets one that nobody can type: the true one stays the
 * original's. */
bool view_put_followed_structure(struct view_info *s, const struct view_unit *u, const struct view_die *pointer, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	struct view_die *t = target_of(s, u, pointer);
	if (!t || t->copies[pointer->space - 1].at || (t->tag != TAG_STRUCTURE && t->tag != TAG_CLASS && t->tag != TAG_UNION))
		return true;
	bool copied = ends_with_a_part(s, t);
	size_t at = out->n;
	put_named(out, u, copied && t->tag == TAG_UNION ? SMALL_UNION : SMALL_STRUCTURE, pointer, t);
	bool put = copied ? put_parts(s, u, t, TAG_MEMBER, text) : put_whole(s, u, t);
	put_place(out, u, pointer, t, at);
	return put && !out->failed;
}

/* False: no memory. Pointers are no such kind: some clients read the one that is pointed to before they know where it is. */
static bool put_copy(struct view_info *s, const struct view_unit *u, const struct view_die *pointer, struct view_die *t, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	size_t at = out->n;
	bool put = true;
	if (t->tag == TAG_BASE && !t->odd && !t->children) {
		put_named(out, u, SMALL_BASE, pointer, t);
		view_put_byte(out, t->encoding);
	} else if (t->tag == TAG_ENUM) {
		put_named(out, u, SMALL_ENUM, pointer, t);
		put = put_parts(s, u, t, TAG_ENUMERATOR, text);
	} else if (t->tag == TAG_ARRAY) {
		put_head(out, u, t->vector ? SMALL_VECTOR : SMALL_ARRAY);
		put = view_put_small_type(s, u, t->type) && put_parts(s, u, t, TAG_SUBRANGE, text);
	} else {
		return true;
	}
	put_place(out, u, pointer, t, at);
	return put;
}

/* Where the data are of what is pointed to, as the client understands it. */
static void put_data_location(struct view_info *s, const struct view_unit *u, const struct view_die *pointer, size_t place)
{
	struct view_bytes *out = &s->d->new_info;
	uint64_t places = view_places(pointer->space == VIEW_SPACE_PRIVATE);
	if (!s->d->place_expressions) {
		view_put_small_code(u, out, SMALL_PLACED);
		view_put_fixed(out, place, 4);
		return;
	}
	view_put_small_code(u, out, SMALL_COMPUTED);
	view_put(out, (uint8_t[]){ 3 + sizeof places + 1, OP_PUSH_OBJECT_ADDRESS, OP_CONST8U }, 3);
	view_put_fixed(out, places, sizeof places);
	view_put(out, (uint8_t[]){ OP_PLUS, OP_DEREF }, 2);
}

bool view_put_followed(struct view_info *s, const struct view_unit *u, struct view_die *pointer, const char *name, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	struct view_die *t = target_of(s, u, pointer);
	if (t && !t->copies[pointer->space - 1].at && !put_copy(s, u, pointer, t, text))
		return false;
	if (!t || !t->copies[pointer->space - 1].at)
		return true;
	size_t named = out->n;
	put_data_location(s, u, pointer, t->copies[pointer->space - 1].place_at);
	view_put(out, name, strlen(name) + 1);
	view_put_fixed(out, t->copies[pointer->space - 1].at, 4);
	pointer->follow_at = out->n;
	view_put_small_code(u, out, SMALL_POINTER);
	view_put_byte(out, SMALL_POINTER_BYTES);
	view_put_fixed(out, named - u->new_at, 4);
	return !out->failed;
}

bool view_put_row(struct view_info *s, const struct view_unit *u, struct view_die *array, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	struct view_fixup f = { .target = array->type, .base = u->new_at, .bytes = 4 };
	array->row_at = out->n;
	view_put_small_code(u, out, SMALL_ROW);
	f.at = out->n;
	view_put_fixed(out, 0, f.bytes);
	if (!view_add_fixup(s, &s->infos, &s->n_infos, &s->room_infos, f) || !put_parts(s, u, array, TAG_SUBRANGE, text))
		return false;
	view_put_byte(out, 0);
	return !out->failed;
}
