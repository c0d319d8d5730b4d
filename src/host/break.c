#include "src/host/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/base/grow.h"
#include "src/base/log.h"
#include "src/host/guard.h"

static const uint8_t int3 = 0xcc;

struct host_break *host_break_at(const struct host *h, uint64_t addr)
{
	for (size_t i = 0; i < h->n_breaks; i++)
		if (h->breaks[i].addr == addr)
			return &h->breaks[i];
	return NULL;
}

void host_set_guard(struct host *h, struct guard *g)
{
	h->guard = g;
}

static int write_byte(struct host *h, uint64_t addr, uint8_t byte, struct dbg_error *err)
{
	size_t put;
	int rc = host_mem_write(h, addr, &byte, 1, &put, err);
	if (!rc && put < 1)
		rc = dbg_fail(err, DBG_REFUSED, "memory at 0x%llx cannot be written", (unsigned long long)addr);
	return rc;
}

static int put_in(struct host *h, struct host_break *b, struct dbg_error *err)
{
	if (b->inserted || h->vforks)
		return 0; /* at the end of the vfork */
	size_t got;
	int rc = host_mem_read(h, b->addr, &b->original, 1, &got, err);
	if (!rc && got < 1)
		rc = dbg_fail(err, DBG_REFUSED, "there is no code at 0x%llx", (unsigned long long)b->addr);
	if (!rc && h->guard)
		rc = guard_note(h->guard, b->addr, &b->original, 1, err);
	if (rc)
		return rc;
	rc = write_byte(h, b->addr, int3, err);
	if (rc && h->guard)
		guard_forget(h->guard, b->addr);
	b->inserted = !rc;
	return rc;
}

static int take_out(struct host *h, struct host_break *b, struct dbg_error *err)
{
	if (!b->inserted)
		return 0;
	int rc = write_byte(h, b->addr, b->original, err);
	/* Also when it failed: the code is unmapped and nothing is there to restore. */
	b->inserted = false;
	if (h->guard)
		guard_forget(h->guard, b->addr);
	return rc;
}

int host_break_insert(struct host *h, uint64_t addr, struct dbg_error *err)
{
	struct host_break *b = host_break_at(h, addr);
	if (b) {
		b->uses++;
		return 0;
	}
	if (h->gone)
		return dbg_fail(err, DBG_GONE, "process %d is gone", (int)h->pid);
	struct host_break *breaks = dbg_grow(h->breaks, h->n_breaks, &h->max_breaks, sizeof *breaks);
	if (!breaks)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	h->breaks = breaks;
	struct host_break fresh = { .addr = addr, .uses = 1 };
	int rc = put_in(h, &fresh, err);
	if (rc)
		return rc;
	h->breaks[h->n_breaks++] = fresh;
	log_debug(LOG_HOST, "breakpoint at 0x%llx", (unsigned long long)addr);
	return 0;
}

int host_break_remove(struct host *h, uint64_t addr, struct dbg_error *err)
{
	struct host_break *b = host_break_at(h, addr);
	if (!b)
		return dbg_fail(err, DBG_BAD_REQUEST, "there is no host breakpoint at 0x%llx", (unsigned long long)addr);
	if (--b->uses)
		return 0;
	int rc = take_out(h, b, err);
	*b = h->breaks[--h->n_breaks];
	for (size_t i = 0; i < h->n_threads; i++) {
		/* No step over it is needed any more; another breakpoint cannot be at the same place. */
		struct user_regs_struct regs;
		struct host_thread *t = &h->threads[i];
		if (t->at_break && ptrace(PTRACE_GETREGS, t->tid, NULL, &regs) == 0 && regs.rip == addr)
			t->at_break = false;
	}
	return rc;
}

void host_break_hide(const struct host *h, uint64_t addr, void *buf, size_t n)
{
	for (size_t i = 0; i < h->n_breaks; i++) {
		const struct host_break *b = &h->breaks[i];
		if (b->inserted && b->addr >= addr && b->addr - addr < n)
			((uint8_t *)buf)[b->addr - addr] = b->original;
	}
}

