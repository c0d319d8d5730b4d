#include "src/host/host.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/host/guard.h"
#include "testsuite/unit/host_child.h"
#include "testsuite/unit/tap.h"

#define WORD UINT64_C(0x1122334455667788)

struct fixture {
	int fd;
	struct child_page *page;
	struct host *h;
	pid_t started; /* not by host_launch() and not yet waited for */
	struct dbg_error err;
};

static struct fixture f;

static void setup(void)
{
	f.fd = memfd_create("page", 0); /* inherited by the program */
	ck_assert_int_ge(f.fd, 0);
	ck_assert_int_eq(ftruncate(f.fd, sizeof *f.page), 0);
	f.page = mmap(NULL, sizeof *f.page, PROT_READ | PROT_WRITE, MAP_SHARED, f.fd, 0);
	ck_assert_ptr_ne(f.page, MAP_FAILED);
	f.h = NULL;
	f.started = 0;
}

static void teardown(void)
{
	host_kill(f.h);
	if (f.started && waitpid(f.started, NULL, WNOHANG) == 0) {
		kill(f.started, SIGKILL);
		waitpid(f.started, NULL, 0);
	}
	munmap(f.page, sizeof *f.page);
	close(f.fd);
}

static void snooze(void)
{
	nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
}

/* Programs of the build tree are found beside the test. */
static const char *child_path(void)
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
	snprintf(fd, 16, "%d", f.fd);
	argv[0] = (char *)(uintptr_t)child_path();
	argv[1] = fd;
	argv[2] = (char *)(uintptr_t)what;
	argv[3] = NULL;
}

static void launch(const char *what)
{
	char fd[16], *argv[4];
	child_argv(what, fd, argv);
	ck_assert_msg(host_launch(argv, &f.h, &f.err) == 0, "%s", f.err.text);
}

/* Starts the program without tracing it. */
static pid_t start(const char *what)
{
	char fd[16], *argv[4];
	child_argv(what, fd, argv);
	pid_t pid = fork();
	if (pid == 0) {
		execv(argv[0], argv);
		_exit(97);
	}
	f.started = pid;
	return pid;
}

/* The next event within some seconds; HOST_NONE when none came. */
static struct host_event next_event(void)
{
	struct host_event e = { .kind = HOST_NONE };
	for (int i = 0; i < 5000; i++) {
		ck_assert_int_eq(host_next_event(f.h, &e, &f.err), 0);
		if (e.kind != HOST_NONE)
			break;
		snooze();
	}
	return e;
}

static void no_event(int milliseconds)
{
	struct host_event e;
	for (int i = 0; i < milliseconds; i++) {
		ck_assert_int_eq(host_next_event(f.h, &e, &f.err), 0);
		ck_assert_int_eq(e.kind, HOST_NONE);
		snooze();
	}
}

static void pump_until(volatile uint64_t *value, uint64_t least)
{
	struct host_event e;
	for (int i = 0; i < 5000 && *value < least; i++) {
		if (f.h) {
			ck_assert_int_eq(host_next_event(f.h, &e, &f.err), 0);
			ck_assert_int_eq(e.kind, HOST_NONE);
		}
		snooze();
	}
	ck_assert_uint_ge(*value, least);
}

static void run_until_ready(void)
{
	ck_assert_msg(host_continue(f.h, host_pid(f.h), 0, &f.err) == 0, "%s", f.err.text);
	pump_until(&f.page->mark_addr, 1);
}

/* --- launching --- */

START_TEST(launch_is_stopped_at_the_first_instruction)
{
	launch("marks");
	pid_t pid = host_pid(f.h);
	ck_assert(!host_was_attached(f.h));
	ck_assert(host_thread_stopped(f.h, pid));
	ck_assert_uint_eq(host_threads(f.h, NULL, 0), 1);
	no_event(20);
	ck_assert_uint_eq(f.page->mark_addr, 0);
	char path[4096];
	ck_assert_int_eq(host_exec_path(f.h, path, sizeof path, &f.err), 0);
	ck_assert_str_eq(path, child_path());
	ck_assert_int_eq(getpgid(pid), pid);
}
END_TEST

