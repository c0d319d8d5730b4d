/* Target memory as a debugger wants to see it: breakpoints and copies shadowed, and the apertures of a wave's LDS and private memory. */
#ifndef SRC_MODEL_MEMORY_H
#define SRC_MODEL_MEMORY_H

#include "src/model/model.h"

/* w may be NULL (a host thread). Short counts at the end of a mapping are success. */
int memory_read(struct dbg_process *p, struct dbg_wave *w, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err);
int memory_write(struct dbg_process *p, struct dbg_wave *w, uint64_t addr, const void *buf, size_t n, struct dbg_error *err);
/* Private memory of one lane, and LDS of the work-group; offsets from 0. */
int memory_private(struct dbg_process *p, struct dbg_wave *w, unsigned lane, uint64_t offset, void *buf, size_t n, bool write, struct dbg_error *err);
/* A generic address of private memory: what lies there depends on the selected lane. w may be NULL. */
bool memory_is_private(const struct dbg_wave *w, uint64_t addr);
/* Plain helpers: all n bytes or an error. */
int memory_get(struct dbg_process *p, uint64_t addr, void *buf, size_t n, struct dbg_error *err);
int memory_put(struct dbg_process *p, uint64_t addr, const void *buf, size_t n, struct dbg_error *err);
int memory_put_ranges(struct dbg_process *p, const struct kif_range *ranges, size_t n, struct dbg_error *err);

#endif
