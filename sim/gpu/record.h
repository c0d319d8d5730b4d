/* Where the parts of one saved wave lie (wave-state.md 1.7, gfx9 class with accumulation registers). */
#ifndef SIM_GPU_RECORD_H
#define SIM_GPU_RECORD_H

#include "sim/gpu/gpu.h"

/* Offsets from the start of the wave area. */
struct gpu_record {
	uint32_t base, bytes;
	uint32_t vgpr, acc, sgpr, hwreg, ttmp, lds;
};

/* The record of wave w whose upper end is at `top`, with `lds_bytes` of LDS in it (0 in all but a group's first). */
void gpu_record_layout(struct gpu_record *r, const struct sim_wave *w, uint32_t top, uint32_t lds_bytes);

/* The used part of one XCC's wave area: directly when the simulator shares the memory, else through a copy. */
struct gpu_image {
	struct sim_queue *queue;
	uint64_t addr;
	uint32_t bytes;
	uint8_t *data;
	uint8_t *staging; /* the copy, NULL when direct; the owner of the image reads or writes it */
};
bool gpu_image_open(struct gpu_image *image, struct sim_queue *q, unsigned xcc, uint32_t bytes);
void gpu_image_close(struct gpu_image *image);

#endif
