/* A session as a whole: what is advertised and refused, acknowledgements, how it begins and ends. */
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/conversation.h"
#include "testsuite/unit/tap.h"

static struct conv c;

static void setup(void)
{
	conv_start(&c);
}

static void teardown(void)
{
	conv_end(&c);
}

/* --- conversation --- */

static const char gdb_features[] = "qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;vContSupported+;no-resumed+;xmlRegisters=i386";

START_TEST(supported)
{
	conv_expect(&c, "qSupported:xmlRegisters=i386,arm",
		    "PacketSize=20000;QStartNoAckMode+;binary-upload+;vContSupported+;QNonStop+;QPassSignals+;QProgramSignals+;QThreadEvents+;"
		    "qXfer:features:read+;qXfer:threads:read+;"
		    "qXfer:libraries:read+;qXfer:exec-file:read+;qXfer:auxv:read+;qXfer:siginfo:read+;swbreak+;hwbreak+;"
		    "ConditionalBreakpoints+;BreakpointCommands+;no-resumed+");
	ck_assert_str_eq(rsp_session_client_registers(c.session), "i386,arm");
	ck_assert(!rsp_session_client_is_gdb(c.session));
	ck_assert_ptr_nonnull(strstr(conv_ask(&c, gdb_features), "multiprocess+"));
	ck_assert(rsp_session_client_is_gdb(c.session));
	ck_assert_ptr_nonnull(strstr(conv_ask(&c, "qSupported:error-message+"), "error-message+"));
	/* A new list replaces the old one. */
	ck_assert_ptr_null(strstr(conv_ask(&c, "qSupported"), "multiprocess+"));
	ck_assert_str_eq(rsp_session_client_registers(c.session), "");
	ck_assert(!rsp_session_client_is_gdb(c.session));
	/* gdb 13 for aarch64 alone */
	conv_ask(&c, "qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;fork-events+;vfork-events+;exec-events+;vContSupported+;QThreadEvents+;no-resumed+;"
		     "memory-tagging+");
	ck_assert_str_eq(rsp_session_client_registers(c.session), "");
	ck_assert(rsp_session_client_is_gdb(c.session));
}
END_TEST

START_TEST(supported_odd_lists)
{
	ck_assert_ptr_null(strstr(conv_ask(&c, "qSupported:;;multiprocess-;multiprocess;ultiprocess+;;"), "multiprocess"));
	ck_assert_ptr_nonnull(strstr(conv_ask(&c, "qSupported:;multiprocess+"), "multiprocess+"));
	conv_expect(&c, "qSupportedfoo", "E01");
}
END_TEST

