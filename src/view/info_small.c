/* Pointers of four bytes where they have to stay so: in structures and arrays, behind other pointers. No client can tell their space there, so what
 * they lead to is a name that says where it lies: "local int", "private struct node". Clients keep one pointer type for each type that is pointed
 * to, and the size of the entry read last is the size of them all: no such pointer may share its target with a pointer of eight bytes. The names
 * are in an entry whose inside clients do not search for names. Those that are parts of structures can be followed (info_follow.c), the others not. */
#include "src/view/info.h"

#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 200, MAX_DEPTH = 8 };

static const char *space_name(unsigned space)
{
	return space == VIEW_SPACE_LOCAL ? "local" : "private";
}

/* ------------------------------------------------------------------ names */

static void add(char *name, const char *text)
{
	size_t n = strlen(name);
	snprintf(name + n, NAME_BYTES - n, "%s", text);
}

static void add_tagged(char *name, const struct view_unit *u, const char *word, const struct view_die *t)
{
	if (!u->cplus) {
		add(name, word);
		add(name, " ");
	}
	add(name, t->name ? t->name : "{...}");
}

/* Appends a type as C writes it. False: it has no name of that form. */
static bool add_type(const struct view_info *s, const struct view_unit *u, size_t type, char *name, unsigned depth)
{
	const struct view_die *t = type ? view_die_at(s, type) : NULL;
	if (!type)
		add(name, "void");
	if (!t || depth == MAX_DEPTH)
		return !type;
	switch (t->tag) {
	case TAG_BASE: case TAG_TYPEDEF:
		add(name, t->name ? t->name : "");
		return t->name;
	case TAG_STRUCTURE: case TAG_CLASS:
		add_tagged(name, u, "struct", t);
		return true;
	case TAG_UNION:
		add_tagged(name, u, "union", t);
		return true;
	case TAG_ENUM:
		add_tagged(name, u, "enum", t);
		return true;
	case TAG_CONST: case TAG_VOLATILE:
		add(name, t->tag == TAG_CONST ? "const " : "volatile ");
		return add_type(s, u, t->type, name, depth + 1);
	case TAG_POINTER:
		if (t->space) {
			add(name, space_name(t->space));
			add(name, " ");
		}
		if (!add_type(s, u, t->type, name, depth + 1))
			return false;
		add(name, " *");
		return true;
	case TAG_ARRAY:
		if (!add_type(s, u, t->type, name, depth + 1))
			return false;
		add(name, " []");
		return true;
	default:
		return false;
	}
}

static void name_target(const struct view_info *s, const struct view_unit *u, const struct view_die *pointer, char *name)
{
	const struct view_die *t = pointer->type ? view_die_at(s, pointer->type) : NULL;
	const char *space = space_name(pointer->space);
	bool star = t && t->tag == TAG_POINTER; /* what qualifies a pointer comes last */
	snprintf(name, NAME_BYTES, "%s%s", star ? "" : space, star ? "" : " ");
	if (!add_type(s, u, pointer->type, name, 0))
		snprintf(name, NAME_BYTES, "%s void", space);
	else if (star)
		add(name, space);
}

/* ------------------------------------------------------------------ entries */

enum { ATE_BOOLEAN = 2, ATE_SIGNED_CHAR = 6, ATE_UNSIGNED_CHAR = 8, ATE_UTF = 0x10 };

/* False: nothing, functions, and characters, which clients read when they show a pointer to them. Pointers to them lead to bytes. */
static bool has_values(const struct view_info *s, const struct view_die *pointer)
{
	const struct view_die *t = pointer->type ? view_plain_type(s, pointer->type) : NULL;
	if (!t || t->tag == TAG_SUBROUTINE_TYPE)
		return false;
	return t->tag != TAG_BASE || (t->encoding != ATE_SIGNED_CHAR && t->encoding != ATE_UNSIGNED_CHAR && t->encoding != ATE_UTF);
}

void view_put_small_code(const struct view_unit *u, struct view_bytes *out, enum view_small_code which)
{
	view_put_uleb(out, u->small_code + which);
}

bool view_put_small_type(struct view_info *s, const struct view_unit *u, size_t type)
{
	struct view_fixup f = { .at = s->d->new_info.n, .target = type, .base = u->new_at, .bytes = 4 };
	if (view_small_space(s, type))
		f.small = view_plain_type(s, type);
	view_put_fixed(&s->d->new_info, 0, f.bytes);
	return view_add_fixup(s, &s->infos, &s->n_infos, &s->room_infos, f);
}

/* A type of a name, and the pointer to it; pointer NULL: the one for pointers that other units describe. */
static bool put_pointer(struct view_info *s, struct view_unit *u, struct view_die *pointer, const char *name)
{
	struct view_bytes *out = &s->d->new_info;
	size_t at = out->n;
	bool values = pointer && has_values(s, pointer) && pointer->type >= u->at && pointer->type < u->end;
	view_put_small_code(u, out, values ? SMALL_NAME : SMALL_BYTES);
	view_put(out, name, strlen(name) + 1);
	if (!values)
		view_put(out, (uint8_t[]){ 1, ATE_BOOLEAN }, 2); /* the one kind of byte that is no character to any client */
	else if (!view_put_small_type(s, u, pointer->type))
		return false;
	*(pointer ? &pointer->small_at : &u->small_at) = out->n;
	view_put_small_code(u, out, SMALL_POINTER);
	view_put_byte(out, SMALL_POINTER_BYTES);
	view_put_fixed(out, at - u->new_at, 4);
	return !out->failed;
}

