/* The CPU side of the target: one traced process whose threads keep running while GPU waves are debugged (PTRACE_SEIZE). Everything here is
 * called from the program's one thread, which is the ptracer. */
#ifndef SRC_HOST_HOST_H
#define SRC_HOST_HOST_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "src/base/err.h"

struct host;

/* Starts argv[0] (found by PATH) with its own process group, traced from its first instruction and stopped there. Address space
 * randomisation is left on; standard input and output are inherited. */
int host_launch(char *const argv[], struct host **out, struct dbg_error *err);
/* Seizes every thread of a running process; none is stopped for longer than the seizing takes. */
int host_attach(pid_t pid, struct host **out, struct dbg_error *err);
/* Lets go: internal breakpoints out, every stopped thread continued, PTRACE_DETACH. Frees h. */
void host_detach(struct host *h);
/* Ends the process and reaps it. Frees h. */
void host_kill(struct host *h);

pid_t host_pid(const struct host *h);
bool host_was_attached(const struct host *h); /* attached, not launched */

enum host_event_kind {
	HOST_NONE,
	HOST_EXITED,     /* value: exit status; the process is gone */
	HOST_TERMINATED, /* value: host signal number; the process is gone */
	HOST_BREAKPOINT, /* tid stopped at an inserted breakpoint, addr; it stays stopped until host_continue_from() */
	HOST_SIGNAL,     /* tid got a signal that a debugger reports (value: host signal number); it stays stopped */
	HOST_EXEC,       /* the process executed a new program; stopped */
	HOST_STOPPED,    /* tid stopped for a reason that is none of the others; not used for host_launch() and host_stop(), which return
	                    with the thread stopped */
	HOST_STEPPED,    /* tid finished a host_step() */
};
struct host_event {
	enum host_event_kind kind;
	pid_t tid;
	int value;
	uint64_t addr;
};
/* Takes what waitpid has, without blocking: call until HOST_NONE, each time SIGCHLD was seen. New threads, group stops and signals that need no
 * report (SIGCHLD, SIGALRM, real-time signals ...) are handled inside and passed on. */
int host_next_event(struct host *h, struct host_event *out, struct dbg_error *err);

/* The guard (guard.h) that is told of every int3 while it is in the code; borrowed, NULL for none. Set it before the first breakpoint and reset it
 * before the guard is stopped. */
struct guard;
void host_set_guard(struct host *h, struct guard *g);

/* Breakpoints in host code (int3), reference counted by address. A thread that hits one and is continued steps over it first, with the other
 * threads unaffected (they are held for the moment of the step). */
int host_break_insert(struct host *h, uint64_t addr, struct dbg_error *err);
int host_break_remove(struct host *h, uint64_t addr, struct dbg_error *err);
/* Replaces the int3 bytes in a copy of target memory [addr, addr + n) by the program's own. */
void host_break_hide(const struct host *h, uint64_t addr, void *buf, size_t n);

/* Threads. */
size_t host_threads(struct host *h, pid_t *out, size_t max); /* leader first; returns how many there are */
/* All of them, leader first. *out is owned by the caller. */
int host_thread_list(struct host *h, pid_t **out, size_t *n, struct dbg_error *err);
bool host_thread_alive(struct host *h, pid_t tid);
bool host_thread_stopped(struct host *h, pid_t tid);
/* Stops one thread now (PTRACE_INTERRUPT and waits for it); no event is reported for it. */
int host_stop(struct host *h, pid_t tid, struct dbg_error *err);
/* Continues a stopped thread, over the breakpoint it stands at if any, with host signal `sig` delivered (0 none). */
int host_continue(struct host *h, pid_t tid, int sig, struct dbg_error *err);
int host_step(struct host *h, pid_t tid, int sig, struct dbg_error *err); /* one instruction; ends in HOST_STEPPED */
void host_forget_step(struct host *h, pid_t tid); /* nobody waits for the end of a host_step() any more: it is not told */
int host_get_regs(struct host *h, pid_t tid, struct user_regs_struct *gp, struct user_fpregs_struct *fp, struct dbg_error *err);
int host_set_regs(struct host *h, pid_t tid, const struct user_regs_struct *gp, const struct user_fpregs_struct *fp, struct dbg_error *err);

/* What the kernel says of the stop that the thread is in. */
int host_siginfo(struct host *h, pid_t tid, siginfo_t *out, struct dbg_error *err);
/* Signals (bit n: number n + 1) that the program gets without a report; all others are reported. NULL: the client has not said; then only faults and
 * the like are. */
void host_set_pass_signals(struct host *h, const uint64_t *set);
/* Signals that may be delivered at host_detach() without anybody having asked for it; the others are dropped. NULL: all. */
void host_set_program_signals(struct host *h, const uint64_t *set);

/* Files of /proc. */
int host_exec_path(struct host *h, char *buf, size_t n, struct dbg_error *err);   /* /proc/PID/exe */
int host_auxv(struct host *h, void **out, size_t *n, struct dbg_error *err);      /* malloc'ed */
/* Load bias of the main program (0 for a fixed-address one): from AT_PHDR and its program headers. */
int host_load_bias(struct host *h, uint64_t *bias, struct dbg_error *err);
/* Memory goes through kif_mem_read / kif_mem_write (/proc/PID/mem); before a kernel seam exists, through these. */
int host_mem_read(struct host *h, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err);
int host_mem_write(struct host *h, uint64_t addr, const void *buf, size_t n, size_t *put, struct dbg_error *err);

#endif
