/* Save areas of suspended queues: the control stack and what is needed of every wave (scalar registers, hardware state) are read at once, vector
 * registers of a wave when somebody looks at them. */
#ifndef SRC_MODEL_SAVEAREA_H
#define SRC_MODEL_SAVEAREA_H

#include "src/model/model.h"

/* Reads one XCC's area of a queue that was just suspended and calls wave_seen() for every record in it. */
int savearea_read(struct dbg_process *p, struct dbg_queue *q, unsigned xcc, struct dbg_error *err);
/* For gfx_wave.vectors; arg: the dbg_wave. */
bool savearea_vectors(void *arg);

#endif
