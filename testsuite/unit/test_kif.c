/* The live backend: opening, argument blocks, errors, the log. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/kernel/kif_kfd.h"
#include "testsuite/unit/fake_kfd.h"
#include "testsuite/unit/tap.h"

START_TEST(opens_only_what_it_can_use)
{
	struct kif_kfd_paths paths = { "/no/such/device", fake_kfd.topology };
	ck_assert_int_eq(kif_kfd_open_at(getpid(), &paths, &fake_kfd.k, &fake_kfd.err), -DBG_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(fake_kfd.err.text, "/no/such/device"));
	paths.device = "/dev/null";
	static const unsigned refused[][2] = { { 1, 12 }, { 1, 7 }, { 0, 99 }, { 2, 0 } };
	for (size_t i = 0; i < 4; i++) {
		fake_kfd.major = refused[i][0];
		fake_kfd.minor = refused[i][1];
		ck_assert_int_eq(kif_kfd_open_at(getpid(), &paths, &fake_kfd.k, &fake_kfd.err), -DBG_UNSUPPORTED);
		ck_assert_ptr_nonnull(strstr(fake_kfd.err.text, "1.13"));
	}
	fake_kfd.major = 1;
	fake_kfd.minor = 13;
	ck_assert_int_eq(kif_kfd_open_at(getpid(), &paths, &fake_kfd.k, &fake_kfd.err), 0);
	unsigned major, minor;
	ck_assert_int_eq(kif_version(fake_kfd.k, &major, &minor, &fake_kfd.err), 0);
	ck_assert_uint_eq(major * 100 + minor, 113);
	struct kif *other;
	ck_assert_int_eq(kif_kfd_open_at(999999999, &paths, &other, &fake_kfd.err), -DBG_GONE);
}
END_TEST

static int answer_enable(unsigned long request, void *args)
{
	(void)request;
	if (kfd_get32(args, 4) != KFD_TRAP_ENABLE)
		return 0;
	void *rinfo = kfd_pointer(kfd_get64(args, 16));
	kfd_put64(rinfo, 0, 0x123456789abc);
	kfd_put32(rinfo, 8, 1);
	kfd_put32(rinfo, 12, 1);
	kfd_put32(args, 24, 16);
	return 0;
}

START_TEST(enabling)
{
	fake_kfd_open();
	fake_kfd.answer = answer_enable;
	struct kif_runtime_info info;
	ck_assert_int_eq(kif_enable(fake_kfd.k, KIF_EC(KIF_EC_PROCESS_RUNTIME), &info, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 0), (uint32_t)getpid());
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 0);
	ck_assert_uint_eq(kfd_get64(fake_kfd.last, 8), UINT64_C(0x800000000000));
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 24), 16);
	ck_assert_uint_eq(info.r_debug, 0x123456789abc);
	ck_assert_uint_eq(info.state, 1);
	ck_assert_uint_eq(info.ttmp_setup, 1);
	/* What the kernel writes there arrives; neither end blocks, and no program that is started later gets one. */
	int w = (int)kfd_get32(fake_kfd.last, 28), r = kif_event_fd(fake_kfd.k);
	ck_assert_int_ne(fcntl(w, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(r, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(w, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_ne(fcntl(r, F_GETFD) & FD_CLOEXEC, 0);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(write(w, ".", 1), 1);
	struct pollfd p = { .fd = r, .events = POLLIN };
	ck_assert_int_eq(poll(&p, 1, 0), 1);
	kif_drain(fake_kfd.k);
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	kif_drain(fake_kfd.k); /* an empty pipe does not block */
}
END_TEST

START_TEST(close_ends_the_session_before_the_pipe)
{
	fake_kfd_open();
	fake_kfd.answer = answer_enable;
	struct kif_runtime_info info;
	ck_assert_int_eq(kif_enable(fake_kfd.k, 1, &info, &fake_kfd.err), 0);
	int r = kif_event_fd(fake_kfd.k);
	kif_close(fake_kfd.k);
	ck_assert_uint_eq(fake_kfd.traps[KFD_TRAP_DISABLE], 1);
	ck_assert_int_eq(fcntl(r, F_GETFD), -1);
	fake_kfd_open();
	ck_assert_int_eq(kif_enable(fake_kfd.k, 1, &info, &fake_kfd.err), 0);
	ck_assert_int_eq(kif_disable(fake_kfd.k, &fake_kfd.err), 0);
	kif_close(fake_kfd.k);
	ck_assert_uint_eq(fake_kfd.traps[KFD_TRAP_DISABLE], 2);
	/* The target is gone: nothing can be ended, and nothing writes any more. */
	fake_kfd_open();
	ck_assert_int_eq(kif_enable(fake_kfd.k, 1, &info, &fake_kfd.err), 0);
	r = kif_event_fd(fake_kfd.k);
	fake_kfd.fail = ESRCH;
	kif_close(fake_kfd.k);
	ck_assert_int_eq(fcntl(r, F_GETFD), -1);
	fake_kfd.fail = 0;
	/* The kernel does not let go: the reader must stay, or the target is killed by SIGPIPE. */
	fake_kfd_open();
	ck_assert_int_eq(kif_enable(fake_kfd.k, 1, &info, &fake_kfd.err), 0);
	r = kif_event_fd(fake_kfd.k);
	fake_kfd.fail = EPERM;
	fake_kfd_log_begin();
	kif_close(fake_kfd.k);
	fake_kfd_log_end();
	fake_kfd.k = NULL;
	ck_assert_int_ne(fcntl(r, F_GETFD), -1);
	close(r);
}
END_TEST

static int answer_values(unsigned long request, void *args)
{
	(void)request;
	switch (kfd_get32(args, 4)) {
	case KFD_TRAP_SET_WAVE_LAUNCH_OVERRIDE:
		kfd_put32(args, 12, 0x11);
		kfd_put32(args, 16, 0xc00001ff);
		break;
	case KFD_TRAP_SET_NODE_ADDRESS_WATCH:
		kfd_put32(args, 28, 3);
		break;
	case KFD_TRAP_SET_FLAGS:
		kfd_put32(args, 8, 2);
		break;
	case KFD_TRAP_QUERY_DEBUG_EVENT:
		kfd_put64(args, 8, UINT64_C(0x40000002));
		kfd_put32(args, 16, 4711);
		kfd_put32(args, 20, 9);
		break;
	case KFD_TRAP_QUERY_EXCEPTION_INFO:
		memset(kfd_pointer(kfd_get64(args, 8)), 0, 16);
		kfd_put32(kfd_pointer(kfd_get64(args, 8)), 8, 1);
		kfd_put32(args, 16, 16);
		break;
	}
	return 0;
}

START_TEST(arguments_are_where_the_kernel_wants_them)
{
	fake_kfd_open();
	fake_kfd.answer = answer_values;
	ck_assert_int_eq(kif_subscribe(fake_kfd.k, UINT64_C(0x80010000003f), &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 3);
	ck_assert_uint_eq(kfd_get64(fake_kfd.last, 8), UINT64_C(0x80010000003f));

	ck_assert_int_eq(kif_send_runtime_event(fake_kfd.k, UINT64_C(0x100000002), 4711, 5, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 2);
	ck_assert_uint_eq(kfd_get64(fake_kfd.last, 8), UINT64_C(0x100000002));
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 16), 4711);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 20), 5);

	uint32_t enable = 0x80, request = 0x80;
	ck_assert_int_eq(kif_launch_override(fake_kfd.k, 1, &enable, &request, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 4);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 8), 1);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 12), 0x80);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 16), 0x80);
	ck_assert_uint_eq(enable, 0x11);
	ck_assert_uint_eq(request, 0xc00001ff);
	ck_assert_int_eq(kif_launch_override(fake_kfd.k, 2, &enable, &request, &fake_kfd.err), -DBG_BAD_REQUEST);

	ck_assert_int_eq(kif_launch_mode(fake_kfd.k, 3, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 5);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 8), 3);
	ck_assert_int_eq(kif_launch_mode(fake_kfd.k, 2, &fake_kfd.err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(kif_launch_mode(fake_kfd.k, 0x100, &fake_kfd.err), -DBG_BAD_REQUEST);

	uint32_t id = 99;
	ck_assert_int_eq(kif_set_watch(fake_kfd.k, 4711, UINT64_C(0x7f0000001000), 0xffffff80, 1, &id, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 8);
	ck_assert_uint_eq(kfd_get64(fake_kfd.last, 8), UINT64_C(0x7f0000001000));
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 16), 1);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 20), 0xffffff80);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 24), 4711);
	ck_assert_uint_eq(id, 3);
	ck_assert_int_eq(kif_set_watch(fake_kfd.k, 4711, 0, 0, 4, &id, &fake_kfd.err), -DBG_BAD_REQUEST);

	ck_assert_int_eq(kif_clear_watch(fake_kfd.k, 4711, 3, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 9);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 8), 4711);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 12), 3);

	uint32_t flags = 1;
	ck_assert_int_eq(kif_set_flags(fake_kfd.k, &flags, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 8), 1);
	ck_assert_uint_eq(flags, 2);

	struct kif_event e;
	ck_assert_int_eq(kif_query_event(fake_kfd.k, UINT64_C(0x14000003f), &e, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 11);
	ck_assert_uint_eq(kfd_get64(fake_kfd.last, 8), UINT64_C(0x14000003f));
	ck_assert_uint_eq(e.mask, UINT64_C(0x40000002));
	ck_assert_uint_eq(e.gpu_id, 4711);
	ck_assert_uint_eq(e.queue_id, 9);

	char info[16];
	uint32_t size = sizeof info;
	ck_assert_int_eq(kif_query_info(fake_kfd.k, KIF_EC_PROCESS_RUNTIME, 6, true, info, &size, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 12);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 16), 16);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 20), 6);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 24), 48);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 28), 1);
	ck_assert_uint_eq(size, 16);
}
END_TEST

