/* Waves: objects with ids that last, found again at every walk. */
#ifndef SRC_MODEL_WAVE_H
#define SRC_MODEL_WAVE_H

#include "src/model/model.h"

/* One saved wave met by a walk. `state`: its GFX_STATE_BYTES when they are not in the image, else NULL. */
void wave_seen(struct dbg_process *p, struct dbg_queue *q, unsigned xcc, const struct gfx_wave_record *rec, uint8_t *state);
/* After a walk of all suspended queues: waves of walked queues that were not met have ended. */
void wave_sweep(struct dbg_process *p);
void wave_forget_queue(struct dbg_process *p, const struct dbg_queue *q);
void wave_forget_all(struct dbg_process *p);

static inline int64_t wave_tid(const struct dbg_wave *w)
{
	return DBG_WAVE_TID + (int64_t)w->id;
}
struct dbg_wave *wave_by_tid(const struct dbg_process *p, int64_t tid);
/* Live waves in order of their ids; *out is malloc'ed. */
int wave_list(const struct dbg_process *p, struct dbg_wave ***out, size_t *n, struct dbg_error *err);

/* It is shown behind an instruction whose effect is not known, because it waits at a barrier (settle.h): its registers and private memory are as they
 * were before. */
static inline bool wave_behind(const struct dbg_wave *w)
{
	return w->owed_from && !w->owed_still;
}
/* The PC that the registers in the image belong to. */
static inline uint64_t wave_pc(const struct dbg_wave *w)
{
	return w->owed_from ? w->owed_from : gfx_wave_pc(&w->g);
}

/* Marks bytes of the image as edited; `touch_state` the hardware registers and TTMPs. */
void wave_touch(struct dbg_wave *w, uint32_t offset, uint32_t bytes);
void wave_touch_state(struct dbg_wave *w);
/* "AMDGPU Wave 1:2:1:5 (3,0,0)/1": agent, queue, dispatch, wave, work-group, wave in group; '?' for what is not known. */
void wave_name(const struct dbg_wave *w, char *buf, size_t n);
/* "stopped: breakpoint", "running when the queue was suspended", ... */
void wave_describe(const struct dbg_wave *w, char *buf, size_t n);
/* Lane whose private data is shown: the chosen one, else the lowest active (or what is known better, w->lane_default), else 0. */
unsigned wave_lane(const struct dbg_wave *w);
bool wave_lane_active(const struct dbg_wave *w, unsigned lane);
/* Work-item of a lane in its work-group. False: the packet or the place is not known, or the group has no such work-item. The hardware
 * numbers the work-items of a group row by row over the rows that are there: a partial group at the edge of the grid has shorter ones. */
bool wave_workitem(const struct dbg_wave *w, unsigned lane, uint32_t id[3]);
/* Where the wave's scratch is; DBG_REFUSED when it has none that can be told. */
int wave_scratch(struct dbg_process *p, const struct dbg_wave *w, struct gfx_scratch *out, struct dbg_error *err);

#endif
