#include "testsuite/wavelaunch/options.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* ------------------------------------------------------------------ numbers */

/* A whole number in C notation with an optional k, M or G; `end` gets the first character that is not of it. */
static int parse_size(const char *text, uint64_t *out, const char **end)
{
	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	char *rest;
	uint64_t n = strtoull(text, &rest, 0);
	if (errno)
		return -1;
	unsigned shift = *rest == 'k' || *rest == 'K' ? 10 : *rest == 'M' ? 20 : *rest == 'G' ? 30 : 0;
	if (shift) {
		if (n > UINT64_MAX >> shift)
			return -1;
		n <<= shift;
		rest++;
	}
	*out = n;
	*end = rest;
	return 0;
}

static int parse_number(const char *what, const char *text, uint64_t min, uint64_t max, uint64_t *out, struct wl_err *err)
{
	const char *end;
	if (parse_size(text, out, &end) || *end)
		return wl_fail(err, WL_USAGE, "%s: '%s' is not a number", what, text);
	if (*out < min || *out > max)
		return wl_fail(err, WL_USAGE, "%s: %s is not between %llu and %llu", what, text, (unsigned long long)min,
			       (unsigned long long)max);
	return 0;
}

int wl_parse_shape(const char *what, const char *text, uint32_t out[3], unsigned *dims, struct wl_err *err)
{
	out[0] = out[1] = out[2] = 1;
	const char *at = text;
	for (unsigned i = 0; i < 3; i++) {
		uint64_t n;
		const char *end;
		if (parse_size(at, &n, &end) || (*end && *end != ','))
			return wl_fail(err, WL_USAGE, "%s: '%s' is not of the form X[,Y,Z]", what, text);
		if (n < 1 || n > UINT32_MAX)
			return wl_fail(err, WL_USAGE, "%s: sizes go from 1 to 4294967295, not '%s'", what, text);
		out[i] = (uint32_t)n;
		*dims = i + 1;
		if (!*end)
			return 0;
		at = end + 1;
	}
	return wl_fail(err, WL_USAGE, "%s: '%s' has more than three dimensions", what, text);
}

/* ------------------------------------------------------------------ --arg */

struct scalar_type {
	const char *name;
	unsigned bytes;
	enum { UNSIGNED, SIGNED, FLOATING } family;
};

static const struct scalar_type scalar_types[] = {
	{ "u8", 1, UNSIGNED }, { "u16", 2, UNSIGNED }, { "u32", 4, UNSIGNED }, { "u64", 8, UNSIGNED },
	{ "i8", 1, SIGNED },   { "i16", 2, SIGNED },   { "i32", 4, SIGNED },   { "i64", 8, SIGNED },
	{ "f32", 4, FLOATING }, { "f64", 8, FLOATING },
};

static int parse_float(const char *text, unsigned bytes, uint64_t *bits)
{
	if (!*text || isspace((unsigned char)*text))
		return -1;
	char *end;
	/* Converted directly: going through double would round twice. */
	if (bytes == 4) {
		float f = strtof(text, &end);
		uint32_t word;
		memcpy(&word, &f, sizeof word);
		*bits = word;
	} else {
		double d = strtod(text, &end);
		memcpy(bits, &d, sizeof *bits);
	}
	return *end ? -1 : 0;
}

static int parse_integer(const char *text, const struct scalar_type *type, uint64_t *bits)
{
	const char *digits = type->family == SIGNED && *text == '-' ? text + 1 : text;
	if (!isdigit((unsigned char)*digits))
		return -1;
	errno = 0;
	char *end;
	if (type->family == SIGNED) {
		int64_t n = strtoll(text, &end, 0), limit = INT64_MAX >> (64 - 8 * type->bytes);
		if (n > limit || n < -limit - 1)
			return -1;
		*bits = (uint64_t)n;
	} else {
		*bits = strtoull(text, &end, 0);
		if (*bits > UINT64_MAX >> (64 - 8 * type->bytes))
			return -1;
	}
	return *end || errno ? -1 : 0;
}

static int parse_scalar(const char *text, const char *colon, struct wl_value *out, struct wl_err *err)
{
	for (size_t i = 0; i < sizeof scalar_types / sizeof *scalar_types; i++) {
		const struct scalar_type *type = &scalar_types[i];
		size_t n = strlen(type->name);
		if ((size_t)(colon - text) != n || memcmp(text, type->name, n) != 0)
			continue;
		out->kind = WL_VALUE_SCALAR;
		out->bytes = type->bytes;
		int bad = type->family == FLOATING ? parse_float(colon + 1, type->bytes, &out->bits) : parse_integer(colon + 1, type, &out->bits);
		return bad ? wl_fail(err, WL_USAGE, "--arg %s: '%s' is not a value of type %s", text, colon + 1, type->name) : 0;
	}
	return wl_fail(err, WL_USAGE, "--arg %s: unknown type; known are buf, lds, bytes, u8, u16, u32, u64, i8, i16, i32, i64, f32, f64", text);
}

