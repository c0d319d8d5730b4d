/* Software breakpoints. The client's wishes are noted at once; GPU code is written only by break_apply(), while every queue is suspended, because
 * instruction caches are refilled only by a suspend and resume after the write (wave-state 5.2). */
#ifndef SRC_MODEL_BREAKPOINT_H
#define SRC_MODEL_BREAKPOINT_H

#include "src/model/model.h"

int break_insert(struct dbg_process *p, uint64_t addr, struct dbg_error *err);
int break_remove(struct dbg_process *p, uint64_t addr, struct dbg_error *err); /* an unknown one is fine: its code may be unloaded */
struct dbg_break *break_at(const struct dbg_process *p, uint64_t addr);
/* GPU breakpoint whose trap is in memory. */
bool break_inserted_at(const struct dbg_process *p, uint64_t addr);
bool break_wanted_at(const struct dbg_process *p, uint64_t addr);
/* The client has listed the threads: those that it has made so far are no longer young. */
void break_age(struct dbg_process *p);
/* True when break_apply() would write. */
bool break_work_pending(const struct dbg_process *p);
/* Writes the difference between wish and memory. Every queue must be suspended. Single failures are logged and leave the breakpoint out. */
void break_apply(struct dbg_process *p);
/* The same while all waves but those that step are held: what the client has lifted stays in, because nobody else may miss it. */
void break_apply_held(struct dbg_process *p);
/* Takes the trap at addr out until the next break_apply*(). Every queue must be suspended. */
int break_lift(struct dbg_process *p, uint64_t addr, struct dbg_error *err);
/* Traps of the stub's own, where waves that step over a range are to stop. Nobody is told of them; they are written by the next break_apply*()
 * like others and go by the next one after break_unplant_all(). Code of the GPU only. */
int break_plant(struct dbg_process *p, uint64_t addr, struct dbg_error *err);
void break_unplant_all(struct dbg_process *p);
/* A trap in GPU code that an earlier debugger left behind, so that waves stopped by it are known and it goes at the next break_apply(). The
 * process must have a guard. */
int break_adopt(struct dbg_process *p, uint64_t addr, const uint8_t saved[4], struct dbg_error *err);
/* The client is gone: none is wanted any more. Host breakpoints go at once, the others at the next break_apply(). */
void break_unwant_all(struct dbg_process *p);
/* For detach: all out, copies too. */
void break_remove_all(struct dbg_process *p);
/* Code [addr, addr+n) was unloaded: forget without writing. */
void break_forget_range(struct dbg_process *p, uint64_t addr, uint64_t n);
void break_forget_gpu(struct dbg_process *p);
void break_forget_all(struct dbg_process *p);
/* Reads GPU code with the original bytes in place of traps and copies. */
int break_read_code(struct dbg_process *p, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err);

#endif
