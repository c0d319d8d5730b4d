/* Non-stop: stops queue up here and reach the client one after the other. The first of a series goes out as the notification `%Stop`,
 * each further one as the answer to the vStopped that acknowledges the one before; OK ends the series (appendix "Remote Protocol",
 * Notification Packets). */
#include <stdlib.h>
#include <string.h>

#include "protocol/state.h"

bool rsp_session_nonstop(const struct rsp_session *s)
{
	return s->events.on;
}

static size_t waiting(const struct rsp_events *e)
{
	return e->n - e->at;
}

static void free_text(struct rsp_stop *stop)
{
	/* The queue's own copy. */
	free((char *)(uintptr_t)stop->text);
	stop->text = NULL;
}

static void drop_first(struct rsp_events *e)
{
	e->outstanding = false;
	free_text(&e->stop[e->at++]);
	if (e->at == e->n)
		e->at = e->n = 0;
}

/* Of a process that has ended nothing else is of interest; what the client is just looking at stays until it has acknowledged it. */
static void drop_stops_of(struct rsp_events *e, int64_t pid)
{
	size_t keep = e->at + (e->outstanding ? 1 : 0), to = keep;
	for (size_t i = keep; i < e->n; i++) {
		if (e->stop[i].kind == RSP_STOP_SIGNAL && e->stop[i].thread.pid == pid)
			free_text(&e->stop[i]);
		else
			e->stop[to++] = e->stop[i];
	}
	e->n = to;
}

static bool make_room(struct rsp_events *e)
{
	if (e->n < e->capacity)
		return true;
	if (e->at) {
		memmove(e->stop, e->stop + e->at, waiting(e) * sizeof *e->stop);
		e->n -= e->at;
		e->at = 0;
		if (e->n < e->capacity / 2)
			return true;
	}
	size_t capacity = e->capacity ? 2 * e->capacity : 16;
	struct rsp_stop *grown = realloc(e->stop, capacity * sizeof *grown);
	if (!grown)
		return false;
	e->stop = grown;
	e->capacity = capacity;
	return true;
}

bool rsp_events_add(struct rsp_session *s, const struct rsp_stop *stop)
{
	struct rsp_events *e = &s->events;
	struct rsp_stop copy = *stop;
	if (stop->kind == RSP_STOP_NONE)
		return true;
	if (stop->kind == RSP_STOP_EXITED || stop->kind == RSP_STOP_TERMINATED)
		drop_stops_of(e, stop->thread.pid);
	if (!make_room(e))
		return false;
	if (stop->text) {
		copy.text = strdup(stop->text);
		if (!copy.text)
			return false;
	}
	e->stop[e->n++] = copy;
	return true;
}

void rsp_events_clear(struct rsp_session *s)
{
	struct rsp_events *e = &s->events;
	for (size_t i = e->at; i < e->n; i++)
		free_text(&e->stop[i]);
	e->at = e->n = 0;
	e->outstanding = false;
}

void rsp_events_notify(struct rsp_session *s)
{
	struct rsp_events *e = &s->events;
	if (!e->on || e->outstanding || !waiting(e) || s->answering || s->ending != RSP_GOES_ON)
		return;
	struct rsp_buf text;
	rsp_buf_init(&text, s->packet_size);
	rsp_buf_puts(&text, "Stop:");
	rsp_stop_reply(s, &e->stop[e->at], &text);
	e->outstanding = true;
	if (text.failed)
		rsp_session_end(s, RSP_ENDED_BROKEN);
	else
		rsp_session_notification(s, text.data, text.len);
	rsp_buf_deinit(&text);
}

int rsp_events_answer(struct rsp_session *s, struct rsp_reply *reply)
{
	struct rsp_events *e = &s->events;
	if (e->outstanding)
		drop_first(e);
	if (!waiting(e))
		return RSP_REPLY_OK;
	rsp_stop_reply(s, &e->stop[e->at], &reply->out);
	e->outstanding = true;
	return RSP_REPLY_READY;
}

struct refill {
	struct rsp_session *s;
	bool failed;
};

static void emit_stop(void *sink, const struct rsp_stop *stop)
{
	struct refill *r = sink;
	if (!rsp_events_add(r->s, stop))
		r->failed = true;
}

int rsp_events_refill(struct rsp_session *s, struct rsp_error *err)
{
	struct refill r = { .s = s };
	rsp_events_clear(s);
	int rc = s->ops->stops(s->t, emit_stop, &r, err);
	if (rc == 0 && r.failed)
		rc = rsp_fail(err, RSP_INTERNAL, "out of memory for the stopped threads");
	if (rc < 0)
		rsp_events_clear(s);
	return rc;
}

bool rsp_session_stop_unseen(const struct rsp_session *s, struct rsp_ptid id)
{
	const struct rsp_events *e = &s->events;
	for (size_t i = e->at; i < e->n; i++)
		if (e->stop[i].thread.tid == id.tid && e->stop[i].thread.pid == id.pid && e->stop[i].kind == RSP_STOP_SIGNAL)
			return true;
	return false;
}