static int answer_null_info(unsigned long request, void *args)
{
	(void)request;
	if (!kfd_get64(args, 8)) {
		errno = EINVAL;
		return -1;
	}
	ck_assert_uint_eq(kfd_get32(args, 16), 0);
	return 0;
}

START_TEST(query_info_without_a_buffer)
{
	fake_kfd_open();
	fake_kfd.answer = answer_null_info;
	uint32_t size = 32;
	ck_assert_int_eq(kif_query_info(fake_kfd.k, 33, 4711, true, NULL, &size, &fake_kfd.err), 0);
	ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(interrupted_calls_are_made_again_and_eagain_is_an_answer)
{
	fake_kfd_open();
	fake_kfd.eintr = 3;
	fake_kfd.calls = 0;
	ck_assert_int_eq(kif_subscribe(fake_kfd.k, 1, &fake_kfd.err), 0);
	ck_assert_uint_eq(fake_kfd.calls, 4);
	fake_kfd.fail = EAGAIN;
	fake_kfd.calls = 0;
	struct kif_event e;
	ck_assert_int_eq(kif_query_event(fake_kfd.k, 0, &e, &fake_kfd.err), -DBG_AGAIN);
	ck_assert_uint_eq(fake_kfd.calls, 1);
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
	fake_kfd_open();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake_kfd.fail = rows[i].e;
		struct kif_runtime_info info;
		struct kif_event e;
		uint32_t flags = 0;
		int rc = 0;
		if (rows[i].op == KFD_TRAP_ENABLE)
			rc = kif_enable(fake_kfd.k, 0, &info, &fake_kfd.err);
		else if (rows[i].op == KFD_TRAP_SET_WAVE_LAUNCH_MODE)
			rc = kif_launch_mode(fake_kfd.k, 0, &fake_kfd.err);
		else if (rows[i].op == KFD_TRAP_SET_FLAGS)
			rc = kif_set_flags(fake_kfd.k, &flags, &fake_kfd.err);
		else
			rc = kif_query_event(fake_kfd.k, 0, &e, &fake_kfd.err);
		ck_assert_int_eq(rc, -(int)rows[i].class);
		ck_assert_int_eq(fake_kfd.err.class, rows[i].class);
		ck_assert_int_eq(fake_kfd.err.sys_errno, rows[i].e);
		ck_assert_msg(strstr(fake_kfd.err.text, rows[i].text) != NULL, "%s", fake_kfd.err.text);
	}
}
END_TEST

