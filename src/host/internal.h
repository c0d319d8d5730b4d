/* What the parts of the host process share: host.c (life and memory), host/threads.c (ptrace stops), host/break.c, host/proc.c. */
#ifndef SRC_HOST_INTERNAL_H
#define SRC_HOST_INTERNAL_H

#include "src/host/host.h"

enum host_state {
	HOST_RUNNING,
	HOST_HELD,      /* in a ptrace stop that was reported or asked for: stays until it is continued */
	HOST_LISTENING, /* in a group stop (SIGSTOP and the like), as an untraced process would be */
};

struct host_thread {
	pid_t tid;
	enum host_state state;
	bool interrupting;   /* PTRACE_INTERRUPT was sent and no stop was seen since: the next one holds the thread */
	bool fresh;          /* its first stop is the one every new thread makes */
	bool stepping;       /* host_step() is under way */
	uint64_t step_from;  /* where it began */
	bool passing;        /* the internal step over a breakpoint is under way: its trap is not reported */
	bool at_break;       /* held at an inserted breakpoint that was reported: to be stepped over */
	bool signal_stop;    /* the present stop is a signal's: PTRACE_CONT can deliver one */
	bool group_stop;     /* the present stop is a group stop */
	int signal;          /* of a signal stop that nobody was told of, delivered when it is continued; 0 none */
	int reported_signal; /* of a reported signal stop: delivered only when the caller says so, or at detach */
	int pass_once;       /* sent by ourselves for the caller: passed on without a report */
	struct host_event pending; /* not yet reported; HOST_NONE when there is none */
};

struct host_break {
	uint64_t addr;
	unsigned uses;
	uint8_t original;
	bool inserted;
};

struct host {
	pid_t pid;
	bool attached, gone;
	bool pass_known, program_known;
	uint64_t pass, program; /* sets of signals, bit n: number n + 1 */
	unsigned vforks;      /* children that still share the memory: breakpoints are out meanwhile */
	int mem;              /* /proc/PID/mem of the present address space */
	struct guard *guard;  /* borrowed, may be NULL */
	struct host_thread *threads;
	size_t n_threads, max_threads;
	struct host_child { pid_t pid; bool copy; } *children; /* forked, traced by inheritance, to be let go at their first stop */
	size_t n_children, max_children;
	struct host_break *breaks;
	size_t n_breaks, max_breaks;
	struct host_event death; /* HOST_EXITED or HOST_TERMINATED, reported once */
};

/* host/threads.c */
struct host_thread *host_find(struct host *h, pid_t tid);
struct host_thread *host_thread_add(struct host *h, pid_t tid); /* NULL: out of memory */
/* Waits until the thread is held (also true for one that is already) or gone, at most `milliseconds`. 1 held, 0 not in time, -1 gone. */
int host_wait_held(struct host *h, pid_t tid, unsigned milliseconds);
/* PTRACE_INTERRUPT of a running or listening thread. */
void host_interrupt(struct host_thread *t);
/* Interrupts all threads but `except` and waits a moment for each; false when one is not held (it is in an uninterruptible sleep). held[] gets
 * those that ran before and are to be let go by host_release_all(). */
bool host_hold_all(struct host *h, pid_t except, unsigned milliseconds, pid_t **held, size_t *n_held);
void host_release_all(struct host *h, pid_t *held, size_t n_held); /* frees held */
/* Lets a stopped thread run; request is PTRACE_CONT or PTRACE_SINGLESTEP. */
int host_let_run(struct host *h, struct host_thread *t, int request, int sig, struct dbg_error *err);
/* Detaches forked children that have stopped. */
void host_release_children(struct host *h);
/* Threads that are traced by us although no event has told of them yet. */
void host_adopt(struct host *h);
/* Looks at every thread once, without blocking. */
bool host_poll(struct host *h);

/* host/break.c */
struct host_break *host_break_at(const struct host *h, uint64_t addr);
void host_breaks_out(struct host *h);    /* original bytes back, table kept */
void host_breaks_in(struct host *h);
void host_breaks_forget(struct host *h); /* after an exec: nothing to restore */
void host_breaks_out_of(struct host *h, pid_t child); /* of a forked copy */
/* Steps a held thread over the instruction at the breakpoint it stands on, others held. 0, or -class. */
int host_step_over(struct host *h, struct host_thread *t, struct dbg_error *err);

/* host/proc.c */
int host_open_mem(struct host *h, struct dbg_error *err);
/* Number in a line "KEY:\tN" of /proc/PID/status, -1 when there is none. */
long host_status_number(pid_t tid, const char *key);
/* Ids in /proc/PID/task; malloc'ed. */
int host_task_list(pid_t pid, pid_t **out, size_t *n, struct dbg_error *err);

#endif
