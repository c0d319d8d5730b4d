/* Buffers, errors, hex, escapes, run lengths, numbers, thread ids, signals. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buf.h"
#include "protocol/cursor.h"
#include "protocol/error.h"
#include "protocol/fileio.h"
#include "protocol/hex.h"
#include "protocol/ptid.h"
#include "protocol/signum.h"
#include "testsuite/unit/tap.h"

static struct rsp_cursor over(const char *text)
{
	/* The tests read only. */
	char *p = (char *)(uintptr_t)text;
	return (struct rsp_cursor){ p, p + strlen(text) };
}

START_TEST(buf_grows)
{
	struct rsp_buf b;
	rsp_buf_init(&b, 0);
	for (int i = 0; i < 1000; i++)
		rsp_buf_printf(&b, "%03d", i);
	ck_assert_uint_eq(b.len, 3000);
	ck_assert_mem_eq(b.data + 2997, "999", 3);
	rsp_buf_clear(&b);
	ck_assert_uint_eq(b.len, 0);
	rsp_buf_deinit(&b);
}
END_TEST

START_TEST(buf_limit)
{
	struct rsp_buf b;
	rsp_buf_init(&b, 4);
	rsp_buf_puts(&b, "abcd");
	ck_assert(!b.failed);
	rsp_buf_puts(&b, "e");
	ck_assert(b.failed);
	ck_assert_uint_eq(b.len, 4);
	rsp_buf_puts(&b, "");
	ck_assert(b.failed); /* sticky */
	ck_assert_ptr_null(rsp_buf_reserve(&b, 0));
	rsp_buf_clear(&b);
	rsp_buf_printf(&b, "%s", "wxyz"); /* the NUL does not count */
	ck_assert(!b.failed);
	rsp_buf_deinit(&b);
}
END_TEST

START_TEST(buf_huge)
{
	struct rsp_buf b;
	rsp_buf_init(&b, 0);
	rsp_buf_puts(&b, "x");
	ck_assert_ptr_null(rsp_buf_reserve(&b, SIZE_MAX - 1));
	ck_assert(b.failed);
	ck_assert_uint_eq(b.len, 1);
	rsp_buf_deinit(&b);
}
END_TEST

