/* The live backend against a kernel that is played by this file: ioctl() of the test program takes the place of the C library's. */
#include "src/kernel/kif.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/kernel/kfd_abi.h"
#include "src/kernel/kif_kfd.h"
#include "src/base/log.h"
#include "src/base/loop.h"
#include "src/kernel/smi.h"
#include "testsuite/unit/tap.h"

/* --- the kernel's part --- */

typedef int answer_fn(unsigned long request, void *args);

static struct {
	answer_fn *answer;
	unsigned calls;              /* all of them */
	unsigned traps[15];          /* by op */
	uint8_t last[32];            /* argument block of the last DBG_TRAP, as it came in */
	int eintr;                   /* so many calls are interrupted first */
	int fail;                    /* errno of the next DBG_TRAP, 0 none */
	unsigned major, minor;
} kernel;

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	va_start(ap, request);
	void *args = va_arg(ap, void *);
	va_end(ap);
	(void)fd;
	kernel.calls++;
	if (kernel.eintr > 0) {
		kernel.eintr--;
		errno = EINTR;
		return -1;
	}
	if (request == 0x80084b01) {
		memcpy(args, &kernel.major, 4);
		memcpy((char *)args + 4, &kernel.minor, 4);
		return 0;
	}
	if (request == 0xc0204b26) {
		memcpy(kernel.last, args, 32);
		uint32_t op;
		memcpy(&op, kernel.last + 4, 4);
		if (op < 15)
			kernel.traps[op]++;
		if (kernel.fail) {
			errno = kernel.fail;
			return -1;
		}
	}
	return kernel.answer ? kernel.answer(request, args) : 0;
}

static uint32_t get32(const void *p, size_t at)
{
	uint32_t v;
	memcpy(&v, (const char *)p + at, 4);
	return v;
}

static uint64_t get64(const void *p, size_t at)
{
	uint64_t v;
	memcpy(&v, (const char *)p + at, 8);
	return v;
}

static void put32(void *p, size_t at, uint32_t v)
{
	memcpy((char *)p + at, &v, 4);
}

static void put64(void *p, size_t at, uint64_t v)
{
	memcpy((char *)p + at, &v, 8);
}

static void *pointer(uint64_t v)
{
	return (void *)(uintptr_t)v;
}

/* --- the test's part --- */

static struct kif *k;
static struct dbg_error err;
static char topology[] = "/tmp/wavestub-test-XXXXXX";
static char log_path[] = "/tmp/wavestub-log-XXXXXX";
static int log_fd, saved_stderr;

static void make_file(const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", topology, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void make_dir(const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", topology, name);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void open_kif(void)
{
	static struct kif_kfd_paths paths;
	paths = (struct kif_kfd_paths){ "/dev/null", topology };
	ck_assert_msg(kif_kfd_open_at(getpid(), &paths, &k, &err) == 0, "%s", err.text);
}

