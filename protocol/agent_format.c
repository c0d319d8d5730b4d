/* printf of agent expressions. The format is the client's text, so nothing of it reaches the C library's printf but specifications that
 * were read and written anew. */
#include <stdio.h>
#include <string.h>

#include "protocol/agent.h"

enum { MAX_WIDTH = 1000 };

struct format {
	const char *p, *end;
	const uint64_t *args;
	size_t n_args, used;
	const struct rsp_agent_env *env;
	struct rsp_buf *out;
	struct rsp_error *err;
};

/* One conversion: "%-08.3llx". */
struct conversion {
	char flags[8];
	unsigned width, precision;
	bool has_precision;
	unsigned bits; /* of an integer, by its length modifier */
	char letter;
};

static int refuse(struct format *f, const char *what)
{
	return rsp_fail(f->err, RSP_REFUSED, "printf of a breakpoint: %s", what);
}

/* ------------------------------------------------------------------ escapes of C source text */

static int octal(char c)
{
	return c >= '0' && c <= '7' ? c - '0' : -1;
}

static int escape(struct format *f)
{
	static const char from[] = "ntrabfve\\\"'?", to[] = "\n\t\r\a\b\f\v\x1b\\\"'?";
	char c;
	f->p++;
	if (f->p == f->end)
		return refuse(f, "a backslash at the end of the format");
	if (octal(*f->p) >= 0) {
		int value = 0;
		for (int i = 0; i < 3 && f->p < f->end && octal(*f->p) >= 0; i++)
			value = 8 * value + octal(*f->p++);
		c = (char)value;
		rsp_buf_add(f->out, &c, 1);
		return 0;
	}
	const char *at = *f->p ? strchr(from, *f->p) : NULL;
	if (!at)
		return refuse(f, "an unknown escape in the format");
	rsp_buf_add(f->out, &to[at - from], 1);
	f->p++;
	return 0;
}

/* ------------------------------------------------------------------ conversions */

static bool take(struct format *f, char c)
{
	if (f->p == f->end || *f->p != c)
		return false;
	f->p++;
	return true;
}

static int number(struct format *f, unsigned *value)
{
	*value = 0;
	for (; f->p < f->end && *f->p >= '0' && *f->p <= '9'; f->p++) {
		*value = 10 * *value + (unsigned)(*f->p - '0');
		if (*value > MAX_WIDTH)
			return refuse(f, "a width past 1000");
	}
	return 0;
}

/* Sizes of the client's types: the carriers of the served view are LP64. */
static void length_modifier(struct format *f, struct conversion *c)
{
	c->bits = 32;
	if (take(f, 'l')) {
		take(f, 'l');
		c->bits = 64;
	} else if (take(f, 'h')) {
		c->bits = take(f, 'h') ? 8 : 16;
	} else if (take(f, 'j') || take(f, 'z') || take(f, 't')) {
		c->bits = 64;
	}
}

static int read_conversion(struct format *f, struct conversion *c)
{
	size_t n_flags = 0;
	memset(c, 0, sizeof *c);
	f->p++;
	while (f->p < f->end && *f->p && strchr("-+ #0", *f->p)) {
		if (!strchr(c->flags, *f->p) && n_flags < sizeof c->flags - 1)
			c->flags[n_flags++] = *f->p;
		f->p++;
	}
	int rc = number(f, &c->width);
	if (rc == 0 && take(f, '.')) {
		c->has_precision = true;
		rc = number(f, &c->precision);
	}
	if (rc < 0)
		return rc;
	const char *modifier = f->p;
	length_modifier(f, c);
	if (f->p == f->end)
		return refuse(f, "a format that ends within a conversion");
	c->letter = *f->p++;
	if (modifier != f->p - 1 && (c->letter == 'c' || c->letter == 's'))
		return refuse(f, "wide characters are not supported");
	return 0;
}

