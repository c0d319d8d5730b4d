/* Fuzz target: a whole session on the mock target. The input is text, one item a line:
 *   PAYLOAD     a packet with this payload, framed with the right checksum
 *   =BYTES      bytes fed as they are
 *   %stop %stop N %exit %console %interrupt-inside   what the target does
 *   %fail N     operations fail with class N from now on;  %gone: the process is gone
 *   %pieces N   feed in pieces of N bytes from now on
 * Checked beside memory: what the stub sends is well framed, and a packet is answered once and only once. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/session.h"
#include "testsuite/fuzz/fuzz.h"
#include "testsuite/unit/mock_target.h"

struct fuzz {
	struct mock mock;
	struct rsp_session *session;
	size_t piece;
	/* Answers since the last packet: how many there were, and whether none or any number is right. */
	unsigned answers;
	bool asked, may_be_silent;
	bool was_running;
	bool notified; /* until vStopped or `?` */
};

static void fail(const char *what)
{
	fprintf(stderr, "fuzz_packet: %s\n", what);
	abort();
}

static bool is_console(const char *p, size_t n)
{
	return n > 0 && p[0] == 'O' && !(n == 2 && p[1] == 'K');
}

static void settle(struct fuzz *f)
{
	if (f->asked && !f->may_be_silent && f->answers == 0 && !rsp_session_running(f->session))
		fail("a packet without an answer");
	f->asked = false;
	f->answers = 0;
}

static bool has_no_answer(const char *p, size_t n)
{
	return n > 0 && ((n == 1 && p[0] == 'k') || p[0] == 'R');
}

static void watch(void *arg, char dir, const char *bytes, size_t n)
{
	struct fuzz *f = arg;
	if (dir == '<') {
		/* The log does not tell the byte `+` from a packet with the payload `+`, so what follows cannot be counted. */
		if (n == 1 && memchr("+-\x03", bytes[0], 3)) {
			f->asked = false;
			return;
		}
		settle(f);
		if ((n == 8 && memcmp(bytes, "vStopped", 8) == 0) || (n > 7 && memcmp(bytes, "QNonStop", 8) == 0) || (n && strchr("?DkvR", bytes[0])))
			f->notified = false;
		f->asked = true;
		f->was_running = rsp_session_running(f->session);
		f->may_be_silent = has_no_answer(bytes, n);
		return;
	}
	/* A packet that is asked for again is not answered yet. */
	if (n == 1 && bytes[0] == '-')
		f->asked = false;
	if ((n == 1 && (bytes[0] == '+' || bytes[0] == '-')) || is_console(bytes, n))
		return;
	if (n && bytes[0] == '%') {
		if (!rsp_session_nonstop(f->session))
			fail("a notification in all-stop");
		if (f->notified)
			fail("a notification while one is outstanding");
		f->notified = true;
		return;
	}
	f->answers++;
	/* While a resume is under way its stop reply may come beside the answer to another packet. */
	if (f->asked && f->answers > (f->was_running ? 2u : 1u))
		fail("a packet answered twice");
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What was put out in one go holds whole packets and control bytes only. */
static void check_framing(const char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		if (p[i] == '+' || p[i] == '-') {
			i++;
			continue;
		}
		if (p[i] != '$' && p[i] != '%')
			fail("bytes that are no packet");
		unsigned sum = 0;
		for (i++; i < n && p[i] != '#'; i++) {
			if (p[i] == '$')
				fail("a raw $ in a packet");
			sum += (unsigned char)p[i];
		}
		if (n - i < 3 || digit(p[i + 1]) < 0 || digit(p[i + 2]) < 0 || digit(p[i + 1]) * 16 + digit(p[i + 2]) != (int)(sum & 0xff))
			fail("a wrong checksum");
		i += 3;
	}
}

static void drain(struct fuzz *f)
{
	for (;;) {
		size_t n;
		const char *out = rsp_session_output(f->session, &n);
		if (!n)
			return;
		check_framing(out, n);
		rsp_session_sent(f->session, n);
		rsp_session_feed(f->session, "+", 1);
	}
}

static void feed(struct fuzz *f, const char *bytes, size_t n)
{
	for (size_t at = 0, some; at < n; at += some) {
		some = f->piece && n - at > f->piece ? f->piece : n - at;
		rsp_session_feed(f->session, bytes + at, some);
		drain(f);
	}
}

static void packet(struct fuzz *f, const char *payload, size_t n)
{
	struct rsp_buf framed;
	unsigned sum = 0;
	rsp_buf_init(&framed, 0);
	for (size_t i = 0; i < n; i++)
		sum += (unsigned char)payload[i];
	rsp_buf_puts(&framed, "$");
	rsp_buf_add(&framed, payload, n);
	rsp_buf_printf(&framed, "#%02x", sum & 0xff);
	feed(f, framed.data, framed.len);
	rsp_buf_deinit(&framed);
}

static bool begins(const char *line, size_t n, const char *word)
{
	return n >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

static void event(struct fuzz *f, const char *line, size_t n)
{
	unsigned number = n > 1 && line[n - 1] >= '0' && line[n - 1] <= '9' ? (unsigned)(line[n - 1] - '0') : 0;
	if (begins(line, n, "%stop")) {
		struct rsp_stop stop = { .kind = RSP_STOP_SIGNAL, .thread = { MOCK_PID, number ? (int)number : 2 }, .value = 5,
					 .reason = RSP_REASON_SWBREAK };
		(void)rsp_session_stopped(f->session, &stop);
	} else if (begins(line, n, "%exit")) {
		struct rsp_stop stop = { .kind = RSP_STOP_EXITED, .thread = { MOCK_PID, 0 }, .value = number };
		(void)rsp_session_stopped(f->session, &stop);
	} else if (begins(line, n, "%console")) {
		rsp_session_console(f->session, line, n);
	} else if (begins(line, n, "%inside")) {
		f->mock.stop_inside = true;
	} else if (begins(line, n, "%fail") && number <= RSP_INTERNAL) {
		f->mock.fail = (enum rsp_class)number;
	} else if (begins(line, n, "%gone")) {
		f->mock.process = false;
	} else if (begins(line, n, "%pieces")) {
		f->piece = number;
	}
	drain(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz *f = calloc(1, sizeof(*f));
	if (!f)
		return 0;
	mock_init(&f->mock);
	struct rsp_session_config config = { .packet_size = 0x400, .log = watch, .log_arg = f };
	f->session = rsp_session_create(&mock_ops, &f->mock, &config);
	if (!f->session)
		fail("out of memory");
	f->mock.session = f->session;
	const char *p = (const char *)data, *end = p + size;
	while (p < end) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((line_end ? line_end : end) - p);
		if (n && p[0] == '=')
			feed(f, p + 1, n - 1);
		else if (n && p[0] == '%')
			event(f, p, n);
		else
			packet(f, p, n);
		p += n + 1;
	}
	if (rsp_session_ending(f->session) == RSP_GOES_ON)
		settle(f);
	rsp_session_destroy(f->session);
	mock_deinit(&f->mock);
	free(f);
	return 0;
}
