/* Resuming, stop replies, interrupts, and what arrives while the target runs. Recorded conversations in any pieces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/conversation.h"
#include "testsuite/unit/tap.h"

static struct conv c;

static void setup(void)
{
	conv_start_plain(&c);
}

static void teardown(void)
{
	conv_end(&c);
}

static const struct rsp_stop trap1 = { .kind = RSP_STOP_SIGNAL, .thread = { MOCK_PID, 1 }, .value = 5 };

static const char *stop(const struct rsp_stop *how)
{
	ck_assert_int_eq(rsp_session_stopped(c.session, how), 0);
	conv_read(&c);
	return conv_next(&c, NULL);
}

/* --- the ways to resume --- */

static const struct {
	const char *packet, *said;
} resumes[] = {
	{ "vCont;c", "resume c -1.-1; " },
	{ "vCont;c:-1", "resume c -1.-1; " },
	{ "vCont;c:p10.-1", "resume c 16.-1; " },
	{ "vCont;c:p-1", "resume c -1.-1; " },
	{ "vCont;s:2;c", "resume s 16.2 c -1.-1; " },
	{ "vCont;s:p10.2;c:p10.-1", "resume s 16.2 c 16.-1; " },
	{ "vCont;C0b:p10.3;c", "resume c(11) 16.3 c -1.-1; " },
	{ "vCont;S05:1", "resume s(5) 16.1; " },
	{ "vCont;r1000,1010:p10.1;c", "resume r[1000,1010) 16.1 c -1.-1; " },
	{ "vCont;t:2;c", "resume t 16.2 c -1.-1; " },
	{ "vCont;s:9;c:1", "resume s 0.9 c 16.1; " }, /* one is gone, the other lives */
	{ "c", "resume c -1.-1; " },
	{ "s", "resume s 16.1 c -1.-1; " },
	{ "C0b", "resume c(11) 16.1 c -1.-1; " },
	{ "S0b", "resume s(11) 16.1 c -1.-1; " },
};

START_TEST(resume_forms)
{
	conv_silent(&c, resumes[_i].packet);
	ck_assert_str_eq(conv_said(&c), resumes[_i].said);
	ck_assert(rsp_session_running(c.session));
	ck_assert_str_eq(stop(&trap1), "T05thread:1;");
	ck_assert(!rsp_session_running(c.session));
	ck_assert_ptr_null(conv_next(&c, NULL));
}
END_TEST

START_TEST(resume_of_hc)
{
	conv_expect(&c, "Hc3", "OK");
	conv_silent(&c, "s");
	ck_assert_str_eq(conv_said(&c), "resume s 16.3; ");
	stop(&trap1);
	conv_silent(&c, "c");
	ck_assert_str_eq(conv_said(&c), "resume c 16.3; ");
	stop(&trap1);
	conv_expect(&c, "Hcp10.-1", "OK");
	conv_silent(&c, "c");
	ck_assert_str_eq(conv_said(&c), "resume c 16.-1; ");
	stop(&trap1);
	conv_expect(&c, "Hg2", "OK");
	conv_silent(&c, "s");
	ck_assert_str_eq(conv_said(&c), "resume s 16.2 c 16.-1; ");
	stop(&trap1);
	conv_expect(&c, "Hc9", "E03");
	conv_expect(&c, "s", "E03");
	ck_assert(!rsp_session_running(c.session));
}
END_TEST

START_TEST(resume_gone)
{
	conv_expect(&c, "vCont;s:9", "E03");
	conv_expect(&c, "vCont;c:p10.9;s:p11.1", "E03");
	conv_expect(&c, "vCont;c:pff.5", "E03");
	c.mock.dead[1] = true;
	conv_expect(&c, "vCont;s:1", "E03");
	ck_assert_str_eq(conv_said(&c), "");
	c.mock.process = false;
	conv_expect(&c, "s", "E03");
}
END_TEST

START_TEST(resume_refused)
{
	c.mock.fail = RSP_INTERNAL;
	conv_expect(&c, "vCont;c", "E04");
	conv_expect(&c, "c", "E04");
	ck_assert(!rsp_session_running(c.session));
	/* A stop that came before is still there for `?`. */
	c.mock.fail = RSP_OK;
	ck_assert_int_eq(rsp_session_stopped(c.session, &trap1), 0);
	c.mock.fail = RSP_INTERNAL;
	conv_expect(&c, "c", "E04");
	c.mock.process = false;
	conv_expect(&c, "?", "T05thread:1;");
}
END_TEST

