/* The part of the kernel's compute interface (/dev/kfd) that a host program needs to run a kernel: layouts written down from the interface
 * reference, each pinned by its size and the offsets that matter. Deliberately not shared with the debugger stub: two readings of one text. */
#ifndef TESTSUITE_WAVELAUNCH_KFD_ABI_H
#define TESTSUITE_WAVELAUNCH_KFD_ABI_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#define WL_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has the size of the kernel's")
#define WL_AT(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member " is where the kernel has it")

struct kfd_version { uint32_t major, minor; };
WL_SIZE(struct kfd_version, 8);

struct kfd_create_queue {
	uint64_t ring_base, write_pointer, read_pointer;
	uint64_t doorbell_offset;  /* out */
	uint32_t ring_size, gpu_id, type, percentage, priority;
	uint32_t queue_id;         /* out */
	uint64_t eop_address, eop_size;
	uint64_t save_address;
	uint32_t save_size, ctl_stack_size;
	uint32_t sdma_engine_id, pad;
};
WL_SIZE(struct kfd_create_queue, 96);
WL_AT(struct kfd_create_queue, doorbell_offset, 24);
WL_AT(struct kfd_create_queue, queue_id, 52);
WL_AT(struct kfd_create_queue, save_address, 72);

struct kfd_destroy_queue { uint32_t queue_id, pad; };
WL_SIZE(struct kfd_destroy_queue, 8);

struct kfd_memory_policy { uint64_t base, size; uint32_t gpu_id, default_policy, alternate_policy, pad; };
WL_SIZE(struct kfd_memory_policy, 32);

struct kfd_clock_counters { uint64_t gpu, cpu, system, frequency; uint32_t gpu_id, pad; };
WL_SIZE(struct kfd_clock_counters, 40);

struct kfd_create_event {
	uint64_t page_offset;      /* in: handle of the event page's buffer on the first call; out */
	uint32_t trigger_data, type, auto_reset, node_id;
	uint32_t event_id, slot_index; /* out */
};
WL_SIZE(struct kfd_create_event, 32);
WL_AT(struct kfd_create_event, event_id, 24);

struct kfd_event_id { uint32_t event_id, pad; };
WL_SIZE(struct kfd_event_id, 8);

/* Record of a memory exception: failure bits, address, device. */
struct kfd_memory_exception {
	uint32_t not_present, read_only, no_execute, imprecise;
	uint64_t address;
	uint32_t gpu_id, error_type;
};
WL_SIZE(struct kfd_memory_exception, 32);

struct kfd_hw_exception { uint32_t reset_type, reset_cause, memory_lost, gpu_id; };
WL_SIZE(struct kfd_hw_exception, 16);

struct kfd_event_data {
	union {
		struct kfd_memory_exception memory;
		struct kfd_hw_exception hw;
		uint64_t last_age;
	};
	uint64_t extension;
	uint32_t event_id, pad;
};
WL_SIZE(struct kfd_event_data, 48);
WL_AT(struct kfd_event_data, event_id, 40);

struct kfd_wait_events { uint64_t events; uint32_t count, wait_for_all, timeout_ms, result; };
WL_SIZE(struct kfd_wait_events, 24);

struct kfd_scratch_va { uint64_t va; uint32_t gpu_id, pad; };
WL_SIZE(struct kfd_scratch_va, 16);

struct kfd_trap_handler { uint64_t tba, tma; uint32_t gpu_id, pad; };
WL_SIZE(struct kfd_trap_handler, 24);

struct kfd_aperture { uint64_t lds_base, lds_limit, scratch_base, scratch_limit, gpuvm_base, gpuvm_limit; uint32_t gpu_id, pad; };
WL_SIZE(struct kfd_aperture, 56);
struct kfd_apertures { uint64_t array; uint32_t count, pad; };
WL_SIZE(struct kfd_apertures, 16);

struct kfd_acquire_vm { uint32_t drm_fd, gpu_id; };
WL_SIZE(struct kfd_acquire_vm, 8);

struct kfd_alloc { uint64_t va, size, handle, mmap_offset; uint32_t gpu_id, flags; };
WL_SIZE(struct kfd_alloc, 40);
struct kfd_free { uint64_t handle; };
WL_SIZE(struct kfd_free, 8);
struct kfd_map { uint64_t handle, device_ids; uint32_t n_devices, n_success; };
WL_SIZE(struct kfd_map, 24);

struct kfd_xnack { int32_t enabled; };
WL_SIZE(struct kfd_xnack, 4);

