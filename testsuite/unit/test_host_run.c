/* The host's side: breakpoints, single steps, signals. */
#include <signal.h>

#include "src/host/guard.h"
#include "testsuite/unit/host_rig.h"
#include "testsuite/unit/tap.h"

/* --- breakpoints --- */

START_TEST(breakpoint_is_hit_each_time_and_stepped_over)
{
	uint64_t addr = rig_break_at_mark("marks");
	uint8_t byte;
	size_t n;
	ck_assert_int_eq(host_mem_read(rig.h, addr, &byte, 1, &n, &rig.err), 0);
	ck_assert_uint_eq(byte, 0xcc);
	host_break_hide(rig.h, addr, &byte, 1);
	ck_assert_uint_ne(byte, 0xcc);
	rig.page->go = 1;
	for (int i = 0; i < 5; i++) {
		struct host_event e = rig_expect(HOST_BREAKPOINT);
		ck_assert_uint_eq(e.addr, addr);
		ck_assert_int_eq(e.tid, host_pid(rig.h));
		ck_assert_uint_eq(rig.page->marks, (unsigned)i);
		struct user_regs_struct regs;
		ck_assert_int_eq(host_get_regs(rig.h, e.tid, &regs, NULL, &rig.err), 0);
		ck_assert_uint_eq(regs.rip, addr);
		ck_assert_int_eq(host_continue(rig.h, e.tid, 0, &rig.err), 0);
	}
	ck_assert_int_eq(rig_expect(HOST_EXITED).value, 7);
}
END_TEST

START_TEST(breakpoints_are_counted)
{
	rig_launch("marks");
	rig_run_until_ready();
	uint64_t addr = rig.page->mark_addr;
	uint8_t before, byte;
	size_t n;
	host_mem_read(rig.h, addr, &before, 1, &n, &rig.err);
	ck_assert_int_eq(host_break_insert(rig.h, addr, &rig.err), 0);
	ck_assert_int_eq(host_break_insert(rig.h, addr, &rig.err), 0);
	ck_assert_int_eq(host_break_remove(rig.h, addr, &rig.err), 0);
	host_mem_read(rig.h, addr, &byte, 1, &n, &rig.err);
	ck_assert_uint_eq(byte, 0xcc);
	ck_assert_int_eq(host_break_remove(rig.h, addr, &rig.err), 0);
	host_mem_read(rig.h, addr, &byte, 1, &n, &rig.err);
	ck_assert_uint_eq(byte, before);
	ck_assert_int_eq(host_break_remove(rig.h, addr, &rig.err), -DBG_BAD_REQUEST);
	ck_assert_int_eq(host_break_insert(rig.h, 16, &rig.err), -DBG_REFUSED);
	rig.page->go = 1;
	rig_expect(HOST_EXITED);
}
END_TEST

START_TEST(no_thread_misses_a_breakpoint)
{
	uint64_t addr = rig_break_at_mark("threads");
	rig.page->go = 1;
	uint64_t hits = 0;
	for (int i = 0; i < 400; i++) {
		struct host_event e = rig_expect(HOST_BREAKPOINT);
		ck_assert_uint_eq(e.addr, addr);
		hits++;
		ck_assert_uint_le(rig.page->marks, hits);
		ck_assert_int_eq(host_continue(rig.h, e.tid, 0, &rig.err), 0);
	}
	/* Each call of the function was stopped once: calls made = hits continued, but for those on their way. */
	ck_assert_uint_le(rig.page->marks, hits);
	ck_assert_uint_ge(rig.page->marks + CHILD_THREADS, hits);
	ck_assert_uint_eq(host_threads(rig.h, NULL, 0), CHILD_THREADS + 1);
	rig.page->stop = 1;
	struct host_event e;
	while ((e = rig_next_event()).kind == HOST_BREAKPOINT)
		ck_assert_int_eq(host_continue(rig.h, e.tid, 0, &rig.err), 0);
	ck_assert_int_eq(e.kind, HOST_EXITED);
	ck_assert_int_eq(e.value, 0);
}
END_TEST

