/* Save areas of suspended queues: the control stack and what is needed of every wave (hardware registers, TTMPs) are read at once, scalar and
 * vector registers of a wave when somebody looks at them. */
#ifndef SRC_MODEL_SAVEAREA_H
#define SRC_MODEL_SAVEAREA_H

#include "src/model/model.h"

/* Three steps for each XCC of a queue that was just suspended, so that what is read of all XCCs is read at once: finds the records by the control
 * stack (x->records); what to read of them, at most n_records ranges; hands them to wave_seen() when that was read. */
int savearea_walk(struct dbg_process *p, struct dbg_queue *q, unsigned xcc, struct dbg_error *err);
size_t savearea_ranges(const struct dbg_xcc *x, struct kif_range *out);
void savearea_seen(struct dbg_process *p, struct dbg_queue *q, unsigned xcc);
/* For gfx_wave.bring; arg: the dbg_wave. Vector registers come with the scalar ones. False: the wave's queue runs, or they cannot be read. */
bool savearea_bring(void *arg, bool vectors);
/* They are in the image already. */
bool savearea_brought(const struct dbg_wave *w, bool vectors);
/* The scalar registers of many waves at once, of those whose queue is suspended. What cannot be read is asked for again when it is needed. */
void savearea_bring_scalars(struct dbg_process *p, struct dbg_wave *const *waves, size_t n);

#endif