/* "=@FILE" or "=0xFILL" behind the size of a buffer. */
static int parse_contents(const char *text, const char *spec, struct wl_value *out, struct wl_err *err)
{
	if (spec[0] == '@') {
		if (!spec[1])
			return wl_fail(err, WL_USAGE, "--arg %s: no file name behind '@'", text);
		out->file = spec + 1;
		return 0;
	}
	size_t digits = strlen(spec) - 2;
	if (strncmp(spec, "0x", 2) != 0 || digits < 1 || digits > 8 || strspn(spec + 2, "0123456789abcdefABCDEF") != digits)
		return wl_fail(err, WL_USAGE, "--arg %s: contents are '@FILE' or '0x' and one to eight digits, not '%s'", text, spec);
	out->filled = true;
	out->fill = (uint32_t)strtoul(spec, NULL, 16);
	out->fill_bytes = digits <= 2 ? 1 : 4;
	return 0;
}

int wl_parse_value(const char *text, struct wl_value *out, struct wl_err *err)
{
	*out = (struct wl_value){ .text = text };
	const char *colon = strchr(text, ':');
	if (!colon)
		return wl_fail(err, WL_USAGE, "--arg %s: expected TYPE:VALUE", text);
	static const struct { const char *prefix; enum wl_value_kind kind; uint64_t max; } sized[] = {
		{ "buf:", WL_VALUE_BUF, 1ull << 40 },
		{ "lds:", WL_VALUE_LDS, 1u << 20 },
		{ "bytes:", WL_VALUE_BYTES, 4096 },
	};
	for (size_t i = 0; i < sizeof sized / sizeof *sized; i++) {
		if (strncmp(text, sized[i].prefix, strlen(sized[i].prefix)) != 0)
			continue;
		out->kind = sized[i].kind;
		const char *end;
		if (parse_size(colon + 1, &out->bytes, &end) || (*end && *end != '='))
			return wl_fail(err, WL_USAGE, "--arg %s: '%s' is not a size in bytes", text, colon + 1);
		if (out->bytes < 1 || out->bytes > sized[i].max)
			return wl_fail(err, WL_USAGE, "--arg %s: the size is not between 1 and %llu bytes", text,
				       (unsigned long long)sized[i].max);
		if (!*end)
			return 0;
		if (out->kind == WL_VALUE_LDS)
			return wl_fail(err, WL_USAGE, "--arg %s: LDS cannot be given contents", text);
		return parse_contents(text, end + 1, out, err);
	}
	return parse_scalar(text, colon, out, err);
}

static int parse_arg_file(const char *what, const char *text, struct wl_arg_file *out, struct wl_err *err)
{
	const char *end;
	uint64_t n;
	if (parse_size(text, &n, &end) || *end != '=' || !end[1])
		return wl_fail(err, WL_USAGE, "%s: '%s' is not of the form ARGNO=FILE", what, text);
	if (n >= WL_MAX_ARGS)
		return wl_fail(err, WL_USAGE, "%s: there is no argument %llu", what, (unsigned long long)n);
	out->arg = (unsigned)n;
	out->file = end + 1;
	return 0;
}

/* ------------------------------------------------------------------ options */

enum { KEY_GRID = 256, KEY_GROUP, KEY_ARG, KEY_PRIVATE, KEY_REPEAT, KEY_WAIT, KEY_DUMP, KEY_EXPECT, KEY_R_VERSION, KEY_QUEUE_SIZE, KEY_TIMEOUT,
       KEY_URI, KEY_NODE };

