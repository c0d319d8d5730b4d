/* The ptrace stops of every thread and what follows from each. Waiting is by thread id only: the program has other children. */
#include "src/host/internal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/base/grow.h"
#include "src/base/log.h"

struct host_thread *host_find(struct host *h, pid_t tid)
{
	for (size_t i = 0; i < h->n_threads; i++)
		if (h->threads[i].tid == tid)
			return &h->threads[i];
	return NULL;
}

struct host_thread *host_thread_add(struct host *h, pid_t tid)
{
	struct host_thread *threads = dbg_grow(h->threads, h->n_threads, &h->max_threads, sizeof *threads);
	if (!threads)
		return NULL;
	h->threads = threads;
	struct host_thread *t = &threads[h->n_threads++];
	*t = (struct host_thread){ .tid = tid };
	log_debug(LOG_HOST, "thread %d", (int)tid);
	return t;
}

static void thread_drop(struct host *h, pid_t tid)
{
	struct host_thread *t = host_find(h, tid);
	if (!t)
		return;
	size_t i = (size_t)(t - h->threads);
	memmove(t, t + 1, (h->n_threads - i - 1) * sizeof *t);
	h->n_threads--;
	log_debug(LOG_HOST, "thread %d is gone", (int)tid);
}

static void end_process(struct host *h, enum host_event_kind kind, int value)
{
	if (h->gone)
		return;
	h->gone = true;
	h->death = (struct host_event){ .kind = kind, .tid = h->pid, .value = value };
	h->n_threads = 0;
	h->n_breaks = 0;
	log_debug(LOG_HOST, "process %d ended (%s %d)", (int)h->pid, kind == HOST_EXITED ? "status" : "signal", value);
}

static void hold(struct host_thread *t, enum host_event_kind kind, int value, uint64_t addr)
{
	t->state = HOST_HELD;
	t->pending = (struct host_event){ .kind = kind, .tid = t->tid, .value = value, .addr = addr };
}

int host_let_run(struct host *h, struct host_thread *t, int request, int sig, struct dbg_error *err)
{
	if (t->group_stop && request == PTRACE_CONT && !sig)
		request = PTRACE_LISTEN; /* stays stopped as without a debugger, until SIGCONT */
	/* The kernel takes a signal only in a signal stop. */
	if (sig && !t->signal_stop) {
		t->pass_once = sig;
		syscall(SYS_tgkill, h->pid, t->tid, sig);
		sig = 0;
	}
	if (ptrace(request, t->tid, NULL, (void *)(intptr_t)sig) < 0) {
		int e = errno;
		t->state = HOST_RUNNING; /* dying: its end will be seen */
		return dbg_fail_errno(err, e == ESRCH ? DBG_GONE : DBG_REFUSED, e, "thread %d cannot be continued", (int)t->tid);
	}
	t->state = request == PTRACE_LISTEN ? HOST_LISTENING : HOST_RUNNING;
	t->at_break = t->signal_stop = t->group_stop = false;
	t->signal = t->reported_signal = 0;
	return 0;
}

/* A stop that needs no report: on, unless somebody asked for the thread to be held. */
static void pass_on(struct host *h, struct host_thread *t, bool asked, int sig)
{
	if (asked) {
		t->state = HOST_HELD;
		t->signal = sig;
		return;
	}
	host_let_run(h, t, t->stepping || t->passing ? PTRACE_SINGLESTEP : PTRACE_CONT, sig, NULL);
}

/* --- new threads and processes --- */

static void add_child(struct host *h, pid_t pid, bool copy)
{
	struct host_child *children = dbg_grow(h->children, h->n_children, &h->max_children, sizeof *children);
	if (!children) {
		log_warning("out of memory: process %d stays traced", (int)pid);
		return;
	}
	h->children = children;
	children[h->n_children++] = (struct host_child){ pid, copy };
}

/* True when the child is dealt with. */
static bool release_child(struct host *h, const struct host_child *c)
{
	int status;
	pid_t r = waitpid(c->pid, &status, WNOHANG | __WALL);
	if (r == 0)
		return false;
	if (r < 0 || !WIFSTOPPED(status))
		return true;
	if (c->copy)
		host_breaks_out_of(h, c->pid);
	ptrace(PTRACE_DETACH, c->pid, NULL, NULL);
	log_debug(LOG_HOST, "forked process %d is let go", (int)c->pid);
	return true;
}

void host_release_children(struct host *h)
{
	for (size_t i = 0; i < h->n_children;) {
		if (release_child(h, &h->children[i]))
			h->children[i] = h->children[--h->n_children];
		else
			i++;
	}
}

