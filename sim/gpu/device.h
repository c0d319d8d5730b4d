/* One simulated GPU: its shape, its queues, the groups resident on its compute units. Owned by the driver; runs only inside sim_gpu_run(),
 * on the driver's one thread, so nothing here needs a lock. */
#ifndef SIM_GPU_DEVICE_H
#define SIM_GPU_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/driver/process.h"

/* Constants of a GPU model (gfx942: one row of sim/gpu/models.c); topology, snapshots and apertures are all made from it. */
struct sim_model {
	const char *name;          /* "gfx942" */
	const char *marketing;     /* as libdrm names device_id/revision */
	uint32_t gfx_target_version;
	uint32_t device_id, revision_id, vendor_id;
	uint32_t simd_per_cu, max_waves_per_simd, lds_kib, simd_arrays_per_engine;
	uint32_t engines_per_xcc;  /* shader engines (arrays) of one XCC */
	uint32_t vgprs_per_simd_lane; /* 512 on gfx90a and later gfx9 */
	uint32_t vgpr_bytes_per_cu;   /* for the save area */
	uint32_t capability;       /* without the watch bits */
	uint64_t debug_prop;
	uint32_t fw_version, sdma_fw_version;
};
const struct sim_model *sim_model_by_name(const char *name);

struct sim_device_config {
	const struct sim_model *model;
	unsigned cus;              /* of the whole device */
	unsigned xccs;
	uint64_t vram_bytes;
};

struct sim_device {
	const struct sim_model *model;
	unsigned cus, xccs;
	uint64_t vram_bytes;
	unsigned node;             /* topology node number */
	uint32_t gpu_id;           /* 16-bit hash, unique, never 0 */
	uint32_t location_id, domain, drm_render_minor;
	uint64_t unique_id;
	bool watch_bits_read;      /* somebody read the node's properties: capability then shows the watch bits */
	uint8_t watch_allocated;   /* bit i: watch i in use by some process */
	bool resetting, removed;   /* injected faults */
	bool hidden;               /* removed, and device snapshots do not show it */
	unsigned resets;
	struct sim_smi_listener *smi; /* who listens to events of this device: sim/driver/smi.c */
	struct sim_gpu *gpu;       /* private to sim/gpu: compute units, resident groups, scheduler */
};

/* Sizes of a queue's save area (wave-state.md 1.3), per XCC. */
void sim_device_save_sizes(const struct sim_device *device, uint32_t *cwsr_size, uint32_t *ctl_stack_size, uint32_t *debug_size);
uint32_t sim_device_capability(const struct sim_device *device);

/* gpu_id as the topology shows it: 16 bits, never 0, different for different (node, location, unique id). */
uint32_t sim_device_make_gpu_id(const struct sim_device *device);
/* The device's counter: 100 MHz, the same on all devices; also the answer of GET_CLOCK_COUNTERS. */
uint64_t sim_gpu_clock(void);

struct sim_gpu *sim_gpu_create(struct sim_device *device, struct sim_driver *driver);
void sim_gpu_destroy(struct sim_gpu *gpu);
/* Runs the device for about `microseconds`: polls doorbells, launches groups, executes waves, completes packets. Answers how soon it wants to
 * be called again: 0 at once (work is there), otherwise microseconds to sleep (doorbells are polled: 200 when queues exist, more when idle
 * for long), -1 when no queue exists. */
int sim_gpu_run(struct sim_gpu *gpu, unsigned microseconds);

/* --- the process is going away (sim_process_destroy calls both, in this order, before memory and events are freed) --- */
/* Implicit DISABLE of every target it debugs and of its own debugging; sleepers of the debug interface are forgotten. */
void sim_debug_process_gone(struct sim_process *process);
/* Destroys its queues and what the devices keep of it. */
void sim_queues_process_gone(struct sim_process *process);

#endif
