/* Context save: every wave of a queue to its save area, in the layout of wave-state.md 1.4 to 1.8 (gfx94x columns). */
#include "sim/gpu/gpu.h"

#include <stdlib.h>
#include <string.h>

#include "sim/gpu/bits.h"
#include "sim/gpu/record.h"

enum {
	STACK_HEADER_WORDS = 2,
	STACK_WORD0 = 0xc0017600, /* the two words before the entries are command headers that a reader skips */
	STACK_WORD1 = 0x40000212,
	HEADER_BYTES = 40,
};

bool gpu_image_open(struct gpu_image *image, struct sim_queue *q, unsigned xcc, uint32_t bytes)
{
	uint64_t start = q->save_base + (uint64_t)xcc * q->save_bytes + q->ctl_stack_bytes;
	*image = (struct gpu_image){ .queue = q, .addr = start, .bytes = bytes };
	if (!bytes)
		return true;
	image->data = sim_process_pointer(q->process, start, bytes);
	if (image->data)
		return true;
	image->data = image->staging = malloc(bytes);
	return image->data != NULL;
}

void gpu_image_close(struct gpu_image *image)
{
	free(image->staging);
	image->staging = NULL;
}

static void put32(uint8_t *p, uint32_t value)
{
	memcpy(p, &value, sizeof(value));
}

/* SGPR slots: ordinary registers, then FLAT_SCRATCH, XNACK_MASK and VCC in the last six below 108 (wave-state.md 1.9). */
static void save_sgprs(const struct sim_wave *w, uint8_t *to)
{
	unsigned end = w->n_sgprs < 108 ? w->n_sgprs : 108;
	memcpy(to, w->s, 4 * (end - 6));
	memcpy(to + 4 * (end - 6), &w->s[SIM_S_FLAT_SCRATCH], 24);
	memset(to + 4 * end, 0, 4 * (w->n_sgprs - end));
}

static void save_hwregs(const struct sim_wave *w, uint8_t *to)
{
	memset(to, 0, 4 * HWREG_SLOTS);
	put32(to + 4 * HWREG_M0, w->s[SIM_S_M0]);
	put32(to + 4 * HWREG_PC_LO, (uint32_t)w->pc);
	put32(to + 4 * HWREG_PC_HI, (uint32_t)(w->pc >> 32) & 0xffff);
	memcpy(to + 4 * HWREG_EXEC_LO, &w->s[SIM_S_EXEC], 8);
	put32(to + 4 * HWREG_STATUS, sim_wave_status(w));
	put32(to + 4 * HWREG_TRAPSTS, w->trapsts & ~(uint32_t)TRAPSTS_SAVECTX);
	memcpy(to + 4 * HWREG_XNACK_LO, &w->s[SIM_S_XNACK_MASK], 8);
	put32(to + 4 * HWREG_MODE, w->mode);
}

/* The handler stores only ttmp4..11 and 13; what else is in the block stays as it was. */
static void save_ttmps(const struct sim_wave *w, uint8_t *to)
{
	memcpy(to + 4 * 4, &w->s[SIM_S_TTMP0 + 4], 4 * 8);
	put32(to + 4 * 13, w->s[SIM_S_TTMP0 + 13]);
}

/* Writes the record that ends at `top`; answers its start. */
static uint32_t save_wave(struct gpu_wave *wave, uint8_t *data, uint32_t top, bool first)
{
	const struct sim_wave *w = &wave->w;
	struct gpu_record r;
	gpu_record_layout(&r, w, top, first ? w->group->lds_bytes : 0);
	if (first && w->group->lds_bytes)
		memcpy(data + r.lds, w->group->lds, w->group->lds_bytes);
	save_ttmps(w, data + r.ttmp);
	save_hwregs(w, data + r.hwreg);
	save_sgprs(w, data + r.sgpr);
	if (w->n_agprs)
		memcpy(data + r.acc, w->a, (size_t)w->n_agprs * sizeof(*w->a));
	memcpy(data + r.vgpr, w->v, (size_t)w->n_vgprs * sizeof(*w->v));
	wave->record_top = top;
	wave->saved = true;
	return r.base;
}

static void push(struct gpu_saved *saved, uint32_t word)
{
	if (saved->n_stack < saved->stack_room)
		saved->stack[saved->n_stack++] = word;
}

static uint32_t wave_word(const struct gpu_wave *wave, bool first, bool last)
{
	const struct gpu_group *g = wave->group;
	uint32_t scratch = g->dispatch->scratch ? WAVE_SCRATCH_EN | (wave->scoreboard & (SCOREBOARD_SLOTS - 1)) : 0;
	return scratch | g->se << WAVE_SE_SHIFT | (first ? WAVE_FIRST : 0) | (last ? WAVE_LAST : 0);
}

