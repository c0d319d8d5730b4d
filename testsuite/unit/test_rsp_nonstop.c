/* Non-stop: stops as notifications, one outstanding at a time, the others by vStopped. */
#include <stdio.h>
#include <string.h>

#include "testsuite/unit/conversation.h"
#include "testsuite/unit/tap.h"

static struct conv c;

static void setup(void)
{
	conv_start_plain(&c);
	conv_expect(&c, "QNonStop:1", "OK");
	ck_assert_str_eq(conv_said(&c), "nonstop 1; ");
	ck_assert(rsp_session_nonstop(c.session));
}

static void teardown(void)
{
	ck_assert_ptr_null(conv_note(&c));
	ck_assert_ptr_null(conv_next(&c, NULL));
	conv_end(&c);
}

static struct rsp_stop trap(int64_t tid)
{
	return (struct rsp_stop){ .kind = RSP_STOP_SIGNAL, .thread = { MOCK_PID, tid }, .value = 5 };
}

static void stops(int64_t tid)
{
	struct rsp_stop s = trap(tid);
	ck_assert_int_eq(rsp_session_stopped(c.session, &s), 0);
	conv_read(&c);
}

START_TEST(resume_is_answered_at_once)
{
	static const char *const forms[][2] = {
		{ "vCont;c", "resume c -1.-1; " },
		{ "vCont;c:1", "resume c 16.1; " },
		{ "vCont;s:2", "resume s 16.2; " },
		{ "vCont;C0b:p10.3;c", "resume c(11) 16.3 c -1.-1; " },
		{ "vCont;r1000,1010:1", "resume r[1000,1010) 16.1; " },
		{ "vCont;t:2", "resume t 16.2; " },
		{ "vCont;t", "resume t -1.-1; " },
		{ "vCont;t:p10.-1", "resume t 16.-1; " },
		{ "c", "resume c -1.-1; " },
		{ "s", "resume s 16.1 c -1.-1; " },
		{ "C05", "resume c(5) 16.1 c -1.-1; " },
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		conv_expect(&c, forms[i][0], "OK");
		ck_assert_str_eq(conv_said(&c), forms[i][1]);
		ck_assert(!rsp_session_running(c.session));
	}
}
END_TEST

START_TEST(resume_of_hc_thread)
{
	conv_expect(&c, "Hc3", "OK");
	conv_expect(&c, "s", "OK");
	conv_expect(&c, "c", "OK");
	ck_assert_str_eq(conv_said(&c), "resume s 16.3; resume c 16.3; ");
}
END_TEST

START_TEST(resume_of_what_is_gone)
{
	c.mock.dead[2] = true;
	conv_expect(&c, "vCont;c:2", "E03");
	conv_expect(&c, "vCont;s:9", "E03");
	ck_assert_str_eq(conv_said(&c), "");
	/* The wish to stop one that has just ended is fulfilled. */
	conv_expect(&c, "vCont;t:2", "OK");
	conv_said(&c);
	c.mock.fail = RSP_REFUSED;
	conv_expect(&c, "vCont;c", "E02");
}
END_TEST

START_TEST(one_stop)
{
	conv_expect(&c, "vCont;c", "OK");
	stops(2);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:2;");
	conv_expect(&c, "vStopped", "OK");
	conv_expect(&c, "vStopped", "OK"); /* nothing is outstanding */
	stops(3);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:3;");
	conv_expect(&c, "vStopped", "OK");
}
END_TEST

START_TEST(many_stops)
{
	conv_expect(&c, "vCont;c", "OK");
	stops(2);
	stops(1);
	stops(3);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:2;");
	ck_assert_ptr_null(conv_note(&c));
	conv_expect(&c, "vStopped", "T05thread:1;");
	stops(2); /* while the series is under way: its end */
	conv_expect(&c, "vStopped", "T05thread:3;");
	conv_expect(&c, "vStopped", "T05thread:2;");
	conv_expect(&c, "vStopped", "OK");
	ck_assert_ptr_null(conv_note(&c));
}
END_TEST

