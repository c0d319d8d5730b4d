/* Watch registers of the GPUs: which ranges cover a request, and taking and giving them back on every GPU of the process. */
#ifndef SRC_CONTROL_WATCH_REGISTER_H
#define SRC_CONTROL_WATCH_REGISTER_H

#include "src/control/watch.h"

enum { WATCH_MAX_PARTS = GFX_MAX_WATCHES };

/* Cuts [first, first + bytes) into at most `most` ranges of single registers, none much larger than what it is for as long as registers last.
 * Answers their number; 0 with *err filled when so few cannot cover it. */
unsigned watch_cut(const struct dbg_process *p, uint64_t first, uint64_t bytes, unsigned most, struct gfx_watch parts[WATCH_MAX_PARTS],
	struct dbg_error *err);
/* A register with this range and mode on every GPU: one in use already, or a new one. The caller holds one use of it. */
int watch_register_take(struct dbg_process *p, const struct gfx_watch *range, uint32_t mode, struct dbg_watch_register **out, struct dbg_error *err);
/* Gives a use back; the last one frees the registers of the GPUs. */
void watch_register_give(struct dbg_process *p, struct dbg_watch_register *r);
/* The register that a GPU calls `id`, NULL none of ours. */
struct dbg_watch_register *watch_register_by_id(const struct dbg_process *p, const struct dbg_agent *agent, unsigned id);

#endif
