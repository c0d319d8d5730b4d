/* The driver's records: one per process (mm) that opened /dev/kfd, with one part per device. Data model: kfd-debug-interface.md 1.8. */
#ifndef SIM_DRIVER_PROCESS_H
#define SIM_DRIVER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/driver/driver.h"
#include "sim/isa/wave.h"

struct sim_device; /* one simulated GPU, sim/gpu/device.h */
struct sim_queue;  /* sim/gpu/queue.h */

/* Memory of one process on the GPUs: allocations and SVM ranges, kept by sim/driver/memory.c. Addresses are the process's own. */
struct sim_memory;

enum { SIM_DOORBELL_BYTES = 8192 };

/* Per process and device ("pdd"). */
struct sim_pdd {
	struct sim_device *device;
	struct sim_process *process;
	bool vm_acquired;
	uint64_t tba, tma;           /* second-level trap handler (SET_TRAP_HANDLER); tba 0 = none */
	uint64_t scratch_va;         /* SET_SCRATCH_BACKING_VA, remembered only */
	uint64_t exception_status;   /* device class, kfd-debug-interface.md 1.7 */
	bool has_memory_exception;   /* saved record for EC_DEVICE_MEMORY_VIOLATION */
	uint8_t memory_exception[32];
	uint64_t last_fault_addr;    /* what the memory's owner remembers of the last refused access (AMDGPU_INFO_GPUVM_FAULT) */
	uint32_t last_fault_status;  /* 0: none */
	uint32_t trap_override, trap_override_mode, launch_mode; /* ops 4 and 5 */
	struct sim_watch watch[4];
	uint8_t watch_owned;         /* bit i: watch i of the device belongs to this process */
	struct sim_queue *queues;    /* newest first, linked by queue->next_in_pdd */
	struct sim_gpu_context *gpu; /* private to sim/gpu: what the process's queues on the device share; NULL until there is one */
	uint64_t *doorbells;         /* see sim_process_doorbells() */
	uint64_t doorbell_offset;    /* of them in the file behind /dev/kfd: private to the transport */
	uint64_t mmio_offset;        /* likewise, the page of ALLOC(MMIO_REMAP); 0 none */
	int drm_fd;                  /* ours, of ACQUIRE_VM; -1 */
};

/* State of the debug interface for one target. */
struct sim_debug {
	bool enabled;                /* debug_trap_enabled */
	int event_fd;                /* dbg_ev_file, our duplicate; -1 */
	uint64_t enable_mask;        /* exception_enable_mask */
	uint64_t exception_status;   /* process class */
	struct sim_process *debugger; /* who did ENABLE; NULL */
	uint32_t flags;              /* SET_FLAGS */
	uint64_t r_debug;
	uint32_t runtime_state;      /* 0 disabled, 1 enabled, 2 busy, 3 error */
	uint32_t ttmp_setup;
	unsigned handshake_credits;  /* the counting semaphore */
	struct sim_call *handshake_sleeper; /* a RUNTIME_ENABLE asleep in the handshake */
	bool runtime_retry;          /* is_runtime_retry */
	unsigned debugged_count;     /* targets this process debugs */
};

struct sim_process {
	struct sim_process *next;
	struct sim_driver *driver;
	pid_t pid;                   /* thread-group leader */
	int pidfd;                   /* readable at its death */
	struct sim_memory *memory;
	struct sim_vm vm;            /* view of the memory for the engine */
	struct sim_pdd *pdds;        /* one per device, in topology order */
	unsigned n_pdds;
	struct sim_queue *queues;    /* newest first, linked by queue->next_in_process */
	struct sim_debug debug;
	void *events;                /* sim/driver/events.c */
	bool opened;                 /* it opened /dev/kfd itself (a record may also be made by its debugger) */
	uint8_t image[16];           /* tells one program image of the pid from the next: the kernel's random bytes of the exec */
	uint16_t pasid;
};

/* Finds the record of the process with this id (any of its threads), NULL when it has none. */
struct sim_process *sim_process_find(struct sim_driver *driver, pid_t pid);
/* 1 when the process runs another program image than the one the record was made for (it did an exec), 0 when it does not, -1 when that cannot
 * be told now: in the midst of an exec, or dying. */
int sim_process_replaced(const struct sim_process *process);
/* Finds or creates (open of /dev/kfd; ENABLE by the tracer). NULL with errno set. */
struct sim_process *sim_process_get(struct sim_driver *driver, pid_t pid);
/* The mm is gone (death or exec): implicit DISABLE of all it debugs and of its own debugging, queues destroyed, memory freed. */
void sim_process_destroy(struct sim_process *process);
/* Head of the list of all records (linked by ->next), NULL when empty. */
struct sim_process *sim_process_first(struct sim_driver *driver);
struct sim_pdd *sim_process_pdd(struct sim_process *process, uint32_t gpu_id); /* NULL unknown */
/* Thread id of the ptrace parent of the thread-group leader of pid, 0 none (from /proc/PID/status). */
pid_t sim_ptrace_parent(pid_t pid);

/* --- the process's memory from the driver's side (not the GPU's view): any mapped address --- */
bool sim_process_read(struct sim_process *process, uint64_t addr, void *buf, size_t n);
bool sim_process_write(struct sim_process *process, uint64_t addr, const void *buf, size_t n);
/* Host pointer to [addr, addr+n) when all of it lies in one driver allocation (GTT, VRAM), else NULL. */
void *sim_process_pointer(struct sim_process *process, uint64_t addr, size_t n);
/* The process's doorbell page on this device: 1024 slots of 8 bytes (index = doorbell id), shared with the process, all ones until rung.
 * Created on demand, lives as long as the process; NULL without memory. */
uint64_t *sim_process_doorbells(struct sim_pdd *pdd);
/* True when [addr, addr+n) is mapped on the device. */
bool sim_memory_mapped(struct sim_process *process, struct sim_device *device, uint64_t addr, uint64_t n);

/* --- events (sim/driver/events.c) --- */
/* Signals event `id` of the process (as an interrupt with that event id would). Unknown: ignored. */
void sim_event_signal(struct sim_process *process, uint32_t id);
/* Signals all events of type MEMORY (8) with this 32-byte record, or of type HW_EXCEPTION (3) with its 16-byte one. */
void sim_event_signal_memory(struct sim_process *process, const uint8_t record[32]);
void sim_event_signal_hw_exception(struct sim_process *process, const uint8_t record[16]);

/* --- SMI event lines (sim/driver/smi.c) --- */
/* Event number as in kfd-debug-interface.md 6.10, text without newline. pid 0: to every listener. */
void sim_smi_emit(struct sim_device *device, unsigned event, pid_t pid, const char *text);

#endif
