/* Agent expressions: every operation, every limit, the formats of printf. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/agent.h"
#include "testsuite/unit/tap.h"

/* Registers n have the value 0x100 + n, all but 0x99; memory at 0x1000 is the bytes below. */
static const uint8_t memory[] = { 0x11, 0x22, 0x33, 0x84, 0x55, 0x66, 0x77, 0x88, 'h', 'i', '\n', 0, 0xff };
static struct rsp_buf printed;
static unsigned reads;

static int get_reg(void *arg, unsigned regno, uint64_t *value, struct rsp_error *err)
{
	(void)arg;
	if (regno == 0x99)
		return rsp_fail(err, RSP_REFUSED, "register 0x99 is not available");
	*value = 0x100 + regno;
	return 0;
}

static int get_mem(void *arg, uint64_t addr, uint8_t *buf, size_t n, struct rsp_error *err)
{
	(void)arg;
	reads++;
	if (addr < 0x1000 || addr - 0x1000 > sizeof(memory) || n > sizeof(memory) - (addr - 0x1000))
		return rsp_fail(err, RSP_REFUSED, "nothing at %#llx", (unsigned long long)addr);
	memcpy(buf, memory + (addr - 0x1000), n);
	return 0;
}

static void put(void *arg, const char *text, size_t n)
{
	(void)arg;
	rsp_buf_add(&printed, text, n);
}

static const struct rsp_agent_env env = { get_reg, get_mem, put, NULL };

static void setup(void)
{
	rsp_buf_init(&printed, 0);
	reads = 0;
}

static void teardown(void)
{
	rsp_buf_deinit(&printed);
}

static int run(const uint8_t *code, size_t n, uint64_t *value, struct rsp_error *err)
{
	/* A copy of exactly that size, so that a sanitizer sees a read past the end. */
	uint8_t *copy = malloc(n ? n : 1);
	struct rsp_bytecode b = { copy, n };
	memset(err, 0, sizeof(*err));
	if (n)
		memcpy(copy, code, n);
	int rc = rsp_agent_run(&b, &env, value, err);
	free(copy);
	return rc;
}

/* "22 05 22 03 02 27" */
static size_t assemble(const char *text, uint8_t *out)
{
	size_t n = 0;
	for (char *end; *text; text = end) {
		out[n++] = (uint8_t)strtoul(text, &end, 16);
		if (end == text)
			ck_abort_msg("bad test: %s", text);
		while (*end == ' ')
			end++;
	}
	return n;
}

