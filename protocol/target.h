/* What a session may ask of a target. A NULL member means "not offered": not advertised in qSupported, and the packet that needs it is
 * answered as unknown (empty reply). Every operation returns 0 or -class (error.h) with *err filled; results are written only on success.
 * Pointers passed in are borrowed for the call. Nothing here blocks for longer than the operation itself takes: a resume returns at once
 * and its outcome is delivered later through rsp_session_stopped(). */
#ifndef PROTOCOL_TARGET_H
#define PROTOCOL_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/error.h"
#include "protocol/tdesc.h"

/* Multiprocess thread id. 0 = any, -1 = all. Real threads have both members above 0. */
struct rsp_ptid {
	int64_t pid, tid;
};

enum rsp_stop_kind {
	RSP_STOP_NONE,       /* nothing to report: no process */
	RSP_STOP_SIGNAL,     /* T: a thread stopped */
	RSP_STOP_EXITED,     /* W: process ended, value = exit status */
	RSP_STOP_TERMINATED, /* X: process ended by signal, value = gdb signal number */
	RSP_STOP_NO_RESUMED, /* N */
	RSP_STOP_THREAD_EXITED, /* w: a thread ended, value = its exit status; only while thread_events() are on */
};

enum rsp_stop_reason {
	RSP_REASON_NONE,
	RSP_REASON_SWBREAK,
	RSP_REASON_HWBREAK,
	RSP_REASON_WATCH,  /* addr valid */
	RSP_REASON_RWATCH, /* addr valid */
	RSP_REASON_AWATCH, /* addr valid */
	RSP_REASON_LIBRARY, /* the list of libraries changed */
	RSP_REASON_EXEC,    /* text: path of the new program */
	RSP_REASON_CREATED, /* the thread is new; only while thread_events() are on */
};

struct rsp_stop {
	enum rsp_stop_kind kind;
	struct rsp_ptid thread; /* SIGNAL: the thread; EXITED, TERMINATED: its pid */
	unsigned value;         /* SIGNAL: gdb's signal number (signum.h) */
	enum rsp_stop_reason reason;
	uint64_t addr;
	const char *text; /* borrowed until the next stop */
};

enum rsp_resume_kind { RSP_CONTINUE, RSP_STEP, RSP_RANGE_STEP, RSP_HALT };

struct rsp_resume {
	enum rsp_resume_kind kind;
	struct rsp_ptid who; /* leftmost action that matches a thread wins; a thread that none matches stays as it is */
	unsigned signal;     /* gdb's signal number to deliver, 0 none */
	uint64_t start, end; /* RANGE_STEP: [start, end) */
};

typedef void rsp_stop_emit(void *sink, const struct rsp_stop *stop);

/* A set of gdb's signal numbers (signum.h). */
enum { RSP_MAX_SIGNALS = 256 };
struct rsp_signals {
	uint64_t bits[RSP_MAX_SIGNALS / 64];
};
static inline bool rsp_signals_have(const struct rsp_signals *set, unsigned number)
{
	return number < RSP_MAX_SIGNALS && set->bits[number / 64] >> number % 64 & 1;
}

/* An expression in gdb's agent bytecode (agent.h). */
struct rsp_bytecode {
	const uint8_t *code;
	size_t n;
};

enum rsp_break_type { RSP_BREAK_SW = 0, RSP_BREAK_HW = 1, RSP_WATCH_WRITE = 2, RSP_WATCH_READ = 3, RSP_WATCH_ACCESS = 4 };

struct rsp_break {
	enum rsp_break_type type;
	uint64_t addr;
	uint64_t kind; /* breakpoints: client's idea of the instruction size, ignored; watchpoints: bytes */
	/* Only with an insert, and only when the target offers them. A breakpoint inserted again has from then on what comes with the new one. */
	const struct rsp_bytecode *conditions; /* the stop counts when any of them is true, or cannot be evaluated; none: always */
	size_t n_conditions;
	const struct rsp_bytecode *commands; /* run in this order when the stop counts; then the thread goes on. none: it stops */
	size_t n_commands;
	bool persist; /* commands: keep them when the client is gone */
};

/* One thread of the list; strings are copied by the callee of `emit`. */
struct rsp_thread {
	struct rsp_ptid id;
	const char *name;  /* NULL or text of qXfer:threads name= */
	const char *extra; /* NULL or text inside the element, e.g. the state */
	int core;          /* -1 unknown */
};
typedef void rsp_thread_emit(void *sink, const struct rsp_thread *thread);

/* A library is reported by the load bias of its ELF file: `name` may be opened through file_open. */
struct rsp_library {
	const char *name;
	/* Address of each section-less segment in order, as gdb's <segment address=>; or, when sections is true, of each allocated
	 * section in order, as <section address=>. */
	const uint64_t *addresses;
	size_t n_addresses;
	bool sections;
};
typedef void rsp_library_emit(void *sink, const struct rsp_library *library);

/* struct stat as the remote file protocol carries it, plus what the client may ask. */
struct rsp_file_stat {
	uint32_t dev, ino, mode, nlink, uid, gid, rdev;
	uint64_t size, blksize, blocks;
	uint32_t atime, mtime, ctime;
};

struct rsp_target_ops {
	/* Description of this session's view. Static while a process is attached. */
	const struct rsp_tdesc *(*tdesc)(void *t);

	/* --- process life --- */
	int (*last_stop)(void *t, struct rsp_stop *out); /* answer to `?`; kind NONE without a process */
	/* attach and run return when the process is stopped and last_stop() tells how: it becomes the answer. */
	int (*attach)(void *t, int64_t pid, struct rsp_error *err);
	/* argv[0] NULL: the program named on the command line; empty with arguments behind it: that program with these arguments. */
	int (*run)(void *t, char *const argv[], struct rsp_error *err);
	/* pid 0: the client named none. All processes of the session. */
	int (*detach)(void *t, int64_t pid, struct rsp_error *err);
	int (*kill)(void *t, int64_t pid, struct rsp_error *err);
	int (*attached)(void *t, int64_t pid, bool *existing, struct rsp_error *err); /* qAttached */