struct kfd_available_memory { uint64_t available; uint32_t gpu_id, pad; };
WL_SIZE(struct kfd_available_memory, 16);

struct kfd_runtime_enable { uint64_t r_debug; uint32_t mode, capabilities; };
WL_SIZE(struct kfd_runtime_enable, 16);

#define KFD_GET_VERSION _IOR('K', 0x01, struct kfd_version)
#define KFD_CREATE_QUEUE _IOWR('K', 0x02, struct kfd_create_queue)
#define KFD_DESTROY_QUEUE _IOWR('K', 0x03, struct kfd_destroy_queue)
#define KFD_SET_MEMORY_POLICY _IOW('K', 0x04, struct kfd_memory_policy)
#define KFD_GET_CLOCK_COUNTERS _IOWR('K', 0x05, struct kfd_clock_counters)
#define KFD_CREATE_EVENT _IOWR('K', 0x08, struct kfd_create_event)
#define KFD_DESTROY_EVENT _IOW('K', 0x09, struct kfd_event_id)
#define KFD_SET_EVENT _IOW('K', 0x0a, struct kfd_event_id)
#define KFD_WAIT_EVENTS _IOWR('K', 0x0c, struct kfd_wait_events)
#define KFD_SET_SCRATCH_BACKING_VA _IOWR('K', 0x11, struct kfd_scratch_va)
#define KFD_SET_TRAP_HANDLER _IOW('K', 0x13, struct kfd_trap_handler)
#define KFD_GET_APERTURES _IOWR('K', 0x14, struct kfd_apertures)
#define KFD_ACQUIRE_VM _IOW('K', 0x15, struct kfd_acquire_vm)
#define KFD_ALLOC _IOWR('K', 0x16, struct kfd_alloc)
#define KFD_FREE _IOW('K', 0x17, struct kfd_free)
#define KFD_MAP _IOWR('K', 0x18, struct kfd_map)
#define KFD_UNMAP _IOWR('K', 0x19, struct kfd_map)
#define KFD_SET_XNACK_MODE _IOWR('K', 0x21, struct kfd_xnack)
#define KFD_AVAILABLE_MEMORY _IOWR('K', 0x23, struct kfd_available_memory)
#define KFD_RUNTIME_ENABLE _IOWR('K', 0x25, struct kfd_runtime_enable)

/* A few command words as the reference prints them: direction and size bits are right. */
_Static_assert(KFD_GET_VERSION == 0x80084b01, "GET_VERSION");
_Static_assert(KFD_CREATE_QUEUE == 0xc0604b02, "CREATE_QUEUE");
_Static_assert(KFD_SET_MEMORY_POLICY == 0x40204b04, "SET_MEMORY_POLICY");
_Static_assert(KFD_CREATE_EVENT == 0xc0204b08, "CREATE_EVENT");
_Static_assert(KFD_DESTROY_EVENT == 0x40084b09, "DESTROY_EVENT");
_Static_assert(KFD_WAIT_EVENTS == 0xc0184b0c, "WAIT_EVENTS");
_Static_assert(KFD_SET_SCRATCH_BACKING_VA == 0xc0104b11, "SET_SCRATCH_BACKING_VA");
_Static_assert(KFD_SET_TRAP_HANDLER == 0x40184b13, "SET_TRAP_HANDLER");
_Static_assert(KFD_GET_APERTURES == 0xc0104b14, "GET_PROCESS_APERTURES_NEW");
_Static_assert(KFD_ACQUIRE_VM == 0x40084b15, "ACQUIRE_VM");
_Static_assert(KFD_ALLOC == 0xc0284b16, "ALLOC_MEMORY_OF_GPU");
_Static_assert(KFD_FREE == 0x40084b17, "FREE_MEMORY_OF_GPU");
_Static_assert(KFD_MAP == 0xc0184b18, "MAP_MEMORY_TO_GPU");
_Static_assert(KFD_SET_XNACK_MODE == 0xc0044b21, "SET_XNACK_MODE");
_Static_assert(KFD_AVAILABLE_MEMORY == 0xc0104b23, "AVAILABLE_MEMORY");
_Static_assert(KFD_RUNTIME_ENABLE == 0xc0104b25, "RUNTIME_ENABLE");

