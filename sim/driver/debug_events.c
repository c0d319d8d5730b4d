/* What has happened: ops QUERY_DEBUG_EVENT and QUERY_EXCEPTION_INFO (kfd-debug-interface.md 1.9, 4.5). */
#include "sim/driver/debug.h"

#include <errno.h>

#include "sim/driver/exceptions.h"
#include "sim/gpu/device.h"
#include "sim/gpu/queue.h"

/* Answers the whole status of the source and clears from it what the caller asked for. */
static int answer(struct sim_call *call, uint64_t *status, uint32_t gpu_id, uint32_t queue_id)
{
	uint64_t clear = sim_arg_get64(call, 8);
	sim_arg_put64(call, 8, *status);
	sim_arg_put32(call, 16, gpu_id);
	sim_arg_put32(call, 20, queue_id);
	*status &= ~clear;
	return 0;
}

int sim_debug_op_query_event(struct sim_call *call, struct sim_process *target)
{
	struct sim_debug *debug = &target->debug;
	for (struct sim_queue *q = target->queues; q; q = q->next_in_process)
		if (q->exception_status & debug->enable_mask)
			return answer(call, &q->exception_status, q->pdd->device->gpu_id, q->id);
	for (unsigned i = 0; i < target->n_pdds; i++)
		if (target->pdds[i].exception_status & debug->enable_mask)
			return answer(call, &target->pdds[i].exception_status, target->pdds[i].device->gpu_id, 0);
	if (debug->exception_status & debug->enable_mask)
		return answer(call, &debug->exception_status, 0, 0);
	sim_arg_put64(call, 8, 0);
	sim_arg_put32(call, 16, 0);
	sim_arg_put32(call, 20, 0);
	return -EAGAIN;
}

/* The status word that would hold this code; NULL when the source does not exist or the code belongs to no class. */
static uint64_t *status_of(struct sim_process *target, uint32_t code, uint32_t source)
{
	if (!code || code >= SIM_EC_MAX)
		return NULL;
	if (SIM_EC_BIT(code) & SIM_EC_QUEUE_CLASS) {
		struct sim_queue *q = sim_queue_find(target, source);
		return q ? &q->exception_status : NULL;
	}
	if (SIM_EC_BIT(code) & SIM_EC_DEVICE_CLASS) {
		struct sim_pdd *pdd = sim_process_pdd(target, source);
		return pdd ? &pdd->exception_status : NULL;
	}
	return SIM_EC_BIT(code) & SIM_EC_PROCESS_CLASS ? &target->debug.exception_status : NULL;
}

/* Data that belongs to the exception; its true size, 0 none. */
static uint32_t data_of(const struct sim_call *call, struct sim_process *target, uint32_t code, uint32_t source, uint8_t data[32])
{
	if (code == SIM_EC_PROCESS_RUNTIME) {
		struct sim_runtime_info info = sim_debug_runtime_info(target);
		memcpy(data, &info, sizeof(info));
		return sizeof(info);
	}
	if (code == SIM_EC_DEVICE_MEMORY_VIOLATION && sim_driver_options(call->driver)->memory_record) {
		const struct sim_pdd *pdd = sim_process_pdd(target, source);
		if (pdd && pdd->has_memory_exception) {
			memcpy(data, pdd->memory_exception, sizeof(pdd->memory_exception));
			return sizeof(pdd->memory_exception);
		}
	}
	return 0;
}

int sim_debug_op_query_info(struct sim_call *call, struct sim_process *target)
{
	uint64_t ptr = sim_arg_get64(call, 8);
	uint32_t room = sim_arg_get32(call, 16), source = sim_arg_get32(call, 20), code = sim_arg_get32(call, 24);
	uint8_t data[32];
	uint64_t *status = status_of(target, code, source);
	if (!ptr || !status)
		return -EINVAL;
	if (!(*status & SIM_EC_BIT(code)))
		return -ENODATA;
	uint32_t size = data_of(call, target, code, source, data);
	if (room > size)
		room = size;
	sim_arg_put32(call, 16, size);
	if (room && !sim_process_write(call->process, ptr, data, room))
		return -EFAULT;
	if (sim_arg_get32(call, 28)) {
		*status &= ~SIM_EC_BIT(code);
		if (code == SIM_EC_DEVICE_MEMORY_VIOLATION)
			sim_process_pdd(target, source)->has_memory_exception = false;
	}
	return 0;
}