START_TEST(launched_program_runs_and_exits)
{
	launch("marks");
	run_until_ready();
	f.page->go = 1;
	struct host_event e = next_event();
	ck_assert_int_eq(e.kind, HOST_EXITED);
	ck_assert_int_eq(e.value, 7);
	ck_assert_uint_eq(f.page->marks, 5);
	no_event(5); /* exactly once */
	ck_assert_uint_eq(host_threads(f.h, NULL, 0), 0);
	struct user_regs_struct regs;
	ck_assert_int_eq(host_get_regs(f.h, host_pid(f.h), &regs, NULL, &f.err), -DBG_GONE);
}
END_TEST

START_TEST(launch_of_what_is_not_there)
{
	char *argv[] = { (char *)(uintptr_t)"/no/such/program", NULL };
	ck_assert_int_eq(host_launch(argv, &f.h, &f.err), -DBG_BAD_REQUEST);
	ck_assert_ptr_nonnull(strstr(f.err.text, "/no/such/program"));
	ck_assert_int_eq(f.err.sys_errno, ENOENT);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
	char *none[] = { NULL };
	ck_assert_int_eq(host_launch(none, &f.h, &f.err), -DBG_BAD_REQUEST);
}
END_TEST

START_TEST(launched_program_has_no_blocked_signals)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	launch("loop");
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%d/status", host_pid(f.h));
	FILE *status = fopen(path, "r");
	int seen = 0;
	while (fgets(line, sizeof line, status)) {
		unsigned long long mask;
		if (sscanf(line, "SigBlk: %llx", &mask) == 1 && ++seen)
			ck_assert_uint_eq(mask, 0);
		if (sscanf(line, "SigIgn: %llx", &mask) == 1 && ++seen)
			ck_assert_uint_eq(mask >> (SIGPIPE - 1) & 1, 0);
	}
	fclose(status);
	ck_assert_int_eq(seen, 2);
}
END_TEST

/* --- memory, registers, files --- */

START_TEST(memory)
{
	launch("loop");
	run_until_ready();
	uint64_t word;
	size_t n;
	ck_assert_int_eq(host_mem_read(f.h, f.page->word_addr, &word, 8, &n, &f.err), 0);
	ck_assert_uint_eq(n, 8);
	ck_assert_uint_eq(word, WORD);
	word = 5;
	ck_assert_int_eq(host_mem_write(f.h, f.page->word_addr, &word, 8, &n, &f.err), 0);
	word = 0;
	ck_assert_int_eq(host_mem_read(f.h, f.page->word_addr, &word, 8, &n, &f.err), 0);
	ck_assert_uint_eq(word, 5);
	ck_assert_int_eq(host_mem_read(f.h, 16, &word, 8, &n, &f.err), -DBG_REFUSED);
	ck_assert_int_eq(host_mem_read(f.h, UINT64_C(0xffff800000000000), &word, 8, &n, &f.err), -DBG_REFUSED);
}
END_TEST

START_TEST(short_read_at_the_end_of_a_mapping)
{
	launch("loop");
	run_until_ready();
	/* The stack ends below the vsyscall or vdso area; find its end in the map. */
	char path[64], line[512];
	uint64_t low = 0, high = 0;
	snprintf(path, sizeof path, "/proc/%d/maps", host_pid(f.h));
	FILE *maps = fopen(path, "r");
	while (fgets(line, sizeof line, maps))
		if (strstr(line, "[stack]"))
			sscanf(line, "%lx-%lx", &low, &high);
	fclose(maps);
	ck_assert_uint_gt(high, 0);
	char bytes[256];
	size_t n = 0;
	ck_assert_int_eq(host_mem_read(f.h, high - 100, bytes, sizeof bytes, &n, &f.err), 0);
	ck_assert_uint_eq(n, 100);
}
END_TEST

