/* Pointers of four bytes where they have to stay so: in structures and arrays, behind other pointers. No client can tell their space there and none
 * may follow them as they are, so what they lead to is a name that says where it lies: "local int", "private struct node". Clients keep one pointer
 * type for each type that is pointed to, and the size of the entry read last is the size of them all: no such pointer may share its target with
 * a pointer of eight bytes. The names are in an entry whose inside clients do not search for names. */
#include "src/view/info.h"

#include <stdio.h>
#include <string.h>

enum { CODE_BOX, CODE_BYTE, CODE_NAME, CODE_POINTER, N_CODES };
_Static_assert((int)N_CODES == (int)VIEW_SMALL_CODES, "abbreviations are counted");
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

static void put_code(struct view_bytes *out, const struct view_unit *u, unsigned which)
{
	view_put_uleb(out, u->small_code + which);
}

static bool put_type(struct view_info *s, const struct view_unit *u, size_t type)
{
	struct view_fixup f = { .at = s->d->new_info.n, .target = type, .base = u->new_at, .bytes = 4 };
	if (view_small_space(s, type))
		f.small = view_plain_type(s, type);
	view_put_fixed(&s->d->new_info, 0, f.bytes);
	return view_add_fixup(s, &s->infos, &s->n_infos, &s->room_infos, f);
}

/* A type of a name, and the pointer to it; pointer NULL: the one for pointers that other units describe. */
static bool put_pointer(struct view_info *s, struct view_unit *u, struct view_die *pointer)
{
	struct view_bytes *out = &s->d->new_info;
	char name[NAME_BYTES] = "void";
	size_t at = out->n;
	bool values = pointer && has_values(s, pointer) && pointer->type >= u->at && pointer->type < u->end;
	if (pointer)
		name_target(s, u, pointer, name);
	put_code(out, u, values ? CODE_NAME : CODE_BYTE);
	view_put(out, name, strlen(name) + 1);
	if (!values)
		view_put(out, (uint8_t[]){ 1, ATE_BOOLEAN }, 2); /* the one kind of byte that is no character to any client */
	else if (!put_type(s, u, pointer->type))
		return false;
	*(pointer ? &pointer->small_at : &u->small_at) = out->n;
	put_code(out, u, CODE_POINTER);
	view_put_byte(out, SMALL_POINTER_BYTES);
	view_put_fixed(out, at - u->new_at, 4);
	return !out->failed;
}

bool view_put_small_pointers(struct view_info *s, struct view_unit *u, size_t first, size_t end)
{
	struct view_bytes *out = &s->d->new_info;
	put_code(out, u, CODE_BOX);
	if (!put_pointer(s, u, NULL))
		return false;
	for (size_t i = first; i < end; i++)
		if (view_small_space(s, s->dies[i].at) && view_plain_type(s, s->dies[i].at) == &s->dies[i] && !put_pointer(s, u, &s->dies[i]))
			return false;
	view_put_byte(out, 0);
	return !out->failed;
}

void view_put_small_abbrevs(const struct view_unit *u, struct view_bytes *out)
{
	static const struct {
		uint8_t tag, children, bytes[6];
	} rows[] = {
		[CODE_BOX] = { TAG_DWARF_PROCEDURE, 1, { 0 } },
		[CODE_BYTE] = { TAG_BASE, 0, { AT_NAME, FORM_STRING, AT_BYTE_SIZE, FORM_DATA1, AT_ENCODING, FORM_DATA1 } },
		[CODE_NAME] = { TAG_TYPEDEF, 0, { AT_NAME, FORM_STRING, AT_TYPE, FORM_REF4 } },
		[CODE_POINTER] = { TAG_POINTER, 0, { AT_BYTE_SIZE, FORM_DATA1, AT_TYPE, FORM_REF4 } },
	};
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_code(out, u, i);
		view_put(out, (uint8_t[]){ rows[i].tag, rows[i].children }, 2);
		for (unsigned k = 0; k < sizeof rows[i].bytes && rows[i].bytes[k]; k++)
			view_put_byte(out, rows[i].bytes[k]);
		view_put(out, (uint8_t[]){ 0, 0 }, 2);
	}
}
