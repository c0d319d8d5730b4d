/* Ops SUSPEND_QUEUES and RESUME_QUEUES (kfd-debug-interface.md 5), as a kernel with a hardware scheduler does them. */
#include "sim/driver/debug.h"

#include <errno.h>
#include <stdlib.h>

#include "sim/driver/exceptions.h"
#include "sim/gpu/device.h"
#include "sim/gpu/queue.h"

enum { MAX_IDS = 1024 };
#define ID_INVALID 0x80000000u
#define ID_ERROR 0x40000000u

/* The caller's array; every entry starts as invalid. */
struct ids {
	uint32_t n;
	uint32_t id[MAX_IDS];
};

static int read_ids(struct sim_call *call, uint64_t ptr, uint32_t n, struct ids **out)
{
	struct ids *ids;
	if (n > MAX_IDS)
		return -EINVAL;
	ids = malloc(sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	ids->n = n;
	if (n && !sim_process_read(call->process, ptr, ids->id, n * sizeof(ids->id[0]))) {
		free(ids);
		return -EFAULT;
	}
	for (uint32_t i = 0; i < n; i++)
		ids->id[i] |= ID_INVALID;
	*out = ids;
	return 0;
}

static void write_ids(struct sim_call *call, uint64_t ptr, struct ids *ids)
{
	if (ids->n)
		sim_process_write(call->process, ptr, ids->id, ids->n * sizeof(ids->id[0])); /* a fault is ignored */
	free(ids);
}

/* The first entry of this queue, NULL none. An error bit of an earlier call is part of the id. */
static uint32_t *entry_of(struct ids *ids, const struct sim_queue *q)
{
	for (uint32_t i = 0; i < ids->n; i++)
		if ((ids->id[i] & ~ID_INVALID) == q->id)
			return &ids->id[i];
	return NULL;
}

static bool fails(const struct sim_pdd *pdd)
{
	return pdd->device->resetting || pdd->device->removed;
}

/* The scheduler takes all queues of the device out at once: one that does not go makes it fail for all. */
static bool one_is_stuck(struct sim_pdd *pdd, struct ids *ids)
{
	bool stuck = false;
	for (struct sim_queue *q = pdd->queues; q; q = q->next_in_pdd) {
		if (!q->stuck || !entry_of(ids, q))
			continue;
		stuck = true;
		if (q->stuck != UINT32_MAX)
			q->stuck--;
	}
	return stuck;
}

static int suspend_on_device(struct sim_pdd *pdd, struct ids *ids, uint64_t clear)
{
	int suspended = 0;
	for (struct sim_queue *q = pdd->queues; q; q = q->next_in_pdd) {
		uint32_t *entry = entry_of(ids, q);
		if (!entry)
			continue;
		if (!q->suspended && (q->exception_status & SIM_EC_BIT(SIM_EC_QUEUE_NEW) || q->being_destroyed))
			continue;
		q->suspended = true;
		*entry &= ~ID_INVALID;
		suspended++;
	}
	if (!suspended)
		return 0;
	bool failed = fails(pdd) || one_is_stuck(pdd, ids);
	for (struct sim_queue *q = pdd->queues; q; q = q->next_in_pdd) {
		uint32_t *entry = entry_of(ids, q);
		if (!entry)
			continue;
		if (failed) {
			*entry |= ID_ERROR;
			continue;
		}
		sim_queue_update(q);
		q->exception_status &= ~clear; /* skipped new queues as well */
	}
	return failed ? 0 : suspended;
}

int sim_debug_op_suspend(struct sim_call *call, struct sim_process *target)
{
	uint64_t clear = sim_arg_get64(call, 8), ptr = sim_arg_get64(call, 16);
	uint32_t n = sim_arg_get32(call, 24);
	struct ids *ids;
	int total = 0;
	if (!ptr && n)
		return -EINVAL;
	int r = read_ids(call, ptr, n, &ids);
	if (r)
		return r;
	for (unsigned i = 0; i < target->n_pdds; i++)
		total += suspend_on_device(&target->pdds[i], ids, clear);
	if (total)
		for (struct sim_queue *q = target->queues; q; q = q->next_in_process)
			sim_queue_write_headers(q, q->save_base);
	write_ids(call, ptr, ids);
	return total;
}

/* ids NULL: all queues of the device. */
static int resume_on_device(struct sim_pdd *pdd, struct ids *ids)
{
	int resumed = 0;
	for (struct sim_queue *q = pdd->queues; q; q = q->next_in_pdd) {
		uint32_t *entry = ids ? entry_of(ids, q) : NULL;
		if (ids && !entry)
			continue;
		q->suspended = false;
		sim_queue_update(q);
		if (entry)
			*entry = fails(pdd) ? q->id | ID_ERROR : q->id;
		resumed++;
	}
	return fails(pdd) ? 0 : resumed;
}

static int resume(struct sim_process *target, struct ids *ids)
{
	int total = 0;
	for (unsigned i = 0; i < target->n_pdds; i++)
		total += resume_on_device(&target->pdds[i], ids);
	sim_queues_finish_destroyed(target);
	return total;
}

int sim_debug_op_resume(struct sim_call *call, struct sim_process *target)
{
	uint64_t ptr = sim_arg_get64(call, 8);
	struct ids *ids;
	if (!ptr)
		return resume(target, NULL);
	int r = read_ids(call, ptr, sim_arg_get32(call, 16), &ids);
	if (r)
		return r;
	r = resume(target, ids);
	write_ids(call, ptr, ids);
	return r;
}

void sim_debug_resume_all(struct sim_process *target)
{
	resume(target, NULL);
}
