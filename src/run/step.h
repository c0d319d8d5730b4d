/* Getting one wave to move: stepping, and leaving a breakpoint. Edits images only. */
#ifndef SRC_RUN_STEP_H
#define SRC_RUN_STEP_H

#include "src/model/model.h"

/* Prepares a wave to run on. When it stands at a breakpoint it has been stopped by, it gets past: simulated, sent to a copy, or (rarely) by an
 * internal step. */
int step_go(struct dbg_process *p, struct dbg_wave *w, struct dbg_error *err);
/* Prepares a single step. *done: the instruction was carried out on the image; nothing has to run. *ends: it ends the wave. */
int step_one(struct dbg_process *p, struct dbg_wave *w, bool *done, bool *ends, struct dbg_error *err);
/* The wave, which is to go or to step, stands at a breakpoint over an instruction that can be neither simulated nor copied. */
bool step_must_be_in_place(struct dbg_process *p, struct dbg_wave *w);
/* Prepares the step of such a wave. Its breakpoint must be lifted and all others held until it is done. */
void step_in_place(struct dbg_wave *w);
/* The instruction at pc, breakpoints shadowed. */
int step_decode(struct dbg_process *p, struct dbg_wave *w, uint64_t pc, struct gfx_insn *insn, struct dbg_error *err);
/* Carries out a control-flow instruction at the wave's PC on the image; false: that cannot be, or it is not one. */
bool step_simulate(struct dbg_wave *w, const struct gfx_insn *insn);
/* It has stepped over s_barrier and waits there for the others of its work-group. */
bool step_at_barrier(const struct dbg_wave *w);
/* It waits at a barrier, as far as is known. */
bool step_waits(const struct dbg_wave *w);
/* Edits the state only. */
void step_set_running(struct dbg_wave *w, enum gfx_resume how);
/* Keeps a wave where it is while others run. */
void step_hold(struct dbg_wave *w);

#endif
