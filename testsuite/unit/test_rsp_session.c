/* Whole conversations: every packet, its good and its bad forms, and each answered exactly once. */
#include <stdio.h>
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
		    "PacketSize=10000;QStartNoAckMode+;binary-upload+;vContSupported+;QNonStop+;QPassSignals+;QProgramSignals+;QThreadEvents+;qXfer:features:read+;qXfer:threads:read+;"
		    "qXfer:libraries:read+;qXfer:exec-file:read+;qXfer:auxv:read+;qXfer:siginfo:read+;swbreak+;hwbreak+;"
		    "ConditionalBreakpoints+;BreakpointCommands+;no-resumed+");
	ck_assert_str_eq(rsp_session_client_registers(c.session), "i386,arm");
	ck_assert_ptr_nonnull(strstr(conv_ask(&c, gdb_features), "multiprocess+"));
	ck_assert_ptr_nonnull(strstr(conv_ask(&c, "qSupported:error-message+"), "error-message+"));
	/* A new list replaces the old one. */
	ck_assert_ptr_null(strstr(conv_ask(&c, "qSupported"), "multiprocess+"));
	ck_assert_str_eq(rsp_session_client_registers(c.session), "");
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
	conv_expect(&bare, "qSupported:multiprocess+", "PacketSize=10000;QStartNoAckMode+;multiprocess+");
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
	"vKill;", "vKill;0", "vKill;g", "vAttach", "vAttach;", "vAttach;0", "vRun", "vRun;g", "vRun;6", "vRun;61;6", "qAttached:", "qAttached:g",
	"qThreadExtraInfo", "qThreadExtraInfo,", "qThreadExtraInfo,g", "qRcmd", "qRcmd,6", "qRcmd,6g", "qXfer:features:read",
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

/* --- threads --- */

START_TEST(thread_lists)
{
	conv_expect(&c, "qfThreadInfo", "m1,2,3");
	conv_expect(&c, "qsThreadInfo", "l");
	conv_expect(&c, "qsThreadInfo", "l");
	conv_ask(&c, "qSupported:multiprocess+");
	conv_expect(&c, "qfThreadInfo", "mp10.1,p10.2,p10.3");
	conv_expect(&c, "qC", "QCp10.1");
	c.mock.fail = RSP_INTERNAL;
	conv_expect(&c, "qfThreadInfo", "E04");
	conv_expect(&c, "qsThreadInfo", "l");
}
END_TEST

START_TEST(thread_list_none)
{
	c.mock.process = false;
	conv_expect(&c, "qfThreadInfo", "l");
	conv_expect(&c, "qC", "E03");
	conv_expect(&c, "g", "E03");
	conv_expect(&c, "m1000,4", "E03");
	conv_expect(&c, "qXfer:features:read:target.xml:0,10", "E03");
}
END_TEST

/* Thousands of threads come in several packets, every one of them once, from one snapshot. */
START_TEST(thread_list_in_pieces)
{
	unsigned want = 20000, seen = 0;
	c.mock.many_threads = want;
	conv_ask(&c, "qSupported:multiprocess+");
	const char *answer = conv_ask(&c, "qfThreadInfo");
	unsigned packets = 0;
	for (; answer[0] == 'm'; answer = conv_ask(&c, "qsThreadInfo")) {
		packets++;
		ck_assert_uint_le(strlen(answer), 0x10000);
		for (const char *p = answer; *p; p = strchr(p + 1, ',') ? strchr(p + 1, ',') : "") {
			unsigned tid;
			ck_assert_int_eq(sscanf(p + 1, "p10.%x", &tid), 1);
			ck_assert_uint_eq(tid, ++seen);
		}
	}
	ck_assert_str_eq(answer, "l");
	ck_assert_uint_eq(seen, want);
	ck_assert_uint_gt(packets, 1);
	ck_assert_uint_eq(c.mock.snapshots, 1);
}
END_TEST

START_TEST(thread_alive)
{
	conv_expect(&c, "T1", "OK");
	conv_expect(&c, "T4", "E03");
	c.mock.dead[1] = true;
	conv_expect(&c, "T1", "E03");
	conv_expect(&c, "Tp10.2", "OK");
	conv_expect(&c, "Tp11.2", "E03");
	conv_expect(&c, "T-1", "OK");
}
END_TEST

