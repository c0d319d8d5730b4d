/* The ring of waves that may run and the run of the device: doorbells, packets, launches, one slice of instructions for each wave in turn.
 * The order depends on nothing but the order of events, so that runs repeat. */
#include "sim/gpu/gpu.h"

#include <stdlib.h>
#include <time.h>

#include "sim/driver/exceptions.h"
#include "sim/gpu/bits.h"

enum {
	SLICE = 400,          /* instructions */
	IDLE_NEAR_US = 200,   /* how often doorbells are looked at */
	IDLE_FAR_US = 1000,
	NOTHING_MAPPED_US = 20000, /* only an ioctl changes that, and the device is run after each */
	IDLE_FAR_AFTER = 10000000, /* 100 ms of the device clock */
	YIELDED_US = 20,
	INTERRUPT_TURNS = 2,
	TICKS_PER_US = 100,
	MSG_INTERRUPT = 1,
};

static bool may_run(const struct gpu_wave *wave)
{
	return !wave->ended && !wave->at_barrier && wave->group->placed && !(wave->w.status & STATUS_HALT);
}

void gpu_run_insert(struct gpu_wave *wave)
{
	struct sim_gpu *gpu = gpu_of_queue(gpu_wave_queue(wave));
	if (wave->run_next || !may_run(wave))
		return;
	struct gpu_wave *at = gpu->run_cursor;
	if (!at) {
		wave->run_next = wave->run_prev = gpu->run_cursor = wave;
	} else {
		wave->run_next = at;
		wave->run_prev = at->run_prev;
		at->run_prev->run_next = wave;
		at->run_prev = wave;
	}
	gpu->runnable++;
}

void gpu_run_remove(struct gpu_wave *wave)
{
	struct sim_gpu *gpu = gpu_of_queue(gpu_wave_queue(wave));
	if (!wave->run_next)
		return;
	wave->run_prev->run_next = wave->run_next;
	wave->run_next->run_prev = wave->run_prev;
	if (gpu->run_cursor == wave)
		gpu->run_cursor = wave->run_next == wave ? NULL : wave->run_next;
	wave->run_next = wave->run_prev = NULL;
	gpu->runnable--;
}

/* Lets go on who waits when nobody else has to arrive. */
static void barrier_check(struct gpu_group *group)
{
	if (!group->waiting || group->waiting < group->live)
		return;
	group->waiting = 0;
	for (unsigned i = 0; i < group->n_waves; i++) {
		struct gpu_wave *wave = &group->waves[i];
		if (!wave->at_barrier)
			continue;
		wave->at_barrier = false;
		wave->w.status &= ~(uint32_t)STATUS_IN_BARRIER;
		gpu_run_insert(wave);
	}
}

static void arrive(struct gpu_wave *wave)
{
	wave->at_barrier = true;
	wave->w.status |= STATUS_IN_BARRIER;
	wave->group->waiting++;
	gpu_run_remove(wave);
	barrier_check(wave->group);
}

/* The wave has ended: its slots are free, and with the last one the group and the dispatch end. */
static void wave_end(struct gpu_wave *wave)
{
	struct gpu_group *group = wave->group;
	struct gpu_packet *dispatch = group->dispatch;
	gpu_run_remove(wave);
	wave->ended = true;
	gpu_unplace_wave(wave);
	group->live--;
	if (group->live) {
		barrier_check(group);
		return;
	}
	gpu_unplace_group(group);
	gpu_group_free(group);
	dispatch->live--;
	if (!dispatch->live && dispatch->launched == dispatch->n_groups)
		gpu_packet_finish(dispatch);
}

static void end_program(struct gpu_wave *wave)
{
	if (wave->w.mode & MODE_TRAP_ON_END && !wave->end_trapped) {
		wave->end_trapped = true;
		wave->w.trapsts |= TRAPSTS_WAVE_END;
		gpu_trap_enter(wave, -1);
		return;
	}
	wave_end(wave);
}

/* s_sendmsg of user code: message 1 is an interrupt with an event id of the process (kfd-debug-interface.md 4.3, last sentence). */
static void send_message(struct gpu_wave *wave, uint32_t message)
{
	if ((message & 0xf) == MSG_INTERRUPT)
		sim_event_signal(gpu_wave_queue(wave)->process, wave->w.s[SIM_S_M0] & 0xffffff);
}

/* hwreg HW_ID of gfx9: wave [3:0], SIMD [5:4], pipe [7:6], CU [11:8], SH [12], SE [14:13], queue [26:24]. */
static uint32_t hw_id(const struct gpu_wave *wave)
{
	const struct gpu_group *g = wave->group;
	unsigned engines = gpu_wave_queue(wave)->pdd->device->model->engines_per_xcc;
	return wave->slot | (uint32_t)wave->simd << 4 | (g->cu / engines & 0xf) << 8 | (g->se & 3) << 13;
}

void gpu_interrupt_flush(struct sim_queue *q)
{
	uint32_t message = q->hw->interrupt;
	q->hw->interrupt = 0;
	if (message)
		sim_exception_wave_interrupt(q->pdd, message);
}

