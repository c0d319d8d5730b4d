/* The packet table, argument schemas, replies, target descriptions and qXfer windows, each by itself. */
#include <stdlib.h>
#include <string.h>

#include "protocol/args.h"
#include "protocol/command.h"
#include "protocol/tdesc_xml.h"
#include "protocol/xfer.h"
#include "testsuite/unit/mock_target.h"
#include "testsuite/unit/tap.h"

static int parse(const char *schema, const char *text, struct rsp_args *args, char copy[256])
{
	struct rsp_error err = { .class = RSP_OK };
	memset(copy, 0, 256);
	memcpy(copy, text, strlen(text));
	int rc = rsp_args_parse(schema, copy, strlen(text), args, &err);
	ck_assert_int_eq(rc, -(int)err.class);
	if (rc)
		ck_assert_str_ne(err.text, "");
	return rc;
}

static const struct {
	const char *schema, *text;
	size_t n;
} good[] = {
	{ "", "", 0 },          { "x,x", "1000,4", 2 },   { "x,x:h", "1000,2:aabb", 3 }, { "x,x:h", "1000,0:", 3 }, { "x,x:b", "1,3:a:,", 3 },
	{ "[;i]", "", 0 },      { "[;i]", ";1f", 1 },     { "[x]", "", 0 },              { "[x]", "10", 1 },        { "x[;x]", "5", 1 },
	{ "x[;x]", "5;10", 2 }, { ":s:x,x", "::0,10", 3 }, { ":s:x,x", ":target.xml:0,fff", 3 }, { "p", "p1.-1", 1 }, { "p", "0", 1 },
	{ "x=h", "1=00", 2 },   { ":h,x,x", ":2f,0,1c0", 3 }, { "x,x,x[;b]", "0,10,4", 3 }, { "x,x,x[;b]", "0,10,4;X1,00", 4 }, { ";b", ";", 1 },
	{ ":b", "::", 1 },
};

START_TEST(args_good)
{
	struct rsp_args args;
	char copy[256];
	ck_assert_int_eq(parse(good[_i].schema, good[_i].text, &args, copy), 0);
	ck_assert_uint_eq(args.n, good[_i].n);
}
END_TEST

static const struct {
	const char *schema, *text;
} bad[] = {
	{ "", "x" },           { "x,x", "" },          { "x,x", "1000" },      { "x,x", "1000," },      { "x,x", "1000;4" },  { "x,x", "1000,4 " },
	{ "x,x", " 1000,4" },  { "x,x", "-1,4" },      { "x,x", "0x1000,4" },  { "x,x", "1,10000000000000000" }, { "x,x:h", "1,1:a" },
	{ "x,x:h", "1,1:ag" }, { "x,x:h", "1,1" },     { "[;i]", ";" },        { "[;i]", ";0" },        { "[;i]", "1" },      { "[;i]", ";1;" },
	{ "[x]", "g" },        { "x[;x]", "5;" },      { "x[;x]", ";5" },      { ":s:x,x", "" },        { ":s:x,x", ":" },    { ":s:x,x", "::" },
	{ ":s:x,x", ":target.xml" }, { "p", "" },      { "p", "p1." },         { "p", "1 " },           { "x=h", "1" },       { "x=h", "=00" },
	{ ":h,x,x", ":2,0,0" }, { ";b", "" },          { ";i", ";8000000000000000" },
};

START_TEST(args_bad)
{
	struct rsp_args args;
	char copy[256];
	ck_assert_int_eq(parse(bad[_i].schema, bad[_i].text, &args, copy), -RSP_BAD_REQUEST);
}
END_TEST

START_TEST(args_values)
{
	struct rsp_args args;
	char copy[256];
	ck_assert_int_eq(parse("x,x:h", "ffffffffffffffff,2:00ff", &args, copy), 0);
	ck_assert_uint_eq(args.v[0].number, UINT64_MAX);
	ck_assert_uint_eq(args.v[1].number, 2);
	ck_assert_uint_eq(args.v[2].n, 2);
	ck_assert_mem_eq(args.v[2].bytes, "\0\xff", 2);
	ck_assert_int_eq(parse(":s:x,x", ":ann,ex:1,2", &args, copy), 0);
	ck_assert_uint_eq(args.v[0].n, 6);
	ck_assert_mem_eq(args.v[0].bytes, "ann,ex", 6);
	ck_assert_int_eq(parse("x,x:b", "1,3:a\xff:", &args, copy), 0);
	ck_assert_mem_eq(args.v[2].bytes, "a\xff:", 3);
}
END_TEST

