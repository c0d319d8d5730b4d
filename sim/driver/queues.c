/* The ioctls of user queues (kfd-debug-interface.md 6.5, 5.3). */
#include <errno.h>
#include <stdlib.h>

#include "sim/driver/abi.h"
#include "sim/driver/debug.h"
#include "sim/driver/exceptions.h"
#include "sim/driver/handlers.h"
#include "sim/gpu/device.h"
#include "sim/gpu/queue.h"

enum {
	NOT_SUPPORTED = 524,  /* kernel-internal errno that leaks to the caller */
	MIN_RING_BYTES = 1024,
	MIN_EOP_BYTES = 4096,
	MAX_PRIORITY = 15,
	MAX_IDS = 1024,
	MAX_QUEUES_PER_GPU = 255,
	PAGE_BYTES = 4096,
	CU_MASK_MAX_BITS = SIM_MAX_CUS,
};
static const uint64_t user_space_end = UINT64_C(1) << 47;

enum { /* offsets in the CREATE_QUEUE block */
	NEW_RING = 0, NEW_WRITE = 8, NEW_READ = 16, NEW_DOORBELL = 24, NEW_RING_BYTES = 32, NEW_GPU = 36, NEW_TYPE = 40, NEW_PERCENT = 44,
	NEW_PRIORITY = 48, NEW_ID = 52, NEW_EOP = 56, NEW_EOP_BYTES = 64, NEW_SAVE = 72, NEW_SAVE_BYTES = 80, NEW_STACK_BYTES = 84,
};

struct sim_queue *sim_queue_find(struct sim_process *process, uint32_t id)
{
	struct sim_queue *q = process->queues;
	while (q && q->id != id)
		q = q->next_in_process;
	return q;
}

/* ------------------------------------------------------------------ create */

static int bad_ring(uint64_t base, uint32_t bytes, uint32_t percent, uint32_t priority)
{
	if (percent > 100 || priority > MAX_PRIORITY || (bytes & (bytes - 1)))
		return -EINVAL;
	return base >= user_space_end ? -EFAULT : 0;
}

static int fill_properties(const struct sim_call *call, struct sim_queue *q)
{
	static const uint8_t type_of[] = { SIM_QUEUE_PM4, SIM_QUEUE_SDMA, SIM_QUEUE_AQL, SIM_QUEUE_SDMA_XGMI, SIM_QUEUE_SDMA };
	uint32_t type = sim_arg_get32(call, NEW_TYPE), percent = sim_arg_get32(call, NEW_PERCENT) & 0xff;
	uint64_t eop_bytes = sim_arg_get64(call, NEW_EOP_BYTES);
	q->ring_base = sim_arg_get64(call, NEW_RING);
	q->ring_bytes = sim_arg_get32(call, NEW_RING_BYTES);
	q->write_ptr = sim_arg_get64(call, NEW_WRITE);
	q->read_ptr = sim_arg_get64(call, NEW_READ);
	q->percent = percent;
	q->priority = sim_arg_get32(call, NEW_PRIORITY);
	q->eop_base = sim_arg_get64(call, NEW_EOP);
	q->save_base = sim_arg_get64(call, NEW_SAVE);
	q->save_bytes = sim_arg_get32(call, NEW_SAVE_BYTES);
	q->ctl_stack_bytes = sim_arg_get32(call, NEW_STACK_BYTES);
	int r = bad_ring(q->ring_base, q->ring_bytes, percent, q->priority);
	if (r)
		return r;
	if (q->write_ptr >= user_space_end || q->read_ptr >= user_space_end || q->eop_base >= user_space_end || q->save_base >= user_space_end)
		return -EFAULT;
	if (q->eop_base && eop_bytes < MIN_EOP_BYTES)
		return -EINVAL;
	q->eop_bytes = (uint32_t)eop_bytes;
	if (q->ring_bytes && q->ring_bytes < MIN_RING_BYTES)
		q->ring_bytes = MIN_RING_BYTES;
	if (type >= sizeof(type_of))
		return -NOT_SUPPORTED;
	q->type = type_of[type];
	if (q->type == SIM_QUEUE_PM4) {
		sim_log(call->driver, 0, "queues of PM4 commands (type 0) are not simulated");
		return -EINVAL;
	}
	return 0;
}

