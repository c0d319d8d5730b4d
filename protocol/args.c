#include "protocol/args.h"

#include <string.h>

#include "protocol/cursor.h"
#include "protocol/hex.h"
#include "protocol/ptid.h"

typedef bool cut_fn(struct rsp_cursor *c, char stop, struct rsp_arg *arg);

static bool cut_number(struct rsp_cursor *c, char stop, struct rsp_arg *arg)
{
	(void)stop;
	return rsp_cut_hex(c, &arg->number);
}

static bool cut_process(struct rsp_cursor *c, char stop, struct rsp_arg *arg)
{
	(void)stop;
	return rsp_cut_hex(c, &arg->number) && arg->number > 0 && arg->number <= INT64_MAX;
}

static bool cut_thread(struct rsp_cursor *c, char stop, struct rsp_arg *arg)
{
	(void)stop;
	return rsp_ptid_cut(c, &arg->ptid);
}

static bool cut_text(struct rsp_cursor *c, char stop, struct rsp_arg *arg)
{
	if (stop) {
		rsp_cut_until(c, stop, &arg->bytes, &arg->n);
	} else {
		arg->bytes = c->p;
		arg->n = rsp_left(c);
		c->p = c->end;
	}
	return true;
}

static bool cut_hex_bytes(struct rsp_cursor *c, char stop, struct rsp_arg *arg)
{
	cut_text(c, stop, arg);
	if (!rsp_hex_decode((uint8_t *)arg->bytes, arg->bytes, arg->n))
		return false;
	arg->n /= 2;
	return true;
}

static bool cut_rest(struct rsp_cursor *c, char stop, struct rsp_arg *arg)
{
	(void)stop;
	return cut_text(c, '\0', arg);
}

static const struct letter {
	char letter;
	const char *word;
	cut_fn *cut;
} letters[] = {
	{ 'x', "number", cut_number },      { 'i', "process", cut_process }, { 'p', "thread", cut_thread },
	{ 'h', "hex-text", cut_hex_bytes }, { 's', "text", cut_text },       { 'b', "bytes", cut_rest },
};

static const struct letter *find(char c)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].letter == c)
			return &letters[i];
	return NULL;
}

size_t rsp_arg_count(const struct rsp_arg *text, char what)
{
	size_t n = 0;
	for (size_t i = 0; i < text->n; i++)
		n += text->bytes[i] == what;
	return n;
}

const char *rsp_args_word(char letter)
{
	const struct letter *l = find(letter);
	return l ? l->word : NULL;
}

/* The separator that ends an argument: the next character of the schema when that is one. */
static char stop_after(const char *schema)
{
	while (*schema == '[')
		schema++;
	return *schema == ']' || find(*schema) ? '\0' : *schema;
}

/* Whether the optional part that begins at schema is there. */
static bool present(const char *schema, const struct rsp_cursor *c)
{
	return rsp_left(c) && (find(*schema) || *c->p == *schema);
}

int rsp_args_parse(const char *schema, char *text, size_t n, struct rsp_args *out, struct rsp_error *err)
{
	struct rsp_cursor c = { text, text + n };
	memset(out, 0, sizeof(*out));
	for (; *schema; schema++) {
		if (*schema == ']')
			continue;
		if (*schema == '[') {
			if (!present(schema + 1, &c))
				break;
			continue;
		}
		const struct letter *l = find(*schema);
		if (!l) {
			if (!rsp_cut_char(&c, *schema))
				return rsp_fail(err, RSP_BAD_REQUEST, "malformed packet: '%c' missing after %zu characters of arguments", *schema,
						(size_t)(c.p - text));
			continue;
		}
		if (out->n == RSP_MAX_ARGS)
			return rsp_fail(err, RSP_INTERNAL, "packet table: more than %d arguments", RSP_MAX_ARGS);
		if (!l->cut(&c, stop_after(schema + 1), &out->v[out->n]))
			return rsp_fail(err, RSP_BAD_REQUEST, "malformed packet: argument %zu is not a valid %s", out->n + 1, l->word);
		out->n++;
	}
	if (rsp_left(&c))
		return rsp_fail(err, RSP_BAD_REQUEST, "malformed packet: %zu characters too many", rsp_left(&c));
	return 0;
}