START_TEST(args_too_many)
{
	struct rsp_args args;
	char copy[256];
	ck_assert_int_eq(parse("x,x,x,x,x,x,x", "1,2,3,4,5,6,7", &args, copy), -RSP_INTERNAL);
}
END_TEST

/* --- the table --- */

static const uint64_t all = ~UINT64_C(0);

START_TEST(table_rows)
{
	const struct rsp_command *c = &rsp_commands[_i];
	ck_assert_str_ne(c->name, "");
	ck_assert_ptr_nonnull(c->run);
	ck_assert_str_ne(c->doc, "");
	/* Found by its own name. */
	ck_assert_ptr_eq(rsp_command_find(c->name, strlen(c->name), all), c);
	/* Its schema holds no more than there is room for. */
	size_t n = 0;
	for (const char *p = c->args; *p; p++)
		n += rsp_args_word(*p) != NULL;
	ck_assert_uint_le(n, RSP_MAX_ARGS);
	if (c->match == RSP_EXACT)
		ck_assert_str_eq(c->args, "");
	/* Unknown without what it needs. */
	if (c->needs)
		ck_assert_ptr_null(rsp_command_find(c->name, strlen(c->name), 0));
	for (size_t i = 0; i < rsp_n_commands; i++)
		if (i != (size_t)_i)
			ck_assert_str_ne(rsp_commands[i].name, c->name);
}
END_TEST

static const struct {
	const char *packet, *name;
} finds[] = {
	{ "vCont?", "vCont?" }, { "vCont;c", "vCont" }, { "vContx", "vCont" }, { "vCtrlC", "vCtrlC" }, { "c", "c" }, { "c1000", "c" },
	{ "qC", "qC" },         { "qCRC:1,2", NULL },   { "gx", NULL },        { "", NULL },           { "q", NULL }, { "vC", NULL },
	{ "Hm1", NULL },        { "kk", NULL },         { "qXfer:bogus:read::0,1", NULL }, { "qXfer:features:write::0,1", NULL },
	{ "m1,1", "m" },        { "\0g", NULL },        { "qTStatus", NULL },  { "_", NULL },
};

START_TEST(table_finds)
{
	const struct rsp_command *c = rsp_command_find(finds[_i].packet, strlen(finds[_i].packet), all);
	if (finds[_i].name) {
		ck_assert_ptr_nonnull(c);
		ck_assert_str_eq(c->name, finds[_i].name);
	} else {
		ck_assert_ptr_null(c);
	}
}
END_TEST

START_TEST(table_abilities)
{
	struct rsp_target_ops none;
	memset(&none, 0, sizeof(none));
	ck_assert_uint_eq(rsp_abilities(&none), 0);
	ck_assert_uint_eq(rsp_abilities(&mock_ops), UINT64_MAX >> (64 - RSP_N_ABILITIES));
	none.monitor = mock_ops.monitor;
	ck_assert_uint_eq(rsp_abilities(&none), RSP_CAN(MONITOR));
	ck_assert_str_eq(rsp_ability_name(RSP_INDEX_MONITOR), "monitor");
	/* Extended mode: attach or run is enough. */
	ck_assert_ptr_nonnull(rsp_command_find("!", 1, RSP_CAN(RUN)));
	ck_assert_ptr_nonnull(rsp_command_find("!", 1, RSP_CAN(ATTACH)));
	ck_assert_ptr_null(rsp_command_find("!", 1, RSP_CAN(RESUME)));
	/* Registers need their description too. */
	ck_assert_ptr_null(rsp_command_find("g", 1, RSP_CAN(REG_READ)));
}
END_TEST

/* --- replies --- */

static void finish(struct rsp_reply *r, int status, bool text, const char *want)
{
	rsp_reply_finish(r, status, text);
	ck_assert_uint_eq(r->out.len, strlen(want));
	ck_assert_mem_eq(r->out.data ? r->out.data : "", want, strlen(want));
	rsp_reply_begin(r);
}

START_TEST(reply_statuses)
{
	struct rsp_reply r;
	rsp_reply_init(&r, 64);
	rsp_reply_begin(&r);
	finish(&r, RSP_REPLY_OK, false, "OK");
	finish(&r, RSP_REPLY_EMPTY, false, "");
	rsp_buf_puts(&r.out, "half an answer");
	finish(&r, -RSP_BAD_REQUEST, false, "E01");
	finish(&r, -RSP_REFUSED, false, "E02");
	finish(&r, -RSP_GONE, false, "E03");
	finish(&r, -RSP_INTERNAL, false, "E04");
	rsp_buf_puts(&r.out, "half an answer");
	finish(&r, -RSP_UNSUPPORTED, true, "");
	rsp_buf_puts(&r.out, "done");
	finish(&r, RSP_REPLY_READY, true, "done");
	rsp_reply_deinit(&r);
}
END_TEST

