/* Steps off a breakpoint that are not carried out at once.
 *
 * A client that continues from a breakpoint lifts it, steps the one wave it knows to stand there, puts it back and lets all run. The step would
 * cost a resume and a suspend of every queue. But the client only wants to be rid of it: where the instruction just falls through to the
 * next, the step is reported with the PC that it must end at, and the wave owes the instruction. When all run, it starts at the copy. When
 * somebody looks at anything that the instruction may change, it is carried out first.
 *
 * A wave that waits at a barrier cannot carry out anything before others of its work-group have come there, and those stand still, because the client
 * believes them to: it has told this one wave alone to step. Then the instruction stays owed, what it may change is not known, and the
 * wave catches up with what it is shown to have done when it is resumed and the others come. */
#ifndef SRC_RUN_SETTLE_H
#define SRC_RUN_SETTLE_H

#include "src/model/model.h"

/* Makes the wave owe its step when that is possible: stopped at an inserted breakpoint or waiting at a barrier, instruction sequential,
 * copy with a way back. */
bool settle_owe(struct dbg_process *p, struct dbg_wave *w);
/* Back to where the owing began, as if it had never been stepped: it runs from there, or the debugger goes. */
void settle_undo(struct dbg_wave *w);
/* Carries out what is owed: to be called before anything is looked at or changed. Waits for the hardware, at most a few seconds. An
 * instruction that faults leaves a stop to be reported at the next resume. An owed s_endpgm or s_barrier changes
 * nothing that can be looked at, but would take the wave from under the client that was just told of its step, or wait for the others: it stays
 * owed. So does, with success, what a wave owes that waits at a barrier (wave_behind()). */
int settle_now(struct dbg_process *p, struct dbg_error *err);
/* That too: before a resume that does not let the wave run with the rest. */
int settle_all(struct dbg_process *p, struct dbg_error *err);

#endif