/* What is advertised is offered, and what is not offered is not advertised: for each operation left out. */
START_TEST(advertised_is_offered)
{
	static const struct {
		size_t op;
		const char *feature, *packet;
	} rows[] = {
#define ROW(op, feature, packet) { offsetof(struct rsp_target_ops, op), feature, packet }
		ROW(tdesc, "qXfer:features:read+", "qXfer:features:read:target.xml:0,10"),
		ROW(threads, "qXfer:threads:read+", "qXfer:threads:read::0,10"),
		ROW(libraries, "qXfer:libraries:read+", "qXfer:libraries:read::0,10"),
		ROW(exec_file, "qXfer:exec-file:read+", "qXfer:exec-file:read::0,10"),
		ROW(auxv, "qXfer:auxv:read+", "qXfer:auxv:read::0,10"),
		ROW(siginfo, "qXfer:siginfo:read+", "qXfer:siginfo:read::0,10"),
		ROW(mem_read, "binary-upload+", "x1000,4"),
		ROW(resume, "vContSupported+", "vCont?"),
		ROW(break_insert, "swbreak+", "Z0,1000,4"),
		ROW(set_nonstop, "QNonStop+", "QNonStop:1"),
		ROW(stops, "QNonStop+", "vStopped"),
		ROW(thread_events, "QThreadEvents+", "QThreadEvents:1"),
		ROW(pass_signals, "QPassSignals+", "QPassSignals:"),
		ROW(program_signals, "QProgramSignals+", "QProgramSignals:e"),
		ROW(monitor, NULL, "qRcmd,7175696574"),
		ROW(last_stop, NULL, "?"),
		ROW(attach, NULL, "vAttach;10"),
		ROW(run, NULL, "vRun;61"),
		ROW(detach, NULL, "D"),
		ROW(kill, NULL, "vKill;10"),
		ROW(attached, NULL, "qAttached"),
		ROW(thread_alive, NULL, "T1"),
		ROW(reg_read, NULL, "g"),
		ROW(reg_read, NULL, "p0"),
		ROW(reg_write, NULL, "P0=0000000000000000"),
		ROW(mem_write, NULL, "M1000,1:00"),
		ROW(mem_write, NULL, "X1000,1:a"),
		ROW(break_remove, NULL, "z0,1000,4"),
		ROW(interrupt, NULL, "vCtrlC"),
		ROW(offsets, NULL, "qOffsets"),
		ROW(file_setfs, NULL, "vFile:setfs:0"),
		ROW(file_open, NULL, "vFile:open:2f746d702f612e636f,0,0"),
		ROW(file_pread, NULL, "vFile:pread:5,10,0"),
		ROW(file_pwrite, NULL, "vFile:pwrite:5,0,a"),
		ROW(file_fstat, NULL, "vFile:fstat:5"),
		ROW(file_close, NULL, "vFile:close:5"),
		ROW(file_readlink, NULL, "vFile:readlink:2f6c696e6b"),
		ROW(file_unlink, NULL, "vFile:unlink:2f6c696e6b"),
#undef ROW
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* static: the struct is too large for a stack under sanitizers */
		static struct conv with, without;
		conv_start(&with);
		with.mock.open = true;
		ck_assert_str_ne(conv_ask(&with, rows[i].packet), "");
		if (rows[i].feature)
			ck_assert_ptr_nonnull(strstr(conv_ask(&with, "qSupported"), rows[i].feature));
		conv_end(&with);
		conv_prepare(&without);
		memset((char *)&without.ops + rows[i].op, 0, sizeof(void *));
		conv_open(&without, NULL);
		conv_expect(&without, rows[i].packet, "");
		if (rows[i].feature)
			ck_assert_ptr_null(strstr(conv_ask(&without, "qSupported"), rows[i].feature));
		conv_end(&without);
	}
}
END_TEST

START_TEST(nothing_offered)
{
	static struct conv bare;
	conv_prepare(&bare);
	memset(&bare.ops, 0, sizeof(bare.ops));
	conv_open(&bare, NULL);
	conv_expect(&bare, "qSupported:multiprocess+", "PacketSize=20000;QStartNoAckMode+;multiprocess+");
	conv_expect(&bare, "g", "");
	conv_expect(&bare, "?", "");
	conv_expect(&bare, "vCont;c", "");
	conv_silent(&bare, "k");
	ck_assert_int_eq(rsp_session_ending(bare.session), RSP_ENDED_DETACHED);
	conv_end(&bare);
}
END_TEST

static const char *const unknown_packets[] = { "", "q", "vMustReplyEmpty", "qTStatus", "qL00", "jThreadsInfo", "vFoo", "Hx1", "b", "i", "r",
	"t", "qXfer:foo:read::0,10", "qXfer:features:write:target.xml:0:00", "Z5,10,4", "z9,0,0", "vFile:foo:0", "\x01", "A", "_Mx" };

START_TEST(unknown)
{
	conv_expect(&c, unknown_packets[_i], "");
}
END_TEST