START_TEST(thread_select)
{
	conv_expect(&c, "Hg2", "OK");
	conv_expect(&c, "qC", "QC2");
	conv_expect(&c, "Hgp10.3", "OK");
	conv_expect(&c, "qC", "QC3");
	conv_expect(&c, "Hg0", "OK");
	conv_expect(&c, "qC", "QC1");
	conv_expect(&c, "Hg-1", "OK");
	conv_expect(&c, "Hc-1", "OK");
	conv_expect(&c, "Hc3", "OK");
}
END_TEST

/* A client that overlooks the error must not be shown another thread's registers. */
START_TEST(thread_select_gone)
{
	conv_expect(&c, "Hg7", "E03");
	conv_expect(&c, "g", "E03");
	conv_expect(&c, "p0", "E03");
	conv_expect(&c, "Hg1", "OK");
	ck_assert_str_ne(conv_ask(&c, "p0"), "E03");
	c.mock.dead[1] = true;
	conv_expect(&c, "p0", "E03");
}
END_TEST

START_TEST(thread_extra)
{
	conv_expect(&c, "qThreadExtraInfo,2", "776176652068616c746564"); /* "wave halted" */
	conv_expect(&c, "qThreadExtraInfo,p10.1", "77617665");
	conv_expect(&c, "qThreadExtraInfo,9", "E03");
	c.mock.thread_name = NULL;
	conv_expect(&c, "qThreadExtraInfo,2", "68616c746564");
}
END_TEST

/* --- registers --- */

START_TEST(registers_read)
{
	conv_expect(&c, "g", "101112131415161718191a1b1c1d1e1f20212223");
	conv_expect(&c, "p0", "1011121314151617");
	conv_expect(&c, "p00001", "18191a1b1c1d1e1f");
	conv_expect(&c, "p2", "20212223");
	ck_assert_uint_eq(strlen(conv_ask(&c, "p3")), 512);
	conv_expect(&c, "Hg2", "OK");
	conv_expect(&c, "p2", "30313233");
}
END_TEST