START_TEST(breakpoint_under_a_rain_of_signals)
{
	uint64_t addr = rig_break_at_mark("alarms");
	rig.page->go = 1;
	for (int i = 0; i < 300; i++) {
		struct host_event e = rig_expect(HOST_BREAKPOINT);
		ck_assert_uint_eq(rig.page->marks, (unsigned)i);
		ck_assert_int_eq(host_continue(rig.h, e.tid, 0, &rig.err), 0);
	}
	ck_assert_int_eq(host_break_remove(rig.h, addr, &rig.err), 0);
	int before = rig.page->signals;
	for (int i = 0; i < 3000 && rig.page->signals < before + 5; i++) {
		struct host_event e;
		ck_assert_int_eq(host_next_event(rig.h, &e, &rig.err), 0);
		if (e.kind == HOST_BREAKPOINT) /* hit before it was removed */
			host_continue(rig.h, e.tid, 0, &rig.err);
		rig_snooze();
	}
	ck_assert_int_ge(rig.page->signals, before + 5);
}
END_TEST

START_TEST(guard_knows_of_the_breakpoint)
{
	rig_launch("marks");
	rig_run_until_ready();
	uint64_t addr = rig.page->mark_addr;
	struct guard *g;
	ck_assert_int_eq(guard_start(host_pid(rig.h), NULL, &g, &rig.err), 0);
	host_set_guard(rig.h, g);
	ck_assert_int_eq(host_break_insert(rig.h, addr, &rig.err), 0);
	/* Noted already: the same place is taken, so noting other bytes changes nothing, and forgetting is possible once. */
	ck_assert_int_eq(host_break_remove(rig.h, addr, &rig.err), 0);
	host_set_guard(rig.h, NULL);
	guard_stop(g);
	rig.page->go = 1;
	rig_expect(HOST_EXITED);
}
END_TEST

START_TEST(single_step)
{
	rig_launch("loop");
	pid_t pid = host_pid(rig.h);
	struct user_regs_struct before, after;
	ck_assert_int_eq(host_get_regs(rig.h, pid, &before, NULL, &rig.err), 0);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(host_step(rig.h, pid, 0, &rig.err), 0);
		struct host_event e = rig_expect(HOST_STEPPED);
		ck_assert_int_eq(e.tid, pid);
		ck_assert_int_eq(host_get_regs(rig.h, pid, &after, NULL, &rig.err), 0);
		ck_assert_uint_ne(after.rip, before.rip);
		before = after;
	}
}
END_TEST

START_TEST(step_from_a_breakpoint)
{
	uint64_t addr = rig_break_at_mark("marks");
	rig.page->go = 1;
	struct host_event e = rig_expect(HOST_BREAKPOINT);
	ck_assert_int_eq(host_step(rig.h, e.tid, 0, &rig.err), 0);
	e = rig_expect(HOST_STEPPED);
	struct user_regs_struct regs;
	ck_assert_int_eq(host_get_regs(rig.h, e.tid, &regs, NULL, &rig.err), 0);
	ck_assert_uint_gt(regs.rip, addr);
	ck_assert_uint_le(regs.rip, addr + 15);
	ck_assert_int_eq(host_continue(rig.h, e.tid, 0, &rig.err), 0);
	rig_expect(HOST_BREAKPOINT);
}
END_TEST

/* --- signals --- */

START_TEST(fatal_signal_is_reported_and_delivered_on_request)
{
	rig_launch("segv");
	rig_run_until_ready();
	rig.page->go = 1;
	struct host_event e = rig_expect(HOST_SIGNAL);
	ck_assert_int_eq(e.value, SIGSEGV);
	ck_assert_int_eq(host_continue(rig.h, e.tid, SIGSEGV, &rig.err), 0);
	ck_assert_int_eq(rig_expect(HOST_TERMINATED).value, SIGSEGV);
	rig_no_event(5);
}
END_TEST

