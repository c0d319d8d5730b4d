#include <stdlib.h>

#include "protocol/handlers.h"
#include "protocol/ptid.h"
#include "protocol/state.h"

static const struct rsp_ptid everything = { -1, -1 };

/* Hands the actions to the target. All-stop: the stop reply is the answer; it may come from inside resume already. */
static int resume(struct rsp_session *s, const struct rsp_resume *actions, size_t n, struct rsp_error *err)
{
	if (s->events.on) {
		int rc = s->ops->resume(s->t, actions, n, err);
		return rc < 0 ? rc : RSP_REPLY_OK;
	}
	struct rsp_run before = s->run;
	s->run.running = true;
	s->run.reported = false;
	s->run.kept = false;
	s->run.interrupted = false;
	int rc = s->ops->resume(s->t, actions, n, err);
	if (rc < 0 && s->run.running) {
		s->run.running = before.running;
		s->run.reported = before.reported;
		s->run.kept = before.kept;
		return rc;
	}
	/* When the stop has come already there is nothing to interrupt: it stays due. */
	if (s->run.interrupt_due && s->run.running) {
		s->after = rsp_session_interrupt;
		s->run.interrupt_due = false;
	}
	return RSP_REPLY_LATER;
}

/* --- vCont --- */

int rsp_cmd_vcont_query(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)s;
	(void)args;
	/* Without both C and S gdb would not use vCont at all. */
	rsp_buf_puts(&reply->out, "vCont;c;C;s;S;t;r");
	return RSP_REPLY_READY;
}

/* Takes "c", "Csig", "s", "Ssig", "t" or "rstart,end" and an optional ":thread". */
static bool cut_action(struct rsp_cursor *c, struct rsp_resume *a)
{
	*a = (struct rsp_resume){ .who = everything };
	if (!rsp_left(c))
		return false;
	uint64_t signal;
	char letter = *c->p++;
	switch (letter) {
	case 'C':
	case 'S':
		if (!rsp_cut_hex(c, &signal) || signal > 0xff)
			return false;
		a->signal = (unsigned)signal;
		a->kind = letter == 'C' ? RSP_CONTINUE : RSP_STEP;
		break;
	case 'c':
		a->kind = RSP_CONTINUE;
		break;
	case 's':
		a->kind = RSP_STEP;
		break;
	case 't':
		a->kind = RSP_HALT;
		break;
	case 'r':
		a->kind = RSP_RANGE_STEP;
		if (!rsp_cut_hex(c, &a->start) || !rsp_cut_char(c, ',') || !rsp_cut_hex(c, &a->end))
			return false;
		break;
	default:
		return false;
	}
	return !rsp_cut_char(c, ':') || rsp_ptid_cut(c, &a->who);
}

static int parse_actions(const struct rsp_arg *text, struct rsp_resume *actions, size_t *n, struct rsp_error *err)
{
	struct rsp_cursor c = { text->bytes, text->bytes + text->n };
	*n = 0;
	do {
		if (!cut_action(&c, &actions[*n]) || (rsp_left(&c) && *c.p != ';'))
			return rsp_fail(err, RSP_BAD_REQUEST, "vCont: action %zu is malformed", *n + 1);
		++*n;
	} while (rsp_cut_char(&c, ';'));
	return 0;
}

/* Makes ids concrete that name one thread. A thread that is gone cannot stop: if no action names one that lives, nothing would ever
 * answer, which is an error. */
static int check_threads(struct rsp_session *s, struct rsp_resume *actions, size_t n, struct rsp_error *err)
{
	int worst = 0;
	bool alive = false;
	for (size_t i = 0; i < n; i++) {
		struct rsp_ptid *who = &actions[i].who;
		bool one = who->tid >= 0;
		int rc = one ? rsp_session_thread(s, *who, who, err) : 0;
		if (rc == 0)
			rc = rsp_session_check_alive(s, *who, err);
		/* In non-stop a thread may end before the wish to stop it arrives: nothing is left to be done. */
		if (rc == -RSP_GONE && s->events.on && actions[i].kind == RSP_HALT)
			rc = 0;
		if (rc == 0)
			alive = true;
		else
			worst = rc;
	}
	return alive ? 0 : worst;
}

