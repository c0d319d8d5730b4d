/* What the client wants to hear of, and what not. */
#include "protocol/cursor.h"
#include "protocol/handlers.h"
#include "protocol/state.h"

/* "3;b;1e"; nothing is the empty set. gdb ends the list with a separator. */
static int parse_signals(const struct rsp_arg *text, struct rsp_signals *set, struct rsp_error *err)
{
	struct rsp_cursor c = { text->bytes, text->bytes + text->n };
	uint64_t number;
	*set = (struct rsp_signals){ { 0 } };
	while (rsp_left(&c)) {
		if (!rsp_cut_hex(&c, &number) || number >= RSP_MAX_SIGNALS)
			return rsp_fail(err, RSP_BAD_REQUEST, "no signal number after %zu characters of the list", (size_t)(c.p - text->bytes));
		set->bits[number / 64] |= UINT64_C(1) << number % 64;
		if (rsp_left(&c) && !rsp_cut_char(&c, ';'))
			return rsp_fail(err, RSP_BAD_REQUEST, "signals are separated by `;`");
	}
	return 0;
}

int rsp_cmd_pass_signals(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_signals set;
	int rc = parse_signals(&args->v[0], &set, &reply->err);
	if (rc == 0)
		rc = s->ops->pass_signals(s->t, &set, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

int rsp_cmd_program_signals(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_signals set;
	int rc = parse_signals(&args->v[0], &set, &reply->err);
	if (rc == 0)
		rc = s->ops->program_signals(s->t, &set, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

int rsp_cmd_thread_events(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	uint64_t mode = args->v[0].number;
	if (mode > 1)
		return rsp_fail(&reply->err, RSP_BAD_REQUEST, "QThreadEvents is 0 or 1");
	int rc = s->ops->thread_events(s->t, mode == 1, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}
