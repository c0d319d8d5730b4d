/* The host's side: launching, memory, registers, threads that come and go, fork and exec. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "testsuite/unit/host_rig.h"
#include "testsuite/unit/tap.h"

#define WORD UINT64_C(0x1122334455667788)

/* --- launching --- */

START_TEST(launch_is_stopped_at_the_first_instruction)
{
	rig_launch("marks");
	pid_t pid = host_pid(rig.h);
	ck_assert(!host_was_attached(rig.h));
	ck_assert(host_thread_stopped(rig.h, pid));
	ck_assert_uint_eq(host_threads(rig.h, NULL, 0), 1);
	rig_no_event(20);
	ck_assert_uint_eq(rig.page->mark_addr, 0);
	char path[4096];
	ck_assert_int_eq(host_exec_path(rig.h, path, sizeof path, &rig.err), 0);
	ck_assert_str_eq(path, rig_child_path());
	ck_assert_int_eq(getpgid(pid), pid);
}
END_TEST

START_TEST(launched_program_runs_and_exits)
{
	rig_launch("marks");
	rig_run_until_ready();
	rig.page->go = 1;
	ck_assert_int_eq(rig_expect(HOST_EXITED).value, 7);
	ck_assert_uint_eq(rig.page->marks, 5);
	rig_no_event(5); /* exactly once */
	ck_assert_uint_eq(host_threads(rig.h, NULL, 0), 0);
	struct user_regs_struct regs;
	ck_assert_int_eq(host_get_regs(rig.h, host_pid(rig.h), &regs, NULL, &rig.err), -DBG_GONE);
}
END_TEST

START_TEST(launch_of_what_is_not_there)
{
	char *argv[] = { (char *)(uintptr_t)"/no/such/program", NULL };
	ck_assert_int_eq(host_launch(argv, &rig.h, &rig.err), -DBG_BAD_REQUEST);
	ck_assert_ptr_nonnull(strstr(rig.err.text, "/no/such/program"));
	ck_assert_int_eq(rig.err.sys_errno, ENOENT);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
	char *none[] = { NULL };
	ck_assert_int_eq(host_launch(none, &rig.h, &rig.err), -DBG_BAD_REQUEST);
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
	rig_launch("loop");
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%d/status", host_pid(rig.h));
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
	rig_launch("loop");
	rig_run_until_ready();
	uint64_t word;
	size_t n;
	ck_assert_int_eq(host_mem_read(rig.h, rig.page->word_addr, &word, 8, &n, &rig.err), 0);
	ck_assert_uint_eq(n, 8);
	ck_assert_uint_eq(word, WORD);
	word = 5;
	ck_assert_int_eq(host_mem_write(rig.h, rig.page->word_addr, &word, 8, &n, &rig.err), 0);
	word = 0;
	ck_assert_int_eq(host_mem_read(rig.h, rig.page->word_addr, &word, 8, &n, &rig.err), 0);
	ck_assert_uint_eq(word, 5);
	ck_assert_int_eq(host_mem_read(rig.h, 16, &word, 8, &n, &rig.err), -DBG_REFUSED);
	ck_assert_int_eq(host_mem_read(rig.h, UINT64_C(0xffff800000000000), &word, 8, &n, &rig.err), -DBG_REFUSED);
}
END_TEST

START_TEST(short_read_at_the_end_of_a_mapping)
{
	rig_launch("loop");
	rig_run_until_ready();
	/* The stack ends below the vsyscall or vdso area; find its end in the map. */
	char path[64], line[512];
	uint64_t low = 0, high = 0;
	snprintf(path, sizeof path, "/proc/%d/maps", host_pid(rig.h));
	FILE *maps = fopen(path, "r");
	while (fgets(line, sizeof line, maps))
		if (strstr(line, "[stack]"))
			sscanf(line, "%lx-%lx", &low, &high);
	fclose(maps);
	ck_assert_uint_gt(high, 0);
	char bytes[256];
	size_t n = 0;
	ck_assert_int_eq(host_mem_read(rig.h, high - 100, bytes, sizeof bytes, &n, &rig.err), 0);
	ck_assert_uint_eq(n, 100);
}
END_TEST

START_TEST(registers)
{
	rig_launch("loop");
	pid_t pid = host_pid(rig.h);
	struct user_regs_struct regs, again;
	struct user_fpregs_struct fp;
	ck_assert_int_eq(host_get_regs(rig.h, pid, &regs, &fp, &rig.err), 0);
	ck_assert_uint_ne(regs.rip, 0);
	regs.r15 = 4711;
	ck_assert_int_eq(host_set_regs(rig.h, pid, &regs, &fp, &rig.err), 0);
	ck_assert_int_eq(host_get_regs(rig.h, pid, &again, NULL, &rig.err), 0);
	ck_assert_uint_eq(again.r15, 4711);
	ck_assert_int_eq(host_get_regs(rig.h, 1, &again, NULL, &rig.err), -DBG_GONE);
	ck_assert_int_eq(host_continue(rig.h, pid, 0, &rig.err), 0);
	ck_assert_int_eq(host_get_regs(rig.h, pid, &again, NULL, &rig.err), -DBG_BAD_REQUEST);
}
END_TEST

