#include <stdlib.h>

#include "protocol/cursor.h"
#include "protocol/handlers.h"
#include "protocol/hex.h"
#include "protocol/state.h"

/* The expressions that come with a breakpoint; code lies in the packet, decoded in place. */
struct options {
	struct rsp_bytecode *expressions; /* n_conditions conditions, then the commands */
	size_t n_conditions, n_commands;
	bool persist;
};

static int parse_place(const struct rsp_args *args, struct rsp_break *out)
{
	uint64_t type = args->v[0].number;
	if (type > RSP_WATCH_ACCESS)
		return -RSP_UNSUPPORTED;
	*out = (struct rsp_break){ .type = (enum rsp_break_type)type, .addr = args->v[1].number, .kind = args->v[2].number };
	return 0;
}

/* "X" length "," that many bytes in hex. */
static int cut_expression(struct rsp_cursor *c, struct rsp_bytecode *out, struct rsp_error *err)
{
	uint64_t n;
	if (!rsp_cut_char(c, 'X') || !rsp_cut_hex(c, &n) || !rsp_cut_char(c, ','))
		return rsp_fail(err, RSP_BAD_REQUEST, "an expression of a breakpoint begins with X and its length");
	if (!n || n > rsp_left(c) / 2 || !rsp_hex_decode((uint8_t *)c->p, c->p, 2 * (size_t)n))
		return rsp_fail(err, RSP_BAD_REQUEST, "an expression of a breakpoint is not the %#llx bytes in hex that it announces",
				(unsigned long long)n);
	*out = (struct rsp_bytecode){ .code = (const uint8_t *)c->p, .n = (size_t)n };
	c->p += 2 * (size_t)n;
	return 0;
}

/* Expressions up to the next `;` or the end. Clients put nothing between them. */
static int cut_list(struct rsp_cursor *c, struct options *o, size_t *n, struct rsp_error *err)
{
	int rc = 0;
	do {
		rc = cut_expression(c, &o->expressions[o->n_conditions + o->n_commands], err);
		*n += rc == 0;
	} while (rc == 0 && rsp_left(c) && *c->p == 'X');
	if (rc == 0 && rsp_left(c) && *c->p != ';')
		return rsp_fail(err, RSP_BAD_REQUEST, "something else than `;` behind an expression of a breakpoint");
	return rc;
}

static int cut_commands(struct rsp_cursor *c, struct options *o, struct rsp_error *err)
{
	uint64_t persist;
	if (!rsp_cut_hex(c, &persist) || persist > 1 || !rsp_cut_char(c, ','))
		return rsp_fail(err, RSP_BAD_REQUEST, "commands of a breakpoint begin with 0 or 1 and a comma");
	o->persist = persist == 1;
	return cut_list(c, o, &o->n_commands, err);
}

static int parse_options(const struct rsp_arg *text, struct options *o, struct rsp_error *err)
{
	struct rsp_cursor c = { text->bytes, text->bytes + text->n };
	int rc = 0;
	size_t most = rsp_arg_count(text, 'X');
	o->expressions = calloc(most + 1, sizeof *o->expressions);
	if (!o->expressions)
		return rsp_fail(err, RSP_INTERNAL, "out of memory for %zu expressions", most);
	while (rc == 0 && rsp_left(&c)) {
		if (rsp_cut_char(&c, ';'))
			continue;
		if (rsp_cut_text(&c, "cmds:"))
			rc = cut_commands(&c, o, err);
		else if (*c.p == 'X' && !o->n_commands)
			rc = cut_list(&c, o, &o->n_conditions, err);
		else
			rc = rsp_fail(err, RSP_BAD_REQUEST, "a breakpoint takes conditions (X), then commands (cmds:), nothing else");
	}
	return rc;
}

/* What the target does not offer is not dropped silently: it would stop where the client wants no stop. */
static int take_options(const struct rsp_session *s, const struct options *o, struct rsp_break *b, struct rsp_error *err)
{
	bool watch = b->type != RSP_BREAK_SW && b->type != RSP_BREAK_HW;
	if (o->n_conditions && (watch || !s->ops->break_conditions))
		return rsp_fail(err, RSP_REFUSED, "%s with conditions are not supported", watch ? "watchpoints" : "breakpoints");
	if (o->n_commands && (watch || !s->ops->break_commands))
		return rsp_fail(err, RSP_REFUSED, "%s with commands are not supported", watch ? "watchpoints" : "breakpoints");
	b->conditions = o->expressions;
	b->n_conditions = o->n_conditions;
	b->commands = o->expressions ? o->expressions + o->n_conditions : NULL;
	b->n_commands = o->n_commands;
	b->persist = o->persist;
	return 0;
}

int rsp_cmd_break_insert(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct options o = { .persist = false };
	struct rsp_break b;
	int rc = parse_place(args, &b);
	if (rc == 0 && args->n > 3)
		rc = parse_options(&args->v[3], &o, &reply->err);
	if (rc == 0)
		rc = take_options(s, &o, &b, &reply->err);
	if (rc == 0)
		rc = s->ops->break_insert(s->t, &b, &reply->err);
	free(o.expressions);
	return rc < 0 ? rc : RSP_REPLY_OK;
}

int rsp_cmd_break_remove(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply)
{
	struct rsp_break b;
	int rc = parse_place(args, &b);
	if (rc == 0)
		rc = s->ops->break_remove(s->t, &b, &reply->err);
	return rc < 0 ? rc : RSP_REPLY_OK;
}
