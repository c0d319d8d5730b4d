/* The simulated driver's debug interface, row by row of kfd-debug-interface.md 10, and its sharp edges (section 9). The target is a real
 * child that this process traces, so that authorisation is the real one. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/driver/handlers.h"
#include "testsuite/unit/gpu_fake.h"
#include "testsuite/unit/gpu_kernels.h"
#include "testsuite/unit/tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum op {
	ENABLE, DISABLE, SEND_RUNTIME_EVENT, SET_EXCEPTIONS, OVERRIDE, LAUNCH_MODE, SUSPEND, RESUME, SET_WATCH, CLEAR_WATCH, SET_FLAGS,
	QUERY_EVENT, QUERY_INFO, QUEUE_SNAPSHOT, DEVICE_SNAPSHOT,
};
#define RUNTIME_BIT UINT64_C(0x800000000000)
#define VIOLATION_BIT UINT64_C(0x100000000)
#define DELETE_BIT UINT64_C(0x80000000)
#define NEW_BIT UINT64_C(0x40000000)

struct args {
	uint32_t pid, op;
	union {
		struct { uint64_t mask, rinfo; uint32_t rinfo_size, fd; } enable;
		struct { uint64_t mask; uint32_t gpu, queue; } event;
		struct { uint32_t mode, enable, support, pad; } override;
		struct { uint32_t value, pad; } word;
		struct { uint64_t mask, ids; uint32_t n, grace; } suspend;
		struct { uint64_t ids; uint32_t n, pad; } resume;
		struct { uint64_t address; uint32_t mode, mask, gpu, id; } watch;
		struct { uint32_t gpu, id; } clear;
		struct { uint64_t ptr; uint32_t size, source, code, clear; } info;
		struct { uint64_t mask, buf; uint32_t n, entry; } snapshot;
	};
};
_Static_assert(sizeof(struct args) == 32, "DBG_TRAP");

static struct sim_driver *driver;
static struct sim_process *debugger, *target;
static pid_t child;
static int event_pipe[2];
static struct fake_queue fq;
static uint32_t gpu;

static pid_t make_child(bool trace)
{
	pid_t pid = fork();
	if (pid == 0) {
		for (;;)
			pause();
	}
	if (trace)
		ck_assert_int_eq(ptrace(PTRACE_SEIZE, pid, NULL, NULL), 0);
	return pid;
}

static void setup(void)
{
	driver = fake_driver(38, 1);
	gpu = driver->device.gpu_id;
	debugger = sim_process_get(driver, getpid());
	child = make_child(true);
	ck_assert_int_eq(pipe2(event_pipe, O_CLOEXEC | O_NONBLOCK), 0);
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) != pid)
		;
}

static void teardown(void)
{
	fake_driver_free(driver);
	if (child)
		end_child(child);
	close(event_pipe[0]);
	close(event_pipe[1]);
}

static int trap_as(struct sim_process *who, pid_t tid, enum op op, struct args *a, int fd)
{
	a->pid = (uint32_t)child;
	a->op = op;
	return fake_ioctl(NULL, who, tid, sim_ioctl_dbg_trap, a, sizeof(*a), fd);
}

static int trap(enum op op, struct args *a)
{
	return trap_as(debugger, getpid(), op, a, op == ENABLE ? dup(event_pipe[1]) : -1);
}

static struct { uint64_t r_debug; uint32_t state, ttmp; } rinfo;

static int enable(uint64_t mask)
{
	struct args a = { .enable = { mask, (uint64_t)(uintptr_t)&rinfo, sizeof(rinfo), 0 } };
	memset(&rinfo, 0xff, sizeof(rinfo));
	int r = trap(ENABLE, &a);
	if (r == 0)
		ck_assert_uint_eq(a.enable.rinfo_size, 16);
	target = sim_process_find(driver, child);
	return r;
}

static int runtime(struct fake_call *fc, unsigned mode)
{
	static struct { uint64_t r_debug; uint32_t mode, capabilities; } a;
	a.r_debug = 0x4321;
	a.mode = mode;
	a.capabilities = 77;
	return fake_ioctl(fc, target, child, sim_ioctl_runtime_enable, &a, sizeof(a), -1);
}

static int query(uint64_t clear, struct args *a)
{
	*a = (struct args){ .event = { clear, 0xffff, 0xffff } };
	return trap(QUERY_EVENT, a);
}

static int send_runtime(uint64_t mask, uint32_t gpu_id, uint32_t queue)
{
	struct args a = { .event = { mask, gpu_id, queue } };
	return trap(SEND_RUNTIME_EVENT, &a);
}

/* Bytes that wait in the event pipe. */
static int bytes(void)
{
	char buf[256];
	ssize_t n = read(event_pipe[0], buf, sizeof(buf));
	for (ssize_t i = 0; i < n; i++)
		ck_assert_int_eq(buf[i], '.');
	return n < 0 ? 0 : (int)n;
}

/* Debug enabled, runtime enabled before it, one queue. */
static void attach_with_queue(uint64_t mask)
{
	target = sim_process_get(driver, child);
	ck_assert_int_eq(runtime(NULL, 3), 0);
	ck_assert_int_eq(enable(mask), 0);
	fq = fake_queue_create(driver, target);
}

static int suspend_ids(uint32_t *ids, uint32_t n, uint64_t clear)
{
	struct args a = { .suspend = { clear, (uint64_t)(uintptr_t)ids, n, 0 } };
	return trap(SUSPEND, &a);
}

static int resume_ids(uint32_t *ids, uint32_t n)
{
	struct args a = { .resume = { (uint64_t)(uintptr_t)ids, n, 0 } };
	return trap(RESUME, &a);
}

