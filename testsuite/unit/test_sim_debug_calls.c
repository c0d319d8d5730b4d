/* The simulated driver's debug interface: the sharp edges of single calls (kfd-debug-interface.md 9). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/unit/debug_rig.h"
#include "testsuite/unit/tap.h"

START_TEST(enable_errors)
{
	struct dbg_args a = { .enable = { 0, 8, 16, 0 } };
	ck_assert_int_eq(dbg_trap_as(dbg.debugger, getpid(), ENABLE, &a, -1), -EBADF);
	ck_assert_int_eq(dbg_trap(ENABLE, &a), -EFAULT); /* undone */
	ck_assert(!sim_process_find(dbg.driver, dbg.child)->debug.enabled);
	ck_assert_uint_eq(dbg.debugger->debug.debugged_count, 0);
	a = (struct dbg_args){ .enable = { 0, 0, 0, 0 } };
	ck_assert_int_eq(dbg_trap(ENABLE, &a), 0);
	ck_assert_uint_eq(a.enable.rinfo_size, 16);
	ck_assert_uint_eq(dbg.debugger->debug.debugged_count, 1);
}
END_TEST

START_TEST(no_task_and_no_room)
{
	struct dbg_args a = { .enable = { 0, 0, 0, 0 } };
	pid_t keep = dbg.child;
	dbg.child = 0x3fffff; /* beyond any pid here */
	ck_assert_int_eq(dbg_trap(ENABLE, &a), -ESRCH);
	dbg.child = keep;
	dbg.driver->device.resetting = true;
	ck_assert_int_eq(dbg_trap(ENABLE, &a), -EINVAL);
	dbg.driver->device.resetting = false;
	dbg.driver->no_more_processes = true;
	ck_assert_int_eq(dbg_trap(ENABLE, &a), -ENOSPC);
}
END_TEST

START_TEST(runtime_enable_rules)
{
	struct fake_call fc;
	dbg.target = sim_process_get(dbg.driver, dbg.child);
	ck_assert_int_eq(dbg_runtime(&fc, 0), 0);
	fake_queue_create(dbg.driver, dbg.target);
	ck_assert_int_eq(dbg_runtime(&fc, 1), -EEXIST);
}
END_TEST

START_TEST(set_exceptions_announces_what_is_pending)
{
	struct dbg_args a = { .event = { NEW_BIT, 0, 0 } };
	dbg_attach_with_queue(0);
	ck_assert_int_eq(dbg_bytes(), 0);
	ck_assert_int_eq(dbg_trap(SET_EXCEPTIONS, &a), 0);
	ck_assert_int_eq(dbg_bytes(), 1);
	ck_assert_int_eq(dbg_trap(SET_EXCEPTIONS, &a), 0);
	ck_assert_int_eq(dbg_bytes(), 1);
	fake_queue_create(dbg.driver, dbg.target);
	ck_assert_int_eq(dbg_bytes(), 1);
	ck_assert_int_eq(dbg_query(0, &a), 0); /* newest first */
	ck_assert_uint_eq(a.event.queue, 1);
	ck_assert_int_eq(dbg_query(NEW_BIT, &a), 0);
	ck_assert_uint_eq(a.event.queue, 1);
	ck_assert_int_eq(dbg_query(NEW_BIT, &a), 0);
	ck_assert_uint_eq(a.event.queue, 0);
	ck_assert_int_eq(dbg_query(NEW_BIT, &a), -EAGAIN);
}
END_TEST

START_TEST(launch_mode_and_flags)
{
	struct dbg_args a = { .word = { 0x101, 0 } };
	dbg_attach_with_queue(0);
	ck_assert_int_eq(dbg_trap(LAUNCH_MODE, &a), 0); /* eight bits count */
	ck_assert_uint_eq(dbg.target->pdds[0].launch_mode, 1);
	a.word.value = 2;
	ck_assert_int_eq(dbg_trap(LAUNCH_MODE, &a), -EINVAL);
	a.word.value = 0x11;
	ck_assert_int_eq(dbg_trap(SET_FLAGS, &a), 0);
	ck_assert_uint_eq(a.word.value, 0);
	a.word.value = 2;
	ck_assert_int_eq(dbg_trap(SET_FLAGS, &a), -EACCES);
	ck_assert_uint_eq(a.word.value, 0x11);
	ck_assert_uint_eq(dbg.target->debug.flags, 0x11);
	a = (struct dbg_args){ 0 };
	ck_assert_int_eq(dbg_trap(DISABLE, &a), 0);
	ck_assert_uint_eq(dbg.target->debug.flags, 0);
	ck_assert_uint_eq(dbg.target->pdds[0].launch_mode, 0);
}
END_TEST

struct device_entry { uint64_t status, apertures[6]; uint32_t word[16]; };

