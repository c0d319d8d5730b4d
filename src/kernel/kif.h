/* The kernel seam: what a debugger asks of the kernel's debug interface, one record of functions. Live (kif_kfd.c: the only file with ioctls on the
 * device), later core and trace. Facts: kfd-debug-interface.md 1.9. All calls must come from the one thread that is the target's ptracer.
 * Every function returns 0 or -class with *err filled; results are written only on success.
 * Every call is made through kif.c's wrappers, which check arguments and log one line per call to --debug=kernel. */
#ifndef SRC_KERNEL_KIF_H
#define SRC_KERNEL_KIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/err.h"

struct kif_runtime_info {
	uint64_t r_debug;
	uint32_t state; /* 0 disabled, 1 enabled, 2 busy, 3 error */
	uint32_t ttmp_setup;
};

/* One GPU of the target: device snapshot (1.9, op 14) joined with the sysfs topology. */
struct kif_agent {
	uint32_t gpu_id, gfx_target_version;
	uint64_t exception_status;
	uint64_t lds_base, lds_limit, scratch_base, scratch_limit, gpuvm_base, gpuvm_limit;
	uint32_t location_id, vendor_id, device_id, revision_id, fw_version;
	uint32_t simd_count, max_waves_per_simd, array_count /* per XCC */, simd_arrays_per_engine, num_xcc;
	uint32_t capability, debug_prop;
	unsigned node;            /* sysfs topology node, ~0u unknown */
	int drm_render_minor;     /* -1 unknown */
	char name[64];            /* "gfx942"; marketing name by libdrm_amdgpu when the render node answers */
};

struct kif_queue {
	uint64_t exception_status;
	uint64_t ring_base, write_ptr_addr, read_ptr_addr, save_area;
	uint32_t id, gpu_id, ring_bytes, type /* 0 PM4, 1 SDMA, 2 AQL, 3 SDMA XGMI */;
	uint32_t save_area_size; /* per XCC, without the debugger's part */
};

struct kif_event {
	uint64_t mask;     /* whole status word of the source */
	uint32_t gpu_id;   /* 0 for process events */
	uint32_t queue_id; /* valid when a queue-class bit is set */
};

/* kif_agent.debug_prop (kfd-debug-interface.md 7.3): group and packet of a wave are in its TTMPs whether or not anybody asked for it. */
#define KIF_PROP_TTMPS_ALWAYS_VALID UINT32_C(0x400)

/* Queue ids in and out of suspend and resume. */
enum kif_queue_result { KIF_QUEUE_DONE, KIF_QUEUE_INVALID /* gone, new or dying */, KIF_QUEUE_ERROR /* hardware refused; still marked */ };
struct kif_queue_ref {
	uint32_t id;
	enum kif_queue_result result; /* out */
};

/* What the render node remembers of the last refused access of the process (AMDGPU_INFO_GPUVM_FAULT): the register of the memory hub as it is. */
struct kif_vm_fault {
	uint64_t addr;   /* of the page */
	uint32_t status; /* VM_L2_PROTECTION_FAULT_STATUS; 0: there was no fault */
	uint32_t hub;
};

