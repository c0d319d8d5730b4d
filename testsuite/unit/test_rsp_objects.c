/* Objects read in windows, monitor commands, files. */
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
	conv_ask(&c, "qSupported:multiprocess+");
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
	conv_expect(&c, "qXfer:siginfo:read::8,2", "mof");
	conv_expect(&c, "qOffsets", "Text=555500000000;Data=555500000000;Bss=555500000000");
}
END_TEST

/* A client that wants one member of a siginfo asks for it alone: it must not get that of the thread it asked about before. */
START_TEST(siginfo_is_of_the_selected_thread)
{
	conv_expect(&c, "qXfer:siginfo:read::0,1000", "lsiginfo of 1");
	conv_expect(&c, "Hg2", "OK");
	conv_expect(&c, "qXfer:siginfo:read::b,8", "l2");
	conv_expect(&c, "Hg1", "OK");
	conv_expect(&c, "qXfer:siginfo:read::b,8", "l1");
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
	conv_expect(&c, "qRcmd,637574206f6666", "E.out of memory for the output of a monitor command");
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
		ck_assert_uint_le(n, 0x20000);
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

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(features_in_windows), TAP_ONE(threads_object), TAP_ONE(objects_are_snapshots), TAP_ONE(other_objects),
		TAP_ONE(siginfo_is_of_the_selected_thread), TAP_ONE(monitor), TAP_ONE(monitor_failure), TAP_ONE(monitor_flood),
		TAP_ONE(monitor_exit), TAP_ONE(files), TAP_ONE(file_contents), TAP_ONE(file_rest),
	};
	return TAP_RUN("rsp_objects", tests, setup, teardown);
}