/* Malformed forms of known packets: an error, never silence, never a crash. */
static const char *const malformed[] = {
	"p", "pg", "p-1", "p 1", "p0x1", "p10", "pffff", "p10000", "pffffffffffffffff", "p10000000000000000", "p1,", "P", "P1", "P1=", "P1=0", "P10",
	"P1=00", "P=00", "P1=000000000000000000", "P1=000000000000000g", "Pff=00", "G", "Gzz", "G00", "G0", "m", "m,", "m1000", "m1000,", "m,4", "m1000,4,",
	"m-1,4", "m1000,0", "mfffffffffffffffff,1", "x", "x1000", "x1000,", "M", "M1000", "M1000,4", "M1000,4:", "M1000,1:0", "M1000,1:0g",
	"M1000,2:00", "M1000,1:0000", "X", "X1000", "X1000,4", "X1000,4:abc", "X1000,2:abc", "Mffffffffffffffff,2:0000", "Hg", "Hc", "Hgp", "Hgp1.",
	"Hg1.", "Hg 1", "Hc--1", "T", "Tx", "Tp", "Z0", "Z0,", "Z0,1000", "Z0,1000,", "Z", "Z,1000,4", "z0,1000", "z0 1000,4", "vCont", "vCont;",
	"vCont;;", "vCont;c;", "vCont;x", "vCont;C", "vCont;C;c", "vCont;S", "vCont;C100", "vCont;c:", "vCont;c:p", "vCont;c:pff.", "vCont;r", "vCont;r10",
	"vCont;r10,", "vCont;rg,1", "vCont;c1", "vContc", "c ", "cg", "C", "Cg", "C05;", "C100", "s-1", "S", "D1", "D;", "D;0", "D;g", "D;-1", "vKill",
	"vKill;", "vKill;0", "vKill;g", "vAttach", "vAttach;", "vAttach;0", "vRun", "vRun;g", "vRun;6", "vRun;61;6", "vRun;61;620063",
	"qAttached:", "qAttached:g", "qThreadExtraInfo", "qThreadExtraInfo,", "qThreadExtraInfo,g", "qRcmd", "qRcmd,6", "qRcmd,6g", "qXfer:features:read",
	"qXfer:features:read:", "qXfer:features:read:target.xml", "qXfer:features:read:target.xml:", "qXfer:features:read:target.xml:0",
	"qXfer:features:read:target.xml:0,", "qXfer:features:read:target.xml:g,1", "qXfer:features:read:target.xml:0;1", "qXfer:features:read:other.xml:0,1",
	"qXfer:features:read::0,1", "qXfer:features:read:target.xml:ffffffff,1", "qXfer:threads:read:x:0,1", "qXfer:libraries:read:x:0,1",
	"qXfer:exec-file:read:g:0,1", "qXfer:auxv:read:x:0,1", "qXfer:siginfo:read:x:0,1", "qXfer:threads:read::ffffffffffffffff,ffffffffffffffff",
	"qSymbol", "vFile:setfs", "vFile:setfs:", "vFile:setfs:g", "vFile:open", "vFile:open:", "vFile:open:2f", "vFile:open:2f,0", "vFile:open:2,0,0",
	"vFile:pread", "vFile:pread:5", "vFile:pread:5,10", "vFile:pread:-1,10,0", "vFile:fstat:", "vFile:close:", "vFile:close:5,", "vFile:readlink:2",
	"QNonStop", "QNonStop:", "QNonStop:2", "QNonStop:1;", "QPassSignals", "QPassSignals:g", "QPassSignals:100", "QPassSignals:1;;", "QPassSignals:1,2",
	"QProgramSignals:;", "QThreadEvents:2", "QThreadEvents", "Z0,1000,4;X", "Z0,1000,4;X1", "Z0,1000,4;X0,", "Z0,1000,4;X1,0", "Z0,1000,4;X1,zz",
	"Z0,1000,4;X1,2727", "Z0,1000,4;X2,27", "Z0,1000,4;Xffffffffffffffff,27", "Z0,1000,4;X8000000000000000,27", "Z0,1000,4;Y1,27", "Z0,1000,4;cmds:",
	"Z0,1000,4;cmds:0", "Z0,1000,4;cmds:2,X1,27", "Z0,1000,4;cmds:0,", "Z0,1000,4;cmds:0,X1,27;X1,27", "vFile:unlink:g", "vFile:pwrite:5,0",
};

