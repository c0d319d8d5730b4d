/* Life of the traced process: launch, attach, detach, kill. */
#include "src/host/guard.h"
#include "src/host/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "src/base/log.h"

/* No PTRACE_O_EXITKILL: if the stub dies, the target lives on. */
static const long trace_options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXEC;

static struct host *host_new(pid_t pid, bool attached, struct dbg_error *err)
{
	struct host *h = calloc(1, sizeof *h);
	if (!h) {
		dbg_fail(err, DBG_INTERNAL, "out of memory");
		return NULL;
	}
	h->pid = pid;
	h->attached = attached;
	h->mem = -1;
	return h;
}

static void host_free(struct host *h)
{
	if (h->mem >= 0)
		close(h->mem);
	free(h->threads);
	free(h->children);
	free(h->breaks);
	free(h);
}

pid_t host_pid(const struct host *h)
{
	return h->pid;
}

bool host_was_attached(const struct host *h)
{
	return h->attached;
}

/* --- launch --- */

static void reset_signals(void)
{
	/* The stub ignores these two and blocks what its loop watches; neither is the program's business. */
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: waits until it is traced, then becomes the program, or says why not. */
static void child_main(char *const argv[], int go, int report)
{
	setpgid(0, 0);
	reset_signals();
	char byte;
	ssize_t r;
	while ((r = read(go, &byte, 1)) < 0 && errno == EINTR)
		;
	if (r == 1) {
		execvp(argv[0], argv);
		int e = errno;
		r = write(report, &e, sizeof e);
	}
	_exit(127);
}

static void end_child(pid_t pid)
{
	int status;
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
		;
}

/* Until the stop of the exec. Reports of the child come before its end. */
static int wait_exec(pid_t pid, const char *program, int report, struct dbg_error *err)
{
	for (;;) {
		int status;
		pid_t r = waitpid(pid, &status, __WALL);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return dbg_fail_errno(err, DBG_INTERNAL, errno, "the new process cannot be waited for");
		if (WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_EXEC)
			return 0;
		if (WIFSTOPPED(status)) { /* a signal that came early */
			int sig = status >> 16 ? 0 : WSTOPSIG(status);
			ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)sig);
			continue;
		}
		int e;
		if (read(report, &e, sizeof e) == sizeof e)
			return dbg_fail_errno(err, DBG_BAD_REQUEST, e, "%s cannot be run", program);
		return dbg_fail(err, DBG_GONE, "the new process ended before it could run %s", program);
	}
}

static int trace_child(pid_t pid, char *const argv[], int go, int report, struct host **out, struct dbg_error *err)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)trace_options) < 0) {
		int e = errno;
		end_child(pid);
		return dbg_fail_errno(err, DBG_REFUSED, e, "the new process cannot be traced");
	}
	if (write(go, "", 1) != 1) {
		int e = errno;
		end_child(pid);
		return dbg_fail_errno(err, DBG_INTERNAL, e, "the new process cannot be started");
	}
	int rc = wait_exec(pid, argv[0], report, err);
	if (rc)
		return rc;
	struct host *h = host_new(pid, false, err);
	struct host_thread *leader = h ? host_thread_add(h, pid) : NULL;
	rc = leader ? host_open_mem(h, err) : h ? dbg_fail(err, DBG_INTERNAL, "out of memory") : -DBG_INTERNAL;
	if (rc) {
		end_child(pid);
		if (h)
			host_free(h);
		return rc;
	}
	leader->state = HOST_HELD;
	*out = h;
	return 0;
}

int host_launch(char *const argv[], struct host **out, struct dbg_error *err)
{
	if (!argv || !argv[0] || !argv[0][0])
		return dbg_fail(err, DBG_BAD_REQUEST, "no program is named");
	int go[2], report[2];
	if (pipe2(go, O_CLOEXEC) < 0)
		return dbg_fail_errno(err, DBG_INTERNAL, errno, "no pipe");
	if (pipe2(report, O_CLOEXEC) < 0) {
		int e = errno;
		close(go[0]);
		close(go[1]);
		return dbg_fail_errno(err, DBG_INTERNAL, e, "no pipe");
	}
	fflush(NULL);
	pid_t pid = fork();
	int e = errno;
	if (pid == 0) {
		close(go[1]);
		close(report[0]);
		child_main(argv, go[0], report[1]);
	}
	close(go[0]);
	close(report[1]);
	int rc;
	if (pid < 0) {
		rc = dbg_fail_errno(err, DBG_INTERNAL, e, "no new process");
	} else {
		setpgid(pid, pid); /* whoever comes first */
		rc = trace_child(pid, argv, go[1], report[0], out, err);
	}
	close(go[1]);
	close(report[0]);
	return rc;
}

/* --- attach --- */

static int refuse_attach(pid_t pid, int e, struct dbg_error *err)
{
	if (e == ESRCH)
		return dbg_fail(err, DBG_GONE, "there is no process %d", (int)pid);
	long tracer = host_status_number(pid, "TracerPid");
	if (tracer > 0)
		return dbg_fail(err, DBG_REFUSED, "process %d is already traced by process %ld", (int)pid, tracer);
	if (e == EPERM)
		return dbg_fail_errno(err, DBG_REFUSED, e, "process %d cannot be traced: it belongs to somebody else, or "
			"/proc/sys/kernel/yama/ptrace_scope forbids it", (int)pid);
	return dbg_fail_errno(err, DBG_REFUSED, e, "process %d cannot be traced", (int)pid);
}