START_TEST(signal_that_is_not_delivered)
{
	rig_launch("segv");
	rig_run_until_ready();
	rig.page->go = 1;
	struct host_event e = rig_expect(HOST_SIGNAL);
	ck_assert_int_eq(host_continue(rig.h, e.tid, 0, &rig.err), 0);
	ck_assert_int_eq(rig_expect(HOST_EXITED).value, 0);
}
END_TEST

START_TEST(signal_given_to_a_stopped_thread)
{
	rig_launch("alarms");
	rig_run_until_ready();
	/* It is held by us, not in a signal's stop. */
	ck_assert_int_eq(host_stop(rig.h, host_pid(rig.h), &rig.err), 0);
	ck_assert_int_eq(host_continue(rig.h, host_pid(rig.h), SIGUSR1, &rig.err), 0);
	for (int i = 0; i < 2000 && !rig.page->signals; i++)
		rig_no_event(1);
	ck_assert_int_eq(rig.page->signals, 1);
	ck_assert_int_eq(host_stop(rig.h, host_pid(rig.h), &rig.err), 0);
	ck_assert_int_eq(host_continue(rig.h, host_pid(rig.h), SIGABRT, &rig.err), 0); /* one that would be reported */
	ck_assert_int_eq(rig_expect(HOST_TERMINATED).value, SIGABRT);
}
END_TEST

START_TEST(interrupt_of_a_launched_program)
{
	rig_launch("loop");
	rig_run_until_ready();
	kill(host_pid(rig.h), SIGINT);
	struct host_event e = rig_expect(HOST_SIGNAL);
	ck_assert_int_eq(e.value, SIGINT);
	ck_assert_int_eq(host_continue(rig.h, e.tid, 0, &rig.err), 0);
	rig_pump_more(0, 3);
}
END_TEST

START_TEST(stop_signal_and_continue_signal_work_as_usual)
{
	rig_launch("loop");
	rig_run_until_ready();
	rig_pump_until(&rig.page->loops[0], 3);
	kill(host_pid(rig.h), SIGSTOP);
	rig_no_event(50);
	uint64_t loops = rig.page->loops[0];
	rig_no_event(50);
	ck_assert_uint_eq(rig.page->loops[0], loops);
	kill(host_pid(rig.h), SIGCONT);
	rig_pump_until(&rig.page->loops[0], loops + 3);
}
END_TEST

START_TEST(killed_from_outside)
{
	rig_run_threads();
	kill(host_pid(rig.h), SIGKILL);
	ck_assert_int_eq(rig_expect(HOST_TERMINATED).value, SIGKILL);
	rig_no_event(5);
}
END_TEST

START_TEST(killed_while_held)
{
	rig_run_threads();
	pid_t tids[16];
	size_t n = host_threads(rig.h, tids, 16);
	ck_assert_uint_eq(n, CHILD_THREADS + 1);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(host_stop(rig.h, tids[i], &rig.err), 0);
	kill(host_pid(rig.h), SIGKILL);
	rig_expect(HOST_TERMINATED);
	ck_assert_int_eq(host_continue(rig.h, tids[1], 0, &rig.err), -DBG_GONE);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(breakpoint_is_hit_each_time_and_stepped_over), TAP_ONE(breakpoints_are_counted),
		TAP_ONE(no_thread_misses_a_breakpoint), TAP_ONE(breakpoint_under_a_rain_of_signals),
		TAP_ONE(guard_knows_of_the_breakpoint), TAP_ONE(single_step), TAP_ONE(step_from_a_breakpoint),
		TAP_ONE(fatal_signal_is_reported_and_delivered_on_request), TAP_ONE(signal_that_is_not_delivered),
		TAP_ONE(signal_given_to_a_stopped_thread), TAP_ONE(interrupt_of_a_launched_program),
		TAP_ONE(stop_signal_and_continue_signal_work_as_usual), TAP_ONE(killed_from_outside), TAP_ONE(killed_while_held),
	};
	return TAP_RUN("host run", tests, rig_setup, rig_teardown);
}
