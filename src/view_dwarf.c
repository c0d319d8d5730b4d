#include "src/view_dwarf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	AT_LOCATION = 0x02, AT_BYTE_SIZE = 0x0b, AT_LOW_PC = 0x11, AT_HIGH_PC = 0x12, AT_LANGUAGE = 0x13, AT_ADDRESS_CLASS = 0x33, AT_ENCODING = 0x3e,
	AT_TYPE = 0x49, AT_FRAME_BASE = 0x40, AT_ADDR_BASE = 0x73,
	TAG_POINTER = 0x0f, TAG_REFERENCE = 0x10, TAG_BASE_TYPE = 0x24, TAG_SUBPROGRAM = 0x2e, TAG_RVALUE_REFERENCE = 0x42,
	LANG_OPENCL = 0x15, LANG_CPP_FOR_OPENCL = 0x37, ENCODING_ADDRESS = 0x01, SPACE_PRIVATE = 1, SPACE_LOCAL = 2,
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

struct unit {
	unsigned version, addr_bytes, offset_bytes;
	uint64_t abbrev;    /* offset of its table */
	uint64_t addr_base;
	bool opencl;
	size_t depth;          /* of the entry being read: 0 the unit's own */
	size_t function;       /* offset of the function the entry is in; 0 none */
	size_t function_depth;
};

/* What one attribute turned out to be; kept only as far as functions need it. */
struct value {
	uint64_t number;
	bool is_addrx, is_addr, is_expr;
	size_t expr_at, expr_n;
};

/* Reads one attribute of `form`. */
static void read_form(struct cur *c, const struct unit *u, uint64_t form, struct value *v)
{
	static const struct {
		uint8_t form, bytes; /* fixed sizes that do not depend on the unit */
	} sizes[] = {
		{ FORM_DATA1, 1 }, { FORM_FLAG, 1 }, { FORM_REF1, 1 }, { FORM_STRX1, 1 }, { FORM_ADDRX1, 1 }, { FORM_DATA2, 2 }, { FORM_REF2, 2 },
		{ FORM_STRX2, 2 }, { FORM_ADDRX2, 2 }, { FORM_STRX3, 3 }, { FORM_ADDRX3, 3 }, { FORM_DATA4, 4 }, { FORM_REF4, 4 }, { FORM_STRX4, 4 },
		{ FORM_ADDRX4, 4 }, { FORM_REF_SUP4, 4 }, { FORM_DATA8, 8 }, { FORM_REF8, 8 }, { FORM_REF_SIG8, 8 }, { FORM_REF_SUP8, 8 },
		{ FORM_DATA16, 16 },
	};
	*v = (struct value){ .is_addr = form == FORM_ADDR };
	v->is_addrx = form == FORM_ADDRX || (form >= FORM_ADDRX1 && form <= FORM_ADDRX4);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (sizes[i].form == form) {
			v->number = fixed(c, sizes[i].bytes);
			return;
		}
	switch (form) {
	case FORM_ADDR:
		v->number = fixed(c, u->addr_bytes);
		break;
	case FORM_STRP: case FORM_SEC_OFFSET: case FORM_LINE_STRP: case FORM_STRP_SUP:
		v->number = fixed(c, u->offset_bytes);
		break;
	case FORM_REF_ADDR:
		v->number = fixed(c, u->version < 3 ? u->addr_bytes : u->offset_bytes);
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
		v->expr_n = form == FORM_BLOCK1 ? fixed(c, 1) : form == FORM_BLOCK2 ? fixed(c, 2) : form == FORM_BLOCK4 ? fixed(c, 4) : uleb(c);
		v->expr_at = c->at;
		/* Blocks hold expressions only up to version 3; later they are constants. */
		v->is_expr = form == FORM_EXPRLOC || u->version < 4;
		skip(c, v->expr_n);
		break;
	default:
		c->bad = true;
	}
}

/* ------------------------------------------------------------------ abbreviations */

