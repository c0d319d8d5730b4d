#include "testsuite/wavelaunch/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOPOLOGY "/sys/devices/virtual/kfd/kfd/topology"

enum { MAX_NODES = 256 };

int wl_ioctl(const struct wl_device *dev, unsigned long request, void *arg)
{
	int result;
	do
		result = ioctl(dev->kfd, request, arg);
	while (result < 0 && (errno == EINTR || errno == EAGAIN));
	return result < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------ topology */

struct property {
	const char *name;
	size_t offset;
};

static const struct property gpu_properties[] = {
	{ "simd_count", offsetof(struct wl_gpu, simd_count) },
	{ "simd_per_cu", offsetof(struct wl_gpu, simd_per_cu) },
	{ "array_count", offsetof(struct wl_gpu, array_count) },
	{ "simd_arrays_per_engine", offsetof(struct wl_gpu, simd_arrays_per_engine) },
	{ "lds_size_in_kb", offsetof(struct wl_gpu, lds_kib) },
	{ "num_xcc", offsetof(struct wl_gpu, num_xcc) },
	{ "max_slots_scratch_cu", offsetof(struct wl_gpu, max_slots_scratch_cu) },
	{ "gfx_target_version", offsetof(struct wl_gpu, gfx_target_version) },
	{ "capability", offsetof(struct wl_gpu, capability) },
	{ "drm_render_minor", offsetof(struct wl_gpu, render_minor) },
};

/* gpu_id of a node: -1 when there is no such node. */
static long node_gpu_id(unsigned node)
{
	char path[128];
	snprintf(path, sizeof path, TOPOLOGY "/nodes/%u/gpu_id", node);
	FILE *f = fopen(path, "re");
	if (!f)
		return -1;
	unsigned id;
	int n = fscanf(f, "%u", &id);
	fclose(f);
	return n == 1 ? (long)id : 0;
}

static int read_properties(struct wl_gpu *gpu, struct wl_err *err)
{
	char path[128], line[160];
	snprintf(path, sizeof path, TOPOLOGY "/nodes/%u/properties", gpu->node);
	FILE *f = fopen(path, "re");
	if (!f)
		return wl_fail(err, WL_SYSTEM, "%s: %s", path, strerror(errno));
	while (fgets(line, sizeof line, f)) {
		char name[64];
		unsigned long long value;
		if (sscanf(line, "%63s %llu", name, &value) != 2)
			continue;
		for (size_t i = 0; i < sizeof gpu_properties / sizeof *gpu_properties; i++)
			if (strcmp(name, gpu_properties[i].name) == 0)
				*(uint64_t *)((char *)gpu + gpu_properties[i].offset) = value;
	}
	fclose(f);
	if (gpu->num_xcc == 0)
		gpu->num_xcc = 1;
	if (!gpu->simd_count || !gpu->simd_per_cu || !gpu->array_count || !gpu->simd_arrays_per_engine || !gpu->gfx_target_version)
		return wl_fail(err, WL_SYSTEM, "%s: the description of the GPU is incomplete", path);
	if (gpu->render_minor < 128)
		return wl_fail(err, WL_SYSTEM, "%s: no render node", path);
	return 0;
}

static int find_gpu(struct wl_device *dev, int node, struct wl_err *err)
{
	long id = 0;
	int found = -1;
	for (dev->nodes = 0; dev->nodes < MAX_NODES && (id = node_gpu_id(dev->nodes)) >= 0; dev->nodes++) {
		if (id == 0 || found >= 0 || (node >= 0 && (unsigned)node != dev->nodes))
			continue;
		found = (int)dev->nodes;
		dev->gpu.gpu_id = (uint32_t)id;
	}
	if (dev->nodes == 0)
		return wl_fail(err, WL_SYSTEM, "%s/nodes: no topology", TOPOLOGY);
	if (found < 0 && node >= 0)
		return wl_fail(err, WL_SYSTEM, "--node: node %d is no GPU", node);
	if (found < 0)
		return wl_fail(err, WL_SYSTEM, "there is no GPU among %u node%s", dev->nodes, dev->nodes == 1 ? "" : "s");
	dev->gpu.node = (unsigned)found;
	return read_properties(&dev->gpu, err);
}

unsigned wl_gpu_cus(const struct wl_gpu *gpu)
{
	unsigned n = (unsigned)(gpu->simd_count / gpu->simd_per_cu / gpu->num_xcc);
	return n ? n : 1;
}

unsigned wl_gpu_engines(const struct wl_gpu *gpu)
{
	unsigned n = (unsigned)(gpu->array_count / gpu->simd_arrays_per_engine / gpu->num_xcc);
	return n ? n : 1;
}

/* ------------------------------------------------------------------ opening */

static int read_apertures(struct wl_device *dev, struct wl_err *err)
{
	struct kfd_aperture all[MAX_NODES] = { 0 };
	struct kfd_apertures args = { .array = (uintptr_t)all, .count = dev->nodes };
	if (wl_ioctl(dev, KFD_GET_APERTURES, &args))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: GET_PROCESS_APERTURES_NEW: %s", strerror(errno));
	for (uint32_t i = 0; i < args.count && i < dev->nodes; i++) {
		if (all[i].gpu_id == dev->gpu.gpu_id) {
			dev->aperture = all[i];
			return 0;
		}
	}
	return wl_fail(err, WL_SYSTEM, "/dev/kfd: no apertures for GPU %u", dev->gpu.gpu_id);
}

static int bind_memory(struct wl_device *dev, struct wl_err *err)
{
	struct kfd_acquire_vm vm = { .drm_fd = (uint32_t)dev->drm, .gpu_id = dev->gpu.gpu_id };
	if (wl_ioctl(dev, KFD_ACQUIRE_VM, &vm))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: ACQUIRE_VM: %s", strerror(errno));
	struct kfd_memory_policy policy = { .base = dev->aperture.gpuvm_base, .gpu_id = dev->gpu.gpu_id };
	policy.size = dev->aperture.gpuvm_limit - dev->aperture.gpuvm_base + 1;
	if (wl_ioctl(dev, KFD_SET_MEMORY_POLICY, &policy))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: SET_MEMORY_POLICY: %s", strerror(errno));
	return 0;
}

int wl_device_open(struct wl_device *dev, int node, struct wl_err *err)
{
	*dev = (struct wl_device){ .kfd = -1, .drm = -1 };
	dev->kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	if (dev->kfd < 0)
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: %s (is there an AMD GPU with its driver, or a simulated one?)", strerror(errno));
	if (find_gpu(dev, node, err))
		goto fail;
	char path[64];
	snprintf(path, sizeof path, "/dev/dri/renderD%u", (unsigned)dev->gpu.render_minor);
	dev->drm = open(path, O_RDWR | O_CLOEXEC);
	if (dev->drm < 0) {
		wl_fail(err, WL_SYSTEM, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if (wl_ioctl(dev, KFD_GET_VERSION, &dev->version)) {
		wl_fail(err, WL_SYSTEM, "/dev/kfd: GET_VERSION: %s", strerror(errno));
		goto fail;
	}
	if (read_apertures(dev, err) || bind_memory(dev, err))
		goto fail;
	return 0;
fail:
	wl_device_close(dev);
	return -1;
}

void wl_device_close(struct wl_device *dev)
{
	if (dev->drm >= 0)
		close(dev->drm);
	if (dev->kfd >= 0)
		close(dev->kfd);
	dev->drm = dev->kfd = -1;
}

void wl_device_query(struct wl_device *dev)
{
	struct kfd_xnack xnack = { .enabled = -1 };
	wl_ioctl(dev, KFD_SET_XNACK_MODE, &xnack);
	struct kfd_clock_counters clocks = { .gpu_id = dev->gpu.gpu_id };
	wl_ioctl(dev, KFD_GET_CLOCK_COUNTERS, &clocks);
}

/* ------------------------------------------------------------------ handshake */

int wl_device_runtime_enable(struct wl_device *dev, const void *r_debug, struct wl_err *err)
{
	bool known = dev->version.major > 1 || (dev->version.major == 1 && dev->version.minor >= 13);
	if (!known || !(dev->gpu.capability & KFD_CAP_DEBUG_FIRMWARE))
		return 0;
	struct kfd_runtime_enable args = { .r_debug = (uintptr_t)r_debug, .mode = KFD_RUNTIME_MODE_ENABLE | KFD_RUNTIME_MODE_TTMP_SAVE };
	if (wl_ioctl(dev, KFD_RUNTIME_ENABLE, &args))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: RUNTIME_ENABLE: %s", strerror(errno));
	dev->runtime_enabled = true;
	return 0;
}

int wl_device_runtime_disable(struct wl_device *dev, struct wl_err *err)
{
	if (!dev->runtime_enabled)
		return 0;
	struct kfd_runtime_enable args = { 0 };
	dev->runtime_enabled = false;
	if (wl_ioctl(dev, KFD_RUNTIME_ENABLE, &args))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: RUNTIME_ENABLE (off): %s", strerror(errno));
	return 0;
}