static const struct {
	const char *code;
	uint64_t value;
} values[] = {
	{ "22 05 27", 5 },
	{ "23 12 34 27", 0x1234 },
	{ "24 89 ab cd ef 27", 0x89abcdef },
	{ "25 01 23 45 67 89 ab cd ef 27", UINT64_C(0x0123456789abcdef) },
	{ "22 05 22 03 02 27", 8 },
	{ "22 05 22 07 03 27", (uint64_t)-2 },
	{ "22 05 22 07 04 27", 35 },
	/* -7 / 2, 7 / 2, -7 rem 2 */
	{ "22 00 22 07 03 22 02 05 27", (uint64_t)-3 },
	{ "22 07 22 02 06 27", 3 },
	{ "22 00 22 07 03 22 02 06 27", UINT64_C(0x7ffffffffffffffc) },
	{ "22 00 22 07 03 22 02 07 27", (uint64_t)-1 },
	{ "22 07 22 04 08 27", 3 },
	/* the smallest number by -1 */
	{ "25 80 00 00 00 00 00 00 00 22 00 12 05 27", UINT64_C(0x8000000000000000) },
	{ "25 80 00 00 00 00 00 00 00 22 00 12 07 27", 0 },
	{ "22 00 12 22 00 12 06 27", 1 },
	{ "22 01 22 3f 09 27", UINT64_C(0x8000000000000000) },
	{ "22 01 22 40 09 27", 0 },
	{ "22 00 12 22 04 0a 27", UINT64_MAX },
	{ "22 00 12 22 40 0a 27", UINT64_MAX },
	{ "22 00 12 22 3c 0b 27", 15 },
	{ "22 00 12 22 40 0b 27", 0 },
	{ "22 00 0e 27", 1 },
	{ "22 05 0e 27", 0 },
	{ "22 0c 22 0a 0f 27", 8 },
	{ "22 0c 22 0a 10 27", 14 },
	{ "22 0c 22 0a 11 27", 6 },
	{ "22 00 12 27", UINT64_MAX },
	{ "22 05 22 05 13 27", 1 },
	{ "22 05 22 06 13 27", 0 },
	{ "22 00 12 22 01 14 27", 1 }, /* -1 < 1 */
	{ "22 00 12 22 01 15 27", 0 }, /* but not without a sign */
	{ "22 01 22 02 15 27", 1 },
	{ "22 80 16 08 27", UINT64_C(0xffffffffffffff80) },
	{ "22 7f 16 08 27", 0x7f },
	{ "22 01 16 01 27", UINT64_MAX },
	{ "25 ff ff ff ff 00 00 00 01 16 20 27", 1 },
	{ "25 80 00 00 00 00 00 00 01 16 40 27", UINT64_C(0x8000000000000001) },
	{ "25 80 00 00 00 00 00 00 01 16 ff 27", UINT64_C(0x8000000000000001) },
	{ "22 00 12 2a 08 27", 0xff },
	{ "22 00 12 2a 40 27", UINT64_MAX },
	{ "22 00 12 2a 00 27", 0 },
	{ "23 10 00 17 27", 0x11 },
	{ "23 10 00 18 27", 0x2211 },
	{ "23 10 00 19 27", 0x84332211 },
	{ "23 10 00 1a 27", UINT64_C(0x8877665584332211) },
	{ "23 10 00 19 16 20 27", UINT64_C(0xffffffff84332211) },
	{ "26 00 06 27", 0x106 },
	{ "26 12 34 27", 0x1334 },
	{ "22 05 28 04 27", 25 },
	{ "22 05 22 06 29 27", 5 },
	{ "22 05 22 06 2b 03 27", 1 },
	/* 1 2 3 rot: 3 1 2 */
	{ "22 01 22 02 22 03 33 27", 2 },
	{ "22 01 22 02 22 03 33 29 27", 1 },
	{ "22 01 22 02 22 03 33 29 29 27", 3 },
	{ "22 07 22 08 32 00 27", 8 },
	{ "22 07 22 08 32 01 27", 7 },
	/* 1 ? 2 : 3 */
	{ "22 01 20 00 0a 22 03 21 00 0c 22 02 27", 2 },
	{ "22 00 20 00 0a 22 03 21 00 0c 22 02 27", 3 },
	/* 5 * 4 * 3 * 2 * 1: acc n; while n: acc * n, n - 1 */
	{ "22 01 22 05 28 20 00 0c 29 21 00 16 28 33 04 2b 22 01 03 21 00 04 27", 120 },
};

START_TEST(value)
{
	uint8_t code[64];
	struct rsp_error err;
	uint64_t got = 0;
	size_t n = assemble(values[_i].code, code);
	ck_assert_msg(run(code, n, &got, &err) == 0, "%s: %s", values[_i].code, err.text);
	ck_assert_msg(got == values[_i].value, "%s: %#llx", values[_i].code, (unsigned long long)got);
	ck_assert_int_eq(run(code, n, NULL, &err), 0);
	/* Cut off anywhere it is an error or a value, never more. */
	for (size_t k = 0; k < n; k++)
		(void)run(code, k, &got, &err);
}
END_TEST

