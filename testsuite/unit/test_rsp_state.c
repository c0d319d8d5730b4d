/* The state of the target through packets: threads, registers, memory, breakpoints. */
#include <stdio.h>
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
		ck_assert_uint_le(strlen(answer), 0x20000);
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
	conv_expect(&c, "P2=00000000", "E.the mock says no");
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
	ck_assert_uint_eq(strlen(conv_ask(&c, "m1000,ffffffffffffffff")), 0x20000);
	c.mock.fail = RSP_INTERNAL;
	conv_expect(&c, "m1000,4", "E04");
}
END_TEST

START_TEST(memory_read_binary)
{
	size_t n;
	char answer[0x20001];
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
	ck_assert_uint_le(n, 0x20000);
	ck_assert_uint_gt(n, 0x1fff0);
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

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(thread_lists), TAP_ONE(thread_list_none), TAP_ONE(thread_list_in_pieces), TAP_ONE(thread_alive),
		TAP_ONE(thread_select), TAP_ONE(thread_select_gone), TAP_ONE(thread_extra), TAP_ONE(registers_read),
		TAP_ONE(registers_unavailable), TAP_ONE(registers_write), TAP_ONE(registers_write_all_or_nothing),
		TAP_ONE(memory_read), TAP_ONE(memory_read_binary), TAP_ONE(memory_write), TAP_ONE(breakpoints),
		TAP_ONE(breakpoint_expressions), TAP_ONE(breakpoint_expressions_not_offered), TAP_ONE(signal_sets),
	};
	return TAP_RUN("rsp_state", tests, setup, teardown);
}