	/* --- threads --- */
	int (*threads)(void *t, rsp_thread_emit *emit, void *sink, struct rsp_error *err);
	int (*thread_alive)(void *t, struct rsp_ptid id, bool *alive);
	/* Turns 0/-1 members of *id into a concrete thread ("any"); a client without multiprocess ids gives {0, tid}. RSP_GONE when there is none. */
	int (*thread_resolve)(void *t, struct rsp_ptid *id, struct rsp_error *err);

	/* --- registers, of a concrete thread --- */
	/* buf has exactly the register's size (little endian). *available false: value unknown, sent as `xx`. */
	int (*reg_read)(void *t, struct rsp_ptid id, size_t regno, uint8_t *buf, bool *available, struct rsp_error *err);
	int (*reg_write)(void *t, struct rsp_ptid id, size_t regno, const uint8_t *buf, struct rsp_error *err);

	/* --- memory, as seen by a concrete thread --- */
	/* Reads up to len bytes; *got may be less at the end of a mapping, never 0 on success. */
	int (*mem_read)(void *t, struct rsp_ptid id, uint64_t addr, uint8_t *buf, size_t len, size_t *got, struct rsp_error *err);
	int (*mem_write)(void *t, struct rsp_ptid id, uint64_t addr, const uint8_t *buf, size_t len, struct rsp_error *err);

	/* --- breakpoints --- */
	/* RSP_UNSUPPORTED for a type that is not offered (the reply is then empty). */
	int (*break_insert)(void *t, const struct rsp_break *b, struct rsp_error *err);
	int (*break_remove)(void *t, const struct rsp_break *b, struct rsp_error *err);

	/* What break_insert takes beside the address. */
	bool break_conditions, break_commands;

	/* --- running --- */
	/* An error means that nothing runs and no stop will be reported. Non-stop: starts those of the threads meant that are stopped, and stops
	 * (RSP_HALT) those that run; an error means that none did. A thread whose stop the client has not seen yet
	 * (rsp_session_stop_unseen) stays as it is, whatever the action. */
	int (*resume)(void *t, const struct rsp_resume *actions, size_t n, struct rsp_error *err);
	void (*interrupt)(void *t); /* Ctrl-C: ends in a stop, reported later */

	/* Non-stop mode. on: threads stop and go one by one; every stop is told by rsp_session_stopped() when it happens, also that of a
	 * thread that was told to halt (signal 0), and registers of a thread that runs are refused. off: everything is stopped when it
	 * returns, and a stop that was not told yet is told after the next resume. A session begins in all-stop; the target leaves non-stop
	 * when its client is gone. */
	int (*set_nonstop)(void *t, bool on, struct rsp_error *err);
	/* The last stop of each thread that is stopped now, told before or not; stops of them that are still to be told are told hereby. When the process
	 * has ended: its end alone. Nothing without a process. */
	int (*stops)(void *t, rsp_stop_emit *emit, void *sink, struct rsp_error *err);
	/* Whether threads that come and go make stops of their own. */
	int (*thread_events)(void *t, bool on, struct rsp_error *err);
	/* Signals that the program gets without a stop. Signals that it may get without a resume that says so, at a detach for instance. Each
	 * replaces the set before. */
	int (*pass_signals)(void *t, const struct rsp_signals *set, struct rsp_error *err);
	int (*program_signals)(void *t, const struct rsp_signals *set, struct rsp_error *err);

	/* --- objects of qXfer --- */
	int (*libraries)(void *t, rsp_library_emit *emit, void *sink, struct rsp_error *err);
	int (*exec_file)(void *t, int64_t pid, struct rsp_buf *out, struct rsp_error *err); /* path, not NUL ended */
	int (*auxv)(void *t, struct rsp_buf *out, struct rsp_error *err);
	int (*siginfo)(void *t, struct rsp_ptid id, struct rsp_buf *out, struct rsp_error *err);
	/* qOffsets: load bias of the main program's text and data. */
	int (*offsets)(void *t, uint64_t *text, uint64_t *data, struct rsp_error *err);

	/* --- monitor --- */
	/* Text for the user is appended to *out; a failed command returns an error whose text is shown. `selected` is the thread of the client's last
	 * Hg, tid 0 when it named none; clients do not tell every change at once, so say which thread is meant. */
	int (*monitor)(void *t, struct rsp_ptid selected, const char *command, struct rsp_buf *out, struct rsp_error *err);

	/* --- files of the target (vFile). fds are the target layer's own numbers. A failure returns any negative number and sets *file_errno
	 * to the remote protocol's errno; flags are the protocol's too (fileio.h translates both). --- */
	int (*file_setfs)(void *t, int64_t pid, int *file_errno);
	int (*file_open)(void *t, const char *path, unsigned flags, unsigned mode, int *fd, int *file_errno);
	int (*file_pread)(void *t, int fd, uint8_t *buf, size_t len, uint64_t offset, size_t *got, int *file_errno);
	int (*file_fstat)(void *t, int fd, struct rsp_file_stat *st, int *file_errno);
	int (*file_close)(void *t, int fd, int *file_errno);
	int (*file_readlink)(void *t, const char *path, struct rsp_buf *out, int *file_errno);
	int (*file_pwrite)(void *t, int fd, const uint8_t *buf, size_t len, uint64_t offset, size_t *put, int *file_errno);
	int (*file_unlink)(void *t, const char *path, int *file_errno);
};

#endif
