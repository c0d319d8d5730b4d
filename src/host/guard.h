/* The last line of defence when the stub dies without a word (kill -9): the kernel then ends the debug session and resumes the queues, but it knows
 * nothing of the breakpoint instructions in the target's code, nor of the waves that were halted for the debugger. A small child process shares a
 * table of the former; when the stub is gone it puts the original code back, and has a rescue function let the waves go. An orderly end makes the
 * child leave without touching anything.
 * Between the kernel's resume and the child's writes a thread or wave may still run into a breakpoint: a window of microseconds on an idle
 * machine that cannot be closed from outside the kernel. */
#ifndef SRC_HOST_GUARD_H
#define SRC_HOST_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/err.h"

enum { GUARD_MAX_PATCH = 8 };

struct guard;

/* A place whose code was replaced. */
struct guard_patch {
	uint64_t addr;
	uint8_t original[GUARD_MAX_PATCH];
	uint32_t bytes;
};
/* Runs in the child when the stub has died and the originals are back in memory: makes halted waves run. */
typedef void guard_rescue_fn(pid_t target, const struct guard_patch *patches, size_t n);

/* Starts the child for one target process. The stub must not have other threads. rescue: NULL none. */
int guard_start(pid_t target, guard_rescue_fn *rescue, struct guard **out, struct dbg_error *err);
/* The process that traces `target` is a guard at work, which will soon be done. */
bool guard_traces(pid_t target);
/* To be called before `n` (1 to 8) bytes at addr are overwritten; `original` is what stood there. A full table is DBG_INTERNAL: the patch must
 * then not be made. */
int guard_note(struct guard *g, uint64_t addr, const void *original, size_t n, struct dbg_error *err);
/* After the original bytes are back. */
void guard_forget(struct guard *g, uint64_t addr);
/* Orderly end; takes NULL. */
void guard_stop(struct guard *g);

#endif
