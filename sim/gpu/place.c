/* Where groups go: compute units of an XCC in turn, the SIMD with most registers left for each wave; a group that comes back from memory first
 * to where it was, so that what was resident together fits together again. Limits: 8 waves and 512 VGPRs a SIMD, 64 KiB of LDS a compute unit,
 * 512 waves a shader engine, scratch slots of the queue per shader engine. */
#include "sim/gpu/gpu.h"

#include <stdlib.h>
#include <string.h>

#include "sim/gpu/bits.h"

enum { NO_SLOT = 0xffff };

bool gpu_place_init(struct sim_gpu *gpu)
{
	const struct sim_device *device = gpu->device;
	gpu->cus_per_xcc = device->cus / device->xccs;
	gpu->xccs = calloc(device->xccs, sizeof(*gpu->xccs));
	if (!gpu->xccs)
		return false;
	for (unsigned x = 0; x < device->xccs; x++) {
		gpu->xccs[x].cus = calloc(gpu->cus_per_xcc, sizeof(struct gpu_cu));
		if (!gpu->xccs[x].cus)
			return false;
		for (unsigned c = 0; c < gpu->cus_per_xcc; c++) {
			struct gpu_cu *cu = &gpu->xccs[x].cus[c];
			cu->free_lds = device->model->lds_kib << 10;
			for (unsigned s = 0; s < device->model->simd_per_cu; s++)
				cu->simd[s].free_vgprs = device->model->vgprs_per_simd_lane;
		}
	}
	return true;
}

void gpu_place_deinit(struct sim_gpu *gpu)
{
	for (unsigned x = 0; gpu->xccs && x < gpu->device->xccs; x++)
		free(gpu->xccs[x].cus);
	free(gpu->xccs);
	gpu->xccs = NULL;
}

static unsigned wave_vgprs(const struct gpu_group *group)
{
	return group->dispatch->n_vgprs + group->dispatch->n_agprs;
}

static bool simd_fits(const struct sim_model *model, const struct gpu_simd *simd, unsigned vgprs)
{
	return simd->free_vgprs >= vgprs && __builtin_popcount(simd->used_slots) < (int)model->max_waves_per_simd;
}

/* The SIMD with a free wave slot and most registers left, -1 none. */
static int pick_simd(const struct sim_model *model, const struct gpu_cu *cu, unsigned vgprs)
{
	int best = -1;
	for (unsigned s = 0; s < model->simd_per_cu; s++) {
		const struct gpu_simd *simd = &cu->simd[s];
		if (!simd_fits(model, simd, vgprs))
			continue;
		if (best < 0 || simd->free_vgprs > cu->simd[best].free_vgprs)
			best = (int)s;
	}
	return best;
}

/* Books the group on a copy of the compute unit; the waves are told only when all fit. `same`: each on the SIMD it was on before. */
static bool book(const struct sim_model *model, struct gpu_cu *cu, struct gpu_group *group, bool same)
{
	struct gpu_cu trial = *cu;
	uint8_t simd_of[GPU_MAX_GROUP_WAVES], slot_of[GPU_MAX_GROUP_WAVES];
	unsigned vgprs = wave_vgprs(group);
	if (trial.free_lds < group->lds.lds_bytes)
		return false;
	trial.free_lds -= group->lds.lds_bytes;
	for (unsigned i = 0; i < group->n_waves; i++) {
		if (group->waves[i].ended)
			continue;
		int s = same ? group->waves[i].simd : pick_simd(model, &trial, vgprs);
		if (s < 0 || !simd_fits(model, &trial.simd[s], vgprs))
			return false;
		simd_of[i] = (uint8_t)s;
		slot_of[i] = (uint8_t)__builtin_ctz(~(unsigned)trial.simd[s].used_slots);
		trial.simd[s].used_slots |= (uint8_t)(1u << slot_of[i]);
		trial.simd[s].free_vgprs -= vgprs;
	}
	*cu = trial;
	for (unsigned i = 0; i < group->n_waves; i++) {
		if (group->waves[i].ended)
			continue;
		group->waves[i].simd = simd_of[i];
		group->waves[i].slot = slot_of[i];
	}
	return true;
}

static uint64_t *engine_slots(const struct gpu_group *group, unsigned engine)
{
	struct sim_queue *q = group->dispatch->queue;
	return q->hw->scratch.used[group->xcc * q->pdd->device->model->engines_per_xcc + engine];
}

static bool needs_scratch(const struct gpu_wave *wave)
{
	return !wave->ended && wave->group->dispatch->scratch && wave->scoreboard == NO_SLOT;
}

