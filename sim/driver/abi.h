/* Argument structures of the ioctls that the driver's outer half answers (kfd-debug-interface.md 6, sizes of 1.3). Handlers copy them out of
 * and into call->arg, which need not be aligned. */
#ifndef SIM_DRIVER_ABI_H
#define SIM_DRIVER_ABI_H

#include <assert.h>
#include <stdint.h>

enum {
	SIM_KFD_MAJOR = 1,
	SIM_KFD_MINOR = 17,
};

/* Numbers of the ioctls. */
enum {
	SIM_NR_GET_VERSION = 0x01,
	SIM_NR_CREATE_QUEUE = 0x02,
	SIM_NR_DESTROY_QUEUE = 0x03,
	SIM_NR_SET_MEMORY_POLICY = 0x04,
	SIM_NR_GET_CLOCK_COUNTERS = 0x05,
	SIM_NR_GET_PROCESS_APERTURES = 0x06,
	SIM_NR_UPDATE_QUEUE = 0x07,
	SIM_NR_CREATE_EVENT = 0x08,
	SIM_NR_DESTROY_EVENT = 0x09,
	SIM_NR_SET_EVENT = 0x0a,
	SIM_NR_RESET_EVENT = 0x0b,
	SIM_NR_WAIT_EVENTS = 0x0c,
	SIM_NR_DBG_REGISTER = 0x0d,
	SIM_NR_DBG_UNREGISTER = 0x0e,
	SIM_NR_DBG_ADDRESS_WATCH = 0x0f,
	SIM_NR_DBG_WAVE_CONTROL = 0x10,
	SIM_NR_SET_SCRATCH_BACKING_VA = 0x11,
	SIM_NR_GET_TILE_CONFIG = 0x12,
	SIM_NR_SET_TRAP_HANDLER = 0x13,
	SIM_NR_GET_PROCESS_APERTURES_NEW = 0x14,
	SIM_NR_ACQUIRE_VM = 0x15,
	SIM_NR_ALLOC_MEMORY_OF_GPU = 0x16,
	SIM_NR_FREE_MEMORY_OF_GPU = 0x17,
	SIM_NR_MAP_MEMORY_TO_GPU = 0x18,
	SIM_NR_UNMAP_MEMORY_FROM_GPU = 0x19,
	SIM_NR_SET_CU_MASK = 0x1a,
	SIM_NR_GET_QUEUE_WAVE_STATE = 0x1b,
	SIM_NR_GET_DMABUF_INFO = 0x1c,
	SIM_NR_IMPORT_DMABUF = 0x1d,
	SIM_NR_ALLOC_QUEUE_GWS = 0x1e,
	SIM_NR_SMI_EVENTS = 0x1f,
	SIM_NR_SVM = 0x20,
	SIM_NR_SET_XNACK_MODE = 0x21,
	SIM_NR_CRIU_OP = 0x22,
	SIM_NR_AVAILABLE_MEMORY = 0x23,
	SIM_NR_EXPORT_DMABUF = 0x24,
	SIM_NR_RUNTIME_ENABLE = 0x25,
	SIM_NR_DBG_TRAP = 0x26,
	SIM_NR_END = 0x27,
};

/* Flags of ALLOC_MEMORY_OF_GPU. */
#define SIM_MEM_VRAM (1u << 0)
#define SIM_MEM_GTT (1u << 1)
#define SIM_MEM_USERPTR (1u << 2)
#define SIM_MEM_DOORBELL (1u << 3)
#define SIM_MEM_MMIO_REMAP (1u << 4)
#define SIM_MEM_AQL (1u << 27)
#define SIM_MEM_PUBLIC (1u << 29)
#define SIM_MEM_EXECUTABLE (1u << 30)
#define SIM_MEM_WRITABLE (1u << 31)

/* Offsets of mmap on /dev/kfd: type in bits 63:62, gpu_id in 61:46. */
#define SIM_MMAP_TYPE_SHIFT 62
#define SIM_MMAP_GPU_ID_SHIFT 46
enum { SIM_MMAP_MMIO = 0, SIM_MMAP_RESERVED = 1, SIM_MMAP_EVENTS = 2, SIM_MMAP_DOORBELL = 3 };

/* Apertures of gfx9 and later (6.2). */
#define SIM_LDS_BASE 0x0001000000000000ull
#define SIM_LDS_LIMIT 0x00010000ffffffffull
#define SIM_SCRATCH_BASE 0x0002000000000000ull
#define SIM_SCRATCH_LIMIT 0x00020000ffffffffull
#define SIM_GPUVM_BASE 0x200000ull
#define SIM_GPUVM_LIMIT 0x00007fffffffffffull

