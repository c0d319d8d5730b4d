#include "src/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/err.h"
#include "src/base/grow.h"
#include "src/base/json.h"
#include "src/base/log.h"
#include "src/kernel/sysfs.h"
#include "testsuite/unit/tap.h"

static char stderr_text[8192];

/* Parses a command line given as words; what is printed on standard error is kept. */
static int parse(struct options *o, ...)
{
	static char *argv[32];
	int argc = 0;
	va_list ap;
	argv[argc++] = (char *)(uintptr_t)"wavestub";
	va_start(ap, o);
	while (argc < 31 && (argv[argc] = va_arg(ap, char *)))
		argc++;
	va_end(ap);
	argv[argc] = NULL;
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	int rc = options_parse(argc, argv, o);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	size_t n = fread(stderr_text, 1, sizeof stderr_text - 1, file);
	stderr_text[n] = '\0';
	fclose(file);
	return rc;
}

static struct options o;

START_TEST(launch)
{
	ck_assert_int_eq(parse(&o, "--once", ":2345", "prog", "--once", "-x", "arg", NULL), 0);
	ck_assert_int_eq(o.action, OPTIONS_SERVE);
	ck_assert_int_eq(o.comm.kind, COMM_TCP);
	ck_assert_uint_eq(o.comm.port, 2345);
	ck_assert_str_eq(o.comm.host, "");
	ck_assert(o.once);
	ck_assert(!o.attach && !o.multi);
	ck_assert_str_eq(o.argv[0], "prog");
	ck_assert_str_eq(o.argv[1], "--once"); /* the program's own */
	ck_assert_str_eq(o.argv[2], "-x");
	ck_assert_str_eq(o.argv[3], "arg");
	ck_assert_ptr_null(o.argv[4]);
	ck_assert_str_eq(stderr_text, "");
}
END_TEST

START_TEST(stdio_forms)
{
	ck_assert_int_eq(parse(&o, "stdio", "prog", "--help", NULL), 0);
	ck_assert_int_eq(o.action, OPTIONS_SERVE);
	ck_assert_int_eq(o.comm.kind, COMM_STDIO);
	ck_assert_str_eq(o.argv[1], "--help");
	ck_assert_int_eq(parse(&o, "-", "prog", NULL), 0);
	ck_assert_int_eq(o.comm.kind, COMM_STDIO);
	ck_assert_str_eq(o.argv[0], "prog");
	ck_assert_int_eq(parse(&o, "--once", "--", ":1", "prog", NULL), 0);
	ck_assert_str_eq(o.argv[0], "prog");
}
END_TEST

START_TEST(attach_and_multi)
{
	ck_assert_int_eq(parse(&o, "--attach", ":0", "4711", NULL), 0);
	ck_assert(o.attach);
	ck_assert_int_eq(o.pid, 4711);
	ck_assert_ptr_null(o.argv);
	ck_assert_int_eq(parse(&o, ":0", "--attach", "4711", NULL), 0); /* gdbserver takes this order too */
	ck_assert_int_eq(o.pid, 4711);
	ck_assert_int_eq(parse(&o, "--multi", ":0", NULL), 0);
	ck_assert(o.multi);
	ck_assert_ptr_null(o.argv);
	ck_assert_int_eq(parse(&o, "--multi", ":0", "prog", "a", NULL), 0);
	ck_assert_str_eq(o.argv[0], "prog");
}
END_TEST

START_TEST(debug_categories)
{
	ck_assert_int_eq(parse(&o, "--debug", ":0", "prog", NULL), 0);
	ck_assert_uint_eq(o.debug, 0xff);
	ck_assert_int_eq(parse(&o, "--debug=kernel,wire", ":0", "prog", NULL), 0);
	ck_assert_uint_eq(o.debug, LOG_KERNEL | LOG_WIRE);
	ck_assert_int_ne(parse(&o, "--debug=kernel,nonsense", ":0", "prog", NULL), 0);
	ck_assert_ptr_nonnull(strstr(stderr_text, "\"nonsense\""));
	ck_assert_ptr_nonnull(strstr(stderr_text, log_category_names()));
	ck_assert_int_ne(parse(&o, "--debug=", ":0", "prog", NULL), 0);
}
END_TEST