struct entry { uint64_t status, ring, write, read, save; uint32_t id, gpu, ring_size, type, save_size, reserved; };
static struct entry entries[8];

static int snapshot(uint64_t clear, uint32_t *n, uint32_t *size)
{
	struct args a = { .snapshot = { clear, (uint64_t)(uintptr_t)entries, *n, *size } };
	int r = trap(QUEUE_SNAPSHOT, &a);
	*n = a.snapshot.n;
	*size = a.snapshot.entry;
	return r;
}

static void know_queues(void)
{
	uint32_t n = COUNT(entries), size = sizeof(entries[0]);
	ck_assert_int_eq(snapshot(NEW_BIT, &n, &size), 0);
}

/* ------------------------------------------------------------------ section 10 */

START_TEST(row01_enable_creates_the_process)
{
	ck_assert_int_eq(enable(RUNTIME_BIT), 0);
	ck_assert_ptr_nonnull(target);
	ck_assert(rinfo.r_debug == 0 && rinfo.state == 0 && rinfo.ttmp == 0);
}
END_TEST

START_TEST(row02_row03_handshake)
{
	struct fake_call fc;
	struct args a;
	enable(RUNTIME_BIT);
	ck_assert_int_eq(runtime(&fc, 1), SIM_LATER);
	ck_assert_int_eq(bytes(), 1);
	ck_assert_int_eq(query(0, &a), 0);
	ck_assert_uint_eq(a.event.mask, RUNTIME_BIT);
	ck_assert(a.event.gpu == 0 && a.event.queue == 0);
	a = (struct args){ .info = { (uint64_t)(uintptr_t)&rinfo, 16, 0, 48, 1 } };
	ck_assert_int_eq(trap(QUERY_INFO, &a), 0);
	ck_assert_uint_eq(a.info.size, 16);
	ck_assert(rinfo.state == 1 && rinfo.r_debug == 0x4321 && rinfo.ttmp == 0);
	ck_assert_int_eq(query(0, &a), -EAGAIN);
	ck_assert_int_eq(send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
	ck_assert(fc.finished && fc.result == 0);
	ck_assert_int_eq(runtime(&fc, 0), SIM_LATER);
	ck_assert_int_eq(query(RUNTIME_BIT, &a), 0);
	ck_assert_uint_eq(a.event.mask, RUNTIME_BIT);
	ck_assert_int_eq(send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
	ck_assert(fc.finished && fc.result == 0);
	ck_assert_uint_eq(target->debug.runtime_state, 0);
}
END_TEST

START_TEST(row04_enable_after_runtime)
{
	target = sim_process_get(driver, child);
	ck_assert_int_eq(runtime(NULL, 3), 0);
	ck_assert_int_eq(enable(RUNTIME_BIT), 0);
	ck_assert(rinfo.state == 1 && rinfo.ttmp == 1 && rinfo.r_debug == 0x4321);
	ck_assert_int_eq(bytes(), 0);
}
END_TEST

START_TEST(row05_enable_twice)
{
	ck_assert_int_eq(enable(0), 0);
	ck_assert_int_eq(enable(0), -EALREADY);
}
END_TEST

START_TEST(row06_strangers)
{
	struct args a = { .enable = { 0, 0, 0, 0 } };
	/* another thread of ours is not the tracer */
	ck_assert_int_eq(trap_as(debugger, getpid() + 1, ENABLE, &a, -1), -ESRCH);
	target = sim_process_get(driver, child);
	ck_assert_int_eq(trap_as(debugger, getpid() + 1, ENABLE, &a, -1), -EPERM);
	/* itself may */
	ck_assert_int_eq(trap_as(target, child, ENABLE, &a, dup(event_pipe[1])), 0);
}
END_TEST

START_TEST(row06_rights_after_enable)
{
	struct args a = { .event = { 0, 0, 0 } };
	enable(0);
	/* from 6.12.103 on: every thread of the process that enabled; nobody else, DISABLE included */
	ck_assert_int_eq(trap_as(debugger, getpid() + 1, QUERY_EVENT, &a, -1), -EAGAIN);
	struct sim_process *other = sim_process_get(driver, getppid());
	ck_assert_int_eq(trap_as(other, getppid(), DISABLE, &a, -1), -EPERM);
	driver->options.old_debug_authority = true;
	ck_assert_int_eq(trap_as(debugger, getpid() + 1, QUERY_EVENT, &a, -1), -EPERM);
	ck_assert_int_eq(trap_as(other, getppid(), DISABLE, &a, -1), 0);
}
END_TEST

START_TEST(row07_not_enabled)
{
	struct args a = { 0 };
	target = sim_process_get(driver, child);
	for (unsigned op = DISABLE; op <= DEVICE_SNAPSHOT; op++)
		ck_assert_int_eq(trap((enum op)op, &a), -EINVAL);
	ck_assert_int_eq(trap((enum op)99, &a), -EINVAL);
	enable(0);
	ck_assert_int_eq(trap((enum op)99, &a), -EINVAL);
}
END_TEST

START_TEST(row08_hardware_ops_need_the_runtime)
{
	struct args a = { 0 };
	enable(0);
	for (unsigned op = OVERRIDE; op <= SET_FLAGS; op++)
		ck_assert_int_eq(trap((enum op)op, &a), -EPERM);
}
END_TEST

START_TEST(row09_to_row13_suspend_and_resume)
{
	uint32_t id, n = 0, size = 64;
	attach_with_queue(0);
	id = fq.id;
	ck_assert_int_eq(suspend_ids(&id, 1, 0), 0);
	ck_assert_uint_eq(id, fq.id | 0x80000000);
	memset(entries, 0x55, sizeof(entries));
	ck_assert_int_eq(snapshot(0, &n, &size), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(entries[0].status, UINT64_C(0x5555555555555555));
	ck_assert_int_eq(snapshot(NEW_BIT, &n, &size), 0);
	ck_assert_uint_eq(entries[0].status, NEW_BIT);
	ck_assert_uint_eq(entries[0].save_size, fq.save_bytes);
	ck_assert_uint_eq(entries[0].type, 2);
	ck_assert_uint_eq(entries[0].save, (uint64_t)(uintptr_t)fq.save);
	ck_assert_int_eq(snapshot(0, &n, &size), 0);
	ck_assert_uint_eq(entries[0].status, 0);
	for (unsigned i = 0; i < 2; i++) {
		id = fq.id;
		memset(fq.save, 0xee, 16);
		ck_assert_int_eq(suspend_ids(&id, 1, 0), 1);
		ck_assert_uint_eq(id, fq.id);
		uint32_t stack;
		memcpy(&stack, fq.save, 4);
		ck_assert_uint_eq(stack, fq.stack_bytes);
	}
	ck_assert_int_eq(resume_ids(&id, 1), 1);
	ck_assert_int_eq(resume_ids(&id, 1), 1);
	id = 5;
	ck_assert_int_eq(resume_ids(&id, 1), 0);
	ck_assert_uint_eq(id, 0x80000005);
	uint32_t twice[2] = { fq.id, fq.id };
	ck_assert_int_eq(suspend_ids(twice, 2, 0), 1);
	ck_assert_uint_eq(twice[1], fq.id | 0x80000000);
	struct args a = { .resume = { 0, 17, 0 } };
	ck_assert_int_eq(trap(RESUME, &a), 1);
}
END_TEST

START_TEST(suspend_argument_errors)
{
	uint32_t id;
	struct args a = { .suspend = { 0, 0, 1, 0 } };
	attach_with_queue(0);
	know_queues();
	ck_assert_int_eq(trap(SUSPEND, &a), -EINVAL);
	a = (struct args){ .suspend = { 0, (uint64_t)(uintptr_t)&id, 1025, 0 } };
	ck_assert_int_eq(trap(SUSPEND, &a), -EINVAL);
	a = (struct args){ .suspend = { 0, 8, 1, 0 } };
	ck_assert_int_eq(trap(SUSPEND, &a), -EFAULT);
	id = fq.id | 0x40000000; /* an error bit left over makes it another id */
	ck_assert_int_eq(suspend_ids(&id, 1, 0), 0);
	id = fq.id | 0x80000000; /* that one is ignored */
	ck_assert_int_eq(suspend_ids(&id, 1, 0), 1);
}
END_TEST

START_TEST(suspend_during_a_reset)
{
	uint32_t id;
	attach_with_queue(0);
	know_queues();
	driver->device.resetting = true;
	id = fq.id;
	ck_assert_int_eq(suspend_ids(&id, 1, 0), 0);
	ck_assert_uint_eq(id, fq.id | 0x40000000);
	driver->device.resetting = false;
	id = fq.id; /* still marked as suspended */
	ck_assert_int_eq(suspend_ids(&id, 1, 0), 1);
	ck_assert_int_eq(resume_ids(&id, 1), 1);
}
END_TEST

START_TEST(row14_trap_of_a_new_queue)
{
	static const uint32_t code[] = { S_TRAP + 1, S_SPIN };
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct args a;
	attach_with_queue(2);
	target->pdds[0].tba = 0x1000;
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code, COUNT(code)), .grid = { 64 }, .group = { 64 } };
	fake_dispatch(driver, &fq, &d);
	fake_run_us(driver, 300);
	ck_assert_int_eq(bytes(), 1);
	ck_assert_int_eq(query(2, &a), 0);
	ck_assert_uint_eq(a.event.mask, NEW_BIT | 2);
	ck_assert_uint_eq(a.event.gpu, gpu);
	ck_assert_uint_eq(a.event.queue, fq.id);
	ck_assert_int_eq(query(2, &a), -EAGAIN);
	ck_assert(a.event.mask == 0 && a.event.gpu == 0 && a.event.queue == 0);
	ck_assert_uint_eq(*fq.payload, 0);
}
END_TEST

START_TEST(row15_launch_override)
{
	struct args a = { .override = { 0, 0x80, 0x80, 0 } };
	attach_with_queue(0);
	ck_assert_int_eq(trap(OVERRIDE, &a), 0);
	ck_assert_uint_eq(a.override.enable, 0);
	ck_assert_uint_eq(a.override.support, 0xc00001ff);
	a = (struct args){ .override = { 0, 0x80, 0x80, 0 } };
	ck_assert_int_eq(trap(OVERRIDE, &a), 0);
	ck_assert_uint_eq(a.override.enable, 0x80);
	a = (struct args){ .override = { 0, 0x7f, 0, 0 } }; /* a query */
	ck_assert_int_eq(trap(OVERRIDE, &a), 0);
	ck_assert_uint_eq(a.override.enable, 0x80);
	ck_assert_uint_eq(target->pdds[0].trap_override, 0x80);
	a = (struct args){ .override = { 0, 0, 0x200, 0 } };
	ck_assert_int_eq(trap(OVERRIDE, &a), -EACCES);
	ck_assert_uint_eq(a.override.support, 0xc00001ff);
	a = (struct args){ .override = { 2, 0, 0, 0 } };
	ck_assert_int_eq(trap(OVERRIDE, &a), -EPERM);
	ck_assert_uint_eq(a.override.support, 0xc00001ff);
}
END_TEST

static int set_watch(uint32_t *id)
{
	struct args a = { .watch = { 0x7f0000001000, 1, 0xffffff80, gpu, 99 } };
	int r = trap(SET_WATCH, &a);
	*id = a.watch.id;
	return r;
}

static int clear_watch(uint32_t id)
{
	struct args a = { .clear = { gpu, id } };
	return trap(CLEAR_WATCH, &a);
}

START_TEST(row17_row18_watches)
{
	uint32_t id;
	attach_with_queue(0);
	for (uint32_t i = 0; i < 4; i++) {
		ck_assert_int_eq(set_watch(&id), 0);
		ck_assert_uint_eq(id, i);
	}
	ck_assert_int_eq(set_watch(&id), -ENOMEM);
	ck_assert_int_eq(clear_watch(1), 0);
	ck_assert_int_eq(clear_watch(1), -EINVAL);
	ck_assert_int_eq(set_watch(&id), 0);
	ck_assert_uint_eq(id, 1);
	ck_assert_int_eq(clear_watch(7), -EINVAL);
	ck_assert_uint_eq(target->pdds[0].watch[1].mask, 0xffffffffff80);
	struct args a = { .watch = { 0, 0, 0, 0, 0 } };
	ck_assert_int_eq(trap(SET_WATCH, &a), -ENODEV);
	a = (struct args){ .clear = { gpu + 1, 0 } };
	ck_assert_int_eq(trap(CLEAR_WATCH, &a), -ENODEV);
}
END_TEST

START_TEST(row19_query_info_errors)
{
	struct args a = { .info = { (uint64_t)(uintptr_t)&rinfo, 16, 0, 7, 0 } };
	attach_with_queue(0);
	ck_assert_int_eq(trap(QUERY_INFO, &a), -EINVAL);
	a = (struct args){ .info = { (uint64_t)(uintptr_t)&rinfo, 16, fq.id, 2, 0 } };
	ck_assert_int_eq(trap(QUERY_INFO, &a), -ENODATA);
	a = (struct args){ .info = { 0, 16, fq.id, 31, 0 } };
	ck_assert_int_eq(trap(QUERY_INFO, &a), -EINVAL);
	a = (struct args){ .info = { (uint64_t)(uintptr_t)&rinfo, 16, 55, 31, 0 } };
	ck_assert_int_eq(trap(QUERY_INFO, &a), -EINVAL);
	a = (struct args){ .info = { (uint64_t)(uintptr_t)&rinfo, 16, fq.id, 31, 1 } };
	ck_assert_int_eq(trap(QUERY_INFO, &a), 0);
	ck_assert_uint_eq(a.info.size, 0);
	ck_assert_uint_eq(target->queues->exception_status, 0);
}
END_TEST

static int destroy_queue(struct fake_call *fc, uint32_t id)
{
	static uint32_t args[2];
	args[0] = id;
	return fake_ioctl(fc, target, child, sim_ioctl_destroy_queue, args, sizeof(args), -1);
}

START_TEST(row20_destroy_blocks_while_suspended)
{
	struct fake_call fc, other;
	uint32_t id, n = 8, size = 64;
	attach_with_queue(DELETE_BIT);
	know_queues();
	id = fq.id;
	ck_assert_int_eq(suspend_ids(&id, 1, 0), 1);
	ck_assert_int_eq(destroy_queue(&fc, fq.id), SIM_LATER);
	ck_assert_int_eq(destroy_queue(&other, fq.id), -EBUSY);
	ck_assert_int_eq(snapshot(0, &n, &size), 0);
	ck_assert_uint_eq(n, 1);
	fc.call.cancel(&fc.call); /* a signal: the queue lives on */
	ck_assert(fc.finished && fc.result == -EINTR);
	ck_assert_int_eq(destroy_queue(&fc, fq.id), SIM_LATER);
	ck_assert_int_eq(resume_ids(&id, 1), 1);
	ck_assert(fc.finished && fc.result == 0);
	ck_assert_ptr_null(target->queues);
	ck_assert_uint_eq(target->pdds[0].exception_status, DELETE_BIT);
	ck_assert_int_eq(bytes(), 1);
	struct args a;
	ck_assert_int_eq(query(DELETE_BIT, &a), 0);
	ck_assert(a.event.mask == DELETE_BIT && a.event.gpu == gpu && a.event.queue == 0);
	ck_assert_int_eq(destroy_queue(&fc, fq.id), -EINVAL);
}
END_TEST

START_TEST(row21_debugger_dies)
{
	uint32_t id;
	attach_with_queue(2);
	know_queues();
	id = fq.id;
	ck_assert_int_eq(suspend_ids(&id, 1, 0), 1);
	ck_assert_int_eq(set_watch(&id), 0);
	sim_process_destroy(debugger);
	ck_assert(!target->queues->suspended && sim_queue_active(target->queues));
	ck_assert_uint_eq(driver->device.watch_allocated, 0);
	ck_assert(!target->debug.enabled);
	debugger = sim_process_get(driver, getpid());
	ck_assert_int_eq(enable(0), 0);
	id = fq.id; /* its QUEUE_NEW went with the old session */
	ck_assert_int_eq(suspend_ids(&id, 1, 0), 1);
}
END_TEST

START_TEST(row22_target_dies)
{
	struct args a = { 0 };
	attach_with_queue(2);
	sim_process_destroy(target);
	ck_assert_int_eq(trap(QUERY_EVENT, &a), -ESRCH); /* alive, but without a record: as after exec */
	end_child(child);
	for (unsigned op = ENABLE; op <= DEVICE_SNAPSHOT; op++)
		ck_assert_int_eq(trap((enum op)op, &a), -ESRCH);
	child = 0;
	ck_assert_int_eq(bytes(), 0);
}
END_TEST

START_TEST(target_execs)
{
	struct args a = { 0 };
	attach_with_queue(2);
	driver->replaced = child;
	ck_assert_int_eq(trap(QUERY_EVENT, &a), -ESRCH);
	ck_assert_ptr_null(sim_process_find(driver, child));
	driver->replaced = 0;
	ck_assert_int_eq(enable(RUNTIME_BIT), 0); /* a fresh record for the new image */
	ck_assert(rinfo.state == 0 && rinfo.r_debug == 0 && !target->queues);
	/* The same through ENABLE itself. */
	driver->replaced = child;
	struct sim_process *old = target;
	old->debug.ttmp_setup = 1;
	ck_assert_int_eq(enable(RUNTIME_BIT), 0);
	ck_assert(rinfo.ttmp == 0);
}
END_TEST

START_TEST(row23_credit_before_the_handshake)
{
	struct fake_call fc;
	enable(RUNTIME_BIT);
	ck_assert_int_eq(send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
	ck_assert_int_eq(runtime(&fc, 1), 0);
	ck_assert_int_eq(runtime(&fc, 1), -EBUSY);
	ck_assert_int_eq(runtime(&fc, 0), SIM_LATER);
	ck_assert_int_eq(send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
}
END_TEST

START_TEST(row24_disable_during_a_handshake)
{
	struct fake_call fc;
	struct args a = { 0 };
	enable(RUNTIME_BIT);
	ck_assert_int_eq(runtime(&fc, 1), SIM_LATER);
	ck_assert_int_eq(trap(DISABLE, &a), 0);
	ck_assert(!fc.finished);
	fc.call.cancel(&fc.call);
	ck_assert(fc.finished && fc.result == -EINTR);
	ck_assert_int_eq(runtime(&fc, 1), 0); /* the retry */
	ck_assert_uint_eq(target->debug.runtime_state, 1);
}
END_TEST

START_TEST(interrupted_handshake_is_not_announced_twice)
{
	struct fake_call fc;
	enable(RUNTIME_BIT);
	ck_assert_int_eq(runtime(&fc, 1), SIM_LATER);
	ck_assert_int_eq(bytes(), 1);
	fc.call.cancel(&fc.call);
	ck_assert_int_eq(runtime(&fc, 1), SIM_LATER);
	ck_assert_int_eq(bytes(), 0);
	ck_assert_int_eq(send_runtime(RUNTIME_BIT, ~0u, ~0u), 0);
	ck_assert(fc.finished && fc.result == 0);
	ck_assert(!target->debug.runtime_retry);
}
END_TEST

START_TEST(row25_memory_violation)
{
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct args a;
	attach_with_queue(VIOLATION_BIT);
	target->pdds[0].tba = 0x1000;
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code_fault, COUNT(code_fault)), .grid = { 64 }, .group = { 64 } };
	fake_dispatch(driver, &fq, &d);
	fake_run_us(driver, 300);
	ck_assert_int_eq(query(0, &a), 0);
	ck_assert(a.event.mask == VIOLATION_BIT && a.event.gpu == gpu && a.event.queue == 0);
	ck_assert(!target->queues->evicted);
	ck_assert_uint_eq(driver->memory_events, 0);
	uint8_t record[32];
	a = (struct args){ .info = { (uint64_t)(uintptr_t)record, 32, gpu, 33, 0 } };
	ck_assert_int_eq(trap(QUERY_INFO, &a), 0);
	ck_assert_uint_eq(a.info.size, 0);
	driver->options.memory_record = true;
	a = (struct args){ .info = { (uint64_t)(uintptr_t)record, 32, gpu, 33, 0 } };
	ck_assert_int_eq(trap(QUERY_INFO, &a), 0);
	ck_assert_uint_eq(a.info.size, 32);
	/* the wave exception was not subscribed to: the runtime has it, the bit stays */
	ck_assert_uint_eq(*fq.payload, 0x10);
	ck_assert_uint_eq(target->queues->exception_status & 0x3f, 0x10);
	/* forwarding is the debugger's duty */
	ck_assert_int_eq(send_runtime(VIOLATION_BIT, gpu + 1, 0), -ENODEV);
	ck_assert_int_eq(send_runtime(VIOLATION_BIT, gpu, 0), 0);
	ck_assert_uint_eq(driver->memory_events, 1);
	ck_assert(target->queues->evicted);
	uint64_t va;
	memcpy(&va, driver->memory_record + 16, 8);
	ck_assert_uint_eq(va, 0x1000);
}
END_TEST

/* ------------------------------------------------------------------ the rest */

START_TEST(enable_errors)
{
	struct args a = { .enable = { 0, 8, 16, 0 } };
	ck_assert_int_eq(trap_as(debugger, getpid(), ENABLE, &a, -1), -EBADF);
	ck_assert_int_eq(trap(ENABLE, &a), -EFAULT); /* undone */
	ck_assert(!sim_process_find(driver, child)->debug.enabled);
	ck_assert_uint_eq(debugger->debug.debugged_count, 0);
	a = (struct args){ .enable = { 0, 0, 0, 0 } };
	ck_assert_int_eq(trap(ENABLE, &a), 0);
	ck_assert_uint_eq(a.enable.rinfo_size, 16);
	ck_assert_uint_eq(debugger->debug.debugged_count, 1);
}
END_TEST

START_TEST(no_task_and_no_room)
{
	struct args a = { .enable = { 0, 0, 0, 0 } };
	pid_t keep = child;
	child = 0x3fffff; /* beyond any pid here */
	ck_assert_int_eq(trap(ENABLE, &a), -ESRCH);
	child = keep;
	driver->device.resetting = true;
	ck_assert_int_eq(trap(ENABLE, &a), -EINVAL);
	driver->device.resetting = false;
	driver->no_more_processes = true;
	ck_assert_int_eq(trap(ENABLE, &a), -ENOSPC);
}
END_TEST

START_TEST(runtime_enable_rules)
{
	struct fake_call fc;
	target = sim_process_get(driver, child);
	ck_assert_int_eq(runtime(&fc, 0), 0);
	fake_queue_create(driver, target);
	ck_assert_int_eq(runtime(&fc, 1), -EEXIST);
}
END_TEST

START_TEST(set_exceptions_announces_what_is_pending)
{
	struct args a = { .event = { NEW_BIT, 0, 0 } };
	attach_with_queue(0);
	ck_assert_int_eq(bytes(), 0);
	ck_assert_int_eq(trap(SET_EXCEPTIONS, &a), 0);
	ck_assert_int_eq(bytes(), 1);
	ck_assert_int_eq(trap(SET_EXCEPTIONS, &a), 0);
	ck_assert_int_eq(bytes(), 1);
	fake_queue_create(driver, target);
	ck_assert_int_eq(bytes(), 1);
	ck_assert_int_eq(query(0, &a), 0); /* newest first */
	ck_assert_uint_eq(a.event.queue, 1);
	ck_assert_int_eq(query(NEW_BIT, &a), 0);
	ck_assert_uint_eq(a.event.queue, 1);
	ck_assert_int_eq(query(NEW_BIT, &a), 0);
	ck_assert_uint_eq(a.event.queue, 0);
	ck_assert_int_eq(query(NEW_BIT, &a), -EAGAIN);
}
END_TEST

START_TEST(launch_mode_and_flags)
{
	struct args a = { .word = { 0x101, 0 } };
	attach_with_queue(0);
	ck_assert_int_eq(trap(LAUNCH_MODE, &a), 0); /* eight bits count */
	ck_assert_uint_eq(target->pdds[0].launch_mode, 1);
	a.word.value = 2;
	ck_assert_int_eq(trap(LAUNCH_MODE, &a), -EINVAL);
	a.word.value = 0x11;
	ck_assert_int_eq(trap(SET_FLAGS, &a), 0);
	ck_assert_uint_eq(a.word.value, 0);
	a.word.value = 2;
	ck_assert_int_eq(trap(SET_FLAGS, &a), -EACCES);
	ck_assert_uint_eq(a.word.value, 0x11);
	ck_assert_uint_eq(target->debug.flags, 0x11);
	a = (struct args){ 0 };
	ck_assert_int_eq(trap(DISABLE, &a), 0);
	ck_assert_uint_eq(target->debug.flags, 0);
	ck_assert_uint_eq(target->pdds[0].launch_mode, 0);
}
END_TEST

struct device_entry { uint64_t status, apertures[6]; uint32_t word[16]; };

START_TEST(device_snapshot)
{
	struct device_entry e[2];
	struct args a = { .snapshot = { 0, 0, 0, 120 } };
	_Static_assert(sizeof(e[0]) == 120, "kfd_dbg_device_info_entry");
	enable(0);
	ck_assert_int_eq(trap(DEVICE_SNAPSHOT, &a), -EINVAL);
	a = (struct args){ .snapshot = { 0, (uint64_t)(uintptr_t)e, 0, 200 } };
	ck_assert_int_eq(trap(DEVICE_SNAPSHOT, &a), 0);
	ck_assert(a.snapshot.n == 1 && a.snapshot.entry == 120);
	a = (struct args){ .snapshot = { 0, (uint64_t)(uintptr_t)e, 16, 120 } };
	memset(e, 0xee, sizeof(e));
	/* the buffer has room for two, the driver writes one */
	ck_assert_int_eq(trap(DEVICE_SNAPSHOT, &a), 0);
	ck_assert_uint_eq(e[0].apertures[0], UINT64_C(1) << 48);
	ck_assert_uint_eq(e[0].apertures[2], UINT64_C(2) << 48);
	ck_assert_uint_eq(e[0].word[0], gpu);
	ck_assert_uint_eq(e[0].word[8], 90402);
	ck_assert_uint_eq(e[0].word[9], 38 * 4);
	ck_assert_uint_eq(e[0].word[11], 4);
	ck_assert_uint_eq(e[0].word[13], 1);
	ck_assert_uint_eq(e[0].word[14], 0x2c07a000);
	ck_assert_uint_eq(e[0].word[15], 0x5e7);
	driver->device.watch_bits_read = true;
	ck_assert_int_eq(trap(DEVICE_SNAPSHOT, &a), 0);
	ck_assert_uint_eq(e[0].word[14], 0x2c07a280);
	ck_assert_uint_eq(e[1].word[0], 0xeeeeeeee);
}
END_TEST

START_TEST(queue_snapshot_sizes)
{
	uint32_t n = 1, size = 0;
	attach_with_queue(0);
	fake_queue_create(driver, target);
	ck_assert_int_eq(snapshot(0, &n, &size), -EINVAL);
	n = 1;
	size = 100;
	memset(entries, 0, sizeof(entries));
	ck_assert_int_eq(snapshot(NEW_BIT, &n, &size), 0);
	ck_assert(n == 2 && size == 64);
	ck_assert_uint_eq(entries[0].id, 1); /* newest first; the other one keeps its bit */
	ck_assert_uint_eq(target->queues->next_in_process->exception_status, NEW_BIT);
	ck_assert_uint_eq(target->queues->exception_status, 0);
	struct args a = { .snapshot = { 0, 8, 1, 64 } };
	ck_assert_int_eq(trap(QUEUE_SNAPSHOT, &a), -EFAULT);
}
END_TEST

START_TEST(disable_resumes_and_clears)
{
	struct args a = { 0 };
	uint32_t id;
	attach_with_queue(NEW_BIT);
	know_queues();
	id = fq.id;
	ck_assert_int_eq(suspend_ids(&id, 1, 0), 1);
	ck_assert_int_eq(set_watch(&id), 0);
	target->debug.exception_status = RUNTIME_BIT;
	target->pdds[0].exception_status = DELETE_BIT;
	target->queues->exception_status = NEW_BIT | 2;
	ck_assert_int_eq(trap(DISABLE, &a), 0);
	ck_assert(sim_queue_active(target->queues));
	ck_assert_uint_eq(driver->device.watch_allocated, 0);
	ck_assert_uint_eq(target->debug.exception_status | target->pdds[0].exception_status | target->queues->exception_status, 0);
	ck_assert_int_eq(trap(DISABLE, &a), -EINVAL);
	bytes();
	fake_queue_create(driver, target);
	ck_assert_int_eq(bytes(), 0);
}
END_TEST

START_TEST(suspend_clears_what_it_is_told)
{
	uint32_t ids[2];
	attach_with_queue(0);
	know_queues();
	struct fake_queue fresh = fake_queue_create(driver, target);
	target->queues->next_in_process->exception_status = 0x3;
	ids[0] = fq.id;
	ids[1] = fresh.id;
	/* the new queue is skipped, and loses the bit because another one on its device was suspended */
	ck_assert_int_eq(suspend_ids(ids, 2, NEW_BIT | 1), 1);
	ck_assert_uint_eq(ids[0], fq.id);
	ck_assert_uint_eq(ids[1], fresh.id | 0x80000000);
	ck_assert_uint_eq(target->queues->exception_status, 0);
	ck_assert_uint_eq(target->queues->next_in_process->exception_status, 2);
}
END_TEST

START_TEST(send_to_the_runtime)
{
	attach_with_queue(0);
	ck_assert_int_eq(send_runtime(0x11, gpu, fq.id), 0);
	ck_assert_uint_eq(*fq.payload, 0x11);
	ck_assert_uint_eq(driver->event_count[FAKE_ERROR_EVENT], 1);
	ck_assert_int_eq(send_runtime(0x11, gpu, 77), 0); /* unknown queue: silently ignored */
	ck_assert_int_eq(send_runtime(VIOLATION_BIT | 0x10, gpu, fq.id), 0);
	ck_assert_uint_eq(driver->memory_events, 1); /* no record saved: a bare one */
	ck_assert_uint_eq(driver->memory_record[12], 1);
}
END_TEST

/* ------------------------------------------------------------------ queues */

static int create_with(unsigned offset, uint64_t value, unsigned n)
{
	struct fake_queue other = { .process = target };
	uint8_t args[96];
	fake_queue_args(driver, &other, args);
	memcpy(args + offset, &value, n);
	return fake_ioctl(NULL, target, child, sim_ioctl_create_queue, args, sizeof(args), -1);
}

START_TEST(create_queue_checks)
{
	target = sim_process_get(driver, child);
	ck_assert_int_eq(create_with(40, 9, 4), -524);
	ck_assert_int_eq(create_with(44, 101, 4), -EINVAL);
	ck_assert_int_eq(create_with(48, 16, 4), -EINVAL);
	ck_assert_int_eq(create_with(32, 3000, 4), -EINVAL);
	ck_assert_int_eq(create_with(8, UINT64_C(1) << 60, 8), -EFAULT);
	ck_assert_int_eq(create_with(0, 0x5000, 8), -EINVAL);
	ck_assert_int_eq(create_with(36, gpu ^ 1, 4), -EINVAL);
	ck_assert_int_eq(create_with(80, 4096, 4), -EINVAL);
	ck_assert_int_eq(create_with(84, 4096, 4), -EINVAL);
	target->pdds[0].vm_acquired = false;
	ck_assert_int_eq(create_with(0, 0x5000, 8), -ESRCH);
	target->pdds[0].vm_acquired = true;
	ck_assert_int_eq(create_with(44, 100 | 1 << 8, 4), 0);
}
END_TEST

START_TEST(ids_and_doorbells_are_reused)
{
	struct fake_call fc;
	target = sim_process_get(driver, child);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(fake_queue_create(driver, target).id, i);
	ck_assert_int_eq(destroy_queue(&fc, 1), 0);
	sim_process_doorbells(&target->pdds[0])[1] = 5;
	ck_assert_uint_eq(fake_queue_create(driver, target).id, 1);
	ck_assert_uint_eq(target->queues->doorbell, 1);
	ck_assert_uint_eq(sim_process_doorbells(&target->pdds[0])[1], UINT64_MAX);
}
END_TEST

START_TEST(update_queue_deactivates)
{
	struct { uint64_t ring; uint32_t id, size, percent, priority; } a;
	target = sim_process_get(driver, child);
	fq = fake_queue_create(driver, target);
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code_spin, 1), .grid = { 64 }, .group = { 64 } };
	fake_dispatch(driver, &fq, &d);
	fake_run_us(driver, 200);
	a.ring = (uint64_t)(uintptr_t)fq.ring;
	a.id = 44;
	a.size = fq.ring_bytes;
	a.percent = 0;
	a.priority = 7;
	ck_assert_int_eq(fake_ioctl(NULL, target, child, sim_ioctl_update_queue, &a, sizeof(a), -1), -EFAULT);
	a.id = fq.id;
	ck_assert_int_eq(fake_ioctl(NULL, target, child, sim_ioctl_update_queue, &a, sizeof(a), -1), 0);
	ck_assert(!sim_queue_active(target->queues));
	struct { uint64_t stack; uint32_t used, waves, id, pad; } state = { (uint64_t)(uintptr_t)fq.save, 0, 0, fq.id, 0 };
	ck_assert_int_eq(fake_ioctl(NULL, target, child, sim_ioctl_get_queue_wave_state, &state, sizeof(state), -1), 0);
	ck_assert_uint_eq(state.used, 16); /* two header words, a state, a wave */
	ck_assert_uint_gt(state.waves, 8 * 256);
	a.percent = 100;
	ck_assert_int_eq(fake_ioctl(NULL, target, child, sim_ioctl_update_queue, &a, sizeof(a), -1), 0);
	ck_assert_int_eq(fake_ioctl(NULL, target, child, sim_ioctl_get_queue_wave_state, &state, sizeof(state), -1), -EINVAL);
	ck_assert_uint_eq(sim_queue_wave_count(target->queues), 1);
}
END_TEST

