#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "testsuite/unit/debug_rig.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/driver/handlers.h"
#include "testsuite/unit/tap.h"

struct debug_rig dbg;

static pid_t make_child(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		for (;;)
			pause();
	}
	ck_assert_int_eq(ptrace(PTRACE_SEIZE, pid, NULL, NULL), 0);
	return pid;
}

void dbg_setup(void)
{
	dbg.driver = fake_driver(38, 1);
	dbg.gpu = dbg.driver->device.gpu_id;
	dbg.debugger = sim_process_get(dbg.driver, getpid());
	dbg.child = make_child();
	ck_assert_int_eq(pipe2(dbg.event_pipe, O_CLOEXEC | O_NONBLOCK), 0);
}

void dbg_end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) != pid)
		;
}

void dbg_teardown(void)
{
	fake_driver_free(dbg.driver);
	if (dbg.child)
		dbg_end_child(dbg.child);
	close(dbg.event_pipe[0]);
	close(dbg.event_pipe[1]);
}

int dbg_trap_as(struct sim_process *who, pid_t tid, enum dbg_op op, struct dbg_args *a, int fd)
{
	a->pid = (uint32_t)dbg.child;
	a->op = op;
	return fake_ioctl(NULL, who, tid, sim_ioctl_dbg_trap, a, sizeof(*a), fd);
}

int dbg_trap(enum dbg_op op, struct dbg_args *a)
{
	return dbg_trap_as(dbg.debugger, getpid(), op, a, op == ENABLE ? dup(dbg.event_pipe[1]) : -1);
}

int dbg_enable(uint64_t mask)
{
	struct dbg_args a = { .enable = { mask, (uint64_t)(uintptr_t)&dbg.rinfo, sizeof(dbg.rinfo), 0 } };
	memset(&dbg.rinfo, 0xff, sizeof(dbg.rinfo));
	int r = dbg_trap(ENABLE, &a);
	if (r == 0)
		ck_assert_uint_eq(a.enable.rinfo_size, 16);
	dbg.target = sim_process_find(dbg.driver, dbg.child);
	return r;
}

int dbg_runtime(struct fake_call *fc, unsigned mode)
{
	static struct { uint64_t r_debug; uint32_t mode, capabilities; } a;
	a.r_debug = 0x4321;
	a.mode = mode;
	a.capabilities = 77;
	return fake_ioctl(fc, dbg.target, dbg.child, sim_ioctl_runtime_enable, &a, sizeof(a), -1);
}

int dbg_query(uint64_t clear, struct dbg_args *a)
{
	*a = (struct dbg_args){ .event = { clear, 0xffff, 0xffff } };
	return dbg_trap(QUERY_EVENT, a);
}

int dbg_send_runtime(uint64_t mask, uint32_t gpu_id, uint32_t queue)
{
	struct dbg_args a = { .event = { mask, gpu_id, queue } };
	return dbg_trap(SEND_RUNTIME_EVENT, &a);
}

int dbg_bytes(void)
{
	char buf[256];
	ssize_t n = read(dbg.event_pipe[0], buf, sizeof(buf));
	for (ssize_t i = 0; i < n; i++)
		ck_assert_int_eq(buf[i], '.');
	return n < 0 ? 0 : (int)n;
}

void dbg_attach_with_queue(uint64_t mask)
{
	dbg.target = sim_process_get(dbg.driver, dbg.child);
	ck_assert_int_eq(dbg_runtime(NULL, 3), 0);
	ck_assert_int_eq(dbg_enable(mask), 0);
	dbg.fq = fake_queue_create(dbg.driver, dbg.target);
}

int dbg_suspend(uint32_t *ids, uint32_t n, uint64_t clear)
{
	struct dbg_args a = { .suspend = { clear, (uint64_t)(uintptr_t)ids, n, 0 } };
	return dbg_trap(SUSPEND, &a);
}

int dbg_resume(uint32_t *ids, uint32_t n)
{
	struct dbg_args a = { .resume = { (uint64_t)(uintptr_t)ids, n, 0 } };
	return dbg_trap(RESUME, &a);
}

int dbg_snapshot(uint64_t clear, uint32_t *n, uint32_t *size)
{
	struct dbg_args a = { .snapshot = { clear, (uint64_t)(uintptr_t)dbg.entries, *n, *size } };
	int r = dbg_trap(QUEUE_SNAPSHOT, &a);
	*n = a.snapshot.n;
	*size = a.snapshot.entry;
	return r;
}

void dbg_know_queues(void)
{
	uint32_t n = TAP_COUNT(dbg.entries), size = sizeof(dbg.entries[0]);
	ck_assert_int_eq(dbg_snapshot(NEW_BIT, &n, &size), 0);
}

int dbg_set_watch(uint32_t *id)
{
	struct dbg_args a = { .watch = { 0x7f0000001000, 1, 0xffffff80, dbg.gpu, 99 } };
	int r = dbg_trap(SET_WATCH, &a);
	*id = a.watch.id;
	return r;
}

int dbg_destroy_queue(struct fake_call *fc, uint32_t id)
{
	static uint32_t args[2];
	args[0] = id;
	return fake_ioctl(fc, dbg.target, dbg.child, sim_ioctl_destroy_queue, args, sizeof(args), -1);
}