static void took_new_task(struct host *h, struct host_thread *t, int event, bool asked)
{
	unsigned long message = 0;
	pid_t tid = t->tid;
	if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message) == 0 && message) {
		pid_t new = (pid_t)message;
		/* clone() without CLONE_THREAD and with another exit signal than SIGCHLD is reported like a thread. */
		bool thread = event == PTRACE_EVENT_CLONE && host_status_number(new, "Tgid") == h->pid;
		if (event == PTRACE_EVENT_VFORK && h->vforks++ == 0)
			host_breaks_out(h);
		if (!thread) {
			add_child(h, new, event != PTRACE_EVENT_VFORK);
		} else if (!host_find(h, new)) {
			struct host_thread *added = host_thread_add(h, new);
			if (added)
				added->fresh = true;
			t = host_find(h, tid); /* the table may have moved */
		}
	}
	pass_on(h, t, asked, 0);
}

static void take_status(struct host *h, pid_t tid, int status);

void host_adopt(struct host *h)
{
	pid_t *ids;
	size_t n;
	if (h->gone || host_task_list(h->pid, &ids, &n, NULL))
		return;
	for (size_t i = 0; i < n; i++) {
		int status;
		if (host_find(h, ids[i]))
			continue;
		pid_t r = waitpid(ids[i], &status, WNOHANG | __WALL);
		if (r < 0)
			continue; /* not traced by us */
		struct host_thread *t = host_thread_add(h, ids[i]);
		if (!t)
			break;
		t->fresh = true;
		if (r > 0)
			take_status(h, ids[i], status);
		if (h->gone)
			break;
	}
	free(ids);
}

static void took_exec(struct host *h, struct host_thread *t)
{
	struct host_thread leader = *t;
	/* The kernel has ended every other thread; the one that called exec has the leader's id now. */
	h->threads[0] = leader;
	h->n_threads = 1;
	t = &h->threads[0];
	t->tid = h->pid;
	t->stepping = t->passing = false;
	host_breaks_forget(h);
	h->vforks = 0;
	if (host_open_mem(h, NULL))
		log_warning("the memory of process %d cannot be opened after its exec", (int)h->pid);
	hold(t, HOST_EXEC, 0, 0);
}

/* --- signals --- */

/* int3: the trap is behind the instruction. */
static void took_int3(struct host *h, struct host_thread *t, bool asked)
{
	struct user_regs_struct regs;
	if (ptrace(PTRACE_GETREGS, t->tid, NULL, &regs) < 0)
		return; /* killed meanwhile */
	uint64_t addr = regs.rip - 1;
	uint8_t byte = 0xcc;
	size_t got;
	const struct host_break *b = host_break_at(h, addr);
	if (!b && (host_mem_read(h, addr, &byte, 1, &got, NULL) || got < 1 || byte == 0xcc)) {
		t->reported_signal = SIGTRAP;
		hold(t, HOST_SIGNAL, SIGTRAP, addr); /* the program's own */
		return;
	}
	regs.rip = addr;
	if (ptrace(PTRACE_SETREGS, t->tid, NULL, &regs) < 0)
		return;
	t->signal_stop = false; /* the trap is ours, nothing is left to deliver; a signal given to continue is sent anew */
	t->stepping = t->passing = false;
	if (!b) {
		pass_on(h, t, asked, 0); /* taken out between the trap and now */
		return;
	}
	t->at_break = true;
	hold(t, HOST_BREAKPOINT, 0, addr);
}

static void took_step(struct host *h, struct host_thread *t, int code, bool asked)
{
	bool reported = t->stepping;
	struct user_regs_struct regs = { .rip = 0 };
	ptrace(PTRACE_GETREGS, t->tid, NULL, &regs);
	if (reported && code == TRAP_BRKPT && regs.rip == t->step_from) {
		/* The end of the system call it was stopped in (an exec, a sleep that was interrupted): no instruction was executed yet. */
		t->signal_stop = false;
		pass_on(h, t, asked, 0);
		return;
	}
	t->stepping = t->passing = false;
	t->signal_stop = false;
	if (!reported) {
		pass_on(h, t, asked, 0);
		return;
	}
	t->at_break = host_break_at(h, regs.rip) != NULL; /* the client sees it stop there: that counts as the hit */
	hold(t, HOST_STEPPED, 0, 0);
}

void host_set_pass_signals(struct host *h, const uint64_t *set)
{
	h->pass_known = set != NULL;
	h->pass = set ? *set : 0;
}

void host_set_program_signals(struct host *h, const uint64_t *set)
{
	h->program_known = set != NULL;
	h->program = set ? *set : 0;
}