START_TEST(thousands_of_stops)
{
	enum { MANY = 2400 };
	c.mock.many_threads = MANY;
	for (int64_t tid = 1; tid <= MANY; tid++)
		stops(tid);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:1;");
	for (int64_t tid = 2; tid <= MANY; tid++) {
		char want[64];
		snprintf(want, sizeof(want), "T05thread:%llx;", (unsigned long long)tid);
		conv_expect(&c, "vStopped", want);
		/* Some more on the way: the queue is used again and again. */
		if (tid % 2 == 0)
			stops(tid - 1);
	}
	for (int i = 0; i < MANY / 2; i++)
		ck_assert_str_ne(conv_ask(&c, "vStopped"), "OK");
	conv_expect(&c, "vStopped", "OK");
}
END_TEST

START_TEST(unseen_until_acknowledged)
{
	struct rsp_ptid second = { MOCK_PID, 2 }, third = { MOCK_PID, 3 };
	ck_assert(!rsp_session_stop_unseen(c.session, second));
	stops(2);
	stops(3);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:2;");
	ck_assert(rsp_session_stop_unseen(c.session, second));
	ck_assert(rsp_session_stop_unseen(c.session, third));
	conv_ask(&c, "vStopped");
	ck_assert(!rsp_session_stop_unseen(c.session, second));
	ck_assert(rsp_session_stop_unseen(c.session, third));
	conv_expect(&c, "vStopped", "OK");
	ck_assert(!rsp_session_stop_unseen(c.session, third));
	ck_assert(!rsp_session_stop_unseen(c.session, (struct rsp_ptid){ MOCK_PID, 1 }));
}
END_TEST

START_TEST(question)
{
	conv_expect(&c, "?", "T05thread:1;");
	conv_expect(&c, "vStopped", "T05thread:2;");
	stops(2); /* told already, but it happened */
	conv_expect(&c, "vStopped", "T05thread:3;");
	conv_expect(&c, "vStopped", "T05thread:2;");
	conv_expect(&c, "vStopped", "OK");
	/* Asked again in the middle: all from the start. */
	conv_expect(&c, "?", "T05thread:1;");
	c.mock.running[1] = c.mock.dead[3] = true;
	conv_expect(&c, "?", "T05thread:2;");
	conv_expect(&c, "vStopped", "OK");
	c.mock.running[2] = true;
	conv_expect(&c, "?", "OK");
	stops(2);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:2;");
	conv_expect(&c, "?", "OK"); /* that series is over with it */
	stops(2);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:2;");
	c.mock.fail = RSP_INTERNAL;
	conv_expect(&c, "?", "E04");
}
END_TEST

START_TEST(selection_stays)
{
	conv_expect(&c, "Hg1", "OK");
	stops(3);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:3;");
	conv_expect(&c, "qC", "QC1");
	conv_ask(&c, "?");
	conv_ask(&c, "vStopped");
	conv_expect(&c, "qC", "QC1");
}
END_TEST

START_TEST(answer_before_notification)
{
	c.mock.stop_inside = true;
	c.mock.stop = trap(2);
	conv_expect(&c, "QStartNoAckMode", "OK");
	c.wire.len = 0;
	c.noack = true;
	conv_expect(&c, "vCont;c", "OK");
	rsp_buf_add(&c.wire, "", 1);
	ck_assert_str_eq(c.wire.data, "$OK#9a%Stop:T05thread:2;#b8");
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:2;");
}
END_TEST

