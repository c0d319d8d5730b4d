/* The device's side of a queue: attached, mapped, unmapped, taken away. */
#include "sim/gpu/queue.h"

#include <stdlib.h>

#include "sim/gpu/gpu.h"

static const uint64_t shared_base = UINT64_C(1) << 48, private_base = UINT64_C(2) << 48;

static uint64_t wave_clock(void *ctx)
{
	(void)ctx;
	return sim_gpu_clock();
}

static void unknown_instruction(void *ctx, uint64_t pc, const uint32_t *words, size_t n, const char *why)
{
	const struct sim_gpu_context *context = ctx;
	sim_log(context->pdd->process->driver, 0, "illegal instruction at %#llx: %08x %08x (%s): %s", (unsigned long long)pc, n > 0 ? words[0] : 0,
		n > 1 ? words[1] : 0, sim_insn_name(words, n), why ? why : "not known");
}

static struct sim_gpu_context *get_context(struct sim_pdd *pdd)
{
	struct sim_gpu_context *context = pdd->gpu;
	if (!context) {
		context = calloc(1, sizeof(*context));
		if (!context)
			return NULL;
		context->icache = sim_icache_create();
		if (!context->icache) {
			free(context);
			return NULL;
		}
		context->pdd = pdd;
		context->env = (struct sim_env){
			.vm = pdd->process->vm,
			.icache = context->icache,
			.shared_base = shared_base,
			.private_base = private_base,
			.watches = pdd->watch,
			.imprecise_by = sim_driver_options(pdd->process->driver)->imprecise_by,
			.clock = wave_clock,
			.unknown = unknown_instruction,
			.unknown_ctx = context,
		};
		pdd->gpu = context;
	}
	context->queues++;
	return context;
}

static void put_context(struct sim_pdd *pdd)
{
	if (!pdd->gpu || --pdd->gpu->queues)
		return;
	sim_icache_destroy(pdd->gpu->icache);
	free(pdd->gpu);
	pdd->gpu = NULL;
}

static void free_hw(struct sim_queue_hw *hw, unsigned xccs)
{
	if (!hw)
		return;
	for (unsigned x = 0; hw->saved && x < xccs; x++)
		free(hw->saved[x].stack);
	free(hw->saved);
	free(hw->scratch.used);
	free(hw);
}

bool sim_queue_attach(struct sim_queue *q)
{
	struct sim_device *device = q->pdd->device;
	struct sim_queue_hw *hw = calloc(1, sizeof(*hw));
	uint64_t *doorbells = sim_process_doorbells(q->pdd);
	if (hw) {
		hw->saved = calloc(device->xccs, sizeof(*hw->saved));
		hw->scratch.used = calloc((size_t)device->xccs * device->model->engines_per_xcc, sizeof(*hw->scratch.used));
	}
	if (!hw || !doorbells || !hw->saved || !hw->scratch.used || !get_context(q->pdd)) {
		free_hw(hw, device->xccs);
		return false;
	}
	hw->doorbell = doorbells + q->doorbell;
	*hw->doorbell = UINT64_MAX; /* the first packet's index is 0 */
	hw->doorbell_seen = UINT64_MAX;
	hw->packets_end = &hw->packets;
	q->hw = hw;
	struct sim_queue **end = &device->gpu->queues;
	while (*end)
		end = &(*end)->next_on_device;
	*end = q;
	q->next_on_device = NULL;
	return true;
}

static void drop_work(struct sim_queue *q)
{
	while (q->hw->groups) {
		struct gpu_group *g = q->hw->groups;
		for (unsigned i = 0; i < g->n_waves; i++)
			gpu_run_remove(&g->waves[i]);
		gpu_unplace_group(g);
		gpu_group_free(g);
	}
	while (q->hw->packets) {
		struct gpu_packet *p = q->hw->packets;
		q->hw->packets = p->next;
		gpu_packet_free(p);
	}
	q->hw->packets_end = &q->hw->packets;
	q->hw->launching = NULL;
	q->hw->unplaced = 0;
	q->hw->interrupt = 0;
}

void sim_queue_detach(struct sim_queue *q)
{
	struct sim_gpu *gpu = gpu_of_queue(q);
	if (!q->hw)
		return;
	drop_work(q);
	for (struct sim_queue **at = &gpu->queues; *at; at = &(*at)->next_on_device) {
		if (*at == q) {
			*at = q->next_on_device;
			break;
		}
	}
	free_hw(q->hw, q->pdd->device->xccs);
	q->hw = NULL;
	put_context(q->pdd);
}

void sim_queue_lose(struct sim_queue *q)
{
	if (!q->hw)
		return;
	drop_work(q);
	q->hw->mapped = false;
	q->hw->stalled = true; /* nothing more is taken from its ring */
}

bool sim_queue_active(const struct sim_queue *q)
{
	return q->ring_base && q->ring_bytes && q->percent && !q->suspended && !q->evicted;
}

void sim_queue_update(struct sim_queue *q)
{
	bool active = sim_queue_active(q);
	if (!q->hw || active == q->hw->mapped)
		return;
	q->hw->mapped = active;
	if (sim_driver_options(q->process->driver)->icache == SIM_ICACHE_QUEUE)
		sim_icache_drop(q->pdd->gpu->icache);
	if (active) {
		gpu_restore_queue(q);
	} else {
		gpu_interrupt_flush(q);
		gpu_save_queue(q);
	}
	gpu_of_queue(q)->idle_since = 0;
}

unsigned sim_queue_wave_count(const struct sim_queue *q)
{
	unsigned n = 0;
	for (const struct gpu_group *g = q->hw->groups; g; g = g->next)
		n += g->live;
	return n;
}
