#include "protocol/ptid.h"

#include <inttypes.h>

static bool cut_number(struct rsp_cursor *c, int64_t *value)
{
	if (rsp_cut_text(c, "-1")) {
		*value = -1;
		return true;
	}
	struct rsp_cursor at = *c;
	uint64_t v;
	if (!rsp_cut_hex(&at, &v) || v > INT64_MAX)
		return false;
	*c = at;
	*value = (int64_t)v;
	return true;
}

bool rsp_ptid_cut(struct rsp_cursor *c, struct rsp_ptid *id)
{
	struct rsp_cursor at = *c;
	struct rsp_ptid got = { 0, -1 };
	if (rsp_cut_char(&at, 'p')) {
		if (!cut_number(&at, &got.pid))
			return false;
		if (rsp_cut_char(&at, '.') && !cut_number(&at, &got.tid))
			return false;
		/* One thread of all processes means nothing. */
		if (got.pid == -1 && got.tid != -1)
			return false;
	} else {
		if (!cut_number(&at, &got.tid))
			return false;
		got.pid = got.tid == -1 ? -1 : 0;
	}
	*c = at;
	*id = got;
	return true;
}

static void append_number(struct rsp_buf *out, int64_t value)
{
	char digits[2 * sizeof value], *first = digits + sizeof digits;
	uint64_t left = (uint64_t)value;
	if (value < 0) {
		rsp_buf_puts(out, "-1");
		return;
	}
	do
		*--first = "0123456789abcdef"[left % 16];
	while (left /= 16);
	rsp_buf_add(out, first, (size_t)(digits + sizeof digits - first));
}

void rsp_ptid_append(struct rsp_buf *out, struct rsp_ptid id, bool multiprocess)
{
	if (multiprocess) {
		rsp_buf_puts(out, "p");
		append_number(out, id.pid);
		rsp_buf_puts(out, ".");
	}
	append_number(out, id.tid);
}

bool rsp_ptid_concrete(struct rsp_ptid id)
{
	return id.pid > 0 && id.tid > 0;
}
