#include <stdlib.h>
#include <string.h>

#include "protocol/cursor.h"
#include "protocol/handlers.h"
#include "protocol/hex.h"
#include "protocol/state.h"

int rsp_cmd_extended(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	(void)reply;
	s->extended = true;
	return RSP_REPLY_OK;
}

int rsp_cmd_halt_reason(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	if (!s->events.on)
		return rsp_stop_present(s, reply);
	int rc = rsp_events_refill(s, &reply->err);
	return rc < 0 ? rc : rsp_events_answer(s, reply);
}

/* The process, or all of them, left this session's hands. */
static void let_go(struct rsp_session *s, enum rsp_ending how)
{
	s->run.running = false;
	s->run.reported = true;
	s->run.kept = false;
	rsp_events_clear(s);
	s->general = s->cont = (struct rsp_ptid){ 0, 0 };
	rsp_xfer_forget(&s->xfer);
	if (!s->extended)
		rsp_session_end(s, how);
}

int rsp_cmd_detach(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	int64_t pid = args->n ? (int64_t)args->v[0].number : 0;
	int rc = s->ops->detach(s->t, pid, &reply->err);
	if (rc < 0)
		return rc;
	let_go(s, RSP_ENDED_DETACHED);
	return RSP_REPLY_OK;
}

static int kill_process(struct rsp_session *s, int64_t pid, struct rsp_error *err)
{
	if (!s->ops->kill)
		return -RSP_UNSUPPORTED;
	int rc = s->ops->kill(s->t, pid, err);
	if (rc == 0)
		let_go(s, RSP_ENDED_KILLED);
	return rc;
}

int rsp_cmd_kill(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	if (kill_process(s, 0, &reply->err) == 0)
		return RSP_REPLY_NEVER;
	/* The client hears no answer and believes that the process is gone: what could not be killed is let go. */
	if (s->ops->detach)
		(void)s->ops->detach(s->t, 0, NULL);
	let_go(s, RSP_ENDED_DETACHED);
	return RSP_REPLY_NEVER;
}

int rsp_cmd_vkill(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	int rc = kill_process(s, (int64_t)args->v[0].number, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

/* A process is new under our hands: what was said and done about another one counts no more. An interrupt that came too late for the old
 * one must not stop the new one. */
static void begin(struct rsp_session *s)
{
	s->general = s->cont = (struct rsp_ptid){ 0, 0 };
	s->run.reported = true;
	s->run.kept = s->run.interrupted = s->run.interrupt_due = false;
	rsp_xfer_forget(&s->xfer);
}

/* The stop of a new process is the answer. */
static int first_stop(struct rsp_session *s, struct rsp_reply *reply)
{
	begin(s);
	struct rsp_stop stop = { .kind = RSP_STOP_NONE };
	int rc = s->ops->last_stop(s->t, &stop);
	if (rc < 0)
		return rsp_fail(&reply->err, (enum rsp_class)-rc, "the state of the new process is unknown");
	if (stop.kind == RSP_STOP_NONE)
		return rsp_fail(&reply->err, RSP_GONE, "the new process is gone already");
	rsp_stop_reply(s, &stop, &reply->out);
	/* Also in non-stop: so the client learns which thread is the first. */
	if (stop.kind == RSP_STOP_SIGNAL)
		s->general = stop.thread;
	return RSP_REPLY_READY;
}

int rsp_cmd_attach(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	int rc = s->ops->attach(s->t, (int64_t)args->v[0].number, &reply->err);
	if (rc < 0)
		return rc;
	if (!s->events.on)
		return first_stop(s, reply);
	/* In non-stop its threads are told of as they always are. */
	begin(s);
	rc = rsp_events_refill(s, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

/* Decodes "61;62;63" into NUL-ended words, in place: a word is half as long as its hex form, which leaves room for the NUL everywhere
 * but in an empty word, where the separator (or the byte behind the packet, which is the frame's own) gives it. */
static int split_words(const struct rsp_arg *text, char **argv, struct rsp_error *err)
{
	struct rsp_cursor c = { text->bytes, text->bytes + text->n };
	for (size_t k = 0;; k++) {
		char *word;
		size_t n;
		rsp_cut_until(&c, ';', &word, &n);
		bool last = !rsp_cut_char(&c, ';');
		if (!rsp_hex_decode((uint8_t *)word, word, n))
			return rsp_fail(err, RSP_BAD_REQUEST, "argument %zu of vRun is not valid hex", k);
		if (n && memchr(word, '\0', n / 2))
			return rsp_fail(err, RSP_BAD_REQUEST, "argument %zu of vRun has a NUL character", k);
		word[n / 2] = '\0';
		argv[k] = word;
		if (last)
			return 0;
	}
}

int rsp_cmd_run(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	const struct rsp_arg *text = &args->v[0];
	size_t n = rsp_arg_count(text, ';') + 1;
	char **argv = calloc(n + 1, sizeof(*argv));
	if (!argv)
		return rsp_fail(&reply->err, RSP_INTERNAL, "out of memory for %zu arguments", n);
	int rc = split_words(text, argv, &reply->err);
	if (rc == 0) {
		if (n == 1 && !*argv[0])
			argv[0] = NULL;
		rc = s->ops->run(s->t, argv, &reply->err);
	}
	free(argv);
	return rc < 0 ? rc : first_stop(s, reply);
}

int rsp_cmd_restart(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	char *argv[] = { NULL, NULL };
	if (s->extended && s->ops->run(s->t, argv, &reply->err) == 0)
		begin(s);
	return RSP_REPLY_NEVER;
}

int rsp_cmd_attached(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	bool existing;
	int rc = s->ops->attached(s->t, args->n ? (int64_t)args->v[0].number : 0, &existing, &reply->err);
	if (rc < 0)
		return rc;
	rsp_buf_puts(&reply->out, existing ? "1" : "0");
	return RSP_REPLY_READY;
}
