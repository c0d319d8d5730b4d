/* Handlers of the ioctls, one function each, called by the table in sim/driver/ioctl.c. Every handler gets call->arg with at least the kernel's
 * size of its structure (zero-extended when the caller's was shorter) and answers >= 0, -errno, or SIM_LATER (then somebody calls
 * sim_call_finish() once). Structures and errnos: kfd-debug-interface.md sections 1, 2 and 6. */
#ifndef SIM_DRIVER_HANDLERS_H
#define SIM_DRIVER_HANDLERS_H

#include "sim/driver/driver.h"
#include "sim/driver/process.h"

/* sim/driver/misc.c */
int sim_ioctl_get_version(struct sim_call *call);
int sim_ioctl_set_memory_policy(struct sim_call *call);
int sim_ioctl_get_clock_counters(struct sim_call *call);
int sim_ioctl_get_process_apertures(struct sim_call *call);
int sim_ioctl_get_process_apertures_new(struct sim_call *call);
int sim_ioctl_dbg_deprecated(struct sim_call *call);
int sim_ioctl_set_scratch_backing_va(struct sim_call *call);
int sim_ioctl_get_tile_config(struct sim_call *call);
int sim_ioctl_set_trap_handler(struct sim_call *call);
int sim_ioctl_acquire_vm(struct sim_call *call);
int sim_ioctl_set_xnack_mode(struct sim_call *call);
int sim_ioctl_criu_op(struct sim_call *call);

/* sim/driver/events.c */
int sim_ioctl_create_event(struct sim_call *call);
int sim_ioctl_destroy_event(struct sim_call *call);
int sim_ioctl_set_event(struct sim_call *call);
int sim_ioctl_reset_event(struct sim_call *call);
int sim_ioctl_wait_events(struct sim_call *call);

/* sim/driver/memory_ioctl.c */
int sim_ioctl_alloc_memory_of_gpu(struct sim_call *call);
int sim_ioctl_free_memory_of_gpu(struct sim_call *call);
int sim_ioctl_map_memory_to_gpu(struct sim_call *call);
int sim_ioctl_unmap_memory_from_gpu(struct sim_call *call);
int sim_ioctl_available_memory(struct sim_call *call);
int sim_ioctl_get_dmabuf_info(struct sim_call *call);
int sim_ioctl_import_dmabuf(struct sim_call *call);
int sim_ioctl_export_dmabuf(struct sim_call *call);

/* sim/driver/svm.c */
int sim_ioctl_svm(struct sim_call *call);

/* sim/driver/smi.c */
int sim_ioctl_smi_events(struct sim_call *call);

/* sim/driver/queues.c */
int sim_ioctl_create_queue(struct sim_call *call);
int sim_ioctl_destroy_queue(struct sim_call *call);
int sim_ioctl_update_queue(struct sim_call *call);
int sim_ioctl_set_cu_mask(struct sim_call *call);
int sim_ioctl_get_queue_wave_state(struct sim_call *call);
int sim_ioctl_alloc_queue_gws(struct sim_call *call);

/* sim/driver/runtime.c and debug*.c */
int sim_ioctl_runtime_enable(struct sim_call *call);
int sim_ioctl_dbg_trap(struct sim_call *call);

#endif
