/* Precise memory and precise arithmetic: waves wait for each operation, so that faults, watchpoint hits and exceptions stop them right behind the
 * instruction that caused them (kfd-debug-interface 1.9 SET_FLAGS, wave-state 8.2). Slow, and off unless somebody asks. */
#ifndef SRC_CONTROL_PRECISE_H
#define SRC_CONTROL_PRECISE_H

#include "src/model/model.h"

/* flag: KIF_FLAG_PRECISE_MEMORY or KIF_FLAG_PRECISE_ALU. Without a runtime the wish is kept until it comes. DBG_UNSUPPORTED: a GPU cannot. */
int precise_set(struct dbg_process *p, uint32_t flag, bool on, struct dbg_error *err);
/* The runtime is up, or gone: the kernel has forgotten the flags. */
void precise_runtime_up(struct dbg_process *p);
void precise_runtime_gone(struct dbg_process *p);
/* At detach, as others found it. */
void precise_restore(struct dbg_process *p);

#endif
