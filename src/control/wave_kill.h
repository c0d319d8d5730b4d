/* Ending a wave for good: it is sent to an s_endpgm (wave-state 4.5). The rest of its dispatch goes on. */
#ifndef SRC_CONTROL_WAVE_KILL_H
#define SRC_CONTROL_WAVE_KILL_H

#include "src/model/model.h"

/* The wave ends as soon as waves run, whatever it is told then. All queues are suspended. DBG_REFUSED: there is no s_endpgm to send it to. */
int wave_kill(struct dbg_process *p, struct dbg_wave *w, struct dbg_error *err);
/* Before waves run: those that were killed go. */
void wave_release_killed(struct dbg_process *p);

#endif