START_TEST(resume_at_address)
{
	conv_expect(&c, "c1000", "E02");
	conv_expect(&c, "s1000", "E02");
	conv_expect(&c, "C05;1000", "E02");
	conv_expect(&c, "S05;1000", "E02");
	ck_assert_str_eq(conv_said(&c), "");
}
END_TEST

START_TEST(resume_stops_inside)
{
	c.mock.stop_inside = true;
	conv_expect(&c, "vCont;c", "T05thread:1;");
	conv_expect(&c, "s", "T05thread:1;");
	ck_assert(!rsp_session_running(c.session));
}
END_TEST

START_TEST(vcont_query)
{
	conv_expect(&c, "vCont?", "vCont;c;C;s;S;t;r");
}
END_TEST

START_TEST(vcont_halt)
{
	/* Everything is stopped already: the answer is its state. */
	conv_expect(&c, "vCont;t", "T05thread:1;");
	conv_silent(&c, "vCont;c");
	conv_expect(&c, "vCont;t:p10.-1", "OK");
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; interrupt; ");
	ck_assert_str_eq(stop(&trap1), "T05thread:1;");
}
END_TEST

/* --- stop replies --- */

static const struct {
	const char *features;
	struct rsp_stop stop;
	const char *reply;
} stops[] = {
#define SIGNAL(...) { .kind = RSP_STOP_SIGNAL, .thread = { MOCK_PID, 2 }, .value = 5, __VA_ARGS__ }
	{ "", SIGNAL(.reason = RSP_REASON_NONE), "T05thread:2;" },
	{ "multiprocess+", SIGNAL(.reason = RSP_REASON_NONE), "T05thread:p10.2;" },
	{ "swbreak+", SIGNAL(.reason = RSP_REASON_SWBREAK), "T05thread:2;swbreak:;" },
	{ "", SIGNAL(.reason = RSP_REASON_SWBREAK), "T05thread:2;" },
	{ "hwbreak+", SIGNAL(.reason = RSP_REASON_HWBREAK), "T05thread:2;hwbreak:;" },
	{ "swbreak+", SIGNAL(.reason = RSP_REASON_HWBREAK), "T05thread:2;" },
	{ "", SIGNAL(.reason = RSP_REASON_WATCH, .addr = UINT64_MAX), "T05thread:2;watch:ffffffffffffffff;" },
	{ "", SIGNAL(.reason = RSP_REASON_RWATCH, .addr = 0x10), "T05thread:2;rwatch:10;" },
	{ "", SIGNAL(.reason = RSP_REASON_AWATCH, .addr = 0), "T05thread:2;awatch:0;" },
	{ "", SIGNAL(.reason = RSP_REASON_LIBRARY), "T05thread:2;library:;" },
	{ "exec-events+", SIGNAL(.reason = RSP_REASON_EXEC, .text = "/bin/x"), "T05thread:2;exec:2f62696e2f78;" },
	{ "", SIGNAL(.reason = RSP_REASON_EXEC, .text = "/bin/x"), "T05thread:2;" },
	{ "exec-events+", SIGNAL(.reason = RSP_REASON_EXEC), "T05thread:2;" },
	{ "", { .kind = RSP_STOP_EXITED, .thread = { MOCK_PID, 0 }, .value = 3 }, "W03" },
	{ "multiprocess+", { .kind = RSP_STOP_EXITED, .thread = { MOCK_PID, 0 }, .value = 0x103 }, "W03;process:10" },
	{ "", { .kind = RSP_STOP_TERMINATED, .thread = { MOCK_PID, 0 }, .value = 11 }, "X0b" },
	{ "multiprocess+", { .kind = RSP_STOP_TERMINATED, .thread = { MOCK_PID, 0 }, .value = 9 }, "X09;process:10" },
	{ "no-resumed+", { .kind = RSP_STOP_NO_RESUMED }, "N" },
	{ "", { .kind = RSP_STOP_NO_RESUMED }, "S00" },
	{ "", { .kind = RSP_STOP_SIGNAL, .thread = { 0, 0 }, .value = 2 }, "T02" },
#undef SIGNAL
};