/* kfd-debug-interface.md 1.7 */
#define KIF_EC(code) (UINT64_C(1) << ((code) - 1))
enum {
	KIF_EC_QUEUE_WAVE_ABORT = 1, KIF_EC_QUEUE_WAVE_TRAP = 2, KIF_EC_QUEUE_WAVE_MATH_ERROR = 3, KIF_EC_QUEUE_WAVE_ILLEGAL_INSTRUCTION = 4,
	KIF_EC_QUEUE_WAVE_MEMORY_VIOLATION = 5, KIF_EC_QUEUE_WAVE_APERTURE_VIOLATION = 6,
	KIF_EC_QUEUE_PACKET_FIRST = 16, KIF_EC_QUEUE_PACKET_LAST = 23, KIF_EC_QUEUE_PREEMPTION_ERROR = 30, KIF_EC_QUEUE_NEW = 31,
	KIF_EC_DEVICE_QUEUE_DELETE = 32, KIF_EC_DEVICE_MEMORY_VIOLATION = 33, KIF_EC_DEVICE_RAS_ERROR = 34, KIF_EC_DEVICE_FATAL_HALT = 35,
	KIF_EC_DEVICE_NEW = 36, KIF_EC_PROCESS_RUNTIME = 48, KIF_EC_PROCESS_DEVICE_REMOVE = 49,
};
#define KIF_WAVE_EVENTS UINT64_C(0x3f)
/* SET_FLAGS, kfd-debug-interface 1.9, and the capability bits that allow them, 7.2. */
enum { KIF_FLAG_PRECISE_MEMORY = 1, KIF_FLAG_PRECISE_ALU = 2, KIF_CAP_PRECISE_MEMORY = 0x40000, KIF_CAP_PRECISE_ALU = 0x40000000 };
#define KIF_PACKET_EVENTS UINT64_C(0x7f8000)
#define KIF_QUEUE_EVENTS UINT64_C(0x607f803f)
#define KIF_DEVICE_EVENTS UINT64_C(0xf80000000)
#define KIF_PROCESS_EVENTS UINT64_C(0x1800000000000)

struct kif_range {
	uint64_t addr;
	void *buf;
	size_t bytes;
};

struct kif;

struct kif_ops {
	const char *name; /* "kfd" */
	/* Kernel interface version; refuses what is older than 1.13. */
	int (*version)(struct kif *k, unsigned *major, unsigned *minor, struct dbg_error *err);
	/* ENABLE with `events` subscribed. */
	int (*enable)(struct kif *k, uint64_t events, struct kif_runtime_info *info, struct dbg_error *err);
	int (*disable)(struct kif *k, struct dbg_error *err);
	int (*subscribe)(struct kif *k, uint64_t events, struct dbg_error *err);
	int (*send_runtime_event)(struct kif *k, uint64_t mask, uint32_t gpu_id, uint32_t queue_id, struct dbg_error *err);
	int (*launch_override)(struct kif *k, uint32_t mode, uint32_t *enable, uint32_t *request, struct dbg_error *err);
	int (*launch_mode)(struct kif *k, uint32_t mode, struct dbg_error *err);
	/* One ioctl for all. *done = how many the kernel counted. refs == NULL resumes every queue of the target. */
	int (*suspend)(struct kif *k, uint64_t clear, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err);
	int (*resume)(struct kif *k, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err);
	int (*set_watch)(struct kif *k, uint32_t gpu_id, uint64_t addr, uint32_t mask, uint32_t mode, uint32_t *id, struct dbg_error *err);
	int (*clear_watch)(struct kif *k, uint32_t gpu_id, uint32_t id, struct dbg_error *err);
	int (*set_flags)(struct kif *k, uint32_t *flags /* in new, out old */, struct dbg_error *err);
	/* DBG_AGAIN when nothing is pending. */
	int (*query_event)(struct kif *k, uint64_t clear, struct kif_event *out, struct dbg_error *err);
	int (*query_info)(struct kif *k, uint32_t code, uint32_t source, bool clear, void *buf, uint32_t *size, struct dbg_error *err);
	/* Snapshots grow until complete; *out is malloc'ed, the caller frees it. */
	int (*queues)(struct kif *k, uint64_t clear, struct kif_queue **out, size_t *n, struct dbg_error *err);
	int (*agents)(struct kif *k, uint64_t clear, struct kif_agent **out, size_t *n, struct dbg_error *err);
	/* Memory of the target; short counts at the end of a mapping are success. */
	int (*mem_read)(struct kif *k, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err);
	int (*mem_write)(struct kif *k, uint64_t addr, const void *buf, size_t n, size_t *put, struct dbg_error *err);
	/* Many places at once, each of them whole. NULL: one by one. */
	int (*mem_read_ranges)(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err);
	int (*mem_write_ranges)(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err);
	/* Readable when events may be pending; drain() empties it. */
	int (*event_fd)(struct kif *k);
	void (*drain)(struct kif *k);
	/* System management events of a GPU (kfd-debug-interface.md 6.10): a descriptor the caller owns. NULL where there are none. */
	int (*smi_open)(struct kif *k, uint32_t gpu_id, int *fd, struct dbg_error *err);
	/* The last fault of the process on a GPU, from that GPU's render node as the process has opened it. NULL where there is none. */
	int (*vm_fault)(struct kif *k, int render_minor, struct kif_vm_fault *out, struct dbg_error *err);
	void (*close)(struct kif *k); /* disables first if that was not done: the event pipe must not lose its reader before; frees k */
};