static bool is_stop_signal(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

static bool is_reported(const struct host *h, int sig)
{
	if (h->pass_known && !is_stop_signal(sig)) /* job control goes its own way */
		return !(h->pass >> (sig - 1) & 1);
	switch (sig) {
	case SIGTRAP:
	case SIGSEGV:
	case SIGILL:
	case SIGBUS:
	case SIGFPE:
	case SIGABRT:
		return true;
	case SIGINT: /* Ctrl-C on the terminal of a program we started is meant for its debugger */
		return !h->attached;
	default:
		return false;
	}
}

static int find_thread(struct host *h, pid_t tid, struct host_thread **out, struct dbg_error *err)
{
	if (h->gone)
		return dbg_fail(err, DBG_GONE, "process %d is gone", (int)h->pid);
	*out = host_find(h, tid);
	return *out ? 0 : dbg_fail(err, DBG_GONE, "there is no thread %d", (int)tid);
}

static int find_held(struct host *h, pid_t tid, struct host_thread **out, struct dbg_error *err)
{
	int rc = find_thread(h, tid, out, err);
	if (rc)
		return rc;
	return (*out)->state == HOST_HELD ? 0 : dbg_fail(err, DBG_BAD_REQUEST, "thread %d is running", (int)tid);
}

int host_siginfo(struct host *h, pid_t tid, siginfo_t *out, struct dbg_error *err)
{
	struct host_thread *t;
	int rc = find_held(h, tid, &t, err);
	if (rc == 0 && ptrace(PTRACE_GETSIGINFO, tid, NULL, out) < 0)
		rc = dbg_fail_errno(err, DBG_REFUSED, errno, "thread %d is in no stop of a signal", (int)tid);
	return rc;
}

static void took_signal(struct host *h, struct host_thread *t, int sig, bool asked)
{
	siginfo_t si;
	if (ptrace(PTRACE_GETSIGINFO, t->tid, NULL, &si) < 0)
		return; /* killed meanwhile; its end follows */
	t->signal_stop = true;
	if (sig == SIGTRAP && si.si_code == SI_KERNEL) {
		took_int3(h, t, asked);
	} else if (sig == SIGTRAP && (si.si_code == TRAP_TRACE || si.si_code == TRAP_BRKPT)) {
		/* A step over a system call says TRAP_BRKPT. One that nobody waits for any more is passed over. */
		took_step(h, t, si.si_code, asked);
	} else if (t->pass_once == sig) {
		t->pass_once = 0;
		pass_on(h, t, asked, sig);
	} else if (is_reported(h, sig)) {
		log_debug(LOG_HOST, "thread %d: %s", (int)t->tid, strsignal(sig));
		t->reported_signal = sig;
		t->stepping = t->passing = false;
		hold(t, HOST_SIGNAL, sig, 0);
	} else {
		log_debug(LOG_HOST, "thread %d: %s is passed on", (int)t->tid, strsignal(sig));
		pass_on(h, t, asked, sig);
	}
}

/* PTRACE_EVENT_STOP: an interrupt of ours, the first stop of a thread, or a group stop and its end. */
static void took_event_stop(struct host *h, struct host_thread *t, int sig, bool asked)
{
	t->group_stop = is_stop_signal(sig);
	pass_on(h, t, asked, 0);
}

/* Takes one wait status of a thread into account. May set t->pending, drop t or end the process. */
static void take_status(struct host *h, pid_t tid, int status)
{
	struct host_thread *t = host_find(h, tid);
	if (!t)
		return;
	if (WIFEXITED(status) || WIFSIGNALED(status)) {
		if (tid == h->pid)
			end_process(h, WIFEXITED(status) ? HOST_EXITED : HOST_TERMINATED, WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
		else
			thread_drop(h, tid);
		return;
	}
	if (!WIFSTOPPED(status))
		return;
	bool asked = t->interrupting;
	t->interrupting = t->fresh = false;
	t->signal_stop = t->group_stop = false;
	t->state = HOST_HELD;
	int event = status >> 16;
	switch (event) {
	case 0:
		took_signal(h, t, WSTOPSIG(status), asked);
		break;
	case PTRACE_EVENT_STOP:
		took_event_stop(h, t, WSTOPSIG(status), asked);
		break;
	case PTRACE_EVENT_CLONE:
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
		took_new_task(h, t, event, asked);
		break;
	case PTRACE_EVENT_VFORK_DONE:
		if (h->vforks && --h->vforks == 0)
			host_breaks_in(h);
		pass_on(h, t, asked, 0);
		break;
	case PTRACE_EVENT_EXEC:
		took_exec(h, t);
		break;
	default:
		pass_on(h, t, asked, 0);
		break;
	}
}

/* --- waiting --- */

/* 1: something happened to the thread; 0: nothing; -1: it is no tracee of ours any more. */
static int poll_thread(struct host *h, pid_t tid)
{
	int status;
	pid_t r = waitpid(tid, &status, WNOHANG | __WALL);
	if (r == 0)
		return 0;
	if (r > 0) {
		take_status(h, tid, status);
		return 1;
	}
	if (tid == h->pid)
		end_process(h, HOST_TERMINATED, SIGKILL); /* its end was collected by somebody else */
	else
		thread_drop(h, tid);
	return -1;
}

bool host_poll(struct host *h)
{
	bool any = false;
	for (size_t i = 0; i < h->n_threads && !h->gone; i++) {
		pid_t tid = h->threads[i].tid;
		if (poll_thread(h, tid))
			any = true;
		if (i < h->n_threads && h->threads[i].tid != tid)
			i--; /* the thread was dropped and the next one has moved here */
	}
	host_release_children(h);
	return any;
}

static uint64_t now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int host_wait_held(struct host *h, pid_t tid, unsigned milliseconds)
{
	uint64_t end = now_us() + (uint64_t)milliseconds * 1000;
	for (unsigned round = 0;; round++) {
		struct host_thread *t = host_find(h, tid);
		if (!t || h->gone)
			return -1;
		if (t->state == HOST_HELD)
			return 1;
		if (poll_thread(h, tid))
			continue;
		if (now_us() >= end)
			return 0;
		/* A running thread stops within microseconds; one in a system call a little later. */
		struct timespec pause = { 0, round < 20 ? 20000 : 500000 };
		nanosleep(&pause, NULL);
	}
}

void host_interrupt(struct host_thread *t)
{
	if (t->state != HOST_HELD && ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL) == 0)
		t->interrupting = true;
}

bool host_hold_all(struct host *h, pid_t except, unsigned milliseconds, pid_t **held, size_t *n_held)
{
	bool all = true;
	size_t n = 0;
	pid_t *ran = calloc(h->n_threads ? h->n_threads : 1, sizeof *ran);
	for (size_t i = 0; ran && i < h->n_threads; i++) {
		struct host_thread *t = &h->threads[i];
		/* A listening thread runs no code. */
		if (t->tid == except || t->state != HOST_RUNNING)
			continue;
		host_interrupt(t);
		ran[n++] = t->tid;
	}
	for (size_t i = 0; i < n; i++)
		if (host_wait_held(h, ran[i], milliseconds) == 0)
			all = false;
	*held = ran;
	*n_held = n;
	return all && ran;
}

void host_release_all(struct host *h, pid_t *held, size_t n_held)
{
	for (size_t i = 0; i < n_held; i++) {
		struct host_thread *t = host_find(h, held[i]);
		if (!t)
			continue;
		if (t->state != HOST_HELD)
			t->interrupting = false; /* it stops later: that stop is passed on */
		else if (t->pending.kind == HOST_NONE)
			host_let_run(h, t, t->stepping || t->passing ? PTRACE_SINGLESTEP : PTRACE_CONT, t->signal, NULL);
	}
	free(held);
}

/* --- the calls of host.h --- */

int host_next_event(struct host *h, struct host_event *out, struct dbg_error *err)
{
	(void)err;
	for (;;) {
		for (size_t i = 0; i < h->n_threads; i++) {
			struct host_thread *t = &h->threads[i];
			if (t->pending.kind == HOST_NONE)
				continue;
			*out = t->pending;
			t->pending.kind = HOST_NONE;
			return 0;
		}
		if (h->death.kind != HOST_NONE) {
			*out = h->death;
			h->death.kind = HOST_NONE;
			return 0;
		}
		if (h->gone)
			break;
		if (host_poll(h))
			continue;
		size_t before = h->n_threads;
		host_adopt(h);
		if (h->n_threads == before && !h->gone)
			break;
	}
	*out = (struct host_event){ .kind = HOST_NONE };
	return 0;
}

size_t host_threads(struct host *h, pid_t *out, size_t max)
{
	size_t n = 0;
	if (host_find(h, h->pid) && n++ < max)
		out[0] = h->pid;
	for (size_t i = 0; i < h->n_threads; i++) {
		if (h->threads[i].tid == h->pid)
			continue;
		if (n < max)
			out[n] = h->threads[i].tid;
		n++;
	}
	return n;
}

int host_thread_list(struct host *h, pid_t **out, size_t *n, struct dbg_error *err)
{
	size_t max = host_threads(h, NULL, 0);
	*out = calloc(max ? max : 1, sizeof **out);
	if (!*out)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for %zu threads", max);
	*n = host_threads(h, *out, max);
	return 0;
}

bool host_thread_alive(struct host *h, pid_t tid)
{
	return host_find(h, tid) != NULL;
}

bool host_thread_stopped(struct host *h, pid_t tid)
{
	const struct host_thread *t = host_find(h, tid);
	return t && t->state == HOST_HELD;
}

int host_stop(struct host *h, pid_t tid, struct dbg_error *err)
{
	enum { PATIENCE_MS = 2000 };
	struct host_thread *t;
	int rc = find_thread(h, tid, &t, err);
	if (rc)
		return rc;
	host_interrupt(t);
	int held = host_wait_held(h, tid, PATIENCE_MS);
	if (held > 0)
		return 0;
	if (held < 0)
		return dbg_fail(err, DBG_GONE, "thread %d ended while it was being stopped", (int)tid);
	t = host_find(h, tid);
	if (t)
		t->interrupting = false;
	return dbg_fail(err, DBG_REFUSED, "thread %d does not stop: it is in an uninterruptible system call", (int)tid);
}

static int run(struct host *h, pid_t tid, int sig, bool step, struct dbg_error *err)
{
	struct host_thread *t;
	int rc = find_held(h, tid, &t, err);
	if (rc)
		return rc;
	if (t->pending.kind != HOST_NONE)
		return 0; /* it has stopped again for a reason that the caller is about to be told */
	if (!sig)
		sig = t->signal;
	if (t->at_break) {
		rc = host_step_over(h, t, err);
		if (rc)
			return rc;
		t = host_find(h, tid);
		if (!t || h->gone || t->pending.kind != HOST_NONE)
			return 0;
		if (t->state != HOST_HELD) { /* still at it; its trap comes later */
			t->stepping = step;
			if (sig)
				syscall(SYS_tgkill, h->pid, tid, t->pass_once = sig);
			return 0;
		}
		if (step) {
			hold(t, HOST_STEPPED, 0, 0);
			t->signal = sig; /* delivered by what comes next */
			return 0;
		}
	}
	struct user_regs_struct regs;
	if (step && ptrace(PTRACE_GETREGS, tid, NULL, &regs) == 0)
		t->step_from = regs.rip;
	t->stepping = step;
	rc = host_let_run(h, t, step ? PTRACE_SINGLESTEP : PTRACE_CONT, sig, err);
	if (rc)
		t->stepping = false;
	return rc;
}

void host_forget_step(struct host *h, pid_t tid)
{
	struct host_thread *t = host_find(h, tid);
	if (!t)
		return;
	t->stepping = false;
	if (t->pending.kind == HOST_STEPPED)
		t->pending.kind = HOST_NONE;
}

int host_continue(struct host *h, pid_t tid, int sig, struct dbg_error *err)
{
	return run(h, tid, sig, false, err);
}

int host_step(struct host *h, pid_t tid, int sig, struct dbg_error *err)
{
	return run(h, tid, sig, true, err);
}

static int regs_failed(pid_t tid, const char *what, struct dbg_error *err)
{
	int e = errno;
	return dbg_fail_errno(err, e == ESRCH ? DBG_GONE : DBG_REFUSED, e, "the registers of thread %d cannot be %s", (int)tid, what);
}

int host_get_regs(struct host *h, pid_t tid, struct user_regs_struct *gp, struct user_fpregs_struct *fp, struct dbg_error *err)
{
	struct host_thread *t;
	int rc = find_held(h, tid, &t, err);
	if (rc)
		return rc;
	struct user_regs_struct g;
	struct user_fpregs_struct f;
	if ((gp && ptrace(PTRACE_GETREGS, tid, NULL, &g) < 0) || (fp && ptrace(PTRACE_GETFPREGS, tid, NULL, &f) < 0))
		return regs_failed(tid, "read", err);
	if (gp)
		*gp = g;
	if (fp)
		*fp = f;
	return 0;
}

int host_set_regs(struct host *h, pid_t tid, const struct user_regs_struct *gp, const struct user_fpregs_struct *fp, struct dbg_error *err)
{
	struct host_thread *t;
	int rc = find_held(h, tid, &t, err);
	if (rc)
		return rc;
	if ((gp && ptrace(PTRACE_SETREGS, tid, NULL, gp) < 0) || (fp && ptrace(PTRACE_SETFPREGS, tid, NULL, fp) < 0))
		return regs_failed(tid, "written", err);
	if (gp)
		t->at_break = t->at_break && host_break_at(h, gp->rip);
	return 0;
}
