/* A growing byte buffer with an upper bound. */
#ifndef PROTOCOL_BUF_H
#define PROTOCOL_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct rsp_buf {
	char *data;
	size_t len, cap;
	size_t limit; /* 0 = none; an append that would pass it sets `failed` and changes nothing */
	bool failed;  /* sticky: out of memory or over the limit */
};

void rsp_buf_init(struct rsp_buf *b, size_t limit);
void rsp_buf_deinit(struct rsp_buf *b);
void rsp_buf_clear(struct rsp_buf *b); /* keeps the storage, clears `failed` */
void rsp_buf_add(struct rsp_buf *b, const void *bytes, size_t n);
/* Room for n more bytes at data + len, for writing in place; add what was written to len. NULL (and `failed`) when there is none. */
char *rsp_buf_reserve(struct rsp_buf *b, size_t n);
void rsp_buf_puts(struct rsp_buf *b, const char *text);
void rsp_buf_printf(struct rsp_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