START_TEST(device_snapshot)
{
	struct device_entry e[2];
	struct dbg_args a = { .snapshot = { 0, 0, 0, 120 } };
	_Static_assert(sizeof(e[0]) == 120, "kfd_dbg_device_info_entry");
	dbg_enable(0);
	ck_assert_int_eq(dbg_trap(DEVICE_SNAPSHOT, &a), -EINVAL);
	a = (struct dbg_args){ .snapshot = { 0, (uint64_t)(uintptr_t)e, 0, 200 } };
	ck_assert_int_eq(dbg_trap(DEVICE_SNAPSHOT, &a), 0);
	ck_assert(a.snapshot.n == 1 && a.snapshot.entry == 120);
	a = (struct dbg_args){ .snapshot = { 0, (uint64_t)(uintptr_t)e, 16, 120 } };
	memset(e, 0xee, sizeof(e));
	/* the buffer has room for two, the driver writes one */
	ck_assert_int_eq(dbg_trap(DEVICE_SNAPSHOT, &a), 0);
	ck_assert_uint_eq(e[0].apertures[0], UINT64_C(1) << 48);
	ck_assert_uint_eq(e[0].apertures[2], UINT64_C(2) << 48);
	ck_assert_uint_eq(e[0].word[0], dbg.gpu);
	ck_assert_uint_eq(e[0].word[8], 90402);
	ck_assert_uint_eq(e[0].word[9], 38 * 4);
	ck_assert_uint_eq(e[0].word[11], 4);
	ck_assert_uint_eq(e[0].word[13], 1);
	ck_assert_uint_eq(e[0].word[14], 0x2c07a000);
	ck_assert_uint_eq(e[0].word[15], 0x5e7);
	dbg.driver->device.watch_bits_read = true;
	ck_assert_int_eq(dbg_trap(DEVICE_SNAPSHOT, &a), 0);
	ck_assert_uint_eq(e[0].word[14], 0x2c07a280);
	ck_assert_uint_eq(e[1].word[0], 0xeeeeeeee);
}
END_TEST

START_TEST(queue_snapshot_sizes)
{
	uint32_t n = 1, size = 0;
	dbg_attach_with_queue(0);
	fake_queue_create(dbg.driver, dbg.target);
	ck_assert_int_eq(dbg_snapshot(0, &n, &size), -EINVAL);
	n = 1;
	size = 100;
	memset(dbg.entries, 0, sizeof(dbg.entries));
	ck_assert_int_eq(dbg_snapshot(NEW_BIT, &n, &size), 0);
	ck_assert(n == 2 && size == 64);
	ck_assert_uint_eq(dbg.entries[0].id, 1); /* newest first; the other one keeps its bit */
	ck_assert_uint_eq(dbg.target->queues->next_in_process->exception_status, NEW_BIT);
	ck_assert_uint_eq(dbg.target->queues->exception_status, 0);
	struct dbg_args a = { .snapshot = { 0, 8, 1, 64 } };
	ck_assert_int_eq(dbg_trap(QUEUE_SNAPSHOT, &a), -EFAULT);
}
END_TEST

START_TEST(disable_resumes_and_clears)
{
	struct dbg_args a = { 0 };
	uint32_t id;
	dbg_attach_with_queue(NEW_BIT);
	dbg_know_queues();
	id = dbg.fq.id;
	ck_assert_int_eq(dbg_suspend(&id, 1, 0), 1);
	ck_assert_int_eq(dbg_set_watch(&id), 0);
	dbg.target->debug.exception_status = RUNTIME_BIT;
	dbg.target->pdds[0].exception_status = DELETE_BIT;
	dbg.target->queues->exception_status = NEW_BIT | 2;
	ck_assert_int_eq(dbg_trap(DISABLE, &a), 0);
	ck_assert(sim_queue_active(dbg.target->queues));
	ck_assert_uint_eq(dbg.driver->device.watch_allocated, 0);
	ck_assert_uint_eq(dbg.target->debug.exception_status | dbg.target->pdds[0].exception_status | dbg.target->queues->exception_status, 0);
	ck_assert_int_eq(dbg_trap(DISABLE, &a), -EINVAL);
	dbg_bytes();
	fake_queue_create(dbg.driver, dbg.target);
	ck_assert_int_eq(dbg_bytes(), 0);
}
END_TEST

START_TEST(suspend_clears_what_it_is_told)
{
	uint32_t ids[2];
	dbg_attach_with_queue(0);
	dbg_know_queues();
	struct fake_queue fresh = fake_queue_create(dbg.driver, dbg.target);
	dbg.target->queues->next_in_process->exception_status = 0x3;
	ids[0] = dbg.fq.id;
	ids[1] = fresh.id;
	/* the new queue is skipped, and loses the bit because another one on its device was suspended */
	ck_assert_int_eq(dbg_suspend(ids, 2, NEW_BIT | 1), 1);
	ck_assert_uint_eq(ids[0], dbg.fq.id);
	ck_assert_uint_eq(ids[1], fresh.id | 0x80000000);
	ck_assert_uint_eq(dbg.target->queues->exception_status, 0);
	ck_assert_uint_eq(dbg.target->queues->next_in_process->exception_status, 2);
}
END_TEST

START_TEST(send_to_the_runtime)
{
	dbg_attach_with_queue(0);
	ck_assert_int_eq(dbg_send_runtime(0x11, dbg.gpu, dbg.fq.id), 0);
	ck_assert_uint_eq(*dbg.fq.payload, 0x11);
	ck_assert_uint_eq(dbg.driver->event_count[FAKE_ERROR_EVENT], 1);
	ck_assert_int_eq(dbg_send_runtime(0x11, dbg.gpu, 77), 0); /* unknown queue: silently ignored */
	ck_assert_int_eq(dbg_send_runtime(VIOLATION_BIT | 0x10, dbg.gpu, dbg.fq.id), 0);
	ck_assert_uint_eq(dbg.driver->memory_events, 1); /* no record saved: a bare one */
	ck_assert_uint_eq(dbg.driver->memory_record[12], 1);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(enable_errors), TAP_ONE(no_task_and_no_room), TAP_ONE(runtime_enable_rules),
		TAP_ONE(set_exceptions_announces_what_is_pending), TAP_ONE(launch_mode_and_flags), TAP_ONE(device_snapshot),
		TAP_ONE(queue_snapshot_sizes), TAP_ONE(disable_resumes_and_clears), TAP_ONE(suspend_clears_what_it_is_told),
		TAP_ONE(send_to_the_runtime),
	};
	return TAP_RUN("debug calls", tests, dbg_setup, dbg_teardown);
}