START_TEST(stop_replies)
{
	char features[64];
	snprintf(features, sizeof(features), "qSupported:%s", stops[_i].features);
	conv_ask(&c, features);
	conv_silent(&c, "vCont;c");
	ck_assert_str_eq(stop(&stops[_i].stop), stops[_i].reply);
	/* The same as the answer to `?`. */
	c.mock.stop = stops[_i].stop;
	conv_expect(&c, "?", stops[_i].reply);
}
END_TEST

START_TEST(stop_expedites)
{
	c.mock.desc = &mock_tdesc;
	conv_silent(&c, "vCont;c");
	ck_assert_str_eq(stop(&trap1), "T05thread:1;01:18191a1b1c1d1e1f;");
	/* A register that cannot be read is left out; the stop is reported. */
	conv_silent(&c, "vCont;c");
	c.mock.fail = RSP_INTERNAL;
	ck_assert_str_eq(stop(&trap1), "T05thread:1;");
}
END_TEST

START_TEST(stop_selects_thread)
{
	struct rsp_stop third = trap1;
	third.thread.tid = 3;
	conv_expect(&c, "Hg2", "OK");
	conv_silent(&c, "vCont;c");
	stop(&third);
	conv_expect(&c, "qC", "QC3");
	conv_expect(&c, "Hg2", "OK");
	c.mock.stop = third;
	conv_ask(&c, "?");
	conv_expect(&c, "qC", "QC3");
}
END_TEST

START_TEST(stop_before_question)
{
	/* A stop that nobody waits for is kept for `?`, its text too. */
	char path[] = "/bin/x";
	struct rsp_stop exec = trap1;
	exec.reason = RSP_REASON_EXEC;
	exec.text = path;
	conv_ask(&c, "qSupported:exec-events+");
	ck_assert_int_eq(rsp_session_stopped(c.session, &exec), 0);
	memset(path, '?', sizeof(path) - 1);
	conv_read(&c);
	ck_assert_ptr_null(conv_next(&c, NULL));
	conv_expect(&c, "?", "T05thread:1;exec:2f62696e2f78;");
	conv_expect(&c, "?", "T05thread:1;"); /* from then on the target's own word */
}
END_TEST

START_TEST(stop_twice)
{
	conv_silent(&c, "vCont;c");
	stop(&trap1);
	ck_assert_int_eq(rsp_session_stopped(c.session, &trap1), -RSP_INTERNAL);
	conv_read(&c);
	ck_assert_ptr_null(conv_next(&c, NULL));
	/* The next resume is answered by its own stop. */
	conv_silent(&c, "vCont;c");
	ck_assert_str_eq(stop(&trap1), "T05thread:1;");
}
END_TEST

/* --- interrupts --- */

START_TEST(interrupt_while_running)
{
	struct rsp_stop interrupted = trap1;
	interrupted.value = 2;
	conv_silent(&c, "vCont;c");
	conv_feed(&c, "\x03", 1);
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; interrupt; ");
	ck_assert_ptr_null(conv_next(&c, NULL));
	ck_assert_str_eq(stop(&interrupted), "T02thread:1;");
}
END_TEST

START_TEST(interrupt_before_and_after)
{
	conv_feed(&c, "\x03", 1);
	ck_assert_str_eq(conv_said(&c), "");
	conv_silent(&c, "vCont;c");
	stop(&trap1);
	conv_feed(&c, "\x03", 1); /* crossed the stop on its way */
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; ");
	ck_assert_ptr_null(conv_next(&c, NULL));
	conv_expect(&c, "qC", "QC1");
}
END_TEST

START_TEST(interrupt_that_crossed_a_stop_is_due)
{
	conv_silent(&c, "vCont;c");
	stop(&trap1);
	conv_feed(&c, "\x03", 1);
	conv_expect(&c, "qC", "QC1");
	conv_silent(&c, "vCont;c");
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; resume c -1.-1; interrupt; ");
	ck_assert_str_eq(stop(&trap1), "T05thread:1;");
	conv_expect(&c, "qC", "QC1");
	conv_feed(&c, "\x03", 1); /* in the middle of what the client does by itself at a stop */
	conv_silent(&c, "vCont;c");
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; interrupt; ");
}
END_TEST

