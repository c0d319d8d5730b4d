/* The driver's own record, and what its files share. Private to sim/driver and to the program around it. */
#ifndef SIM_DRIVER_STATE_H
#define SIM_DRIVER_STATE_H

#include "sim/driver/driver.h"
#include "sim/driver/process.h"
#include "sim/gpu/device.h"

/* A sparse file that stands behind a device node. Programs map it, and so does the simulator. */
struct sim_backing {
	int fd;             /* memfd; -1 */
	uint64_t bytes;     /* its size */
	uint64_t dev, ino;  /* how the client recognises a descriptor of it */
	struct sim_extent *free_list; /* free parts, ascending, sim/driver/backing.c */
};

struct sim_timer {
	struct sim_timer *next;
	uint64_t at_ns;
	void (*fn)(void *ctx);
	void *ctx;
};

struct sim_driver {
	const struct sim_options *options;
	struct sim_device *devices;
	unsigned n_devices;
	struct sim_backing *render; /* one per device: VRAM and GTT */
	struct sim_backing kfd;     /* doorbells, event pages, MMIO page */
	uint64_t *vram_used;        /* one per device, bytes */
	struct sim_process *processes;
	struct sim_timer *timers;   /* by time */
	struct sim_fault *faults;   /* planned failures of ioctls: sim/driver/inject.c */
	char *sysfs;                /* root of the generated tree (the directory that plays "/"), NULL none */
	uint16_t next_pasid;
	/* The transport: ends a call that answered SIM_LATER, watches a descriptor for reading on behalf of the driver. */
	void (*finish)(struct sim_call *call, int result);
	void (*process_added)(struct sim_process *process);
	void (*process_removed)(struct sim_process *process);
	void (*watch_fd)(struct sim_driver *driver, int fd, void (*ready)(void *ctx), void *ctx);
	void (*unwatch_fd)(struct sim_driver *driver, int fd);
	void *transport;
};

/* Makes the driver with options->gpus devices. NULL with errno set; EINVAL: no such model or a shape that cannot be. */
struct sim_driver *sim_driver_create(const struct sim_options *options);
void sim_driver_destroy(struct sim_driver *driver);
/* Fires the timers that are due. Answers the nanoseconds to the next one, -1 none. */
int64_t sim_driver_run_timers(struct sim_driver *driver);
struct sim_device *sim_driver_find_device(struct sim_driver *driver, uint32_t gpu_id); /* NULL unknown */

#endif
