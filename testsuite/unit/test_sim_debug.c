/* The simulated driver's debug interface, row by row of kfd-debug-interface.md 10. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sim/driver/handlers.h"
#include "testsuite/unit/debug_rig.h"
#include "testsuite/unit/gpu_kernels.h"
#include "testsuite/unit/tap.h"

START_TEST(row01_enable_creates_the_process)
{
	ck_assert_int_eq(dbg_enable(RUNTIME_BIT), 0);
	ck_assert_ptr_nonnull(dbg.target);
	ck_assert(dbg.rinfo.r_debug == 0 && dbg.rinfo.state == 0 && dbg.rinfo.ttmp == 0);
}
END_TEST

START_TEST(row02_row03_handshake)
{
	struct fake_call fc;
	struct dbg_args a;
	dbg_enable(RUNTIME_BIT);
	ck_assert_int_eq(dbg_runtime(&fc, 1), SIM_LATER);
	ck_assert_int_eq(dbg_bytes(), 1);
	ck_assert_int_eq(dbg_query(0, &a), 0);
	ck_assert_uint_eq(a.event.mask, RUNTIME_BIT);
	ck_assert(a.event.gpu == 0 && a.event.queue == 0);
	a = (struct dbg_args){ .info = { (uint64_t)(uintptr_t)&dbg.rinfo, 16, 0, 48, 1 } };
	ck_assert_int_eq(dbg_trap(QUERY_INFO, &a), 0);
	ck_assert_uint_eq(a.info.size, 16);
	ck_assert(dbg.rinfo.state == 1 && dbg.rinfo.r_debug == 0x4321 && dbg.rinfo.ttmp == 0);
	ck_assert_int_eq(dbg_query(0, &a), -EAGAIN);
	ck_assert_int_eq(dbg_send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
	ck_assert(fc.finished && fc.result == 0);
	ck_assert_int_eq(dbg_runtime(&fc, 0), SIM_LATER);
	ck_assert_int_eq(dbg_query(RUNTIME_BIT, &a), 0);
	ck_assert_uint_eq(a.event.mask, RUNTIME_BIT);
	ck_assert_int_eq(dbg_send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
	ck_assert(fc.finished && fc.result == 0);
	ck_assert_uint_eq(dbg.target->debug.runtime_state, 0);
}
END_TEST

START_TEST(row04_enable_after_runtime)
{
	dbg.target = sim_process_get(dbg.driver, dbg.child);
	ck_assert_int_eq(dbg_runtime(NULL, 3), 0);
	ck_assert_int_eq(dbg_enable(RUNTIME_BIT), 0);
	ck_assert(dbg.rinfo.state == 1 && dbg.rinfo.ttmp == 1 && dbg.rinfo.r_debug == 0x4321);
	ck_assert_int_eq(dbg_bytes(), 0);
}
END_TEST

START_TEST(row05_enable_twice)
{
	ck_assert_int_eq(dbg_enable(0), 0);
	ck_assert_int_eq(dbg_enable(0), -EALREADY);
}
END_TEST

START_TEST(row06_strangers)
{
	struct dbg_args a = { .enable = { 0, 0, 0, 0 } };
	/* another thread of ours is not the tracer */
	ck_assert_int_eq(dbg_trap_as(dbg.debugger, getpid() + 1, ENABLE, &a, -1), -ESRCH);
	dbg.target = sim_process_get(dbg.driver, dbg.child);
	ck_assert_int_eq(dbg_trap_as(dbg.debugger, getpid() + 1, ENABLE, &a, -1), -EPERM);
	/* itself may */
	ck_assert_int_eq(dbg_trap_as(dbg.target, dbg.child, ENABLE, &a, dup(dbg.event_pipe[1])), 0);
}
END_TEST

