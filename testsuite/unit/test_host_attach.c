/* The host's side: attaching, detaching, killing; what a target has of a debugger that dies. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testsuite/unit/host_rig.h"
#include "testsuite/unit/tap.h"

static void attach(const char *what, uint64_t least_loops)
{
	pid_t pid = rig_start(what);
	rig.page->go = 1;
	for (int i = 0; i < (strcmp(what, "threads") == 0 ? CHILD_THREADS : 1); i++)
		rig_pump_until(&rig.page->loops[i], least_loops);
	ck_assert_msg(host_attach(pid, &rig.h, &rig.err) == 0, "%s", rig.err.text);
	ck_assert_int_eq(host_pid(rig.h), pid);
	ck_assert(host_was_attached(rig.h));
}

START_TEST(attach_lets_the_threads_run)
{
	attach("threads", 5);
	ck_assert_uint_eq(host_threads(rig.h, NULL, 0), CHILD_THREADS + 1);
	rig_pump_more(0, 100);
	rig.page->stop = 1;
	rig_expect(HOST_EXITED);
}
END_TEST

START_TEST(attach_during_churn)
{
	attach("churn", 5);
	rig_pump_more(0, 20);
	rig.page->stop = 1;
	rig_expect(HOST_EXITED);
}
END_TEST

static void end_untraced(pid_t pid)
{
	int status;
	rig.page->stop = 1;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	rig.started = 0;
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

static void detach(void)
{
	host_detach(rig.h);
	rig.h = NULL;
}

START_TEST(detach_leaves_the_program_running)
{
	attach("threads", 5);
	pid_t pid = host_pid(rig.h);
	/* One thread held by request, one at a breakpoint, the others on their way. */
	ck_assert_int_eq(host_stop(rig.h, rig.page->tids[2], &rig.err), 0);
	ck_assert_int_eq(host_break_insert(rig.h, rig.page->mark_addr, &rig.err), 0);
	rig_expect(HOST_BREAKPOINT);
	detach();
	uint64_t loops[CHILD_THREADS];
	for (int i = 0; i < CHILD_THREADS; i++)
		loops[i] = rig.page->loops[i];
	for (int i = 0; i < CHILD_THREADS; i++)
		rig_pump_until(&rig.page->loops[i], loops[i] + 5);
	/* and once more */
	ck_assert_int_eq(host_attach(pid, &rig.h, &rig.err), 0);
	rig_pump_more(0, 5);
	detach();
	end_untraced(pid);
}
END_TEST

START_TEST(detach_during_churn)
{
	attach("churn", 5);
	pid_t pid = host_pid(rig.h);
	detach();
	rig_pump_more(0, 20);
	end_untraced(pid);
}
END_TEST

START_TEST(detach_of_a_launched_program)
{
	rig_launch("loop");
	rig_run_until_ready();
	pid_t pid = host_pid(rig.h);
	detach();
	rig_pump_more(0, 3);
	end_untraced(pid);
}
END_TEST

START_TEST(kill_ends_the_program)
{
	attach("threads", 5);
	pid_t pid = host_pid(rig.h);
	ck_assert_int_eq(host_stop(rig.h, rig.page->tids[2], &rig.err), 0);
	host_kill(rig.h);
	rig.h = NULL;
	ck_assert_int_eq(kill(pid, 0), -1);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(attach_that_must_fail)
{
	ck_assert_int_eq(host_attach(0, &rig.h, &rig.err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(host_attach(getpid(), &rig.h, &rig.err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(host_attach(999999999, &rig.h, &rig.err), -DBG_GONE);
	ck_assert_ptr_nonnull(strstr(rig.err.text, "999999999"));
	attach("threads", 5);
	struct host *other = NULL;
	ck_assert_int_eq(host_attach(rig.page->tids[1], &other, &rig.err), -DBG_BAD_REQUEST); /* a thread */
	/* A second debugger. */
	int fds[2];
	ck_assert_int_eq(pipe(fds), 0);
	pid_t rival = fork();
	if (rival == 0) {
		struct dbg_error err;
		int rc = host_attach(host_pid(rig.h), &other, &err);
		char text[400];
		snprintf(text, sizeof text, "%d %s", rc, err.text);
		ssize_t ignored = write(fds[1], text, strlen(text) + 1);
		_exit(ignored < 0);
	}
	char text[400] = "";
	ck_assert_int_gt(read(fds[0], text, sizeof text - 1), 0);
	waitpid(rival, NULL, 0);
	ck_assert_int_eq(atoi(text), -DBG_REFUSED);
	ck_assert_ptr_nonnull(strstr(text, "already traced by process"));
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(target_survives_its_debugger)
{
	pid_t pid = rig_start("threads");
	rig.page->go = 1;
	for (int i = 0; i < CHILD_THREADS; i++)
		rig_pump_until(&rig.page->loops[i], 5);
	int fds[2];
	ck_assert_int_eq(pipe(fds), 0);
	pid_t debugger = fork();
	if (debugger == 0) {
		struct dbg_error err;
		char ok = host_attach(pid, &rig.h, &err) == 0 && host_stop(rig.h, rig.page->tids[0], &err) == 0;
		ssize_t ignored = write(fds[1], &ok, 1);
		pause();
		_exit(ignored < 0);
	}
	char ok = 0;
	ck_assert_int_eq(read(fds[0], &ok, 1), 1);
	ck_assert_int_eq(ok, 1);
	uint64_t loops = rig.page->loops[0];
	kill(debugger, SIGKILL);
	waitpid(debugger, NULL, 0);
	rig_pump_until(&rig.page->loops[0], loops + 10);
	close(fds[0]);
	close(fds[1]);
	end_untraced(pid);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(attach_lets_the_threads_run), TAP_ONE(attach_during_churn), TAP_ONE(detach_leaves_the_program_running),
		TAP_ONE(detach_during_churn), TAP_ONE(detach_of_a_launched_program), TAP_ONE(kill_ends_the_program),
		TAP_ONE(attach_that_must_fail), TAP_ONE(target_survives_its_debugger),
	};
	return TAP_RUN("host attach", tests, rig_setup, rig_teardown);
}
