/* Ops that change how the target's waves run or what the debugger hears: 2 to 5 and 8 to 10 (kfd-debug-interface.md 1.9). */
#include "sim/driver/debug.h"

#include <errno.h>

#include "sim/driver/exceptions.h"
#include "sim/gpu/device.h"
#include "sim/gpu/queue.h"

enum {
	WATCHES = 4,
	WATCH_MASK_LOW = 7, /* lowest programmable bit of the mask on gfx94x, and the highest (8.1 of the wave-state reference) */
	WATCH_MASK_HIGH = 30,
	ADDRESS_BITS = 48,
	MODE_NORMAL = 0,
	MODE_HALT = 1,
	MODE_DEBUG = 3,
	OVERRIDE_OR = 0,
	OVERRIDE_REPLACE = 1,
	FLAG_SINGLE_MEM_OP = 1,
	FLAG_SINGLE_ALU_OP = 2,
	CAP_PRECISE_MEMORY = 0x40000,
	CAP_PRECISE_ALU = 0x40000000,
};
static const uint32_t override_supported = 0xc00001ff;

int sim_debug_op_send_runtime_event(struct sim_call *call, struct sim_process *target)
{
	uint64_t mask = sim_arg_get64(call, 8);
	uint64_t violation = SIM_EC_BIT(SIM_EC_DEVICE_MEMORY_VIOLATION), runtime = SIM_EC_BIT(SIM_EC_PROCESS_RUNTIME);
	if (mask & violation) {
		struct sim_pdd *pdd = sim_process_pdd(target, sim_arg_get32(call, 16));
		if (!pdd)
			return -ENODEV;
		sim_exception_memory_to_runtime(pdd);
	}
	if (mask & runtime)
		sim_runtime_credit(target);
	mask &= ~(violation | runtime);
	struct sim_queue *q = mask ? sim_queue_find(target, sim_arg_get32(call, 20)) : NULL;
	if (q)
		sim_exception_to_runtime(q, mask);
	return 0;
}

int sim_debug_op_set_exceptions_enabled(struct sim_call *call, struct sim_process *target)
{
	uint64_t mask = sim_arg_get64(call, 8), pending = target->debug.exception_status;
	for (const struct sim_queue *q = target->queues; q; q = q->next_in_process)
		pending |= q->exception_status;
	for (unsigned i = 0; i < target->n_pdds; i++)
		pending |= target->pdds[i].exception_status;
	if (pending & mask)
		sim_exception_notify(target);
	target->debug.enable_mask = mask;
	return 0;
}

int sim_debug_op_launch_override(struct sim_call *call, struct sim_process *target)
{
	uint32_t mode = sim_arg_get32(call, 8), enable = sim_arg_get32(call, 12), request = sim_arg_get32(call, 16);
	uint32_t previous = 0;
	sim_arg_put32(call, 16, override_supported);
	if (mode != OVERRIDE_OR && mode != OVERRIDE_REPLACE)
		return -EPERM;
	if (request & ~override_supported)
		return -EACCES;
	if (sim_debug_device_fails(target))
		return -EIO;
	for (unsigned i = 0; i < target->n_pdds; i++) {
		struct sim_pdd *pdd = &target->pdds[i];
		previous = pdd->trap_override;
		pdd->trap_override = (enable & request) | (previous & ~request);
		pdd->trap_override_mode = mode;
	}
	sim_arg_put32(call, 12, previous);
	return 0;
}

int sim_debug_op_launch_mode(struct sim_call *call, struct sim_process *target)
{
	uint8_t mode = (uint8_t)sim_arg_get32(call, 8); /* the kernel looks at 8 bits only */
	if (mode != MODE_NORMAL && mode != MODE_HALT && mode != MODE_DEBUG)
		return -EINVAL;
	if (sim_debug_device_fails(target))
		return -EIO;
	for (unsigned i = 0; i < target->n_pdds; i++)
		target->pdds[i].launch_mode = mode;
	return 0;
}

int sim_debug_op_set_watch(struct sim_call *call, struct sim_process *target)
{
	struct sim_pdd *pdd = sim_process_pdd(target, sim_arg_get32(call, 24));
	struct sim_device *device = pdd->device;
	const uint64_t va_mask = (UINT64_C(1) << ADDRESS_BITS) - 1;
	const uint64_t programmable = (UINT64_C(2) << WATCH_MASK_HIGH) - (UINT64_C(1) << WATCH_MASK_LOW);
	const uint64_t above = va_mask & ~((UINT64_C(2) << WATCH_MASK_HIGH) - 1);
	unsigned id = 0;
	while (id < WATCHES && device->watch_allocated >> id & 1)
		id++;
	if (id == WATCHES)
		return -ENOMEM;
	if (device->resetting || device->removed)
		return -EIO;
	device->watch_allocated |= (uint8_t)(1u << id);
	pdd->watch_owned |= (uint8_t)(1u << id);
	pdd->watch[id] = (struct sim_watch){
		.valid = true,
		.mode = sim_arg_get32(call, 16) & 3,
		.addr = sim_arg_get64(call, 8) & va_mask & ~((UINT64_C(1) << WATCH_MASK_LOW) - 1),
		.mask = above | (sim_arg_get32(call, 20) & programmable),
	};
	sim_arg_put32(call, 28, id);
	return 0;
}

int sim_debug_op_clear_watch(struct sim_call *call, struct sim_process *target)
{
	struct sim_pdd *pdd = sim_process_pdd(target, sim_arg_get32(call, 8));
	uint32_t id = sim_arg_get32(call, 12);
	if (id >= WATCHES || !(pdd->watch_owned >> id & 1))
		return -EINVAL;
	if (pdd->device->resetting || pdd->device->removed)
		return -EIO;
	pdd->device->watch_allocated &= (uint8_t)~(1u << id);
	pdd->watch_owned &= (uint8_t)~(1u << id);
	pdd->watch[id] = (struct sim_watch){ 0 };
	return 0;
}

int sim_debug_op_set_flags(struct sim_call *call, struct sim_process *target)
{
	uint32_t flags = sim_arg_get32(call, 8);
	sim_arg_put32(call, 8, target->debug.flags);
	for (unsigned i = 0; i < target->n_pdds; i++) {
		uint32_t capability = sim_device_capability(target->pdds[i].device);
		if ((flags & FLAG_SINGLE_MEM_OP && !(capability & CAP_PRECISE_MEMORY))
		    || (flags & FLAG_SINGLE_ALU_OP && !(capability & CAP_PRECISE_ALU)))
			return -EACCES;
	}
	if (sim_debug_device_fails(target))
		return -EIO;
	target->debug.flags = flags;
	return 0;
}
