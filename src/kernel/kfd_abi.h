/* The subset of the kernel's amdkfd interface that a debugger uses: our own definitions, because the headers that are installed with an older
 * kernel know no debug interface. Source: kfd-debug-interface.md 1.3 (commands), 1.5 (arguments), 1.9 (entries), 6.10 (events). Sizes and offsets
 * are asserted. */
#ifndef SRC_KERNEL_KFD_ABI_H
#define SRC_KERNEL_KFD_ABI_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

enum { KFD_MIN_MAJOR = 1, KFD_MIN_MINOR = 13 };

struct kfd_version_args {
	uint32_t major, minor; /* out */
};

struct kfd_smi_args {
	uint32_t gpu_id;
	uint32_t anon_fd; /* out */
};

enum kfd_trap_op {
	KFD_TRAP_ENABLE = 0,
	KFD_TRAP_DISABLE = 1,
	KFD_TRAP_SEND_RUNTIME_EVENT = 2,
	KFD_TRAP_SET_EXCEPTIONS_ENABLED = 3,
	KFD_TRAP_SET_WAVE_LAUNCH_OVERRIDE = 4,
	KFD_TRAP_SET_WAVE_LAUNCH_MODE = 5,
	KFD_TRAP_SUSPEND_QUEUES = 6,
	KFD_TRAP_RESUME_QUEUES = 7,
	KFD_TRAP_SET_NODE_ADDRESS_WATCH = 8,
	KFD_TRAP_CLEAR_NODE_ADDRESS_WATCH = 9,
	KFD_TRAP_SET_FLAGS = 10,
	KFD_TRAP_QUERY_DEBUG_EVENT = 11,
	KFD_TRAP_QUERY_EXCEPTION_INFO = 12,
	KFD_TRAP_GET_QUEUE_SNAPSHOT = 13,
	KFD_TRAP_GET_DEVICE_SNAPSHOT = 14,
};

struct kfd_trap_args {
	uint32_t pid, op;
	union {
		struct {
			uint64_t exception_mask, rinfo_ptr;
			uint32_t rinfo_size, dbg_fd;
		} enable;
		struct {
			uint64_t exception_mask;
			uint32_t gpu_id, queue_id;
		} send_runtime_event;
		struct {
			uint64_t exception_mask;
		} set_exceptions_enabled;
		struct {
			uint32_t override_mode, enable_mask, support_request_mask, pad;
		} launch_override;
		struct {
			uint32_t launch_mode, pad;
		} launch_mode;
		struct {
			uint64_t exception_mask, queue_array_ptr;
			uint32_t num_queues, grace_period;
		} suspend_queues;
		struct {
			uint64_t queue_array_ptr;
			uint32_t num_queues, pad;
		} resume_queues;
		struct {
			uint64_t address;
			uint32_t mode, mask, gpu_id, id;
		} set_address_watch;
		struct {
			uint32_t gpu_id, id;
		} clear_address_watch;
		struct {
			uint32_t flags, pad;
		} set_flags;
		struct {
			uint64_t exception_mask;
			uint32_t gpu_id, queue_id;
		} query_debug_event;
		struct {
			uint64_t info_ptr;
			uint32_t info_size, source_id, exception_code, clear_exception;
		} query_exception_info;
		struct {
			uint64_t exception_mask, snapshot_buf_ptr;
			uint32_t count, entry_size;
		} snapshot; /* of queues and of devices */
	};
};

struct kfd_runtime_info {
	uint64_t r_debug;
	uint32_t runtime_state, ttmp_setup;
};

struct kfd_queue_entry {
	uint64_t exception_status, ring_base_address, write_pointer_address, read_pointer_address, ctx_save_restore_address;
	uint32_t queue_id, gpu_id, ring_size, queue_type, ctx_save_restore_area_size, reserved;
};

struct kfd_device_entry {
	uint64_t exception_status, lds_base, lds_limit, scratch_base, scratch_limit, gpuvm_base, gpuvm_limit;
	uint32_t gpu_id, location_id, vendor_id, device_id, revision_id, subsystem_vendor_id, subsystem_device_id, fw_version, gfx_target_version,
		simd_count, max_waves_per_simd, array_count, simd_arrays_per_engine, num_xcc, capability, debug_prop;
};

#define KFD_IOC_GET_VERSION _IOR('K', 0x01, struct kfd_version_args)
#define KFD_IOC_SMI_EVENTS _IOWR('K', 0x1f, struct kfd_smi_args)
#define KFD_IOC_DBG_TRAP _IOWR('K', 0x26, struct kfd_trap_args)

/* Marks in the queue arrays of suspend and resume (5.1); unsigned, unlike the kernel's header. */
#define KFD_QUEUE_ERROR UINT32_C(0x40000000)
#define KFD_QUEUE_INVALID UINT32_C(0x80000000)
enum { KFD_MAX_QUEUES = 1024 };

