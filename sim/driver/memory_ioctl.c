/* The memory ioctls (kfd-debug-interface.md 6.3, 6.4). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/driver/abi.h"
#include "sim/driver/backing.h"
#include "sim/driver/handlers.h"
#include "sim/driver/memory.h"

enum { PAGE = 4096 };
#define MEMORY_KINDS (SIM_MEM_VRAM | SIM_MEM_GTT | SIM_MEM_USERPTR | SIM_MEM_DOORBELL | SIM_MEM_MMIO_REMAP)

static uint64_t kfd_offset(unsigned type, uint32_t gpu_id)
{
	return (uint64_t)type << SIM_MMAP_TYPE_SHIFT | (uint64_t)gpu_id << SIM_MMAP_GPU_ID_SHIFT;
}

/* VRAM and GTT: a part of the render node's file. */
static int fill_file(struct sim_driver *driver, struct sim_buffer *b, struct sim_arg_alloc *arg)
{
	unsigned d = sim_memory_device_index(driver, b->device);
	uint64_t bytes = b->flags & SIM_MEM_AQL ? b->bytes / 2 : b->bytes;
	if (!bytes || bytes % PAGE)
		return -EINVAL;
	if (b->flags & SIM_MEM_VRAM && bytes > b->device->vram_bytes - driver->vram_used[d])
		return -ENOMEM;
	b->kind = SIM_BUFFER_FILE;
	b->backing = &driver->render[d];
	b->file_bytes = bytes;
	b->file_offset = sim_backing_take(b->backing, bytes);
	if (!b->file_offset)
		return -ENOMEM;
	if (b->flags & SIM_MEM_VRAM)
		driver->vram_used[d] += bytes;
	arg->mmap_offset = b->file_offset;
	return 0;
}

/* The process's own memory: its pages must be there, as pinning them demands. */
static int fill_userptr(struct sim_process *process, struct sim_buffer *b, struct sim_arg_alloc *arg)
{
	uint8_t byte;
	b->kind = SIM_BUFFER_USERPTR;
	b->cpu_va = arg->mmap_offset;
	if (b->cpu_va % PAGE)
		return -EINVAL;
	if (!sim_process_read(process, b->cpu_va, &byte, 1) || !sim_process_read(process, b->cpu_va + b->bytes - 1, &byte, 1))
		return -EFAULT;
	arg->mmap_offset = 0;
	return 0;
}

static int fill_doorbell(struct sim_pdd *pdd, struct sim_buffer *b, struct sim_arg_alloc *arg)
{
	if (b->bytes != SIM_DOORBELL_BYTES)
		return -EINVAL;
	b->kind = SIM_BUFFER_PAGE;
	b->host = (uint8_t *)sim_process_doorbells(pdd);
	arg->mmap_offset = kfd_offset(SIM_MMAP_DOORBELL, b->device->gpu_id);
	return b->host ? 0 : -ENOMEM;
}

static int fill_mmio(struct sim_pdd *pdd, struct sim_buffer *b, struct sim_arg_alloc *arg)
{
	struct sim_backing *kfd = &pdd->process->driver->kfd;
	if (b->bytes != PAGE)
		return -EINVAL;
	if (!pdd->mmio_offset)
		pdd->mmio_offset = sim_backing_take(kfd, PAGE);
	b->kind = SIM_BUFFER_PAGE;
	b->host = pdd->mmio_offset ? sim_backing_map(kfd, pdd->mmio_offset, PAGE) : NULL;
	b->host_owned = b->host;
	arg->mmap_offset = kfd_offset(SIM_MMAP_MMIO, b->device->gpu_id);
	return b->host ? 0 : -ENOMEM;
}

/* Exactly one kind is meaningful; tested in the driver's order. */
static int fill_buffer(struct sim_pdd *pdd, struct sim_buffer *b, struct sim_arg_alloc *arg)
{
	if (b->flags & (SIM_MEM_VRAM | SIM_MEM_GTT))
		return fill_file(pdd->process->driver, b, arg);
	if (b->flags & SIM_MEM_USERPTR)
		return fill_userptr(pdd->process, b, arg);
	if (b->flags & SIM_MEM_DOORBELL)
		return fill_doorbell(pdd, b, arg);
	return fill_mmio(pdd, b, arg);
}

static void undo_fill(struct sim_driver *driver, struct sim_buffer *b)
{
	if (b->kind != SIM_BUFFER_FILE)
		return;
	sim_backing_give(b->backing, b->file_offset, b->file_bytes);
	if (b->flags & SIM_MEM_VRAM)
		driver->vram_used[sim_memory_device_index(driver, b->device)] -= b->file_bytes;
}