/* Position of the attribute list of abbreviation `code`; false when the table has none. Tables are short: a scan is enough, and the last hit
 * is where the next search begins when the codes follow each other. */
static bool find_abbrev(const struct view_dwarf *d, const struct unit *u, uint64_t code, uint64_t *tag, bool *children, struct cur *list)
{
	struct cur c = { d->abbrev.data, u->abbrev, d->abbrev.n, u->abbrev > d->abbrev.n };
	while (!c.bad) {
		uint64_t now = uleb(&c);
		if (!now)
			return false;
		*tag = uleb(&c);
		*children = fixed(&c, 1);
		if (now == code) {
			*list = c;
			return !c.bad;
		}
		for (;;) {
			uint64_t at = uleb(&c), form = uleb(&c);
			if (form == FORM_IMPLICIT_CONST)
				uleb(&c);
			if (c.bad || (!at && !form))
				break;
		}
	}
	return false;
}

/* ------------------------------------------------------------------ entries */

static bool indexed_address(const struct view_dwarf *d, const struct unit *u, uint64_t index, uint64_t *out)
{
	if (index > d->addr.n / u->addr_bytes)
		return false;
	uint64_t at = u->addr_base + index * u->addr_bytes;
	struct cur c = { d->addr.data, at, d->addr.n, at > d->addr.n };
	*out = fixed(&c, u->addr_bytes);
	return !c.bad;
}

static bool address(const struct view_dwarf *d, const struct unit *u, const struct value *v, uint64_t *out)
{
	if (v->is_addrx)
		return indexed_address(d, u, v->number, out);
	*out = v->number;
	return v->is_addr;
}

struct entry {
	struct value low, high;
	bool has_low, has_high, has_base;
	int base_sgpr;
	bool has_class;    /* a pointer with an address class */
	size_t type_end;   /* end of its type attribute, 0 none */
	uint8_t type_form; /* form of a constant of that size */
};

/* ------------------------------------------------------------------ LDS */

/* A variable in LDS, whose location is rewritten when all of them are known. */
struct view_local {
	size_t at, n;          /* its expression in .debug_info */
	size_t function;
	bool opencl;
};

static bool add_local(struct view_dwarf *d, const struct unit *u, const struct value *v)
{
	struct view_local *grown = realloc(d->locals, (d->n_locals + 1) * sizeof *grown);
	if (!grown)
		return false;
	d->locals = grown;
	grown[d->n_locals++] = (struct view_local){ v->expr_at, v->expr_n, u->function, u->opencl };
	return true;
}

/* Linkers leave 0 as the address of every variable in LDS, whatever its place. It is true for the only one of a kernel. OpenCL declares them in
 * kernels alone, so that those of other kernels are no company; elsewhere any function may use any of them. */
static bool alone(const struct view_dwarf *d, const struct view_local *l)
{
	for (size_t i = 0; i < d->n_locals; i++) {
		const struct view_local *other = &d->locals[i];
		if (other != l && !(l->opencl && other->opencl && l->function && other->function && l->function != other->function))
			return false;
	}
	return true;
}

static void rewrite_locals(struct view_dwarf *d)
{
	for (size_t i = 0; i < d->n_locals; i++) {
		const struct view_local *l = &d->locals[i];
		if (alone(d, l))
			view_expr_rewrite(d->info.data + l->at, l->n, 0, NULL);
		else
			view_expr_hide(d->info.data + l->at, l->n);
	}
	free(d->locals);
	d->locals = NULL;
	d->n_locals = 0;
}

/* ------------------------------------------------------------------ pointers */

static bool is_pointer(uint64_t tag)
{
	return tag == TAG_POINTER || tag == TAG_REFERENCE || tag == TAG_RVALUE_REFERENCE;
}

