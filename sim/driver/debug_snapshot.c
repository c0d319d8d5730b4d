/* What there is: ops GET_QUEUE_SNAPSHOT and GET_DEVICE_SNAPSHOT (kfd-debug-interface.md 1.9). */
#include "sim/driver/debug.h"

#include <errno.h>

#include "sim/driver/abi.h"
#include "sim/gpu/device.h"
#include "sim/gpu/queue.h"

struct queue_entry {
	uint64_t exception_status, ring_base_address, write_pointer_address, read_pointer_address, ctx_save_restore_address;
	uint32_t queue_id, gpu_id, ring_size, queue_type, ctx_save_restore_area_size, reserved;
};
_Static_assert(sizeof(struct queue_entry) == 64, "kfd_queue_snapshot_entry");

struct device_entry {
	uint64_t exception_status, lds_base, lds_limit, scratch_base, scratch_limit, gpuvm_base, gpuvm_limit;
	uint32_t gpu_id, location_id, vendor_id, device_id, revision_id, subsystem_vendor_id, subsystem_device_id, fw_version;
	uint32_t gfx_target_version, simd_count, max_waves_per_simd, array_count, simd_arrays_per_engine, num_xcc, capability, debug_prop;
};
_Static_assert(sizeof(struct device_entry) == 120, "kfd_dbg_device_info_entry");

enum { ARG_CLEAR = 8, ARG_BUFFER = 16, ARG_COUNT = 24, ARG_ENTRY_SIZE = 28 };

static struct queue_entry describe_queue(const struct sim_queue *q)
{
	return (struct queue_entry){
		.exception_status = q->exception_status,
		.ring_base_address = q->ring_base,
		.write_pointer_address = q->write_ptr,
		.read_pointer_address = q->read_ptr,
		.ctx_save_restore_address = q->save_base,
		.queue_id = q->id,
		.gpu_id = q->pdd->device->gpu_id,
		.ring_size = q->ring_bytes,
		.queue_type = q->type,
		.ctx_save_restore_area_size = q->save_bytes,
	};
}

static struct device_entry describe_device(const struct sim_pdd *pdd)
{
	const struct sim_device *device = pdd->device;
	const struct sim_model *model = device->model;
	return (struct device_entry){
		.exception_status = pdd->exception_status,
		.lds_base = SIM_LDS_BASE,
		.lds_limit = SIM_LDS_LIMIT,
		.scratch_base = SIM_SCRATCH_BASE,
		.scratch_limit = SIM_SCRATCH_LIMIT,
		.gpuvm_base = SIM_GPUVM_BASE,
		.gpuvm_limit = SIM_GPUVM_LIMIT,
		.gpu_id = device->gpu_id,
		.location_id = device->location_id,
		.vendor_id = model->vendor_id,
		.device_id = model->device_id,
		.revision_id = model->revision_id,
		.subsystem_vendor_id = model->vendor_id,
		.subsystem_device_id = model->device_id,
		.fw_version = model->fw_version,
		.gfx_target_version = model->gfx_target_version,
		.simd_count = device->cus * model->simd_per_cu,
		.max_waves_per_simd = model->max_waves_per_simd,
		.array_count = model->engines_per_xcc * model->simd_arrays_per_engine, /* per XCC, unlike in sysfs */
		.simd_arrays_per_engine = model->simd_arrays_per_engine,
		.num_xcc = device->xccs,
		.capability = sim_device_capability(device),
		.debug_prop = (uint32_t)model->debug_prop,
	};
}

int sim_debug_op_queue_snapshot(struct sim_call *call, struct sim_process *target)
{
	uint64_t clear = sim_arg_get64(call, ARG_CLEAR), to = sim_arg_get64(call, ARG_BUFFER);
	uint32_t room = sim_arg_get32(call, ARG_COUNT), stride = sim_arg_get32(call, ARG_ENTRY_SIZE), n = 0;
	uint32_t size = stride < sizeof(struct queue_entry) ? stride : sizeof(struct queue_entry);
	if (!stride)
		return -EINVAL;
	sim_arg_put32(call, ARG_ENTRY_SIZE, size);
	for (struct sim_queue *q = target->queues; q; q = q->next_in_process, n++) {
		if (n >= room)
			continue;
		struct queue_entry entry = describe_queue(q);
		q->exception_status &= ~clear;
		if (!sim_process_write(call->process, to + (uint64_t)n * stride, &entry, size))
			return -EFAULT;
	}
	sim_arg_put32(call, ARG_COUNT, n);
	return 0;
}

int sim_debug_op_device_snapshot(struct sim_call *call, struct sim_process *target)
{
	uint64_t clear = sim_arg_get64(call, ARG_CLEAR), to = sim_arg_get64(call, ARG_BUFFER);
	uint32_t room = sim_arg_get32(call, ARG_COUNT), stride = sim_arg_get32(call, ARG_ENTRY_SIZE);
	uint32_t size = stride < sizeof(struct device_entry) ? stride : sizeof(struct device_entry);
	if (!to)
		return -EINVAL;
	sim_arg_put32(call, ARG_ENTRY_SIZE, size);
	uint32_t n = 0;
	for (unsigned i = 0; i < target->n_pdds; i++)
		n += !target->pdds[i].device->hidden;
	sim_arg_put32(call, ARG_COUNT, n);
	for (unsigned i = 0, at = 0; i < target->n_pdds && at < room; i++) {
		struct sim_pdd *pdd = &target->pdds[i];
		if (pdd->device->hidden)
			continue;
		struct device_entry entry = describe_device(pdd);
		pdd->exception_status &= ~clear;
		if (size && !sim_process_write(call->process, to + (uint64_t)at * stride, &entry, size))
			return -EFAULT;
		at++;
	}
	return 0;
}