START_TEST(buf_long_printf)
{
	struct rsp_buf b;
	char text[1000];
	memset(text, 'q', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	rsp_buf_init(&b, 0);
	rsp_buf_printf(&b, "<%s>", text);
	ck_assert_uint_eq(b.len, 1001);
	rsp_buf_deinit(&b);
}
END_TEST

START_TEST(error_text)
{
	struct rsp_error err;
	ck_assert_int_eq(rsp_fail(&err, RSP_REFUSED, "line\nbreak %d", 7), -RSP_REFUSED);
	ck_assert_int_eq(err.class, RSP_REFUSED);
	ck_assert_str_eq(err.text, "line break 7");
	rsp_fail(&err, RSP_GONE, "%s", "");
	ck_assert_str_ne(err.text, "");
	ck_assert_int_eq(rsp_fail(NULL, RSP_INTERNAL, "nobody listens"), -RSP_INTERNAL);
	char text[400];
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	rsp_fail(&err, RSP_GONE, "%s", text);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
}
END_TEST

START_TEST(hex_round_trip)
{
	uint8_t all[256], back[256];
	char text[512];
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	rsp_hex_encode(text, all, 256);
	ck_assert_mem_eq(text, "000102", 6);
	ck_assert_mem_eq(text + 506, "fdfeff", 6);
	ck_assert(rsp_hex_decode(back, text, 512));
	ck_assert_mem_eq(all, back, 256);
	ck_assert(rsp_hex_decode((uint8_t *)text, text, 512)); /* in place */
	ck_assert_mem_eq(all, text, 256);
}
END_TEST

static const char *const bad_hex[] = { "0", "012", "0g", "g0", " 1", "1 ", "+1", "-1", "0x", "x0", "\x80\x80", "1\n" };

START_TEST(hex_refuses)
{
	uint8_t out[8];
	ck_assert(!rsp_hex_decode(out, bad_hex[_i], strlen(bad_hex[_i])));
}
END_TEST

START_TEST(hex_digit_values)
{
	for (int c = 0; c < 256; c++) {
		int want = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
		ck_assert_int_eq(rsp_hex_digit((char)c), want);
	}
}
END_TEST

static const struct {
	const char *text;
	uint64_t value;
	size_t left;
} good_numbers[] = {
	{ "0", 0, 0 },
	{ "1f", 0x1f, 0 },
	{ "DEADbeef", 0xdeadbeef, 0 },
	{ "ffffffffffffffff", UINT64_MAX, 0 },
	{ "0000000000000000000000001", 1, 0 },
	{ "8000000000000000,4", UINT64_C(1) << 63, 2 },
	{ "12:34", 0x12, 3 },
	{ "0x10", 0, 3 }, /* the x is left over, which the schema then refuses */
};

START_TEST(number_read)
{
	struct rsp_cursor c = over(good_numbers[_i].text);
	uint64_t v;
	ck_assert(rsp_cut_hex(&c, &v));
	ck_assert_uint_eq(v, good_numbers[_i].value);
	ck_assert_uint_eq(rsp_left(&c), good_numbers[_i].left);
}
END_TEST

static const char *const bad_numbers[] = { "", "g", "-1", "+1", " 1", "x10", ",1", "10000000000000000", "fffffffffffffffff", "\xff" };

START_TEST(number_refused)
{
	struct rsp_cursor c = over(bad_numbers[_i]), before = c;
	uint64_t v = 42;
	ck_assert(!rsp_cut_hex(&c, &v));
	ck_assert_ptr_eq(c.p, before.p);
	ck_assert_uint_eq(v, 42);
}
END_TEST

START_TEST(cut_texts)
{
	struct rsp_cursor c = over("ab:cd");
	char *text;
	size_t n;
	ck_assert(!rsp_cut_text(&c, "abc"));
	ck_assert(!rsp_cut_char(&c, 'b'));
	rsp_cut_until(&c, ':', &text, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert(rsp_cut_char(&c, ':'));
	ck_assert(rsp_cut_text(&c, "cd"));
	ck_assert(!rsp_cut_char(&c, '\0'));
	ck_assert(!rsp_cut_text(&c, "x"));
	rsp_cut_until(&c, ':', &text, &n);
	ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(escape_all_bytes)
{
	uint8_t all[256];
	char out[512];
	size_t used;
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	ck_assert_uint_eq(rsp_escape(out, sizeof(out), all, 256, &used), 256);
	ck_assert_uint_eq(used, 260);
	ck_assert_ptr_null(memchr(out, '#', used));
	ck_assert_ptr_null(memchr(out, '$', used));
	ck_assert_ptr_null(memchr(out, '*', used));
	size_t to = 0;
	for (size_t i = 0; i < used; i++)
		out[to++] = out[i] == '}' ? (char)(out[++i] ^ 0x20) : out[i];
	ck_assert_uint_eq(to, 256);
	ck_assert_mem_eq(out, all, 256);
}
END_TEST

START_TEST(escape_stops_at_room)
{
	char out[8];
	size_t used;
	ck_assert_uint_eq(rsp_escape(out, 3, "ab#d", 4, &used), 2); /* the pair does not fit in one */
	ck_assert_uint_eq(used, 2);
	ck_assert_uint_eq(rsp_escape(out, 4, "ab#d", 4, &used), 3);
	ck_assert_uint_eq(used, 4);
	ck_assert_uint_eq(rsp_escape(out, 0, "ab", 2, &used), 0);
	ck_assert_uint_eq(used, 0);
	ck_assert_uint_eq(rsp_escape(out, 1, "}", 1, &used), 0);
	ck_assert_uint_eq(used, 0);
	ck_assert_uint_eq(rsp_escape(out, 8, "}}}}}", 5, &used), 4);
	ck_assert_uint_eq(used, 8);
}
END_TEST

START_TEST(rle_every_length)
{
	for (size_t n = 0; n < 400; n++) {
		char text[401];
		struct rsp_buf b;
		rsp_buf_init(&b, 0);
		memset(text, '0', n);
		text[n] = 'z';
		rsp_rle_append(&b, text, n + 1);
		size_t made = 0;
		for (size_t i = 0; i < b.len; i++) {
			if (b.data[i] != '*') {
				ck_assert_int_eq(b.data[i], made < n ? '0' : 'z');
				made++;
				continue;
			}
			ck_assert_ptr_null(strchr("#$+-", b.data[++i]));
			ck_assert_uint_ge(rsp_rle_count(b.data[i]), 3);
			made += rsp_rle_count(b.data[i]);
		}
		ck_assert_uint_eq(made, n + 1);
		ck_assert_uint_le(b.len, n + 1);
		if (n >= 4)
			ck_assert_uint_lt(b.len, n + 1);
		rsp_buf_deinit(&b);
	}
}
END_TEST

START_TEST(rle_counts)
{
	ck_assert_uint_eq(rsp_rle_count(' '), 3);
	ck_assert_uint_eq(rsp_rle_count('~'), 97);
	ck_assert_uint_eq(rsp_rle_count('#'), 0);
	ck_assert_uint_eq(rsp_rle_count('$'), 0);
	ck_assert_uint_eq(rsp_rle_count('\x1f'), 0);
	ck_assert_uint_eq(rsp_rle_count('\x7f'), 0);
	ck_assert_uint_eq(rsp_rle_count('\xff'), 0);
}
END_TEST

static const struct {
	const char *text;
	struct rsp_ptid id;
	size_t left;
} good_ptids[] = {
	{ "1", { 0, 1 }, 0 },        { "0", { 0, 0 }, 0 },        { "-1", { -1, -1 }, 0 },  { "p1.2", { 1, 2 }, 0 },
	{ "p1.-1", { 1, -1 }, 0 },   { "p1", { 1, -1 }, 0 },      { "p-1", { -1, -1 }, 0 }, { "p-1.-1", { -1, -1 }, 0 },
	{ "p0.0", { 0, 0 }, 0 },     { "p10.ff;c", { 16, 255 }, 2 }, { "7fffffffffffffff", { 0, INT64_MAX }, 0 },
	{ "-1;c", { -1, -1 }, 2 },
};

START_TEST(ptid_read)
{
	struct rsp_cursor c = over(good_ptids[_i].text);
	struct rsp_ptid id;
	ck_assert(rsp_ptid_cut(&c, &id));
	ck_assert_int_eq(id.pid, good_ptids[_i].id.pid);
	ck_assert_int_eq(id.tid, good_ptids[_i].id.tid);
	ck_assert_uint_eq(rsp_left(&c), good_ptids[_i].left);
}
END_TEST

static const char *const bad_ptids[] = { "", "p", "p.", "p.1", "p1.", "p-1.5", "-", "-2", "p-2.1", "p1.-2",
	"8000000000000000", "px.1", "p1.x", "P1.1" };

START_TEST(ptid_refused)
{
	struct rsp_cursor c = over(bad_ptids[_i]), before = c;
	struct rsp_ptid id;
	ck_assert(!rsp_ptid_cut(&c, &id));
	ck_assert_ptr_eq(c.p, before.p);
}
END_TEST

START_TEST(ptid_written)
{
	struct rsp_buf b;
	rsp_buf_init(&b, 0);
	rsp_ptid_append(&b, (struct rsp_ptid){ 0x10, 0xabc }, true);
	rsp_buf_puts(&b, " ");
	rsp_ptid_append(&b, (struct rsp_ptid){ 0x10, 0xabc }, false);
	rsp_buf_puts(&b, " ");
	rsp_ptid_append(&b, (struct rsp_ptid){ -1, -1 }, true);
	ck_assert_mem_eq(b.data, "p10.abc abc p-1.-1", b.len);
	ck_assert(rsp_ptid_concrete((struct rsp_ptid){ 1, 1 }));
	ck_assert(!rsp_ptid_concrete((struct rsp_ptid){ 0, 1 }));
	ck_assert(!rsp_ptid_concrete((struct rsp_ptid){ 1, -1 }));
	rsp_buf_deinit(&b);
}
END_TEST

START_TEST(signals_known)
{
	ck_assert_uint_eq(rsp_signal_from_host(0), 0);
	ck_assert_uint_eq(rsp_signal_from_host(SIGINT), RSP_SIGNAL_INT);
	ck_assert_uint_eq(rsp_signal_from_host(SIGTRAP), RSP_SIGNAL_TRAP);
	ck_assert_uint_eq(rsp_signal_from_host(SIGBUS), 10);
	ck_assert_uint_eq(rsp_signal_from_host(SIGUSR1), 30);
	ck_assert_uint_eq(rsp_signal_from_host(SIGCHLD), 20);
	ck_assert_uint_eq(rsp_signal_from_host(33), 45);
	ck_assert_uint_eq(rsp_signal_from_host(63), 75);
	ck_assert_uint_eq(rsp_signal_from_host(32), 77);
	ck_assert_uint_eq(rsp_signal_from_host(64), 78);
	ck_assert_str_eq(rsp_signal_name(5), "SIGTRAP");
	ck_assert_str_eq(rsp_signal_name(75), "SIG63");
	ck_assert_str_eq(rsp_signal_name(0), "0");
}
END_TEST

START_TEST(signals_round_trip)
{
	for (int host = 1; host < 65; host++) {
		unsigned number = rsp_signal_from_host(host);
		if (number == RSP_SIGNAL_UNKNOWN)
			ck_assert_int_eq(host, SIGSTKFLT); /* the one that gdb has no number for */
		else
			ck_assert_int_eq(rsp_signal_to_host(number), host);
	}
}
END_TEST

START_TEST(signals_unknown)
{
	ck_assert_uint_eq(rsp_signal_from_host(-1), RSP_SIGNAL_UNKNOWN);
	ck_assert_uint_eq(rsp_signal_from_host(65), RSP_SIGNAL_UNKNOWN);
	ck_assert_int_eq(rsp_signal_to_host(7), -1); /* SIGEMT */
	ck_assert_int_eq(rsp_signal_to_host(RSP_SIGNAL_UNKNOWN), -1);
	ck_assert_int_eq(rsp_signal_to_host(100000), -1);
	ck_assert_str_eq(rsp_signal_name(100000), "SIG?");
}
END_TEST

START_TEST(file_numbers)
{
	ck_assert_int_eq(rsp_file_errno(ENOENT), RSP_FILE_ENOENT);
	ck_assert_int_eq(rsp_file_errno(ENAMETOOLONG), 91);
	ck_assert_int_eq(rsp_file_errno(EOWNERDEAD), RSP_FILE_EUNKNOWN);
}
END_TEST

START_TEST(file_stat_big_endian)
{
	static const uint8_t want[RSP_FILE_STAT_SIZE] = {
		0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0x81, 0xa4, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, /* ... st_rdev */
		1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0, 12,
	};
	struct rsp_file_stat st = { .dev = 1, .ino = 2, .mode = 0100644, .nlink = 3, .uid = 4, .gid = 5, .rdev = 6,
				    .size = 0x0102030405060708, .blksize = 4096, .blocks = 9, .atime = 10, .mtime = 11, .ctime = 12 };
	uint8_t out[RSP_FILE_STAT_SIZE];
	rsp_file_stat_encode(out, &st);
	ck_assert_mem_eq(out, want, sizeof(want));
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(buf_grows), TAP_ONE(buf_limit), TAP_ONE(buf_huge), TAP_ONE(buf_long_printf), TAP_ONE(error_text),
		TAP_ONE(hex_round_trip), TAP_EACH(hex_refuses, bad_hex), TAP_ONE(hex_digit_values),
		TAP_EACH(number_read, good_numbers), TAP_EACH(number_refused, bad_numbers), TAP_ONE(cut_texts),
		TAP_ONE(escape_all_bytes), TAP_ONE(escape_stops_at_room), TAP_ONE(rle_every_length), TAP_ONE(rle_counts),
		TAP_EACH(ptid_read, good_ptids), TAP_EACH(ptid_refused, bad_ptids), TAP_ONE(ptid_written), TAP_ONE(signals_known),
		TAP_ONE(signals_round_trip), TAP_ONE(signals_unknown), TAP_ONE(file_numbers), TAP_ONE(file_stat_big_endian),
	};
	return TAP_RUN("rsp_bytes", tests, NULL, NULL);
}
