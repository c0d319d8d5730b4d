#include <string.h>

#include "protocol/cursor.h"
#include "protocol/handlers.h"
#include "protocol/state.h"

/* --- qSupported: what each side understands --- */

static void learn(struct rsp_client *client, const char *item, size_t n)
{
	static const char registers[] = "xmlRegisters=";
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "multiprocess+", &client->multiprocess }, { "swbreak+", &client->swbreak },
		{ "hwbreak+", &client->hwbreak },           { "error-message+", &client->error_message },
		{ "no-resumed+", &client->no_resumed },     { "exec-events+", &client->exec_events },
		{ "qRelocInsn+", &client->relocates },      { "vContSupported+", &client->asks_vcont },
		{ "single-inf-arg+", &client->single_inf_arg },
	};
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strlen(flags[i].name) == n && memcmp(flags[i].name, item, n) == 0)
			*flags[i].flag = true;
	size_t skip = sizeof(registers) - 1;
	if (n >= skip && memcmp(item, registers, skip) == 0) {
		rsp_buf_clear(&client->registers);
		rsp_buf_add(&client->registers, item + skip, n - skip);
		rsp_buf_add(&client->registers, "", 1);
	}
}

static void learn_all(struct rsp_client *client, const struct rsp_arg *list)
{
	struct rsp_cursor c = { list->bytes, list->bytes + list->n };
	while (rsp_left(&c)) {
		char *item;
		size_t n;
		rsp_cut_until(&c, ';', &item, &n);
		learn(client, item, n);
		rsp_cut_char(&c, ';');
	}
}

static void forget(struct rsp_client *client)
{
	struct rsp_buf registers = client->registers;
	rsp_buf_clear(&registers);
	*client = (struct rsp_client){ .registers = registers };
}

static void append_feature(struct rsp_buf *out, const char *feature)
{
	rsp_buf_puts(out, ";");
	rsp_buf_puts(out, feature);
}

/* Features that are no packets of their own. */
static void append_stop_features(const struct rsp_session *s, struct rsp_buf *out)
{
	if (s->abilities & RSP_CAN(BREAK_INSERT)) {
		append_feature(out, "swbreak+");
		append_feature(out, "hwbreak+");
	}
	if (s->abilities & RSP_CAN(BREAK_INSERT) && s->abilities & RSP_CAN(BREAK_CONDITIONS))
		append_feature(out, "ConditionalBreakpoints+");
	if (s->abilities & RSP_CAN(BREAK_INSERT) && s->abilities & RSP_CAN(BREAK_COMMANDS))
		append_feature(out, "BreakpointCommands+");
	if (s->abilities & RSP_CAN(RESUME))
		append_feature(out, "no-resumed+");
}

int rsp_cmd_supported(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	forget(&s->client);
	if (args->n)
		learn_all(&s->client, &args->v[0]);
	rsp_buf_printf(&reply->out, "PacketSize=%zx", s->packet_size);
	for (size_t i = 0; i < rsp_n_commands; i++)
		if (rsp_commands[i].feature && rsp_command_offered(&rsp_commands[i], s->abilities))
			append_feature(&reply->out, rsp_commands[i].feature);
	append_stop_features(s, &reply->out);
	if (s->client.multiprocess)
		append_feature(&reply->out, "multiprocess+");
	if (s->client.error_message)
		append_feature(&reply->out, "error-message+");
	return RSP_REPLY_READY;
}

/* --- the rest --- */

static void stop_acknowledging(struct rsp_session *s)
{
	s->link.noack = true;
}

int rsp_cmd_no_ack(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	(void)reply;
	/* The answer itself is still acknowledged. */
	s->after = stop_acknowledging;
	return RSP_REPLY_OK;
}

int rsp_cmd_must_reply_empty(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)s;
	(void)args;
	(void)reply;
	return RSP_REPLY_EMPTY;
}

int rsp_cmd_symbol(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)s;
	(void)args;
	(void)reply;
	/* No symbol is wanted from the client. */
	return RSP_REPLY_OK;
}

int rsp_cmd_offsets(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	(void)args;
	uint64_t text, data;
	int rc = s->ops->offsets(s->t, &text, &data, &reply->err);
	if (rc < 0)
		return rc;
	rsp_buf_printf(&reply->out, "Text=%llx;Data=%llx;Bss=%llx", (unsigned long long)text, (unsigned long long)data,
		       (unsigned long long)data);
	return RSP_REPLY_READY;
}
