#include "protocol/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rsp_buf_init(struct rsp_buf *b, size_t limit)
{
	*b = (struct rsp_buf){ .limit = limit };
}

void rsp_buf_deinit(struct rsp_buf *b)
{
	free(b->data);
	*b = (struct rsp_buf){ .limit = b->limit };
}

void rsp_buf_clear(struct rsp_buf *b)
{
	b->len = 0;
	b->failed = false;
}

char *rsp_buf_reserve(struct rsp_buf *b, size_t n)
{
	if (b->failed)
		return NULL;
	if (n > SIZE_MAX / 2 - b->len || (b->limit && b->len + n > b->limit)) {
		b->failed = true;
		return NULL;
	}
	size_t need = b->len + n;
	if (need > b->cap || !b->data) {
		size_t cap = b->cap ? b->cap : 64;
		while (cap < need)
			cap *= 2;
		char *data = realloc(b->data, cap);
		if (!data) {
			b->failed = true;
			return NULL;
		}
		b->data = data;
		b->cap = cap;
	}
	return b->data + b->len;
}

void rsp_buf_add(struct rsp_buf *b, const void *bytes, size_t n)
{
	if (!n)
		return;
	char *to = rsp_buf_reserve(b, n);
	if (!to)
		return;
	memcpy(to, bytes, n);
	b->len += n;
}

void rsp_buf_puts(struct rsp_buf *b, const char *text)
{
	rsp_buf_add(b, text, strlen(text));
}

void rsp_buf_printf(struct rsp_buf *b, const char *fmt, ...)
{
	va_list ap;
	/* Nearly always it fits into what is there. */
	size_t room = b->failed ? 0 : b->cap - b->len;
	va_start(ap, fmt);
	int n = vsnprintf(room ? b->data + b->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if ((size_t)n < room && (!b->limit || b->len + (size_t)n <= b->limit)) {
		b->len += (size_t)n;
		return;
	}
	/* The ending NUL is written by vsnprintf, so room for it is needed although it is no part of the content; it may not fit the
	 * limit, hence the copy on the side. */
	char small[256], *text = small;
	if ((size_t)n >= sizeof(small) && !(text = malloc((size_t)n + 1))) {
		b->failed = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	rsp_buf_add(b, text, (size_t)n);
	if (text != small)
		free(text);
}
