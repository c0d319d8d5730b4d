/* The kernel's GPU topology, kfd-debug-interface.md 7. */
#ifndef SRC_KERNEL_SYSFS_H
#define SRC_KERNEL_SYSFS_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/err.h"

#define SYSFS_TOPOLOGY "/sys/class/kfd/kfd/topology"

struct sysfs_gpu {
	unsigned node;
	uint32_t gpu_id;
	int drm_render_minor;        /* -1 unknown */
	uint32_t gfx_target_version; /* 0 unknown */
	uint32_t capability;         /* 0 unknown; has the watch point bits that a device snapshot may lack before this file was read */
	uint64_t debug_prop;
	char name[64];               /* of the node's `name` file, "" unknown */
};

/* Reads the GPU nodes below `root` (SYSFS_TOPOLOGY, or a copy of it for tests). *out is malloc'ed. Nodes that may not be read (EPERM: the device
 * control group) are left out; a topology that changes under the reading is read again. */
int sysfs_read_gpus(const char *root, struct sysfs_gpu **out, size_t *n, struct dbg_error *err);

#endif