/* Copy, fill, fence, atomic, poll, trap and time stamp of a copy queue. */
START_TEST(copy_queue)
{
	struct fake_queue sdma = { 0 };
	uint8_t args[96];
	uint64_t doorbell;
	uint32_t *src, *dst, *flags;
	target = sim_process_get(driver, child);
	fake_queue_args(driver, &sdma, args);
	args[40] = 1;
	memset(args + 72, 0, 16);
	ck_assert_int_eq(fake_ioctl(NULL, target, child, sim_ioctl_create_queue, args, sizeof(args), -1), 0);
	memcpy(&doorbell, args + 24, 8);
	src = fake_alloc(driver, 1 << 18);
	dst = fake_alloc(driver, 1 << 18);
	flags = fake_alloc(driver, 4096);
	for (unsigned i = 0; i < (1 << 18) / 4; i++)
		src[i] = i * 7;
	uint64_t s = (uint64_t)(uintptr_t)src, d = (uint64_t)(uintptr_t)dst, f = (uint64_t)(uintptr_t)flags;
	uint64_t fill = d + 0x20000, stamp = f + 64, sum = f + 128, gate = f + 192;
	uint32_t packets[] = {
		8 | 1u << 31 | 3 << 28, (uint32_t)gate, (uint32_t)(gate >> 32), 1, 0xffffffff, 0, /* wait until *gate == 1 */
		1, 0x20000 - 1, 0, (uint32_t)s, (uint32_t)(s >> 32), (uint32_t)d, (uint32_t)(d >> 32),
		11 | 2u << 30, (uint32_t)fill, (uint32_t)(fill >> 32), 0xabcd1234, 16 - 4,
		5, (uint32_t)f, (uint32_t)(f >> 32), 99,
		10 | 47u << 25, (uint32_t)sum, (uint32_t)(sum >> 32), 0xffffffff, 0xffffffff, 0, 0, 0,
		13 | 2 << 8, (uint32_t)stamp, (uint32_t)(stamp >> 32),
		0,
		6, 3,
	};
	flags[32] = 5;
	memcpy(sdma.ring, packets, sizeof(packets));
	sim_process_doorbells(&target->pdds[0])[(doorbell & 8191) / 8] = sizeof(packets);
	fake_run_us(driver, 300);
	ck_assert_uint_eq(flags[0], 0);
	flags[48] = 1;
	fake_run_us(driver, 300);
	ck_assert_mem_eq(src, dst, 0x20000);
	ck_assert(dst[0x20000 / 4 + 3] == 0xabcd1234 && dst[0x20000 / 4 + 4] == 0);
	ck_assert_uint_eq(flags[0], 99);
	ck_assert_uint_eq(flags[32], 4);
	ck_assert_uint_ne(flags[16], 0);
	ck_assert_uint_eq(driver->event_count[3], 1);
	uint64_t read;
	memcpy(&read, sdma.amd_queue + 128, 8);
	ck_assert_uint_eq(read, sizeof(packets));
}
END_TEST