START_TEST(reply_texts)
{
	struct rsp_reply r;
	rsp_reply_init(&r, 256);
	rsp_reply_begin(&r);
	rsp_fail(&r.err, RSP_REFUSED, "a #$*} b\x80");
	finish(&r, -RSP_REFUSED, true, "E.a ???? b?");
	finish(&r, -RSP_GONE, true, "E.no such thread, process or file");
	rsp_reply_deinit(&r);
}
END_TEST

START_TEST(reply_too_long)
{
	struct rsp_reply r;
	rsp_reply_init(&r, 8);
	rsp_reply_begin(&r);
	rsp_buf_puts(&r.out, "123456789");
	finish(&r, RSP_REPLY_READY, false, "E04");
	ck_assert_uint_eq(rsp_reply_binary(&r, "abcdefghij", 10), 8);
	finish(&r, RSP_REPLY_READY, false, "abcdefgh");
	ck_assert_uint_eq(rsp_reply_binary(&r, "a#b#c#d#", 8), 5);
	finish(&r, RSP_REPLY_READY, false, "a}\x03" "b}\x03" "c");
	rsp_reply_deinit(&r);
}
END_TEST

/* --- target description --- */

START_TEST(tdesc_rows)
{
	ck_assert_uint_eq(rsp_tdesc_n_regs(&mock_tdesc), MOCK_N_REGS);
	ck_assert_str_eq(rsp_tdesc_reg(&mock_tdesc, 0)->name, "sp");
	ck_assert_str_eq(rsp_tdesc_reg(&mock_tdesc, 2)->name, "status");
	ck_assert_str_eq(rsp_tdesc_reg(&mock_tdesc, 3)->name, "v0");
	ck_assert_ptr_null(rsp_tdesc_reg(&mock_tdesc, 4));
	ck_assert_ptr_null(rsp_tdesc_reg(&mock_tdesc, SIZE_MAX));
	ck_assert_uint_eq(rsp_tdesc_largest(&mock_tdesc), 256);
	ck_assert_uint_eq(rsp_tdesc_g_bytes(&mock_tdesc), 20);
}
END_TEST

START_TEST(tdesc_document)
{
	static const char want[] =
		"<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
		"<architecture>i386:x86-64</architecture>\n<osabi>none</osabi>\n"
		"<feature name=\"org.mock.core\">\n"
		"<reg name=\"sp\" bitsize=\"64\" type=\"data_ptr\" regnum=\"0\"/>\n"
		"<reg name=\"pc\" bitsize=\"64\" type=\"code_ptr\" regnum=\"1\"/>\n"
		"</feature>\n"
		"<feature name=\"org.mock.wave\">\n"
		"<flags id=\"status_t\" size=\"4\">\n"
		"<field name=\"scc\" start=\"0\" end=\"0\"/>\n<field name=\"mode\" start=\"4\" end=\"7\"/>\n</flags>\n"
		"<vector id=\"v64\" type=\"uint32\" count=\"64\"/>\n"
		"<struct id=\"pair\"><field name=\"a\" type=\"int32\"/></struct>\n"
		"<reg name=\"status\" bitsize=\"32\" type=\"status_t\" regnum=\"2\" group=\"general\"/>\n"
		"<reg name=\"v0\" bitsize=\"2048\" type=\"v64\" regnum=\"3\" group=\"vector\"/>\n"
		"</feature>\n</target>\n";
	struct rsp_buf b;
	rsp_buf_init(&b, 0);
	rsp_tdesc_xml(&mock_tdesc, &b);
	rsp_buf_add(&b, "", 1);
	ck_assert_str_eq(b.data, want);
	rsp_buf_deinit(&b);
}
END_TEST

START_TEST(tdesc_without_osabi)
{
	struct rsp_tdesc desc = mock_tdesc;
	struct rsp_buf b;
	desc.osabi = NULL;
	desc.architecture = "a<b>";
	rsp_buf_init(&b, 0);
	rsp_tdesc_xml(&desc, &b);
	rsp_buf_add(&b, "", 1);
	ck_assert_ptr_null(strstr(b.data, "osabi"));
	ck_assert_ptr_nonnull(strstr(b.data, "<architecture>a&lt;b&gt;</architecture>"));
	rsp_buf_deinit(&b);
}
END_TEST