static struct view_die *small_pointer(const struct view_info *s, size_t index)
{
	struct view_die *die = &s->dies[index];
	return view_small_space(s, die->at) && view_plain_type(s, die->at) == die ? die : NULL;
}

bool view_put_small_pointers(struct view_info *s, struct view_unit *u, size_t first, size_t end, struct view_bytes *text)
{
	struct view_bytes *out = &s->d->new_info;
	bool any = false;
	for (size_t i = first; i < end; i++) {
		struct view_die *die = small_pointer(s, i);
		if (die && !any)
			view_put_word(u, out);
		any |= die != NULL;
		if (die && !view_put_followed_structure(s, u, die, text))
			return false;
	}
	view_put_small_code(u, out, SMALL_BOX);
	if (!put_pointer(s, u, NULL, "void"))
		return false;
	for (size_t i = first; i < end; i++) {
		struct view_die *die = small_pointer(s, i);
		char name[NAME_BYTES];
		if (!die && view_small_array(s, s->dies[i].at) == &s->dies[i] && !view_put_row(s, u, &s->dies[i], text))
			return false;
		if (!die)
			continue;
		name_target(s, u, die, name);
		if (!put_pointer(s, u, die, name) || !view_put_followed(s, u, die, name, text))
			return false;
	}
	view_put_byte(out, 0);
	return !out->failed;
}

/* The location of what clients can follow is told by a typedef. They ask for it only where the type behind the name has one, too: that is empty,
 * and never looked at. */
void view_put_small_abbrevs(const struct view_unit *u, struct view_bytes *out)
{
	static const struct {
		uint8_t tag, children, bytes[8];
	} rows[] = {
		[SMALL_BOX] = { TAG_DWARF_PROCEDURE, 1, { 0 } },
		[SMALL_BYTES] = { TAG_BASE, 0, { AT_NAME, FORM_STRING, AT_BYTE_SIZE, FORM_DATA1, AT_ENCODING, FORM_DATA1 } },
		[SMALL_NAME] = { TAG_TYPEDEF, 0, { AT_NAME, FORM_STRING, AT_TYPE, FORM_REF4 } },
		[SMALL_POINTER] = { TAG_POINTER, 0, { AT_BYTE_SIZE, FORM_DATA1, AT_TYPE, FORM_REF4 } },
		[SMALL_BASE] = { TAG_BASE, 1, { AT_ALLOCATED, FORM_EXPRLOC, AT_NAME, FORM_STRING, AT_BYTE_SIZE, FORM_UDATA, AT_ENCODING, FORM_DATA1 } },
		[SMALL_ENUM] = { TAG_ENUM, 1, { AT_ALLOCATED, FORM_EXPRLOC, AT_NAME, FORM_STRING, AT_BYTE_SIZE, FORM_UDATA } },
		[SMALL_STRUCTURE] = { TAG_STRUCTURE, 1, { AT_ALLOCATED, FORM_EXPRLOC, AT_NAME, FORM_STRING, AT_BYTE_SIZE, FORM_UDATA } },
		[SMALL_UNION] = { TAG_UNION, 1, { AT_ALLOCATED, FORM_EXPRLOC, AT_NAME, FORM_STRING, AT_BYTE_SIZE, FORM_UDATA } },
		[SMALL_ARRAY] = { TAG_ARRAY, 1, { AT_ALLOCATED, FORM_EXPRLOC, AT_TYPE, FORM_REF4 } },
		[SMALL_VECTOR] = { TAG_ARRAY, 1, { AT_ALLOCATED, FORM_EXPRLOC, AT_TYPE, FORM_REF4, 0x87, 0x42, FORM_FLAG_PRESENT } },
		[SMALL_ROW] = { TAG_ARRAY, 1, { AT_TYPE, FORM_REF4 } },
		[SMALL_PART] = { TAG_MEMBER, 0, { AT_TYPE, FORM_REF4, AT_MEMBER_LOCATION, FORM_DATA1 } },
		[SMALL_PLACE] = { TAG_CONSTANT, 0, { AT_TYPE, FORM_REF4, AT_MEMBER_LOCATION, FORM_UDATA } },
		[SMALL_COMPUTED] = { TAG_TYPEDEF, 0, { AT_DATA_LOCATION, FORM_EXPRLOC, AT_NAME, FORM_STRING, AT_TYPE, FORM_REF4 } },
		[SMALL_PLACED] = { TAG_TYPEDEF, 0, { AT_DATA_LOCATION, FORM_REF4, AT_NAME, FORM_STRING, AT_TYPE, FORM_REF4 } },
	};
	_Static_assert(sizeof rows / sizeof *rows == VIEW_SMALL_CODES, "one row a code");
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		view_put_small_code(u, out, i);
		view_put(out, (uint8_t[]){ rows[i].tag, rows[i].children }, 2);
		for (unsigned k = 0; k < sizeof rows[i].bytes && rows[i].bytes[k]; k++)
			view_put_byte(out, rows[i].bytes[k]);
		view_put(out, (uint8_t[]){ 0, 0 }, 2);
	}
}