static bool only_halts(const struct rsp_resume *actions, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (actions[i].kind != RSP_HALT)
			return false;
	return true;
}

/* In all-stop a halt is the same as an interrupt: the pending stop reply tells the outcome. */
static int halt_all(struct rsp_session *s, struct rsp_reply *reply)
{
	if (!s->run.running)
		return s->ops->last_stop ? rsp_stop_present(s, reply) : RSP_REPLY_OK;
	if (!s->ops->interrupt)
		return -RSP_UNSUPPORTED;
	s->after = rsp_session_interrupt;
	return RSP_REPLY_OK;
}

static int run_actions(struct rsp_session *s, struct rsp_resume *actions, size_t n, struct rsp_reply *reply)
{
	if (!s->events.on && only_halts(actions, n))
		return halt_all(s, reply);
	if (s->run.running)
		return rsp_fail(&reply->err, RSP_REFUSED, "the target is running already");
	int rc = check_threads(s, actions, n, &reply->err);
	return rc < 0 ? rc : resume(s, actions, n, &reply->err);
}

int rsp_cmd_vcont(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	size_t n = rsp_arg_count(&args->v[0], ';') + 1;
	struct rsp_resume *actions = calloc(n, sizeof(*actions));
	if (!actions)
		return rsp_fail(&reply->err, RSP_INTERNAL, "out of memory for %zu actions", n);
	int rc = parse_actions(&args->v[0], actions, &n, &reply->err);
	if (rc == 0)
		rc = run_actions(s, actions, n, reply);
	free(actions);
	return rc;
}

/* --- stops in non-stop --- */

int rsp_cmd_nonstop(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	uint64_t mode = args->v[0].number;
	if (mode > 1)
		return rsp_fail(&reply->err, RSP_BAD_REQUEST, "QNonStop is 0 or 1");
	int rc = s->ops->set_nonstop(s->t, mode == 1, &reply->err);
	if (rc < 0)
		return rc;
	rsp_events_clear(s);
	s->events.on = mode == 1;
	s->run.reported = true;
	s->run.kept = s->run.interrupted = s->run.interrupt_due = false;
	return RSP_REPLY_OK;
}

int rsp_cmd_stopped(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	return rsp_events_answer(s, reply);
}

int rsp_cmd_interrupt(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	(void)reply;
	/* After the answer: the target may report its stop from inside. */
	s->after = rsp_session_interrupt;
	return RSP_REPLY_OK;
}

/* --- the old packets c C s S, which act on the thread of Hc --- */

static int resume_old(struct rsp_session *s, enum rsp_resume_kind kind, uint64_t signal, bool addressed, struct rsp_error *err)
{
	if (addressed)
		return rsp_fail(err, RSP_REFUSED, "resuming at another address is not supported: write the program counter first");
	if (signal > 0xff)
		return rsp_fail(err, RSP_BAD_REQUEST, "no signal %#llx", (unsigned long long)signal);
	struct rsp_ptid process = { s->cont.pid > 0 ? s->cont.pid : -1, -1 };
	/* The first for the thread meant, the second for all others. */
	struct rsp_resume actions[2] = { { .kind = kind, .signal = (unsigned)signal }, { .kind = RSP_CONTINUE, .who = process } };
	if (s->cont.tid > 0) {
		actions[0].who = s->cont;
		int rc = check_threads(s, actions, 1, err);
		return rc < 0 ? rc : resume(s, actions, 1, err);
	}
	if (kind == RSP_CONTINUE && !signal)
		return resume(s, &actions[1], 1, err);
	/* Without a thread of its own, a step or a signal is for the selected one. */
	int rc = rsp_session_general(s, &actions[0].who, err);
	return rc < 0 ? rc : resume(s, actions, 2, err);
}

int rsp_cmd_continue(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return resume_old(s, RSP_CONTINUE, 0, args->n > 0, &reply->err);
}

int rsp_cmd_continue_signal(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return resume_old(s, RSP_CONTINUE, args->v[0].number, args->n > 1, &reply->err);
}

int rsp_cmd_step(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return resume_old(s, RSP_STEP, 0, args->n > 0, &reply->err);
}

int rsp_cmd_step_signal(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	return resume_old(s, RSP_STEP, args->v[0].number, args->n > 1, &reply->err);
}
