/* Attributes and their forms, tables of abbreviations: how the bytes of .debug_info are cut. */
#include "src/view/info.h"

#include <stdlib.h>
#include <string.h>

static bool read_fixed(struct view_cur *c, uint64_t form, uint64_t *out)
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
			*out = view_fixed(c, sizes[i].bytes);
			return true;
		}
	return false;
}

static void read_form(struct view_cur *c, const struct view_unit *u, uint64_t form, struct view_attribute *v)
{
	v->is_addrx = form == FORM_ADDRX || (form >= FORM_ADDRX1 && form <= FORM_ADDRX4);
	v->number_at = c->at;
	if (read_fixed(c, form, &v->number))
		return;
	switch (form) {
	case FORM_STRP: case FORM_SEC_OFFSET: case FORM_LINE_STRP: case FORM_STRP_SUP: case FORM_REF_ADDR:
		v->number = view_fixed(c, u->offset_bytes);
		break;
	case FORM_UDATA: case FORM_SDATA: case FORM_REF_UDATA: case FORM_STRX: case FORM_ADDRX: case FORM_LOCLISTX: case FORM_RNGLISTX:
		v->number = view_uleb(c);
		break;
	case FORM_STRING:
		view_skip_string(c);
		break;
	case FORM_FLAG_PRESENT: case FORM_IMPLICIT_CONST:
		break;
	case FORM_BLOCK1: case FORM_BLOCK2: case FORM_BLOCK4: case FORM_BLOCK: case FORM_EXPRLOC:
		v->block_n = form == FORM_BLOCK1 ? view_fixed(c, 1) : form == FORM_BLOCK2 ? view_fixed(c, 2) : form == FORM_BLOCK4 ? view_fixed(c, 4) : view_uleb(c);
		v->block_at = c->at;
		v->is_block = form == FORM_EXPRLOC; /* the others are constants */
		view_skip(c, v->block_n);
		break;
	default:
		c->bad = true;
	}
}

bool view_next_attribute(struct view_cur *c, struct view_cur *list, const struct view_unit *u, struct view_attribute *a)
{
	uint64_t constant = 0;
	*a = (struct view_attribute){ .name = view_uleb(list) };
	a->form = view_uleb(list);
	if (a->form == FORM_IMPLICIT_CONST)
		constant = view_uleb(list);
	if (list->bad || (!a->name && !a->form))
		return false;
	a->at = c->at;
	if (a->form == FORM_INDIRECT)
		a->form = view_uleb(c);
	read_form(c, u, a->form, a);
	if (a->form == FORM_IMPLICIT_CONST)
		a->number = constant;
	a->end = c->at;
	return !c->bad;
}

size_t view_target_of(const struct view_unit *u, const struct view_attribute *a)
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

bool view_is_list_attribute(uint64_t name)
{
	static const uint8_t names[] = { AT_LOCATION, 0x19, 0x2a, 0x38, AT_FRAME_BASE, 0x46, 0x48, 0x4a, 0x4d };
	for (size_t i = 0; i < sizeof names; i++)
		if (names[i] == name)
			return true;
	return false;
}

/* ------------------------------------------------------------------ abbreviations */

bool view_read_decls(struct view_info *s, struct view_unit *u)
{
	struct view_cur c = { s->d->abbrev.data, u->abbrev, s->d->abbrev.n, u->abbrev > s->d->abbrev.n };
	size_t room = 0;
	while (!c.bad) {
		struct view_decl a = { .code = 0 };
		u->abbrev_end = c.at;
		a.code = view_uleb(&c);
		if (!a.code)
			break;
		a.tag = view_uleb(&c);
		a.children = view_fixed(&c, 1);
		a.list = c.at;
		for (;;) {
			a.tail = c.at;
			uint64_t at = view_uleb(&c), form = view_uleb(&c);
			a.convention |= at == AT_CONVENTION;
			if (at == AT_CONST_VALUE && (a.tag == TAG_VARIABLE || a.tag == TAG_PARAMETER) && s->d->abbrev.data[a.tail] == AT_CONST_VALUE)
				a.constant = a.tail;
			if (form == FORM_IMPLICIT_CONST)
				view_uleb(&c);
			if (c.bad || (!at && !form))
				break;
		}
		struct view_decl *grown = view_grow(s, u->abbrevs, &u->n_abbrevs, &room, sizeof a);
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

const struct view_decl *view_decl_of(const struct view_unit *u, uint64_t code)
{
	if (code <= u->n_abbrevs && u->abbrevs[code - 1].code == code)
		return &u->abbrevs[code - 1];
	for (size_t i = 0; i < u->n_abbrevs; i++)
		if (u->abbrevs[i].code == code)
			return &u->abbrevs[i];
	return NULL;
}
