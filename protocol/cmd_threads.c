#include <string.h>

#include "protocol/handlers.h"
#include "protocol/hex.h"
#include "protocol/ptid.h"
#include "protocol/state.h"

/* The selection follows even to a thread that is gone: a client that overlooks the error then gets errors from it, and never the
 * registers of another thread. */
static int select_thread(struct rsp_session *s, struct rsp_ptid *which, struct rsp_ptid id, struct rsp_error *err)
{
	*which = id;
	int rc = rsp_session_check_alive(s, id, err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

int rsp_cmd_set_general(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return select_thread(s, &s->general, args->v[0].ptid, &reply->err);
}

int rsp_cmd_set_cont(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return select_thread(s, &s->cont, args->v[0].ptid, &reply->err);
}

int rsp_cmd_alive(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	int rc = rsp_session_check_alive(s, args->v[0].ptid, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

int rsp_cmd_current(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	struct rsp_ptid id;
	int rc = rsp_session_general(s, &id, &reply->err);
	if (rc < 0)
		return rc;
	rsp_buf_puts(&reply->out, "QC");
	rsp_ptid_append(&reply->out, id, s->client.multiprocess);
	return RSP_REPLY_READY;
}

/* --- qfThreadInfo and qsThreadInfo: a snapshot, in pieces that fit --- */

static void emit_id(void *sink, const struct rsp_thread *thread)
{
	struct rsp_session *s = sink;
	if (s->thread_ids.len)
		rsp_buf_puts(&s->thread_ids, ",");
	rsp_ptid_append(&s->thread_ids, thread->id, s->client.multiprocess);
}

int rsp_cmd_more_threads(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	size_t left = s->thread_ids.len - s->thread_ids_at;
	if (!left) {
		rsp_buf_puts(&reply->out, "l");
		return RSP_REPLY_READY;
	}
	const char *from = s->thread_ids.data + s->thread_ids_at;
	size_t n = left;
	if (n > s->packet_size - 1) {
		/* Cut at a comma; an id is far shorter than a packet, so there is one. */
		for (n = s->packet_size - 1; n > 0 && from[n] != ',';)
			n--;
	}
	rsp_buf_puts(&reply->out, "m");
	rsp_buf_add(&reply->out, from, n);
	s->thread_ids_at += n < left ? n + 1 : n;
	return RSP_REPLY_READY;
}

int rsp_cmd_first_threads(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	rsp_buf_clear(&s->thread_ids);
	s->thread_ids_at = 0;
	int rc = s->ops->threads(s->t, emit_id, s, &reply->err);
	if (rc == 0 && s->thread_ids.failed)
		rc = rsp_fail(&reply->err, RSP_INTERNAL, "out of memory for the list of threads");
	if (rc < 0) {
		rsp_buf_clear(&s->thread_ids);
		return rc;
	}
	return rsp_cmd_more_threads(s, args, reply);
}

struct extra {
	struct rsp_ptid want;
	bool found;
	struct rsp_buf *out;
	size_t most; /* bytes that fit in hex */
};

static void append_text(struct extra *x, const char *text)
{
	size_t n = strlen(text), room = x->most - x->out->len / 2;
	rsp_hex_append(x->out, text, n < room ? n : room);
}

static void emit_extra(void *sink, const struct rsp_thread *thread)
{
	struct extra *x = sink;
	if (x->found || thread->id.tid != x->want.tid || thread->id.pid != x->want.pid)
		return;
	x->found = true;
	if (thread->name)
		append_text(x, thread->name);
	if (thread->name && thread->extra)
		append_text(x, " ");
	if (thread->extra)
		append_text(x, thread->extra);
}

int rsp_cmd_thread_extra(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct extra x = { .out = &reply->out, .most = s->packet_size / 2 };
	int rc = rsp_session_thread(s, args->v[0].ptid, &x.want, &reply->err);
	if (rc == 0)
		rc = s->ops->threads(s->t, emit_extra, &x, &reply->err);
	if (rc < 0)
		return rc;
	if (!x.found)
		return rsp_fail(&reply->err, RSP_GONE, "no thread %llx.%llx", (unsigned long long)x.want.pid,
				(unsigned long long)x.want.tid);
	return RSP_REPLY_READY;
}