static const struct argp_option option_table[] = {
	{ "grid", KEY_GRID, "X[,Y,Z]", 0, "Work-items to launch, in each dimension (required)", 1 },
	{ "group", KEY_GROUP, "X[,Y,Z]", 0, "Work-items of one work-group (required); the last group of a dimension may be partial", 1 },
	{ "arg", KEY_ARG, "TYPE:VALUE", 0, "The next argument of the kernel, see below; as many as the kernel has", 2 },
	{ "dump", KEY_DUMP, "ARGNO=FILE", 0, "When the kernel has finished, write buffer ARGNO (from 0) to FILE", 2 },
	{ "expect", KEY_EXPECT, "ARGNO=FILE", 0, "When the kernel has finished, compare buffer ARGNO with FILE; a difference is a failure", 2 },
	{ "private", KEY_PRIVATE, "BYTES", 0,
	  "Private memory (scratch) of one work-item; default: what the kernel's descriptor says, and at least 16 KiB when the kernel uses any, "
	  "because recursive calls need more than it says", 3 },
	{ "repeat", KEY_REPEAT, "N", 0, "Launch N times, one after the other (default 1); buffers keep their contents", 3 },
	{ "wait", KEY_WAIT, NULL, 0, "Wait for Enter or for SIGUSR1 before the first launch, so that a debugger can attach", 3 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0, "Fail when one launch takes longer (default: wait for ever)", 3 },
	{ "queue-size", KEY_QUEUE_SIZE, "PACKETS", 0, "Size of the queue, a power of two from 16 (default 64)", 4 },
	{ "r-version", KEY_R_VERSION, "N", 0, "Version published in the debug list (default 10)", 4 },
	{ "uri", KEY_URI, "file|memory", 0, "How the debug list names the code object (default file)", 4 },
	{ "node", KEY_NODE, "N", 0, "Topology node of the GPU (default: the first GPU)", 4 },
	{ "quiet", 'q', NULL, 0, "Say nothing when all went well", 4 },
	{ 0 },
};

static const char usage_text[] = "CODEOBJ KERNEL --grid=X[,Y,Z] --group=X[,Y,Z]";
static const char help_text[] =
	"Loads the code object CODEOBJ on a GPU, through the kernel driver alone, and launches KERNEL (a name with or without \".kd\").\v"
	"Arguments are\n"
	"  buf:BYTES           a buffer of zeros, shared by host and GPU\n"
	"  buf:BYTES=@FILE     a buffer that starts with the contents of FILE\n"
	"  buf:BYTES=0xFILL    a buffer filled with FILL: one or two digits are a byte, more a 32-bit word\n"
	"  lds:BYTES           a __local pointer to that much memory\n"
	"  u8 u16 u32 u64 i8 i16 i32 i64 f32 f64, each with :VALUE; u64 also stands for a pointer\n"
	"  bytes:N=@FILE       N bytes by value (a structure); =0xFILL works as well\n"
	"Sizes may end in k, M or G. Buffers may be --dump'ed and --expect'ed.\n\n"
	"Exit status: 0 the kernel finished (and buffers were as expected), 1 failure or GPU fault, 2 wrong command line.";

struct parse {
	struct wl_options *o;
	struct wl_err *err;
	unsigned group_dims;
};

static int parse_key_file(const char *what, const char *text, struct wl_arg_file *list, unsigned *n, struct wl_err *err)
{
	if (*n == WL_MAX_ARGS)
		return wl_fail(err, WL_USAGE, "%s given more than %d times", what, WL_MAX_ARGS);
	return parse_arg_file(what, text, &list[(*n)++], err);
}

static int parse_word(const char *what, const char *text, uint64_t min, uint64_t max, uint32_t *out, struct wl_err *err)
{
	uint64_t n = 0;
	if (parse_number(what, text, min, max, &n, err))
		return -1;
	*out = (uint32_t)n;
	return 0;
}

static int parse_timeout(const char *text, uint32_t *ms, struct wl_err *err)
{
	char *end;
	double seconds = strtod(text, &end);
	if (end == text || *end || !(seconds > 0 && seconds <= 1000000))
		return wl_fail(err, WL_USAGE, "--timeout: '%s' is not a number of seconds", text);
	*ms = (uint32_t)(seconds * 1000);
	*ms += *ms == 0;
	return 0;
}

static int parse_queue_size(const char *text, uint32_t *packets, struct wl_err *err)
{
	if (parse_word("--queue-size", text, 16, 1 << 20, packets, err))
		return -1;
	return *packets & (*packets - 1) ? wl_fail(err, WL_USAGE, "--queue-size: %s is not a power of two", text) : 0;
}