START_TEST(malformed_packet)
{
	conv_expect(&c, malformed[_i], "E01");
	ck_assert_str_ne(rsp_session_last_error(c.session), "");
	ck_assert_str_eq(conv_said(&c), "");
	ck_assert(!rsp_session_running(c.session));
	conv_expect(&c, "qC", "QC1"); /* and the session goes on */
}
END_TEST

START_TEST(error_messages)
{
	conv_expect(&c, "p99", "E01");
	c.mock.fail = RSP_REFUSED;
	conv_expect(&c, "m1000,4", "E02");
	conv_expect(&c, "P1=0011223344556677", "E.the mock says no"); /* every gdb shows that */
	c.mock.fail = 0;
	conv_ask(&c, "qSupported:error-message+");
	conv_expect(&c, "p99", "E.no register 0x99");
	conv_expect(&c, "m1", "E.malformed packet: ',' missing after 1 characters of arguments");
	c.mock.fail = RSP_REFUSED;
	conv_expect(&c, "m1000,4", "E.the mock says no");
	ck_assert_str_eq(rsp_session_last_error(c.session), "the mock says no");
	c.mock.fail = RSP_UNSUPPORTED;
	conv_expect(&c, "Z0,0,0", "");
}
END_TEST

/* --- acknowledgements --- */

START_TEST(acks_each_packet)
{
	conv_ask(&c, "qC");
	ck_assert_uint_eq(c.acks, 1);
	ck_assert_mem_eq(c.wire.data, "+$QC1#c5", 8);
}
END_TEST

START_TEST(no_ack_mode)
{
	conv_expect(&c, "QStartNoAckMode", "OK");
	ck_assert_uint_eq(c.acks, 1);
	conv_expect(&c, "qC", "QC1");
	conv_expect(&c, "nonsense", "");
	ck_assert_uint_eq(c.acks, 1);
	conv_feed(&c, "$qC#00", 6);
	ck_assert_str_eq(conv_next(&c, NULL), "E01");
	ck_assert_uint_eq(c.nacks, 0);
	conv_feed(&c, "+-", 2); /* nothing to send again */
	ck_assert_ptr_null(conv_next(&c, NULL));
}
END_TEST

START_TEST(bad_checksum_is_nacked)
{
	conv_feed(&c, "$qC#00", 6);
	ck_assert_uint_eq(c.nacks, 1);
	ck_assert_uint_eq(c.acks, 0);
	ck_assert_ptr_null(conv_next(&c, NULL));
	conv_expect(&c, "qC", "QC1");
}
END_TEST

START_TEST(nack_sends_again)
{
	c.noack = true; /* by hand */
	conv_feed(&c, "$qC#b4", 6);
	conv_feed(&c, "-", 1);
	conv_feed(&c, "-", 1);
	ck_assert_uint_eq(c.n_packets, 3);
	ck_assert_str_eq(c.packet[2].text, "QC1");
	conv_feed(&c, "+", 1);
	conv_feed(&c, "-", 1);
	ck_assert_uint_eq(c.n_packets, 3);
	ck_assert_str_eq(conv_said(&c), "");
	c.taken = 3;
}
END_TEST

START_TEST(client_that_never_acks)
{
	c.noack = true;
	conv_expect(&c, "qC", "QC1");
	conv_expect(&c, "qAttached", "1");
	conv_expect(&c, "qC", "QC1");
}
END_TEST

START_TEST(too_long_packet)
{
	size_t n = 0x10001;
	char *payload = malloc(n);
	memset(payload, '0', n);
	payload[0] = 'm';
	size_t answer_n;
	ck_assert_str_eq(conv_ask_bytes(&c, payload, n, &answer_n), "E01");
	free(payload);
	conv_expect(&c, "qC", "QC1");
}
END_TEST

