/* One AQL queue with everything around it: ring, queue structure, save area with its header, scratch, signals, doorbell. */
#ifndef TESTSUITE_WAVELAUNCH_QUEUE_H
#define TESTSUITE_WAVELAUNCH_QUEUE_H

#include "testsuite/wavelaunch/events.h"

struct wl_queue {
	struct wl_buffer ring, control, save_area, scratch, doorbells;
	struct amd_queue *aql;
	struct amd_signal *done, *error, *inactive; /* completion; error payload is error->value; requests of the packet processor */
	volatile uint64_t *doorbell;
	uint32_t packets;
	uint32_t id;
	bool created;
};

/* Sizes of the save area of one XCC and its control stack, and of the debugger's part, in bytes. */
struct wl_save_sizes {
	uint32_t save, control_stack, debug;
};
void wl_save_sizes(const struct wl_gpu *gpu, struct wl_save_sizes *out);

/* What the queue needs scratch for. */
struct wl_scratch {
	uint32_t lane_bytes;  /* of one work-item, 0 none */
	uint32_t group_waves; /* waves of a work-group: all of them run on one shader engine at the same time */
};

/* Ring size and bytes of scratch: the register value and the bytes of one XCC. `limit` bounds the bytes of all XCCs, except that each
 * shader engine gets room for one work-group. lane_bytes 0: both 0. */
void wl_scratch_sizes(const struct wl_gpu *gpu, const struct wl_scratch *scratch, uint64_t limit, uint32_t *tmpring, uint64_t *xcc_bytes);

int wl_queue_create(struct wl_device *dev, struct wl_events *ev, uint32_t packets, const struct wl_scratch *scratch, struct wl_queue *out,
		    struct wl_err *err);
void wl_queue_destroy(struct wl_device *dev, struct wl_queue *q);

/* Queues the packet (its header is written here) and rings the doorbell. The completion signal is reset to 1 first. */
void wl_queue_submit(struct wl_queue *q, const struct aql_dispatch *packet);
/* Sleeps until the packet has finished. Errors of the GPU are of class WL_FAULT, `timeout_ms` (0: none) of class WL_TIMEOUT. */
int wl_queue_wait(struct wl_device *dev, struct wl_events *ev, struct wl_queue *q, uint32_t timeout_ms, struct wl_err *err);

#endif