START_TEST(interrupt_overtaken_by_a_library_stop_is_due)
{
	struct rsp_stop library = trap1;
	library.reason = RSP_REASON_LIBRARY;
	conv_silent(&c, "vCont;c");
	conv_feed(&c, "\x03", 1);
	stop(&library);
	conv_silent(&c, "vCont;c");
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; interrupt; resume c -1.-1; interrupt; ");
}
END_TEST

/* The resume that should have been interrupted was over before it returned: the next one is. */
START_TEST(interrupt_that_is_due_outlasts_a_stop_from_inside)
{
	conv_silent(&c, "vCont;c");
	stop(&trap1);
	conv_feed(&c, "\x03", 1);
	c.mock.stop_inside = true;
	conv_expect(&c, "vCont;c", "T05thread:1;");
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; resume c -1.-1; ");
	c.mock.stop_inside = false;
	conv_silent(&c, "vCont;c");
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; interrupt; ");
}
END_TEST

START_TEST(interrupt_of_a_process_that_is_gone_is_not_for_the_next_one)
{
	static const char *const ways[] = { "vRun;61", "vAttach;10" };
	const struct rsp_stop exited = { .kind = RSP_STOP_EXITED, .thread = { MOCK_PID, 0 } };
	conv_expect(&c, "!", "OK");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		conv_silent(&c, "vCont;c");
		ck_assert_str_eq(stop(&exited), "W00");
		conv_feed(&c, "\x03", 1); /* crossed the exit on its way */
		conv_expect(&c, ways[i], "T05thread:1;");
		conv_said(&c);
		conv_silent(&c, "vCont;c");
		ck_assert_str_eq(conv_said(&c), "resume c -1.-1; ");
		stop(&trap1);
	}
}
END_TEST

START_TEST(interrupt_with_resume)
{
	/* In one piece with the packet that resumes. */
	conv_feed(&c, "$vCont;c#a8\x03", 12);
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; interrupt; ");
	ck_assert_str_eq(stop(&trap1), "T05thread:1;");
}
END_TEST

START_TEST(interrupt_packet)
{
	conv_expect(&c, "vCtrlC", "OK");
	ck_assert_str_eq(conv_said(&c), "");
	conv_silent(&c, "vCont;c");
	conv_expect(&c, "vCtrlC", "OK");
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; interrupt; ");
	ck_assert_str_eq(stop(&trap1), "T05thread:1;");
}
END_TEST

START_TEST(interrupt_byte_in_data)
{
	conv_silent(&c, "vCont;c");
	conv_feed(&c, "$X1000,1:\x03#b3", 13);
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; ");
	ck_assert_str_eq(conv_next(&c, NULL), "E02");
	stop(&trap1);
}
END_TEST

/* --- packets while the target runs --- */

static const struct {
	const char *packet, *answer;
} while_running[] = {
	{ "g", "E02" },      { "m1000,4", "E02" },   { "?", "E02" },        { "vCont;c", "E02" }, { "c", "E02" },           { "s", "E02" },
	{ "Z0,1000,4", "E02" }, { "Hg2", "E02" },    { "T1", "E02" },       { "qfThreadInfo", "E02" }, { "vRun;61", "E02" },
	{ "P2=00000000", "E.the target is running: stop it first" },
	{ "nonsense", "" },  { "vMustReplyEmpty", "" }, { "vCont?", "vCont;c;C;s;S;t;r" }, { "qAttached", "1" }, { "vFile:setfs:0", "F0" },
	{ "qRcmd,7175696574", "OK" }, { "vCont;x", "E01" }, { "vCont", "E01" }, { "vKill;0", "E01" }, { "vKill;ff", "E03" },
};

START_TEST(packet_while_running)
{
	conv_silent(&c, "vCont;c");
	conv_expect(&c, while_running[_i].packet, while_running[_i].answer);
	ck_assert(rsp_session_running(c.session));
	/* The stop reply is not lost. */
	ck_assert_str_eq(stop(&trap1), "T05thread:1;");
	ck_assert_ptr_null(conv_next(&c, NULL));
}
END_TEST

