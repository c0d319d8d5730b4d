#include "protocol/handlers.h"
#include "protocol/state.h"

static int parse(const struct rsp_args *args, struct rsp_break *out, struct rsp_error *err)
{
	uint64_t type = args->v[0].number;
	if (type > RSP_WATCH_ACCESS)
		return -RSP_UNSUPPORTED;
	/* Conditions and commands are not advertised; dropping them silently would stop where the client wants no stop. */
	if (args->n > 3 && args->v[3].n)
		return rsp_fail(err, RSP_REFUSED, "breakpoints with conditions or commands are not supported");
	*out = (struct rsp_break){ .type = (enum rsp_break_type)type, .addr = args->v[1].number, .kind = args->v[2].number };
	return 0;
}

int rsp_cmd_break_insert(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_break b;
	int rc = parse(args, &b, &reply->err);
	if (rc == 0)
		rc = s->ops->break_insert(s->t, &b, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

int rsp_cmd_break_remove(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_break b;
	int rc = parse(args, &b, &reply->err);
	if (rc == 0)
		rc = s->ops->break_remove(s->t, &b, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}