static void setup(void)
{
	memset(&kernel, 0, sizeof kernel);
	kernel.major = 1;
	kernel.minor = 17;
	strcpy(strrchr(topology, '-'), "-XXXXXX");
	strcpy(strrchr(log_path, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(topology));
	log_fd = mkstemp(log_path);
	unlink(log_path);
	make_file("generation_id", "3\n");
	make_dir("nodes");
	make_dir("nodes/0");
	make_file("nodes/0/gpu_id", "0\n");
	make_dir("nodes/1");
	make_file("nodes/1/gpu_id", "4711\n");
	make_file("nodes/1/name", "ip discovery\n");
	make_file("nodes/1/properties", "simd_count 32\ngfx_target_version 90402\ndrm_render_minor 777\ncapability 640\ndebug_prop 1511\nbad line here\n");
	k = NULL;
}

static void teardown(void)
{
	kernel.answer = NULL;
	kernel.fail = 0;
	kif_close(k);
	char command[600];
	snprintf(command, sizeof command, "rm -r %s", topology);
	ck_assert_int_eq(system(command), 0);
	close(log_fd);
}

static void log_begin(void)
{
	log_set_categories(LOG_KERNEL);
	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	dup2(log_fd, STDERR_FILENO);
}

/* What was logged. */
static const char *log_end(void)
{
	static char text[8192];
	fflush(stderr);
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	log_set_categories(0);
	ssize_t n = pread(log_fd, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static unsigned lines_of(const char *text)
{
	unsigned n = 0;
	for (; *text; text++)
		n += *text == '\n';
	return n;
}

START_TEST(opens_only_what_it_can_use)
{
	struct kif_kfd_paths paths = { "/no/such/device", topology };
	ck_assert_int_eq(kif_kfd_open_at(getpid(), &paths, &k, &err), -DBG_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.text, "/no/such/device"));
	paths.device = "/dev/null";
	static const unsigned refused[][2] = { { 1, 12 }, { 1, 7 }, { 0, 99 }, { 2, 0 } };
	for (size_t i = 0; i < 4; i++) {
		kernel.major = refused[i][0];
		kernel.minor = refused[i][1];
		ck_assert_int_eq(kif_kfd_open_at(getpid(), &paths, &k, &err), -DBG_UNSUPPORTED);
		ck_assert_ptr_nonnull(strstr(err.text, "1.13"));
	}
	kernel.major = 1;
	kernel.minor = 13;
	ck_assert_int_eq(kif_kfd_open_at(getpid(), &paths, &k, &err), 0);
	unsigned major, minor;
	ck_assert_int_eq(kif_version(k, &major, &minor, &err), 0);
	ck_assert_uint_eq(major * 100 + minor, 113);
	struct kif *other;
	ck_assert_int_eq(kif_kfd_open_at(999999999, &paths, &other, &err), -DBG_GONE);
}
END_TEST

static int answer_enable(unsigned long request, void *args)
{
	(void)request;
	if (get32(args, 4) != KFD_TRAP_ENABLE)
		return 0;
	void *rinfo = pointer(get64(args, 16));
	put64(rinfo, 0, 0x123456789abc);
	put32(rinfo, 8, 1);
	put32(rinfo, 12, 1);
	put32(args, 24, 16);
	return 0;
}

START_TEST(enabling)
{
	open_kif();
	kernel.answer = answer_enable;
	struct kif_runtime_info info;
	ck_assert_int_eq(kif_enable(k, KIF_EC(KIF_EC_PROCESS_RUNTIME), &info, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 0), (uint32_t)getpid());
	ck_assert_uint_eq(get32(kernel.last, 4), 0);
	ck_assert_uint_eq(get64(kernel.last, 8), UINT64_C(0x800000000000));
	ck_assert_uint_eq(get32(kernel.last, 24), 16);
	ck_assert_uint_eq(info.r_debug, 0x123456789abc);
	ck_assert_uint_eq(info.state, 1);
	ck_assert_uint_eq(info.ttmp_setup, 1);
	/* What the kernel writes there arrives; neither end blocks, and no program that is started later gets one. */
	int w = (int)get32(kernel.last, 28), r = kif_event_fd(k);
	ck_assert_int_ne(fcntl(w, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(r, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(w, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_ne(fcntl(r, F_GETFD) & FD_CLOEXEC, 0);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(write(w, ".", 1), 1);
	struct pollfd p = { .fd = r, .events = POLLIN };
	ck_assert_int_eq(poll(&p, 1, 0), 1);
	kif_drain(k);
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	kif_drain(k); /* an empty pipe does not block */
}
END_TEST

START_TEST(close_ends_the_session_before_the_pipe)
{
	open_kif();
	kernel.answer = answer_enable;
	struct kif_runtime_info info;
	ck_assert_int_eq(kif_enable(k, 1, &info, &err), 0);
	int r = kif_event_fd(k);
	kif_close(k);
	ck_assert_uint_eq(kernel.traps[KFD_TRAP_DISABLE], 1);
	ck_assert_int_eq(fcntl(r, F_GETFD), -1);
	open_kif();
	ck_assert_int_eq(kif_enable(k, 1, &info, &err), 0);
	ck_assert_int_eq(kif_disable(k, &err), 0);
	kif_close(k);
	ck_assert_uint_eq(kernel.traps[KFD_TRAP_DISABLE], 2);
	/* The target is gone: nothing can be ended, and nothing writes any more. */
	open_kif();
	ck_assert_int_eq(kif_enable(k, 1, &info, &err), 0);
	r = kif_event_fd(k);
	kernel.fail = ESRCH;
	kif_close(k);
	ck_assert_int_eq(fcntl(r, F_GETFD), -1);
	kernel.fail = 0;
	/* The kernel does not let go: the reader must stay, or the target is killed by SIGPIPE. */
	open_kif();
	ck_assert_int_eq(kif_enable(k, 1, &info, &err), 0);
	r = kif_event_fd(k);
	kernel.fail = EPERM;
	log_begin();
	kif_close(k);
	log_end();
	k = NULL;
	ck_assert_int_ne(fcntl(r, F_GETFD), -1);
	close(r);
}
END_TEST

static int answer_values(unsigned long request, void *args)
{
	(void)request;
	switch (get32(args, 4)) {
	case KFD_TRAP_SET_WAVE_LAUNCH_OVERRIDE:
		put32(args, 12, 0x11);
		put32(args, 16, 0xc00001ff);
		break;
	case KFD_TRAP_SET_NODE_ADDRESS_WATCH:
		put32(args, 28, 3);
		break;
	case KFD_TRAP_SET_FLAGS:
		put32(args, 8, 2);
		break;
	case KFD_TRAP_QUERY_DEBUG_EVENT:
		put64(args, 8, UINT64_C(0x40000002));
		put32(args, 16, 4711);
		put32(args, 20, 9);
		break;
	case KFD_TRAP_QUERY_EXCEPTION_INFO:
		memset(pointer(get64(args, 8)), 0, 16);
		put32(pointer(get64(args, 8)), 8, 1);
		put32(args, 16, 16);
		break;
	}
	return 0;
}

START_TEST(arguments_are_where_the_kernel_wants_them)
{
	open_kif();
	kernel.answer = answer_values;
	ck_assert_int_eq(kif_subscribe(k, UINT64_C(0x80010000003f), &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 4), 3);
	ck_assert_uint_eq(get64(kernel.last, 8), UINT64_C(0x80010000003f));

	ck_assert_int_eq(kif_send_runtime_event(k, UINT64_C(0x100000002), 4711, 5, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 4), 2);
	ck_assert_uint_eq(get64(kernel.last, 8), UINT64_C(0x100000002));
	ck_assert_uint_eq(get32(kernel.last, 16), 4711);
	ck_assert_uint_eq(get32(kernel.last, 20), 5);

	uint32_t enable = 0x80, request = 0x80;
	ck_assert_int_eq(kif_launch_override(k, 1, &enable, &request, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 4), 4);
	ck_assert_uint_eq(get32(kernel.last, 8), 1);
	ck_assert_uint_eq(get32(kernel.last, 12), 0x80);
	ck_assert_uint_eq(get32(kernel.last, 16), 0x80);
	ck_assert_uint_eq(enable, 0x11);
	ck_assert_uint_eq(request, 0xc00001ff);
	ck_assert_int_eq(kif_launch_override(k, 2, &enable, &request, &err), -DBG_BAD_REQUEST);

	ck_assert_int_eq(kif_launch_mode(k, 3, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 4), 5);
	ck_assert_uint_eq(get32(kernel.last, 8), 3);
	ck_assert_int_eq(kif_launch_mode(k, 2, &err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(kif_launch_mode(k, 0x100, &err), -DBG_BAD_REQUEST);

	uint32_t id = 99;
	ck_assert_int_eq(kif_set_watch(k, 4711, UINT64_C(0x7f0000001000), 0xffffff80, 1, &id, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 4), 8);
	ck_assert_uint_eq(get64(kernel.last, 8), UINT64_C(0x7f0000001000));
	ck_assert_uint_eq(get32(kernel.last, 16), 1);
	ck_assert_uint_eq(get32(kernel.last, 20), 0xffffff80);
	ck_assert_uint_eq(get32(kernel.last, 24), 4711);
	ck_assert_uint_eq(id, 3);
	ck_assert_int_eq(kif_set_watch(k, 4711, 0, 0, 4, &id, &err), -DBG_BAD_REQUEST);

	ck_assert_int_eq(kif_clear_watch(k, 4711, 3, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 4), 9);
	ck_assert_uint_eq(get32(kernel.last, 8), 4711);
	ck_assert_uint_eq(get32(kernel.last, 12), 3);

	uint32_t flags = 1;
	ck_assert_int_eq(kif_set_flags(k, &flags, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 8), 1);
	ck_assert_uint_eq(flags, 2);

	struct kif_event e;
	ck_assert_int_eq(kif_query_event(k, UINT64_C(0x14000003f), &e, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 4), 11);
	ck_assert_uint_eq(get64(kernel.last, 8), UINT64_C(0x14000003f));
	ck_assert_uint_eq(e.mask, UINT64_C(0x40000002));
	ck_assert_uint_eq(e.gpu_id, 4711);
	ck_assert_uint_eq(e.queue_id, 9);

	char info[16];
	uint32_t size = sizeof info;
	ck_assert_int_eq(kif_query_info(k, KIF_EC_PROCESS_RUNTIME, 6, true, info, &size, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 4), 12);
	ck_assert_uint_eq(get32(kernel.last, 16), 16);
	ck_assert_uint_eq(get32(kernel.last, 20), 6);
	ck_assert_uint_eq(get32(kernel.last, 24), 48);
	ck_assert_uint_eq(get32(kernel.last, 28), 1);
	ck_assert_uint_eq(size, 16);
}
END_TEST

static int answer_null_info(unsigned long request, void *args)
{
	(void)request;
	if (!get64(args, 8)) {
		errno = EINVAL;
		return -1;
	}
	ck_assert_uint_eq(get32(args, 16), 0);
	return 0;
}

START_TEST(query_info_without_a_buffer)
{
	open_kif();
	kernel.answer = answer_null_info;
	uint32_t size = 32;
	ck_assert_int_eq(kif_query_info(k, 33, 4711, true, NULL, &size, &err), 0);
	ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(interrupted_calls_are_made_again_and_eagain_is_an_answer)
{
	open_kif();
	kernel.eintr = 3;
	kernel.calls = 0;
	ck_assert_int_eq(kif_subscribe(k, 1, &err), 0);
	ck_assert_uint_eq(kernel.calls, 4);
	kernel.fail = EAGAIN;
	kernel.calls = 0;
	struct kif_event e;
	ck_assert_int_eq(kif_query_event(k, 0, &e, &err), -DBG_AGAIN);
	ck_assert_uint_eq(kernel.calls, 1);
}
END_TEST

START_TEST(errnos)
{
	static const struct {
		int op, e;
		enum dbg_class class;
		const char *text;
	} rows[] = {
		{ KFD_TRAP_ENABLE, EALREADY, DBG_REFUSED, "another debugger" },
		{ KFD_TRAP_ENABLE, ENODEV, DBG_UNSUPPORTED, "too old" },
		{ KFD_TRAP_ENABLE, EBUSY, DBG_REFUSED, "excludes debugging" },
		{ KFD_TRAP_ENABLE, EPERM, DBG_REFUSED, "does not trace" },
		{ KFD_TRAP_ENABLE, EINVAL, DBG_REFUSED, "reset" },
		{ KFD_TRAP_ENABLE, ESRCH, DBG_GONE, "ended" },
		{ KFD_TRAP_SET_WAVE_LAUNCH_MODE, EIO, DBG_REFUSED, "does not answer" },
		{ KFD_TRAP_SET_WAVE_LAUNCH_MODE, ETIME, DBG_REFUSED, "scheduler" },
		{ KFD_TRAP_SET_WAVE_LAUNCH_MODE, EPERM, DBG_REFUSED, "runtime of the process is not enabled" },
		{ KFD_TRAP_SET_FLAGS, EACCES, DBG_UNSUPPORTED, "precise" },
		{ KFD_TRAP_QUERY_DEBUG_EVENT, EINVAL, DBG_BAD_REQUEST, "not enabled" },
		{ KFD_TRAP_QUERY_DEBUG_EVENT, ESRCH, DBG_GONE, "ended" },
		{ KFD_TRAP_QUERY_DEBUG_EVENT, ENOTTY, DBG_UNSUPPORTED, "does not know" },
		{ KFD_TRAP_QUERY_DEBUG_EVENT, EFAULT, DBG_INTERNAL, "failed" },
	};
	open_kif();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		kernel.fail = rows[i].e;
		struct kif_runtime_info info;
		struct kif_event e;
		uint32_t flags = 0;
		int rc = 0;
		if (rows[i].op == KFD_TRAP_ENABLE)
			rc = kif_enable(k, 0, &info, &err);
		else if (rows[i].op == KFD_TRAP_SET_WAVE_LAUNCH_MODE)
			rc = kif_launch_mode(k, 0, &err);
		else if (rows[i].op == KFD_TRAP_SET_FLAGS)
			rc = kif_set_flags(k, &flags, &err);
		else
			rc = kif_query_event(k, 0, &e, &err);
		ck_assert_int_eq(rc, -(int)rows[i].class);
		ck_assert_int_eq(err.class, rows[i].class);
		ck_assert_int_eq(err.sys_errno, rows[i].e);
		ck_assert_msg(strstr(err.text, rows[i].text) != NULL, "%s", err.text);
	}
}
END_TEST

/* The runtime is being unloaded: state 0. */
static int answer_goodbye(unsigned long request, void *args)
{
	(void)request;
	memset(pointer(get64(args, 8)), 0, 16);
	put32(args, 16, 16);
	return 0;
}

START_TEST(both_meanings_of_eperm)
{
	open_kif();
	kernel.answer = answer_enable; /* runtime state 1 */
	struct kif_runtime_info info;
	ck_assert_int_eq(kif_enable(k, 0, &info, &err), 0);
	kernel.fail = EPERM;
	ck_assert_int_eq(kif_launch_mode(k, 0, &err), -DBG_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "does not trace"));
	kernel.fail = 0;
	kernel.answer = answer_goodbye;
	char bytes[16];
	uint32_t size = 16;
	ck_assert_int_eq(kif_query_info(k, KIF_EC_PROCESS_RUNTIME, 0, true, bytes, &size, &err), 0);
	kernel.fail = EPERM;
	ck_assert_int_eq(kif_suspend(k, 0, NULL, 0, NULL, &err), -DBG_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "runtime of the process is not enabled"));
}
END_TEST

static int answer_suspend(unsigned long request, void *args)
{
	(void)request;
	uint32_t op = get32(args, 4);
	uint64_t array = op == 6 ? get64(args, 16) : get64(args, 8);
	uint32_t n = op == 6 ? get32(args, 24) : get32(args, 16);
	if (!array)
		return 5;
	ck_assert_uint_eq(n, 4);
	static const uint32_t marks[4] = { 0, UINT32_C(0x80000000), UINT32_C(0x40000000), UINT32_C(0xc0000000) };
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = get32(pointer(array), 4 * i);
		ck_assert_uint_eq(id, i);
		put32(pointer(array), 4 * i, id | marks[i]);
	}
	return 1;
}

START_TEST(queues_in_and_out)
{
	open_kif();
	kernel.answer = answer_suspend;
	struct kif_queue_ref refs[4] = { { .id = 0 }, { .id = 1 }, { .id = 2 }, { .id = 3 } };
	unsigned done = 77;
	log_begin();
	ck_assert_int_eq(kif_suspend(k, KIF_WAVE_EVENTS, refs, 4, &done, &err), 0);
	const char *text = log_end();
	ck_assert_uint_eq(get64(kernel.last, 8), 0x3f);
	ck_assert_uint_eq(get32(kernel.last, 28), 0);
	ck_assert_uint_eq(done, 1);
	ck_assert_int_eq(refs[0].result, KIF_QUEUE_DONE);
	ck_assert_int_eq(refs[1].result, KIF_QUEUE_INVALID);
	ck_assert_int_eq(refs[2].result, KIF_QUEUE_ERROR);
	ck_assert_int_eq(refs[3].result, KIF_QUEUE_ERROR);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(refs[i].id, i);
	ck_assert_uint_eq(lines_of(text), 1);
	unsigned us;
	ck_assert_int_eq(sscanf(text, "wavestub: kernel: SUSPEND_QUEUES clear=0x3f queues=[0,1:invalid,2:error,3:error] grace=0 -> 1 (%u us)", &us), 1);
	ck_assert_int_eq(kif_resume(k, refs, 4, &done, &err), 0);
	ck_assert_uint_eq(get32(kernel.last, 4), 7);
	ck_assert_uint_eq(done, 1);
	ck_assert_int_eq(kif_resume(k, NULL, 0, &done, &err), 0);
	ck_assert_uint_eq(get64(kernel.last, 8), 0);
	ck_assert_uint_eq(done, 5);
	struct kif_queue_ref marked = { .id = UINT32_C(0x40000001) };
	ck_assert_int_eq(kif_suspend(k, 0, &marked, 1, &done, &err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(kif_suspend(k, 0, NULL, 1, &done, &err), -DBG_BAD_REQUEST);
	struct kif_queue_ref *many = calloc(1025, sizeof *many);
	ck_assert_int_eq(kif_suspend(k, 0, many, 1025, &done, &err), -DBG_BAD_REQUEST);
	free(many);
}
END_TEST

START_TEST(one_line_per_call)
{
	open_kif();
	kernel.answer = answer_values;
	log_begin();
	ck_assert_int_eq(kif_subscribe(k, 1, &err), 0);
	kernel.fail = EAGAIN;
	struct kif_event e;
	ck_assert_int_eq(kif_query_event(k, 0x3f, &e, NULL), -DBG_AGAIN);
	const char *text = log_end();
	ck_assert_uint_eq(lines_of(text), 2);
	ck_assert_ptr_nonnull(strstr(text, "wavestub: kernel: SET_EXCEPTIONS_ENABLED events=0x1 -> 0 ("));
	ck_assert_ptr_nonnull(strstr(text, "wavestub: kernel: QUERY_DEBUG_EVENT clear=0x3f -> EAGAIN ("));
}
END_TEST

/* A process with `present` queues; each reports its new-bit once. */
static uint32_t present;
static bool reported[100];

static int answer_queues(unsigned long request, void *args)
{
	(void)request;
	if (get32(args, 4) != KFD_TRAP_GET_QUEUE_SNAPSHOT)
		return 0;
	uint32_t room = get32(args, 24), stride = get32(args, 28);
	ck_assert_uint_eq(stride, 64);
	for (uint32_t i = 0; i < room && i < present; i++) {
		char *entry = (char *)pointer(get64(args, 16)) + (size_t)i * stride;
		uint32_t id = present - 1 - i;
		put64(entry, 0, reported[id] ? 0 : UINT64_C(0x40000000));
		reported[id] = true;
		put64(entry, 8, 0x1000 + id);
		put64(entry, 16, 0x2000 + id);
		put64(entry, 24, 0x3000 + id);
		put64(entry, 32, 0x4000 + id);
		put32(entry, 40, id);
		put32(entry, 44, 4711);
		put32(entry, 48, 4096);
		put32(entry, 52, 2);
		put32(entry, 56, 0x10000);
	}
	put32(args, 24, present);
	return 0;
}

START_TEST(queue_snapshot_grows_and_forgets_nothing)
{
	open_kif();
	kernel.answer = answer_queues;
	memset(reported, 0, sizeof reported);
	present = 3;
	struct kif_queue *queues;
	size_t n;
	ck_assert_int_eq(kif_queues(k, UINT64_C(0x40000000), &queues, &n, &err), 0);
	ck_assert_uint_eq(kernel.traps[KFD_TRAP_GET_QUEUE_SNAPSHOT], 1);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(queues[0].id, 2); /* newest first */
	ck_assert_uint_eq(queues[0].exception_status, UINT64_C(0x40000000));
	ck_assert_uint_eq(queues[0].ring_base, 0x1002);
	ck_assert_uint_eq(queues[0].write_ptr_addr, 0x2002);
	ck_assert_uint_eq(queues[0].read_ptr_addr, 0x3002);
	ck_assert_uint_eq(queues[0].save_area, 0x4002);
	ck_assert_uint_eq(queues[0].gpu_id, 4711);
	ck_assert_uint_eq(queues[0].ring_bytes, 4096);
	ck_assert_uint_eq(queues[0].type, 2);
	ck_assert_uint_eq(queues[0].save_area_size, 0x10000);
	free(queues);
	present = 90; /* more than there is room for */
	log_begin();
	ck_assert_int_eq(kif_queues(k, UINT64_C(0x40000000), &queues, &n, &err), 0);
	ck_assert_uint_eq(lines_of(log_end()), 2); /* one per call of the kernel */
	ck_assert_uint_eq(kernel.traps[KFD_TRAP_GET_QUEUE_SNAPSHOT], 3);
	ck_assert_uint_eq(n, 90);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(queues[i].exception_status, queues[i].id < 3 ? 0 : UINT64_C(0x40000000));
	free(queues);
	present = 0;
	ck_assert_int_eq(kif_queues(k, 0, &queues, &n, &err), 0);
	ck_assert_uint_eq(n, 0);
	free(queues);
}
END_TEST

static int answer_short_entries(unsigned long request, void *args)
{
	(void)request;
	if (get32(args, 4) == KFD_TRAP_GET_QUEUE_SNAPSHOT || get32(args, 4) == KFD_TRAP_GET_DEVICE_SNAPSHOT) {
		put32(args, 24, 0);
		put32(args, 28, 40);
	}
	return 0;
}

START_TEST(entries_that_are_too_short)
{
	open_kif();
	kernel.answer = answer_short_entries;
	struct kif_queue *queues;
	struct kif_agent *agents;
	size_t n;
	ck_assert_int_eq(kif_queues(k, 0, &queues, &n, &err), -DBG_UNSUPPORTED);
	ck_assert_int_eq(kif_agents(k, 0, &agents, &n, &err), -DBG_UNSUPPORTED);
}
END_TEST

static int answer_devices(unsigned long request, void *args)
{
	(void)request;
	if (get32(args, 4) != KFD_TRAP_GET_DEVICE_SNAPSHOT)
		return 0;
	ck_assert_uint_ne(get64(args, 16), 0);
	ck_assert_uint_eq(get32(args, 28), 120);
	char *entry = pointer(get64(args, 16));
	put64(entry, 8, UINT64_C(1) << 48);
	put64(entry, 24, UINT64_C(2) << 48);
	put32(entry, 56, 4711);
	put32(entry, 88, 90402);
	put32(entry, 92, 32);
	put32(entry, 108, 8);
	put32(entry, 112, 0x20008000);
	put32(entry, 116, 0x5e7);
	put32(entry + 120, 56, 12); /* a GPU that the topology does not show */
	put32(entry + 120, 88, 90010);
	put32(args, 24, 2);
	return 0;
}

START_TEST(agents_join_the_topology)
{
	open_kif();
	kernel.answer = answer_devices;
	struct kif_agent *agents;
	size_t n;
	ck_assert_int_eq(kif_agents(k, 0, &agents, &n, &err), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(agents[0].gpu_id, 4711);
	ck_assert_uint_eq(agents[0].gfx_target_version, 90402);
	ck_assert_uint_eq(agents[0].lds_base, UINT64_C(1) << 48);
	ck_assert_uint_eq(agents[0].scratch_base, UINT64_C(2) << 48);
	ck_assert_uint_eq(agents[0].simd_count, 32);
	ck_assert_uint_eq(agents[0].num_xcc, 8);
	ck_assert_uint_eq(agents[0].debug_prop, 0x5e7);
	ck_assert_uint_eq(agents[0].node, 1);
	ck_assert_int_eq(agents[0].drm_render_minor, 777);
	ck_assert_uint_eq(agents[0].capability, 0x20008000 | 640); /* the watch point bits come from the topology */
	ck_assert_str_eq(agents[0].name, "gfx942");                /* no such render node */
	ck_assert_uint_eq(agents[1].node, ~0u);
	ck_assert_int_eq(agents[1].drm_render_minor, -1);
	ck_assert_str_eq(agents[1].name, "gfx90a");
	free(agents);
}
END_TEST

START_TEST(memory)
{
	static uint64_t word = 42;
	open_kif();
	uint64_t got = 0;
	size_t n = 0;
	ck_assert_int_eq(kif_mem_read(k, (uint64_t)(uintptr_t)&word, &got, 8, &n, &err), 0);
	ck_assert_uint_eq(n, 8);
	ck_assert_uint_eq(got, 42);
	got = 43;
	ck_assert_int_eq(kif_mem_write(k, (uint64_t)(uintptr_t)&word, &got, 8, &n, &err), 0);
	ck_assert_uint_eq(*(volatile uint64_t *)&word, 43);
	ck_assert_int_eq(kif_mem_read(k, 0, &got, 8, &n, &err), -DBG_REFUSED);
	ck_assert_int_eq(kif_mem_read(k, UINT64_MAX - 3, &got, 8, &n, &err), -DBG_REFUSED);
	ck_assert_uint_eq(kernel.calls, 1); /* of the device: only its version was asked */
}
END_TEST

static int answer_smi(unsigned long request, void *args)
{
	if (request != KFD_IOC_SMI_EVENTS)
		return 0;
	if (get32(args, 0) != 4711) {
		errno = EINVAL;
		return -1;
	}
	put32(args, 4, 123);
	return 0;
}

START_TEST(management_events)
{
	open_kif();
	kernel.answer = answer_smi;
	int fd = -1;
	ck_assert_int_eq(kif_smi_open(k, 4711, &fd, &err), 0);
	ck_assert_int_eq(fd, 123);
	ck_assert_int_eq(kif_smi_open(k, 4712, &fd, &err), -DBG_UNSUPPORTED);
}
END_TEST

static int smi_kernel_end;

static int answer_smi_pipe(unsigned long request, void *args)
{
	int fds[2];
	if (request != KFD_IOC_SMI_EVENTS)
		return 0;
	if (get32(args, 0) != 4711) {
		errno = EINVAL;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	smi_kernel_end = fds[1];
	put32(args, 4, (uint32_t)fds[0]);
	return 0;
}

static void quit(void *arg)
{
	loop_quit(arg);
}

static void on_reset(void *arg, uint32_t gpu_id, bool done, const char *text)
{
	char *told = arg;
	snprintf(told + strlen(told), 128 - strlen(told), "%u %s %s;", gpu_id, done ? "done" : "begun", text);
}

START_TEST(resets_are_told)
{
	char resets[128] = "";
	struct loop *l;
	struct loop_source *timer;
	struct smi *smi;
	static const uint32_t ids[] = { 12, 4711 }; /* the first has none */
	open_kif();
	kernel.answer = answer_smi_pipe;
	ck_assert_int_eq(loop_create(&l, &err), 0);
	ck_assert_int_eq(smi_create(k, l, ids, 1, on_reset, resets, &smi, &err), -DBG_UNSUPPORTED);
	ck_assert_int_eq(smi_create(k, l, ids, 2, on_reset, resets, &smi, &err), 0);
	uint64_t mask;
	ck_assert_int_eq(read(smi_kernel_end, &mask, sizeof mask), sizeof mask);
	ck_assert_uint_eq(mask, 0xd); /* page faults, before and after a reset */
	static const char text[] = "3 7 ring timeout\n4 7\nnonsense\n1 5:a\n3";
	ck_assert_int_eq(write(smi_kernel_end, text, sizeof text - 1), (int)sizeof text - 1);
	ck_assert_int_eq(loop_add_timer(l, 50000, quit, l, &timer, &err), 0);
	log_begin();
	ck_assert_int_eq(loop_run(l, &err), 0);
	const char *log = log_end();
	ck_assert_str_eq(resets, "4711 begun 7 ring timeout;4711 done 7;");
	ck_assert_ptr_nonnull(strstr(log, "cannot be read: nonsense"));
	ck_assert_ptr_nonnull(strstr(log, "management event 1: 5:a"));
	ck_assert_uint_eq(lines_of(log), 2); /* the last line is not whole */
	smi_destroy(smi);
	char byte;
	ck_assert_int_eq(read(smi_kernel_end, &byte, 1), 0); /* closed */
	close(smi_kernel_end);
	loop_remove(timer);
	loop_destroy(l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("kif");
	const TTest *const tests[] = {
		opens_only_what_it_can_use, enabling, close_ends_the_session_before_the_pipe, arguments_are_where_the_kernel_wants_them,
		query_info_without_a_buffer, interrupted_calls_are_made_again_and_eagain_is_an_answer, errnos, both_meanings_of_eperm,
		queues_in_and_out, one_line_per_call, queue_snapshot_grows_and_forgets_nothing, entries_that_are_too_short,
		agents_join_the_topology, memory, management_events, resets_are_told,
	};
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
		TCase *c = tcase_create(tests[i]->name);
		tcase_add_checked_fixture(c, setup, teardown);
		tcase_set_timeout(c, 30);
		tcase_add_test(c, tests[i]);
		suite_add_tcase(s, c);
	}
	return s;
}

int main(void)
{
	return tap_run(suite());
}