/* Seizes what is not traced yet. *again: something was found. Threads that end meanwhile do not matter. */
static int seize_round(struct host *h, bool *again, struct dbg_error *err)
{
	pid_t *ids;
	size_t n;
	int rc = host_task_list(h->pid, &ids, &n, err);
	if (rc)
		return rc;
	*again = false;
	for (size_t i = 0; i < n && !rc; i++) {
		if (host_find(h, ids[i]))
			continue;
		int e = ptrace(PTRACE_SEIZE, ids[i], NULL, (void *)trace_options) < 0 ? errno : 0;
		/* A thread born of one that is traced is traced already. */
		bool ours = e == EPERM && host_status_number(ids[i], "TracerPid") == (long)getpid();
		/* A thread that is ending is refused (EPERM) or not found; a living one is refused only for its leader's or another tracer's
		 * sake. */
		bool ending = e && !ours && ids[i] != h->pid && host_status_number(ids[i], "TracerPid") <= 0;
		if (ending)
			continue;
		if (e && !ours) {
			rc = refuse_attach(ids[i], e, err);
		} else if (!e || ours) {
			struct host_thread *t = host_thread_add(h, ids[i]);
			if (!t)
				rc = dbg_fail(err, DBG_INTERNAL, "out of memory");
			else
				t->fresh = ours;
			*again = true;
		}
	}
	free(ids);
	return rc;
}

enum { GUARD_ROUNDS = 500, GUARD_WAIT_US = 10000 };

int host_attach(pid_t pid, struct host **out, struct dbg_error *err)
{
	if (pid <= 0)
		return dbg_fail(err, DBG_BAD_REQUEST, "%d is no process id", (int)pid);
	if (pid == getpid())
		return dbg_fail(err, DBG_BAD_REQUEST, "a debugger cannot attach to itself");
	long leader = host_status_number(pid, "Tgid");
	if (leader < 0)
		return dbg_fail(err, DBG_GONE, "there is no process %d", (int)pid);
	if (leader != pid)
		return dbg_fail(err, DBG_BAD_REQUEST, "%d is a thread of process %ld: attach to the process", (int)pid, leader);
	/* A debugger died a moment ago, and its guard is cleaning up. */
	for (int i = 0; i < GUARD_ROUNDS && guard_traces(pid); i++)
		usleep(GUARD_WAIT_US);
	struct host *h = host_new(pid, true, err);
	if (!h)
		return -DBG_INTERNAL;
	bool again = true;
	int rc = 0;
	while (!rc && again)
		rc = seize_round(h, &again, err);
	if (!rc)
		rc = host_open_mem(h, err);
	if (rc) {
		host_detach(h);
		return rc;
	}
	*out = h;
	return 0;
}

/* --- letting go --- */

static void detach_thread(struct host *h, struct host_thread *t)
{
	/* What a debugger was shown and never answered is delivered; a trap is the debugger's own affair. */
	int sig = t->reported_signal && t->reported_signal != SIGTRAP ? t->reported_signal : t->signal;
	if (sig && h->program_known && !(h->program >> (sig - 1) & 1))
		sig = 0;
	if (sig && !t->signal_stop) {
		syscall(SYS_tgkill, h->pid, t->tid, sig);
		sig = 0;
	}
	if (ptrace(PTRACE_DETACH, t->tid, NULL, (void *)(intptr_t)sig) < 0 && errno != ESRCH)
		log_warning("thread %d cannot be detached: %s", (int)t->tid, strerror(errno));
}

static bool all_held(const struct host *h)
{
	for (size_t i = 0; i < h->n_threads; i++)
		if (h->threads[i].state != HOST_HELD)
			return false;
	return true;
}

/* Threads may start threads until the last one is held. */
static void hold_everything(struct host *h)
{
	enum { ROUNDS = 20, PATIENCE_MS = 100 };
	for (int round = 0; round < ROUNDS && !h->gone; round++) {
		host_adopt(h);
		if (all_held(h))
			return;
		for (size_t i = 0; i < h->n_threads; i++)
			host_interrupt(&h->threads[i]);
		size_t n = h->n_threads;
		pid_t *ids = calloc(n ? n : 1, sizeof *ids);
		for (size_t i = 0; ids && i < n; i++)
			ids[i] = h->threads[i].tid;
		for (size_t i = 0; ids && i < n; i++)
			host_wait_held(h, ids[i], PATIENCE_MS);
		free(ids);
	}
	host_adopt(h);
}

static void release_children_for_good(struct host *h)
{
	for (int i = 0; h->n_children && i < 100; i++) {
		host_release_children(h);
		if (h->n_children)
			nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
}

void host_detach(struct host *h)
{
	if (!h)
		return;
	if (!h->gone) {
		hold_everything(h);
		host_breaks_out(h);
		for (size_t i = 0; i < h->n_threads; i++) {
			if (h->threads[i].state == HOST_HELD)
				detach_thread(h, &h->threads[i]);
			else
				log_warning("thread %d is in an uninterruptible system call and stays traced until wavestub ends",
					(int)h->threads[i].tid);
		}
		release_children_for_good(h);
	}
	host_free(h);
}

void host_kill(struct host *h)
{
	enum { PATIENCE_MS = 10000 };
	if (!h)
		return;
	if (!h->gone) {
		host_breaks_forget(h);
		kill(h->pid, SIGKILL);
		struct timespec pause = { 0, 1000000 };
		for (int i = 0; i < PATIENCE_MS && !h->gone; i++) {
			if (!host_poll(h)) {
				host_adopt(h);
				if (!h->gone)
					nanosleep(&pause, NULL);
			}
		}
		if (!h->gone)
			log_warning("process %d does not end: it is in an uninterruptible system call", (int)h->pid);
	}
	release_children_for_good(h);
	host_free(h);
}
