#include <stdio.h>
#include <string.h>

#include "protocol/handlers.h"
#include "protocol/state.h"

/* The command as a C string: a NUL inside would hide the rest of it from the target. */
static int copy_command(const struct rsp_arg *text, struct rsp_buf *out, struct rsp_error *err)
{
	if (text->n && memchr(text->bytes, '\0', text->n))
		return rsp_fail(err, RSP_BAD_REQUEST, "a monitor command with a NUL character");
	rsp_buf_add(out, text->bytes, text->n);
	rsp_buf_add(out, "", 1);
	return out->failed ? rsp_fail(err, RSP_INTERNAL, "out of memory for a monitor command") : 0;
}

/* A client that takes no texts in errors shows only a number: tell the user first. */
static void explain(struct rsp_session *s, const struct rsp_error *err)
{
	if (s->client.error_message || !err->text[0])
		return;
	char line[sizeof(err->text) + 1];
	int n = snprintf(line, sizeof(line), "%s\n", err->text);
	rsp_session_say(s, line, (size_t)n);
}

int rsp_cmd_monitor(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_buf command, text;
	rsp_buf_init(&command, 0);
	rsp_buf_init(&text, 0);
	int rc = copy_command(&args->v[0], &command, &reply->err);
	if (rc == 0)
		rc = s->ops->monitor(s->t, s->general, command.data, &text, &reply->err);
	/* What is shown may lack its end: that must not pass for the whole answer. */
	if (rc == 0 && text.failed)
		rc = rsp_fail(&reply->err, RSP_INTERNAL, "out of memory for the output of a monitor command");
	if (text.len)
		rsp_session_say(s, text.data, text.len);
	if (rc < 0 && rc != -RSP_UNSUPPORTED)
		explain(s, &reply->err);
	rsp_buf_deinit(&text);
	rsp_buf_deinit(&command);
	return rc < 0 ? rc : RSP_REPLY_OK;
}
