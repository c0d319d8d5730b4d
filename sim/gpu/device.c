#include "sim/gpu/device.h"

#include <time.h>

enum {
	PAGE = 4096,
	HEADER_BYTES = 40,
	WAVES_PER_CU_BOUND = 40,  /* of the area's size; fewer are resident (wave-state.md 1.3) */
	WAVES_PER_ENGINE = 512,
	STACK_BYTES_PER_WAVE = 8,
	DEBUG_BYTES_PER_WAVE = 32,
	SGPR_BYTES_PER_CU = 0x4000,
	HWREG_BYTES_PER_CU = 0x1000,
	WATCH_SUPPORTED = 0x80,
	WATCH_COUNT_LOG2 = 2 << 8,
};

static uint32_t page_align(uint32_t n)
{
	return (n + PAGE - 1) & ~(uint32_t)(PAGE - 1);
}

void sim_device_save_sizes(const struct sim_device *device, uint32_t *cwsr_size, uint32_t *ctl_stack_size, uint32_t *debug_size)
{
	const struct sim_model *m = device->model;
	uint32_t cus = device->cus / device->xccs;
	uint32_t waves = cus * WAVES_PER_CU_BOUND;
	uint32_t bound = m->engines_per_xcc * WAVES_PER_ENGINE;
	if (waves > bound)
		waves = bound;
	uint32_t per_cu = m->vgpr_bytes_per_cu + SGPR_BYTES_PER_CU + (m->lds_kib << 10) + HWREG_BYTES_PER_CU;
	uint32_t stack = page_align(HEADER_BYTES + waves * STACK_BYTES_PER_WAVE + 8);
	*ctl_stack_size = stack;
	*cwsr_size = stack + page_align(cus * per_cu);
	*debug_size = (waves * DEBUG_BYTES_PER_WAVE + 63) & ~63u;
}

uint32_t sim_device_capability(const struct sim_device *device)
{
	return device->model->capability | (device->watch_bits_read ? WATCH_SUPPORTED | WATCH_COUNT_LOG2 : 0);
}

uint32_t sim_device_make_gpu_id(const struct sim_device *device)
{
	const uint64_t parts[] = { device->node, device->location_id, device->domain, device->unique_id, device->model->device_id };
	uint64_t hash = 0xcbf29ce484222325;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		for (unsigned shift = 0; shift < 64; shift += 8)
			hash = (hash ^ (parts[i] >> shift & 0xff)) * 0x100000001b3;
	uint32_t id = (hash ^ hash >> 16 ^ hash >> 32 ^ hash >> 48) & 0xffff;
	return id ? id : 1;
}

uint64_t sim_gpu_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * 100000000 + (uint64_t)now.tv_nsec / 10;
}