/* One test case a test, so that the report names it. */
#define ADD(test) add(s, #test, test)

static void add(Suite *s, const char *name, const TTest *test)
{
	TCase *t = tcase_create(name);
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test);
	suite_add_tcase(s, t);
}

static Suite *suite(void)
{
	Suite *s = suite_create("debug interface");
	ADD(row01_enable_creates_the_process);
	ADD(row02_row03_handshake);
	ADD(row04_enable_after_runtime);
	ADD(row05_enable_twice);
	ADD(row06_strangers);
	ADD(row06_rights_after_enable);
	ADD(row07_not_enabled);
	ADD(row08_hardware_ops_need_the_runtime);
	ADD(row09_to_row13_suspend_and_resume);
	ADD(suspend_argument_errors);
	ADD(suspend_during_a_reset);
	ADD(row14_trap_of_a_new_queue);
	ADD(row15_launch_override);
	ADD(row17_row18_watches);
	ADD(row19_query_info_errors);
	ADD(row20_destroy_blocks_while_suspended);
	ADD(row21_debugger_dies);
	ADD(row22_target_dies);
	ADD(target_execs);
	ADD(row23_credit_before_the_handshake);
	ADD(row24_disable_during_a_handshake);
	ADD(interrupted_handshake_is_not_announced_twice);
	ADD(row25_memory_violation);
	ADD(enable_errors);
	ADD(no_task_and_no_room);
	ADD(runtime_enable_rules);
	ADD(set_exceptions_announces_what_is_pending);
	ADD(launch_mode_and_flags);
	ADD(device_snapshot);
	ADD(queue_snapshot_sizes);
	ADD(disable_resumes_and_clears);
	ADD(suspend_clears_what_it_is_told);
	ADD(send_to_the_runtime);
	ADD(create_queue_checks);
	ADD(ids_and_doorbells_are_reused);
	ADD(update_queue_deactivates);
	ADD(copy_queue);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
