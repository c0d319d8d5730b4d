/* The last line of defence when the stub dies without a word (kill -9): the kernel then ends the debug session and resumes the queues, but it knows
 * nothing of the breakpoint instructions in the target's code. A small child process shares a table of them; when the stub is gone it writes
 * the original bytes back. An orderly end makes the child leave without touching anything. */
#ifndef SRC_GUARD_H
#define SRC_GUARD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/err.h"

enum { GUARD_MAX_PATCH = 8 };

struct guard;

/* Starts the child for one target process. The stub must not have other threads. */
int guard_start(pid_t target, struct guard **out, struct dbg_error *err);
/* To be called before `n` (1 to 8) bytes at addr are overwritten; `original` is what stood there. A full table is DBG_INTERNAL: the patch must
 * then not be made. */
int guard_note(struct guard *g, uint64_t addr, const void *original, size_t n, struct dbg_error *err);
/* After the original bytes are back. */
void guard_forget(struct guard *g, uint64_t addr);
/* Orderly end; takes NULL. */
void guard_stop(struct guard *g);

#endif