START_TEST(registers)
{
	launch("loop");
	pid_t pid = host_pid(f.h);
	struct user_regs_struct regs, again;
	struct user_fpregs_struct fp;
	ck_assert_int_eq(host_get_regs(f.h, pid, &regs, &fp, &f.err), 0);
	ck_assert_uint_ne(regs.rip, 0);
	regs.r15 = 4711;
	ck_assert_int_eq(host_set_regs(f.h, pid, &regs, &fp, &f.err), 0);
	ck_assert_int_eq(host_get_regs(f.h, pid, &again, NULL, &f.err), 0);
	ck_assert_uint_eq(again.r15, 4711);
	ck_assert_int_eq(host_get_regs(f.h, 1, &again, NULL, &f.err), -DBG_GONE);
	ck_assert_int_eq(host_continue(f.h, pid, 0, &f.err), 0);
	ck_assert_int_eq(host_get_regs(f.h, pid, &again, NULL, &f.err), -DBG_BAD_REQUEST);
}
END_TEST

START_TEST(load_bias_and_auxv)
{
	launch("loop");
	run_until_ready();
	uint64_t bias = 1;
	ck_assert_msg(host_load_bias(f.h, &bias, &f.err) == 0, "%s", f.err.text);
	/* The first mapping of the program is its load bias when it is position independent, else the bias is 0. */
	char path[64], line[512];
	uint64_t first = 0;
	snprintf(path, sizeof path, "/proc/%d/maps", host_pid(f.h));
	FILE *maps = fopen(path, "r");
	while (!first && fgets(line, sizeof line, maps))
		if (strstr(line, "host_child"))
			sscanf(line, "%lx", &first);
	fclose(maps);
	ck_assert(bias == 0 || bias == first);
	void *auxv;
	size_t n;
	ck_assert_int_eq(host_auxv(f.h, &auxv, &n, &f.err), 0);
	ck_assert_uint_ge(n, 32);
	ck_assert_uint_eq(n % 16, 0);
	free(auxv);
}
END_TEST

/* --- breakpoints --- */

START_TEST(breakpoint_is_hit_each_time_and_stepped_over)
{
	launch("marks");
	run_until_ready();
	uint64_t addr = f.page->mark_addr;
	ck_assert_msg(host_break_insert(f.h, addr, &f.err) == 0, "%s", f.err.text);
	uint8_t byte;
	size_t n;
	ck_assert_int_eq(host_mem_read(f.h, addr, &byte, 1, &n, &f.err), 0);
	ck_assert_uint_eq(byte, 0xcc);
	host_break_hide(f.h, addr, &byte, 1);
	ck_assert_uint_ne(byte, 0xcc);
	f.page->go = 1;
	for (int i = 0; i < 5; i++) {
		struct host_event e = next_event();
		ck_assert_int_eq(e.kind, HOST_BREAKPOINT);
		ck_assert_uint_eq(e.addr, addr);
		ck_assert_int_eq(e.tid, host_pid(f.h));
		ck_assert_uint_eq(f.page->marks, (unsigned)i);
		struct user_regs_struct regs;
		ck_assert_int_eq(host_get_regs(f.h, e.tid, &regs, NULL, &f.err), 0);
		ck_assert_uint_eq(regs.rip, addr);
		ck_assert_int_eq(host_continue(f.h, e.tid, 0, &f.err), 0);
	}
	struct host_event e = next_event();
	ck_assert_int_eq(e.kind, HOST_EXITED);
	ck_assert_int_eq(e.value, 7);
}
END_TEST