START_TEST(registers_unavailable)
{
	c.mock.unavailable = true;
	conv_expect(&c, "p2", "xxxxxxxx");
	conv_expect(&c, "g", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	conv_expect(&c, "?", "T05thread:1;");
}
END_TEST

START_TEST(registers_write)
{
	conv_expect(&c, "P2=AAbbccdd", "OK");
	conv_expect(&c, "p2", "aabbccdd");
	conv_expect(&c, "G" "0000000000000000" "1111111111111111" "22222222", "OK");
	conv_expect(&c, "g", "0000000000000000111111111111111122222222");
	/* Only the first ones; and one that is not known stays. */
	conv_expect(&c, "Gxxxxxxxxxxxxxxxx" "3333333333333333", "OK");
	conv_expect(&c, "g", "0000000000000000333333333333333322222222");
	c.mock.fail = RSP_REFUSED;
	conv_expect(&c, "P2=00000000", "E02");
	conv_expect(&c, "g", "E02");
}
END_TEST

START_TEST(registers_write_all_or_nothing)
{
	conv_expect(&c, "G" "0000000000000000" "111111111111111g", "E01");
	conv_expect(&c, "G" "0000000000000000" "11111111111111", "E01");
	conv_expect(&c, "G" "0000000000000000" "1111111111111111" "2222222233", "E01");
	conv_expect(&c, "Gx000000000000000", "E01");
	conv_expect(&c, "g", "101112131415161718191a1b1c1d1e1f20212223");
}
END_TEST

/* --- memory --- */

START_TEST(memory_read)
{
	conv_expect(&c, "m1000,4", "00070e15");
	conv_expect(&c, "m1,4", "E02");
	conv_expect(&c, "m20ffe,1000", "f1f8"); /* the end of the mapping */
	conv_expect(&c, "mffffffffffffffff,8", "ee");
	ck_assert_uint_eq(strlen(conv_ask(&c, "m1000,ffffffffffffffff")), 0x10000);
	c.mock.fail = RSP_INTERNAL;
	conv_expect(&c, "m1000,4", "E04");
}
END_TEST

START_TEST(memory_read_binary)
{
	size_t n;
	char answer[0x10001];
	memcpy(c.mock.memory, "\0#$*}\x03z", 7);
	const char *got = conv_ask_bytes(&c, "x1000,7", 7, &n);
	memcpy(answer, got, n);
	ck_assert_int_eq(answer[0], 'b');
	ck_assert_uint_eq(conv_unescape(answer + 1, n - 1), 7);
	ck_assert_mem_eq(answer + 1, "\0#$*}\x03z", 7);
	conv_expect(&c, "x1000,0", "b");
	conv_expect(&c, "x1,4", "E02");
	/* A large one fills the packet and no more. */
	got = conv_ask_bytes(&c, "x1000,20000", 11, &n);
	ck_assert_uint_le(n, 0x10000);
	ck_assert_uint_gt(n, 0xfff0);
	memcpy(answer, got, n);
	size_t len = conv_unescape(answer + 1, n - 1);
	ck_assert_mem_eq(answer + 1, c.mock.memory, len);
}
END_TEST

START_TEST(memory_write)
{
	conv_expect(&c, "M1000,4:DEADbeef", "OK");
	conv_expect(&c, "m1000,4", "deadbeef");
	conv_expect(&c, "M1000,0:", "OK");
	conv_expect(&c, "M1,1:00", "E02");
	size_t n;
	ck_assert_str_eq(conv_ask_bytes(&c, "X1000,6:\0#}*$\0", 14, &n), "OK");
	conv_expect(&c, "m1000,6", "00237d2a2400");
	conv_expect(&c, "X1000,0:", "OK");
	conv_expect(&c, "X0,0:", "OK"); /* how gdb asks whether X exists */
	conv_expect(&c, "Mffffffffffffffff,1:00", "E02");
}
END_TEST

/* --- breakpoints --- */

START_TEST(breakpoints)
{
	conv_expect(&c, "Z0,7f0000001500,4", "OK");
	conv_expect(&c, "z0,7f0000001500,4", "OK");
	conv_expect(&c, "Z2,1000,8", "OK");
	conv_expect(&c, "Z1,1000,4", ""); /* the mock has none of these */
	conv_expect(&c, "Z3,1000,4", "");
	conv_expect(&c, "Z4,1000,4", "");
	conv_expect(&c, "Z2,1000,4;X3,220022", "E02"); /* a condition must not be dropped silently */
	conv_expect(&c, "Z2,1000,4;cmds:0,X1,27", "E02");
	conv_expect(&c, "Z0,1000,4;", "OK");
	ck_assert_str_eq(conv_said(&c), "insert 0 7f0000001500 4; remove 0 7f0000001500 4; insert 2 1000 8; insert 0 1000 4; ");
	c.mock.fail = RSP_REFUSED;
	conv_expect(&c, "Z0,1000,4", "E02");
}
END_TEST

START_TEST(breakpoint_expressions)
{
	static const char *const forms[][2] = {
		{ "X3,220027", "insert 0 1000 4 if 220027; " },
		{ "X1,27X2,2227", "insert 0 1000 4 if 27 if 2227; " },
		{ "X1,27;X2,2227", "insert 0 1000 4 if 27 if 2227; " },
		{ "cmds:0,X1,27", "insert 0 1000 4 do 27; " },
		{ "cmds:1,X1,27X1,28", "insert 0 1000 4 do for ever 27 do for ever 28; " },
		{ "X2,2201;cmds:0,X1,27", "insert 0 1000 4 if 2201 do 27; " },
		{ "X1,27;cmds:1,X000a,00112233445566778899;", "insert 0 1000 4 if 27 do for ever 00112233445566778899; " },
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char packet[128];
		snprintf(packet, sizeof(packet), "Z0,1000,4;%s", forms[i][0]);
		conv_expect(&c, packet, "OK");
		ck_assert_str_eq(conv_said(&c), forms[i][1]);
	}
}
END_TEST

START_TEST(breakpoint_expressions_not_offered)
{
	static struct conv none;
	conv_prepare(&none);
	none.ops.break_conditions = none.ops.break_commands = false;
	conv_open(&none, NULL);
	const char *features = conv_ask(&none, "qSupported");
	ck_assert_ptr_null(strstr(features, "ConditionalBreakpoints"));
	ck_assert_ptr_null(strstr(features, "BreakpointCommands"));
	conv_expect(&none, "Z0,1000,4;X3,220027", "E02");
	conv_expect(&none, "Z0,1000,4;cmds:0,X1,27", "E02");
	ck_assert_str_eq(conv_said(&none), "");
	conv_expect(&none, "Z0,1000,4", "OK");
	conv_end(&none);
}
END_TEST

START_TEST(signal_sets)
{
	conv_expect(&c, "QPassSignals:e;10;ff;", "OK"); /* as gdb ends it */
	conv_expect(&c, "QPassSignals:", "OK");
	conv_expect(&c, "QProgramSignals:0;1;2;40;41", "OK");
	conv_expect(&c, "QThreadEvents:1", "OK");
	conv_expect(&c, "QThreadEvents:0", "OK");
	ck_assert_str_eq(conv_said(&c), "pass 14 16 255; pass; program 0 1 2 64 65; thread events 1; thread events 0; ");
}
END_TEST

/* --- objects --- */

START_TEST(features_in_windows)
{
	struct rsp_buf all;
	char packet[100];
	rsp_buf_init(&all, 0);
	for (size_t offset = 0;; offset = all.len) {
		size_t n;
		snprintf(packet, sizeof(packet), "qXfer:features:read:target.xml:%zx,1f", offset);
		const char *answer = conv_ask_bytes(&c, packet, strlen(packet), &n);
		ck_assert(answer[0] == 'm' || answer[0] == 'l');
		rsp_buf_add(&all, answer + 1, n - 1);
		if (answer[0] == 'l')
			break;
	}
	rsp_buf_add(&all, "", 1);
	ck_assert_ptr_nonnull(strstr(all.data, "<vector id=\"v64\" type=\"uint32\" count=\"64\"/>"));
	ck_assert_str_eq(all.data + all.len - 11, "</target>\n");
	rsp_buf_deinit(&all);
}
END_TEST

START_TEST(threads_object)
{
	conv_ask(&c, gdb_features);
	c.mock.thread_name = "AMDGPU Wave 1:2:1:5 (3,0,0)/1 <&>";
	conv_expect(&c, "qXfer:threads:read::0,1000",
		    "l<?xml version=\"1.0\"?>\n<threads>\n"
		    "<thread id=\"p10.1\" name=\"AMDGPU Wave 1:2:1:5 (3,0,0)/1 &lt;&amp;&gt;\"/>"
		    "<thread id=\"p10.2\" name=\"AMDGPU Wave 1:2:1:5 (3,0,0)/1 &lt;&amp;&gt;\">halted</thread>"
		    "<thread id=\"p10.3\" core=\"7\" name=\"AMDGPU Wave 1:2:1:5 (3,0,0)/1 &lt;&amp;&gt;\"/>"
		    "</threads>\n");
}
END_TEST

/* The list changes between two windows: what arrives is still one list. */
START_TEST(objects_are_snapshots)
{
	size_t n;
	conv_ask_bytes(&c, "qXfer:threads:read::0,20", 24, &n);
	c.mock.dead[2] = true;
	const char *rest = conv_ask(&c, "qXfer:threads:read::20,1000");
	ck_assert_ptr_nonnull(strstr(rest, "halted"));
	ck_assert_uint_eq(c.mock.snapshots, 1);
	ck_assert_ptr_null(strstr(conv_ask(&c, "qXfer:threads:read::0,1000"), "halted"));
	ck_assert_uint_eq(c.mock.snapshots, 2);
	/* Another object in between: made anew. */
	conv_ask(&c, "qXfer:libraries:read::0,1000");
	conv_ask(&c, "qXfer:threads:read::20,1000");
	ck_assert_uint_eq(c.mock.snapshots, 4);
	/* A failure leaves no half object behind. */
	c.mock.fail = RSP_INTERNAL;
	conv_expect(&c, "qXfer:threads:read::0,1000", "E04");
	conv_expect(&c, "qXfer:threads:read::20,1000", "E04");
	c.mock.fail = RSP_OK;
	ck_assert_int_eq(conv_ask(&c, "qXfer:threads:read::20,1000")[0], 'l');
}
END_TEST

START_TEST(other_objects)
{
	size_t n;
	char answer[100];
	conv_expect(&c, "qXfer:libraries:read::0,1000",
		    "l<library-list version=\"1.0\">\n"
		    "<library name=\"/tmp/a.co\"><segment address=\"0x7f0000000000\"/><segment address=\"0x7f0000002000\"/></library>\n"
		    "<library name=\"/tmp/b.co\"><section address=\"0x5000\"/></library>\n</library-list>\n");
	const char *got = conv_ask_bytes(&c, "qXfer:exec-file:read:10:0,1000", 30, &n);
	memcpy(answer, got, n);
	n = conv_unescape(answer, n);
	ck_assert_uint_eq(n, 14);
	ck_assert_mem_eq(answer, "l/bin/prog}#$*", 14);
	conv_expect(&c, "qXfer:exec-file:read:11:0,1000", "E03");
	got = conv_ask_bytes(&c, "qXfer:auxv:read::0,1000", 23, &n);
	memcpy(answer, got, n);
	ck_assert_uint_eq(conv_unescape(answer, n), 17);
	ck_assert_mem_eq(answer + 9, "#$*}", 4);
	conv_expect(&c, "Hg2", "OK");
	conv_expect(&c, "qXfer:siginfo:read::0,1000", "lsiginfo of 2");
	conv_expect(&c, "qOffsets", "Text=555500000000;Data=555500000000;Bss=555500000000");
}
END_TEST

/* --- monitor --- */

START_TEST(monitor)
{
	conv_say(&c, "qRcmd,68656c70", 14);
	ck_assert_str_eq(conv_next(&c, NULL), "O68656c703a207468697320746578740a");
	ck_assert_str_eq(conv_next(&c, NULL), "OK");
	ck_assert_ptr_null(conv_next(&c, NULL));
	conv_expect(&c, "qRcmd,7175696574", "OK");
	ck_assert_str_eq(conv_said(&c), "monitor [help]; monitor [quiet]; ");
}
END_TEST

START_TEST(monitor_failure)
{
	/* A client that takes no error texts is told on its console. */
	conv_say(&c, "qRcmd,61", 8);
	char text[200];
	const char *o = conv_next(&c, NULL);
	ck_assert_int_eq(o[0], 'O');
	for (size_t i = 0; i < strlen(o) / 2; i++)
		sscanf(o + 1 + 2 * i, "%2hhx", (unsigned char *)&text[i]);
	ck_assert_mem_eq(text, "unknown command \"a\" {#$*}\n", 26);
	ck_assert_str_eq(conv_next(&c, NULL), "E01");
	ck_assert_ptr_null(conv_next(&c, NULL));
	conv_ask(&c, "qSupported:error-message+");
	conv_expect(&c, "qRcmd,610062", "E.a monitor command with a NUL character");
	conv_expect(&c, "qRcmd,61", "E.unknown command \"a\" {????");
}
END_TEST

START_TEST(monitor_flood)
{
	/* More text than four packets hold, acknowledged one by one. */
	conv_say(&c, "qRcmd,666c6f6f64", 16);
	size_t bytes = 0, n;
	const char *answer;
	while ((answer = conv_next(&c, &n)) && answer[0] == 'O' && answer[1] != 'K')
		bytes += (n - 1) / 2;
	ck_assert_ptr_nonnull(answer);
	ck_assert_str_eq(answer, "OK");
	ck_assert_uint_eq(bytes, 10 * 7 + 90 * 8 + 900 * 9 + 9000 * 10 + 30000 * 11);
	ck_assert_ptr_null(conv_next(&c, NULL));
	conv_expect(&c, "qC", "QC1");
}
END_TEST

START_TEST(monitor_exit)
{
	conv_expect(&c, "qRcmd,65786974", "OK");
	ck_assert_int_eq(rsp_session_ending(c.session), RSP_ENDED_EXIT);
	conv_silent(&c, "qC");
}
END_TEST

/* --- files --- */

START_TEST(files)
{
	conv_expect(&c, "vFile:setfs:0", "F0");
	conv_expect(&c, "vFile:setfs:99", "F-1,16");
	conv_expect(&c, "vFile:open:2f6e6f7065,0,1c0", "F-1,2");
	conv_expect(&c, "vFile:open:2f746d702f612e636f,0,1c0", "F5");
	ck_assert_str_eq(conv_said(&c), "open [/nope] 0 1c0; open [/tmp/a.co] 0 1c0; ");
	conv_expect(&c, "vFile:pread:6,10,0", "F-1,9");
	conv_expect(&c, "vFile:pread:5,10,ffffffffffffffff", "F0;");
	conv_expect(&c, "vFile:pread:5,0,0", "F0;");
	conv_expect(&c, "vFile:close:5", "F0");
	conv_expect(&c, "vFile:close:5", "F-1,9");
	conv_expect(&c, "vFile:fstat:5", "F-1,9");
	conv_expect(&c, "vFile:pread:ffffffff,1,0", "F-1,9");
	conv_expect(&c, "vFile:open:,0,0", "F-1,2");
	conv_expect(&c, "vFile:open:2f0061,0,0", "F-1,16"); /* a NUL would hide the rest of the path */
	conv_expect(&c, "vFile:readlink:2f6e6f", "F-1,16");
	conv_expect(&c, "vFile:unlink:2f6c", "F0");
}
END_TEST

START_TEST(file_contents)
{
	char *back = malloc(MOCK_FILE_SIZE);
	size_t have = 0;
	c.mock.open = true;
	for (;;) {
		char packet[64];
		size_t n;
		int count, head;
		snprintf(packet, sizeof(packet), "vFile:pread:5,10000,%zx", have);
		const char *answer = conv_ask_bytes(&c, packet, strlen(packet), &n);
		ck_assert_uint_le(n, 0x10000);
		ck_assert_int_eq(sscanf(answer, "F%x;%n", (unsigned *)&count, &head), 1);
		if (!count)
			break;
		char *data = malloc(n);
		memcpy(data, answer + head, n - (size_t)head);
		ck_assert_uint_eq(conv_unescape(data, n - (size_t)head), (size_t)count);
		memcpy(back + have, data, (size_t)count);
		have += (size_t)count;
		free(data);
	}
	ck_assert_uint_eq(have, MOCK_FILE_SIZE);
	ck_assert_mem_eq(back, c.mock.file, MOCK_FILE_SIZE);
	free(back);
}
END_TEST

START_TEST(file_rest)
{
	size_t n;
	char answer[200];
	c.mock.open = true;
	const char *got = conv_ask_bytes(&c, "vFile:fstat:5", 13, &n);
	memcpy(answer, got, n);
	n = conv_unescape(answer, n);
	ck_assert_uint_eq(n, 4 + 64);
	ck_assert_mem_eq(answer, "F40;\0\0\0\x01\x12\x34\x56\x78\0\0\x81\xa4", 16);
	got = conv_ask_bytes(&c, "vFile:readlink:2f6c696e6b", 25, &n);
	memcpy(answer, got, n);
	n = conv_unescape(answer, n);
	ck_assert_uint_eq(n, 11);
	ck_assert_mem_eq(answer, "F8;/tmp/a}b", 11);
	ck_assert_str_eq(conv_ask_bytes(&c, "vFile:pwrite:5,2,\0#}", 20, &n), "F3");
	ck_assert_mem_eq(c.mock.file + 2, "\0#}", 3);
	conv_expect(&c, "vFile:pwrite:5,fffffff,a", "F-1,1b");
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

#define N(array) ((int)(sizeof(array) / sizeof(array[0])))

static Suite *suite(void)
{
	Suite *s = suite_create("rsp_session");
	TCase *t;
#define NEW(name) (t = tcase_create(#name), tcase_add_checked_fixture(t, setup, teardown), suite_add_tcase(s, t), tcase_set_timeout(t, 60))
#define ONE(name) (NEW(name), tcase_add_test(t, name))
#define EACH(name, n) (NEW(name), tcase_add_loop_test(t, name, 0, n))
	ONE(supported);
	ONE(supported_odd_lists);
	ONE(advertised_is_offered);
	ONE(nothing_offered);
	EACH(unknown, N(unknown_packets));
	EACH(malformed_packet, N(malformed));
	ONE(error_messages);
	ONE(acks_each_packet);
	ONE(no_ack_mode);
	ONE(bad_checksum_is_nacked);
	ONE(nack_sends_again);
	ONE(client_that_never_acks);
	ONE(too_long_packet);
	ONE(broken_escape);
	ONE(thread_lists);
	ONE(thread_list_none);
	ONE(thread_list_in_pieces);
	ONE(thread_alive);
	ONE(thread_select);
	ONE(thread_select_gone);
	ONE(thread_extra);
	ONE(registers_read);
	ONE(registers_unavailable);
	ONE(registers_write);
	ONE(registers_write_all_or_nothing);
	ONE(memory_read);
	ONE(memory_read_binary);
	ONE(memory_write);
	ONE(breakpoints);
	ONE(breakpoint_expressions);
	ONE(breakpoint_expressions_not_offered);
	ONE(signal_sets);
	ONE(features_in_windows);
	ONE(threads_object);
	ONE(objects_are_snapshots);
	ONE(other_objects);
	ONE(monitor);
	ONE(monitor_failure);
	ONE(monitor_flood);
	ONE(monitor_exit);
	ONE(files);
	ONE(file_contents);
	ONE(file_rest);
	ONE(process_queries);
	ONE(detach_ends);
	ONE(detach_refused);
	ONE(kill_has_no_answer);
	ONE(kill_fails);
	ONE(vkill_ends);
	ONE(extended_goes_on);
	ONE(run_arguments);
	ONE(extended_from_start);
	ONE(two_sessions);
	ONE(packet_sizes);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
