#include "protocol/cursor.h"

#include <string.h>

#include "protocol/hex.h"

bool rsp_cut_char(struct rsp_cursor *c, char want)
{
	if (c->p == c->end || *c->p != want)
		return false;
	c->p++;
	return true;
}

bool rsp_cut_text(struct rsp_cursor *c, const char *want)
{
	size_t n = strlen(want);
	if (rsp_left(c) < n || memcmp(c->p, want, n) != 0)
		return false;
	c->p += n;
	return true;
}

bool rsp_cut_hex(struct rsp_cursor *c, uint64_t *value)
{
	uint64_t v = 0;
	char *p = c->p;
	for (; p < c->end; p++) {
		int digit = rsp_hex_digit(*p);
		if (digit < 0)
			break;
		if (v >> 60)
			return false;
		v = v << 4 | (unsigned)digit;
	}
	if (p == c->p)
		return false;
	c->p = p;
	*value = v;
	return true;
}

void rsp_cut_until(struct rsp_cursor *c, char stop, char **text, size_t *n)
{
	*text = c->p;
	char *at = rsp_left(c) ? memchr(c->p, stop, rsp_left(c)) : NULL;
	c->p = at ? at : c->end;
	*n = (size_t)(c->p - *text);
}