/* Every buffer has to be mapped on the device; the save area has to be as large as the device may need it. */
static int check_buffers(const struct sim_queue *q)
{
	struct sim_device *device = q->pdd->device;
	uint32_t cwsr, stack, debug;
	sim_device_save_sizes(device, &cwsr, &stack, &debug);
	if (!q->ring_bytes || !sim_memory_mapped(q->process, device, q->ring_base, q->ring_bytes)
	    || !sim_memory_mapped(q->process, device, q->write_ptr, 8) || !sim_memory_mapped(q->process, device, q->read_ptr, 8))
		return -EINVAL;
	if (sim_queue_is_sdma(q))
		return 0;
	if (q->eop_base && !sim_memory_mapped(q->process, device, q->eop_base, q->eop_bytes))
		return -EINVAL;
	uint64_t total = ((uint64_t)q->save_bytes + debug) * device->xccs;
	total = (total + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
	if (q->ctl_stack_bytes != stack || q->save_bytes < cwsr || !sim_memory_mapped(q->process, device, q->save_base, total))
		return -EINVAL;
	return 0;
}

static bool pick_id(const struct sim_process *process, uint32_t *id)
{
	uint64_t used[MAX_IDS / 64] = { 0 };
	for (const struct sim_queue *q = process->queues; q; q = q->next_in_process)
		used[q->id / 64] |= UINT64_C(1) << q->id % 64;
	for (*id = 0; *id < MAX_IDS; ++*id)
		if (!(used[*id / 64] >> *id % 64 & 1))
			return true;
	return false;
}

/* Compute queues take the lowest free doorbell of process and device, SDMA queues the highest. */
static bool pick_doorbell(const struct sim_queue *q, unsigned *doorbell)
{
	for (unsigned i = 0; i < SIM_DOORBELLS; i++) {
		unsigned candidate = sim_queue_is_sdma(q) ? SIM_DOORBELLS - 1 - i : i;
		const struct sim_queue *other = q->pdd->queues;
		while (other && other->doorbell != candidate)
			other = other->next_in_pdd;
		if (!other) {
			*doorbell = candidate;
			return true;
		}
	}
	return false;
}

static int place_queue(struct sim_queue *q)
{
	unsigned n = 0;
	for (const struct sim_queue *other = q->pdd->queues; other; other = other->next_in_pdd)
		n++;
	if (n >= MAX_QUEUES_PER_GPU)
		return -ENOSPC;
	if (!pick_id(q->process, &q->id) || !pick_doorbell(q, &q->doorbell) || !sim_queue_attach(q))
		return -ENOMEM;
	return 0;
}

static int prepare_queue(const struct sim_call *call, struct sim_queue *q)
{
	int r = fill_properties(call, q);
	if (r)
		return r;
	q->process = call->process;
	q->pdd = sim_process_pdd(call->process, sim_arg_get32(call, NEW_GPU));
	if (!q->pdd)
		return -EINVAL;
	if (!q->pdd->vm_acquired)
		return -ESRCH;
	if (sim_queue_is_sdma(q))
		q->save_base = q->save_bytes = q->ctl_stack_bytes = 0;
	r = check_buffers(q);
	return r ? r : place_queue(q);
}

int sim_ioctl_create_queue(struct sim_call *call)
{
	struct sim_process *process = call->process;
	struct sim_queue *q = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	int r = prepare_queue(call, q);
	if (r) {
		free(q);
		return r;
	}
	q->next_in_process = process->queues;
	process->queues = q;
	q->next_in_pdd = q->pdd->queues;
	q->pdd->queues = q;
	q->exception_status = SIM_EC_BIT(SIM_EC_QUEUE_NEW);
	sim_queue_update(q);
	sim_arg_put32(call, NEW_ID, q->id);
	sim_arg_put64(call, NEW_DOORBELL, (uint64_t)SIM_MMAP_DOORBELL << SIM_MMAP_TYPE_SHIFT
		| (uint64_t)q->pdd->device->gpu_id << SIM_MMAP_GPU_ID_SHIFT | q->doorbell * UINT64_C(8));
	sim_exception_raise(process, SIM_EC_BIT(SIM_EC_QUEUE_NEW), q->pdd, q);
	return 0;
}

/* ------------------------------------------------------------------ destroy */

static void unlink_queue(struct sim_queue *q)
{
	struct sim_queue **at = &q->process->queues;
	while (*at && *at != q)
		at = &(*at)->next_in_process;
	if (*at)
		*at = q->next_in_process;
	at = &q->pdd->queues;
	while (*at && *at != q)
		at = &(*at)->next_in_pdd;
	if (*at)
		*at = q->next_in_pdd;
}

static void destroy(struct sim_queue *q)
{
	struct sim_process *process = q->process;
	struct sim_pdd *pdd = q->pdd;
	unlink_queue(q);
	sim_queue_detach(q);
	free(q);
	sim_exception_raise(process, SIM_EC_BIT(SIM_EC_DEVICE_QUEUE_DELETE), pdd, NULL);
}

/* The sleeping caller got a signal: the queue lives on. */
static void destroy_cancelled(struct sim_call *call)
{
	struct sim_queue *q = call->sleep_state;
	q->being_destroyed = false;
	q->destroyer = NULL;
	call->sleep_state = NULL;
	call->cancel = NULL;
	sim_call_finish(call, -EINTR);
}

void sim_queues_finish_destroyed(struct sim_process *process)
{
	for (struct sim_queue *q = process->queues, *next; q; q = next) {
		struct sim_call *call = q->destroyer;
		next = q->next_in_process;
		if (!call || q->suspended)
			continue;
		call->sleep_state = NULL;
		call->cancel = NULL;
		destroy(q);
		sim_call_finish(call, 0);
	}
}

int sim_ioctl_destroy_queue(struct sim_call *call)
{
	struct sim_queue *q = sim_queue_find(call->process, sim_arg_get32(call, 0));
	if (!q)
		return -EINVAL;
	if (q->being_destroyed)
		return -EBUSY;
	if (!q->suspended || !call->process->debug.enabled) {
		destroy(q);
		return 0;
	}
	q->being_destroyed = true;
	q->destroyer = call;
	call->sleep_state = q;
	call->cancel = destroy_cancelled;
	return SIM_LATER;
}

void sim_queues_process_gone(struct sim_process *process)
{
	while (process->queues) {
		struct sim_queue *q = process->queues;
		if (q->destroyer)
			destroy_cancelled(q->destroyer); /* dies with its process */
		unlink_queue(q);
		sim_queue_detach(q);
		free(q);
	}
}

/* ------------------------------------------------------------------ the rest */

int sim_ioctl_update_queue(struct sim_call *call)
{
	uint64_t ring = sim_arg_get64(call, 0);
	uint32_t bytes = sim_arg_get32(call, 12), percent = sim_arg_get32(call, 16) & 0xff, priority = sim_arg_get32(call, 20);
	int r = bad_ring(ring, bytes, percent, priority);
	if (r)
		return r;
	struct sim_queue *q = sim_queue_find(call->process, sim_arg_get32(call, 8));
	if (!q)
		return -EFAULT;
	if (bytes && bytes < MIN_RING_BYTES)
		bytes = MIN_RING_BYTES;
	if (ring && bytes && !sim_memory_mapped(q->process, q->pdd->device, ring, bytes))
		return -EINVAL;
	q->ring_base = ring;
	q->ring_bytes = bytes;
	q->percent = percent;
	q->priority = priority;
	sim_queue_update(q);
	return 0;
}

int sim_ioctl_set_cu_mask(struct sim_call *call)
{
	uint32_t bits = sim_arg_get32(call, 4);
	uint32_t mask[CU_MASK_MAX_BITS / 32];
	if (!bits || bits % 32)
		return -EINVAL;
	if (bits > CU_MASK_MAX_BITS)
		bits = CU_MASK_MAX_BITS;
	if (!sim_process_read(call->process, sim_arg_get64(call, 8), mask, bits / 8))
		return -EFAULT;
	struct sim_queue *q = sim_queue_find(call->process, sim_arg_get32(call, 0));
	if (!q)
		return -EFAULT;
	memcpy(q->cu_mask, mask, bits / 8);
	q->cu_mask_bits = bits;
	return 0;
}

int sim_ioctl_get_queue_wave_state(struct sim_call *call)
{
	struct sim_queue *q = sim_queue_find(call->process, sim_arg_get32(call, 16));
	uint32_t stack, waves;
	if (!q)
		return -EFAULT;
	if (sim_queue_is_sdma(q) || sim_queue_active(q))
		return -EINVAL;
	sim_queue_write_headers(q, sim_arg_get64(call, 0));
	sim_queue_used_sizes(q, &stack, &waves);
	sim_arg_put32(call, 8, stack);
	sim_arg_put32(call, 12, waves);
	return 0;
}

/* The simulated device has no global wave sync (its topology says num_gws 0). */
int sim_ioctl_alloc_queue_gws(struct sim_call *call)
{
	return sim_queue_find(call->process, sim_arg_get32(call, 0)) ? -ENODEV : -EINVAL;
}