static const struct gpu_wave *last_live(const struct gpu_group *g)
{
	for (unsigned i = g->n_waves; i--;)
		if (!g->waves[i].ended)
			return &g->waves[i];
	return NULL;
}

static uint32_t save_group(struct gpu_group *g, struct gpu_saved *saved, uint8_t *data, uint32_t top)
{
	const struct gpu_wave *last = last_live(g);
	bool first = true;
	for (unsigned i = 0; i < g->n_waves; i++) {
		struct gpu_wave *wave = &g->waves[i];
		if (wave->ended)
			continue;
		gpu_run_remove(wave);
		push(saved, wave_word(wave, first, wave == last));
		top = save_wave(wave, data, top, first);
		first = false;
	}
	gpu_unplace_group(g);
	return top;
}

static uint32_t group_bytes(const struct gpu_group *g)
{
	uint32_t total = 0;
	bool first = true;
	for (unsigned i = 0; i < g->n_waves; i++) {
		struct gpu_record r;
		if (g->waves[i].ended)
			continue;
		gpu_record_layout(&r, &g->waves[i].w, UINT32_MAX, first ? g->lds.lds_bytes : 0);
		total += r.bytes;
		first = false;
	}
	return total;
}

static bool stack_room(struct gpu_saved *saved, uint32_t words)
{
	uint32_t *stack;
	if (words <= saved->stack_room)
		return true;
	stack = realloc(saved->stack, words * sizeof(*stack));
	if (!stack)
		return false;
	saved->stack = stack;
	saved->stack_room = words;
	return true;
}

static void save_xcc(struct sim_queue *q, unsigned xcc)
{
	struct gpu_saved *saved = &q->hw->saved[xcc];
	struct gpu_image image;
	uint32_t bytes = 0, words = STACK_HEADER_WORDS, state = 0;
	saved->n_stack = saved->wave_bytes = 0;
	for (struct gpu_group *g = q->hw->groups; g; g = g->next) {
		if (g->xcc != xcc)
			continue;
		bytes += group_bytes(g);
		words += g->live + 1;
	}
	/* Occupancy is bounded by the register files that the area is sized for, so this always fits; an area that is gone does not. */
	if (!bytes || bytes > q->save_bytes - q->ctl_stack_bytes || words * 4 > q->ctl_stack_bytes - HEADER_BYTES || !stack_room(saved, words)
	    || !gpu_image_open(&image, q, xcc, bytes))
		return;
	push(saved, STACK_WORD0);
	push(saved, STACK_WORD1);
	uint32_t top = bytes;
	for (struct gpu_group *g = q->hw->groups; g; g = g->next) {
		if (g->xcc != xcc)
			continue;
		if (g->dispatch->state_word != state)
			push(saved, state = g->dispatch->state_word);
		top = save_group(g, saved, image.data, top);
	}
	if (image.staging)
		sim_process_write(q->process, image.addr, image.staging, bytes);
	saved->wave_bytes = bytes;
	gpu_image_close(&image);
}

void gpu_save_queue(struct sim_queue *q)
{
	if (!q->save_base)
		return;
	for (unsigned x = 0; x < q->pdd->device->xccs; x++)
		save_xcc(q, x);
	/* What could not be saved still leaves the device, and comes back as it was. */
	for (struct gpu_group *g = q->hw->groups; g; g = g->next) {
		for (unsigned i = 0; i < g->n_waves; i++)
			gpu_run_remove(&g->waves[i]);
		gpu_unplace_group(g);
	}
	q->hw->unplaced = 0;
}

void sim_queue_used_sizes(const struct sim_queue *q, uint32_t *ctl_stack, uint32_t *wave_state)
{
	*ctl_stack = q->hw->saved[0].n_stack * 4;
	*wave_state = q->hw->saved[0].wave_bytes;
}

void sim_queue_write_headers(struct sim_queue *q, uint64_t base)
{
	if (!q->save_base)
		return;
	for (unsigned x = 0; x < q->pdd->device->xccs; x++) {
		const struct gpu_saved *saved = &q->hw->saved[x];
		uint64_t area = base + (uint64_t)x * q->save_bytes;
		uint32_t stack = saved->n_stack * 4;
		uint32_t header[4] = { q->ctl_stack_bytes - stack, stack, q->ctl_stack_bytes + saved->wave_bytes, saved->wave_bytes };
		if (stack)
			sim_process_write(q->process, area + header[0], saved->stack, stack);
		sim_process_write(q->process, area, header, sizeof(header));
	}
}