START_TEST(notification_needs_no_acknowledgement)
{
	/* The answer to qC is on its way and not acknowledged: the notification overtakes nothing and waits for nothing. */
	size_t n;
	struct rsp_stop s = trap(3);
	rsp_session_feed(c.session, "$qC#b4", 6);
	const char *out = rsp_session_output(c.session, &n);
	ck_assert_uint_eq(n, 8);
	ck_assert_mem_eq(out, "+$QC1#c5", n);
	rsp_session_sent(c.session, n);
	rsp_session_stopped(c.session, &s);
	out = rsp_session_output(c.session, &n);
	ck_assert_uint_eq(n, 21);
	ck_assert_mem_eq(out, "%Stop:T05thread:3;#b9", n);
	rsp_session_sent(c.session, n);
	/* `-` is for the answer. */
	rsp_session_feed(c.session, "-", 1);
	out = rsp_session_output(c.session, &n);
	ck_assert_uint_eq(n, 7);
	ck_assert_mem_eq(out, "$QC1#c5", n);
	rsp_session_sent(c.session, n);
	rsp_session_feed(c.session, "+", 1);
	rsp_session_output(c.session, &n);
	ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(process_ends)
{
	struct rsp_stop end = { .kind = RSP_STOP_EXITED, .thread = { MOCK_PID, 0 }, .value = 3 };
	conv_ask(&c, "qSupported:multiprocess+;no-resumed+");
	stops(1);
	stops(2);
	stops(3);
	ck_assert_int_eq(rsp_session_stopped(c.session, &end), 0);
	conv_read(&c);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:p10.1;");
	c.mock.process = false;
	/* The other threads went with it. */
	conv_expect(&c, "vStopped", "W03;process:10");
	conv_expect(&c, "vStopped", "OK");
	end.kind = RSP_STOP_TERMINATED;
	end.value = 9;
	rsp_session_stopped(c.session, &end);
	conv_read(&c);
	ck_assert_str_eq(conv_note(&c), "Stop:X09;process:10");
	conv_expect(&c, "vStopped", "OK");
	rsp_session_stopped(c.session, &(struct rsp_stop){ .kind = RSP_STOP_NO_RESUMED });
	conv_read(&c);
	ck_assert_str_eq(conv_note(&c), "Stop:N");
	conv_expect(&c, "vStopped", "OK");
	conv_expect(&c, "?", "OK");
}
END_TEST

START_TEST(threads_come_and_go)
{
	struct rsp_stop s = trap(2);
	conv_ask(&c, "qSupported:multiprocess+");
	conv_expect(&c, "QThreadEvents:1", "OK");
	ck_assert_str_eq(conv_said(&c), "thread events 1; ");
	s.value = 0;
	s.reason = RSP_REASON_CREATED;
	rsp_session_stopped(c.session, &s);
	s.kind = RSP_STOP_THREAD_EXITED;
	s.value = 7;
	rsp_session_stopped(c.session, &s);
	conv_read(&c);
	ck_assert_str_eq(conv_note(&c), "Stop:T00thread:p10.2;create:;");
	conv_expect(&c, "vStopped", "w07;p10.2");
	conv_expect(&c, "vStopped", "OK");
}
END_TEST

START_TEST(texts_are_copied)
{
	char path[] = "/bin/x";
	struct rsp_stop exec = trap(1);
	conv_ask(&c, "qSupported:exec-events+");
	exec.reason = RSP_REASON_EXEC;
	exec.text = path;
	stops(2);
	rsp_session_stopped(c.session, &exec);
	memset(path, '?', sizeof(path) - 1);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:2;");
	conv_expect(&c, "vStopped", "T05thread:1;exec:2f62696e2f78;");
	rsp_session_stopped(c.session, &exec); /* freed with the session */
}
END_TEST

START_TEST(interrupts)
{
	conv_expect(&c, "vCtrlC", "OK");
	conv_feed(&c, "\x03", 1);
	ck_assert_str_eq(conv_said(&c), "interrupt; interrupt; ");
	conv_expect(&c, "vCont;c", "OK");
	ck_assert_str_eq(conv_said(&c), "resume c -1.-1; ");
}
END_TEST

/* Nothing is refused because something runs: the target knows thread by thread. */
START_TEST(packets_while_threads_run)
{
	conv_expect(&c, "vCont;c", "OK");
	conv_expect(&c, "m1000,4", "00070e15");
	conv_expect(&c, "Z0,1000,4", "OK");
	conv_expect(&c, "T2", "OK");
	conv_expect(&c, "qfThreadInfo", "m1,2,3");
	conv_expect(&c, "qsThreadInfo", "l");
	conv_expect(&c, "Hg2", "OK");
	conv_expect(&c, "p1", "28292a2b2c2d2e2f");
	rsp_session_console(c.session, "text", 4); /* a client in non-stop does not take it */
	conv_read(&c);
}
END_TEST

START_TEST(back_to_all_stop)
{
	stops(1);
	stops(2);
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:1;");
	conv_expect(&c, "QNonStop:0", "OK");
	ck_assert_str_eq(conv_said(&c), "nonstop 0; ");
	ck_assert(!rsp_session_nonstop(c.session));
	conv_expect(&c, "vStopped", "OK");
	conv_expect(&c, "?", "T05thread:1;");
	conv_silent(&c, "vCont;c");
	conv_expect(&c, "QNonStop:1", "E02"); /* not while it runs */
	struct rsp_stop s = trap(3);
	rsp_session_stopped(c.session, &s);
	conv_read(&c);
	ck_assert_str_eq(conv_next(&c, NULL), "T05thread:3;");
	conv_said(&c);
	c.mock.fail = RSP_REFUSED;
	conv_expect(&c, "QNonStop:1", "E02");
	ck_assert(!rsp_session_nonstop(c.session));
}
END_TEST

START_TEST(new_processes)
{
	conv_ask(&c, "qSupported:multiprocess+");
	conv_expect(&c, "vAttach;10", "OK");
	ck_assert_str_eq(conv_note(&c), "Stop:T05thread:p10.1;");
	conv_expect(&c, "vStopped", "T05thread:p10.2;");
	conv_expect(&c, "Hgp10.3", "OK");
	conv_expect(&c, "vRun;61", "T05thread:p10.1;");
	conv_expect(&c, "qC", "QCp10.1"); /* the client assumes it */
}
END_TEST

START_TEST(leaving)
{
	static const char *const ways[] = { "D", "D;10", "vKill;10" };
	for (size_t i = 0; i < 3; i++) {
		static struct conv r;
		struct rsp_stop s = trap(2);
		conv_prepare(&r);
		conv_open(&r, &(struct rsp_session_config){ .extended = true });
		conv_expect(&r, "QNonStop:1", "OK");
		rsp_session_stopped(r.session, &s);
		rsp_session_stopped(r.session, &s);
		conv_read(&r);
		ck_assert_ptr_nonnull(conv_note(&r));
		conv_expect(&r, ways[i], "OK");
		conv_expect(&r, "vStopped", "OK");
		ck_assert_ptr_null(conv_note(&r));
		ck_assert_int_eq(rsp_session_ending(r.session), RSP_GOES_ON);
		conv_end(&r);
	}
	conv_expect(&c, "D", "OK");
	struct rsp_stop s = trap(2);
	rsp_session_stopped(c.session, &s); /* nobody is there */
	conv_read(&c);
}
END_TEST

/* The client vanishes in the middle of a series. */
START_TEST(gone)
{
	static struct conv r;
	struct rsp_stop s = trap(2);
	s.text = "text";
	conv_start(&r);
	conv_expect(&r, "QNonStop:1", "OK");
	for (int i = 0; i < 40; i++)
		rsp_session_stopped(r.session, &s);
	conv_end(&r);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(resume_is_answered_at_once), TAP_ONE(resume_of_hc_thread), TAP_ONE(resume_of_what_is_gone),
		TAP_ONE(one_stop), TAP_ONE(many_stops), TAP_ONE(thousands_of_stops), TAP_ONE(unseen_until_acknowledged),
		TAP_ONE(question), TAP_ONE(selection_stays), TAP_ONE(answer_before_notification),
		TAP_ONE(notification_needs_no_acknowledgement), TAP_ONE(process_ends), TAP_ONE(threads_come_and_go),
		TAP_ONE(texts_are_copied), TAP_ONE(interrupts), TAP_ONE(packets_while_threads_run), TAP_ONE(back_to_all_stop),
		TAP_ONE(new_processes), TAP_ONE(leaving), TAP_ONE(gone),
	};
	return TAP_RUN("rsp_nonstop", tests, setup, teardown);
}