/* Calls of one operation, counted by the wrappers. */
enum { KIF_OPS = 24 };
struct kif_calls {
	const char *op; /* as in --debug=kernel; NULL behind the last */
	uint64_t calls, failed, us;
};

struct kif {
	const struct kif_ops *ops;
	pid_t pid;
	struct kif_calls calls[KIF_OPS];
};

/* The live backend for process `pid` (the caller's thread must be its ptracer). The device is opened and its interface version checked here.
 * A backend belongs to one address space: after HOST_EXEC close it and open another. */
int kif_kfd_open(pid_t pid, struct kif **out, struct dbg_error *err);

/* Wrappers: the only way kernel operations are called. Same contracts as the members above. */
int kif_version(struct kif *k, unsigned *major, unsigned *minor, struct dbg_error *err);
int kif_enable(struct kif *k, uint64_t events, struct kif_runtime_info *info, struct dbg_error *err);
int kif_disable(struct kif *k, struct dbg_error *err);
int kif_subscribe(struct kif *k, uint64_t events, struct dbg_error *err);
int kif_send_runtime_event(struct kif *k, uint64_t mask, uint32_t gpu_id, uint32_t queue_id, struct dbg_error *err);
int kif_launch_override(struct kif *k, uint32_t mode, uint32_t *enable, uint32_t *request, struct dbg_error *err);
int kif_launch_mode(struct kif *k, uint32_t mode, struct dbg_error *err);
int kif_suspend(struct kif *k, uint64_t clear, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err);
int kif_resume(struct kif *k, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err);
int kif_set_watch(struct kif *k, uint32_t gpu_id, uint64_t addr, uint32_t mask, uint32_t mode, uint32_t *id, struct dbg_error *err);
int kif_clear_watch(struct kif *k, uint32_t gpu_id, uint32_t id, struct dbg_error *err);
int kif_set_flags(struct kif *k, uint32_t *flags, struct dbg_error *err);
int kif_query_event(struct kif *k, uint64_t clear, struct kif_event *out, struct dbg_error *err);
int kif_query_info(struct kif *k, uint32_t code, uint32_t source, bool clear, void *buf, uint32_t *size, struct dbg_error *err);
int kif_queues(struct kif *k, uint64_t clear, struct kif_queue **out, size_t *n, struct dbg_error *err);
int kif_agents(struct kif *k, uint64_t clear, struct kif_agent **out, size_t *n, struct dbg_error *err);
int kif_mem_read(struct kif *k, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err);
int kif_mem_write(struct kif *k, uint64_t addr, const void *buf, size_t n, size_t *put, struct dbg_error *err);
int kif_event_fd(struct kif *k);
void kif_drain(struct kif *k);
int kif_smi_open(struct kif *k, uint32_t gpu_id, int *fd, struct dbg_error *err); /* DBG_UNSUPPORTED where there are none */
/* Calls of the driver so far, memory left out. */
uint64_t kif_driver_calls(const struct kif *k);
/* All or an error. */
int kif_mem_read_ranges(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err);
int kif_mem_write_ranges(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err); /* some may be written when it fails */
int kif_vm_fault(struct kif *k, int render_minor, struct kif_vm_fault *out, struct dbg_error *err); /* likewise */
void kif_close(struct kif *k); /* takes NULL */

#endif