/* One option; returns -1 with the error set. */
static int parse_option(int key, char *text, struct parse *p)
{
	struct wl_options *o = p->o;
	uint32_t word = 0;
	switch (key) {
	case KEY_GRID:
		return wl_parse_shape("--grid", text, o->grid, &o->dims, p->err);
	case KEY_GROUP:
		return wl_parse_shape("--group", text, o->group, &p->group_dims, p->err);
	case KEY_ARG:
		if (o->n_args == WL_MAX_ARGS)
			return wl_fail(p->err, WL_USAGE, "more than %d arguments", WL_MAX_ARGS);
		return wl_parse_value(text, &o->args[o->n_args++], p->err);
	case KEY_DUMP:
		return parse_key_file("--dump", text, o->dumps, &o->n_dumps, p->err);
	case KEY_EXPECT:
		return parse_key_file("--expect", text, o->expects, &o->n_expects, p->err);
	case KEY_PRIVATE:
		o->private_given = true;
		return parse_word("--private", text, 0, 131056, &o->private_bytes, p->err);
	case KEY_REPEAT:
		return parse_word("--repeat", text, 1, UINT32_MAX, &o->repeat, p->err);
	case KEY_TIMEOUT:
		return parse_timeout(text, &o->timeout_ms, p->err);
	case KEY_QUEUE_SIZE:
		return parse_queue_size(text, &o->queue_packets, p->err);
	case KEY_R_VERSION:
		if (parse_word("--r-version", text, 0, INT32_MAX, &word, p->err))
			return -1;
		o->r_version = (int)word;
		return 0;
	case KEY_NODE:
		if (parse_word("--node", text, 0, 1 << 16, &word, p->err))
			return -1;
		o->node = (int)word;
		return 0;
	case KEY_URI:
		if (strcmp(text, "file") != 0 && strcmp(text, "memory") != 0)
			return wl_fail(p->err, WL_USAGE, "--uri: '%s' is neither file nor memory", text);
		o->memory_uri = strcmp(text, "memory") == 0;
		return 0;
	case KEY_WAIT:
		o->wait = true;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	default:
		return 1;
	}
}

static error_t parse_key(int key, char *text, struct argp_state *state)
{
	struct parse *p = state->input;
	if (key == ARGP_KEY_ARG) {
		if (state->arg_num == 0)
			p->o->code_object = text;
		else if (state->arg_num == 1)
			p->o->kernel = text;
		else
			wl_fail(p->err, WL_USAGE, "'%s': only a code object and a kernel are expected", text);
	} else if (parse_option(key, text, p) == 1) {
		return ARGP_ERR_UNKNOWN;
	}
	return p->err->class ? EINVAL : 0;
}

/* What the options mean together. */
static int check_options(const struct parse *p)
{
	const struct wl_options *o = p->o;
	if (!o->code_object || !o->kernel)
		return wl_fail(p->err, WL_USAGE, "a code object and the name of a kernel are needed");
	if (!o->dims || !p->group_dims)
		return wl_fail(p->err, WL_USAGE, "--grid and --group are needed");
	uint64_t items = 1;
	for (unsigned i = 0; i < 3; i++) {
		if (o->group[i] > UINT16_MAX)
			return wl_fail(p->err, WL_USAGE, "--group: %u is more than 65535", o->group[i]);
		items *= o->group[i];
	}
	if (items > 1024)
		return wl_fail(p->err, WL_USAGE, "--group: %llu work-items are more than a group can have (1024)", (unsigned long long)items);
	const struct wl_arg_file *lists[] = { o->dumps, o->expects };
	const unsigned counts[] = { o->n_dumps, o->n_expects };
	const char *const names[] = { "--dump", "--expect" };
	for (unsigned k = 0; k < 2; k++) {
		for (unsigned i = 0; i < counts[k]; i++) {
			unsigned n = lists[k][i].arg;
			if (n >= o->n_args)
				return wl_fail(p->err, WL_USAGE, "%s: there is no argument %u", names[k], n);
			if (o->args[n].kind != WL_VALUE_BUF)
				return wl_fail(p->err, WL_USAGE, "%s: argument %u (%s) is not a buffer", names[k], n, o->args[n].text);
		}
	}
	return 0;
}

int wl_options_parse(int argc, char **argv, struct wl_options *out, struct wl_err *err)
{
	*out = (struct wl_options){ .repeat = 1, .queue_packets = 64, .r_version = 10, .node = -1 };
	struct parse p = { .o = out, .err = err };
	static const struct argp argp = { option_table, parse_key, usage_text, help_text, NULL, NULL, NULL };
	argp_program_version = "wavelaunch (" PACKAGE_NAME ") " PACKAGE_VERSION;
	argp_err_exit_status = 2;
	if (argp_parse(&argp, argc, argv, 0, NULL, &p) && !err->class)
		return wl_fail(err, WL_USAGE, "the command line is not understood");
	if (err->class)
		return -1;
	if (out->dims < p.group_dims)
		out->dims = p.group_dims;
	return check_options(&p);
}