enum { KFD_RUNTIME_DISABLED = 0, KFD_RUNTIME_ENABLED = 1, KFD_RUNTIME_BUSY = 2, KFD_RUNTIME_ERROR = 3 };

/* System management events: bit n-1 of the mask enables event n. */
enum { KFD_SMI_VMFAULT = 1, KFD_SMI_GPU_PRE_RESET = 3, KFD_SMI_GPU_POST_RESET = 4, KFD_SMI_QUEUE_EVICTION = 9, KFD_SMI_QUEUE_RESTORE = 10 };

static_assert(KFD_IOC_GET_VERSION == 0x80084b01, "GET_VERSION");
static_assert(KFD_IOC_SMI_EVENTS == 0xc0084b1f, "SMI_EVENTS");
static_assert(KFD_IOC_DBG_TRAP == 0xc0204b26, "DBG_TRAP");
static_assert(sizeof(struct kfd_trap_args) == 32, "argument block");
static_assert(offsetof(struct kfd_trap_args, enable.exception_mask) == 8, "enable");
static_assert(offsetof(struct kfd_trap_args, enable.rinfo_ptr) == 16, "enable");
static_assert(offsetof(struct kfd_trap_args, enable.rinfo_size) == 24, "enable");
static_assert(offsetof(struct kfd_trap_args, enable.dbg_fd) == 28, "enable");
static_assert(offsetof(struct kfd_trap_args, send_runtime_event.gpu_id) == 16, "send_runtime_event");
static_assert(offsetof(struct kfd_trap_args, send_runtime_event.queue_id) == 20, "send_runtime_event");
static_assert(offsetof(struct kfd_trap_args, launch_override.enable_mask) == 12, "launch_override");
static_assert(offsetof(struct kfd_trap_args, launch_override.support_request_mask) == 16, "launch_override");
static_assert(offsetof(struct kfd_trap_args, suspend_queues.queue_array_ptr) == 16, "suspend_queues");
static_assert(offsetof(struct kfd_trap_args, suspend_queues.num_queues) == 24, "suspend_queues");
static_assert(offsetof(struct kfd_trap_args, suspend_queues.grace_period) == 28, "suspend_queues");
static_assert(offsetof(struct kfd_trap_args, resume_queues.queue_array_ptr) == 8, "resume_queues");
static_assert(offsetof(struct kfd_trap_args, resume_queues.num_queues) == 16, "resume_queues");
static_assert(offsetof(struct kfd_trap_args, set_address_watch.mode) == 16, "set_address_watch");
static_assert(offsetof(struct kfd_trap_args, set_address_watch.mask) == 20, "set_address_watch");
static_assert(offsetof(struct kfd_trap_args, set_address_watch.gpu_id) == 24, "set_address_watch");
static_assert(offsetof(struct kfd_trap_args, set_address_watch.id) == 28, "set_address_watch");
static_assert(offsetof(struct kfd_trap_args, clear_address_watch.id) == 12, "clear_address_watch");
static_assert(offsetof(struct kfd_trap_args, query_debug_event.queue_id) == 20, "query_debug_event");
static_assert(offsetof(struct kfd_trap_args, query_exception_info.info_size) == 16, "query_exception_info");
static_assert(offsetof(struct kfd_trap_args, query_exception_info.source_id) == 20, "query_exception_info");
static_assert(offsetof(struct kfd_trap_args, query_exception_info.exception_code) == 24, "query_exception_info");
static_assert(offsetof(struct kfd_trap_args, query_exception_info.clear_exception) == 28, "query_exception_info");
static_assert(offsetof(struct kfd_trap_args, snapshot.snapshot_buf_ptr) == 16, "snapshot");
static_assert(offsetof(struct kfd_trap_args, snapshot.count) == 24, "snapshot");
static_assert(offsetof(struct kfd_trap_args, snapshot.entry_size) == 28, "snapshot");
static_assert(sizeof(struct kfd_runtime_info) == 16, "runtime info");
static_assert(sizeof(struct kfd_queue_entry) == 64, "queue entry");
static_assert(offsetof(struct kfd_queue_entry, queue_id) == 40, "queue entry");
static_assert(offsetof(struct kfd_queue_entry, ctx_save_restore_area_size) == 56, "queue entry");
static_assert(sizeof(struct kfd_device_entry) == 120, "device entry");
static_assert(offsetof(struct kfd_device_entry, gpu_id) == 56, "device entry");
static_assert(offsetof(struct kfd_device_entry, gfx_target_version) == 88, "device entry");
static_assert(offsetof(struct kfd_device_entry, debug_prop) == 116, "device entry");

#endif