/* The form of a constant of the same size as this constant or reference; 0: of no fixed size. */
static uint8_t data_form(const struct unit *u, uint64_t form)
{
	switch (form) {
	case FORM_DATA1: case FORM_REF1:
		return FORM_DATA1;
	case FORM_DATA2: case FORM_REF2:
		return FORM_DATA2;
	case FORM_DATA4: case FORM_REF4:
		return FORM_DATA4;
	case FORM_DATA8: case FORM_REF8:
		return FORM_DATA8;
	case FORM_REF_ADDR:
		return u && u->offset_bytes == 4 && u->version >= 3 ? FORM_DATA4 : 0;
	default:
		return 0;
	}
}

static void put_data(uint8_t *end, uint8_t form, uint8_t value)
{
	size_t n = form == FORM_DATA1 ? 1 : form == FORM_DATA2 ? 2 : form == FORM_DATA4 ? 4 : 8;
	memset(end - n, 0, n);
	end[-(ptrdiff_t)n] = value;
}

/* One attribute of a pointer (size_pointer below): `end` is behind its value. */
static void take_pointer(struct view_dwarf *d, const struct unit *u, uint64_t at, uint64_t form, uint64_t value, size_t end, struct entry *e)
{
	uint8_t constant = data_form(u, form);
	if (at == AT_TYPE && constant) {
		e->type_end = end;
		e->type_form = constant;
	}
	if (at == AT_ADDRESS_CLASS && constant) {
		put_data(d->info.data + end, constant, value == SPACE_PRIVATE || value == SPACE_LOCAL ? 4 : 8);
		e->has_class = true;
	}
}

/* Pointers to LDS and to private memory have four bytes. Compilers tell so by an address class only, which the client takes no notice of, and it
 * knows but one size for all pointers to a type. So these become a kind of their own: a base type of the encoding "address", of four bytes.
 * The values change as entries are read, their names in the abbreviations when all have been. */
static void size_pointer(struct view_dwarf *d, const struct entry *e)
{
	if (e->has_class && e->type_end)
		put_data(d->info.data + e->type_end, e->type_form, ENCODING_ADDRESS);
}

/* Renames what one abbreviation has; its attributes begin at `c`. */
static void rename_attributes(struct cur c, uint8_t *tag)
{
	static const struct unit any = { .version = 5, .offset_bytes = 4 };
	while (!c.bad) {
		uint8_t *name = c.p + c.at;
		uint64_t at = uleb(&c);
		uint8_t *how = c.p + c.at;
		uint64_t form = uleb(&c);
		if (form == FORM_IMPLICIT_CONST)
			uleb(&c);
		if (c.bad || (!at && !form))
			return;
		uint8_t constant = data_form(&any, form);
		if (at == AT_ADDRESS_CLASS && constant) {
			*name = AT_BYTE_SIZE;
			*tag = TAG_BASE_TYPE;
		}
		if (at == AT_TYPE && constant) {
			*name = AT_ENCODING;
			*how = constant;
		}
	}
}

static bool rename_pointers(struct view_dwarf *d)
{
	struct cur c = { d->abbrev.data, 0, d->abbrev.n, false };
	while (!c.bad && c.at < c.end) {
		if (!uleb(&c))
			continue; /* the end of a unit's table */
		size_t tag_at = c.at;
		uint64_t tag = uleb(&c);
		fixed(&c, 1);
		struct cur list = c;
		bool has_class = false;
		for (;;) {
			uint64_t at = uleb(&c), form = uleb(&c);
			if (form == FORM_IMPLICIT_CONST)
				uleb(&c);
			if (c.bad || (!at && !form))
				break;
			has_class |= at == AT_ADDRESS_CLASS && data_form(NULL, form);
		}
		if (!c.bad && has_class && is_pointer(tag))
			rename_attributes(list, d->abbrev.data + tag_at);
	}
	return !c.bad;
}

/* ------------------------------------------------------------------ functions */