START_TEST(broken_escape)
{
	struct rsp_buf b;
	rsp_buf_init(&b, 0);
	conv_frame(&b, "X1000,1:}", 9);
	conv_feed(&c, b.data, b.len);
	ck_assert_str_eq(conv_next(&c, NULL), "E01");
	ck_assert_ptr_null(conv_next(&c, NULL));
	rsp_buf_deinit(&b);
}
END_TEST

/* --- processes --- */

START_TEST(process_queries)
{
	conv_expect(&c, "qAttached", "1");
	conv_expect(&c, "qAttached:10", "1");
	conv_expect(&c, "qAttached:11", "E03");
	conv_expect(&c, "?", "T05thread:1;01:18191a1b1c1d1e1f;");
	c.mock.process = false;
	conv_expect(&c, "?", "W00");
}
END_TEST

START_TEST(detach_ends)
{
	conv_expect(&c, "D", "OK");
	ck_assert_str_eq(conv_said(&c), "detach 0; ");
	ck_assert_int_eq(rsp_session_ending(c.session), RSP_ENDED_DETACHED);
	conv_silent(&c, "qC");
}
END_TEST

START_TEST(detach_refused)
{
	conv_expect(&c, "D;ff", "E03");
	c.mock.fail = RSP_REFUSED;
	conv_expect(&c, "D;10", "E02");
	ck_assert_int_eq(rsp_session_ending(c.session), RSP_GOES_ON);
	conv_expect(&c, "vKill;ff", "E02");
	c.mock.fail = RSP_OK;
	conv_expect(&c, "D;10", "OK");
}
END_TEST

START_TEST(kill_has_no_answer)
{
	conv_silent(&c, "k");
	ck_assert_str_eq(conv_said(&c), "kill 0; ");
	ck_assert_int_eq(rsp_session_ending(c.session), RSP_ENDED_KILLED);
}
END_TEST

START_TEST(kill_fails)
{
	c.mock.fail = RSP_INTERNAL;
	conv_silent(&c, "k");
	/* What could not be killed is let go. */
	ck_assert_str_eq(conv_said(&c), "kill 0; detach 0; ");
	ck_assert_int_eq(rsp_session_ending(c.session), RSP_ENDED_DETACHED);
}
END_TEST

START_TEST(vkill_ends)
{
	conv_expect(&c, "vKill;10", "OK");
	ck_assert_int_eq(rsp_session_ending(c.session), RSP_ENDED_KILLED);
}
END_TEST

START_TEST(an_error_of_no_class)
{
	c.mock.fail = (enum rsp_class)99;
	conv_expect(&c, "g", "E04");
	conv_expect(&c, "T1", "E04"); /* an operation that writes no text */
	ck_assert_str_eq(rsp_session_last_error(c.session), "internal error");
}
END_TEST

START_TEST(extended_goes_on)
{
	ck_assert(!rsp_session_extended(c.session));
	conv_expect(&c, "!", "OK");
	ck_assert(rsp_session_extended(c.session));
	conv_expect(&c, "vKill;10", "OK");
	conv_expect(&c, "?", "W00");
	conv_expect(&c, "vRun;2f62696e2f74727565;61;;62", "T05thread:1;01:18191a1b1c1d1e1f;");
	conv_expect(&c, "qC", "QC1");
	conv_expect(&c, "D", "OK");
	conv_expect(&c, "vAttach;10", "T05thread:1;01:18191a1b1c1d1e1f;");
	conv_silent(&c, "k");
	conv_silent(&c, "R00");
	conv_expect(&c, "qC", "QC1");
	ck_assert_int_eq(rsp_session_ending(c.session), RSP_GOES_ON);
	ck_assert_str_eq(conv_said(&c), "kill 10; run [/bin/true] [a] [] [b]; detach 0; attach 10; kill 0; run; ");
}
END_TEST