START_TEST(leave_while_running)
{
	static const char *const ways[] = { "D", "D;10", "vKill;10" };
	for (size_t i = 0; i < 3; i++) {
		static struct conv r;
		conv_start(&r);
		conv_silent(&r, "vCont;c");
		conv_expect(&r, ways[i], "OK");
		ck_assert(!rsp_session_running(r.session));
		ck_assert_int_ne(rsp_session_ending(r.session), RSP_GOES_ON);
		rsp_session_stopped(r.session, &trap1); /* too late, and nobody is there */
		conv_read(&r);
		ck_assert_ptr_null(conv_next(&r, NULL));
		conv_end(&r);
	}
	conv_silent(&c, "vCont;c");
	conv_silent(&c, "k");
	ck_assert_int_eq(rsp_session_ending(c.session), RSP_ENDED_KILLED);
}
END_TEST

START_TEST(console)
{
	rsp_session_console(c.session, "early", 5); /* nobody listens */
	conv_silent(&c, "vCont;c");
	rsp_session_console(c.session, "hi\n", 3);
	conv_read(&c);
	ck_assert_str_eq(conv_next(&c, NULL), "O68690a");
	stop(&trap1);
	rsp_session_console(c.session, "late", 4);
	conv_read(&c);
	ck_assert_ptr_null(conv_next(&c, NULL));
}
END_TEST

/* --- output that nobody takes --- */

START_TEST(slow_reader)
{
	/* A hundred large reads in one piece, and nothing is read: memory stays bounded, and all answers come at last. */
	struct rsp_buf in;
	rsp_buf_init(&in, 0);
	conv_expect(&c, "QStartNoAckMode", "OK");
	for (int i = 0; i < 100; i++)
		conv_frame(&in, "m1000,10000", 11);
	ck_assert(rsp_session_wants_input(c.session));
	rsp_session_feed(c.session, in.data, in.len);
	size_t n;
	rsp_session_output(c.session, &n);
	ck_assert_uint_le(n, 6 * 0x20000);
	ck_assert(!rsp_session_wants_input(c.session));
	rsp_session_feed(c.session, "$qC#b4", 6); /* joins the queue */
	conv_read(&c);
	ck_assert(rsp_session_wants_input(c.session));
	const char *answer;
	for (int i = 0; i < 100; i++) {
		answer = conv_next(&c, &n);
		ck_assert_ptr_nonnull(answer);
		ck_assert_uint_eq(n, 0x20000);
	}
	ck_assert_str_eq(conv_next(&c, NULL), "QC1");
	ck_assert_ptr_null(conv_next(&c, NULL));
	rsp_buf_deinit(&in);
}
END_TEST

START_TEST(endless_nacks)
{
	char nacks[1000];
	memset(nacks, '-', sizeof(nacks));
	rsp_session_feed(c.session, "$m1000,8000#33", 14);
	for (int i = 0; i < 100; i++)
		rsp_session_feed(c.session, nacks, sizeof(nacks));
	size_t n;
	rsp_session_output(c.session, &n);
	ck_assert_uint_le(n, 2 * 0x10000 + 100);
	conv_read(&c);
	c.taken = c.n_packets;
}
END_TEST

/* --- one conversation, in any pieces --- */

static void record(struct rsp_buf *in)
{
	static const char *const packets[] = {
		"qSupported:multiprocess+;swbreak+;xmlRegisters=i386", "vMustReplyEmpty", "Hgp0.0", "qXfer:features:read:target.xml:0,1000", "qTStatus", "?",
		"qXfer:threads:read::0,1000", "qAttached:10", "Hc-1", "qC", "g", "p3", "m1000,40", "x1000,40", "P2=01020304", "M1000,2:2324",
		"Z0,1000,4", "vCont?", "vCont;c:p10.-1", "qXfer:libraries:read::0,1000", "m1,1", "zz", "vFile:open:2f746d702f612e636f,0,0",
		"vFile:pread:5,100,0", "vFile:fstat:5", "qRcmd,68656c70", "qfThreadInfo", "qsThreadInfo", "X1000,0:",
	};
	rsp_buf_init(in, 0);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		rsp_buf_puts(in, "+");
		conv_frame(in, packets[i], strlen(packets[i]));
	}
	rsp_buf_puts(in, "+$qC#00garbage\x03");
	conv_frame(in, "X1000,4:}]}\x03}\x04\x00", 15);
	conv_frame(in, "m1000,4", 7);
}