START_TEST(help_and_version)
{
	ck_assert_int_eq(parse(&o, "--help", NULL), 0);
	ck_assert_int_eq(o.action, OPTIONS_HELP);
	ck_assert_int_eq(parse(&o, "--version", NULL), 0);
	ck_assert_int_eq(o.action, OPTIONS_VERSION);
	ck_assert_int_eq(parse(&o, "--usage", NULL), 0);
	ck_assert_int_eq(o.action, OPTIONS_USAGE);
	char text[8192];
	FILE *file = tmpfile();
	options_print(OPTIONS_HELP, file);
	options_print(OPTIONS_VERSION, file);
	rewind(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	static const char *const told[] = { "--attach", "--multi", "--once", "--debug", "--version", "--view", "COMM", "stdio", "wavestub 0", "MIT" };
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
		ck_assert_msg(strstr(text, told[i]) != NULL, "%s", told[i]);
}
END_TEST

START_TEST(mistakes)
{
	static const struct {
		const char *words[4], *text;
	} rows[] = {
		{ { NULL }, "COMM is missing" },
		{ { ":0", NULL }, "no program" },
		{ { "nonsense", "prog", NULL }, "\"nonsense\"" },
		{ { ":70000", "prog", NULL }, "65535" },
		{ { ":12x", "prog", NULL }, "port" },
		{ { "--no-such-option", ":0", "prog", NULL }, "no-such-option" },
		{ { "--attach", ":0", NULL }, "process" },
		{ { "--attach", ":0", "12x", NULL }, "\"12x\"" },
		{ { "--attach", ":0", "-3", NULL }, "3" },
		{ { "--attach", ":0", "0", NULL }, "\"0\"" },
		{ { "--attach", "--multi", ":0", NULL }, "exclude" },
		{ { "--view=amdgcn", ":0", "prog", NULL }, "\"amdgcn\"" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *const *w = rows[i].words;
		ck_assert_int_ne(parse(&o, w[0], w[1], w[0] && w[1] ? w[2] : NULL, NULL), 0);
		ck_assert_msg(strstr(stderr_text, rows[i].text) != NULL, "row %zu: %s", i, stderr_text);
	}
	ck_assert_int_ne(parse(&o, "--attach", ":0", "12", "13", NULL), 0);
	ck_assert_ptr_nonnull(strstr(stderr_text, "nothing is expected"));
}
END_TEST

START_TEST(comm)
{
	static const struct {
		const char *text;
		enum comm_kind kind;
		const char *host;
		unsigned port;
		const char *path;
	} good[] = {
		{ "localhost:1", COMM_TCP, "localhost", 1, "" }, { ":65535", COMM_TCP, "", 65535, "" }, { "2345", COMM_TCP, "", 2345, "" },
		{ ":0", COMM_TCP, "", 0, "" },	{ "[::1]:7", COMM_TCP, "::1", 7, "" }, { "0.0.0.0:7", COMM_TCP, "0.0.0.0", 7, "" },
		{ "tcp:host:9", COMM_TCP, "host", 9, "" }, { "unix:/tmp/a:b", COMM_UNIX, "", 0, "/tmp/a:b" }, { "stdio", COMM_STDIO, "", 0, "" },
		{ "-", COMM_STDIO, "", 0, "" },
	};
	struct comm c;
	struct dbg_error err;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		ck_assert_msg(comm_parse(good[i].text, &c, &err) == 0, "%s", err.text);
		ck_assert_int_eq(c.kind, good[i].kind);
		ck_assert_str_eq(c.host, good[i].host);
		ck_assert_uint_eq(c.port, good[i].port);
		ck_assert_str_eq(c.path, good[i].path);
	}
	static const char *const bad[] = { "", ":", "host:", "host", "host:-1", "host:+1", "host: 1", "host:65536", "host:99999999999999999999",
					   "::1:7", "unix:", "host:0x10", "tcp:" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		c.kind = 77;
		ck_assert_int_eq(comm_parse(bad[i], &c, &err), -DBG_BAD_REQUEST);
		ck_assert_ptr_nonnull(strstr(err.text, bad[i]));
		ck_assert_int_eq(c.kind, 77);
	}
	char text[400] = "unix:/";
	memset(text + 6, 'x', 200);
	text[206] = '\0';
	ck_assert_int_eq(comm_parse(text, &c, &err), -DBG_BAD_REQUEST);
	memset(text, 'h', 300);
	strcpy(text + 300, ":1");
	ck_assert_int_eq(comm_parse(text, &c, &err), -DBG_BAD_REQUEST);
}
END_TEST

START_TEST(errors)
{
	struct dbg_error err;
	ck_assert_int_eq(dbg_fail(&err, DBG_GONE, "number %d", 5), -DBG_GONE);
	ck_assert_int_eq(err.class, DBG_GONE);
	ck_assert_int_eq(err.sys_errno, 0);
	ck_assert_str_eq(err.text, "number 5");
	ck_assert_int_eq(dbg_fail_errno(&err, DBG_REFUSED, 2, "file"), -DBG_REFUSED);
	ck_assert_int_eq(err.sys_errno, 2);
	ck_assert_str_eq(err.text, "file: No such file or directory");
	ck_assert_int_eq(dbg_fail(NULL, DBG_AGAIN, "nothing"), -DBG_AGAIN);
	char longer[600];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	dbg_fail_errno(&err, DBG_REFUSED, 2, "%s", longer);
	ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
}
END_TEST

/* --- topology --- */

static char root[] = "/tmp/wavestub-test-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", root, name);
	if (!text) {
		ck_assert_int_eq(mkdir(path, 0700), 0);
		return;
	}
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(topology)
{
	strcpy(strrchr(root, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	struct sysfs_gpu *gpus;
	size_t n;
	struct dbg_error err;
	ck_assert_int_eq(sysfs_read_gpus(root, &gpus, &n, &err), -DBG_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.text, root));
	put("generation_id", "1\n");
	put("nodes", NULL);
	ck_assert_int_eq(sysfs_read_gpus(root, &gpus, &n, &err), 0);
	ck_assert_uint_eq(n, 0);
	free(gpus);
	put("nodes/0", NULL); /* a processor */
	put("nodes/0/gpu_id", "0\n");
	put("nodes/10", NULL);
	put("nodes/10/gpu_id", "60000\n");
	put("nodes/10/name", "gfx 90a\n");
	put("nodes/10/properties", "gfx_target_version 90010\ndrm_render_minor 129\ncapability 2952790016\ndebug_prop 470\nnonsense\nnumber x\n");
	put("nodes/2", NULL);
	put("nodes/2/gpu_id", "7\n"); /* no properties */
	put("nodes/3", NULL);         /* nothing at all */
	put("nodes/x9", NULL);
	put("nodes/4", NULL);
	put("nodes/4/gpu_id", "no number\n");
	ck_assert_int_eq(sysfs_read_gpus(root, &gpus, &n, &err), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(gpus[0].node, 2);
	ck_assert_uint_eq(gpus[0].gpu_id, 7);
	ck_assert_int_eq(gpus[0].drm_render_minor, -1);
	ck_assert_uint_eq(gpus[1].node, 10);
	ck_assert_uint_eq(gpus[1].gpu_id, 60000);
	ck_assert_int_eq(gpus[1].drm_render_minor, 129);
	ck_assert_uint_eq(gpus[1].gfx_target_version, 90010);
	ck_assert_uint_eq(gpus[1].capability, 2952790016u);
	ck_assert_uint_eq(gpus[1].debug_prop, 470);
	ck_assert_str_eq(gpus[1].name, "gfx 90a");
	free(gpus);
	char command[600];
	snprintf(command, sizeof command, "rm -r %s", root);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(array_that_grows)
{
	uint64_t *array = NULL;
	size_t max = 0;
	for (size_t n = 0; n < 1000; n++) {
		size_t before = max;
		uint64_t *grown = dbg_grow(array, n, &max, sizeof *grown);
		ck_assert_ptr_nonnull(grown);
		ck_assert(n < before ? grown == array && max == before : max > n);
		array = grown;
		array[n] = n;
	}
	for (size_t n = 0; n < 1000; n++)
		ck_assert_uint_eq(array[n], n);
	/* Sizes past the address space: nothing has changed. */
	size_t huge = SIZE_MAX / 4, most = SIZE_MAX;
	ck_assert_ptr_null(dbg_grow(array, huge, &huge, sizeof *array));
	ck_assert_uint_eq(huge, SIZE_MAX / 4);
	ck_assert_ptr_null(dbg_grow(array, most, &most, 1));
	ck_assert_uint_eq(most, SIZE_MAX);
	ck_assert_uint_eq(array[999], 999);
	free(array);
}
END_TEST

START_TEST(json_texts)
{
	static const char *const texts[][2] = {
		{ "kernel", "kernel" }, { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" }, { "a\xff\xc3 b", "a?? b" }, { "", "" }, { NULL, "" },
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		json_t *value = dbg_json_text(texts[i][0]);
		ck_assert_str_eq(json_string_value(value), texts[i][1]);
		json_decref(value);
	}
	json_t *hex = dbg_json_hex(UINT64_MAX);
	ck_assert_str_eq(json_string_value(hex), "0xffffffffffffffff");
	json_decref(hex);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(launch), TAP_ONE(stdio_forms), TAP_ONE(attach_and_multi), TAP_ONE(debug_categories),
		TAP_ONE(help_and_version), TAP_ONE(mistakes), TAP_ONE(comm), TAP_ONE(errors), TAP_ONE(array_that_grows), TAP_ONE(json_texts), TAP_ONE(topology),
	};
	return TAP_RUN("options", tests, NULL, NULL);
}