static void add_function(struct view_dwarf *d, const struct unit *u, const struct entry *e)
{
	uint64_t low, high;
	if (!e->has_low || !e->has_high || !e->has_base || !address(d, u, &e->low, &low))
		return;
	if (!address(d, u, &e->high, &high))
		high = low + e->high.number;
	struct view_function *grown = realloc(d->functions, (d->n_functions + 1) * sizeof *grown);
	if (!grown)
		return; /* its variables are then not shown */
	d->functions = grown;
	grown[d->n_functions++] = (struct view_function){ low, high, e->base_sgpr };
}

static bool take_attribute(struct view_dwarf *d, struct unit *u, uint64_t at, const struct value *v, struct entry *e)
{
	switch (at) {
	case AT_LANGUAGE:
		u->opencl = v->number == LANG_OPENCL || v->number == LANG_CPP_FOR_OPENCL;
		break;
	case AT_LOW_PC:
		e->low = *v;
		e->has_low = true;
		break;
	case AT_HIGH_PC:
		e->high = *v;
		e->has_high = true;
		break;
	case AT_ADDR_BASE:
		u->addr_base = v->number;
		break;
	case AT_FRAME_BASE:
		e->has_base = v->is_expr;
		break;
	default:
		break;
	}
	if (!v->is_expr)
		return true;
	if (at == AT_LOCATION && view_expr_is_local(d->info.data + v->expr_at, v->expr_n))
		return add_local(d, u, v);
	view_expr_rewrite(d->info.data + v->expr_at, v->expr_n, at == AT_FRAME_BASE, at == AT_FRAME_BASE ? &e->base_sgpr : NULL);
	return true;
}

/* Where in the tree the next entry is. */
static void place(struct unit *u, uint64_t tag, bool children, size_t at)
{
	if (!children)
		return;
	if (tag == TAG_SUBPROGRAM && !u->function) {
		u->function = at;
		u->function_depth = u->depth;
	}
	u->depth++;
}

static void leave(struct unit *u)
{
	if (u->depth)
		u->depth--;
	if (u->function && u->depth == u->function_depth)
		u->function = 0;
}

static bool read_entry(struct view_dwarf *d, struct unit *u, struct cur *c)
{
	struct cur list;
	size_t start = c->at;
	uint64_t tag, code = uleb(c);
	bool children;
	struct entry e = { .base_sgpr = -1 };
	if (!code) {
		leave(u);
		return !c->bad;
	}
	if (!find_abbrev(d, u, code, &tag, &children, &list))
		return false;
	for (;;) {
		struct value v;
		uint64_t at = uleb(&list), form = uleb(&list);
		if (form == FORM_IMPLICIT_CONST)
			uleb(&list);
		if (list.bad)
			return false;
		if (!at && !form)
			break;
		if (form == FORM_INDIRECT)
			form = uleb(c);
		read_form(c, u, form, &v);
		if (c->bad)
			return false;
		if (is_pointer(tag))
			take_pointer(d, u, at, form, v.number, c->at, &e);
		if (!take_attribute(d, u, at, &v, &e))
			return false;
	}
	size_pointer(d, &e);
	place(u, tag, children, start);
	if (tag == TAG_SUBPROGRAM)
		add_function(d, u, &e);
	return true;
}

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

static bool read_unit(struct view_dwarf *d, struct cur *all)
{
	struct unit u = { 0 };
	uint64_t n = unit_length(all, &u.offset_bytes);
	if (all->bad)
		return false;
	struct cur c = { all->p, all->at, all->at + n, false };
	skip(all, n);
	u.version = (unsigned)fixed(&c, 2);
	if (u.version >= 5) {
		unsigned type = (unsigned)fixed(&c, 1);
		u.addr_bytes = (unsigned)fixed(&c, 1);
		u.abbrev = fixed(&c, u.offset_bytes);
		if (type == UT_SKELETON || type == UT_SPLIT_COMPILE)
			skip(&c, 8);
		if (type == UT_TYPE || type == UT_SPLIT_TYPE)
			skip(&c, 8 + u.offset_bytes);
	} else {
		u.abbrev = fixed(&c, u.offset_bytes);
		u.addr_bytes = (unsigned)fixed(&c, 1);
	}
	if (c.bad || u.version < 2 || u.version > 5 || u.addr_bytes != 8)
		return false;
	while (c.at < c.end)
		if (!read_entry(d, &u, &c))
			return false;
	return true;
}

