#include "sim/driver/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "sim/driver/abi.h"
#include "sim/driver/backing.h"

unsigned sim_memory_device_index(const struct sim_driver *driver, const struct sim_device *device)
{
	return (unsigned)(device - driver->devices);
}

/* ------------------------------------------------------------------ lookup */

/* Index of the first mapped buffer that ends above addr. */
static size_t lower_bound(const struct sim_memory *memory, uint64_t addr)
{
	size_t lo = 0, hi = memory->n_mapped;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct sim_buffer *b = memory->mapped[mid];
		if (b->va + b->bytes <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct sim_buffer *sim_memory_at(const struct sim_memory *memory, uint64_t addr)
{
	size_t i = lower_bound(memory, addr);
	return i < memory->n_mapped && memory->mapped[i]->va <= addr ? memory->mapped[i] : NULL;
}

struct sim_buffer *sim_memory_find(struct sim_memory *memory, uint64_t handle)
{
	struct sim_device *device = sim_driver_find_device(memory->process->driver, (uint32_t)(handle >> 32));
	if (!device)
		return NULL;
	unsigned d = sim_memory_device_index(memory->process->driver, device);
	uint32_t index = (uint32_t)handle;
	return index < memory->n_by_index[d] ? memory->by_index[d][index] : NULL;
}

struct sim_buffer *sim_memory_by_offset(const struct sim_memory *memory, const struct sim_device *device, uint64_t offset, uint64_t n)
{
	unsigned d = sim_memory_device_index(memory->process->driver, device);
	for (size_t i = 0; i < memory->n_by_index[d]; i++) {
		struct sim_buffer *b = memory->by_index[d][i];
		if (b && b->kind == SIM_BUFFER_FILE && offset >= b->file_offset && offset < b->file_offset + b->file_bytes &&
		    n <= b->file_offset + b->file_bytes - offset)
			return b;
	}
	return NULL;
}

uint64_t sim_process_vram(const struct sim_process *process, const struct sim_device *device)
{
	const struct sim_memory *memory = process->memory;
	unsigned d = sim_memory_device_index(process->driver, device);
	uint64_t bytes = 0;
	for (size_t i = 0; i < memory->n_by_index[d]; i++)
		if (memory->by_index[d][i] && memory->by_index[d][i]->flags & SIM_MEM_VRAM)
			bytes += memory->by_index[d][i]->file_bytes;
	return bytes;
}

/* ------------------------------------------------------------------ the GPU's view */

static bool vm_lookup(void *ctx, uint64_t addr, struct sim_range *out)
{
	struct sim_process *process = ctx;
	const struct sim_buffer *b = sim_memory_at(process->memory, addr);
	if (b) {
		*out = (struct sim_range){ .lo = b->va, .hi = b->va + b->bytes, .host = b->host,
			.writable = b->flags & SIM_MEM_WRITABLE, .executable = b->flags & SIM_MEM_EXECUTABLE };
		return true;
	}
	const struct sim_svm_range *r = sim_svm_at(process->memory, addr);
	if (!r)
		return false;
	*out = (struct sim_range){ .lo = r->lo, .hi = r->hi, .writable = !(r->flags & 8), .executable = r->flags & 0x10 };
	return true;
}

static bool process_vm(pid_t pid, uint64_t addr, void *buf, size_t n, bool write)
{
	struct iovec here = { buf, n }, there = { (void *)(uintptr_t)addr, n };
	ssize_t done = write ? process_vm_writev(pid, &here, 1, &there, 1, 0) : process_vm_readv(pid, &here, 1, &there, 1, 0);
	return done == (ssize_t)n;
}

bool sim_user_write(pid_t pid, uint64_t addr, const void *buf, size_t n)
{
	return !n || process_vm(pid, addr, (void *)(uintptr_t)buf, n, true);
}

/* The part of [addr, addr + n) that lies in one range: its length, 0 unmapped. Copies it. */
static size_t vm_chunk(struct sim_process *process, uint64_t addr, uint8_t *buf, size_t n, bool write)
{
	struct sim_range range;
	if (!vm_lookup(process, addr, &range) || (write && !range.writable))
		return 0;
	if (n > range.hi - addr)
		n = range.hi - addr;
	if (range.host) {
		uint8_t *p = range.host + (addr - range.lo);
		memcpy(write ? p : buf, write ? buf : p, n);
		return n;
	}
	const struct sim_buffer *b = sim_memory_at(process->memory, addr);
	uint64_t cpu = b ? addr - b->va + b->cpu_va : addr;
	return process_vm(process->pid, cpu, buf, n, write) ? n : 0;
}

static bool vm_copy(struct sim_process *process, uint64_t addr, uint8_t *buf, size_t n, bool write)
{
	while (n) {
		size_t done = vm_chunk(process, addr, buf, n, write);
		if (!done)
			return false;
		addr += done;
		buf += done;
		n -= done;
	}
	return true;
}

static bool vm_read(void *ctx, uint64_t addr, void *buf, size_t n)
{
	return vm_copy(ctx, addr, buf, n, false);
}

static bool vm_write(void *ctx, uint64_t addr, const void *buf, size_t n)
{
	return vm_copy(ctx, addr, (uint8_t *)(uintptr_t)buf, n, true);
}

bool sim_memory_mapped(struct sim_process *process, struct sim_device *device, uint64_t addr, uint64_t n)
{
	uint32_t bit = 1u << sim_memory_device_index(process->driver, device);
	uint64_t end = addr + n;
	if (end < addr)
		return false;
	while (addr < end) {
		const struct sim_buffer *b = sim_memory_at(process->memory, addr);
		const struct sim_svm_range *r = b ? NULL : sim_svm_at(process->memory, addr);
		if (b && b->mapped & bit)
			addr = b->va + b->bytes;
		else if (r && (r->access | r->access_in_place) & bit)
			addr = r->hi;
		else
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ the driver's view */

void *sim_process_pointer(struct sim_process *process, uint64_t addr, size_t n)
{
	const struct sim_buffer *b = sim_memory_at(process->memory, addr);
	if (!b || !b->host || n > b->va + b->bytes - addr)
		return NULL;
	return b->host + (addr - b->va);
}

bool sim_process_read(struct sim_process *process, uint64_t addr, void *buf, size_t n)
{
	const void *p = sim_process_pointer(process, addr, n);
	if (!p)
		return !n || process_vm(process->pid, addr, buf, n, false) || vm_read(process, addr, buf, n);
	memcpy(buf, p, n);
	return true;
}

bool sim_process_write(struct sim_process *process, uint64_t addr, const void *buf, size_t n)
{
	void *p = sim_process_pointer(process, addr, n);
	if (!p)
		return !n || process_vm(process->pid, addr, (void *)(uintptr_t)buf, n, true) || vm_write(process, addr, buf, n);
	memcpy(p, buf, n);
	return true;
}

/* ------------------------------------------------------------------ buffers */

struct sim_memory *sim_memory_create(struct sim_process *process)
{
	struct sim_memory *memory = calloc(1, sizeof(*memory));
	unsigned n = process->driver->n_devices;
	if (!memory)
		return NULL;
	memory->process = process;
	memory->by_index = calloc(n, sizeof(*memory->by_index));
	memory->n_by_index = calloc(n, sizeof(*memory->n_by_index));
	if (!memory->by_index || !memory->n_by_index) {
		free(memory->by_index);
		free(memory->n_by_index);
		free(memory);
		return NULL;
	}
	process->vm = (struct sim_vm){ .ctx = process, .generation = &memory->generation, .lookup = vm_lookup, .read = vm_read,
		.write = vm_write };
	return memory;
}

void sim_memory_destroy(struct sim_memory *memory)
{
	if (!memory)
		return;
	for (unsigned d = 0; d < memory->process->driver->n_devices; d++) {
		for (size_t i = 0; i < memory->n_by_index[d]; i++)
			if (memory->by_index[d][i])
				sim_memory_remove(memory, memory->by_index[d][i]);
		free(memory->by_index[d]);
	}
	sim_svm_clear(memory);
	free(memory->by_index);
	free(memory->n_by_index);
	free(memory->mapped);
	free(memory);
}

/* Lowest free handle index of the device, as the driver's id allocator gives it; -1 without memory. */
static long take_index(struct sim_memory *memory, unsigned d)
{
	for (size_t i = 0; i < memory->n_by_index[d]; i++)
		if (!memory->by_index[d][i])
			return (long)i;
	size_t n = memory->n_by_index[d];
	if (!(n & (n - 1))) { /* full: room grows at powers of two */
		struct sim_buffer **more = realloc(memory->by_index[d], (n ? 2 * n : 1) * sizeof(*more));
		if (!more)
			return -1;
		memory->by_index[d] = more;
	}
	memory->by_index[d][n] = NULL;
	memory->n_by_index[d] = n + 1;
	return (long)n;
}

/* Maps the file part of the buffer into the simulator; twice in a row for a ring that is to appear twice (AQL flag). */
static bool map_host(struct sim_buffer *b)
{
	if (b->kind != SIM_BUFFER_FILE)
		return true;
	if (b->bytes == b->file_bytes) {
		b->host = sim_backing_map(b->backing, b->file_offset, b->bytes);
		b->host_owned = b->host;
		return b->host;
	}
	uint8_t *room = mmap(NULL, b->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return false;
	for (uint64_t at = 0; at < b->bytes; at += b->file_bytes)
		if (mmap(room + at, b->file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, b->backing->fd,
			 (off_t)b->file_offset) == MAP_FAILED) {
			munmap(room, b->bytes);
			return false;
		}
	b->host = room;
	b->host_owned = true;
	return true;
}

int sim_memory_enter(struct sim_memory *memory, struct sim_buffer *buffer)
{
	unsigned d = sim_memory_device_index(memory->process->driver, buffer->device);
	long index = take_index(memory, d);
	if (index < 0 || !map_host(buffer))
		return -ENOMEM;
	memory->by_index[d][index] = buffer;
	buffer->handle = (uint64_t)buffer->device->gpu_id << 32 | (uint32_t)index;
	return 0;
}

void sim_memory_remove(struct sim_memory *memory, struct sim_buffer *buffer)
{
	unsigned d = sim_memory_device_index(memory->process->driver, buffer->device);
	for (unsigned i = 0; buffer->mapped; i++)
		if (buffer->mapped & 1u << i)
			sim_memory_unmap(memory, buffer, i);
	memory->by_index[d][(uint32_t)buffer->handle] = NULL;
	if (buffer->host_owned)
		munmap(buffer->host, buffer->bytes);
	if (buffer->kind == SIM_BUFFER_FILE) {
		sim_backing_give(buffer->backing, buffer->file_offset, buffer->file_bytes);
		if (buffer->flags & SIM_MEM_VRAM)
			memory->process->driver->vram_used[d] -= buffer->file_bytes;
	}
	free(buffer);
}

int sim_memory_map(struct sim_memory *memory, struct sim_buffer *buffer, unsigned device)
{
	if (!buffer->mapped) {
		size_t at = lower_bound(memory, buffer->va);
		if (at < memory->n_mapped && memory->mapped[at]->va < buffer->va + buffer->bytes)
			return -EINVAL;
		struct sim_buffer **more = realloc(memory->mapped, (memory->n_mapped + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		memory->mapped = more;
		memmove(more + at + 1, more + at, (memory->n_mapped - at) * sizeof(*more));
		more[at] = buffer;
		memory->n_mapped++;
	}
	buffer->mapped |= 1u << device;
	memory->generation++;
	return 0;
}

void sim_memory_unmap(struct sim_memory *memory, struct sim_buffer *buffer, unsigned device)
{
	buffer->mapped &= ~(1u << device);
	memory->generation++;
	if (buffer->mapped)
		return;
	size_t at = lower_bound(memory, buffer->va);
	memory->n_mapped--;
	memmove(memory->mapped + at, memory->mapped + at + 1, (memory->n_mapped - at) * sizeof(*memory->mapped));
}