START_TEST(row06_rights_after_enable)
{
	struct dbg_args a = { .event = { 0, 0, 0 } };
	dbg_enable(0);
	/* from 6.12.103 on: every thread of the process that enabled; nobody else, DISABLE included */
	ck_assert_int_eq(dbg_trap_as(dbg.debugger, getpid() + 1, QUERY_EVENT, &a, -1), -EAGAIN);
	struct sim_process *other = sim_process_get(dbg.driver, getppid());
	ck_assert_int_eq(dbg_trap_as(other, getppid(), DISABLE, &a, -1), -EPERM);
	dbg.driver->options.old_debug_authority = true;
	ck_assert_int_eq(dbg_trap_as(dbg.debugger, getpid() + 1, QUERY_EVENT, &a, -1), -EPERM);
	ck_assert_int_eq(dbg_trap_as(other, getppid(), DISABLE, &a, -1), 0);
}
END_TEST

START_TEST(row07_not_enabled)
{
	struct dbg_args a = { 0 };
	dbg.target = sim_process_get(dbg.driver, dbg.child);
	for (unsigned op = DISABLE; op <= DEVICE_SNAPSHOT; op++)
		ck_assert_int_eq(dbg_trap((enum dbg_op)op, &a), -EINVAL);
	ck_assert_int_eq(dbg_trap((enum dbg_op)99, &a), -EINVAL);
	dbg_enable(0);
	ck_assert_int_eq(dbg_trap((enum dbg_op)99, &a), -EINVAL);
}
END_TEST

START_TEST(row08_hardware_ops_need_the_runtime)
{
	struct dbg_args a = { 0 };
	dbg_enable(0);
	for (unsigned op = OVERRIDE; op <= SET_FLAGS; op++)
		ck_assert_int_eq(dbg_trap((enum dbg_op)op, &a), -EPERM);
}
END_TEST

