/* /proc/PID/mem: memory of another process, device memory that is mapped there included. */
#ifndef SRC_HOST_PROCMEM_H
#define SRC_HOST_PROCMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/err.h"
#include "src/kernel/kif.h"

/* The descriptor belongs to the address space that the process has now: after an exec another one is needed. */
int procmem_open(pid_t pid, int *fd, struct dbg_error *err);
/* Up to n bytes. A short count at the end of a mapping is success; DBG_REFUSED when not a single byte can be had (also doorbells and what only the
 * GPU maps), DBG_GONE when the address space is no more (kfd-debug-interface.md 9, 33). */
int procmem_read(int fd, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err);
int procmem_write(int fd, uint64_t addr, const void *buf, size_t n, size_t *put, struct dbg_error *err);

/* The same for many bytes of process `pid`, to which fd belongs: faster where the kernel can copy without a detour. */
int procmem_read_many(pid_t pid, int fd, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err);

/* Many places, each whole. */
int procmem_read_ranges(pid_t pid, int fd, const struct kif_range *ranges, size_t n, struct dbg_error *err);
int procmem_write_ranges(pid_t pid, int fd, const struct kif_range *ranges, size_t n, struct dbg_error *err); /* some may be written when it fails */

#endif
