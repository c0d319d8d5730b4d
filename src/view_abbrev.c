/* Functions of the GPU do not follow the carrier's calling convention: their results are not in its registers. Debuggers believe the attribute
 * that says so, and then show no result and call no function. It costs no bytes in .debug_info when its value stands in the abbreviation. */
#include "src/view_abbrev.h"

#include <stdlib.h>
#include <string.h>

enum { TAG_SUBPROGRAM = 0x2e, TAG_SUBROUTINE_TYPE = 0x15, AT_CALLING_CONVENTION = 0x36, FORM_IMPLICIT_CONST = 0x21, CC_NOCALL = 3 };

static bool uleb(const uint8_t *p, size_t n, size_t *at, uint64_t *out)
{
	uint64_t v = 0;
	for (unsigned shift = 0; *at < n && shift < 63; shift += 7) {
		uint8_t byte = p[(*at)++];
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*out = v;
			return true;
		}
	}
	return false;
}

/* Copies one declaration, the attribute added where it belongs. False: damaged. */
static bool declaration(const uint8_t *p, size_t n, size_t *at, uint8_t *out, size_t *out_n)
{
	static const uint8_t extra[] = { AT_CALLING_CONVENTION, FORM_IMPLICIT_CONST, CC_NOCALL };
	size_t start = *at;
	uint64_t code, tag, name, form, skipped;
	bool has_one = false;
	if (!uleb(p, n, at, &code))
		return false;
	if (code) {
		if (!uleb(p, n, at, &tag) || *at >= n)
			return false;
		++*at; /* children */
		for (;;) {
			size_t here = *at;
			if (!uleb(p, n, at, &name) || !uleb(p, n, at, &form) || (form == FORM_IMPLICIT_CONST && !uleb(p, n, at, &skipped)))
				return false;
			has_one |= name == AT_CALLING_CONVENTION;
			if (name || form)
				continue;
			memcpy(out + *out_n, p + start, here - start);
			*out_n += here - start;
			start = here;
			if ((tag == TAG_SUBPROGRAM || tag == TAG_SUBROUTINE_TYPE) && !has_one) {
				memcpy(out + *out_n, extra, sizeof extra);
				*out_n += sizeof extra;
			}
			break;
		}
	}
	memcpy(out + *out_n, p + start, *at - start);
	*out_n += *at - start;
	return true;
}

int view_abbrev_mark(const uint8_t *abbrev, size_t n, struct view_abbrev *out, struct dbg_error *err)
{
	size_t at = 0;
	/* the shortest declaration has five bytes and gets three more */
	*out = (struct view_abbrev){ .data = malloc(2 * n + 16), .moved = calloc(n + 1, sizeof *out->moved) };
	if (!out->data || !out->moved) {
		view_abbrev_free(out);
		return dbg_fail(err, DBG_INTERNAL, "out of memory for abbreviations");
	}
	out->old_n = n;
	while (at < n) {
		out->moved[at] = out->n;
		if (!declaration(abbrev, n, &at, out->data, &out->n)) {
			view_abbrev_free(out);
			return dbg_fail(err, DBG_REFUSED, "abbreviations are damaged near offset 0x%zx", at);
		}
	}
	out->moved[n] = out->n;
	return 0;
}

void view_abbrev_free(struct view_abbrev *a)
{
	free(a->data);
	free(a->moved);
	*a = (struct view_abbrev){ 0 };
}

static uint64_t fixed(const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

/* Points the header of each unit to where its table is now. With set false only looks whether that can be done. */
static bool walk_units(const struct view_abbrev *a, uint8_t *info, size_t n, bool set)
{
	size_t at = 0;
	while (at < n) {
		size_t width = 4, begin = at;
		if (n - at < 4)
			return false;
		uint64_t bytes = fixed(info + at, 4);
		at += 4;
		if (bytes == 0xffffffff) {
			if (n - at < 8)
				return false;
			width = 8;
			bytes = fixed(info + at, 8);
			at += 8;
		}
		if (bytes > n - at || bytes < 4)
			return false;
		size_t field = at + (fixed(info + at, 2) >= 5 ? 4 : 2);
		if (field + width > at + bytes)
			return false;
		uint64_t old = fixed(info + field, width);
		if (old > a->old_n || (old && !a->moved[old]) || begin > at)
			return false;
		for (size_t i = 0; set && i < width; i++)
			info[field + i] = (uint8_t)((uint64_t)a->moved[old] >> 8 * i);
		at += bytes;
	}
	return true;
}

int view_abbrev_apply(const struct view_abbrev *a, uint8_t *info, size_t n, struct dbg_error *err)
{
	if (!walk_units(a, info, n, false))
		return dbg_fail(err, DBG_REFUSED, "a unit names a table of abbreviations that is not there");
	walk_units(a, info, n, true);
	return 0;
}
