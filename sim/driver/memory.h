/* Memory of one process on the GPUs. Buffers are made by ALLOC_MEMORY_OF_GPU and become visible to a GPU when mapped; ranges of the program's
 * own memory become visible through the SVM ioctl (sim/driver/svm.c). Addresses on the GPU are the process's own. */
#ifndef SIM_DRIVER_MEMORY_H
#define SIM_DRIVER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/driver/state.h"

enum sim_buffer_kind {
	SIM_BUFFER_FILE,    /* VRAM or GTT: part of the render node's file */
	SIM_BUFFER_USERPTR, /* the process's own pages: reached by process_vm_readv and process_vm_writev only. A 64-bit atomic of a wave there is
	                     * a read and a write, not atomic against the process's CPU threads */
	SIM_BUFFER_PAGE,    /* doorbells, MMIO: part of the file behind /dev/kfd */
};

struct sim_buffer {
	enum sim_buffer_kind kind;
	uint64_t handle;
	uint64_t va, bytes;    /* on the GPU */
	uint64_t cpu_va;       /* USERPTR */
	uint32_t flags;        /* of the ioctl */
	struct sim_device *device;
	struct sim_backing *backing;
	uint64_t file_offset, file_bytes;
	uint8_t *host;         /* bytes long; NULL for USERPTR */
	bool host_owned;       /* unmapped with the buffer */
	uint32_t mapped;       /* bit per device: mapped there */
	bool event_page;       /* cannot be freed */
};

struct sim_svm_range {
	struct sim_svm_range *next; /* ascending, not overlapping */
	uint64_t lo, hi;
	uint32_t flags;
	uint32_t access;            /* bit per device */
	uint32_t access_in_place;
	uint32_t preferred, prefetch;
	uint32_t granularity;
};

struct sim_memory {
	struct sim_process *process;
	uint64_t generation;        /* moves with every change of what is visible */
	struct sim_buffer ***by_index; /* per device: handle index -> buffer */
	size_t *n_by_index;
	struct sim_buffer **mapped; /* sorted by address: what is mapped on some device */
	size_t n_mapped;
	struct sim_svm_range *svm;
};

/* Also fills process->vm. NULL without memory. */
struct sim_memory *sim_memory_create(struct sim_process *process);
void sim_memory_destroy(struct sim_memory *memory); /* NULL is fine; gives all buffers back */

/* The buffer of a handle; NULL unknown. */
struct sim_buffer *sim_memory_find(struct sim_memory *memory, uint64_t handle);
/* The mapped buffer around an address; NULL none. */
struct sim_buffer *sim_memory_at(const struct sim_memory *memory, uint64_t addr);
/* The VRAM or GTT buffer whose file offsets include [offset, offset + n); NULL none. */
struct sim_buffer *sim_memory_by_offset(const struct sim_memory *memory, const struct sim_device *device, uint64_t offset, uint64_t n);
/* Enters a filled-in buffer (handle and host are filled here); -errno. Takes over the record on success. */
int sim_memory_enter(struct sim_memory *memory, struct sim_buffer *buffer);
/* Removes and frees it. */
void sim_memory_remove(struct sim_memory *memory, struct sim_buffer *buffer);
/* Makes it visible on the device; -EINVAL when the address is taken by another buffer, -ENOMEM. */
int sim_memory_map(struct sim_memory *memory, struct sim_buffer *buffer, unsigned device);
void sim_memory_unmap(struct sim_memory *memory, struct sim_buffer *buffer, unsigned device);
/* The memory of any process, as the kernel reaches it for an ioctl of that process. */
bool sim_user_write(pid_t pid, uint64_t addr, const void *buf, size_t n);
/* VRAM that the process holds on the device, bytes. */
uint64_t sim_process_vram(const struct sim_process *process, const struct sim_device *device);
/* Index of the device in the driver's list. */
unsigned sim_memory_device_index(const struct sim_driver *driver, const struct sim_device *device);

/* --- sim/driver/svm.c --- */
/* The registered range around an address that some device may access; NULL none. */
const struct sim_svm_range *sim_svm_at(const struct sim_memory *memory, uint64_t addr);
/* True when [lo, hi) overlaps a registered range. */
bool sim_svm_overlaps(const struct sim_memory *memory, uint64_t lo, uint64_t hi);
void sim_svm_clear(struct sim_memory *memory);

#endif