START_TEST(breakpoints_are_counted)
{
	launch("marks");
	run_until_ready();
	uint64_t addr = f.page->mark_addr;
	uint8_t before, byte;
	size_t n;
	host_mem_read(f.h, addr, &before, 1, &n, &f.err);
	ck_assert_int_eq(host_break_insert(f.h, addr, &f.err), 0);
	ck_assert_int_eq(host_break_insert(f.h, addr, &f.err), 0);
	ck_assert_int_eq(host_break_remove(f.h, addr, &f.err), 0);
	host_mem_read(f.h, addr, &byte, 1, &n, &f.err);
	ck_assert_uint_eq(byte, 0xcc);
	ck_assert_int_eq(host_break_remove(f.h, addr, &f.err), 0);
	host_mem_read(f.h, addr, &byte, 1, &n, &f.err);
	ck_assert_uint_eq(byte, before);
	ck_assert_int_eq(host_break_remove(f.h, addr, &f.err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(host_break_insert(f.h, 16, &f.err), -DBG_REFUSED);
	f.page->go = 1;
	ck_assert_int_eq(next_event().kind, HOST_EXITED);
}
END_TEST

START_TEST(no_thread_misses_a_breakpoint)
{
	launch("threads");
	run_until_ready();
	uint64_t addr = f.page->mark_addr;
	ck_assert_int_eq(host_break_insert(f.h, addr, &f.err), 0);
	f.page->go = 1;
	uint64_t hits = 0;
	for (int i = 0; i < 400; i++) {
		struct host_event e = next_event();
		ck_assert_int_eq(e.kind, HOST_BREAKPOINT);
		ck_assert_uint_eq(e.addr, addr);
		hits++;
		ck_assert_uint_le(f.page->marks, hits);
		ck_assert_int_eq(host_continue(f.h, e.tid, 0, &f.err), 0);
	}
	/* Each call of the function was stopped once: calls made = hits continued, but for those on their way. */
	ck_assert_uint_le(f.page->marks, hits);
	ck_assert_uint_ge(f.page->marks + CHILD_THREADS, hits);
	ck_assert_uint_eq(host_threads(f.h, NULL, 0), CHILD_THREADS + 1);
	f.page->stop = 1;
	struct host_event e;
	while ((e = next_event()).kind == HOST_BREAKPOINT)
		ck_assert_int_eq(host_continue(f.h, e.tid, 0, &f.err), 0);
	ck_assert_int_eq(e.kind, HOST_EXITED);
	ck_assert_int_eq(e.value, 0);
}
END_TEST

START_TEST(breakpoint_under_a_rain_of_signals)
{
	launch("alarms");
	run_until_ready();
	uint64_t addr = f.page->mark_addr;
	ck_assert_int_eq(host_break_insert(f.h, addr, &f.err), 0);
	f.page->go = 1;
	for (int i = 0; i < 300; i++) {
		struct host_event e = next_event();
		ck_assert_int_eq(e.kind, HOST_BREAKPOINT);
		ck_assert_uint_eq(f.page->marks, (unsigned)i);
		ck_assert_int_eq(host_continue(f.h, e.tid, 0, &f.err), 0);
	}
	ck_assert_int_eq(host_break_remove(f.h, addr, &f.err), 0);
	int before = f.page->signals;
	for (int i = 0; i < 3000 && f.page->signals < before + 5; i++) {
		struct host_event e;
		ck_assert_int_eq(host_next_event(f.h, &e, &f.err), 0);
		if (e.kind == HOST_BREAKPOINT) /* hit before it was removed */
			host_continue(f.h, e.tid, 0, &f.err);
		snooze();
	}
	ck_assert_int_ge(f.page->signals, before + 5);
}
END_TEST

START_TEST(guard_knows_of_the_breakpoint)
{
	launch("marks");
	run_until_ready();
	uint64_t addr = f.page->mark_addr;
	struct guard *g;
	ck_assert_int_eq(guard_start(host_pid(f.h), NULL, &g, &f.err), 0);
	host_set_guard(f.h, g);
	ck_assert_int_eq(host_break_insert(f.h, addr, &f.err), 0);
	/* Noted already: the same place is taken, so noting other bytes changes nothing, and forgetting is possible once. */
	ck_assert_int_eq(host_break_remove(f.h, addr, &f.err), 0);
	host_set_guard(f.h, NULL);
	guard_stop(g);
	f.page->go = 1;
	ck_assert_int_eq(next_event().kind, HOST_EXITED);
}
END_TEST

START_TEST(single_step)
{
	launch("loop");
	pid_t pid = host_pid(f.h);
	struct user_regs_struct before, after;
	ck_assert_int_eq(host_get_regs(f.h, pid, &before, NULL, &f.err), 0);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(host_step(f.h, pid, 0, &f.err), 0);
		struct host_event e = next_event();
		ck_assert_int_eq(e.kind, HOST_STEPPED);
		ck_assert_int_eq(e.tid, pid);
		ck_assert_int_eq(host_get_regs(f.h, pid, &after, NULL, &f.err), 0);
		ck_assert_uint_ne(after.rip, before.rip);
		before = after;
	}
}
END_TEST

START_TEST(step_from_a_breakpoint)
{
	launch("marks");
	run_until_ready();
	ck_assert_int_eq(host_break_insert(f.h, f.page->mark_addr, &f.err), 0);
	f.page->go = 1;
	struct host_event e = next_event();
	ck_assert_int_eq(e.kind, HOST_BREAKPOINT);
	ck_assert_int_eq(host_step(f.h, e.tid, 0, &f.err), 0);
	e = next_event();
	ck_assert_int_eq(e.kind, HOST_STEPPED);
	struct user_regs_struct regs;
	ck_assert_int_eq(host_get_regs(f.h, e.tid, &regs, NULL, &f.err), 0);
	ck_assert_uint_gt(regs.rip, f.page->mark_addr);
	ck_assert_uint_le(regs.rip, f.page->mark_addr + 15);
	ck_assert_int_eq(host_continue(f.h, e.tid, 0, &f.err), 0);
	ck_assert_int_eq(next_event().kind, HOST_BREAKPOINT);
}
END_TEST

/* --- signals --- */

START_TEST(fatal_signal_is_reported_and_delivered_on_request)
{
	launch("segv");
	run_until_ready();
	f.page->go = 1;
	struct host_event e = next_event();
	ck_assert_int_eq(e.kind, HOST_SIGNAL);
	ck_assert_int_eq(e.value, SIGSEGV);
	ck_assert_int_eq(host_continue(f.h, e.tid, SIGSEGV, &f.err), 0);
	e = next_event();
	ck_assert_int_eq(e.kind, HOST_TERMINATED);
	ck_assert_int_eq(e.value, SIGSEGV);
	no_event(5);
}
END_TEST

START_TEST(signal_that_is_not_delivered)
{
	launch("segv");
	run_until_ready();
	f.page->go = 1;
	struct host_event e = next_event();
	ck_assert_int_eq(e.kind, HOST_SIGNAL);
	ck_assert_int_eq(host_continue(f.h, e.tid, 0, &f.err), 0);
	e = next_event();
	ck_assert_int_eq(e.kind, HOST_EXITED);
	ck_assert_int_eq(e.value, 0);
}
END_TEST

START_TEST(signal_given_to_a_stopped_thread)
{
	launch("alarms");
	run_until_ready();
	/* It is held by us, not in a signal's stop. */
	ck_assert_int_eq(host_stop(f.h, host_pid(f.h), &f.err), 0);
	ck_assert_int_eq(host_continue(f.h, host_pid(f.h), SIGUSR1, &f.err), 0);
	for (int i = 0; i < 2000 && !f.page->signals; i++)
		no_event(1);
	ck_assert_int_eq(f.page->signals, 1);
	ck_assert_int_eq(host_stop(f.h, host_pid(f.h), &f.err), 0);
	ck_assert_int_eq(host_continue(f.h, host_pid(f.h), SIGABRT, &f.err), 0); /* one that would be reported */
	struct host_event e = next_event();
	ck_assert_int_eq(e.kind, HOST_TERMINATED);
	ck_assert_int_eq(e.value, SIGABRT);
}
END_TEST

START_TEST(interrupt_of_a_launched_program)
{
	launch("loop");
	run_until_ready();
	kill(host_pid(f.h), SIGINT);
	struct host_event e = next_event();
	ck_assert_int_eq(e.kind, HOST_SIGNAL);
	ck_assert_int_eq(e.value, SIGINT);
	ck_assert_int_eq(host_continue(f.h, e.tid, 0, &f.err), 0);
	uint64_t loops = f.page->loops[0];
	pump_until(&f.page->loops[0], loops + 3);
}
END_TEST

START_TEST(stop_signal_and_continue_signal_work_as_usual)
{
	launch("loop");
	run_until_ready();
	pump_until(&f.page->loops[0], 3);
	kill(host_pid(f.h), SIGSTOP);
	no_event(50);
	uint64_t loops = f.page->loops[0];
	no_event(50);
	ck_assert_uint_eq(f.page->loops[0], loops);
	kill(host_pid(f.h), SIGCONT);
	pump_until(&f.page->loops[0], loops + 3);
}
END_TEST

START_TEST(killed_from_outside)
{
	launch("threads");
	run_until_ready();
	f.page->go = 1;
	for (int i = 0; i < CHILD_THREADS; i++)
		pump_until(&f.page->loops[i], 5);
	kill(host_pid(f.h), SIGKILL);
	struct host_event e = next_event();
	ck_assert_int_eq(e.kind, HOST_TERMINATED);
	ck_assert_int_eq(e.value, SIGKILL);
	no_event(5);
}
END_TEST

START_TEST(killed_while_held)
{
	launch("threads");
	run_until_ready();
	f.page->go = 1;
	for (int i = 0; i < CHILD_THREADS; i++)
		pump_until(&f.page->loops[i], 5);
	pid_t tids[16];
	size_t n = host_threads(f.h, tids, 16);
	ck_assert_uint_eq(n, CHILD_THREADS + 1);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(host_stop(f.h, tids[i], &f.err), 0);
	kill(host_pid(f.h), SIGKILL);
	ck_assert_int_eq(next_event().kind, HOST_TERMINATED);
	ck_assert_int_eq(host_continue(f.h, tids[1], 0, &f.err), -DBG_GONE);
}
END_TEST

/* --- threads and processes --- */

START_TEST(stop_and_continue_threads)
{
	launch("threads");
	run_until_ready();
	f.page->go = 1;
	for (int i = 0; i < CHILD_THREADS; i++)
		pump_until(&f.page->loops[i], 5);
	pid_t tid = f.page->tids[0];
	ck_assert(host_thread_alive(f.h, tid));
	ck_assert_int_eq(host_stop(f.h, tid, &f.err), 0);
	ck_assert_int_eq(host_stop(f.h, tid, &f.err), 0); /* twice is once */
	ck_assert(host_thread_stopped(f.h, tid));
	uint64_t loops = f.page->loops[0], others = f.page->loops[1];
	pump_until(&f.page->loops[1], others + 5);
	ck_assert_uint_eq(f.page->loops[0], loops);
	ck_assert_int_eq(host_continue_all(f.h, &f.err), 0);
	pump_until(&f.page->loops[0], loops + 5);
	no_event(10);
	ck_assert_int_eq(host_stop(f.h, 1, &f.err), -DBG_GONE);
	f.page->stop = 1;
	ck_assert_int_eq(next_event().kind, HOST_EXITED);
}
END_TEST

START_TEST(threads_that_come_and_go)
{
	launch("churn");
	run_until_ready();
	f.page->go = 1;
	pump_until(&f.page->loops[0], 50);
	ck_assert_uint_le(host_threads(f.h, NULL, 0), 3);
	f.page->stop = 1;
	ck_assert_int_eq(next_event().kind, HOST_EXITED);
}
END_TEST

START_TEST(forked_child_is_let_go_without_breakpoints)
{
	launch("forks");
	run_until_ready();
	ck_assert_int_eq(host_break_insert(f.h, f.page->mark_addr, &f.err), 0);
	f.page->go = 1;
	struct host_event e = next_event(); /* the parent's own call at the end, after a vfork */
	ck_assert_int_eq(e.kind, HOST_BREAKPOINT);
	ck_assert_int_eq(f.page->child_marks, 1);
	ck_assert(WIFEXITED(f.page->child_status));
	ck_assert_int_eq(WEXITSTATUS(f.page->child_status), 3);
	ck_assert_int_eq(host_continue(f.h, e.tid, 0, &f.err), 0);
	ck_assert_int_eq(next_event().kind, HOST_EXITED);
}
END_TEST

START_TEST(exec_is_reported)
{
	launch("exec");
	run_until_ready();
	ck_assert_int_eq(host_break_insert(f.h, f.page->mark_addr, &f.err), 0);
	f.page->go = 1;
	struct host_event e = next_event();
	ck_assert_int_eq(e.kind, HOST_EXEC);
	ck_assert(host_thread_stopped(f.h, e.tid));
	char path[4096];
	ck_assert_int_eq(host_exec_path(f.h, path, sizeof path, &f.err), 0);
	ck_assert_ptr_nonnull(strstr(path, "bin/true"));
	struct user_regs_struct regs;
	ck_assert_int_eq(host_get_regs(f.h, e.tid, &regs, NULL, &f.err), 0);
	uint8_t byte;
	size_t n;
	ck_assert_int_eq(host_mem_read(f.h, regs.rip, &byte, 1, &n, &f.err), 0); /* of the new program */
	ck_assert_int_eq(host_continue(f.h, e.tid, 0, &f.err), 0);
	e = next_event();
	ck_assert_int_eq(e.kind, HOST_EXITED);
	ck_assert_int_eq(e.value, 0);
}
END_TEST

/* --- attach and detach --- */

static void attach(const char *what, uint64_t least_loops)
{
	pid_t pid = start(what);
	f.page->go = 1;
	for (int i = 0; i < (strcmp(what, "threads") == 0 ? CHILD_THREADS : 1); i++)
		pump_until(&f.page->loops[i], least_loops);
	ck_assert_msg(host_attach(pid, &f.h, &f.err) == 0, "%s", f.err.text);
	ck_assert_int_eq(host_pid(f.h), pid);
	ck_assert(host_was_attached(f.h));
}

START_TEST(attach_lets_the_threads_run)
{
	attach("threads", 5);
	ck_assert_uint_eq(host_threads(f.h, NULL, 0), CHILD_THREADS + 1);
	uint64_t loops = f.page->loops[0];
	pump_until(&f.page->loops[0], loops + 100);
	f.page->stop = 1;
	ck_assert_int_eq(next_event().kind, HOST_EXITED);
}
END_TEST

START_TEST(attach_during_churn)
{
	attach("churn", 5);
	uint64_t loops = f.page->loops[0];
	pump_until(&f.page->loops[0], loops + 20);
	f.page->stop = 1;
	ck_assert_int_eq(next_event().kind, HOST_EXITED);
}
END_TEST

static void end_untraced(pid_t pid)
{
	int status;
	f.page->stop = 1;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	f.started = 0;
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

static void detach(void)
{
	host_detach(f.h);
	f.h = NULL;
}

START_TEST(detach_leaves_the_program_running)
{
	attach("threads", 5);
	pid_t pid = host_pid(f.h);
	/* One thread held by request, one at a breakpoint, the others on their way. */
	ck_assert_int_eq(host_stop(f.h, f.page->tids[2], &f.err), 0);
	ck_assert_int_eq(host_break_insert(f.h, f.page->mark_addr, &f.err), 0);
	ck_assert_int_eq(next_event().kind, HOST_BREAKPOINT);
	detach();
	uint64_t loops[CHILD_THREADS];
	for (int i = 0; i < CHILD_THREADS; i++)
		loops[i] = f.page->loops[i];
	for (int i = 0; i < CHILD_THREADS; i++)
		pump_until(&f.page->loops[i], loops[i] + 5);
	/* and once more */
	ck_assert_int_eq(host_attach(pid, &f.h, &f.err), 0);
	uint64_t count = f.page->loops[0];
	pump_until(&f.page->loops[0], count + 5);
	detach();
	end_untraced(pid);
}
END_TEST

START_TEST(detach_during_churn)
{
	attach("churn", 5);
	pid_t pid = host_pid(f.h);
	detach();
	uint64_t loops = f.page->loops[0];
	pump_until(&f.page->loops[0], loops + 20);
	end_untraced(pid);
}
END_TEST

START_TEST(detach_of_a_launched_program)
{
	launch("loop");
	run_until_ready();
	pid_t pid = host_pid(f.h);
	detach();
	uint64_t loops = f.page->loops[0];
	pump_until(&f.page->loops[0], loops + 3);
	end_untraced(pid);
}
END_TEST

START_TEST(kill_ends_the_program)
{
	attach("threads", 5);
	pid_t pid = host_pid(f.h);
	ck_assert_int_eq(host_stop(f.h, f.page->tids[2], &f.err), 0);
	host_kill(f.h);
	f.h = NULL;
	ck_assert_int_eq(kill(pid, 0), -1);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(attach_that_must_fail)
{
	ck_assert_int_eq(host_attach(0, &f.h, &f.err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(host_attach(getpid(), &f.h, &f.err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(host_attach(999999999, &f.h, &f.err), -DBG_GONE);
	ck_assert_ptr_nonnull(strstr(f.err.text, "999999999"));
	attach("threads", 5);
	struct host *other = NULL;
	ck_assert_int_eq(host_attach(f.page->tids[1], &other, &f.err), -DBG_BAD_REQUEST); /* a thread */
	/* A second debugger. */
	int fds[2];
	ck_assert_int_eq(pipe(fds), 0);
	pid_t rival = fork();
	if (rival == 0) {
		struct dbg_error err;
		int rc = host_attach(host_pid(f.h), &other, &err);
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
	pid_t pid = start("threads");
	f.page->go = 1;
	for (int i = 0; i < CHILD_THREADS; i++)
		pump_until(&f.page->loops[i], 5);
	int fds[2];
	ck_assert_int_eq(pipe(fds), 0);
	pid_t debugger = fork();
	if (debugger == 0) {
		struct dbg_error err;
		char ok = host_attach(pid, &f.h, &err) == 0 && host_stop(f.h, f.page->tids[0], &err) == 0;
		ssize_t ignored = write(fds[1], &ok, 1);
		pause();
		_exit(ignored < 0);
	}
	char ok = 0;
	ck_assert_int_eq(read(fds[0], &ok, 1), 1);
	ck_assert_int_eq(ok, 1);
	uint64_t loops = f.page->loops[0];
	kill(debugger, SIGKILL);
	waitpid(debugger, NULL, 0);
	pump_until(&f.page->loops[0], loops + 10);
	close(fds[0]);
	close(fds[1]);
	end_untraced(pid);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("host");
	const TTest *const tests[] = {
		launch_is_stopped_at_the_first_instruction, launched_program_runs_and_exits, launch_of_what_is_not_there,
		launched_program_has_no_blocked_signals, memory, short_read_at_the_end_of_a_mapping, registers, load_bias_and_auxv,
		breakpoint_is_hit_each_time_and_stepped_over, breakpoints_are_counted, no_thread_misses_a_breakpoint,
		breakpoint_under_a_rain_of_signals, guard_knows_of_the_breakpoint, single_step, step_from_a_breakpoint,
		fatal_signal_is_reported_and_delivered_on_request, signal_that_is_not_delivered, signal_given_to_a_stopped_thread,
		interrupt_of_a_launched_program, stop_signal_and_continue_signal_work_as_usual, killed_from_outside, killed_while_held,
		stop_and_continue_threads, threads_that_come_and_go, forked_child_is_let_go_without_breakpoints, exec_is_reported,
		attach_lets_the_threads_run, attach_during_churn, detach_leaves_the_program_running, detach_during_churn,
		detach_of_a_launched_program, kill_ends_the_program, attach_that_must_fail, target_survives_its_debugger,
	};
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
		TCase *c = tcase_create(tests[i]->name);
		tcase_add_checked_fixture(c, setup, teardown);
		tcase_set_timeout(c, 60);
		tcase_add_test(c, tests[i]);
		suite_add_tcase(s, c);
	}
	return s;
}

int main(void)
{
	return tap_run(suite());
}