START_TEST(run_arguments)
{
	conv_ask(&c, "vRun;");
	conv_ask(&c, "vRun;;61");
	conv_ask(&c, "vRun;61;");
	conv_ask(&c, "vRun;61;62;63");
	ck_assert_str_eq(conv_said(&c), "run; run [] [a]; run [a] []; run [a] [b] [c]; ");
	c.mock.fail = RSP_REFUSED;
	conv_expect(&c, "vRun;61", "E02");
	conv_expect(&c, "vAttach;10", "E02");
	c.mock.fail = RSP_OK;
	c.mock.stop.kind = RSP_STOP_NONE;
	conv_expect(&c, "vAttach;10", "E03"); /* gone at once: an answer all the same */
}
END_TEST

START_TEST(extended_from_start)
{
	static struct conv e;
	conv_prepare(&e);
	e.mock.process = false;
	conv_open(&e, &(struct rsp_session_config){ .extended = true });
	ck_assert(rsp_session_extended(e.session));
	conv_expect(&e, "?", "W00");
	conv_expect(&e, "qfThreadInfo", "l");
	conv_expect(&e, "vAttach;10", "T05thread:1;01:18191a1b1c1d1e1f;");
	conv_end(&e);
}
END_TEST

START_TEST(two_sessions)
{
	static struct conv other;
	conv_start(&other);
	conv_ask(&c, "qSupported:multiprocess+");
	conv_expect(&c, "Hgp10.2", "OK");
	conv_expect(&other, "qC", "QC1");
	conv_expect(&c, "qC", "QCp10.2");
	conv_end(&other);
}
END_TEST

START_TEST(packet_sizes)
{
	static struct conv s;
	conv_prepare(&s);
	conv_open(&s, &(struct rsp_session_config){ .packet_size = 10 });
	ck_assert_mem_eq(conv_ask(&s, "qSupported"), "PacketSize=400;", 15);
	ck_assert_uint_eq(strlen(conv_ask(&s, "p3")), 512);
	ck_assert_uint_eq(strlen(conv_ask(&s, "m1000,1000")), 0x400);
	conv_end(&s);
	/* A description whose largest register would not fit makes it larger. */
	static const struct rsp_reg big[] = { { "big", 0x20000, "uint8", NULL } };
	static const struct rsp_feature feature = { "org.mock.big", NULL, 0, big, 1 };
	static const struct rsp_tdesc desc = { .architecture = "i386:x86-64", .features = &feature, .n_features = 1, .n_in_g = 0 };
	conv_prepare(&s);
	s.mock.desc = &desc;
	conv_open(&s, &(struct rsp_session_config){ .packet_size = 0x400 });
	ck_assert_mem_eq(conv_ask(&s, "qSupported"), "PacketSize=8040;", 16);
	conv_expect(&s, "g", "");
	conv_end(&s);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(supported), TAP_ONE(supported_odd_lists), TAP_ONE(advertised_is_offered), TAP_ONE(nothing_offered),
		TAP_EACH(unknown, unknown_packets), TAP_EACH(malformed_packet, malformed), TAP_ONE(error_messages),
		TAP_ONE(acks_each_packet), TAP_ONE(no_ack_mode), TAP_ONE(bad_checksum_is_nacked), TAP_ONE(nack_sends_again),
		TAP_ONE(client_that_never_acks), TAP_ONE(too_long_packet), TAP_ONE(broken_escape), TAP_ONE(process_queries),
		TAP_ONE(detach_ends), TAP_ONE(detach_refused), TAP_ONE(kill_has_no_answer), TAP_ONE(kill_fails),
		TAP_ONE(vkill_ends), TAP_ONE(an_error_of_no_class), TAP_ONE(extended_goes_on), TAP_ONE(run_arguments), TAP_ONE(extended_from_start),
		TAP_ONE(two_sessions), TAP_ONE(packet_sizes),
	};
	return TAP_RUN("rsp_session", tests, setup, teardown);
}