void host_breaks_out(struct host *h)
{
	for (size_t i = 0; i < h->n_breaks; i++)
		take_out(h, &h->breaks[i], NULL);
}

void host_breaks_in(struct host *h)
{
	struct dbg_error err;
	for (size_t i = 0; i < h->n_breaks; i++)
		if (put_in(h, &h->breaks[i], &err))
			log_warning("a host breakpoint is lost: %s", err.text);
}

void host_breaks_forget(struct host *h)
{
	for (size_t i = 0; i < h->n_breaks && h->guard; i++)
		if (h->breaks[i].inserted)
			guard_forget(h->guard, h->breaks[i].addr);
	h->n_breaks = 0;
}

void host_breaks_out_of(struct host *h, pid_t child)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/mem", (int)child);
	int fd = h->n_breaks ? open(path, O_RDWR | O_CLOEXEC) : -1;
	for (size_t i = 0; fd >= 0 && i < h->n_breaks; i++) {
		const struct host_break *b = &h->breaks[i];
		if (b->inserted && pwrite(fd, &b->original, 1, (off_t)b->addr) < 0)
			log_warning("process %d keeps a breakpoint at 0x%llx", (int)child, (unsigned long long)b->addr);
	}
	if (fd >= 0)
		close(fd);
}

/* Signals that came before the step was made; sent again afterwards. */
static void send_again(struct host *h, pid_t tid, uint64_t signals)
{
	for (int sig = 1; sig < 64; sig++)
		if (signals >> sig & 1)
			syscall(SYS_tgkill, h->pid, tid, sig);
}

/* The step itself. An instruction that sleeps in the kernel is left to itself: it was fetched long ago. */
static int step_once(struct host *h, pid_t tid, struct dbg_error *err)
{
	enum { PATIENCE_MS = 200, ROUNDS = 64 };
	uint64_t signals = 0;
	for (int round = 0; round < ROUNDS; round++) {
		struct host_thread *t = host_find(h, tid);
		t->passing = true;
		t->group_stop = false;
		int rc = host_let_run(h, t, PTRACE_SINGLESTEP, 0, err);
		t->interrupting = true; /* so that the trap holds the thread instead of continuing it */
		int held = rc ? -1 : host_wait_held(h, tid, PATIENCE_MS);
		t = host_find(h, tid);
		if (!t || held < 0) {
			if (t)
				t->passing = t->interrupting = false;
			return rc == -DBG_GONE ? 0 : rc;
		}
		if (held == 0) {
			t->interrupting = false;
			log_debug(LOG_HOST, "thread %d: the instruction at the breakpoint takes its time", (int)tid);
			break;
		}
		if (!t->passing || t->pending.kind != HOST_NONE)
			break;
		signals |= t->signal > 0 && t->signal < 64 ? UINT64_C(1) << t->signal : 0;
		t->signal = 0;
	}
	send_again(h, tid, signals);
	return 0;
}

int host_step_over(struct host *h, struct host_thread *t, struct dbg_error *err)
{
	enum { PATIENCE_MS = 50 };
	pid_t tid = t->tid;
	struct user_regs_struct regs;
	if (ptrace(PTRACE_GETREGS, tid, NULL, &regs) < 0)
		return 0; /* dying */
	struct host_break *b = host_break_at(h, regs.rip);
	t->at_break = false;
	if (!b || !b->inserted)
		return 0;
	pid_t *held;
	size_t n_held;
	/* A thread that cannot be held is in the kernel and stops before its next instruction. */
	host_hold_all(h, tid, PATIENCE_MS, &held, &n_held);
	int rc = 0;
	t = host_find(h, tid);
	b = host_break_at(h, regs.rip);
	if (t && b) {
		rc = take_out(h, b, err);
		if (!rc)
			rc = step_once(h, tid, err);
		struct dbg_error lost;
		b = host_break_at(h, regs.rip);
		if (b && !h->gone && put_in(h, b, &lost))
			log_warning("a host breakpoint is lost: %s", lost.text);
	}
	host_release_all(h, held, n_held);
	return rc;
}