START_TEST(load_bias_and_auxv)
{
	rig_launch("loop");
	rig_run_until_ready();
	uint64_t bias = 1;
	ck_assert_msg(host_load_bias(rig.h, &bias, &rig.err) == 0, "%s", rig.err.text);
	/* The first mapping of the program is its load bias when it is position independent, else the bias is 0. */
	char path[64], line[512];
	uint64_t first = 0;
	snprintf(path, sizeof path, "/proc/%d/maps", host_pid(rig.h));
	FILE *maps = fopen(path, "r");
	while (!first && fgets(line, sizeof line, maps))
		if (strstr(line, "host_child"))
			sscanf(line, "%lx", &first);
	fclose(maps);
	ck_assert(bias == 0 || bias == first);
	void *auxv;
	size_t n;
	ck_assert_int_eq(host_auxv(rig.h, &auxv, &n, &rig.err), 0);
	ck_assert_uint_ge(n, 32);
	ck_assert_uint_eq(n % 16, 0);
	free(auxv);
}
END_TEST

/* --- threads and processes --- */

START_TEST(stop_and_continue_threads)
{
	rig_run_threads();
	pid_t tid = rig.page->tids[0];
	ck_assert(host_thread_alive(rig.h, tid));
	ck_assert_int_eq(host_stop(rig.h, tid, &rig.err), 0);
	ck_assert_int_eq(host_stop(rig.h, tid, &rig.err), 0); /* twice is once */
	ck_assert(host_thread_stopped(rig.h, tid));
	uint64_t loops = rig.page->loops[0], others = rig.page->loops[1];
	rig_pump_until(&rig.page->loops[1], others + 5);
	ck_assert_uint_eq(rig.page->loops[0], loops);
	ck_assert_int_eq(host_continue(rig.h, tid, 0, &rig.err), 0);
	rig_pump_until(&rig.page->loops[0], loops + 5);
	rig_no_event(10);
	ck_assert_int_eq(host_stop(rig.h, 1, &rig.err), -DBG_GONE);
	rig.page->stop = 1;
	rig_expect(HOST_EXITED);
}
END_TEST

START_TEST(threads_that_come_and_go)
{
	rig_launch("churn");
	rig_run_until_ready();
	rig.page->go = 1;
	rig_pump_until(&rig.page->loops[0], 50);
	ck_assert_uint_le(host_threads(rig.h, NULL, 0), 3);
	rig.page->stop = 1;
	rig_expect(HOST_EXITED);
}
END_TEST

START_TEST(forked_child_is_let_go_without_breakpoints)
{
	rig_break_at_mark("forks");
	rig.page->go = 1;
	struct host_event e = rig_expect(HOST_BREAKPOINT); /* the parent's own call at the end, after a vfork */
	ck_assert_int_eq(rig.page->child_marks, 1);
	ck_assert(WIFEXITED(rig.page->child_status));
	ck_assert_int_eq(WEXITSTATUS(rig.page->child_status), 3);
	ck_assert_int_eq(host_continue(rig.h, e.tid, 0, &rig.err), 0);
	rig_expect(HOST_EXITED);
}
END_TEST

START_TEST(exec_is_reported)
{
	rig_break_at_mark("exec");
	rig.page->go = 1;
	struct host_event e = rig_expect(HOST_EXEC);
	ck_assert(host_thread_stopped(rig.h, e.tid));
	char path[4096];
	ck_assert_int_eq(host_exec_path(rig.h, path, sizeof path, &rig.err), 0);
	ck_assert_ptr_nonnull(strstr(path, "bin/true"));
	struct user_regs_struct regs;
	ck_assert_int_eq(host_get_regs(rig.h, e.tid, &regs, NULL, &rig.err), 0);
	uint8_t byte;
	size_t n;
	ck_assert_int_eq(host_mem_read(rig.h, regs.rip, &byte, 1, &n, &rig.err), 0); /* of the new program */
	ck_assert_int_eq(host_continue(rig.h, e.tid, 0, &rig.err), 0);
	ck_assert_int_eq(rig_expect(HOST_EXITED).value, 0);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(launch_is_stopped_at_the_first_instruction), TAP_ONE(launched_program_runs_and_exits),
		TAP_ONE(launch_of_what_is_not_there), TAP_ONE(launched_program_has_no_blocked_signals), TAP_ONE(memory),
		TAP_ONE(short_read_at_the_end_of_a_mapping), TAP_ONE(registers), TAP_ONE(load_bias_and_auxv),
		TAP_ONE(stop_and_continue_threads), TAP_ONE(threads_that_come_and_go),
		TAP_ONE(forked_child_is_let_go_without_breakpoints), TAP_ONE(exec_is_reported),
	};
	return TAP_RUN("host", tests, rig_setup, rig_teardown);
}
