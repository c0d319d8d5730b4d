/* Many small reads of the target's memory at one moment: while a cache is open, blocks are read once. For looking only, while the queues
 * are out of the hardware: host threads may write meanwhile, which is then seen as if the reads had come a little earlier. */
#ifndef SRC_MODEL_MEMORY_CACHE_H
#define SRC_MODEL_MEMORY_CACHE_H

#include "src/model/model.h"

/* Without memory for it reads are as slow as ever. */
void memory_cache_open(struct dbg_process *p);
void memory_cache_close(struct dbg_process *p);
/* As kif_mem_read(). */
int memory_cache_read(struct dbg_process *p, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err);
/* As wave_scratch(). */
int memory_cache_scratch(struct dbg_process *p, const struct dbg_wave *w, struct gfx_scratch *out, struct dbg_error *err);
/* Something was written. */
void memory_cache_drop(struct dbg_process *p);

#endif
