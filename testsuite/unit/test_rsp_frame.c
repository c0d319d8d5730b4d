/* Framing of what the client sends, and the outgoing side with its acknowledgements. */
#include <stdlib.h>
#include <string.h>

#include "protocol/frame.h"
#include "protocol/link.h"
#include "testsuite/unit/conversation.h"
#include "testsuite/unit/tap.h"

enum { LIMIT = 64 };

/* Feeds text and writes the events down: P(payload) + - ! (interrupt) O(overflow) M(malformed) C(checksum). */
static const char *events(const char *bytes, size_t n, size_t piece, struct rsp_buf *out)
{
	static const char letters[] = " P+-!OMC";
	struct rsp_frame f;
	ck_assert(rsp_frame_init(&f, LIMIT));
	rsp_buf_init(out, 0);
	for (size_t at = 0; at < n;) {
		size_t some = n - at < piece ? n - at : piece;
		enum rsp_frame_event event;
		size_t used = rsp_frame_feed(&f, bytes + at, some, &event);
		ck_assert_uint_ge(used, 1);
		ck_assert_uint_le(used, some);
		if (event == RSP_FRAME_MORE)
			ck_assert_uint_eq(used, some);
		at += used;
		if (event == RSP_FRAME_PACKET) {
			rsp_buf_puts(out, "P(");
			rsp_buf_add(out, f.data, f.len);
			rsp_buf_puts(out, ")");
		} else if (event != RSP_FRAME_MORE) {
			rsp_buf_add(out, &letters[event], 1);
		}
	}
	rsp_buf_add(out, "", 1);
	rsp_frame_deinit(&f);
	return out->data;
}

/* "%" in the test texts stands for the byte 0x03. */
static const struct {
	const char *in, *events;
} cases[] = {
	{ "$?#3f", "P(?)" },
	{ "+$?#3f+", "+P(?)+" },
	{ "$#00", "P()" },
	{ "$g#67$g#67", "P(g)P(g)" },
	{ "$G#47", "P(G)" },
	{ "$m#6D", "P(m)" },           /* upper-case checksum */
	{ "%", "!" },
	{ "$g#67%", "P(g)!" },
	{ "%$g#67", "!P(g)" },
	{ "-", "-" },
	{ "garbage$g#67more", "P(g)" },
	{ "$g#68", "C" },
	{ "$g#6z", "C" },
	{ "$g#zz", "C" },
	{ "$g#$g#67", "CP(g)" },       /* a new packet where a digit should be */
	{ "$g#6$g#67", "CP(g)" },
	{ "$gar$g#67", "P(g)" },       /* cut off, then a new one */
	{ "$g}$g#67", "P(g)" },
	{ "$X}\x03#d8", "P(X#)" },
	{ "$a}]b#9d", "P(a}b)" },
	{ "$a}#de", "M" },             /* nothing behind the escape */
	{ "$0* #7a", "P(0000)" },
	{ "$0*~#d8", "O" },            /* 98 characters */
	{ "$ab*\"c#72", "P(abbbbbbc)" },
	{ "$*a#8b", "M" },             /* nothing to repeat */
	{ "$a*#8b", "M" },
	{ "$a*\x1f#aa", "M" },
	{ "$a*\x7f#0a", "M" },
	{ "$b*!c*!#5b", "P(bbbbbccccc)" },
	{ "+-+", "+-+" },
};

static size_t with_interrupts(char *text)
{
	size_t n = strlen(text);
	for (size_t i = 0; i < n; i++)
		if (text[i] == '%')
			text[i] = 0x03;
	return n;
}

START_TEST(frame_events)
{
	char in[256];
	struct rsp_buf out;
	strcpy(in, cases[_i].in);
	size_t n = with_interrupts(in);
	ck_assert_str_eq(events(in, n, n, &out), cases[_i].events);
	rsp_buf_deinit(&out);
	ck_assert_str_eq(events(in, n, 1, &out), cases[_i].events);
	rsp_buf_deinit(&out);
	ck_assert_str_eq(events(in, n, 3, &out), cases[_i].events);
	rsp_buf_deinit(&out);
}
END_TEST

START_TEST(frame_binary_zeros)
{
	static const char payload[] = "X0,4:\0\x03+-";
	struct rsp_buf in, out;
	rsp_buf_init(&in, 0);
	conv_frame(&in, payload, sizeof(payload) - 1);
	events(in.data, in.len, 1, &out);
	ck_assert_uint_eq(out.len, sizeof(payload) - 1 + 4);
	ck_assert_mem_eq(out.data + 2, payload, sizeof(payload) - 1);
	rsp_buf_deinit(&in);
	rsp_buf_deinit(&out);
}
END_TEST