/* The runtime is being unloaded: state 0. */
static int answer_goodbye(unsigned long request, void *args)
{
	(void)request;
	memset(kfd_pointer(kfd_get64(args, 8)), 0, 16);
	kfd_put32(args, 16, 16);
	return 0;
}

START_TEST(both_meanings_of_eperm)
{
	fake_kfd_open();
	fake_kfd.answer = answer_enable; /* runtime state 1 */
	struct kif_runtime_info info;
	ck_assert_int_eq(kif_enable(fake_kfd.k, 0, &info, &fake_kfd.err), 0);
	fake_kfd.fail = EPERM;
	ck_assert_int_eq(kif_launch_mode(fake_kfd.k, 0, &fake_kfd.err), -DBG_REFUSED);
	ck_assert_ptr_nonnull(strstr(fake_kfd.err.text, "does not trace"));
	fake_kfd.fail = 0;
	fake_kfd.answer = answer_goodbye;
	char bytes[16];
	uint32_t size = 16;
	ck_assert_int_eq(kif_query_info(fake_kfd.k, KIF_EC_PROCESS_RUNTIME, 0, true, bytes, &size, &fake_kfd.err), 0);
	fake_kfd.fail = EPERM;
	ck_assert_int_eq(kif_suspend(fake_kfd.k, 0, NULL, 0, NULL, &fake_kfd.err), -DBG_REFUSED);
	ck_assert_ptr_nonnull(strstr(fake_kfd.err.text, "runtime of the process is not enabled"));
}
END_TEST

