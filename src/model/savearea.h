/* Save areas of suspended queues: the control stack and what is needed of every wave (hardware registers, TTMPs) are read at once, scalar and
 * vector registers of a wave when somebody looks at them. */
#ifndef SRC_MODEL_SAVEAREA_H
#define SRC_MODEL_SAVEAREA_H

#include "src/model/model.h"

/* Reads one XCC's area of a queue that was just suspended and calls wave_seen() for every record in it. */
int savearea_read(struct dbg_process *p, struct dbg_queue *q, unsigned xcc, struct dbg_error *err);
/* For gfx_wave.bring; arg: the dbg_wave. Vector registers come with the scalar ones. False: the wave's queue runs, or they cannot be read. */
bool savearea_bring(void *arg, bool vectors);
/* They are in the image already. */
bool savearea_brought(const struct dbg_wave *w, bool vectors);
/* The scalar registers of many waves at once, of those whose queue is suspended. What cannot be read is asked for again when it is needed. */
void savearea_bring_scalars(struct dbg_process *p, struct dbg_wave *const *waves, size_t n);

#endif
