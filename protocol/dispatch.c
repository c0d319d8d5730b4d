#include <string.h>

#include "protocol/command.h"
#include "protocol/state.h"

static const char running_text[] = "the target is running: stop it first";

/* A handler may leave an answer out, or announce one for later, only where the packet's row allows it. */
static bool allowed(const struct rsp_command *command, int status)
{
	if (status == RSP_REPLY_LATER)
		return command->flags & RSP_MAY_STOP_REPLY;
	if (status == RSP_REPLY_NEVER)
		return command->flags & RSP_NO_REPLY;
	return status <= RSP_REPLY_EMPTY;
}

static int run(struct rsp_session *s, const struct rsp_command *command, char *packet, size_t n)
{
	struct rsp_error *err = &s->reply.err;
	if (s->run.running && !(command->flags & RSP_WHILE_RUNNING))
		return rsp_fail(err, RSP_REFUSED, "%s", running_text);
	size_t name = strlen(command->name);
	struct rsp_args args;
	int status = rsp_args_parse(command->args, packet + name, n - name, &args, err);
	if (status == 0)
		status = command->run(s, &args, &s->reply);
	if (!allowed(command, status))
		status = rsp_fail(err, RSP_INTERNAL, "the handler of %s gave no answer", command->name);
	return status;
}

static void answer(struct rsp_session *s, const struct rsp_command *command, int status)
{
	rsp_reply_finish(&s->reply, status, s->client.error_message || (command && command->flags & RSP_ERROR_TEXT && status == -RSP_REFUSED));
	if (s->reply.err.class != RSP_OK && s->reply.err.class != RSP_UNSUPPORTED)
		s->last_error = s->reply.err;
	rsp_session_packet(s, s->reply.out.data, s->reply.out.len, s->reply.binary);
}

void rsp_dispatch(struct rsp_session *s, char *packet, size_t n)
{
	rsp_reply_begin(&s->reply);
	s->answering = true;
	const struct rsp_command *command = rsp_command_find(packet, n, s->abilities);
	int status = command ? run(s, command, packet, n) : RSP_REPLY_EMPTY;
	/* A packet without an answer stays so even when it failed: an unexpected reply would be taken for that of the next packet. */
	if (status != RSP_REPLY_LATER && status != RSP_REPLY_NEVER && !(command && command->flags & RSP_NO_REPLY))
		answer(s, command, status);
	void (*after)(struct rsp_session *) = s->after;
	s->after = NULL;
	if (after)
		after(s);
	s->answering = false;
	rsp_events_notify(s);
}

void rsp_dispatch_error(struct rsp_session *s, enum rsp_class class, const char *what)
{
	rsp_reply_begin(&s->reply);
	answer(s, NULL, rsp_fail(&s->reply.err, class, "%s", what));
}