static void play(struct conv *p, const struct rsp_buf *in, bool (*piece)(size_t at, size_t *n), struct rsp_buf *out)
{
	conv_start(p);
	p->mock.stop_inside = true;
	p->noack = true;
	for (size_t at = 0, n; at < in->len; at += n) {
		if (!piece(at, &n) || n > in->len - at)
			n = in->len - at;
		conv_feed(p, in->data + at, n);
	}
	rsp_buf_init(out, 0);
	rsp_buf_add(out, p->wire.data, p->wire.len);
	conv_end(p);
}

static bool whole(size_t at, size_t *n)
{
	(void)at;
	(void)n;
	return false;
}

static bool bytewise(size_t at, size_t *n)
{
	(void)at;
	*n = 1;
	return true;
}

static bool random_piece(size_t at, size_t *n)
{
	(void)at;
	*n = 1 + (size_t)rand() % 90;
	return true;
}

START_TEST(any_pieces)
{
	static struct conv p;
	struct rsp_buf in, want, got;
	record(&in);
	play(&p, &in, bytewise, &want);
	ck_assert_uint_gt(want.len, 2500);
	srand((unsigned)_i);
	play(&p, &in, _i ? random_piece : whole, &got);
	ck_assert_uint_eq(got.len, want.len);
	ck_assert_mem_eq(got.data, want.data, want.len);
	rsp_buf_deinit(&in);
	rsp_buf_deinit(&want);
	rsp_buf_deinit(&got);
}
END_TEST

/* The client vanishes after any byte: the session is destroyed without a leak, target and process untouched. */
START_TEST(gone_after_any_byte)
{
	static struct conv p;
	struct rsp_buf in;
	record(&in);
	for (size_t end = 0; end < in.len; end += 7) {
		conv_start(&p);
		p.noack = true;
		rsp_session_feed(p.session, in.data, end);
		conv_end(&p);
	}
	rsp_session_destroy(NULL);
	rsp_buf_deinit(&in);
}
END_TEST

struct seen {
	struct rsp_buf text;
};

static void note(void *arg, char dir, const char *bytes, size_t n)
{
	struct seen *seen = arg;
	rsp_buf_add(&seen->text, &dir, 1);
	rsp_buf_add(&seen->text, bytes, n);
	rsp_buf_puts(&seen->text, "|");
}

START_TEST(wire_log)
{
	static struct conv l;
	struct seen seen;
	rsp_buf_init(&seen.text, 0);
	conv_prepare(&l);
	conv_open(&l, &(struct rsp_session_config){ .log = note, .log_arg = &seen });
	conv_expect(&l, "qC", "QC1");
	conv_expect(&l, "zz", "E01");
	rsp_buf_add(&seen.text, "", 1);
	ck_assert_str_eq(seen.text.data, "<qC|>+|>QC1|<+|<zz|>+|>E01|<+|");
	rsp_buf_deinit(&seen.text);
	conv_end(&l);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_EACH(resume_forms, resumes), TAP_ONE(resume_of_hc), TAP_ONE(resume_gone), TAP_ONE(resume_refused),
		TAP_ONE(resume_at_address), TAP_ONE(resume_stops_inside), TAP_ONE(vcont_query), TAP_ONE(vcont_halt),
		TAP_EACH(stop_replies, stops), TAP_ONE(stop_expedites), TAP_ONE(stop_selects_thread),
		TAP_ONE(stop_before_question), TAP_ONE(stop_twice), TAP_ONE(interrupt_while_running),
		TAP_ONE(interrupt_before_and_after), TAP_ONE(interrupt_that_crossed_a_stop_is_due),
		TAP_ONE(interrupt_overtaken_by_a_library_stop_is_due), TAP_ONE(interrupt_that_is_due_outlasts_a_stop_from_inside),
		TAP_ONE(interrupt_of_a_process_that_is_gone_is_not_for_the_next_one), TAP_ONE(interrupt_with_resume), TAP_ONE(interrupt_packet),
		TAP_ONE(interrupt_byte_in_data), TAP_EACH(packet_while_running, while_running), TAP_ONE(leave_while_running),
		TAP_ONE(console), TAP_ONE(slow_reader), TAP_ONE(endless_nacks), TAP_TIMES(any_pieces, 20),
		TAP_ONE(gone_after_any_byte), TAP_ONE(wire_log),
	};
	return TAP_RUN("rsp_run", tests, setup, teardown);
}