START_TEST(row09_to_row13_suspend_and_resume)
{
	uint32_t id, n = 0, size = 64;
	dbg_attach_with_queue(0);
	id = dbg.fq.id;
	ck_assert_int_eq(dbg_suspend(&id, 1, 0), 0);
	ck_assert_uint_eq(id, dbg.fq.id | 0x80000000);
	memset(dbg.entries, 0x55, sizeof(dbg.entries));
	ck_assert_int_eq(dbg_snapshot(0, &n, &size), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(dbg.entries[0].status, UINT64_C(0x5555555555555555));
	ck_assert_int_eq(dbg_snapshot(NEW_BIT, &n, &size), 0);
	ck_assert_uint_eq(dbg.entries[0].status, NEW_BIT);
	ck_assert_uint_eq(dbg.entries[0].save_size, dbg.fq.save_bytes);
	ck_assert_uint_eq(dbg.entries[0].type, 2);
	ck_assert_uint_eq(dbg.entries[0].save, (uint64_t)(uintptr_t)dbg.fq.save);
	ck_assert_int_eq(dbg_snapshot(0, &n, &size), 0);
	ck_assert_uint_eq(dbg.entries[0].status, 0);
	for (unsigned i = 0; i < 2; i++) {
		id = dbg.fq.id;
		memset(dbg.fq.save, 0xee, 16);
		ck_assert_int_eq(dbg_suspend(&id, 1, 0), 1);
		ck_assert_uint_eq(id, dbg.fq.id);
		uint32_t stack;
		memcpy(&stack, dbg.fq.save, 4);
		ck_assert_uint_eq(stack, dbg.fq.stack_bytes);
	}
	ck_assert_int_eq(dbg_resume(&id, 1), 1);
	ck_assert_int_eq(dbg_resume(&id, 1), 1);
	id = 5;
	ck_assert_int_eq(dbg_resume(&id, 1), 0);
	ck_assert_uint_eq(id, 0x80000005);
	uint32_t twice[2] = { dbg.fq.id, dbg.fq.id };
	ck_assert_int_eq(dbg_suspend(twice, 2, 0), 1);
	ck_assert_uint_eq(twice[1], dbg.fq.id | 0x80000000);
	struct dbg_args a = { .resume = { 0, 17, 0 } };
	ck_assert_int_eq(dbg_trap(RESUME, &a), 1);
}
END_TEST

START_TEST(suspend_argument_errors)
{
	uint32_t id;
	struct dbg_args a = { .suspend = { 0, 0, 1, 0 } };
	dbg_attach_with_queue(0);
	dbg_know_queues();
	ck_assert_int_eq(dbg_trap(SUSPEND, &a), -EINVAL);
	a = (struct dbg_args){ .suspend = { 0, (uint64_t)(uintptr_t)&id, 1025, 0 } };
	ck_assert_int_eq(dbg_trap(SUSPEND, &a), -EINVAL);
	a = (struct dbg_args){ .suspend = { 0, 8, 1, 0 } };
	ck_assert_int_eq(dbg_trap(SUSPEND, &a), -EFAULT);
	id = dbg.fq.id | 0x40000000; /* an error bit left over makes it another id */
	ck_assert_int_eq(dbg_suspend(&id, 1, 0), 0);
	id = dbg.fq.id | 0x80000000; /* that one is ignored */
	ck_assert_int_eq(dbg_suspend(&id, 1, 0), 1);
}
END_TEST

START_TEST(suspend_during_a_reset)
{
	uint32_t id;
	dbg_attach_with_queue(0);
	dbg_know_queues();
	dbg.driver->device.resetting = true;
	id = dbg.fq.id;
	ck_assert_int_eq(dbg_suspend(&id, 1, 0), 0);
	ck_assert_uint_eq(id, dbg.fq.id | 0x40000000);
	dbg.driver->device.resetting = false;
	id = dbg.fq.id; /* still marked as suspended */
	ck_assert_int_eq(dbg_suspend(&id, 1, 0), 1);
	ck_assert_int_eq(dbg_resume(&id, 1), 1);
}
END_TEST

START_TEST(row14_trap_of_a_new_queue)
{
	static const uint32_t code[] = { S_TRAP + 1, S_SPIN };
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct dbg_args a;
	dbg_attach_with_queue(2);
	dbg.target->pdds[0].tba = 0x1000;
	struct fake_dispatch d = { .kernel = fake_kernel(dbg.driver, &shape, code, TAP_COUNT(code)), .grid = { 64 }, .group = { 64 } };
	fake_dispatch(dbg.driver, &dbg.fq, &d);
	fake_run_us(dbg.driver, 300);
	ck_assert_int_eq(dbg_bytes(), 1);
	ck_assert_int_eq(dbg_query(2, &a), 0);
	ck_assert_uint_eq(a.event.mask, NEW_BIT | 2);
	ck_assert_uint_eq(a.event.gpu, dbg.gpu);
	ck_assert_uint_eq(a.event.queue, dbg.fq.id);
	ck_assert_int_eq(dbg_query(2, &a), -EAGAIN);
	ck_assert(a.event.mask == 0 && a.event.gpu == 0 && a.event.queue == 0);
	ck_assert_uint_eq(*dbg.fq.payload, 0);
}
END_TEST

START_TEST(row15_launch_override)
{
	struct dbg_args a = { .override = { 0, 0x80, 0x80, 0 } };
	dbg_attach_with_queue(0);
	ck_assert_int_eq(dbg_trap(OVERRIDE, &a), 0);
	ck_assert_uint_eq(a.override.enable, 0);
	ck_assert_uint_eq(a.override.support, 0xc00001ff);
	a = (struct dbg_args){ .override = { 0, 0x80, 0x80, 0 } };
	ck_assert_int_eq(dbg_trap(OVERRIDE, &a), 0);
	ck_assert_uint_eq(a.override.enable, 0x80);
	a = (struct dbg_args){ .override = { 0, 0x7f, 0, 0 } }; /* a query */
	ck_assert_int_eq(dbg_trap(OVERRIDE, &a), 0);
	ck_assert_uint_eq(a.override.enable, 0x80);
	ck_assert_uint_eq(dbg.target->pdds[0].trap_override, 0x80);
	a = (struct dbg_args){ .override = { 0, 0, 0x200, 0 } };
	ck_assert_int_eq(dbg_trap(OVERRIDE, &a), -EACCES);
	ck_assert_uint_eq(a.override.support, 0xc00001ff);
	a = (struct dbg_args){ .override = { 2, 0, 0, 0 } };
	ck_assert_int_eq(dbg_trap(OVERRIDE, &a), -EPERM);
	ck_assert_uint_eq(a.override.support, 0xc00001ff);
}
END_TEST

static int clear_watch(uint32_t id)
{
	struct dbg_args a = { .clear = { dbg.gpu, id } };
	return dbg_trap(CLEAR_WATCH, &a);
}

START_TEST(row17_row18_watches)
{
	uint32_t id;
	dbg_attach_with_queue(0);
	for (uint32_t i = 0; i < 4; i++) {
		ck_assert_int_eq(dbg_set_watch(&id), 0);
		ck_assert_uint_eq(id, i);
	}
	ck_assert_int_eq(dbg_set_watch(&id), -ENOMEM);
	ck_assert_int_eq(clear_watch(1), 0);
	ck_assert_int_eq(clear_watch(1), -EINVAL);
	ck_assert_int_eq(dbg_set_watch(&id), 0);
	ck_assert_uint_eq(id, 1);
	ck_assert_int_eq(clear_watch(7), -EINVAL);
	ck_assert_uint_eq(dbg.target->pdds[0].watch[1].mask, 0xffffffffff80);
	struct dbg_args a = { .watch = { 0, 0, 0, 0, 0 } };
	ck_assert_int_eq(dbg_trap(SET_WATCH, &a), -ENODEV);
	a = (struct dbg_args){ .clear = { dbg.gpu + 1, 0 } };
	ck_assert_int_eq(dbg_trap(CLEAR_WATCH, &a), -ENODEV);
}
END_TEST

START_TEST(row19_query_info_errors)
{
	struct dbg_args a = { .info = { (uint64_t)(uintptr_t)&dbg.rinfo, 16, 0, 7, 0 } };
	dbg_attach_with_queue(0);
	ck_assert_int_eq(dbg_trap(QUERY_INFO, &a), -EINVAL);
	a = (struct dbg_args){ .info = { (uint64_t)(uintptr_t)&dbg.rinfo, 16, dbg.fq.id, 2, 0 } };
	ck_assert_int_eq(dbg_trap(QUERY_INFO, &a), -ENODATA);
	a = (struct dbg_args){ .info = { 0, 16, dbg.fq.id, 31, 0 } };
	ck_assert_int_eq(dbg_trap(QUERY_INFO, &a), -EINVAL);
	a = (struct dbg_args){ .info = { (uint64_t)(uintptr_t)&dbg.rinfo, 16, 55, 31, 0 } };
	ck_assert_int_eq(dbg_trap(QUERY_INFO, &a), -EINVAL);
	a = (struct dbg_args){ .info = { (uint64_t)(uintptr_t)&dbg.rinfo, 16, dbg.fq.id, 31, 1 } };
	ck_assert_int_eq(dbg_trap(QUERY_INFO, &a), 0);
	ck_assert_uint_eq(a.info.size, 0);
	ck_assert_uint_eq(dbg.target->queues->exception_status, 0);
}
END_TEST

START_TEST(row20_destroy_blocks_while_suspended)
{
	struct fake_call fc, other;
	uint32_t id, n = 8, size = 64;
	dbg_attach_with_queue(DELETE_BIT);
	dbg_know_queues();
	id = dbg.fq.id;
	ck_assert_int_eq(dbg_suspend(&id, 1, 0), 1);
	ck_assert_int_eq(dbg_destroy_queue(&fc, dbg.fq.id), SIM_LATER);
	ck_assert_int_eq(dbg_destroy_queue(&other, dbg.fq.id), -EBUSY);
	ck_assert_int_eq(dbg_snapshot(0, &n, &size), 0);
	ck_assert_uint_eq(n, 1);
	fc.call.cancel(&fc.call); /* a signal: the queue lives on */
	ck_assert(fc.finished && fc.result == -EINTR);
	ck_assert_int_eq(dbg_destroy_queue(&fc, dbg.fq.id), SIM_LATER);
	ck_assert_int_eq(dbg_resume(&id, 1), 1);
	ck_assert(fc.finished && fc.result == 0);
	ck_assert_ptr_null(dbg.target->queues);
	ck_assert_uint_eq(dbg.target->pdds[0].exception_status, DELETE_BIT);
	ck_assert_int_eq(dbg_bytes(), 1);
	struct dbg_args a;
	ck_assert_int_eq(dbg_query(DELETE_BIT, &a), 0);
	ck_assert(a.event.mask == DELETE_BIT && a.event.gpu == dbg.gpu && a.event.queue == 0);
	ck_assert_int_eq(dbg_destroy_queue(&fc, dbg.fq.id), -EINVAL);
}
END_TEST

START_TEST(row21_debugger_dies)
{
	uint32_t id;
	dbg_attach_with_queue(2);
	dbg_know_queues();
	id = dbg.fq.id;
	ck_assert_int_eq(dbg_suspend(&id, 1, 0), 1);
	ck_assert_int_eq(dbg_set_watch(&id), 0);
	sim_process_destroy(dbg.debugger);
	ck_assert(!dbg.target->queues->suspended && sim_queue_active(dbg.target->queues));
	ck_assert_uint_eq(dbg.driver->device.watch_allocated, 0);
	ck_assert(!dbg.target->debug.enabled);
	dbg.debugger = sim_process_get(dbg.driver, getpid());
	ck_assert_int_eq(dbg_enable(0), 0);
	id = dbg.fq.id; /* its QUEUE_NEW went with the old session */
	ck_assert_int_eq(dbg_suspend(&id, 1, 0), 1);
}
END_TEST

START_TEST(row22_target_dies)
{
	struct dbg_args a = { 0 };
	dbg_attach_with_queue(2);
	sim_process_destroy(dbg.target);
	ck_assert_int_eq(dbg_trap(QUERY_EVENT, &a), -ESRCH); /* alive, but without a record: as after exec */
	dbg_end_child(dbg.child);
	for (unsigned op = ENABLE; op <= DEVICE_SNAPSHOT; op++)
		ck_assert_int_eq(dbg_trap((enum dbg_op)op, &a), -ESRCH);
	dbg.child = 0;
	ck_assert_int_eq(dbg_bytes(), 0);
}
END_TEST

START_TEST(target_execs)
{
	struct dbg_args a = { 0 };
	dbg_attach_with_queue(2);
	dbg.driver->replaced = dbg.child;
	ck_assert_int_eq(dbg_trap(QUERY_EVENT, &a), -ESRCH);
	ck_assert_ptr_null(sim_process_find(dbg.driver, dbg.child));
	dbg.driver->replaced = 0;
	ck_assert_int_eq(dbg_enable(RUNTIME_BIT), 0); /* a fresh record for the new image */
	ck_assert(dbg.rinfo.state == 0 && dbg.rinfo.r_debug == 0 && !dbg.target->queues);
	/* The same through ENABLE itself. */
	dbg.driver->replaced = dbg.child;
	struct sim_process *old = dbg.target;
	old->debug.ttmp_setup = 1;
	ck_assert_int_eq(dbg_enable(RUNTIME_BIT), 0);
	ck_assert(dbg.rinfo.ttmp == 0);
}
END_TEST

START_TEST(row23_credit_before_the_handshake)
{
	struct fake_call fc;
	dbg_enable(RUNTIME_BIT);
	ck_assert_int_eq(dbg_send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
	ck_assert_int_eq(dbg_runtime(&fc, 1), 0);
	ck_assert_int_eq(dbg_runtime(&fc, 1), -EBUSY);
	ck_assert_int_eq(dbg_runtime(&fc, 0), SIM_LATER);
	ck_assert_int_eq(dbg_send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
}
END_TEST

START_TEST(row24_disable_during_a_handshake)
{
	struct fake_call fc;
	struct dbg_args a = { 0 };
	dbg_enable(RUNTIME_BIT);
	ck_assert_int_eq(dbg_runtime(&fc, 1), SIM_LATER);
	ck_assert_int_eq(dbg_trap(DISABLE, &a), 0);
	ck_assert(!fc.finished);
	fc.call.cancel(&fc.call);
	ck_assert(fc.finished && fc.result == -EINTR);
	ck_assert_int_eq(dbg_runtime(&fc, 1), 0); /* the retry */
	ck_assert_uint_eq(dbg.target->debug.runtime_state, 1);
}
END_TEST

START_TEST(interrupted_handshake_is_not_announced_twice)
{
	struct fake_call fc;
	dbg_enable(RUNTIME_BIT);
	ck_assert_int_eq(dbg_runtime(&fc, 1), SIM_LATER);
	ck_assert_int_eq(dbg_bytes(), 1);
	fc.call.cancel(&fc.call);
	ck_assert_int_eq(dbg_runtime(&fc, 1), SIM_LATER);
	ck_assert_int_eq(dbg_bytes(), 0);
	ck_assert_int_eq(dbg_send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
	ck_assert(fc.finished && fc.result == 0);
	ck_assert(!dbg.target->debug.runtime_retry);
}
END_TEST

START_TEST(row25_memory_violation)
{
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct dbg_args a;
	dbg_attach_with_queue(VIOLATION_BIT);
	dbg.target->pdds[0].tba = 0x1000;
	struct fake_dispatch d = { .kernel = fake_kernel(dbg.driver, &shape, code_fault, TAP_COUNT(code_fault)), .grid = { 64 }, .group = { 64 } };
	fake_dispatch(dbg.driver, &dbg.fq, &d);
	fake_run_us(dbg.driver, 300);
	ck_assert_int_eq(dbg_query(0, &a), 0);
	ck_assert(a.event.mask == VIOLATION_BIT && a.event.gpu == dbg.gpu && a.event.queue == 0);
	ck_assert(!dbg.target->queues->evicted);
	ck_assert_uint_eq(dbg.driver->memory_events, 0);
	uint8_t record[32];
	a = (struct dbg_args){ .info = { (uint64_t)(uintptr_t)record, 32, dbg.gpu, 33, 0 } };
	ck_assert_int_eq(dbg_trap(QUERY_INFO, &a), 0);
	ck_assert_uint_eq(a.info.size, 0);
	dbg.driver->options.memory_record = true;
	a = (struct dbg_args){ .info = { (uint64_t)(uintptr_t)record, 32, dbg.gpu, 33, 0 } };
	ck_assert_int_eq(dbg_trap(QUERY_INFO, &a), 0);
	ck_assert_uint_eq(a.info.size, 32);
	/* the wave exception was not subscribed to: the runtime has it, the bit stays */
	ck_assert_uint_eq(*dbg.fq.payload, 0x10);
	ck_assert_uint_eq(dbg.target->queues->exception_status & 0x3f, 0x10);
	/* forwarding is the debugger's duty */
	ck_assert_int_eq(dbg_send_runtime(VIOLATION_BIT, dbg.gpu + 1, 0), -ENODEV);
	ck_assert_int_eq(dbg_send_runtime(VIOLATION_BIT, dbg.gpu, 0), 0);
	ck_assert_uint_eq(dbg.driver->memory_events, 1);
	ck_assert(dbg.target->queues->evicted);
	uint64_t va;
	memcpy(&va, dbg.driver->memory_record + 16, 8);
	ck_assert_uint_eq(va, 0x1000);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(row01_enable_creates_the_process), TAP_ONE(row02_row03_handshake), TAP_ONE(row04_enable_after_runtime),
		TAP_ONE(row05_enable_twice), TAP_ONE(row06_strangers), TAP_ONE(row06_rights_after_enable),
		TAP_ONE(row07_not_enabled), TAP_ONE(row08_hardware_ops_need_the_runtime),
		TAP_ONE(row09_to_row13_suspend_and_resume), TAP_ONE(suspend_argument_errors), TAP_ONE(suspend_during_a_reset),
		TAP_ONE(row14_trap_of_a_new_queue), TAP_ONE(row15_launch_override), TAP_ONE(row17_row18_watches),
		TAP_ONE(row19_query_info_errors), TAP_ONE(row20_destroy_blocks_while_suspended), TAP_ONE(row21_debugger_dies),
		TAP_ONE(row22_target_dies), TAP_ONE(target_execs), TAP_ONE(row23_credit_before_the_handshake),
		TAP_ONE(row24_disable_during_a_handshake), TAP_ONE(interrupted_handshake_is_not_announced_twice),
		TAP_ONE(row25_memory_violation),
	};
	return TAP_RUN("debug interface", tests, dbg_setup, dbg_teardown);
}