int sim_ioctl_alloc_memory_of_gpu(struct sim_call *call)
{
	struct sim_arg_alloc arg;
	memcpy(&arg, call->arg, sizeof(arg));
	uint64_t bytes = (arg.size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	if (!arg.size || bytes < arg.size || arg.va + bytes < arg.va)
		return -EINVAL;
	if (sim_svm_overlaps(call->process->memory, arg.va, arg.va + bytes))
		return -EADDRINUSE;
	struct sim_pdd *pdd = sim_process_pdd(call->process, arg.gpu_id);
	if (!pdd || !(arg.flags & MEMORY_KINDS))
		return -EINVAL;
	if (!pdd->vm_acquired)
		return -ENODEV;
	struct sim_buffer *b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	*b = (struct sim_buffer){ .va = arg.va, .bytes = bytes, .flags = arg.flags, .device = pdd->device };
	int err = fill_buffer(pdd, b, &arg);
	if (!err) {
		err = sim_memory_enter(call->process->memory, b);
		if (err)
			undo_fill(call->driver, b);
	}
	if (err) {
		free(b);
		return err;
	}
	arg.handle = b->handle;
	memcpy(call->arg, &arg, sizeof(arg));
	return 0;
}

int sim_ioctl_free_memory_of_gpu(struct sim_call *call)
{
	uint64_t handle;
	memcpy(&handle, call->arg, sizeof(handle));
	struct sim_buffer *b = sim_memory_find(call->process->memory, handle);
	if (b && b->event_page)
		return -EPERM;
	if (!b)
		return -EINVAL;
	if (b->mapped)
		return -EBUSY;
	sim_memory_remove(call->process->memory, b);
	return 0;
}

/* What MAP and UNMAP check alike. The device list is read element by element, so any n_devices is safe. */
static int map_begin(struct sim_call *call, struct sim_arg_map *arg, struct sim_buffer **buffer, bool bind)
{
	memcpy(arg, call->arg, sizeof(*arg));
	if (!arg->n_devices || arg->n_success > arg->n_devices)
		return -EINVAL;
	uint32_t last;
	if (!sim_process_read(call->process, arg->device_ids, &last, sizeof(last)) ||
	    !sim_process_read(call->process, arg->device_ids + (uint64_t)(arg->n_devices - 1) * sizeof(last), &last, sizeof(last)))
		return -EFAULT;
	struct sim_pdd *pdd = sim_process_pdd(call->process, (uint32_t)(arg->handle >> 32));
	if (!pdd)
		return -EINVAL;
	if (bind && !pdd->vm_acquired)
		return -ENODEV;
	*buffer = sim_memory_find(call->process->memory, arg->handle);
	return *buffer ? 0 : -ENOMEM;
}

/* The pdd of device list element i. */
static int map_element(struct sim_call *call, const struct sim_arg_map *arg, uint32_t i, struct sim_pdd **pdd)
{
	uint32_t id;
	if (!sim_process_read(call->process, arg->device_ids + (uint64_t)i * sizeof(id), &id, sizeof(id)))
		return -EFAULT;
	*pdd = sim_process_pdd(call->process, id);
	return *pdd ? 0 : -EINVAL;
}

int sim_ioctl_map_memory_to_gpu(struct sim_call *call)
{
	struct sim_arg_map arg;
	struct sim_buffer *b;
	int err = map_begin(call, &arg, &b, true);
	for (uint32_t i = arg.n_success; !err && i < arg.n_devices; i++) {
		struct sim_pdd *pdd;
		err = map_element(call, &arg, i, &pdd);
		if (!err && !pdd->vm_acquired)
			err = -ENODEV;
		if (!err)
			err = sim_memory_map(call->process->memory, b, sim_memory_device_index(call->driver, pdd->device));
		if (!err)
			arg.n_success = i + 1;
	}
	memcpy(call->arg, &arg, sizeof(arg));
	return err;
}

int sim_ioctl_unmap_memory_from_gpu(struct sim_call *call)
{
	struct sim_arg_map arg;
	struct sim_buffer *b;
	int err = map_begin(call, &arg, &b, false);
	for (uint32_t i = arg.n_success; !err && i < arg.n_devices; i++) {
		struct sim_pdd *pdd;
		err = map_element(call, &arg, i, &pdd);
		unsigned d = err ? 0 : sim_memory_device_index(call->driver, pdd->device);
		if (!err && !(b->mapped & 1u << d))
			err = -EINVAL;
		if (err)
			break;
		sim_memory_unmap(call->process->memory, b, d);
		arg.n_success = i + 1;
	}
	memcpy(call->arg, &arg, sizeof(arg));
	return err;
}

int sim_ioctl_available_memory(struct sim_call *call)
{
	struct sim_arg_available arg;
	memcpy(&arg, call->arg, sizeof(arg));
	struct sim_device *device = sim_driver_find_device(call->driver, arg.gpu_id);
	if (!device)
		return -EINVAL;
	arg.available = device->vram_bytes - call->driver->vram_used[sim_memory_device_index(call->driver, device)];
	memcpy(call->arg, &arg, sizeof(arg));
	return 0;
}

/* Sharing of buffers between processes is not simulated: no descriptor is a dma-buf here, and none can be made. */
int sim_ioctl_get_dmabuf_info(struct sim_call *call)
{
	(void)call;
	return -EINVAL;
}

int sim_ioctl_import_dmabuf(struct sim_call *call)
{
	(void)call;
	return -EINVAL;
}

int sim_ioctl_export_dmabuf(struct sim_call *call)
{
	uint64_t handle;
	memcpy(&handle, call->arg, sizeof(handle));
	return sim_memory_find(call->process->memory, handle) ? -EOPNOTSUPP : -EINVAL;
}
