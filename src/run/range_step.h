/* Waves that step over a range of instructions (vCont;r): they run to planted traps at the range's exits (range.h) instead of being stepped one
 * instruction after the other. Where that cannot be, they are stepped. */
#ifndef SRC_RUN_RANGE_STEP_H
#define SRC_RUN_RANGE_STEP_H

#include "src/model/model.h"

static inline bool range_holds(const struct dbg_wave *w, uint64_t pc)
{
	return pc >= w->range_start && pc < w->range_end;
}

/* Before the waves are edited for a resume; every queue is suspended. Carries out on the image what needs no hardware, decides for each such wave
 * whether it runs (w->range_planned) or is stepped, and writes the traps. held: the other waves stay where they are. Returns a wave whose step is
 * over already, NULL none: then nothing was written. In non-stop it is pending instead, and the rest goes on. */
struct dbg_wave *range_plan(struct dbg_process *p, bool held);
/* Takes the stub's own traps out again, by the next break_apply*(). */
void range_withdraw(struct dbg_process *p);
/* A wave that steps over a range has met a trap, where it stands now (w->passed) or by a single step. False: that is no news, it goes on. */
bool range_stopped(struct dbg_process *p, struct dbg_wave *w);
/* Some wave runs to planted traps. */
bool range_running(const struct dbg_process *p);

#endif
