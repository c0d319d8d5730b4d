/* Context restore: waves are read back from where they were saved, whatever a debugger has made of them, and go on as soon as a compute
 * unit has room. Which waves there are and where their records lie is the device's own knowledge: the control stack in the save area is only
 * a copy (kfd-debug-interface.md 5.4). */
#include "sim/gpu/gpu.h"

#include <string.h>

#include "sim/gpu/bits.h"
#include "sim/gpu/record.h"

enum { PAD_BYTES = 64 };

void gpu_record_layout(struct gpu_record *r, const struct sim_wave *w, uint32_t top, uint32_t lds_bytes)
{
	uint32_t at = top - PAD_BYTES;
	r->lds = at -= lds_bytes;
	r->ttmp = at -= 64;
	r->hwreg = at -= 4 * HWREG_SLOTS;
	r->sgpr = at -= 4 * w->n_sgprs;
	r->acc = at -= (uint32_t)(w->n_agprs * sizeof(*w->a));
	r->vgpr = at -= (uint32_t)(w->n_vgprs * sizeof(*w->v));
	r->base = at;
	r->bytes = top - at;
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t value;
	memcpy(&value, p, sizeof(value));
	return value;
}

static void restore_sgprs(struct sim_wave *w, const uint8_t *from)
{
	unsigned end = w->n_sgprs < 108 ? w->n_sgprs : 108;
	memcpy(w->s, from, 4 * (end - 6));
	memcpy(&w->s[SIM_S_FLAT_SCRATCH], from + 4 * (end - 6), 8);
	memcpy(&w->s[SIM_S_VCC], from + 4 * (end - 2), 8);
	w->scratch_base = w->s[SIM_S_FLAT_SCRATCH] | (uint64_t)w->s[SIM_S_FLAT_SCRATCH + 1] << 32;
}

static void restore_hwregs(struct sim_wave *w, const uint8_t *from)
{
	w->s[SIM_S_M0] = get32(from + 4 * HWREG_M0);
	w->pc = (get32(from + 4 * HWREG_PC_LO) & ~3u) | (uint64_t)(get32(from + 4 * HWREG_PC_HI) & 0xffff) << 32;
	memcpy(&w->s[SIM_S_EXEC], from + 4 * HWREG_EXEC_LO, 8);
	w->trapsts = get32(from + 4 * HWREG_TRAPSTS) & ~(uint32_t)TRAPSTS_SAVECTX;
	memcpy(&w->s[SIM_S_XNACK_MASK], from + 4 * HWREG_XNACK_LO, 8);
	w->mode = get32(from + 4 * HWREG_MODE);
	sim_wave_set_status(w, get32(from + 4 * HWREG_STATUS) & ~(uint32_t)STATUS_PRIV);
}

static void restore_ttmps(struct sim_wave *w, const uint8_t *from)
{
	for (unsigned i = 0; i < 16; i++) {
		bool kept = (i >= 4 && i <= 11) || i == 13;
		w->s[SIM_S_TTMP0 + i] = kept ? get32(from + 4 * i) : 0xdead0000 + i;
	}
}

static void restore_wave(struct gpu_wave *wave, const uint8_t *data, bool first)
{
	struct sim_wave *w = &wave->w;
	struct gpu_record r;
	gpu_record_layout(&r, w, wave->record_top, first ? w->group->lds_bytes : 0);
	if (first && w->group->lds_bytes)
		memcpy(w->group->lds, data + r.lds, w->group->lds_bytes);
	restore_ttmps(w, data + r.ttmp);
	restore_sgprs(w, data + r.sgpr);
	restore_hwregs(w, data + r.hwreg);
	if (w->n_agprs)
		memcpy(w->a, data + r.acc, (size_t)w->n_agprs * sizeof(*w->a));
	memcpy(w->v, data + r.vgpr, (size_t)w->n_vgprs * sizeof(*w->v));
	wave->saved = false;
}

static void restore_group(struct gpu_group *g, const uint8_t *data)
{
	bool first = true;
	for (unsigned i = 0; i < g->n_waves; i++) {
		struct gpu_wave *wave = &g->waves[i];
		if (wave->ended)
			continue;
		if (wave->saved)
			restore_wave(wave, data, first);
		first = false;
	}
}

static void restore_xcc(struct sim_queue *q, unsigned xcc)
{
	struct gpu_saved *saved = &q->hw->saved[xcc];
	struct gpu_image image;
	uint32_t bytes = saved->wave_bytes;
	saved->n_stack = saved->wave_bytes = 0;
	if (!bytes || !gpu_image_open(&image, q, xcc, bytes))
		return;
	if (!image.staging || sim_process_read(q->process, image.addr, image.staging, bytes))
		for (struct gpu_group *g = q->hw->groups; g; g = g->next)
			if (g->xcc == xcc)
				restore_group(g, image.data);
	gpu_image_close(&image);
}

bool gpu_restore_place(struct sim_queue *q)
{
	struct sim_gpu *gpu = gpu_of_queue(q);
	bool progress = false;
	if (q->hw->unplaced_at == gpu->releases)
		return false;
	for (struct gpu_group *g = q->hw->groups; g; g = g->next) {
		if (g->placed || !gpu_place_group(g))
			continue;
		q->hw->unplaced--;
		progress = true;
		for (unsigned i = 0; i < g->n_waves; i++)
			gpu_run_insert(&g->waves[i]);
	}
	q->hw->unplaced_at = gpu->releases;
	return progress;
}

void gpu_restore_queue(struct sim_queue *q)
{
	if (q->save_base)
		for (unsigned x = 0; x < q->pdd->device->xccs; x++)
			restore_xcc(q, x);
	q->hw->unplaced = 0;
	for (struct gpu_group *g = q->hw->groups; g; g = g->next)
		q->hw->unplaced++;
	q->hw->unplaced_at = UINT64_MAX;
	if (q->hw->unplaced)
		gpu_restore_place(q);
}