static const struct {
	const char *code;
	int class;
	const char *text; /* part of the error */
} errors[] = {
	{ "22 05", RSP_BAD_REQUEST, "no end" },
	{ "27", RSP_BAD_REQUEST, "no value" },
	{ "22", RSP_BAD_REQUEST, "cut off" },
	{ "25 00 00 00 00 00 00 00", RSP_BAD_REQUEST, "cut off" },
	{ "22 05 02 27", RSP_BAD_REQUEST, "too few" },
	{ "29 27", RSP_BAD_REQUEST, "too few" },
	{ "22 05 32 01 27", RSP_BAD_REQUEST, "not that deep" },
	{ "22 05 22 00 05 27", RSP_BAD_REQUEST, "division by zero" },
	{ "22 05 22 00 06 27", RSP_BAD_REQUEST, "division by zero" },
	{ "22 05 22 00 07 27", RSP_BAD_REQUEST, "division by zero" },
	{ "22 05 22 00 08 27", RSP_BAD_REQUEST, "division by zero" },
	{ "22 05 16 00 27", RSP_BAD_REQUEST, "sign" },
	{ "21 00 03", RSP_BAD_REQUEST, "jump" },
	{ "21 ff ff 27", RSP_BAD_REQUEST, "jump" },
	{ "21 00 00", RSP_REFUSED, "too many steps" },
	{ "22 01 20 00 00 27", RSP_REFUSED, "too many steps" },
	{ "22 01 21 00 00", RSP_REFUSED, "too many values" },
	{ "00", RSP_BAD_REQUEST, "unknown" },
	{ "31", RSP_BAD_REQUEST, "unknown" },
	{ "35", RSP_BAD_REQUEST, "unknown" },
	{ "ff", RSP_BAD_REQUEST, "unknown" },
	{ "01 22 01 27", RSP_REFUSED, "floating point" },
	{ "23 10 00 1b 27", RSP_REFUSED, "floating point" },
	{ "1c", RSP_REFUSED, "floating point" },
	{ "1d", RSP_REFUSED, "floating point" },
	{ "1e", RSP_REFUSED, "floating point" },
	{ "1f", RSP_REFUSED, "floating point" },
	{ "0c", RSP_REFUSED, "trace buffer" },
	{ "0d 04", RSP_REFUSED, "trace buffer" },
	{ "2f", RSP_REFUSED, "trace buffer" },
	{ "30 00 04", RSP_REFUSED, "trace buffer" },
	{ "2c 00 01 27", RSP_REFUSED, "state variables" },
	{ "2d 00 01 27", RSP_REFUSED, "state variables" },
	{ "2e 00 01 27", RSP_REFUSED, "state variables" },
	{ "26 00 99 27", RSP_REFUSED, "not available" },
	{ "22 05 17 27", RSP_REFUSED, "nothing at 0x5" },
	{ "23 10 06 1a 27", RSP_REFUSED, "nothing at 0x1006" },
	{ "22 00 22 00 34 00 00 00 27", RSP_BAD_REQUEST, "format" },
	{ "22 00 22 00 34 00 00 02 61 62 27", RSP_BAD_REQUEST, "format" },
	{ "22 00 22 00 34 00 ff ff 61 00 27", RSP_BAD_REQUEST, "format" },
	{ "22 00 22 00 34 01 00 02 61 00 27", RSP_BAD_REQUEST, "too few" },
	{ "22 00 34 00 00 02 61 00 27", RSP_BAD_REQUEST, "too few" },
};

START_TEST(error)
{
	uint8_t code[64];
	struct rsp_error err;
	uint64_t got = 42;
	size_t n = assemble(errors[_i].code, code);
	ck_assert_int_eq(run(code, n, &got, &err), -errors[_i].class);
	ck_assert_int_eq((int)err.class, errors[_i].class);
	ck_assert_msg(strstr(err.text, errors[_i].text) != NULL, "%s: %s", errors[_i].code, err.text);
	ck_assert_uint_eq(got, 42);
	ck_assert_uint_eq(printed.len, 0);
}
END_TEST

static const struct {
	const char *format;
	uint64_t args[3];
	const char *text; /* NULL: refused */
} formats[] = {
	{ "plain", { 0 }, "plain" },
	{ "", { 0 }, "" },
	{ "\\tx\\n\\\\\\\"\\101\\0333\\e", { 0 }, "\tx\n\\\"A\x1b" "3\x1b" },
	{ "%d|%u|%x", { UINT64_C(0xfffffffff), UINT64_C(0xfffffffff), UINT64_C(0xfffffffff) }, "-1|4294967295|ffffffff" },
	{ "%ld|%lu|%lx", { UINT64_MAX, UINT64_MAX, UINT64_MAX }, "-1|18446744073709551615|ffffffffffffffff" },
	{ "%lld|%llX|%zu", { 5, 0xabc, 7 }, "5|ABC|7" },
	{ "%hd|%hhd|%hhu", { 0x18000, 0x180, 0x180 }, "-32768|-128|128" },
	{ "%5d|%-5d|%05d", { 42, 42, 42 }, "   42|42   |00042" },
	{ "%+d|% d|%#o", { 42, 42, 8 }, "+42| 42|010" },
	{ "%.4d|%8.3x|%.0d", { 7, 0xf, 0 }, "0007|     00f|" },
	{ "%c%c%%%c", { 'a', 'b' + 256, 'c' }, "ab%c" },
	{ "%s|%4s|%.1s", { 0x1008, 0x100b, 0x1008 }, "hi\n|    |h" },
	{ "%-4s|%s", { 0x1008, 0 }, "hi\n |(null)" },
	{ "%p", { 0x7f0000001500 }, "0x7f0000001500" },
	{ "%i", { 12 }, "12" },
	{ "%s", { 0x2000 }, NULL },
	{ "%s", { 0x100c }, NULL }, /* no end before the memory ends */
	{ "%f", { 1 }, NULL },
	{ "%n", { 0x1000 }, NULL },
	{ "%*d", { 1, 2 }, NULL },
	{ "%ls", { 0x1008 }, NULL },
	{ "%lc", { 65 }, NULL },
	{ "%1001d", { 1 }, NULL },
	{ "%99999999999999999999d", { 1 }, NULL },
	{ "%", { 1 }, NULL },
	{ "%l", { 1 }, NULL },
	{ "%-", { 1 }, NULL },
	{ "%q", { 1 }, NULL },
	{ "%d%d%d%d", { 1, 2, 3 }, NULL },
	{ "\\", { 0 }, NULL },
	{ "\\q", { 0 }, NULL },
};

