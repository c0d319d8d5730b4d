#include "testsuite/unit/host_rig.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "testsuite/unit/tap.h"

enum { PATIENCE_MS = 60000 }; /* of a machine that does much else */

struct host_rig rig;

void rig_setup(void)
{
	rig.fd = memfd_create("page", 0); /* inherited by the program */
	ck_assert_int_ge(rig.fd, 0);
	ck_assert_int_eq(ftruncate(rig.fd, sizeof *rig.page), 0);
	rig.page = mmap(NULL, sizeof *rig.page, PROT_READ | PROT_WRITE, MAP_SHARED, rig.fd, 0);
	ck_assert_ptr_ne(rig.page, MAP_FAILED);
	rig.h = NULL;
	rig.started = 0;
}

void rig_teardown(void)
{
	host_kill(rig.h);
	if (rig.started && waitpid(rig.started, NULL, WNOHANG) == 0) {
		kill(rig.started, SIGKILL);
		waitpid(rig.started, NULL, 0);
	}
	munmap(rig.page, sizeof *rig.page);
	close(rig.fd);
}

void rig_snooze(void)
{
	nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
}

const char *rig_child_path(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	strcpy(strrchr(path, '/'), "/host_child");
	return path;
}

static void child_argv(const char *what, char fd[16], char *argv[4])
{
	snprintf(fd, 16, "%d", rig.fd);
	argv[0] = (char *)(uintptr_t)rig_child_path();
	argv[1] = fd;
	argv[2] = (char *)(uintptr_t)what;
	argv[3] = NULL;
}

void rig_launch(const char *what)
{
	char fd[16], *argv[4];
	child_argv(what, fd, argv);
	ck_assert_msg(host_launch(argv, &rig.h, &rig.err) == 0, "%s", rig.err.text);
}

pid_t rig_start(const char *what)
{
	char fd[16], *argv[4];
	child_argv(what, fd, argv);
	pid_t pid = fork();
	if (pid == 0) {
		execv(argv[0], argv);
		_exit(97);
	}
	rig.started = pid;
	return pid;
}

struct host_event rig_next_event(void)
{
	struct host_event e = { .kind = HOST_NONE };
	for (int i = 0; i < PATIENCE_MS; i++) {
		ck_assert_int_eq(host_next_event(rig.h, &e, &rig.err), 0);
		if (e.kind != HOST_NONE)
			break;
		rig_snooze();
	}
	return e;
}

struct host_event rig_expect_at(int line, enum host_event_kind kind)
{
	struct host_event e = rig_next_event();
	ck_assert_msg(e.kind == kind, "line %d: an event of kind %d instead of %d", line, (int)e.kind, (int)kind);
	return e;
}

void rig_no_event(int milliseconds)
{
	struct host_event e;
	for (int i = 0; i < milliseconds; i++) {
		ck_assert_int_eq(host_next_event(rig.h, &e, &rig.err), 0);
		ck_assert_int_eq(e.kind, HOST_NONE);
		rig_snooze();
	}
}

void rig_pump_until(volatile uint64_t *value, uint64_t least)
{
	struct host_event e;
	for (int i = 0; i < PATIENCE_MS && *value < least; i++) {
		if (rig.h) {
			ck_assert_int_eq(host_next_event(rig.h, &e, &rig.err), 0);
			ck_assert_int_eq(e.kind, HOST_NONE);
		}
		rig_snooze();
	}
	ck_assert_uint_ge(*value, least);
}

void rig_pump_more(int i, uint64_t rounds)
{
	rig_pump_until(&rig.page->loops[i], rig.page->loops[i] + rounds);
}

void rig_run_until_ready(void)
{
	ck_assert_msg(host_continue(rig.h, host_pid(rig.h), 0, &rig.err) == 0, "%s", rig.err.text);
	rig_pump_until(&rig.page->mark_addr, 1);
}

uint64_t rig_break_at_mark(const char *what)
{
	rig_launch(what);
	rig_run_until_ready();
	ck_assert_msg(host_break_insert(rig.h, rig.page->mark_addr, &rig.err) == 0, "%s", rig.err.text);
	return rig.page->mark_addr;
}

void rig_run_threads(void)
{
	rig_launch("threads");
	rig_run_until_ready();
	rig.page->go = 1;
	for (int i = 0; i < CHILD_THREADS; i++)
		rig_pump_until(&rig.page->loops[i], 5);
}
