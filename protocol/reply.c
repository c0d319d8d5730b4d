#include "protocol/reply.h"

#include <string.h>

#include "protocol/hex.h"

void rsp_reply_init(struct rsp_reply *r, size_t packet_size)
{
	*r = (struct rsp_reply){ .binary = false };
	rsp_buf_init(&r->out, packet_size);
}

void rsp_reply_deinit(struct rsp_reply *r)
{
	rsp_buf_deinit(&r->out);
}

void rsp_reply_begin(struct rsp_reply *r)
{
	rsp_buf_clear(&r->out);
	r->binary = false;
	r->err.class = RSP_OK;
	r->err.text[0] = '\0';
}

size_t rsp_reply_binary(struct rsp_reply *r, const void *bytes, size_t n)
{
	r->binary = true;
	/* Twice n is enough even if every byte is escaped; the limit may leave less. */
	size_t room = r->out.limit - r->out.len;
	if (n < room / 2)
		room = 2 * n;
	char *to = n ? rsp_buf_reserve(&r->out, room) : NULL;
	if (!to)
		return 0;
	size_t used;
	size_t taken = rsp_escape(to, room, bytes, n, &used);
	r->out.len += used;
	return taken;
}

/* Error text goes out as plain text, where framing and run lengths have their own characters. */
static void append_plain(struct rsp_buf *out, const char *text)
{
	for (; *text; text++) {
		char c = *text < ' ' || *text > '~' || strchr("#$*}", *text) ? '?' : *text;
		rsp_buf_add(out, &c, 1);
	}
}

static void put_error(struct rsp_reply *r, int class, bool text)
{
	if (class == RSP_UNSUPPORTED)
		return;
	/* An operation that returns another number than a class is trouble of ours, too. */
	if (class > RSP_INTERNAL)
		class = RSP_INTERNAL;
	if (r->err.class == RSP_OK)
		rsp_fail(&r->err, class, "%s", "");
	if (text) {
		rsp_buf_puts(&r->out, "E.");
		append_plain(&r->out, r->err.text);
	} else {
		/* E01 client's mistake, E02 refused, E03 gone, E04 internal: the class without RSP_UNSUPPORTED. */
		rsp_buf_printf(&r->out, "E%02x", (unsigned)(class - RSP_UNSUPPORTED));
	}
}

void rsp_reply_finish(struct rsp_reply *r, int status, bool text)
{
	if (status == RSP_REPLY_READY && r->out.failed)
		status = rsp_fail(&r->err, RSP_INTERNAL, "the answer does not fit a packet of %zu bytes", r->out.limit);
	if (status == RSP_REPLY_READY)
		return;
	rsp_buf_clear(&r->out);
	r->binary = false;
	if (status < 0)
		put_error(r, -status, text);
	else if (status == RSP_REPLY_OK)
		rsp_buf_puts(&r->out, "OK");
}
