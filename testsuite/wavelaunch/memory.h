/* Memory shared by host and GPU at one address: reserved in the process first, then given to the driver, then mapped over the reservation. */
#ifndef TESTSUITE_WAVELAUNCH_MEMORY_H
#define TESTSUITE_WAVELAUNCH_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "testsuite/wavelaunch/device.h"

struct wl_buffer {
	void *addr;            /* for host and GPU alike; NULL: not allocated */
	size_t size;           /* whole pages */
	void *reservation;
	size_t reserved;
	uint64_t handle;
	bool allocated, mapped; /* by the driver */
};

/* The kinds a run time uses, with its flags. */
enum wl_memory {
	WL_HOST,     /* GTT: visible to both sides, executable, coherent */
	WL_CODE,     /* VRAM that the host can write */
	WL_SCRATCH,  /* VRAM out of the host's reach */
	WL_DOORBELL, /* allocated here, mapped on the host by the queue, which learns the offset */
	WL_MMIO,
};

/* `align` is a power of two of at least a page (0: a page). The buffer is zero where the host sees it. On failure nothing is left behind. */
int wl_buffer_alloc(const struct wl_device *dev, enum wl_memory kind, size_t size, size_t align, struct wl_buffer *out, struct wl_err *err);
/* Unmaps and frees; a buffer never allocated is ignored. */
void wl_buffer_free(const struct wl_device *dev, struct wl_buffer *buffer);

#endif
