/* Copies of instructions under breakpoints, so that waves get past without anybody missing the trap.
 *
 * In a gap between functions, within reach of s_branch: [copy][s_branch back]. A wave sent there runs on by itself: getting off a breakpoint costs
 * no stop of its own, whatever the number of waves. Where there is no such gap: in the queue's debugger memory, [copy][s_trap 2], entered
 * by a single step (wave-state 4.4, 4.8). Addresses of copies are never shown: a wave found in one is put back first. */
#ifndef SRC_RUN_COPY_H
#define SRC_RUN_COPY_H

#include "src/model/model.h"

/* A copy of the instruction at `from` that waves of q can use, made now if there is none. All queues must be suspended. */
int copy_get(struct dbg_process *p, struct dbg_queue *q, uint64_t from, const struct gfx_insn *insn, struct dbg_copy **out, struct dbg_error *err);
/* Original address for a PC in a copy; false when it is in none. *done: the instruction has been executed. */
bool copy_translate(const struct dbg_process *p, uint64_t pc, uint64_t *original, bool *done);
/* Restores the bytes of copies whose breakpoint is gone (all: of every one). All queues suspended and no wave in a copy. */
void copy_collect(struct dbg_process *p, bool all);
/* Somebody else is to have these bytes: copies that lie there go, and waves that need one are given another. Same conditions. */
void copy_make_room(struct dbg_process *p, uint64_t addr, uint64_t n);
void copy_forget_range(struct dbg_process *p, uint64_t addr, uint64_t n);
void copy_forget_queue(struct dbg_process *p, const struct dbg_queue *q);
void copy_forget_all(struct dbg_process *p);

#endif