enum {
	/* ALLOC_MEMORY_OF_GPU: one memory type, and properties. */
	KFD_MEM_VRAM = 1u << 0,
	KFD_MEM_GTT = 1u << 1,
	KFD_MEM_DOORBELL = 1u << 3,
	KFD_MEM_MMIO_REMAP = 1u << 4,
};
#define KFD_MEM_UNCACHED (1u << 25)
#define KFD_MEM_COHERENT (1u << 26)
#define KFD_MEM_NO_SUBSTITUTE (1u << 28)
#define KFD_MEM_PUBLIC (1u << 29)
#define KFD_MEM_EXECUTABLE (1u << 30)
#define KFD_MEM_WRITABLE (1u << 31)

enum { KFD_QUEUE_AQL = 2 };
enum { KFD_EVENT_SIGNAL = 0, KFD_EVENT_HW_EXCEPTION = 3, KFD_EVENT_MEMORY = 8 };
enum { KFD_WAIT_COMPLETE = 0, KFD_WAIT_TIMEOUT = 1, KFD_WAIT_FAIL = 2 };
enum { KFD_RUNTIME_MODE_ENABLE = 1, KFD_RUNTIME_MODE_TTMP_SAVE = 2 };
enum { KFD_CAP_DEBUG_FIRMWARE = 0x20000000 };
enum { KFD_DOORBELL_PAGE = 8192, KFD_EVENT_PAGE = 4096 * 8, KFD_WAIT_FOREVER = 0xfffffffe };

/* Start of each save area; the first 16 bytes belong to the kernel. */
struct kfd_save_header {
	uint32_t control_stack_offset, control_stack_size, wave_state_offset, wave_state_size;
	uint32_t debug_offset, debug_size;
	uint64_t err_payload;
	uint32_t err_event_id, reserved;
};
WL_SIZE(struct kfd_save_header, 40);
WL_AT(struct kfd_save_header, debug_offset, 16);
WL_AT(struct kfd_save_header, err_payload, 24);

/* Kernel dispatch packet of the architected queuing language. */
struct aql_dispatch {
	uint16_t header, setup;
	uint16_t group_size[3], reserved0;
	uint32_t grid_size[3];
	uint32_t private_bytes, group_bytes;
	uint64_t kernel_object, kernarg, reserved1, completion_signal;
};
WL_SIZE(struct aql_dispatch, 64);
WL_AT(struct aql_dispatch, kernel_object, 32);
WL_AT(struct aql_dispatch, completion_signal, 56);

enum {
	AQL_TYPE_INVALID = 1,
	AQL_TYPE_KERNEL_DISPATCH = 2,
	AQL_HEADER_BARRIER = 1 << 8,
	AQL_HEADER_ACQUIRE_SYSTEM = 2 << 9,
	AQL_HEADER_RELEASE_SYSTEM = 2 << 11,
};

/* Completion signal as the packet processor sees it. */
struct amd_signal {
	int64_t kind, value;
	uint64_t mailbox;
	uint32_t event_id, reserved0;
	uint64_t start_time, end_time;
	uint64_t queue, reserved1;
};
WL_SIZE(struct amd_signal, 64);
WL_AT(struct amd_signal, value, 8);
WL_AT(struct amd_signal, mailbox, 16);
WL_AT(struct amd_signal, start_time, 32);
enum { AMD_SIGNAL_USER = 1 };

/* The queue structure around the two pointers given to the kernel. */
struct amd_queue {
	uint32_t type, features;
	uint64_t ring_base, doorbell_signal;
	uint32_t packets, reserved0;
	uint64_t id;
	uint32_t caps, reserved1[3];
	uint64_t write_index;
	uint32_t lds_aperture_high, private_aperture_high;
	uint32_t max_cu_id, max_wave_id;
	uint64_t reserved2[6];
	uint64_t read_index;
	uint32_t read_index_field_offset;
	uint32_t tmpring_size;
	uint32_t scratch_descriptor[4];
	uint64_t scratch_base, scratch_bytes;
	uint32_t scratch_lane_bytes, properties;
	uint32_t reserved3[2];
	uint64_t inactive_signal;
	uint32_t reserved4[14];
};
WL_SIZE(struct amd_queue, 256);
WL_AT(struct amd_queue, write_index, 56);
WL_AT(struct amd_queue, lds_aperture_high, 64);
WL_AT(struct amd_queue, read_index, 128);
WL_AT(struct amd_queue, read_index_field_offset, 136);
WL_AT(struct amd_queue, tmpring_size, 140);
WL_AT(struct amd_queue, scratch_base, 160);
WL_AT(struct amd_queue, scratch_bytes, 168);
WL_AT(struct amd_queue, scratch_lane_bytes, 176);
WL_AT(struct amd_queue, inactive_signal, 192);

#endif