/* ------------------------------------------------------------------ location lists */

static bool rewrite_counted(struct cur *c, uint64_t n)
{
	size_t at = c->at;
	skip(c, n);
	if (c->bad)
		return false;
	view_expr_rewrite(c->p + at, n, 0, NULL);
	return true;
}

/* .debug_loc: every list one after another, so that no reference to one is needed. */
static bool rewrite_loc(struct view_dwarf *d)
{
	struct cur c = { d->loc.data, 0, d->loc.n, false };
	while (c.at < c.end) {
		uint64_t low = fixed(&c, 8), high = fixed(&c, 8);
		if (c.bad)
			return false;
		if ((!low && !high) || low == UINT64_MAX)
			continue;
		if (!rewrite_counted(&c, fixed(&c, 2)))
			return false;
	}
	return true;
}

/* One table of .debug_loclists (DWARF 5, 7.29): offsets, then lists one after another. */
static bool rewrite_loclists_table(struct cur *c, unsigned offset_bytes)
{
	enum { LLE_END, LLE_BASE_ADDRESSX, LLE_STARTX_ENDX, LLE_STARTX_LENGTH, LLE_OFFSET_PAIR, LLE_DEFAULT, LLE_BASE_ADDRESS, LLE_START_END,
		LLE_START_LENGTH };
	unsigned version = (unsigned)fixed(c, 2), addr_bytes = (unsigned)fixed(c, 1);
	fixed(c, 1);
	uint64_t offsets = fixed(c, 4);
	if (version != 5 || addr_bytes != 8)
		return false;
	skip(c, offsets * offset_bytes);
	while (!c->bad && c->at < c->end) {
		switch (fixed(c, 1)) {
		case LLE_END:
			continue;
		case LLE_BASE_ADDRESSX:
			uleb(c);
			continue;
		case LLE_BASE_ADDRESS:
			skip(c, 8);
			continue;
		case LLE_STARTX_ENDX:
		case LLE_STARTX_LENGTH:
		case LLE_OFFSET_PAIR:
			uleb(c);
			uleb(c);
			break;
		case LLE_DEFAULT:
			break;
		case LLE_START_END:
			skip(c, 16);
			break;
		case LLE_START_LENGTH:
			skip(c, 8);
			uleb(c);
			break;
		default:
			return false;
		}
		if (!rewrite_counted(c, uleb(c)))
			return false;
	}
	return !c->bad;
}

static bool rewrite_loclists(struct view_dwarf *d)
{
	struct cur all = { d->loclists.data, 0, d->loclists.n, false };
	while (all.at < all.end) {
		unsigned offset_bytes;
		uint64_t n = unit_length(&all, &offset_bytes);
		if (all.bad)
			return false;
		struct cur c = { all.p, all.at, all.at + n, false };
		skip(&all, n);
		if (!rewrite_loclists_table(&c, offset_bytes))
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

int view_dwarf_rewrite(struct view_dwarf *d, struct dbg_error *err)
{
	struct cur all = { d->info.data, 0, d->info.n, false };
	bool whole = true;
	while (whole && all.at < all.end)
		whole = read_unit(d, &all);
	rewrite_locals(d);
	if (!whole || !rename_pointers(d))
		return dbg_fail(err, DBG_REFUSED, "debug information is damaged or of an unknown kind near offset 0x%zx", all.at);
	if (!rewrite_loc(d) || !rewrite_loclists(d))
		return dbg_fail(err, DBG_REFUSED, "location lists are damaged");
	rewrite_producer(&d->str);
	rewrite_producer(&d->line_str);
	if (d->functions)
		qsort(d->functions, d->n_functions, sizeof *d->functions, by_low);
	return 0;
}