static void write_integer(struct format *f, const struct conversion *c, uint64_t value, char letter)
{
	char spec[48], width[12] = "", precision[16] = "";
	if (c->width)
		snprintf(width, sizeof width, "%u", c->width);
	if (c->has_precision)
		snprintf(precision, sizeof precision, ".%u", c->precision);
	snprintf(spec, sizeof spec, "%%%s%s%sll%c", c->flags, width, precision, letter);
	char text[MAX_WIDTH + 80];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	int n = snprintf(text, sizeof text, spec, (unsigned long long)value);
#pragma GCC diagnostic pop
	if (n > 0)
		rsp_buf_add(f->out, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static uint64_t narrowed(const struct conversion *c, uint64_t value)
{
	uint64_t sign = UINT64_C(1) << (c->bits - 1), mask = 2 * sign - 1; /* 2 * 2^63 is 0, its predecessor all ones */
	value &= mask;
	return c->letter == 'd' || c->letter == 'i' ? (value ^ sign) - sign : value;
}

static void pad(struct format *f, size_t n)
{
	while (n-- > 0)
		rsp_buf_puts(f->out, " ");
}

static void write_text(struct format *f, const struct conversion *c, const char *text, size_t n)
{
	size_t fill = c->width > n ? c->width - n : 0;
	bool left = strchr(c->flags, '-') != NULL;
	if (!left)
		pad(f, fill);
	rsp_buf_add(f->out, text, n);
	if (left)
		pad(f, fill);
}

/* A string of the target's memory, byte by byte: what lies behind its end may not be mapped. */
static int write_string(struct format *f, const struct conversion *c, uint64_t addr)
{
	char text[RSP_AGENT_STRING];
	size_t most = sizeof text, n = 0;
	if (c->has_precision && c->precision < most)
		most = c->precision;
	if (!addr) {
		write_text(f, c, "(null)", 6);
		return 0;
	}
	for (; n < most; n++) {
		int rc = f->env->mem(f->env->arg, addr + n, (uint8_t *)&text[n], 1, f->err);
		if (rc < 0)
			return rc;
		if (!text[n])
			break;
	}
	write_text(f, c, text, n);
	return 0;
}

static int convert(struct format *f)
{
	struct conversion c;
	char byte;
	int rc = read_conversion(f, &c);
	if (rc < 0)
		return rc;
	if (c.letter == '%') {
		rsp_buf_puts(f->out, "%");
		return 0;
	}
	if (!c.letter || !strchr("diouxXcsp", c.letter))
		return refuse(f, c.letter && strchr("aAeEfFgG", c.letter) ? "floating point is not supported" : "an unknown conversion in the format");
	if (f->used == f->n_args)
		return refuse(f, "fewer values than conversions");
	uint64_t value = f->args[f->used++];
	switch (c.letter) {
	case 'c':
		byte = (char)value;
		write_text(f, &c, &byte, 1);
		return 0;
	case 's':
		return write_string(f, &c, value);
	case 'p':
		if (!strchr(c.flags, '#'))
			c.flags[strlen(c.flags)] = '#'; /* room for each flag once, and a NUL */
		write_integer(f, &c, value, 'x');
		return 0;
	default:
		write_integer(f, &c, narrowed(&c, value), c.letter);
		return 0;
	}
}

int rsp_agent_format(const char *format, size_t n, const uint64_t *args, size_t n_args, const struct rsp_agent_env *env, struct rsp_buf *out,
		     struct rsp_error *err)
{
	struct format f = { .p = format, .end = format + n, .args = args, .n_args = n_args, .env = env, .out = out, .err = err };
	int rc = 0;
	while (rc == 0 && f.p < f.end) {
		if (*f.p == '\\') {
			rc = escape(&f);
		} else if (*f.p == '%') {
			rc = convert(&f);
		} else {
			rsp_buf_add(out, f.p, 1);
			f.p++;
		}
	}
	return rc;
}