static int answer_suspend(unsigned long request, void *args)
{
	(void)request;
	uint32_t op = kfd_get32(args, 4);
	uint64_t array = op == 6 ? kfd_get64(args, 16) : kfd_get64(args, 8);
	uint32_t n = op == 6 ? kfd_get32(args, 24) : kfd_get32(args, 16);
	if (!array)
		return 5;
	ck_assert_uint_eq(n, 4);
	static const uint32_t marks[4] = { 0, UINT32_C(0x80000000), UINT32_C(0x40000000), UINT32_C(0xc0000000) };
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = kfd_get32(kfd_pointer(array), 4 * i);
		ck_assert_uint_eq(id, i);
		kfd_put32(kfd_pointer(array), 4 * i, id | marks[i]);
	}
	return 1;
}

START_TEST(queues_in_and_out)
{
	fake_kfd_open();
	fake_kfd.answer = answer_suspend;
	struct kif_queue_ref refs[4] = { { .id = 0 }, { .id = 1 }, { .id = 2 }, { .id = 3 } };
	unsigned done = 77;
	fake_kfd_log_begin();
	ck_assert_int_eq(kif_suspend(fake_kfd.k, KIF_WAVE_EVENTS, refs, 4, &done, &fake_kfd.err), 0);
	const char *text = fake_kfd_log_end();
	ck_assert_uint_eq(kfd_get64(fake_kfd.last, 8), 0x3f);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 28), 0);
	ck_assert_uint_eq(done, 1);
	ck_assert_int_eq(refs[0].result, KIF_QUEUE_DONE);
	ck_assert_int_eq(refs[1].result, KIF_QUEUE_INVALID);
	ck_assert_int_eq(refs[2].result, KIF_QUEUE_ERROR);
	ck_assert_int_eq(refs[3].result, KIF_QUEUE_ERROR);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(refs[i].id, i);
	ck_assert_uint_eq(fake_kfd_lines_of(text), 1);
	unsigned us;
	ck_assert_int_eq(sscanf(text, "wavestub: kernel: SUSPEND_QUEUES clear=0x3f queues=[0,1:invalid,2:error,3:error] grace=0 -> 1 (%u us)", &us), 1);
	ck_assert_int_eq(kif_resume(fake_kfd.k, refs, 4, &done, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get32(fake_kfd.last, 4), 7);
	ck_assert_uint_eq(done, 1);
	ck_assert_int_eq(kif_resume(fake_kfd.k, NULL, 0, &done, &fake_kfd.err), 0);
	ck_assert_uint_eq(kfd_get64(fake_kfd.last, 8), 0);
	ck_assert_uint_eq(done, 5);
	struct kif_queue_ref marked = { .id = UINT32_C(0x40000001) };
	ck_assert_int_eq(kif_suspend(fake_kfd.k, 0, &marked, 1, &done, &fake_kfd.err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(kif_suspend(fake_kfd.k, 0, NULL, 1, &done, &fake_kfd.err), -DBG_BAD_REQUEST);
	struct kif_queue_ref *many = calloc(1025, sizeof *many);
	ck_assert_int_eq(kif_suspend(fake_kfd.k, 0, many, 1025, &done, &fake_kfd.err), -DBG_BAD_REQUEST);
	free(many);
}
END_TEST

START_TEST(one_line_per_call)
{
	fake_kfd_open();
	fake_kfd.answer = answer_values;
	fake_kfd_log_begin();
	ck_assert_int_eq(kif_subscribe(fake_kfd.k, 1, &fake_kfd.err), 0);
	fake_kfd.fail = EAGAIN;
	struct kif_event e;
	ck_assert_int_eq(kif_query_event(fake_kfd.k, 0x3f, &e, NULL), -DBG_AGAIN);
	const char *text = fake_kfd_log_end();
	ck_assert_uint_eq(fake_kfd_lines_of(text), 2);
	ck_assert_ptr_nonnull(strstr(text, "wavestub: kernel: SET_EXCEPTIONS_ENABLED events=0x1 -> 0 ("));
	ck_assert_ptr_nonnull(strstr(text, "wavestub: kernel: QUERY_DEBUG_EVENT clear=0x3f -> EAGAIN ("));
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(opens_only_what_it_can_use), TAP_ONE(enabling), TAP_ONE(close_ends_the_session_before_the_pipe),
		TAP_ONE(arguments_are_where_the_kernel_wants_them), TAP_ONE(query_info_without_a_buffer),
		TAP_ONE(interrupted_calls_are_made_again_and_eagain_is_an_answer), TAP_ONE(errnos),
		TAP_ONE(both_meanings_of_eperm), TAP_ONE(queues_in_and_out), TAP_ONE(one_line_per_call),
	};
	return TAP_RUN("kif", tests, fake_kfd_setup, fake_kfd_teardown);
}