START_TEST(printf_format)
{
	struct rsp_buf out;
	struct rsp_error err = { .class = RSP_OK };
	rsp_buf_init(&out, 0);
	size_t n = strlen(formats[_i].format);
	char *copy = malloc(n ? n : 1);
	if (n)
		memcpy(copy, formats[_i].format, n);
	int rc = rsp_agent_format(copy, n, formats[_i].args, 3, &env, &out, &err);
	rsp_buf_add(&out, "", 1);
	if (formats[_i].text) {
		ck_assert_msg(rc == 0, "%s: %s", formats[_i].format, err.text);
		ck_assert_str_eq(out.data, formats[_i].text);
	} else {
		ck_assert_int_lt(rc, 0);
		ck_assert_str_ne(err.text, "");
	}
	free(copy);
	rsp_buf_deinit(&out);
}
END_TEST

START_TEST(prints)
{
	/* printf ("i=%d s=%s\n", 7, 0x1008): the arguments in reverse, then channel and function. */
	static const char format[] = "i=%d s=%s\\n";
	uint8_t code[64] = { 0x23, 0x10, 0x08, 0x22, 7, 0x22, 0, 0x22, 0, 0x34, 2, 0, sizeof(format) };
	struct rsp_error err;
	memcpy(code + 13, format, sizeof(format));
	code[13 + sizeof(format)] = 0x27;
	ck_assert_msg(run(code, 14 + sizeof(format), NULL, &err) == 0, "%s", err.text);
	rsp_buf_add(&printed, "", 1);
	ck_assert_str_eq(printed.data, "i=7 s=hi\n\n");
	/* What fails later has printed nothing. */
	printed.len = 0;
	code[13 + sizeof(format)] = 0x31;
	ck_assert_int_lt(run(code, 14 + sizeof(format), NULL, &err), 0);
	ck_assert_uint_eq(printed.len, 0);
	/* A condition has nowhere to print. */
	struct rsp_agent_env silent = env;
	struct rsp_bytecode b = { code, 14 + sizeof(format) };
	silent.print = NULL;
	code[13 + sizeof(format)] = 0x27;
	ck_assert_int_eq(rsp_agent_run(&b, &silent, NULL, &err), -RSP_REFUSED);
}
END_TEST

START_TEST(prints_too_much)
{
	/* In a loop: the limit of steps or of output ends it. */
	uint8_t code[] = { 0x22, 0, 0x22, 0, 0x22, 0, 0x34, 1, 0, 7, '%', '1', '0', '0', '0', 'd', 0, 0x21, 0, 0 };
	struct rsp_error err;
	ck_assert_int_eq(run(code, sizeof(code), NULL, &err), -RSP_REFUSED);
	ck_assert_uint_eq(printed.len, 0);
}
END_TEST

static unsigned seed;

static uint8_t random_byte(void)
{
	seed = seed * 1103515245 + 12345;
	return (uint8_t)(seed >> 16);
}

START_TEST(garbage)
{
	seed = (unsigned)_i + 1;
	for (int round = 0; round < 20000; round++) {
		uint8_t code[40];
		struct rsp_error err;
		uint64_t got;
		size_t n = random_byte() % sizeof(code);
		for (size_t i = 0; i < n; i++)
			code[i] = round & 1 ? random_byte() : random_byte() % 0x36;
		int rc = run(code, n, &got, &err);
		ck_assert((rc == 0) == (err.class == RSP_OK));
		ck_assert(rc == 0 || err.text[0]);
	}
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_EACH(value, values), TAP_EACH(error, errors), TAP_EACH(printf_format, formats), TAP_ONE(prints), TAP_ONE(prints_too_much),
		TAP_TIMES(garbage, 4),
	};
	return TAP_RUN("agent", tests, setup, teardown);
}
