/* The compute device: its nodes, its topology entry, and the start-up calls of a run time. */
#ifndef TESTSUITE_WAVELAUNCH_DEVICE_H
#define TESTSUITE_WAVELAUNCH_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "testsuite/wavelaunch/error.h"
#include "testsuite/wavelaunch/kfd_abi.h"

/* Properties of the GPU's topology node. */
struct wl_gpu {
	unsigned node;
	uint32_t gpu_id;
	uint64_t simd_count, simd_per_cu, array_count, simd_arrays_per_engine, lds_kib, num_xcc, max_slots_scratch_cu;
	uint64_t gfx_target_version, capability, render_minor;
};

struct wl_device {
	int kfd, drm;
	struct kfd_version version;
	unsigned nodes;
	struct wl_gpu gpu;
	struct kfd_aperture aperture;
	bool runtime_enabled;
};

/* Compute units and shader engines of one XCC. Never 0. */
unsigned wl_gpu_cus(const struct wl_gpu *gpu);
unsigned wl_gpu_engines(const struct wl_gpu *gpu);

/* Opens /dev/kfd and the render node of a GPU (topology node `node`, -1: the first one), and binds the address space: version, apertures,
 * ACQUIRE_VM, memory policy. */
int wl_device_open(struct wl_device *dev, int node, struct wl_err *err);
void wl_device_close(struct wl_device *dev);

/* XNACK query and clock counters, as a run time asks for them; answers are not needed. */
void wl_device_query(struct wl_device *dev);

/* The run-time handshake: `r_debug` is the address of the debug list. Sleeps while a debugger looks. Without debug support in the driver
 * nothing is done, as the run time does. */
int wl_device_runtime_enable(struct wl_device *dev, const void *r_debug, struct wl_err *err);
int wl_device_runtime_disable(struct wl_device *dev, struct wl_err *err);

/* ioctl on /dev/kfd that goes on after signals; 0 or -1 with errno. */
int wl_ioctl(const struct wl_device *dev, unsigned long request, void *arg);

#endif