static const struct {
	const char *in, *out;
} xml_texts[] = {
	{ "plain (3,0,0)/1", "plain (3,0,0)/1" },
	{ "<&>\"'", "&lt;&amp;&gt;&quot;&apos;" },
	{ "a\nb\tc", "a&#10;b&#9;c" },
	{ "\x01\x1f\x7f", "??\x7f" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\xff" "a", "?a" },
	{ "\xc3", "?" },
	{ "\xe2\x82", "??" },
	{ "\xc0\xaf", "??" },         /* overlong */
	{ "\xe0\x80\xaf", "???" },
	{ "\xed\xa0\x80", "???" },    /* surrogate */
	{ "\xf4\x90\x80\x80", "????" },
	{ "\xef\xbf\xbf", "???" },
	{ "", "" },
};

START_TEST(xml_text)
{
	struct rsp_buf b;
	rsp_buf_init(&b, 0);
	rsp_xml_text(&b, xml_texts[_i].in);
	rsp_buf_add(&b, "", 1);
	ck_assert_str_eq(b.data, xml_texts[_i].out);
	rsp_buf_deinit(&b);
}
END_TEST

/* --- windows --- */

START_TEST(xfer_snapshot_rules)
{
	struct rsp_xfer x;
	rsp_xfer_init(&x);
	ck_assert(rsp_xfer_begin(&x, "threads", "", 0, 5)); /* none yet */
	ck_assert(!rsp_xfer_begin(&x, "threads", "", 0, 5));
	ck_assert(rsp_xfer_begin(&x, "threads", "", 0, 0)); /* offset 0 */
	ck_assert(rsp_xfer_begin(&x, "threads", "a", 1, 5)); /* another annex */
	ck_assert(rsp_xfer_begin(&x, "libraries", "a", 1, 5)); /* another object */
	rsp_xfer_forget(&x);
	ck_assert(rsp_xfer_begin(&x, "libraries", "a", 1, 5));
	char annex[RSP_XFER_NAME_SIZE + 1] = { 0 };
	ck_assert(rsp_xfer_begin(&x, "libraries", annex, sizeof(annex), 5));
	ck_assert(rsp_xfer_begin(&x, "libraries", annex, sizeof(annex), 5)); /* too long to remember */
	rsp_xfer_deinit(&x);
}
END_TEST

START_TEST(xfer_windows)
{
	struct rsp_xfer x;
	struct rsp_reply r;
	rsp_xfer_init(&x);
	rsp_reply_init(&r, 6);
	rsp_buf_puts(&x.data, "ab##efgh");
	const struct {
		uint64_t offset, length;
		const char *want;
	} windows[] = {
		{ 0, 2, "mab" }, { 0, 100, "mab}\x03" }, { 2, 100, "m}\x03}\x03" "e" }, { 4, 3, "mefg" }, { 4, 4, "lefgh" },
		{ 8, 4, "l" },   { 7, UINT64_MAX, "lh" }, { 0, 0, "m" },
	};
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		rsp_reply_begin(&r);
		ck_assert_int_eq(rsp_xfer_window(&x, windows[i].offset, windows[i].length, &r), RSP_REPLY_READY);
		ck_assert(!r.out.failed);
		ck_assert_uint_eq(r.out.len, strlen(windows[i].want));
		ck_assert_mem_eq(r.out.data, windows[i].want, r.out.len);
	}
	ck_assert_int_eq(rsp_xfer_window(&x, 9, 1, &r), -RSP_BAD_REQUEST);
	ck_assert_int_eq(rsp_xfer_window(&x, UINT64_MAX, UINT64_MAX, &r), -RSP_BAD_REQUEST);
	x.data.failed = true;
	ck_assert_int_eq(rsp_xfer_window(&x, 0, 1, &r), -RSP_INTERNAL);
	rsp_reply_deinit(&r);
	rsp_xfer_deinit(&x);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_EACH(args_good, good), TAP_EACH(args_bad, bad), TAP_ONE(args_values), TAP_ONE(args_too_many),
		TAP_TIMES(table_rows, (int)rsp_n_commands), TAP_EACH(table_finds, finds), TAP_ONE(table_abilities),
		TAP_ONE(reply_statuses), TAP_ONE(reply_texts), TAP_ONE(reply_too_long), TAP_ONE(tdesc_rows),
		TAP_ONE(tdesc_document), TAP_ONE(tdesc_without_osabi), TAP_EACH(xml_text, xml_texts), TAP_ONE(xfer_snapshot_rules),
		TAP_ONE(xfer_windows),
	};
	return TAP_RUN("rsp_args", tests, NULL, NULL);
}