void gpu_interrupt(struct sim_queue *q, uint32_t message)
{
	const struct sim_gpu *gpu = gpu_of_queue(q);
	if (!q->hw->interrupt)
		q->hw->interrupt_due = gpu->slices + INTERRUPT_TURNS * (uint64_t)gpu->runnable;
	q->hw->interrupt |= message; /* the doorbell is the same, exceptions add up */
}

/* Those that are due; all of them when no wave gets anywhere. */
static void deliver_interrupts(struct sim_gpu *gpu, bool worked)
{
	for (struct sim_queue *q = gpu->queues; q; q = q->next_on_device)
		if (q->hw->interrupt && (!worked || gpu->slices >= q->hw->interrupt_due))
			gpu_interrupt_flush(q);
}

/* One slice of one wave. True when it did not merely yield. The wave may be gone afterwards. */
static bool run_slice(struct gpu_wave *wave)
{
	struct sim_env *env = &gpu_wave_queue(wave)->pdd->gpu->env;
	if (gpu_trap_pending(&wave->w)) {
		gpu_trap_enter(wave, -1);
		return true;
	}
	env->hw_id = hw_id(wave);
	env->xcc_id = wave->group->xcc;
	env->precise_memory = gpu_wave_queue(wave)->process->debug.flags & 1;
	struct sim_result result = sim_wave_run(&wave->w, env, SLICE);
	switch (result.why) {
	case SIM_BUDGET:
		break;
	case SIM_YIELD:
		return false;
	case SIM_BARRIER:
		arrive(wave);
		break;
	case SIM_ENDPGM:
		end_program(wave);
		break;
	case SIM_TRAP:
		gpu_trap_enter(wave, (int)(result.info & 0xff));
		break;
	case SIM_EXCEPTION:
		gpu_trap_fault(wave, &result);
		break;
	case SIM_STEPPED:
		gpu_trap_enter(wave, -1);
		break;
	case SIM_HALTED:
		gpu_run_remove(wave);
		break;
	case SIM_SENDMSG:
		send_message(wave, result.info);
		break;
	}
	return true;
}

/* One turn of the ring, or what of it fits before the deadline. True when some wave did more than yield. */
static bool run_round(struct sim_gpu *gpu, uint64_t deadline)
{
	bool worked = false;
	for (unsigned n = gpu->runnable; n && gpu->run_cursor; n--) {
		struct gpu_wave *wave = gpu->run_cursor;
		gpu->run_cursor = wave->run_next;
		gpu->slices++;
		worked |= run_slice(wave);
		if (sim_gpu_clock() >= deadline)
			break;
	}
	return worked;
}

static bool feed(struct sim_gpu *gpu, bool *mapped)
{
	bool progress = false;
	*mapped = false;
	for (struct sim_queue *q = gpu->queues, *next; q; q = next) {
		next = q->next_on_device;
		if (!q->hw->mapped)
			continue;
		*mapped = true;
		/* What was saved comes before what is new, or more might be resident than the save area holds. */
		if (q->hw->unplaced) {
			progress |= gpu_restore_place(q);
			if (q->hw->unplaced)
				continue;
		}
		progress |= sim_queue_is_sdma(q) ? gpu_sdma_step(q) : gpu_aql_step(q);
	}
	return progress;
}

/* Groups are still being placed, much faster than the hardware runs them: waves begin to run when all that fit are in place. */
static bool launching(const struct sim_gpu *gpu)
{
	for (const struct sim_queue *q = gpu->queues; q; q = q->next_on_device)
		if (q->hw->mapped && !q->hw->unplaced && q->hw->launching && q->hw->launching->blocked_at != gpu->releases)
			return true;
	return false;
}

int sim_gpu_run(struct sim_gpu *gpu, unsigned microseconds)
{
	uint64_t start = sim_gpu_clock(), now = start;
	uint64_t deadline = start + (uint64_t)microseconds * TICKS_PER_US;
	bool worked = false, mapped = false;
	if (!gpu->queues)
		return -1;
	if (gpu->device->removed || gpu->device->resetting)
		return IDLE_FAR_US;
	do {
		worked = feed(gpu, &mapped);
		if (!launching(gpu))
			worked |= run_round(gpu, deadline);
		deliver_interrupts(gpu, worked);
		now = sim_gpu_clock();
	} while (worked && now < deadline);
	if (worked) {
		gpu->idle_since = 0;
		return 0;
	}
	if (gpu->runnable)
		return YIELDED_US;
	if (!mapped)
		return NOTHING_MAPPED_US;
	if (!gpu->idle_since)
		gpu->idle_since = now;
	return now - gpu->idle_since > IDLE_FAR_AFTER ? IDLE_FAR_US : IDLE_NEAR_US;
}

struct sim_gpu *sim_gpu_create(struct sim_device *device, struct sim_driver *driver)
{
	struct sim_gpu *gpu = calloc(1, sizeof(*gpu));
	if (!gpu)
		return NULL;
	gpu->device = device;
	gpu->driver = driver;
	if (!gpu_place_init(gpu)) {
		sim_gpu_destroy(gpu);
		return NULL;
	}
	return gpu;
}

void sim_gpu_destroy(struct sim_gpu *gpu)
{
	if (!gpu)
		return;
	gpu_place_deinit(gpu);
	free(gpu);
}
