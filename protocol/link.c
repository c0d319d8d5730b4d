#include "protocol/link.h"

#include <stdint.h>
#include <string.h>

#include "protocol/hex.h"

void rsp_link_init(struct rsp_link *l)
{
	*l = (struct rsp_link){ .noack = false };
	rsp_buf_init(&l->out, 0);
	rsp_buf_init(&l->kept, 0);
}

void rsp_link_deinit(struct rsp_link *l)
{
	rsp_buf_deinit(&l->out);
	rsp_buf_deinit(&l->kept);
}

static void frame(struct rsp_buf *to, char mark, const void *payload, size_t n, bool binary)
{
	size_t start = to->len;
	rsp_buf_add(to, &mark, 1);
	if (binary)
		rsp_buf_add(to, payload, n);
	else
		rsp_rle_append(to, payload, n);
	if (to->failed)
		return;
	uint8_t sum = rsp_checksum(to->data + start + 1, to->len - start - 1);
	rsp_buf_add(to, "#", 1);
	rsp_hex_append(to, &sum, 1);
	/* Half a packet must never go out. */
	if (to->failed)
		to->len = start;
}

/* Length of the first packet of `kept`: `#` occurs nowhere else in a packet. */
static size_t first_length(const struct rsp_link *l)
{
	const char *first = l->kept.data + l->acked;
	const char *hash = memchr(first, '#', l->kept.len - l->acked);
	return hash ? (size_t)(hash - first) + 3 : 0;
}

static void put_first(struct rsp_link *l)
{
	rsp_buf_add(&l->out, l->kept.data + l->acked, first_length(l));
	l->waiting = true;
}

static void drop_first(struct rsp_link *l)
{
	l->acked += first_length(l);
	l->waiting = false;
	if (l->acked == l->kept.len) {
		bool failed = l->kept.failed;
		rsp_buf_clear(&l->kept);
		l->kept.failed = failed;
		l->acked = 0;
	}
}

void rsp_link_packet(struct rsp_link *l, const void *payload, size_t n, bool binary)
{
	/* With acknowledgements just turned off, the answer that agreed to it may still wait for its `+`. */
	if (l->noack && !l->waiting) {
		frame(&l->out, '$', payload, n, binary);
		return;
	}
	frame(&l->kept, '$', payload, n, binary);
	if (!l->waiting && !l->kept.failed)
		put_first(l);
}

void rsp_link_notification(struct rsp_link *l, const void *payload, size_t n)
{
	frame(&l->out, '%', payload, n, false);
}

void rsp_link_control(struct rsp_link *l, char c)
{
	rsp_buf_add(&l->out, &c, 1);
}

void rsp_link_ack(struct rsp_link *l)
{
	if (!l->waiting)
		return;
	drop_first(l);
	if (l->noack)
		rsp_link_settle(l);
	else if (l->kept.len)
		put_first(l);
}

void rsp_link_nack(struct rsp_link *l)
{
	/* Only what went out whole can have arrived damaged; this also bounds what a stream of `-` can make us hold. */
	if (l->waiting && l->gone == l->out.len)
		put_first(l);
}

void rsp_link_settle(struct rsp_link *l)
{
	if (l->waiting)
		drop_first(l);
	while (l->kept.len) {
		put_first(l);
		drop_first(l);
	}
}

const void *rsp_link_output(const struct rsp_link *l, size_t *n)
{
	*n = l->out.len - l->gone;
	return *n ? l->out.data + l->gone : NULL;
}

void rsp_link_sent(struct rsp_link *l, size_t n)
{
	size_t left = l->out.len - l->gone;
	l->gone += n < left ? n : left;
	if (l->gone == l->out.len) {
		bool failed = l->out.failed;
		rsp_buf_clear(&l->out);
		l->out.failed = failed;
		l->gone = 0;
	}
}

bool rsp_link_broken(const struct rsp_link *l)
{
	return l->out.failed || l->kept.failed;
}