static bool scratch_fits(const struct gpu_group *group, unsigned engine)
{
	unsigned need = 0, used = 0;
	for (unsigned i = 0; i < group->n_waves; i++)
		need += needs_scratch(&group->waves[i]);
	if (!need)
		return true;
	const uint64_t *slots = engine_slots(group, engine);
	for (unsigned i = 0; i < GPU_SLOT_WORDS; i++)
		used += (unsigned)__builtin_popcountll(slots[i]);
	return used + need <= group->dispatch->queue->hw->scratch.slots_per_engine;
}

static uint16_t take_slot(uint64_t *slots)
{
	for (unsigned i = 0; i < GPU_SLOT_WORDS; i++) {
		if (slots[i] == UINT64_MAX)
			continue;
		unsigned bit = (unsigned)__builtin_ctzll(~slots[i]);
		slots[i] |= UINT64_C(1) << bit;
		return (uint16_t)(i * 64 + bit);
	}
	return NO_SLOT; /* excluded by scratch_fits() */
}

static void take_scratch(struct gpu_group *group)
{
	for (unsigned i = 0; i < group->n_waves; i++)
		if (needs_scratch(&group->waves[i]))
			group->waves[i].scoreboard = take_slot(engine_slots(group, group->se));
}

/* A CU mask counts compute units over the XCCs in turn, and inside one over the shader engines in turn. */
static bool masked_out(const struct sim_queue *q, unsigned xcc, unsigned cu)
{
	unsigned bit = cu * q->pdd->device->xccs + xcc;
	if (!q->cu_mask_bits)
		return false;
	return bit >= q->cu_mask_bits || !(q->cu_mask[bit / 32] >> bit % 32 & 1);
}

static unsigned live_waves(const struct gpu_group *group)
{
	unsigned live = 0;
	for (unsigned i = 0; i < group->n_waves; i++)
		live += !group->waves[i].ended;
	return live;
}

static bool place_on(struct gpu_group *group, unsigned cu, bool same)
{
	struct sim_gpu *gpu = gpu_of_queue(group->dispatch->queue);
	const struct sim_model *model = gpu->device->model;
	struct gpu_xcc *xcc = &gpu->xccs[group->xcc];
	unsigned engine = cu % model->engines_per_xcc, live = live_waves(group);
	if (xcc->waves[engine] + live > GPU_ENGINE_WAVES || !scratch_fits(group, engine) || !book(model, &xcc->cus[cu], group, same))
		return false;
	group->cu = cu;
	group->se = engine;
	group->placed = group->placed_before = true;
	xcc->waves[engine] += live;
	take_scratch(group);
	return true;
}

bool gpu_place_group(struct gpu_group *group)
{
	struct sim_queue *q = group->dispatch->queue;
	struct sim_gpu *gpu = gpu_of_queue(q);
	struct gpu_xcc *xcc = &gpu->xccs[group->xcc];
	bool engine_fixed = false;
	if (group->placed_before && !masked_out(q, group->xcc, group->cu) && place_on(group, group->cu, true))
		return true;
	for (unsigned i = 0; i < group->n_waves; i++)
		engine_fixed |= group->dispatch->scratch && !group->waves[i].ended && group->waves[i].scoreboard != NO_SLOT;
	for (unsigned n = 0; n < gpu->cus_per_xcc; n++) {
		unsigned c = (xcc->next_cu + n) % gpu->cus_per_xcc;
		if (masked_out(q, group->xcc, c) || (engine_fixed && c % gpu->device->model->engines_per_xcc != group->se))
			continue;
		if (!place_on(group, c, false))
			continue;
		xcc->next_cu = (c + 1) % gpu->cus_per_xcc;
		return true;
	}
	return false;
}

void gpu_unplace_wave(struct gpu_wave *wave)
{
	struct gpu_group *group = wave->group;
	struct sim_gpu *gpu = gpu_of_queue(group->dispatch->queue);
	if (group->placed) {
		struct gpu_simd *simd = &gpu->xccs[group->xcc].cus[group->cu].simd[wave->simd];
		simd->used_slots &= (uint8_t)~(1u << wave->slot);
		simd->free_vgprs += wave_vgprs(group);
		gpu->xccs[group->xcc].waves[group->se]--;
		gpu->releases++;
	}
	if (wave->ended && wave->scoreboard != NO_SLOT) {
		engine_slots(group, group->se)[wave->scoreboard / 64] &= ~(UINT64_C(1) << wave->scoreboard % 64);
		wave->scoreboard = NO_SLOT;
	}
}

void gpu_unplace_group(struct gpu_group *group)
{
	struct sim_gpu *gpu = gpu_of_queue(group->dispatch->queue);
	if (!group->placed)
		return;
	for (unsigned i = 0; i < group->n_waves; i++)
		if (!group->waves[i].ended)
			gpu_unplace_wave(&group->waves[i]);
	gpu->xccs[group->xcc].cus[group->cu].free_lds += group->lds.lds_bytes;
	gpu->releases++;
	group->placed = false;
}