START_TEST(frame_limit)
{
	for (size_t n = LIMIT - 1; n <= LIMIT + 2; n++) {
		char payload[LIMIT + 2];
		struct rsp_buf in, out;
		memset(payload, 'a', sizeof(payload));
		rsp_buf_init(&in, 0);
		conv_frame(&in, payload, n);
		conv_frame(&in, "g", 1);
		const char *got = events(in.data, in.len, in.len, &out);
		ck_assert_int_eq(got[0], n <= LIMIT ? 'P' : 'O');
		ck_assert_str_eq(got + strlen(got) - 4, "P(g)"); /* the next one is read */
		rsp_buf_deinit(&in);
		rsp_buf_deinit(&out);
	}
}
END_TEST

START_TEST(frame_endless)
{
	/* A packet without an end uses no more memory than the limit, and does not hide the next one. */
	struct rsp_frame f;
	enum rsp_frame_event event;
	char junk[1000];
	memset(junk, 'j', sizeof(junk));
	ck_assert(rsp_frame_init(&f, LIMIT));
	rsp_frame_feed(&f, "$", 1, &event);
	for (int i = 0; i < 1000; i++) {
		ck_assert_uint_eq(rsp_frame_feed(&f, junk, sizeof(junk), &event), sizeof(junk));
		ck_assert_int_eq(event, RSP_FRAME_MORE);
	}
	rsp_frame_feed(&f, "$g#67", 5, &event);
	ck_assert_int_eq(event, RSP_FRAME_PACKET);
	ck_assert_uint_eq(f.len, 1);
	rsp_frame_deinit(&f);
}
END_TEST

/* --- the outgoing side --- */

static void expect(struct rsp_link *l, const char *want)
{
	size_t n;
	const char *out = rsp_link_output(l, &n);
	ck_assert_uint_eq(n, strlen(want));
	if (n)
		ck_assert_mem_eq(out, want, n);
	rsp_link_sent(l, n);
}

START_TEST(link_one_at_a_time)
{
	struct rsp_link l;
	rsp_link_init(&l);
	rsp_link_packet(&l, "O61", 3, false);
	rsp_link_packet(&l, "OK", 2, false);
	expect(&l, "$O61#b6");
	expect(&l, "");
	rsp_link_ack(&l);
	expect(&l, "$OK#9a");
	rsp_link_ack(&l);
	expect(&l, "");
	rsp_link_ack(&l); /* one too many */
	rsp_link_packet(&l, "", 0, false);
	expect(&l, "$#00");
	rsp_link_deinit(&l);
}
END_TEST

START_TEST(link_sends_again)
{
	struct rsp_link l;
	rsp_link_init(&l);
	rsp_link_nack(&l); /* nothing sent yet */
	expect(&l, "");
	rsp_link_packet(&l, "OK", 2, false);
	expect(&l, "$OK#9a");
	rsp_link_nack(&l);
	expect(&l, "$OK#9a");
	rsp_link_nack(&l);
	rsp_link_nack(&l); /* the second copy is not out yet */
	expect(&l, "$OK#9a");
	rsp_link_ack(&l);
	rsp_link_nack(&l);
	expect(&l, "");
	rsp_link_deinit(&l);
}
END_TEST

START_TEST(link_settles)
{
	struct rsp_link l;
	rsp_link_init(&l);
	rsp_link_packet(&l, "a", 1, false);
	rsp_link_packet(&l, "b", 1, false);
	rsp_link_packet(&l, "c", 1, false);
	expect(&l, "$a#61");
	rsp_link_settle(&l);
	expect(&l, "$b#62$c#63");
	rsp_link_deinit(&l);
}
END_TEST

START_TEST(link_noack)
{
	struct rsp_link l;
	rsp_link_init(&l);
	rsp_link_packet(&l, "OK", 2, false);
	l.noack = true;
	rsp_link_packet(&l, "a", 1, false); /* waits for the last acknowledgement */
	expect(&l, "$OK#9a");
	rsp_link_ack(&l);
	expect(&l, "$a#61");
	rsp_link_packet(&l, "b", 1, false);
	rsp_link_packet(&l, "c", 1, false);
	expect(&l, "$b#62$c#63");
	rsp_link_nack(&l);
	expect(&l, "");
	rsp_link_deinit(&l);
}
END_TEST

START_TEST(link_partial_writes)
{
	struct rsp_link l;
	size_t n;
	rsp_link_init(&l);
	rsp_link_control(&l, '+');
	rsp_link_packet(&l, "0000000000", 10, false);
	rsp_link_output(&l, &n);
	for (size_t left = n; left > 0; left--) {
		rsp_link_output(&l, &n);
		ck_assert_uint_eq(n, left);
		rsp_link_sent(&l, 1);
	}
	rsp_link_sent(&l, 1000); /* more than there is */
	expect(&l, "");
	ck_assert(!rsp_link_broken(&l));
	rsp_link_deinit(&l);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_EACH(frame_events, cases), TAP_ONE(frame_binary_zeros), TAP_ONE(frame_limit), TAP_ONE(frame_endless),
		TAP_ONE(link_one_at_a_time), TAP_ONE(link_sends_again), TAP_ONE(link_settles), TAP_ONE(link_noack),
		TAP_ONE(link_partial_writes),
	};
	return TAP_RUN("rsp_frame", tests, NULL, NULL);
}