struct sim_arg_memory_policy {
	uint64_t alternate_base, alternate_size;
	uint32_t gpu_id, default_policy, alternate_policy, pad;
};
struct sim_arg_clocks {
	uint64_t gpu, cpu, system, frequency;
	uint32_t gpu_id, pad;
};
struct sim_aperture {
	uint64_t lds_base, lds_limit, scratch_base, scratch_limit, gpuvm_base, gpuvm_limit;
	uint32_t gpu_id, pad;
};
struct sim_arg_apertures {
	struct sim_aperture entry[7];
	uint32_t num_of_nodes, pad;
};
struct sim_arg_apertures_new {
	uint64_t entries;
	uint32_t num_of_nodes, pad;
};
struct sim_arg_create_event {
	uint64_t event_page_offset;
	uint32_t trigger_data, type, auto_reset, node_id, event_id, slot_index;
};
struct sim_arg_event {
	uint32_t event_id, pad;
};
struct sim_arg_wait_events {
	uint64_t events;
	uint32_t num_events, wait_for_all, timeout, result;
};
struct sim_event_data { /* one element of WAIT_EVENTS */
	uint8_t payload[32]; /* memory record, hardware-exception record, or the age (u64) */
	uint64_t ext;
	uint32_t event_id, pad;
};
struct sim_arg_scratch_va {
	uint64_t va;
	uint32_t gpu_id, pad;
};
struct sim_arg_tile_config {
	uint64_t tile_config, macro_tile_config;
	uint32_t num_tile_configs, num_macro_tile_configs, gpu_id, gb_addr_config, num_banks, num_ranks;
};
struct sim_arg_trap_handler {
	uint64_t tba, tma;
	uint32_t gpu_id, pad;
};
struct sim_arg_acquire_vm {
	uint32_t drm_fd, gpu_id;
};
struct sim_arg_alloc {
	uint64_t va, size, handle, mmap_offset;
	uint32_t gpu_id, flags;
};
struct sim_arg_map {
	uint64_t handle, device_ids;
	uint32_t n_devices, n_success;
};
struct sim_arg_dmabuf_info {
	uint64_t size, metadata_ptr;
	uint32_t metadata_size, gpu_id, flags, dmabuf_fd;
};
struct sim_arg_import_dmabuf {
	uint64_t va, handle;
	uint32_t gpu_id, dmabuf_fd;
};
struct sim_arg_export_dmabuf {
	uint64_t handle;
	uint32_t flags, dmabuf_fd;
};
struct sim_arg_smi {
	uint32_t gpu_id, anon_fd;
};
struct sim_arg_svm {
	uint64_t start, size;
	uint32_t op, nattr; /* nattr pairs {type, value} follow */
};
struct sim_arg_available {
	uint64_t available;
	uint32_t gpu_id, pad;
};

static_assert(sizeof(struct sim_arg_memory_policy) == 32, "SET_MEMORY_POLICY");
static_assert(sizeof(struct sim_arg_clocks) == 40, "GET_CLOCK_COUNTERS");
static_assert(sizeof(struct sim_aperture) == 56, "aperture");
static_assert(sizeof(struct sim_arg_apertures) == 400, "GET_PROCESS_APERTURES");
static_assert(sizeof(struct sim_arg_create_event) == 32, "CREATE_EVENT");
static_assert(sizeof(struct sim_arg_wait_events) == 24, "WAIT_EVENTS");
static_assert(sizeof(struct sim_event_data) == 48, "event data");
static_assert(sizeof(struct sim_arg_tile_config) == 40, "GET_TILE_CONFIG");
static_assert(sizeof(struct sim_arg_trap_handler) == 24, "SET_TRAP_HANDLER");
static_assert(sizeof(struct sim_arg_alloc) == 40, "ALLOC_MEMORY_OF_GPU");
static_assert(sizeof(struct sim_arg_map) == 24, "MAP_MEMORY_TO_GPU");
static_assert(sizeof(struct sim_arg_dmabuf_info) == 32, "GET_DMABUF_INFO");
static_assert(sizeof(struct sim_arg_import_dmabuf) == 24, "IMPORT_DMABUF");
static_assert(sizeof(struct sim_arg_export_dmabuf) == 16, "EXPORT_DMABUF");
static_assert(sizeof(struct sim_arg_svm) == 24, "SVM");

#endif
